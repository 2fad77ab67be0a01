"""A check reads what it declares: anything else makes it crash, and nothing is declared that no world makes it read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check_cases import CASES
from worlds import MOMENTS, World, changed, healthy, hosts

import checker.checks
from checker.checks import BY_ID, CHECKS
from checker.checks.judge import judge
from checker.checks.mechanism import REGISTERED, Case, Check, Word, check, passed
from checker.checks.reads import PROVENANCE
from checker.checks.rules import read_by, readings, rules
from checker.facts.catalogue import CATALOGUE, HOSTNAME, PART_KIB
from checker.facts.host_facts import read
from checker.report import Report
from checker.schedule.sizes import measured

LOOKS: dict[str, Callable[[Case], object]] = {
    "a fact": lambda case: case.host("mx1")[HOSTNAME],
    "a fact that another may stand in for": lambda case: case.host("mx1").get(HOSTNAME),
    "a fact of the baseline": lambda case: case.before("mx1").get(HOSTNAME),
    "past the host": lambda case: read(case.facts["mx1"], HOSTNAME),
    "past the host's name": lambda case: [host.facts["identity.hostname"] for host in case.facts.values()],
    "past the baseline's": lambda case: [*(case.baseline or {})["mx1"].facts],
    "all of them, compared": lambda case: case.facts["mx1"].facts == (case.baseline or {})["mx1"].facts,
    "by the facts of a host": lambda case: (host := case.host("mx1").facts) and host.facts.get("identity.hostname"),
    "sizes": lambda case: case.sizes,
    "sizes, counted by itself": lambda case: measured(case.facts),
    "the nights, which minutes make": lambda case: case.nights,
    "the minutes": lambda case: case.weights,
    "who uses the database": lambda case: case.used_now,
    "who used the database": lambda case: case.used_before,
    "a collection's own time": lambda case: case.note("mx1:collected_at"),
}


class Noting(frozenset[str]):
    """What a check declares, and what of it was ever asked for."""

    asked: set[str]

    def __contains__(self, path: object) -> bool:
        self.asked.add(str(path))
        return super().__contains__(path)


def noting(declared: Check) -> Check:
    reads = Noting(declared.reads)
    reads.asked = set()
    return replace(declared, reads=reads)


def judged(world: World, checks: list[Check]) -> Report:
    """A world as `World.judged` has it, by these checks."""
    before = None if world.baseline is None else hosts(world.baseline)
    return judge(
        world.declared(), hosts(world.facts), world.now, world.stage, baseline=before, done=world.done,
        servers=world.servers, checks=checks,
    )  # fmt: skip


def unread(checks: list[Check]) -> set[tuple[str, str]]:
    return {(each.id, path) for each in checks for path in each.reads - each.reads.asked}  # type: ignore[attr-defined]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_check_that_reads_what_it_does_not_declare_is_broken_and_unknown(look: Callable[[Case], object]) -> None:
    def ask(case: Case) -> Word:
        look(case)
        return passed("looked")

    other = replace(BY_ID["roles-complete"], id="of-this-test", ask=ask, reads=frozenset({"identity.machine_id"}))
    report = judged(healthy("server"), [other, BY_ID["identity-unique"]])
    own, after = report.findings
    assert own.outcome == "unknown" and own.crashed, own.message
    assert own.message.startswith("the check itself failed (Undeclared: it ") and own.basis.kind == "site"
    assert after.outcome == "pass" and report.verdict == "NOT-CLEARED"


def test_what_is_declared_can_be_read_of_the_facts_and_of_the_baseline() -> None:
    def ask(case: Case) -> Word:
        assert case.host("mx1")[HOSTNAME] == case.before("mx1")[HOSTNAME]
        return passed(f"{case.sizes.kib['mx1', 'logs']} KiB")

    reads = frozenset(path for path in CATALOGUE if path.startswith(("parts.", "identity.hostname")))
    found = judged(healthy("server"), [replace(BY_ID["roles-complete"], ask=ask, reads=reads)]).findings[0]
    assert found.outcome == "pass" and found.message.endswith(" KiB"), found.message
    assert found.basis.refs == ("mx1:identity.hostname",), "minutes and sizes are nobody's ground by themselves"


def test_families_and_what_collections_say_of_themselves_are_declared_like_facts() -> None:
    declare = check("of-this-test", "x", subject="server", severity="info", stages=("change",),
                    reads=(HOSTNAME, PART_KIB, "outcome"))  # fmt: skip
    try:
        declare(lambda case, server, host: passed(""))
        own = REGISTERED["of-this-test"]
    finally:
        del REGISTERED["of-this-test"]
    sizes = [fact.path for fact in PART_KIB.values()]
    assert readings(own) == ("identity.hostname", *sizes, "outcome")


def no_size_seen(world: World) -> None:
    """Every part counts, for the backup, and none was counted: other facts stand in."""
    world.path("backup", "/backup")
    for name in world.facts:
        world.value(name, "backup.mount_point", "/")
        for fact in PART_KIB.values():
            world.unknown(name, fact.path)


def test_every_fact_that_a_check_declares_is_read_in_some_world() -> None:
    checks = [noting(each) for each in CHECKS]
    for stage in ("server", "after"):
        assert not [f for f in judged(healthy(stage), checks).findings if f.crashed]
    judged(changed(healthy("server"), no_size_seen), checks)
    for case in CASES:  # and for what is still open, the worlds in which these checks speak
        still = [each for each in checks if each.id == case.check and unread([each])]
        for world in [(start := case.start()), changed(start, case.change)] if still else []:
            judged(world, still)
    assert unread(checks) == set(), "declared, and read in no world: strike it, or add the case in which it decides"


def test_every_reading_is_a_fact_of_the_catalogue_or_what_a_collection_says_of_itself() -> None:
    assert [path for each in CHECKS for path in each.reads if path not in (*CATALOGUE, *PROVENANCE)] == []


@pytest.mark.parametrize("sample", MOMENTS)
def test_a_finding_stands_on_nothing_that_its_check_does_not_declare(sample: str) -> None:
    for stage in MOMENTS[sample]:
        for found in healthy(stage, sample).judged().findings:
            if found.basis.kind == "measured":
                assert {ref.partition(":")[2] for ref in found.basis.refs} <= BY_ID[found.check].reads, found.check


def test_only_the_mechanism_holds_what_a_check_is_not_given() -> None:
    room = Path(checker.checks.__file__).parent
    past = [file.name for file in room.glob("*.py") if ".whole" in file.read_text()]
    assert sorted(past) == ["mechanism.py", "reads.py"]


def test_the_rules_say_what_each_check_reads_and_the_facts_who_reads_them() -> None:
    told: dict[str, Any] = {each["id"]: each["reads"] for each in rules({})["checks"]}
    assert told["disk-mounted-read-write"] == ["storage.mounts", "target.mount_point", "backup.mount_point"]
    assert told["reachable"] == ["outcome"] and told["roles-complete"] == []
    assert {(path, id) for path, ids in read_by().items() for id in ids} == {
        (path, id) for id, paths in told.items() for path in paths if path in CATALOGUE
    }
