"""The three renderings of one set of pages: the same words everywhere, nothing alive in them, readable on paper."""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hostile import WORDS, everywhere, squeezed
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from checker.errors import InputError
from runbook.pages.page_model import (  # fmt: skip
    Blank,
    Box,
    Bullets,
    Caution,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Part,
    Runbook,
    Signatures,
    SiteText,
    StepRow,
    Steps,
    Table,
)
from runbook.render.escaping import cleaned
from runbook.render.html import COMMAND_WIDTH, command_chunks, to_html
from runbook.render.markdown import line, to_markdown
from runbook.render.pdf import to_pdf
from runbook.render.site_markdown import site_html

ROOT = Path(__file__).parents[2]
SERVERS = ("pmx-db1", "pmx-mx1", "pmx-mx2")

LONG_COMMAND = "/opt/pmx6/bin/pmx-some-long-command --with-an-option=/var/opt/pmx6/quarantine " * 3 + "--last"


def step(server: str, number: str, **changes: Any) -> StepRow:
    """A step with everything that a step can have; its words carry its number and server."""
    mark = f"{server}-{number}end".replace(".", "x")
    row = StepRow(
        id=f"{server}/{number}",
        number=number,
        kind="stop",
        title=f"Stop the milter on {server}, as step {number} says",
        text=f"Stop it and wait until its queue is empty; textmark {mark}.",
        site_text="Log in as **root**, then:\n\n1. become `pmx`\n2. type <host> as shown",
        command=f"/etc/init.d/pmx stop {mark}",
        blank=None,
        expect=f"no process named pmx; expectmark {mark}",
        measured="12 processes",
        if_not=f"wait 5 minutes, then go to the way back; ifnotmark {mark}",
        repeatable="unknown",
        minutes="5 (3 to 10) min",
        starts="22:10",
        basis="vendor",
        demands=("V12", "V13"),
        options=(),
        caution=None,
    )
    return replace(row, **changes)


def sheet(server: str, place: int) -> Part:
    """A server's sheet: guard, fields, four blocks of steps, a gate, signatures."""
    before = tuple(step(server, f"{place}.{n}", measured=None, starts=None) for n in range(1, 4))
    stop = (
        step(server, f"{place}.4", caution="Mail waits in the queues of the senders from here on."),
        step(server, f"{place}.5", command=None, blank="command from your licensed copy", repeatable="no"),
        step(server, f"{place}.6", command=LONG_COMMAND, text="A long one. " * 40),
        step(server, f"{place}.7", expect=None, if_not=None, measured=None, site_text=None, text=""),
    )
    upgrade = (
        step(server, f"{place}.9", options=("Database & Quarantine", "Logs", "Reports")),
        step(server, f"{place}.10", command="first --line\nsecond --line\n\nfourth `with` ``ticks``"),
    )
    return Part(
        id=f"sheet-{server}",
        kind="sheet",
        title=f"Sheet {place}: {server}",
        server=server,
        sheet=f"sheet {place} of 3",
        blocks=(
            Caution("STOP", f"unless the prompt shows {server}."),
            Fields(
                (
                    ("Host name seen", Blank("", 24)),
                    ("Roles", "Mail Filter"),
                    ("Sheet before", (Box("signed"), Blank("time", 6))),
                )
            ),
            Steps("A", "Before", "15 min", before),
            Steps("B", "Stop and back up", "40 min", stop),
            Gate(
                f"{server}/gate",
                f"{place}.8",
                "Backup is complete",
                (("Files in the backup", "48,211"), ("Free space on /var is at least 5 GiB", "11.2 GiB")),
                "change manager",
                "start the product again and go to the way back card",
                "5 min",
                "ours",
                ("V3",),
            ),
            Steps("C", "Upgrade and migrate", "60 min", upgrade),
            Signatures(("Done by", "Checked by")),
        ),
    )


