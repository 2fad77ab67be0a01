"""The page model as Markdown: reads well as text, and is a checklist where GitHub or GitLab renders it."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

from markupsafe import Markup

from runbook.pages.page_model import Blank, Box, Cell, Runbook
from runbook.render.escaping import cleaned, environment, mark, render
from runbook.render.site_markdown import site_tree

# A backslash only before what every reader of Markdown unescapes; for the rest the entity is the one form on
# which GitHub, GitLab and simple readers agree.
ENTITIES = {"<": "&lt;", "&": "&amp;", "~": "&#126;", "=": "&#61;", ":": "&#58;", ".": "&#46;", "|": "&#124;"}
SPECIAL = re.compile(
    r"""
      (?<=\S[ ])_{4,}(?=[\s.,;:?!)]|$)   # a line to write on stays one
    | [\\`*\[\]<~|]
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])   # inside a word it means nothing, and names are full of it
    | &(?=\#?\w)
    | :(?=//) | (?<=www)\.                   # bare addresses become links
    """,
    re.VERBOSE | re.IGNORECASE,
)
BLOCKS = ("p", "pre", "ul", "ol")
INDENT = 4  # of what stands in a list: enough below "1." and not yet code below "-"
SPECIAL_START = re.compile(r"^\s*(?:[#>+=-]|(?P<number>\d+)(?=[.)](?:\s|$)))")


def to_markdown(book: Runbook, *, templates: Path | None = None) -> str:
    """Return the whole set as Markdown; figures are left out, their tables carry the same data.

    A site's own `templates` go before the shipped ones; InputError says where one of them is wrong.
    """
    book = cleaned(book)
    markdown = environment(templates, escape=line, lines=lines, cell=cell, fenced=fenced, site_text=site_text)
    return render(markdown, "markdown/runbook.md", book=book, mark=Markup(mark(book)))


def line(text: str) -> Markup:
    """Return the text as one line that means nothing but itself in Markdown."""
    return Markup(_start(_inline(" ".join(text.split()))))


def lines(text: str) -> Markup:
    """Return the text with its line ends kept."""
    return _joined([line(one) for one in text.split("\n")])


def cell(value: Cell) -> Markup:
    """Return what stands in a table cell or beside a label, on one line."""
    if isinstance(value, str):
        return Markup("<br>".join(_inline(" ".join(one.split())) for one in value.split("\n")))
    if isinstance(value, Blank):
        return Markup(f"{cell(value.label)} {'_' * max(value.width, 4)}".strip())
    if isinstance(value, Box):
        return Markup(f"☐ {cell(value.label)}".strip())
    return Markup(" ".join(cell(piece) for piece in value))


def fenced(text: str) -> Markup:
    """Return the text as a code block whose fence is longer than any run of backticks in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}\n{text}\n{fence}")


def site_text(text: str) -> Markup:
    """Return the site's Markdown with its paragraphs, lists, code, strong and emphasised words; the rest is escaped."""
    return Markup("\n\n".join(_blocks(site_tree(text))))


def _blocks(parent: Element) -> list[str]:
    blocks, words = [], _inline(parent.text or "")
    for child in parent:
        if child.tag in BLOCKS:
            blocks += [_paragraph(words), _block(child)]
            words = ""
        else:
            words += _span(child)
        words += _inline(child.tail or "")
    return [block for block in [*blocks, _paragraph(words)] if block]


def _block(element: Element) -> str:
    if element.tag == "pre":
        return fenced("".join(element.itertext()).removesuffix("\n"))
    if element.tag == "p":
        return "\n\n".join(_blocks(element))
    items = (
        _item(f"{number}. " if element.tag == "ol" else "- ", item) for number, item in enumerate(element, start=1)
    )
    return ("\n\n" if element.find("li/p") is not None else "\n").join(items)


def _item(marker: str, item: Element) -> str:
    inner = "\n\n".join(_blocks(item))
    return marker + re.sub(r"\n(?=.)", "\n" + " " * max(INDENT, len(marker)), inner)


def _span(element: Element) -> str:
    if element.tag == "code":
        return _code(element.text or "")
    marks = {"strong": "**", "em": "*"}.get(element.tag, "")
    inner = _inline(element.text or "") + "".join(_span(child) + _inline(child.tail or "") for child in element)
    return "\n" if element.tag == "br" else marks + inner + marks


def _code(text: str) -> str:
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return ticks + space + text + space + ticks


def _paragraph(words: str) -> Markup:
    return _joined([Markup(_start(one.strip())) for one in words.split("\n") if one.strip()])


def _inline(text: str) -> str:
    return SPECIAL.sub(_harmless, text)


def _harmless(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("__") else ENTITIES.get(found[0], "\\" + found[0])


def _start(text: str) -> str:
    return SPECIAL_START.sub(lambda found: _literal(found[0].lstrip(), found["number"]), text).lstrip()


def _literal(start: str, number: str | None) -> str:
    # A number is made literal by escaping the point after it.
    return f"{number}\\" if number else ENTITIES.get(start, "\\" + start)


def _joined(texts: list[Markup]) -> Markup:
    # Two spaces, not a backslash: every reader of Markdown knows them as the end of a line.
    ends = [text + ("  \n" if text and following else "\n") for text, following in pairwise([*texts, ""])]
    return Markup("".join(ends).strip("\n"))
