"""Sheets on Letter, which is shorter than A4 by 18 mm: three pages at most, with every line to write on."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from printed_samples import book, edition
from reading_back import read
from test_read_back import fields_can_be_used

from runbook.render.pdf import to_pdf

LETTER = (612, 792)  # points
EDGE = 18  # points, a quarter of an inch, in which a printer may not print
MOST = 3


@pytest.mark.large
@pytest.mark.parametrize("name", ["harbour-mail", "county-mail"])
def test_a_sheet_on_letter_has_three_pages_at_most_and_every_line_to_write_on_is_on_them(
    name: str, tmp_path: Path
) -> None:
    whole, path = book(name), tmp_path / "sheet.pdf"
    sheets = [part for part in whole.parts if part.kind == "sheet"]
    assert {part.server for part in sheets} == set(edition(name).plan.order)
    for part in sheets:
        path.write_bytes(to_pdf(replace(whole, parts=(part,)), paper="letter"))
        file = read(path)
        assert {(round(page.right), round(page.bottom)) for page in file.sizes} == {LETTER}
        assert len(file.sizes) <= MOST, part.server
        fields_can_be_used(file)
        for field in file.fields:
            assert field.area.left >= EDGE and field.area.right <= LETTER[0] - EDGE, field
            assert field.area.top >= EDGE and field.area.bottom <= LETTER[1] - EDGE, field
        steps = {step.id for step in edition(name).plan.of(part.server or "") if not step.decides}
        ticked = {name.removesuffix("/box") for name in (field.name for field in file.fields) if name.endswith("/box")}
        assert ticked == steps and all(re.search(r"\S", field.label) for field in file.fields)
