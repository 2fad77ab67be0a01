"""What may fool a reader is known whole, by what Unicode says of each character; lengths of time as people say them."""

import re
import unicodedata
from datetime import timedelta

import pytest

from checker.legible import (
    BLANK_CONTROLS,
    CONTROLS,
    HALVES,
    HIDDEN,
    HIGH_CONTROLS,
    LINE_ENDS,
    NO_CHARACTERS,
    TURNED,
    WITHOUT_WIDTH,
    span,
    visible,
)

EVERY = "".join(map(chr, range(0x110000)))
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
JOINERS = {"\u200c", "\u200d"}  # they belong to how names are written


def those(characters: str) -> set[str]:
    return set(re.findall(f"[{characters}]", EVERY))


@pytest.mark.parametrize(
    ("known", "categories"),
    [
        (CONTROLS + HIGH_CONTROLS + BLANK_CONTROLS, ("Cc",)),
        (LINE_ENDS, ("Zl", "Zp")),
        (HALVES, ("Cs",)),
    ],
)
def test_every_character_of_a_kind_is_known(known: str, categories: tuple[str, ...]) -> None:
    assert those(known) == {char for char in EVERY if unicodedata.category(char) in categories}


def test_every_character_that_turns_what_follows_is_known() -> None:
    assert those(TURNED) == {char for char in EVERY if unicodedata.bidirectional(char) in TURNING}


def test_what_takes_no_room_is_a_format_character_or_was_one_and_no_joiner() -> None:
    assigned = {char for char in those(WITHOUT_WIDTH) if unicodedata.category(char) != "Cn"}
    assert {unicodedata.category(char) for char in assigned} == {"Cf"}
    assert not assigned & JOINERS


def test_what_is_hidden_is_never_left_as_it_is_where_all_is_to_be_visible() -> None:
    for char in those(HIDDEN + BLANK_CONTROLS + HALVES + NO_CHARACTERS + WITHOUT_WIDTH):
        assert visible(char) != char and visible(char).isprintable()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (1, "1 second"), (-59.5, "1 minute"), (60, "1 minute"), (61, "2 minutes"),
        (59 * 60 + 1, "1 h"), (7 * 3600 + 45 * 60, "7 h 45 min"), (24 * 3600, "1 day"),
        (14 * 86400, "14 days"), (2 * 86400 + 6 * 3600, "2 days 6 h"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_said_in_the_units_that_people_use_and_what_is_begun_counts_whole(
    seconds: float, words: str
) -> None:
    assert span(timedelta(seconds=seconds)) == words
