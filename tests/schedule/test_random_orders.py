"""Random deployments of up to twelve servers: the plan's own order is a way through, and no way across phases is."""

import random
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from checker.checks import BY_ID
from checker.checks.judge import judge
from checker.facts.catalogue import TARGET_ENTRIES
from checker.facts.fact_values import Entry
from checker.facts.host_facts import HostFacts, known
from checker.facts.what_was_asked import asked_of
from checker.inputs.deployment import Deployment
from checker.schedule.order import first_tested, order, phase
from runbook.plan.planning import build
from runbook.words import Words

Deploy = Callable[..., Deployment]
NOW = datetime(2026, 12, 5, 22, 0, tzinfo=UTC)
KINDS = ("csm", "mta", "mail-filter", "mta mail-filter", "mail-filter euwi", "euwi gwi", "gwi", "mta mail-filter euwi")
SEEDS = [pytest.param(seed, marks=() if seed < 25 else pytest.mark.large) for seed in range(200)]


def random_deployment(deploy: Deploy, seed: int) -> Deployment:
    """One Database, at least one Mail Filter and up to ten more, declared in any order."""
    dice = random.Random(seed)
    held = ["database csm" if dice.random() < 0.7 else "database", "mta mail-filter"]
    held += dice.choices(KINDS, k=dice.randint(0, 10))
    dice.shuffle(held)
    windows = [{"start": "2026-12-05T20:00", "end": "2026-12-08T20:00"}]
    change = {"number": "C1", "timezone": "Europe/Berlin", "windows": windows}
    return deploy(*held, change=change, migration={"script": True, "options": ["Logs"]})


def said(deployment: Deployment, done: Collection[str], named: Collection[str]) -> str:
    """What order-respected says, while exactly the servers that are done hold version 6."""
    tree = (Entry(name="bin", kind="directory"),)
    facts = {
        server.name: HostFacts(
            server=server.name, via="ssh", outcome="ok", collected_at=NOW - timedelta(minutes=5),
            asked=asked_of(deployment),
            facts=dict([known(TARGET_ENTRIES, tree if server.name in done else None, "t")]),
        )
        for server in deployment.servers
    }  # fmt: skip
    own = (BY_ID["order-respected"],)
    (found,) = judge(deployment, facts, NOW, "server", done=done, servers=named, checks=own).findings
    return found.outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_along_the_plans_own_order_each_server_has_its_turn_and_no_later_phase_has(deploy: Deploy, seed: int) -> None:
    deployment = random_deployment(deploy, seed)
    ordered = order(deployment.servers)
    for place, server in enumerate(ordered):
        done = [each.name for each in ordered[:place]]
        assert said(deployment, done, [server.name]) == "pass", (seed, server.name)
        assert said(deployment, done, []) == "pass", (seed, done)
        for later in ordered[place:]:
            if phase(later) > phase(server) or (place == 0 and later is not server):
                assert said(deployment, done, [later.name]) == "manual", (seed, done, later.name)
                assert said(deployment, [*done, later.name], []) == "fail", (seed, done, later.name)
                break


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_has_every_server_once_in_its_order_and_phases_never_go_back(deploy: Deploy, seed: int) -> None:
    deployment = random_deployment(deploy, seed)
    ordered = order(deployment.servers)
    plan = build(deployment, {}, Words({}, Path()))
    assert plan.order == tuple(server.name for server in ordered)
    assert ordered[0].has("database")
    assert all(phase(one) <= phase(other) for one, other in pairwise(ordered))
    touched = [step.server for step in plan.steps if step.server]
    assert list(dict.fromkeys(touched)) == list(plan.order), "one server after the other"
    assert sum(one != other for one, other in pairwise(touched)) == len(ordered) - 1, "and none is begun twice"
    assert [step.server for step in plan.steps if step.kind == "upgrade"] == list(plan.order)
    tested = dict(first_tested(ordered))
    gates = {step.server for step in plan.steps if step.form.startswith("gate-first")}
    assert gates == set(tested) - {ordered[-1].name}
    assert [name for night in plan.nights for name in night.servers] == list(plan.order)
