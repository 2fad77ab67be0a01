"""The site's own Markdown: what is no markup stays as typed, and every form of the page reads the same out of it."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

import pytest
import tinyhtml5  # type: ignore[import-untyped]
from hostile import WORDS, book, squeezed
from markdown_it import MarkdownIt

from runbook.pages.page_model import Part, SiteText
from runbook.render.escaping import cleaned
from runbook.render.markdown import site_text
from runbook.render.pdf import to_pdf
from runbook.render.site_markdown import DEEPEST, site_html, site_tree

LINES = (
    "", "a", "    b", "- c", "- - d", "    - e", "        - f", "1. g", "2. h", "7. i", "    1. j", "    3. k", "```",
)  # fmt: skip
PIECES = ("a", " ", "\n", "*", "**", "`", "\\", "_", "&lt;", "<b>", "(", ".", "1.", "-", "€")


SMALL = pytest.mark.parametrize("each", [7, pytest.param(1, marks=pytest.mark.large)], ids=["some", "all"])


def parsed(html: str) -> Any:
    return next(tinyhtml5.parse(f"<!doctype html><body>{html}", namespace_html_elements=False).iter("body"))


def in_html(text: str) -> Any:
    return parsed(site_html(text))


def in_markdown(text: str) -> Any:
    return parsed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(str(site_text(text))))


def shape(element: Any, within: str = "") -> str:
    """The elements and the words of one; whether the words of an item are a paragraph is no difference."""
    inner = escape(element.text or "")
    inner += "".join(shape(one, element.tag) + escape(one.tail or "") for one in element)
    start = element.get("start", "1") if element.tag == "ol" else ""
    return inner if (element.tag, within) == ("p", "li") else f"<{element.tag}{start}>{inner}</{element.tag}>"


def small_worlds(each: int) -> Iterator[str]:
    """Every line and piece, and every two; of three one in `each`, which divides neither count."""
    for count in (1, 2, 3):
        step = each if count == 3 else 1
        yield from map("\n".join, itertools.islice(itertools.product(LINES, repeat=count), 0, None, step))
        yield from map("".join, itertools.islice(itertools.product(PIECES, repeat=count), 0, None, step))
    for inner in itertools.product(PIECES, repeat=2):
        yield from (f"x {mark}{''.join(inner)}{mark} y" for mark in ("*", "**", "`", "``"))


@SMALL
def test_html_and_markdown_have_the_same_elements_and_words(each: int) -> None:
    for text in small_worlds(each):
        assert squeezed(shape(in_html(text))) == squeezed(shape(in_markdown(text))), text


@SMALL
def test_nothing_vanishes_but_marks_of_lists_code_and_emphasis(each: int) -> None:
    for text in small_worlds(each):
        kept = r"[\w\\&<>|~€:/()]"
        said = re.sub(r"(?m)^(?:`{3,})$", "", shown(in_html(text)))
        assert re.findall(kept, said) == re.findall(kept, text), text


@SMALL
def test_lists_hold_items_alone_and_are_never_too_deep(each: int) -> None:
    for text in small_worlds(each):
        for found, depth in lists(site_tree(text)):
            assert depth <= DEEPEST, text
            assert {item.tag for item in found} == {"li"}, text
            assert "".join([found.text or "", *(item.tail or "" for item in found)]).strip() == "", text


def lists(element: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    deeper = depth + (element.tag in ("ol", "ul"))
    if deeper > depth:
        yield element, deeper
    for one in element:
        yield from lists(one, deeper)


def test_a_deep_list_is_no_deeper_than_a_printer_can_lay_out() -> None:
    deep = "\n".join(" " * 4 * depth + f"- x{depth}" for depth in range(40))
    for text in (deep, deep.replace("\n", "\n\n"), re.sub(r"- x\d+", "1. x", deep)):
        assert max(depth for _, depth in lists(in_html(text))) == DEEPEST
        assert len(re.findall("x", shown(in_html(text)))) == 40
    for many in ("- " * 2000 + "x", "1. " * 2000 + "x", "> " * 2000 + "x", "**" * 2000 + "x", "`a` " * 2000):
        assert max((depth for _, depth in lists(in_html(many))), default=0) <= 1
        assert squeezed(shape(in_html(many))) == squeezed(shape(in_markdown(many)))


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS.keys())
def test_hostile_words_are_said_in_both_forms_and_lose_nothing(text: str) -> None:
    """What may vanish is what makes a list, a code, a strong or an emphasised word."""
    text = cleaned(text)
    said, other = (re.sub(r"[\s*`~+-]", "", shown(made(text))) for made in (in_html, in_markdown))
    assert said == other
    assert re.findall(r"[\\&<>_|#\d]", said) == re.findall(r"[\\&<>_|#\d]", text)


@pytest.mark.parametrize(
    "text",
    [
        "find -exec rm {} \\;", "&lt; &amp; &#60;", "__x__ _y_", "> x", "# command", "<host>", "2**3", "/**/", "*.log",
        "rm *.log *.txt", "a*b*c", "*now*.log", "**/etc/**/x", "***a***", "[a](http://e.example)", "![a](b)", "[a]: b",
        "<http://e.example>", "a@e.example", "x\n===", "x\n---", "***", "C:\\*\\`x", "&&", "~~x~~", "007. x", "1) x",
        "4294967296000. x", "\\*a\\*", "1.x", "-x", "    code", "``` x", "01. x", "9" * 5000 + ". x",
        "``a`", "`a``", "`a\nb`", "wzxhzdk:0", "klzzwxh:0000",
    ],
)  # fmt: skip
def test_what_is_no_markup_stays_as_typed(text: str) -> None:
    for made in (in_html(text), in_markdown(text)):
        assert {one.tag for one in made.iter()} <= {"body", "p", "br"}
        assert squeezed("".join(made.itertext())) == squeezed(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("run *now*.", "<p>run <em>now</em>.</p>"),
        ("(**stop & wait**)", "<p>(<strong>stop &amp; wait</strong>)</p>"),
        ("**call `x&lt;` first**, then", "<p><strong>call <code>x&amp;lt;</code> first</strong>, then</p>"),
        ("`a\\` b", "<p><code>a\\</code> b</p>"),
        ("`` `x` ``", "<p><code>`x`</code></p>"),
        ("a\\\\`b`", "<p>a\\\\<code>b</code></p>"),
        ("```` sh\n```\n&amp; *x*\n````", "<pre><code>```\n&amp;amp; *x*\n</code></pre>"),
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("1. Stop\n2. Go", "<ol>\n<li>Stop</li>\n<li>Go</li>\n</ol>"),
        ("1. Stop\n\n2. Go", "<ol>\n<li>\n<p>Stop</p>\n</li>\n<li>\n<p>Go</p>\n</li>\n</ol>"),
        ("4. Stop\n5. Go", "<p>4. Stop<br>\n5. Go</p>"),
        ("1. a\n3. b", "<ol>\n<li>a<br>\n3. b</li>\n</ol>"),
        ("1. a\n\n3. b\n\n1. c", "<ol>\n<li>a</li>\n</ol>\n<p>3. b</p>\n<ol>\n<li>c</li>\n</ol>"),
        ("- - a", "<ul>\n<li>- a</li>\n</ul>"),
    ],
)  # fmt: skip
def test_markup_reads_so(text: str, html: str) -> None:
    assert site_html(text) == html
    assert squeezed(shape(in_html(text))) == squeezed(shape(in_markdown(text)))


def test_numbers_of_the_sites_own_lines_are_never_counted_anew() -> None:
    for numbers in itertools.product((0, 1, 2, 3, 10), repeat=3):
        for between in ("\n", "\n\n", "\n\nwords\n\n", "\n    - a\n", "\n```\nx\n```\n"):
            text = between.join(f"{number}. line" for number in numbers)
            for made in (in_html(text), in_markdown(text)):
                assert [int(n) for n in re.findall(r"(\d+)\.line", squeezed(shown(made)))] == list(numbers), text


def test_numbers_are_printed_as_they_were_typed() -> None:
    text = "1. Call\n2. Wait\n    1. Here\n    5. There\n\n3. Ask\n\nThen\n\n4. Stop\n5. Go"
    made = to_pdf(replace(book(), parts=(Part("p", "Night", (SiteText(text),)),)))
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True)
    printed = squeezed(done.stdout.decode())
    assert "1.Call2.Wait1.Here5.There3.AskThen4.Stop5.Go" in printed


def shown(element: Any, number: int | None = None) -> str:
    """The text of an element with the numbers that a browser would put before its items."""
    first = int(element.get("start", 1)) if element.tag == "ol" else None
    inner = [shown(one, None if first is None else first + at) + (one.tail or "") for at, one in enumerate(element)]
    return (f"{number}." if number is not None else "") + (element.text or "") + "".join(inner)
