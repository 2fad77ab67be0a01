"""What may fool a reader is known whole: by what Unicode says of each character, not by the ones we have met."""

import re
import unicodedata

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
