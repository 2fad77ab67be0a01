"""Facts answer for what was asked: a place that is declared later is not known, and nothing else is."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from worlds import finding, healthy, hosts

from checker.checks import BY_ID
from checker.checks.judge import judge
from checker.checks.mechanism import Case, Word, passed
from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import Known, NotSeen
from checker.facts.probe.script import digest, script
from checker.facts.what_was_asked import FEEDS, PATHS, STATUS_ALLOWED, asked_of, said, still_asked
from checker.inputs.deployment import Deployment
from runbook.cli import pipeline

Deploy = Callable[..., Deployment]
# the host's own, wherever the product stands
OWN = {"puremessage.filter_lines", "puremessage.own_queues"}
FAMILIES = ("source.", "target.", "backup.", "parts.", "puremessage.")


def test_every_declared_path_feeds_something_and_every_fact_of_the_product_is_fed() -> None:
    assert set(FEEDS) == {*PATHS, STATUS_ALLOWED}
    fed = {fact.path for feed in FEEDS.values() for fact in feed}
    assert fed | OWN >= {path for path in CATALOGUE if path.startswith(FAMILIES)}
    assert not {path for path in fed if path.startswith(("identity.", "platform.", "storage.", "privilege."))}


@pytest.mark.parametrize(("name", "value"), [
    ("source", "/srv/pmx"), ("target", "/srv/pmx6"), ("quarantine", "/srv/q"), ("logs", "/srv/logs"),
    ("database", "/srv/db"), ("backup", "/srv/backup"),
])  # fmt: skip
def test_facts_that_a_moved_path_feeds_are_unknown_and_no_other(name: str, value: str) -> None:
    world = healthy("server")
    deployment = world.declared().model_copy(deep=True)
    moved = deployment.model_copy(update={"paths": deployment.paths.model_copy(update={name: value})})
    before = still_asked(deployment, hosts(world.facts))["mx1"].facts
    after = still_asked(moved, hosts(world.facts))["mx1"].facts
    lost = {path for path, fact in before.items() if isinstance(fact, Known) and after[path] != fact}
    below = ("quarantine", "logs", "database") if name == "source" else ()  # these stand below it, and moved too
    feeding = {fact.path for key in (name, *below) for fact in FEEDS[f"paths.{key}"]}
    assert lost == {path for path in feeding if isinstance(before[path], Known)}
    assert lost


def test_a_partial_size_of_another_place_bounds_nothing() -> None:
    world = healthy("server")
    world.unknown("mx1", "parts.quarantine.kib", partial=17)
    world.deployment["paths"]["quarantine"] = "/srv/q"
    fact = still_asked(world.declared(), hosts(world.facts))["mx1"].facts["parts.quarantine.kib"]
    assert not isinstance(fact, Known)
    assert fact.partial is None


@pytest.mark.parametrize("stage", ["change", "two-days", "one-hour", "server", "after"])
def test_a_target_moved_after_collecting_is_never_go(stage: Any) -> None:
    world = healthy(stage)
    assert world.outcome() == "GO"
    world.deployment["paths"]["target"] = "/srv/full/pmx6"
    assert world.outcome() == "NOT-CLEARED"


@pytest.mark.parametrize("stage", ["change", "server", "after"])
@pytest.mark.parametrize("asked", [None, {"deployment": "the-lab"}], ids=["older edition", "another deployment"])
def test_facts_that_may_be_of_something_else_are_never_go(asked: Any, stage: Any) -> None:
    world = healthy(stage)
    for host in world.facts.values():
        host["asked"] = {**host["asked"], **asked} if asked else None
    assert world.outcome() == "NOT-CLEARED"


def test_a_done_server_with_facts_of_an_older_edition_is_not_known_to_be_done() -> None:
    world = healthy("server", "county-mail", ("db1",))
    assert finding(world.judged(), "after-target-present", "db1").outcome == "pass"
    world.facts["db1"]["asked"] = None
    told = finding(world.judged(), "after-target-present", "db1")
    assert told.outcome == "unknown"
    assert "collected by an older edition" in told.message


def test_of_a_server_that_is_not_judged_facts_of_an_older_edition_are_not_counted_either() -> None:
    world = healthy("server", "county-mail")
    for name in ("db1", "mx1"):
        world.facts[name]["asked"] = None
    seen: list[bool] = []

    def look(case: Case) -> Word:
        for name, path in (("mx1", "target.entries"), ("mx1", "identity.hostname"), ("db1", "target.entries")):
            try:
                case.host(name)[CATALOGUE[path]]
                seen.append(True)
            except NotSeen:
                seen.append(False)
        return passed("looked")

    reads = frozenset({"target.entries", "identity.hostname"})
    looking = dataclasses.replace(BY_ID["roles-complete"], ask=look, reads=reads)
    judge(world.declared(), hosts(world.facts), world.now, "server", servers=("db1",), checks=(looking,))
    assert seen == [False, True, True]  # of db1 asked-the-same says it


def test_facts_of_an_older_edition_are_told_by_one_check_and_judged_by_the_others() -> None:
    world = healthy("change")
    before = {(f.check, f.server): f.outcome for f in world.judged().findings}
    for host in world.facts.values():
        host["asked"] = None
    after = {(f.check, f.server): f.outcome for f in world.judged().findings}
    assert {check for (check, _), outcome in after.items() if outcome != before[check, _]} == {"asked-the-same"}


def test_a_backup_declared_after_collecting_leaves_only_what_it_feeds_unknown() -> None:
    world = healthy("two-days")
    before = {(f.check, f.server): f.outcome for f in world.judged().findings}
    world.deployment["paths"]["backup"] = "/backup"
    moved = {f.check for f in world.judged().findings if f.outcome != before[f.check, f.server]}
    assert moved >= {"asked-the-same", "disk-space"}
    assert all(check in ("asked-the-same", "backup-evidence") or check.startswith("disk-") for check in moved)
    world = healthy("change")
    world.deployment["paths"]["backup"] = "/backup"
    assert world.outcome() == "GO"  # nothing that is due at this stage looks there


def test_the_pages_print_no_figure_of_another_place() -> None:
    world = healthy("change")
    world.deployment["paths"]["quarantine"] = "/srv/q"
    deployment, found = world.declared(), hosts(world.facts)
    made = pipeline.edition(deployment, found, world.judged())
    assert not isinstance(made.facts["mx1"].facts["parts.quarantine.kib"], Known)
    assert isinstance(made.facts["mx1"].facts["parts.logs.kib"], Known)


def test_another_edition_of_the_probe_is_a_note_and_pmx_status_decides_nothing() -> None:
    world = healthy("server")
    for host in world.facts.values():
        host["probe_digest"] = "0123456789abcdef"
    world.deployment["probe"] = {"pmx_status": "true"}
    told = finding(world.judged(), "asked-the-same", "mx1")
    assert told.outcome == "pass"
    assert told.observed == (
        "probe.pmx_status was different when the facts were collected",
        "collected by another edition of the probe (0123456789abcdef)",
    )
    assert world.outcome() == "GO"


def test_what_was_asked_by_a_longer_timeout_is_the_same(deploy: Deploy) -> None:
    deployment = deploy("database csm")
    short, long = (script(deployment, deployment.servers[0], seconds) for seconds in (10, 600))
    differ = {line.partition("=")[0] for line in set(short.splitlines()) ^ set(long.splitlines())}
    assert differ == {"PMX_DEADLINE", "PMX_SCRIPT"}
    assert digest() in short


def test_the_digest_of_the_script_as_it_was_sent_is_recorded_and_never_judged() -> None:
    world = healthy("server")
    for host in world.facts.values():
        host["script_digest"] = "0123456789abcdef"
    assert world.outcome() == "GO"
    assert "script_digest" not in str(world.judged().model_dump())


def test_the_probe_says_what_it_was_sent_with(deploy: Deploy) -> None:
    deployment = deploy("database csm", paths={"backup": "/a b", "logs": "/var/log/pmx"})
    lines = (
        f"deployment {deployment.deployment}", "paths.source /opt/pmx", "paths.target /opt/pmx6", "paths.quarantine ",
        "paths.logs /var/log/pmx", "paths.database ", "paths.backup /a b", "pmx_status 0",
    )  # fmt: skip
    assert said(lines) == asked_of(deployment)
