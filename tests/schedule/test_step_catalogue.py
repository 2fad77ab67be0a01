"""The catalogue of steps: a row for every form, whole in itself, and nothing known of a form from anywhere else."""

import re
from collections import Counter
from pathlib import Path
from typing import get_args

from checker.inputs.deployment import PROCEDURE_KINDS
from checker.inputs.minutes import OURS, Work
from checker.schedule.step_catalogue import ROWS, Form, Sent

ROOT = Path(__file__).parents[2]
IN_PIECES = re.compile(r"\bform\.\w+\(|\" (?:not )?in \w+\.form\b")


def test_every_form_of_step_has_its_row_and_no_other_has_one() -> None:
    assert [row.form for row in ROWS] == list(get_args(Form))


def test_no_form_is_known_by_a_piece_of_its_name() -> None:
    rooms = ("checker/schedule", "checker/checks", "runbook")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert IN_PIECES.search('if step.form.startswith("gate-"):') and IN_PIECES.search('if "out-" in step.form:')
    assert [str(path) for path in files if IN_PIECES.search(path.read_text(encoding="utf-8"))] == []


def test_what_is_done_in_the_days_before_says_how_long_before_and_nothing_else_does() -> None:
    assert {row.form for row in ROWS if row.lead} == {row.form for row in ROWS if row.block == "P"}


def test_what_a_line_of_the_procedure_may_replace_is_of_its_kind_takes_its_minutes_and_is_else_a_blank() -> None:
    replaced = [row for row in ROWS if row.lines]
    assert all(row.lines == row.kind == row.minutes and row.blank for row in replaced)
    assert {row.lines for row in replaced} == set(PROCEDURE_KINDS)


def test_every_figure_of_ours_is_that_of_some_form() -> None:
    assert set(OURS) == set(get_args(Work)) == {row.minutes for row in ROWS}


def test_every_moment_has_its_one_notice_and_every_notice_its_moment() -> None:
    assert Counter(row.notice for row in ROWS if row.kind == "notice") == Counter(get_args(Sent))
    assert not any(row.notice for row in ROWS if row.kind != "notice")


def test_whoever_decides_does_it_at_a_gate() -> None:
    assert {row.kind for row in ROWS if row.decides} == {"gate"}
    assert [row.form for row in ROWS if row.kind == "gate" and not row.decides] == ["interlock"]
