"""Every check of the catalogue can fail and can pass: no check is there that no world would ever hear from."""

import re
from pathlib import Path

import pytest
from check_cases import CASES, CaseOf
from plain_words import not_plain
from worlds import MOMENTS, changed, finding, healthy

from checker import checks
from checker.checks import CHECKS
from checker.checks.mechanism import Check

# Blockers whose question the file alone answers, and those that a world without facts is told by.
NEVER_OPEN = {
    "roles-complete": "the file names the roles, or they are missing",
    "database-csm-together": "the file names the roles; without an answer it fails",
    "order-feasible": "the file names the roles",
    "procedure-complete": "the file has a line, or a blank is printed",
}
# What cannot fail: it is unknown, or a person has not answered yet.
NEVER_FAILS = {
    "asked-the-same": "what was asked is known, or it is not",
    "reachable": "a server that did not answer is unknown: nobody could look",
    "disk-installation-known": "it is measured, or it is not",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_check_says_of_its_world_what_is_so_and_in_plain_words(case: CaseOf) -> None:
    world = case.start()
    world.only = (case.check,)  # the verdict is not looked at
    before = finding(world.judged(), case.check, case.on)
    assert before.outcome == case.before, f"before the change: {before.message}"
    after = finding(changed(world, case.change).judged(), case.check, case.on)
    assert after.outcome == case.outcome, after.message
    assert not after.crashed
    for said in (before, after):
        assert not_plain(said.message, said.expected, *said.observed) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_what_is_declared_of_a_check_is_in_plain_words(check: Check) -> None:
    lines_of_the_file = re.compile(r"\{.*\}")
    assert not_plain(check.title, check.why, *(lines_of_the_file.sub("", line) for line in check.remedy)) == []


def test_every_check_has_a_case_that_fails_and_one_that_passes() -> None:
    said = {(case.check, outcome) for case in CASES for outcome in (case.outcome, case.before)}
    changed_to = {(case.check, case.outcome) for case in CASES}
    for check in CHECKS:
        assert (check.id, "pass") in said, f"{check.id}: no case in which it passes; add one to tests/check_cases"
        if check.id in NEVER_FAILS:
            assert (check.id, "fail") not in changed_to, f"{check.id} fails after all: strike it from NEVER_FAILS"
        else:
            assert (check.id, "fail") in changed_to, f"{check.id}: no case in which it fails; add one"
        is_open = {(check.id, "unknown"), (check.id, "manual")} & changed_to
        if check.severity == "blocker" and check.id not in NEVER_OPEN:
            assert is_open, f"{check.id}: no case in which it is not known; add one"
    assert {case.check for case in CASES} <= {check.id for check in CHECKS}, "a case of a check that is gone"


def test_every_file_that_declares_a_check_is_a_family_of_the_catalogue() -> None:
    room = Path(checks.__file__).parent
    declaring = {file.stem for file in room.glob("*.py") if re.search(r"^@check\(", file.read_text(), re.MULTILINE)}
    assert declaring == {family.__name__.rpartition(".")[2] for family in checks.FAMILIES}, "give it its place there"


@pytest.mark.parametrize("sample", MOMENTS)
def test_every_sample_is_go_at_every_stage_while_nothing_is_wrong(sample: str) -> None:
    for stage in MOMENTS[sample]:
        report = healthy(stage, sample).judged()
        held = [(f.check, f.server, f.message) for f in report.findings if f.due and f.outcome != "pass"]
        assert report.verdict == "GO", (stage, held)
