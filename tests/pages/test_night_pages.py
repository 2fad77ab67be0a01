"""The pages of the night that are not sheets, and the help-desk card: how many they are, and how full."""

import re
import subprocess
from dataclasses import replace
from functools import cache

import pytest
from printed_samples import book, edition, extents, printed

from runbook.pages.board.decision import crews
from runbook.pages.page_model import Blank, Fields, Part, Signatures
from runbook.render.pdf import to_pdf

HEAD, FOOT = 45, 45  # points of a page above and below what is said on it
LEAST = 0.40  # of a page that is not the last of its document

# how many pages are taken by all that is not a sheet: the coordinator's and the backout card, preparation and opening
# of the first night, all of the night book, the help-desk card
TAKEN = {"harbour-mail": (2, 3, 4, 1), "county-mail": (3, 5, 6, 1), "university-mail": (3, 5, 8, 2)}
EACH = pytest.mark.parametrize(
    "name", ["harbour-mail", "county-mail", pytest.param("university-mail", marks=pytest.mark.large)]
)


def around(name: str) -> tuple[Part, ...]:
    """The parts of the night book that belong to no sheet, and the help-desk card; a hand-over ends its sheet."""
    loose = (part for part in book(name).parts if part.kind != "sheet" and not re.fullmatch(r"steps-\d.*", part.id))
    return tuple(part for part in loose if part.document in ("night", "help-desk"))


@cache
def paper(name: str) -> tuple[tuple[Part, ...], bytes]:
    """These parts printed behind the decision page, as in the runbook."""
    parts = around(name)
    decision = next(part for part in book(name).parts if part.id == "decision")
    return parts, to_pdf(replace(book(name), parts=(decision, *parts)))


def filled(made: bytes) -> list[float]:
    """How far down each page is written on."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=made, capture_output=True, check=True)
    pages = re.findall(r'<page width="[\d.]+" height="([\d.]+)">(.*?)</page>', done.stdout.decode(), re.DOTALL)
    found = []
    for height, words in pages:
        low = float(height) - FOOT
        lines = [float(y) for y in re.findall(r'yMax="([\d.]+)"', words)]
        found.append((max(y for y in lines if y < low) - HEAD) / (low - HEAD))
    return found


@EACH
def test_what_is_no_sheet_takes_few_pages_each_of_them_filled(name: str) -> None:
    parts, made = paper(name)
    place = {part.id: extents(made)[part.title] for part in parts}
    cover, first, night, desk = TAKEN[name]
    assert place["cover"][0] == 1 and place["way-back"][0] <= cover
    assert place["steps-n1"][-1] <= first
    assert place["help-desk"][0] - 1 <= night, "and the help-desk card begins a page"
    assert place["help-desk-back"][-1] + 1 - place["help-desk"][0] <= desk
    last = place["help-desk"][0] - 1
    assert all(full >= LEAST for at, full in enumerate(filled(made)) if at != last), filled(made)


@EACH
def test_a_card_that_is_held_alone_begins_a_page_and_what_is_looked_at_as_a_whole_is_never_torn(name: str) -> None:
    parts, made = paper(name)
    place, texts = extents(made), printed(made)
    for part in parts:
        assert len(place[part.title]) == 1 or not part.one_page, part.id
    for card in ("way-back", "help-desk", "cover"):
        (part,) = (part for part in parts if part.id == card)
        title, text = part.title.replace(" ", ""), texts[place[part.title][0]]
        assert not any(other.title.replace(" ", "") in text.split(title, 1)[0] for other in parts if other != part)


@EACH
def test_the_cover_names_each_crew_and_whom_to_phone_and_leaves_go_to_the_first_gate(name: str) -> None:
    plan = edition(name).plan
    (cover,) = (part for part in book(name).parts if part.id == "cover")
    rows = [row for block in cover.blocks if isinstance(block, Fields) for row in block.rows]
    labels = [[one.label for one in cell if isinstance(one, Blank)] for _, cell in rows if isinstance(cell, tuple)]
    needed = max(crews(plan.steps, night.number) for night in plan.nights)
    assert labels.count(["reads and types", "verifies"]) == needed
    assert any(each[:2] == ["help desk", "change manager"] for each in labels)
    assert sum("answered at" in label for each in labels for label in each) == len(plan.nights)
    assert not any(isinstance(block, Signatures) for block in cover.blocks)
    assert next(step for step in plan.steps if step.night == 1).decides, "the first gate is signed instead"
