"""The checks of a finished server: what each fault of an upgrade leads to, and what is healthy although it is new."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import (
    DATABASE_TARGET,
    LISTENERS,
    MANIFEST,
    MTA,
    NEW_DATABASE_LOOKUP,
    NEW_DATABASE_PORT,
    NEW_DATABASE_TARGET,
    NEW_PART_FILES,
    NEW_PART_KIB,
    NEW_STARTERS,
    OLD_PATHS,
    PART_FILES,
    PART_KIB,
    QUEUE_NEW,
    QUEUE_OLD,
    STARTERS,
)
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, Unknown, adapter, known
from checker.inputs.deployment import Deployment

NOW = datetime(2026, 12, 6, 3, 0, tzinfo=UTC)
Facts = dict[Fact[Any], Any]
MAIL_PORTS = (25, 10025, 18080)
MTAS = ["bundled-postfix"]


def host(facts: Facts) -> HostFacts:
    """Facts of a host; one that is None could not be seen."""
    found = {
        fact.path: Unknown(unknown="no tool for it")
        if value is None
        else known(fact, adapter(fact).validate_python(value), "t")[1]
        for fact, value in facts.items()
    }
    return HostFacts(server="a", via="ssh", outcome="ok", collected_at=NOW, facts=found)


def say(check: str, facts: Facts, before: Facts | None = None, *, roles: str = "mta mail-filter", **more: Any) -> Word:
    declared = Deployment.model_validate(
        {
            "deployment": "d",
            "change": {
                "number": "C1",
                "timezone": "UTC",
                "windows": [{"start": "2026-12-05T22:00", "end": "2026-12-06T06:00"}],
            },
            "migration": {"script": True, "options": ["Database & Quarantine"]},
            "servers": [{"name": "a", "roles": roles.split()}],
        }
        | more
    )
    baseline = None if before is None else {"a": host(before)}
    case = Case(declared, {"a": host(facts)}, baseline, NOW, "after")
    return ask(BY_ID[check], case, declared.server("a"))


def starters(old: tuple[str, ...], new: tuple[str, ...], both: tuple[str, ...] = ()) -> Word:
    hits = [{"path": path, "count": 1} for path in both]
    return say("autostart-after", {STARTERS: old, NEW_STARTERS: new, OLD_PATHS: hits})


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (("/etc/init.d/pmx",), ("/etc/init.d/pmx6", "/etc/rc3.d/S99pmx6"), "pass"),
        (("/etc/init.d/pmx", "/etc/rc3.d/K01pmx"), ("/etc/init.d/pmx6", "/etc/rc3.d/S99pmx6"), "pass"),
        ((), ("/etc/init.d/pmx6",), "pass"),  # a system that calls every script there
        (("/etc/init.d/pmx",), ("/etc/init.d/pmx6",), "fail"),
        (("/etc/init.d/pmx", "/etc/rc3.d/S99pmx"), ("/etc/init.d/pmx6", "/etc/rc3.d/S99pmx6"), "fail"),
        (("/etc/init.d/pmx", "/etc/rc3.d/S99pmx"), ("/etc/init.d/pmx6",), "fail"),
        (("/etc/cron.d/pmx-watch",), ("/etc/rc3.d/S99pmx6",), "fail"),
        (("/etc/init.d/pmx", "/etc/rc3.d/K01pmx"), (), "fail"),
        ((), (), "fail"),
        (
            ("/etc/systemd/system/pmx.service",),
            (
                "/etc/systemd/system/pmx6.service",
                "/etc/systemd/system/multi-user.target.wants/pmx6.service",
            ),
            "pass",
        ),
        # version 6's own script calls a program that 5.6.1 has as well
        (("/etc/rc3.d/S99pmx6",), ("/etc/rc3.d/S99pmx6",), "pass"),
    ],
)
def test_the_next_reboot_starts_version_6_alone(old: tuple[str, ...], new: tuple[str, ...], outcome: str) -> None:
    assert starters(old, new).outcome == outcome


def test_a_cron_job_that_names_both_trees_still_works_on_the_old_one() -> None:
    both = "/etc/cron.d/pmx-watch"
    new = ("/etc/rc3.d/S99pmx6", both)
    assert starters((both,), new, both=(both,)).outcome == "fail"
    assert starters((both,), new).outcome == "pass"


def listening(*ports: int) -> list[dict[str, Any]]:
    return [{"address": "0.0.0.0", "port": port} for port in ports]


def test_every_service_of_the_roles_must_be_back() -> None:
    for missing in (None, *MAIL_PORTS):
        word = say("after-services", {LISTENERS: listening(*(p for p in MAIL_PORTS if p != missing))})
        assert word.outcome == ("pass" if missing is None else "fail"), missing
        assert missing is None or str(missing) in word.message


def test_a_service_that_was_off_before_as_well_is_not_missed() -> None:
    now = {LISTENERS: listening(25, 10025)}
    assert say("after-services", now, {LISTENERS: listening(25, 10025), MTA: []}).outcome == "pass"
    assert say("after-services", now, {LISTENERS: listening(*MAIL_PORTS)}).outcome == "fail"
    assert say("after-services", now, {}).outcome == "fail", "the baseline does not say"


@pytest.mark.parametrize(
    ("roles", "before", "mta", "outcome"),
    [
        ("mail-filter", (), [], "fail"),  # the baseline was taken while everything was stopped
        ("mail-filter", (22, 18080), [], "pass"),
        ("mail-filter", (22, 10025), [], "pass"),
        ("mta mail-filter", (25,), ["postfix"], "fail"),  # the system's own program for mail shows nothing
        ("mta mail-filter", (25,), ["bundled-postfix"], "pass"),
        ("mta mail-filter", (25,), None, "fail"),
        ("database csm", (22,), [], "fail"),
        ("database csm", (5432,), [], "pass"),
    ],
)
def test_a_baseline_in_which_the_product_was_stopped_vouches_for_no_port(
    roles: str, before: tuple[int, ...], mta: list[str] | None, outcome: str
) -> None:
    now = tuple(port for port in before if port in (25, 5432, 22)) + ((10025,) if 10025 in before else ())
    facts: Facts = {LISTENERS: listening(*now), NEW_DATABASE_TARGET: {"kind": None}}
    assert say("after-services", facts, {LISTENERS: listening(*before), MTA: mta}, roles=roles).outcome in (
        outcome, "fail" if 18080 in before else outcome,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("port", "target", "outcome"),
    [(5432, {}, "pass"), (6000, {"host": "localhost", "port": 6000}, "pass"), (6000, {}, "fail"),
     (5432, {"port": 6000}, "fail"), (5432, {"host": "elsewhere", "port": 6000}, "pass")],
)  # fmt: skip
def test_the_database_listens_where_the_new_configuration_says(port: int, target: dict[str, Any], outcome: str) -> None:
    facts = {LISTENERS: listening(18080, port), NEW_DATABASE_TARGET: target or {"kind": "pgsql"}}
    assert say("after-services", facts, roles="database csm").outcome == outcome


TARGET = {"kind": "pgsql", "host": "db.example.net", "port": 5432}


def reach(
    target: dict[str, Any], lookup: Any = ("192.0.2.11",), port: bool | None = True, before: Any = TARGET, **more: Any
) -> Word:
    facts = {
        NEW_DATABASE_TARGET: target,
        NEW_DATABASE_LOOKUP: lookup,
        NEW_DATABASE_PORT: port,
        DATABASE_TARGET: before,
    }
    return say("after-database-reachable", facts, **more)


def test_the_finished_server_reaches_the_database_of_its_new_configuration() -> None:
    assert reach(TARGET).outcome == "pass"
    assert reach(TARGET, lookup=()).outcome == "fail"
    assert reach(TARGET, lookup=None).outcome == "unknown"
    assert reach(TARGET, port=False).outcome == "fail"
    assert reach(TARGET, port=None).outcome == "unknown"
    assert reach(TARGET | {"host": "192.0.2.11"}, lookup=None).outcome == "pass", "an address needs no name service"
    assert reach(TARGET | {"host": "localhost"}, lookup=None).outcome == "pass"


def test_a_new_configuration_that_forgot_the_database_fails_and_one_that_never_had_it_is_not_asked() -> None:
    empty = {"kind": None}
    assert reach(empty).outcome == "fail"
    assert reach(empty, before=None).outcome == "unknown"
    assert reach(empty, before=empty).outcome == "not-applicable"


@pytest.mark.parametrize(("confirmed", "outcome"), [("yes", "pass"), ("no", "fail")])
def test_where_no_tool_can_tell_a_person_answers_and_the_answer_is_evaluated(confirmed: str, outcome: str) -> None:
    answer = {"confirmed": confirmed, "how": "pmx's own state page", "by": "A. Example", "at": "2026-12-06"}
    answers = {"after-database-reachable": answer}
    assert reach(TARGET, port=None, answers=answers).outcome == outcome
    assert reach(TARGET, lookup=None, answers=answers).outcome == outcome
    assert say("after-database-reachable", {}, answers=answers).outcome == outcome, "its configuration was not read"
    assert reach(TARGET, port=False, answers=answers).outcome == "fail", "what was measured goes before words"


def test_an_answer_of_before_the_first_night_says_nothing_of_a_finished_server() -> None:
    for day, outcome in (("2026-12-04", "unknown"), ("2026-12-05", "pass"), ("2026-12-06", "pass")):
        answer = {"confirmed": "yes", "how": "psql", "by": "A. Example", "at": day}
        assert reach(TARGET, port=None, answers={"after-database-reachable": answer}).outcome == outcome, day


def count(before: tuple[int, int, int] | None, after: tuple[int, int, int], left: int = 0, **more: Any) -> Word:
    """Quarantine files, database KiB and messages in the queue, before and after."""
    old = before and {
        PART_FILES["quarantine"]: before[0], PART_KIB["database"]: before[1], QUEUE_OLD: before[2], MTA: MTAS,
    }  # fmt: skip
    new = {
        NEW_PART_FILES["quarantine"]: after[0], NEW_PART_KIB["database"]: after[1], QUEUE_NEW: after[2],
        QUEUE_OLD: left, MTA: MTAS,
    }  # fmt: skip
    return say("after-counts", new, old, **({"roles": "database csm mta mail-filter"} | more))


@pytest.mark.parametrize(
    ("before", "after", "left", "outcome"),
    [
        ((100, 4000, 12), (100, 4000, 0), 0, "pass"),
        ((100, 4000, 12), (140, 9000, 3), 0, "pass"),
        ((100, 4000, 12), (99, 4000, 0), 0, "fail"),
        ((100, 4000, 12), (100, 1000, 0), 0, "pass"),
        ((100, 4000, 12), (100, 999, 0), 0, "fail"),
        ((100, 4000, 12), (100, 4000, 0), 1, "fail"),
        ((0, 0, 0), (0, 0, 0), 0, "pass"),
    ],
)
def test_what_was_there_before_is_there_after(
    before: tuple[int, int, int], after: tuple[int, int, int], left: int, outcome: str
) -> None:
    word = count(before, after, left)
    assert word.outcome == outcome
    assert len(word.observed) == 3, "each count is shown with its before and after"


def test_only_what_was_to_be_migrated_is_compared() -> None:
    assert count(None, (1, 1, 1)).outcome == "not-applicable"
    nothing = {"script": False}
    assert count((100, 4000, 0), (0, 0, 0), migration=nothing).outcome == "pass", "the queue alone is compared"
    assert count((100, 4000, 0), (0, 0, 0), migration=nothing, roles="euwi").outcome == "not-applicable"
    assert count((100, 4000, 0), (100, 0, 0), roles="mail-filter").outcome == "pass", "it holds no database"


def row(part: str, files: int, kib: int = 5, newest: str | None = "2026-12-05T20:00:00Z") -> dict[str, Any]:
    return {"part": part, "files": files, "kib": kib, "newest": newest}


def test_the_old_tree_is_compared_with_its_manifest_and_its_queue_is_left_out() -> None:
    before = [row("quarantine", 5), row("logs", 2), row("queue", 7)]
    assert say("after-source-tree", {MANIFEST: [*before[:2], row("queue", 0)]}, {MANIFEST: before}).outcome == "pass"
    for changed in (row("logs", 1), row("logs", 2, kib=4), row("logs", 2, newest="2026-12-06T01:00:00Z")):
        word = say("after-source-tree", {MANIFEST: [before[0], changed]}, {MANIFEST: before})
        assert word.outcome == "fail" and word.message.startswith("logs: ")
    assert say("after-source-tree", {MANIFEST: before[:1]}, {MANIFEST: before}).outcome == "unknown"
    assert say("after-source-tree", {MANIFEST: before}).outcome == "not-applicable"
    assert BY_ID["after-source-tree"].severity == "info"
