"""The page model as Markdown: reads well as text, and is a checklist where GitHub or GitLab renders it."""

import re
from itertools import pairwise
from pathlib import Path

from markupsafe import Markup

from runbook.pages import Blank, Box, Cell, Runbook
from runbook.rendering import cleaned, environment, mark, render

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
SPECIAL_START = re.compile(r"^\s*(?:[#>+=-]|(?P<number>\d+)(?=[.)](?:\s|$)))")

# What site text keeps of its markup; everything else in it is escaped like plain words.
FENCED = re.compile(r"^(`{3,}|~{3,})[^\n`]*\n(.*?)^\1[`~]*[ ]*$", re.MULTILINE | re.DOTALL)
LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
STRONG_OR_CODE = re.compile(r"(`[^`]+`|\*\*(?=[^\s*])[^*`]+(?<=[^\s*])\*\*)")


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
        return Markup(f"{_inline(value.label)} {'_' * max(value.width, 4)}".strip())
    if isinstance(value, Box):
        return Markup(f"☐ {_inline(value.label)}".strip())
    return Markup(" ".join(cell(piece) for piece in value))


def fenced(text: str) -> Markup:
    """Return the text as a code block whose fence is longer than any run of backticks in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}\n{text}\n{fence}")


def site_text(text: str) -> Markup:
    """Return the site's Markdown with its paragraphs, lists, code and strong words; any other markup is escaped."""
    words, codes = FENCED.split(text)[0::3], FENCED.split(text)[2::3]
    blocks = [_joined([_site_line(one) for one in piece.strip("\n").split("\n")]) for piece in words]
    fences = [fenced(code.removesuffix("\n")) for code in codes]
    ordered = [block for pair in zip(blocks, [*fences, Markup()], strict=True) for block in pair]
    return Markup("\n\n".join(block for block in ordered if block))


def _site_line(text: str) -> Markup:
    item = LIST_ITEM.match(text)
    bullet = item[0] if item else ""
    pieces = STRONG_OR_CODE.split(text[len(bullet) :])
    return Markup(
        bullet + _start("".join(_kept(piece) if place % 2 else _inline(piece) for place, piece in enumerate(pieces)))
    )


def _kept(piece: str) -> str:
    return piece if piece.startswith("`") else f"**{_inline(piece[2:-2])}**"


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
