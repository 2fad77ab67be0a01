"""A deployment and facts as an outsider may see them, and the proof that they are judged and ordered as the real ones.

The inputs are redacted and judged again: what is printed is made of pseudonyms, so nothing in it has to be found.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from checker.errors import InputError
from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import HostFacts, Known, Unknown, facts_id
from checker.inputs.deployment import Deployment
from checker.inputs.waivers import folded
from checker.report import Finding, Report
from runbook.plan.plan_model import Plan
from runbook.redaction.pseudonyms import Pseudonyms, Rule, as_word
from runbook.redaction.rules import ANSWERS, DEPLOYMENT, FACTS, HOST_FACTS, KEY, SERVER

Facts = Mapping[str, HostFacts]
HIDDEN = as_word("text")  # what no row tells of
Inputs = tuple[Deployment, Facts, Facts | None]


def pseudonyms_for(key: bytes, deployment: Deployment) -> Pseudonyms:
    """The pseudonyms of a key, with the names of a deployment's servers as they may stand in a text."""
    names = {
        name.casefold()
        for server in deployment.servers
        for name in (server.name, server.hostname or "", (server.hostname or "").partition(".")[0])
        if any(letter.isdigit() for letter in name) or "." in name  # `mail` is a word too
    }
    return Pseudonyms(key, frozenset(names))


def redacted_facts(names: Pseudonyms, facts: Facts) -> dict[str, HostFacts]:
    """The facts with pseudonyms, by the pseudonyms of their servers; facts of an unknown kind are left out."""
    return {made.server: made for made in (_host(names, host) for host in facts.values())}


def redacted_deployment(names: Pseudonyms, deployment: Deployment, ids: Mapping[str, str] | None = None) -> Deployment:
    """The deployment with pseudonyms; `ids`: facts ids and what they are after redaction.

    InputError where a pseudonym does not fit into its field, which a field nearly as long as may be can cause.
    """
    said = deployment.model_dump(mode="python")
    answers = said.pop("answers")
    made = _walked(names, DEPLOYMENT, said)
    made["answers"] = {check: _answer(names, answer) for check, answer in answers.items() if answer is not None}
    if deployment.change.baseline in (ids or {}):
        made["change"]["baseline"] = (ids or {})[deployment.change.baseline or ""]
    try:
        return Deployment.model_validate(made)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        raise InputError(f"not redacted, nothing was written: a pseudonym is too long for {places}") from None


def _walked(names: Pseudonyms, rules: Mapping[str, Rule], value: Any, place: str = "") -> Any:
    """A value with its texts redacted by the rules of their places."""
    match value:
        case BaseModel():
            return _walked(names, rules, value.model_dump(mode="python"), place)
        case dict():
            return dict(_entry(names, rules, key, own, place) for key, own in value.items())
        case list() | tuple():
            return [_walked(names, rules, own, place) for own in value]
        case str():
            return _rule(rules, place)(names, value)
    return value


def _entry(names: Pseudonyms, rules: Mapping[str, Rule], key: str, value: Any, place: str) -> tuple[str, Any]:
    inside = f"{place}." if place else ""
    if (own := rules.get(f"{inside}{KEY}")) is None:
        return key, _walked(names, rules, value, f"{inside}{key}")
    named = f"{inside}{key}"
    return own(names, key), _walked(names, rules, value, named if named in rules else f"{inside}*")


def _rule(rules: Mapping[str, Rule], place: str) -> Rule:
    return rules.get(place, HIDDEN)


