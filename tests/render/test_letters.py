"""Names in Latin, Greek or Cyrillic letters are printed with our own fonts; of others it is told that they may not."""

import logging
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import woff2  # type: ignore[import-untyped]
from test_volumes import book

from checker.inputs.deployment import Deployment
from runbook.render.html import fonts
from runbook.render.missing_letters import missing, warning
from runbook.render.pdf import prepare, to_pdf

LETTERS = "Łódź, Škoda, İstanbul, Đặng Thị Ánh, Ștefan, ǅ, Ελληνικά, Ἀθῆναι, Київ, Қазақ, ғ, ѣ, Ꙗ, ₴, €"


def contact(deploy: Callable[..., Deployment], *names: str) -> Deployment:
    window = {"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}
    contacts = [{"role": "coordinator", "name": name} for name in names]
    change = {"number": "CHG1", "timezone": "Europe/Berlin", "windows": [window], "contacts": contacts}
    return deploy("database", change=change)


@pytest.mark.parametrize(
    ("first", "last"), [(0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1FFF)],
    ids=["Latin", "Greek", "Cyrillic", "further Latin and Greek"],
)  # fmt: skip
def test_every_letter_of_latin_greek_and_cyrillic_is_in_our_fonts(first: int, last: int) -> None:
    letters = (chr(number) for number in range(first, last + 1))
    assert (
        missing("".join(char for char in letters if unicodedata.category(char)[0] == "L" and not _coptic(char))) == ""
    )


def _coptic(char: str) -> bool:
    return "COPTIC" in unicodedata.name(char)


def test_a_name_that_cannot_be_printed_is_told_with_its_place(deploy: Callable[..., Deployment]) -> None:
    assert warning(contact(deploy, "A. Example", LETTERS)) == ""
    said = warning(contact(deploy, "A. Example", "山田 太郎 🚨", "محمد")).splitlines()
    assert said[0] == "the PDF may show boxes, because its fonts lack letters of:"
    assert said[1] == "  change.contacts[1].name: '山田 太郎 🚨' (without 山田太郎🚨)"
    assert said[2].startswith("  change.contacts[2].name: ")
    assert len(said) == 4


def test_many_names_are_told_in_few_lines(deploy: Callable[..., Deployment]) -> None:
    assert "  and 2 more" in warning(contact(deploy, *(["山田"] * 12))).splitlines()


def test_what_only_joins_or_chooses_a_form_is_no_letter() -> None:
    assert missing("A\u200dB\u00a0C\ufe0f") == ""


def test_a_site_s_own_font_counts(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "NotoSans-Fallback.woff2").write_text("no font")
    assert missing("Ἀ", tmp_path) == "Ἀ"


def test_the_pdf_has_these_letters_from_our_own_fonts_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(to_pdf(replace(book(1), title=LETTERS, parts=book(1).parts[:1])))
    rows = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert {row.split()[0].partition("+")[2].split("-")[0] for row in rows} <= {
        "IBM", "IBMPlexSans", "IBMPlexMono", "Noto", "NotoSans", "Further",
    }, rows  # fmt: skip
    assert capsys.readouterr().err == "", "the printer warned of nothing"


def test_what_the_printer_warns_of_is_heard_once(capsys: pytest.CaptureFixture[str]) -> None:
    prepare()
    for _ in range(2):
        logging.getLogger("weasyprint").warning("a font %r\x1b[2J", "of nobody's")
    assert capsys.readouterr().err in ("", 'printing: a font "of nobody\'s"\\x1b[2J\n')


def test_no_font_has_outlines_that_take_every_printing_process_half_a_second_to_unpack() -> None:
    shipped = fonts(None)
    assert len(shipped) == 5
    for path in shipped:
        with path.open("rb") as font:
            assert not woff2.WOFF2Reader(font).tables["glyf"].transformed, path.name
