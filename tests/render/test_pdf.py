"""The PDF: every page says what it is, nothing is split, and nothing comes from outside."""

import io
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from example_book import SERVERS, Seen, every_step, example
from hostile import squeezed
from pypdf import PdfReader

from runbook.pages.page_model import Figure, Part
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown
from runbook.render.pdf import to_pdf

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return to_pdf(example(), made_at=datetime(2026, 11, 20, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_all_three_renderings_have_every_step_with_its_title(pages: list[str]) -> None:
    outputs = (Seen(to_html(example())).text, to_markdown(example()), " ".join(pages))
    for output in outputs:
        for row in every_step(example()):
            said = squeezed(output).replace("**", "")
            assert squeezed(f"{row.number}{row.title}") in said or squeezed(f"{row.caution}{row.title}") in said


def test_every_page_says_which_change_plan_and_page_it_is_and_that_it_is_a_draft(pages: list[str]) -> None:
    for number, text in enumerate(pages, start=1):
        for words in (
            "acme-mail · CHG0031337 revision 1",
            "plan 3f2a9c1be07d4418",
            f"page {number} of {len(pages)}",
            "DRAFT WITHOUT FACTS",
        ):
            assert squeezed(words) in squeezed(text)


def outline(pdf: bytes) -> list[tuple[str, int]]:
    reader = PdfReader(io.BytesIO(pdf))
    tops = [entry for entry in reader.outline if not isinstance(entry, list)]
    return [(str(entry.title), reader.get_destination_page_number(entry) or 0) for entry in tops]


def test_the_outline_leads_to_every_part_and_every_server(pdf: bytes) -> None:
    titles = [title for title, _ in outline(pdf)]
    assert titles == [part.title for part in example().parts], "and so few pages need no list of them"


def test_every_page_of_a_sheet_names_its_server_and_no_other(pdf: bytes, pages: list[str]) -> None:
    starts = [*outline(pdf), ("end", len(pages))]
    for (title, first), (_, end) in pairwise(starts):
        if title.startswith("Sheet"):
            assert end - first >= 2
            for page in pages[first:end]:
                assert {server for server in SERVERS if server in page} == {title.split(": ")[1]}


def test_every_part_begins_on_a_new_page_and_a_one_page_part_ends_on_it(pdf: bytes, pages: list[str]) -> None:
    starts = dict(outline(pdf))
    assert len(set(starts.values())) == len(starts)
    following = {title: end for (title, _), (_, end) in pairwise(outline(pdf))}
    for part in example().parts:
        if part.one_page:
            assert following[part.title] - starts[part.title] == 1


def test_the_slip_alone_is_one_page_without_contents() -> None:
    slip = tuple(part for part in example().parts if part.id == "slip")
    assert len(PdfReader(io.BytesIO(to_pdf(replace(example(), parts=slip)))).pages) == 1


def test_no_step_is_split_over_two_pages(pages: list[str]) -> None:
    texts = [squeezed(page) for page in pages]
    for row in every_step(example()):
        mark = row.id.replace("/", "-").replace(".", "x") + "end"
        words = [squeezed(f"{row.number}{row.title}")]
        words += [f"textmark{mark}."] if "textmark" in row.text else []
        words += [f"expectmark{mark}", f"ifnotmark{mark}"] if row.expect else []
        assert len({place for word in words for place, text in enumerate(texts) if word in text}) == 1


def test_only_the_shipped_fonts_are_used_and_all_are_embedded(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    names = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].keys())
            names.add(str(descendant["/BaseFont"]).split("+")[1])
    assert names
    assert all("Plex" in name for name in names), names


def test_the_pdf_is_tagged_dated_and_ours(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b'part="1"' in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == example().title
    assert reader.metadata.creation_date == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert b"pmx-preflight plan 3f2a9c1be07d4418" in pdf[-4096:]


def test_a_pdf_checker_finds_no_fault(pdf: bytes, tmp_path: Path) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    (tmp_path / "book.pdf").write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", tmp_path / "book.pdf"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_date_of_a_pdf_is_the_source_date_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(example(), parts=example().parts[:1])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    dated = PdfReader(io.BytesIO(to_pdf(small))).metadata
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    undated = PdfReader(io.BytesIO(to_pdf(small))).metadata
    assert dated is not None and dated.creation_date == datetime.fromtimestamp(1790000000, UTC)
    assert undated is not None and undated.creation_date is None


def test_nothing_is_fetched_from_disk_or_network(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>secret</text></svg>')
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
            f'<image href="{place}" width="9" height="9"/><image href="{picture.as_uri()}" width="9" height="9"/></svg>'
        )
        part = Part("p", "Timeline", (Figure(svg, "alternative", "caption"),))
        text = PdfReader(io.BytesIO(to_pdf(replace(example(), parts=(part,))))).pages[0].extract_text()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "caption" in text
    assert "secret" not in text


def test_missing_native_libraries_are_named_with_their_packages(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("print('advice'); raise OSError('cannot load library libpango-1.0-0')")
    program = (
        "from example_book import example\nfrom runbook.render.pdf import to_pdf\n"
        "from checker.errors import InputError\ntry: to_pdf(example())\nexcept InputError as error: print(error)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT, ROOT / "tests")))}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith("the PDF needs native libraries")
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stdout
    assert done.stderr == ""


def test_the_paper_may_be_letter() -> None:
    small = replace(example(), parts=example().parts[:1])
    box = PdfReader(io.BytesIO(to_pdf(small, paper="letter"))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)
