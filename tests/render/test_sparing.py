"""What the printing library computes without need is left out, and no page shows it."""

import base64
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from example_book import example
from pypdf import PdfReader

from runbook.render.html import to_html
from runbook.render.pdf import prepare, printed

ROOT = Path(__file__).parents[2]
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


def test_a_process_keeps_what_one_volume_leaves_and_no_font_outlives_it(tmp_path: Path) -> None:
    font = ROOT / "templates" / "fonts" / "IBMPlexMono-Bold.woff2"
    address = "data:font/woff2;base64," + base64.b64encode(font.read_bytes()).decode()
    style = f"{STYLE} @font-face {{ font-family: own; src: url({address}) }} p {{ font-family: own }}"
    program = (
        "import gc, os, sys\nfrom test_sparing import pdf\nstyle, left = sys.stdin.read(), []\n"
        "for _ in range(3): pdf(style), left.append(gc.get_freeze_count())\n"
        "print(*left, len(os.listdir(os.environ['TMPDIR'])))"
    )
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "render")))
    environment = os.environ | {"PYTHONPATH": paths, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], input=style, capture_output=True, text=True, env=environment, check=True
    )
    one, two, three, folders = map(int, done.stdout.split())
    assert folders == 1, "the font's, as long as somebody may print with it"
    assert max(two, three) < 1.03 * one, "each volume takes the place of the one before"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kind", "names"), [("sheet", ["h2", "p"]), ("front", ["section"])])  # title and end
def test_no_row_of_a_printed_page_has_a_name_of_its_own(kind: str, names: list[str]) -> None:
    sections = re.split(r"<section data-document=", to_html(example(), for_print=True))[1:]
    found = [section for section in sections if ("part sheet" in section.split(">")[0]) == (kind == "sheet")]
    assert found
    for section in found:
        assert re.findall(r"<(\w+)[^>]* id=", "<section" + section) == names