def example(stamp: str | None = "DRAFT WITHOUT FACTS") -> Runbook:
    """A set with every kind of part and every kind of block."""
    decision = Part(
        "decision",
        "decision",
        "Decision",
        (
            Paragraph("Upgrade the mail filters of acme-mail in one night.", "lead"),
            Fields((("Verdict", "NOT-CLEARED: 2 blockers unknown, 3 warnings"), ("Rehearsal", Blank("by", 20)))),
            Table(
                "Three exits",
                ("Exit", "Last moment", "Why"),
                (("go", "22:30", "minutes of the vendor"), ("hold", "01:15", "ours"), ("back", "unknown", "no time")),
            ),
            Bullets(("Mail for example.net waits", "The quarantine cannot be read")),
            Bullets(("first", "second"), ordered=True),
            Signatures(("Change manager", "Service owner")),
        ),
        one_page=True,
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 60"><rect x="10" y="10" width="200" height="20"/>'
        '<text x="10" y="50" font-family="IBM Plex Sans" font-size="10">22:00</text></svg>'
    )
    timeline = Part(
        "timeline",
        "timeline",
        "Interruption timeline",
        (
            Figure(svg, "Inbound mail waits from 22:10 to 01:00", "Who misses what"),
            Table("Interruptions", ("Service", "From", "Until"), (("inbound mail", "22:10", "01:00"),)),
        ),
    )
    boxes = tuple((server, *(((Box(), Blank("", 4)),) * 4)) for server in SERVERS)
    board = Part(
        "board",
        "board",
        "Coordinator's board",
        (Table("Where each server is", ("Server", "Out", "Stopped", "Upgraded", "Back"), boxes, kind="board"),),
        one_page=True,
    )
    others = (
        Part("blockers", "blockers", "Blockers", (Table("What failed", ("Host", "Observed"), ()),)),
        Part("slip", "slip", "Go / no-go slip", (Paragraph("Staple this to the set."),), one_page=True),
        Part("order", "order", "Order and why", (Heading("Phase 1", "phase-1"), Paragraph("The database first."))),
        Part("gates", "gates", "Gates", (Caution("NOTE", "Every gate needs a second person."),)),
        Part("exits", "exits", "Hold and back", (Caution("CAUTION", "The vendor documents no way back."),)),
        Part("comms", "communications", "Communications", (SiteText("Dear all,\n\n**mail waits** tonight."),)),
        Part("night", "night", "The night", (Paragraph("Read the steps aloud.", "note"),)),
        Part("appendix", "appendix", "Appendix", (Table("Facts", ("Fact", "Value"), (("kernel", "a\nb"),) * 90),)),
    )
    sheets = tuple(sheet(server, place) for place, server in enumerate(SERVERS, start=1))
    return Runbook(
        title="Upgrade acme-mail to PureMessage 6",
        deployment="acme-mail",
        verdict="NOT-CLEARED",
        stamp=stamp,
        change="CHG0031337",
        revision="1",
        plan_digest="3f2a9c1be07d4418",
        facts_id="none",
        made="2026-11-20 10:00 Europe/Berlin",
        tool="pmx-preflight 0.1.0",
        language="en",
        parts=(decision, timeline, board, *others[:-1], *sheets, others[-1]),
    )


class Seen(HTMLParser):
    """The elements with the names of their attributes, the text, and where links and images point."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.targets: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.targets += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_an_escaped_line_reads_as_it_was_written(text: str) -> None:
    text = cleaned(text)
    words = " ".join(text.split())
    shown = Seen(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(line(text)))
    assert [tag for tag, _ in shown.elements] == (["p"] if words else [])
    assert shown.text.strip("\n") == words


def test_site_text_keeps_its_lists_and_shows_placeholders_and_root_prompts_as_typed() -> None:
    text = site_html("1. log in to <host>\n2. run:\n\n# pmx-stop *now*\n\nsee [manual](http://example.net/m)")
    assert "<li>log in to &lt;host&gt;</li>" in text
    assert "# pmx-stop <em>now</em>" in text
    assert "[manual](http://example.net/m)" in text


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "[a](javascript:x)",
        "![a](http://e.example/x)",
        "<a href='http://e.example'>x</a>",
        "[a]: http://e.example\n[a]",
        "`<script>`",
        "```\n<script>\n[a](http://e.example)\n```",
        "- <img src=x>\n\n      <img src=x>",
        "**<b>x</b>**",
        "``` js\n~~~\n<script>",
    ],
)
def test_site_text_brings_no_element_but_plain_ones(text: str) -> None:
    plain = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "br"}
    in_html = Seen(site_html(text))
    book = replace(example(None), parts=(Part("p", "night", "Night", (SiteText(text),)),))
    in_markdown = Seen(MarkdownIt("commonmark").render(to_markdown(book)))
    assert set(in_html.elements) <= {(tag, ()) for tag in plain}
    assert {tag for tag, _ in in_markdown.elements} <= plain | {"h1", "h2", "hr"}


def test_a_wrapped_command_is_marked_and_is_still_the_same_command() -> None:
    chunks = list(command_chunks(LONG_COMMAND))
    assert "".join(chunks) == LONG_COMMAND
    assert max(map(len, chunks)) <= COMMAND_WIDTH
    seen = to_html(example())
    assert seen.count('class="goes-on') == len(SERVERS) * (len(chunks) - 1)
    assert LONG_COMMAND in Seen(seen).text


def test_a_command_with_backticks_stays_whole_in_the_markdown() -> None:
    tokens = MarkdownIt("commonmark").parse(to_markdown(example()))
    fences = [token.content for token in tokens if token.type == "fence"]
    assert "first --line\nsecond --line\n\nfourth `with` ``ticks``\n" in fences
    assert LONG_COMMAND + "\n" in fences


def test_every_step_is_a_box_to_tick_in_the_markdown() -> None:
    ticked = re.findall(r"^- \[ \] \*\*(\d+\.\d+)\*\* (.*?) \(", to_markdown(example()), re.MULTILINE)
    assert ticked == [(row.number, row.title) for row in every_step(example())]


def every_step(book: Runbook) -> Iterator[StepRow]:
    for part in book.parts:
        for block in part.blocks:
            if isinstance(block, Steps):
                yield from block.steps


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
            assert squeezed(f"{row.number}{row.title}") in squeezed(output).replace("**", "")


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
    assert [title for title in titles if title != "Contents"] == [part.title for part in example().parts]
    assert titles[1] == "Contents"


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
    slip = tuple(part for part in example().parts if part.kind == "slip")
    assert len(PdfReader(io.BytesIO(to_pdf(replace(example(), parts=slip)))).pages) == 1


def test_no_step_is_split_over_two_pages(pages: list[str]) -> None:
    texts = [squeezed(page) for page in pages]
    for row in every_step(example()):
        mark = row.id.replace("/", "-").replace(".", "x") + "end"
        words = [squeezed(f"{row.number}{row.title}")]
        words += [f"textmark{mark}."] if "textmark" in row.text else []
        words += [f"expectmark{mark}", f"ifnotmark{mark}"] if row.expect else []
        assert len({place for word in words for place, text in enumerate(texts) if word in text}) == 1
    for text in texts:
        assert text.count("Initials") == text.count("Stopthemilteron")


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


def test_the_other_renderings_are_recognised_as_ours_too() -> None:
    for text in (to_html(example()), to_markdown(example())):
        assert "pmx-preflight plan 3f2a9c1be07d4418" in text[:4096]


def test_a_pdf_checker_finds_no_fault(pdf: bytes, tmp_path: Path) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    (tmp_path / "book.pdf").write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", tmp_path / "book.pdf"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


EVERYTHING = """
import hashlib, runpy, sys
from dataclasses import replace
book = runpy.run_path(sys.argv[1])["example"]()
kinds = {part.kind: part for part in book.parts if part.kind in ("decision", "timeline", "sheet", "appendix")}
book = replace(book, parts=tuple(kinds.values()))
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown
from runbook.render.pdf import to_pdf
for data in (to_html(book).encode(), to_markdown(book).encode(), to_pdf(book)):
    print(hashlib.sha256(data).hexdigest())
