"""JSON as we write it: the bytes of the standard library's, piece by piece."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from printed_samples import edition

from checker.outputs.json_text import indented, pieces
from checker.values import digest, digest_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
TEXTS = st.text()
VALUES = st.recursive(SCALARS, lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXTS, one, max_size=4))


def by_the_library(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


@given(VALUES)
def test_it_is_written_as_the_standard_library_writes_it(value: Any) -> None:
    assert indented(value) == by_the_library(value)


def test_a_plan_and_a_report_in_pieces_are_the_same_bytes_as_in_one() -> None:
    made = edition("university-mail")
    for whole in (made.plan, made.report, made.report.model_copy(update={"findings": ()})):
        found = [*pieces(whole)]
        assert "".join(found) == by_the_library(whole.model_dump(mode="json")) + "\n"
    assert max(len(piece) for piece in pieces(made.report)) < 5000, "none is much longer than a finding"


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_the_digest_of_items_is_the_digest_of_their_mapping(items: dict[str, Any]) -> None:
    assert digest_of((key, items[key]) for key in sorted(items)) == digest(items)
