"""What the printing library computes without need is left out, and no page shows it."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from example_book import example
from pypdf import PdfReader

from runbook.render.html import to_html
from runbook.render.pdf import prepare, printed

PAGE = (
    '<!doctype html><html lang="en"><head><title>All kinds</title></head><body><h2>Lists</h2>'
    "<ul><li>one<ol><li>first</li><li>second</li></ol></li><li>two</li></ul>"
    '<p>a<br>b <q>said</q> <span class="apart">aside</span></p><table><tr><th>x</th><td>1</td></tr></table>'
    '<p><input type="checkbox" name="t"> <input type="text" name="v"></p></body></html>'
)
STYLE = (
    "@page { size: A5 } ol { list-style-type: lower-alpha; text-transform: uppercase } .apart::after { content: '*' }"
)


def pdf(style: str) -> bytes:
    return printed(PAGE, style, "mark", None, archive=False, attached=())


def test_a_style_that_asks_for_all_of_the_librarys_rules_gives_the_same_bytes() -> None:
    assert pdf(STYLE) == pdf(STYLE + "/* footnote */")


def test_a_sites_own_footnote_is_printed() -> None:
    said = PdfReader(io.BytesIO(pdf(".apart { float: footnote }"))).pages[0].extract_text()
    assert said.rstrip().endswith("aside"), "at the foot, behind the fields"


def test_what_is_packed_page_by_page_is_what_the_library_writes(tmp_path: Path) -> None:
    prepare()
    from weasyprint import CSS, HTML  # type: ignore[import-untyped]

    plain = HTML(string=PAGE).write_pdf(stylesheets=[CSS(string=STYLE)], pdf_variant="pdf/ua-1", pdf_forms=True)
    assert unpacked(pdf(STYLE), tmp_path) == unpacked(plain, tmp_path)


def unpacked(content: bytes, folder: Path) -> list[bytes]:
    """All objects of a PDF as text, but for its identifier."""
    path = folder / "one.pdf"
    path.write_bytes(content)
    done = subprocess.run(["qpdf", "--qdf", "--static-id", path, "-"], check=True, capture_output=True)
    return [line for line in done.stdout.splitlines() if b"/ID [" not in line]


@pytest.mark.parametrize(("kind", "names"), [("sheet", ["h2", "p"]), ("front", ["section"])])  # title and end
def test_no_row_of_a_printed_page_has_a_name_of_its_own(kind: str, names: list[str]) -> None:
    sections = re.split(r"<section data-document=", to_html(example(), for_print=True))[1:]
    found = [section for section in sections if ("part sheet" in section.split(">")[0]) == (kind == "sheet")]
    assert found
    for section in found:
        assert re.findall(r"<(\w+)[^>]* id=", "<section" + section) == names