"""


def test_the_same_book_gives_the_same_bytes_and_says_nothing_on_the_way() -> None:
    seen = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1790000000", "TZ": f"UTC-{seed}"}
        environment["PYTHONPATH"] = str(ROOT / "tests")
        done = subprocess.run(
            [sys.executable, "-c", EVERYTHING, __file__], capture_output=True, text=True, env=environment, cwd=ROOT
        )
        assert (done.returncode, done.stderr) == (0, "")
        seen.add(done.stdout)
    assert len(seen) == 1
    assert len(seen.pop().split()) == 3


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
        part = Part("p", "timeline", "Timeline", (Figure(svg, "alternative", "caption"),))
        text = PdfReader(io.BytesIO(to_pdf(replace(example(), parts=(part,))))).pages[0].extract_text()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "caption" in text
    assert "secret" not in text


def test_missing_native_libraries_are_named_with_their_packages(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("print('advice'); raise OSError('cannot load library libpango-1.0-0')")
    program = (
        "import runpy, sys\nfrom runbook.render.pdf import to_pdf\nfrom checker.errors import InputError\n"
        "try: to_pdf(runpy.run_path(sys.argv[1])['example']())\nexcept InputError as error: print(error)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT, ROOT / "tests")))}
    done = subprocess.run([sys.executable, "-c", program, __file__], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith("the PDF needs native libraries")
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stdout
    assert done.stderr == ""


def test_the_paper_may_be_letter() -> None:
    small = replace(example(), parts=example().parts[:1])
    box = PdfReader(io.BytesIO(to_pdf(small, paper="letter"))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)


def test_a_site_may_replace_a_template_and_hears_where_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "style").mkdir()
    (tmp_path / "style" / "screen.css").write_text("h1 { content: 'of the site' }")
    assert "of the site" in to_html(example(), templates=tmp_path)
    (tmp_path / "markdown").mkdir()
    (tmp_path / "markdown" / "runbook.md").write_text("line one\n{% if %}")
    with pytest.raises(InputError, match=r"markdown/runbook\.md:2: "):
        to_markdown(example(), templates=tmp_path)


def test_a_browser_prints_the_html_in_its_own_fonts_with_the_change_on_every_page(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed")
    page = tmp_path / "book.html"
    page.write_text(to_html(everywhere(example(), WORDS["script"])))
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={tmp_path / 'book.pdf'}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    reader = PdfReader(tmp_path / "book.pdf")
    assert reader.metadata is not None
    assert reader.metadata.title == WORDS["script"]
    for sheet_page in reader.pages:
        assert "owned=49*7001" in squeezed(sheet_page.extract_text())
    fonts = {str(font.get_object()["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("Plex" in font for font in fonts)
