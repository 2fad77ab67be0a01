"""Whole sites worked out by hand: what is found on them, what every step is, and who misses what from when to when.

Each directory of `worked` holds a deployment, what its hosts would say (facts.toml, optional) and what must come of it
(expected.toml). `findings` names only those that the site is about; steps and interruptions are all there are.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from judging import judge

from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import HostFacts, adapter, known
from checker.inputs.deployment_file import load
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.words import Words

WORKED = Path(__file__).parent / "worked"
SITES = sorted(path.parent.name for path in WORKED.glob("*/expected.toml"))


def expected(site: str) -> dict[str, Any]:
    return tomllib.loads((WORKED / site / "expected.toml").read_text(encoding="utf-8"))


def now(site: str) -> datetime:
    at = expected(site)["now"]
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def hosts(site: str) -> Mapping[str, HostFacts]:
    """What the hosts say; a fact that the catalogue does not have is a KeyError."""
    file = WORKED / site / "facts.toml"
    said = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {
        server: HostFacts(
            server=server, via="local", outcome="ok", collected_at=now(site),
            facts=dict(
                known(CATALOGUE[path], adapter(CATALOGUE[path]).validate_python(value), "written by hand")
                for path, value in facts.items()
            ),
        )
        for server, facts in said.items()
    }  # fmt: skip


def plan(site: str, words: Words) -> Plan:
    return build(load(WORKED / site / "deployment.yaml"), hosts(site), words)


@pytest.mark.parametrize("site", SITES)
def test_what_is_found_on_the_site(site: str) -> None:
    declared, facts = load(WORKED / site / "deployment.yaml"), hosts(site)
    report = judge(declared, facts, now(site), expected(site)["stage"])
    found = {f.check if f.server is None else f"{f.check}@{f.server}": f for f in report.findings}
    for name, wanted in expected(site)["findings"].items():
        outcome, _, part = wanted.partition(": ")
        assert (found[name].outcome, part in found[name].message) == (outcome, True), (name, found[name].message)


@pytest.mark.parametrize("site", SITES)
def test_every_step_on_the_site(site: str, words: Words) -> None:
    assert [f"{step.number} {step.form}" for step in plan(site, words).steps] == expected(site)["steps"]


@pytest.mark.parametrize("site", SITES)
def test_every_interruption_of_the_site(site: str, words: Words) -> None:
    made = plan(site, words)
    numbers = {step.id: step.number for step in made.steps}
    told = [
        f"{row.key} {row.path or row.server or row.service} {row.impact} "
        f"{numbers[row.from_step]}-{numbers[row.until_step]}"
        for row in made.interruptions
    ]
    assert sorted(told) == sorted(expected(site)["interruptions"])
