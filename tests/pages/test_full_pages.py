"""How large the type is and how full the pages are, as they come out of the printer."""

import re
import subprocess
from dataclasses import replace
from functools import cache

import pytest
from printed_samples import PRINTED, book, extents, pdf

from runbook.pages import page_model
from runbook.pages.page_model import Document
from runbook.render.pdf import to_pdf

TOP, FOOT = 11.5, 8.0  # mm of a page's margins, in which its head and foot stand
MM = 72 / 25.4  # points
ROOM, EMPTY = 0.92, 0.4  # shares of a page's height
PAGES = {"harbour-mail": 10, "county-mail": 17, "university-mail": 36}
COUNTED = pytest.mark.parametrize(
    "name", [name if name == "harbour-mail" else pytest.param(name, marks=pytest.mark.large) for name in PAGES]
)
# The first mail server has a gate and a hand-over below it, which take a third page.
LONGER = {"mx1", "mta1"}
FULL = {"mta1", "mta4"}


@cache
def carried(name: str) -> bytes:
    """The documents that are carried that night; of the shortest sample the set that other tests print."""
    if name == "harbour-mail":
        return pdf(name)[0]
    parts = tuple(part for part in book(name).parts if part.document in page_model.PRINTED)
    return to_pdf(replace(book(name), parts=parts))


def read(made: bytes, *command: str) -> str:
    return subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()


@cache
def filled(name: str) -> list[float]:
    """The share of each page's height, between head and foot, above the end of its last line."""
    found = []
    for page in read(carried(name), "pdftotext", "-bbox", "-", "-").split("<page ")[1:]:
        (height,) = map(float, re.findall(r'\bheight="([\d.]+)"', page))
        ends = map(float, re.findall(r'yMax="([\d.]+)"', page))
        last = max(end for end in ends if TOP * MM < end < height - FOOT * MM)
        found.append((last - TOP * MM) / (height - (TOP + FOOT) * MM))
    return found


def documents(name: str) -> dict[Document, int]:
    """The number of pages up to the last one of each document that is carried."""
    place = extents(carried(name))
    return {part.document: place[part.title].stop for part in book(name).parts if part.document in page_model.PRINTED}


def sheets(name: str) -> dict[str, range]:
    """The pages of each server's sheet, with a hand-over below it."""
    place = extents(carried(name))
    return {part.server or "": place[part.title] for part in book(name).parts if part.kind == "sheet"}


@PRINTED
def test_nothing_that_is_carried_is_printed_smaller_than_nine_points(name: str) -> None:
    last = max(documents(name).values())
    told = read(carried(name), "pdftohtml", "-xml", "-i", "-stdout", "-zoom", "3", "-l", str(last), "-", "-")
    sizes = {int(size) / 3 for size in re.findall(r'<fontspec [^>]*size="(\d+)"', told)}
    assert min(sizes) >= 9
    assert {9, 10, 11, 14, 20} <= {round(size) for size in sizes}, "foot, text, act, number, name of the server"


@COUNTED
def test_a_sheet_has_two_pages_and_room_on_the_second(name: str) -> None:
    for server, pages in sheets(name).items():
        assert len(pages) <= (3 if server in LONGER else 2), server
        assert filled(name)[pages[-1]] <= (1 if server in FULL else ROOM), server


@COUNTED
def test_no_page_but_the_last_of_a_sheet_or_a_document_is_mostly_empty(name: str) -> None:
    lasts = {pages[-1] for pages in sheets(name).values()} | {stop - 1 for stop in documents(name).values()}
    lasts |= {pages[-1] + 1 for server, pages in sheets(name).items() if server in LONGER}
    until = max(documents(name).values())
    empty = [number for number, share in enumerate(filled(name)[:until]) if share < EMPTY]
    assert not set(empty) - lasts


@COUNTED
def test_what_is_carried_has_few_pages(name: str) -> None:
    assert max(documents(name).values()) <= PAGES[name]
