"""The rules for people and machines: demands and checks both ways, and the JSON Schemas of the contracts."""

import json
import re
from collections.abc import Callable
from typing import Any

from checker.checks import BY_ID, CHECKS
from checker.checks.mechanism import Check
from checker.checks.reads import PROVENANCE
from checker.checks.rules import rules, served_by
from checker.checks.vendor import DEMANDS
from checker.errors import InputError
from checker.facts import facts_store
from checker.facts.catalogue import CATALOGUE
from checker.inputs import deployment_file
from checker.inputs.answer_text import to_fill_in
from checker.inputs.answers import KINDS
from checker.outputs import as_json, difference
from checker.schedule.step_catalogue import FORMS
from checker.text_file import nearest
from runbook.plan.demands_served import serving
from runbook.plan.plan_model import Plan

PART_OF = re.compile(r"^((?:target\.)?parts\.)[a-z]+\.")


def _dump(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def rules_json() -> str:
    """The contract of `rules --format json`."""
    return _dump(rules(serving()))


def rules_text() -> str:
    """Every demand with what serves it, then every check with the demands that it serves."""
    serving_ = served_by(serving())
    lines = ["Demands of the vendor's page, in our words", ""]
    for demand in DEMANDS:
        lines += [
            f"{demand.id}  {demand.text} ({demand.strength})",
            f"     served by: {', '.join(serving_[demand.id])}",
        ]
    lines += ["", "Checks", ""]
    for check in CHECKS:
        stages = ", ".join(check.stages)
        tail = "" if check.waivable else "; never waived"
        lines.append(f"{check.id}  [{check.subject}, {check.severity}; {stages}{tail}]")
        lines.append(f"     {check.title}. Serves: {', '.join(check.demands) or 'our own rule'}")
    return "\n".join(lines) + "\n"


def _how_to_answer(check: str) -> list[str]:
    """The lines to paste, each field with what it takes, and the command that asks for them."""
    if check not in KINDS:
        return []
    kind = KINDS[check]
    exceptions = " (for one server: servers: {NAME: {…}})" if kind.by_server else ""
    return [
        "  to answer     answers:",
        f"                  {to_fill_in(check)}",
        f"                or: pmx-preflight answer {check}{exceptions}",
    ]


def _read(check: Check) -> list[str]:
    """What a check reads, in words; a fact that is read of every part of the product once, as `parts.*.kib`."""
    every: dict[str, list[str]] = {}
    for path in CATALOGUE:
        every.setdefault(PART_OF.sub(r"\1*.", path), []).append(path)
    facts = [
        word
        for family, paths in every.items()
        for word in ([family] if {*paths} <= check.reads else [path for path in paths if path in check.reads])
    ]
    told = [f"{words} ({name})" for name, words in PROVENANCE.items() if name in check.reads]
    return [f"  reads         {', '.join((*facts, *told)) or 'no fact of a server: the deployment file decides'}"]


def explain(id: str) -> str:
    """One check, demand or step in full; InputError with a suggestion where there is none of that name."""
    steps = serving()
    demands = {demand.id: demand for demand in DEMANDS}
    if id in BY_ID:
        check = BY_ID[id]
        lines = [
            f"{check.id}: {check.title}",
            f"  applies to    each {check.subject}" if check.subject == "server" else "  applies to    the deployment",
            f"  severity      {check.severity}{'' if check.waivable else ', never waived'}",
            f"  falls due     {', '.join(check.stages)}",
            f"  why           {check.why}",
            *_read(check),
            *(f"  remedy        {line}" for line in check.remedy),
            *_how_to_answer(check.id),
            *((f"  to waive      pmx-preflight waive {check.id} DEPLOYMENT --facts DIR",) if check.waivable else ()),
            *(f"  serves {name}    {demands[name].text}" for name in check.demands),
        ]
        return "\n".join(lines) + "\n"
    if id.upper() in demands:
        demand = demands[id.upper()]
        served = served_by(steps)[demand.id]
        lines = [f"{demand.id} ({demand.strength}): {demand.text}", *(f"  served by {name}" for name in served)]
        return "\n".join(lines) + "\n"
    if f"step {id}" in steps:
        return f"step {id}: serves {', '.join(steps[f'step {id}']) or 'our own rule'}\n"
    near = nearest(id, [*BY_ID, *demands, *FORMS])
    raise InputError(f"unknown name {id}" + (f"; did you mean {near}?" if near else "; see `rules`"))


def _plan_schema() -> dict[str, Any]:
    draft = "https://json-schema.org/draft/2020-12/schema"
    return Plan.model_json_schema() | {"$schema": draft, "title": "plan of pmx-preflight"}


def schema(name: str) -> str:
    """The JSON Schema (2020-12) of a contract."""
    # they know the pages, for which nobody waits who has a check explained
    from runbook.change import servicenow
    from runbook.change.proof import verifying

    schemas: dict[str, Callable[[], dict[str, Any]]] = {
        "deployment": deployment_file.schema,
        "facts": facts_store.schema,
        "report": as_json.schema,
        "plan": _plan_schema,
        "difference": difference.schema,
        "servicenow": servicenow.schema,
        "verified": verifying.schema,
    }
    return _dump(schemas[name]())