def _answer(names: Pseudonyms, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without what it leaves out; its fields have their rules by their names, wherever in it they stand."""
    made = {key: _field(names, key, value) for key, value in answer.items() if value is not None}
    if "servers" in answer:
        made["servers"] = {SERVER(names, server): _answer(names, own) for server, own in answer["servers"].items()}
    return made


def _field(names: Pseudonyms, key: str, value: Any) -> Any:
    match value:
        case str():
            return ANSWERS.get(key, HIDDEN)(names, value)
        case list() | tuple():
            return [_field(names, key, own) for own in value]
        case dict():  # minutes and rates of a kind of work, or an answer within it: their keys are ours
            return {inner: _field(names, inner, own) for inner, own in value.items() if own is not None}
    return value


def _host(names: Pseudonyms, host: HostFacts) -> HostFacts:
    said = host.model_dump(mode="python", exclude={"facts"})
    asked = said.pop("asked")
    made = _walked(names, HOST_FACTS, said)
    made["asked"] = (
        None
        if asked is None
        else {
            key: HOST_FACTS[f"asked.{key}"](names, value)
            if isinstance(value, str) and f"asked.{key}" in HOST_FACTS
            else value
            for key, value in asked.items()
            if not isinstance(value, str) or f"asked.{key}" in HOST_FACTS
        }
    )
    made["facts"] = {path: _fact(names, path, fact) for path, fact in host.facts.items() if path in CATALOGUE}
    return HostFacts.model_validate(made)


def _fact(names: Pseudonyms, path: str, fact: Known | Unknown) -> Known | Unknown:
    if isinstance(fact, Unknown):
        return Unknown(unknown=names.text(fact.unknown), partial=_walked(names, FACTS, fact.partial, path))
    how = names.text(fact.how)
    return Known(value=_walked(names, FACTS, fact.value, path), unit=CATALOGUE[path].unit, how=how)


def redacted(
    names: Pseudonyms, given: Inputs, judged: Callable[[Inputs], Report], judged_again: Callable[[Inputs], Report]
) -> tuple[Deployment, dict[str, HostFacts], dict[str, HostFacts] | None]:
    """Deployment, facts and baseline with pseudonyms, what is waived by its printed line waived by the new line.

    `judged` and `judged_again` ask the same of what is given and of what is made of it. InputError as
    `redacted_deployment`.
    """
    deployment, facts, baseline = given
    seen = redacted_facts(names, facts)
    before = None if baseline is None else redacted_facts(names, baseline)
    pairs = ((facts, seen), (baseline or {}, before or {}))
    ids = {facts_id(old) or "": facts_id(new) or "" for old, new in pairs}
    made = redacted_deployment(names, deployment, ids)
    if not any(waiver.observed for waiver in deployment.waivers):
        return made, seen, before
    bare = judged((deployment.model_copy(update={"waivers": ()}), facts, baseline))
    lines = _lines(names, bare, judged_again((made.model_copy(update={"waivers": ()}), seen, before)))
    waivers = (
        new.model_copy(update={"observed": lines.get((old.check, new.server, folded(old.observed)), new.observed)})
        if old.observed
        else new
        for old, new in zip(deployment.waivers, made.waivers, strict=True)
    )
    return made.model_copy(update={"waivers": tuple(waivers)}), seen, before


def _lines(names: Pseudonyms, report: Report, again: Report) -> dict[tuple[str, str | None, str], str]:
    """Each line of a finding on a server by its pseudonym, and what it is after redaction."""
    others = {(new.check, new.server): new for new in again.findings}
    pairs = ((old, others.get((old.check, old.server and SERVER(names, old.server)))) for old in report.findings)
    return {
        (old.check, new.server, folded(line)): other
        for old, new in pairs
        if new is not None
        for line, other in zip((old.message, *old.observed), (new.message, *new.observed), strict=False)
    }


def check_same(names: Pseudonyms, reports: tuple[Report, Report], plans: tuple[Plan, Plan]) -> None:
    """InputError where what was redacted is judged or ordered otherwise than what it was made from."""
    (report, again), (plan, other) = reports, plans
    told = [
        *((f"the verdict is {again.verdict}, not {report.verdict}",) if again.verdict != report.verdict else ()),
        *_differing(names, report, again),
    ]
    if [SERVER(names, server) for server in plan.order] != list(other.order):
        told.append("the order of the servers is another")
    elif [step.form for step in plan.steps] != [step.form for step in other.steps]:
        told.append("the steps are others")
    if told:
        raise InputError(f"redacted, it would be judged otherwise, so nothing was written: {'; '.join(told)}")


def _differing(names: Pseudonyms, report: Report, again: Report) -> list[str]:
    def outcome(finding: Finding, server: str | None) -> tuple[str, str | None, str]:
        return finding.check, server, finding.outcome

    found = {outcome(each, each.server) for each in again.findings}
    wanted = {outcome(each, each.server and SERVER(names, each.server)): each for each in report.findings}
    return [
        f"{each.check}{f' on {each.server}' if each.server else ''} is no longer {each.outcome}"
        for key, each in wanted.items()
        if key not in found
    ]
