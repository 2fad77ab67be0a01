"""The three renderings of one set of pages: the same words everywhere, nothing alive in them, readable on paper."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from example_book import LONG_COMMAND, SERVERS, Seen, every_step, example
from hostile import WORDS, everywhere, squeezed
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from checker.errors import InputError
from runbook.pages.page_model import Part, SiteText
from runbook.render.escaping import cleaned
from runbook.render.html import COMMAND_WIDTH, command_chunks, to_html
from runbook.render.markdown import line, to_markdown
from runbook.render.site_markdown import site_html

ROOT = Path(__file__).parents[2]


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
    book = replace(example(None), parts=(Part("p", "Night", (SiteText(text),)),))
    in_markdown = Seen(MarkdownIt("commonmark").render(to_markdown(book)))
    assert set(in_html.elements) <= {(tag, ()) for tag in plain}
    assert {tag for tag, _ in in_markdown.elements} <= plain | {"h1", "h2", "hr"}


def test_a_wrapped_command_is_marked_and_is_still_the_same_command() -> None:
    chunks = list(command_chunks(LONG_COMMAND, COMMAND_WIDTH))
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
    ticked = re.findall(r"^- \[ \] [VDMSO] \*\*(\d+\.\d+)\*\* \*\*(.*?)\*\*$", to_markdown(example()), re.MULTILINE)
    assert ticked == [(row.number, row.title) for row in every_step(example())]


def test_the_other_renderings_are_recognised_as_ours_too() -> None:
    for text in (to_html(example()), to_markdown(example())):
        assert "pmx-preflight plan 3f2a9c1be07d4418" in text[:4096]


EVERYTHING = """
import hashlib
from dataclasses import replace
from example_book import example
book = example()
kinds = {part.kind + part.document: part for part in book.parts}
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
            [sys.executable, "-c", EVERYTHING], capture_output=True, text=True, env=environment, cwd=ROOT
        )
        assert (done.returncode, done.stderr) == (0, "")
        seen.add(done.stdout)
    assert len(seen) == 1
    assert len(seen.pop().split()) == 3


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
