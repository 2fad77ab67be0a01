"""The single-fault table: one thing wrong in a healthy site ends the GO where it must, and nowhere else."""

from functools import cache
from pathlib import Path

import pytest
from single_faults import Row, options
from single_faults.facts import NOT_SEEN, NOTE
from single_faults.table import counted, every

from checker.checks import CHECKS
from checker.checks.judge import falls_due
from checker.facts.catalogue import CATALOGUE
from checker.report import Stage

PAGE = Path(__file__).parents[2] / "docs" / "single-fault-table.md"
EACH = 197  # of the rows one is judged by default: a prime, so that every stage, way and server has its turn
SHARES = 31  # so that several processes share the work


@cache
def all_rows() -> tuple[Row, ...]:
    """The whole table: made when it is asked for, as every process of the tests reads this file."""
    return tuple(every())


def wrong(rows: tuple[Row, ...]) -> list[str]:
    """What comes of each world that is not what must come of it."""
    judged = ((row, row.judged()) for row in rows)
    return [f"{row.name}: {got}, must be {row.wanted} ({row.why})" for row, got in judged if got != row.wanted]


def test_a_single_fault_ends_the_go_where_it_decides_and_nowhere_else() -> None:
    assert wrong(all_rows()[::EACH]) == []


@pytest.mark.large
@pytest.mark.parametrize("share", range(SHARES))
def test_every_row_of_the_table_comes_out_as_it_must(share: int, capsys: pytest.CaptureFixture[str]) -> None:
    rows = all_rows()[share::SHARES]
    found = wrong(rows)
    with capsys.disabled():
        print(f"\nshare {share + 1} of {SHARES}: {len(rows) - len(found)} of {len(rows)} come out as they must")
    assert found == []


def test_leaving_out_a_blocker_is_never_go() -> None:
    """Right before a server: all other stages are rows of the table."""
    assert wrong(tuple(row for row in options.left_out() if ", server: --skip" in row.name)) == []


def test_the_page_has_the_counts_of_the_table() -> None:
    assert counted(all_rows()) in PAGE.read_text(encoding="utf-8"), (
        f"make docs writes into {PAGE.name}:\n{counted(all_rows())}"
    )


def test_it_is_said_of_every_fact_whether_and_when_it_decides() -> None:
    assert NOT_SEEN.keys() == CATALOGUE.keys()


def read_by_blockers(stage: Stage) -> set[str]:
    return {path for check in CHECKS if check.severity == "blocker" and falls_due(check, stage) for path in check.reads}


def test_a_fact_decides_where_a_due_blocker_reads_it_and_else_is_a_note() -> None:
    for path, decides in NOT_SEEN.items():
        unread = [stage for stage in decides.stages if path not in read_by_blockers(stage)]
        assert not unread, f"{path}: no blocker that is due at {unread} reads it"
        read = {check.id for check in CHECKS if check.severity == "blocker" and path in check.reads}
        assert not read or decides.why is not NOTE, f"{path}: read by {read}; say in NOT_SEEN when it decides, and why"
