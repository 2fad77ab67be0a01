"""The machine, its memory and limits, where the recorded cases do not tell: what is no answer, and never guessed."""

from datetime import UTC, datetime

import pytest

from checker.facts.fact_values import Limit
from checker.facts.parsers import platform
from checker.facts.parsers.parsed import NotRead


def test_the_lines_of_uname_stand_for_one_fact_each() -> None:
    rows = ["SunOS", "5.10", "sun4v"]
    assert [platform.line(rows, number).value for number in range(3)] == rows
    with pytest.raises(NotRead, match="2 lines"):
        platform.line(rows[:2], 2)
    assert platform.line([*rows, "more"], 0).unread == ("more",)


def test_an_os_release_without_a_name_names_nothing() -> None:
    with pytest.raises(NotRead):
        platform.distribution(["ID=x", "VERSION_ID=1"])


def test_a_number_of_processors_may_stand_behind_its_name() -> None:
    read = platform.cpus(["hw.ncpu: 8"])
    assert (read.value, read.unread) == (8, ())


def test_processors_in_unknown_words_are_not_counted() -> None:
    with pytest.raises(NotRead):
        platform.cpus(["many"])
    assert platform.cpus(["0 on-line since x", "what?"]).unread == ("what?",)


def test_a_number_without_a_unit_is_no_memory() -> None:
    with pytest.raises(NotRead):
        platform.memory(["4096"], "prtconf")


def test_limits_are_numbers_or_unlimited() -> None:
    assert platform.open_files(["1024", "unlimited"]).value == Limit(soft=1024, hard=None)
    for rows in (["1024"], ["1024", "many"], []):
        with pytest.raises(NotRead):
            platform.open_files(rows)


def test_the_clock_is_in_utc() -> None:
    assert platform.clock(["2026-12-03T09:30:00Z"]).value == datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    with pytest.raises(NotRead):
        platform.clock(["Thu Dec  3 09:30:00 CET 2026"])
