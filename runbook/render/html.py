"""The page model as one HTML file that holds all it needs: fonts, style, figures, one script; nothing fetched."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from jinja2 import Environment
from markupsafe import Markup

from checker.errors import Fault, InputError
from checker.text_file import read_bytes
from runbook.pages.page_model import Block, Fields, Part, Runbook, Table
from runbook.pages.volumes import needs_contents
from runbook.render.escaping import cleaned, environment, mark, render
from runbook.render.site_markdown import site_html
from runbook.resources import resource
from runbook.site_check import LARGEST_FONT, LARGEST_LOGO

Paper = Literal["a4", "letter"]

PAPERS: dict[Paper, str] = {"a4": "A4", "letter": "letter"}

# Characters of the mono face between a step's number and what is seen, on a screen; and at 9 pt below the pens of a
# step, where a long command begins on paper, from its bar to the margin of the narrower one, A4, with the mark behind.
COMMAND_WIDTH, PRINTED_WIDTH = 56, 84
# A word longer than this is cut rather than moved to the next line whole: half-empty lines read as two commands.
LONGEST_WORD = 30

LOGOS = {".svg": "image/svg+xml", ".png": "image/png"}

BLANK_WIDTHS = (4, 8, 12, 16, 24, 32, 48)


def to_html(
    book: Runbook, *, for_print: bool = False, paper: Paper = "a4", templates: Path | None = None, styled: bool = True
) -> str:
    """Return the whole set as one self-contained HTML document; the same book gives the same text.

    `for_print` is the edition that the PDF is made from: the first part before the contents, no screen style,
    no script; `styled` without its style, for who has it already.
    A site's own `templates` go before the shipped ones; InputError says where one of them is wrong.
    """
    book = cleaned(book)
    style = _style(book, for_print, paper, templates) if styled else ""
    script = "" if for_print else _script(templates)
    return render(
        _pages(templates),
        "html/runbook.html",
        book=book,
        mark=mark(book),
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        for_print=for_print,
        command_width=PRINTED_WIDTH if for_print else COMMAND_WIDTH,
        with_contents=for_print and needs_contents(book),
        logo="" if book.volume else _logo(templates),
    )


def shipped(templates: Path | None) -> bool:
    """Return whether all HTML is of the shipped templates, which a parser of XML can read."""
    return templates is None or not (templates / "html").exists()


@cache
def _pages(templates: Path | None) -> Environment:
    """The templates of pages, compiled once for all volumes; a file that changes is read again."""
    return environment(
        templates,
        chunks=command_chunks,
        blank_width=_blank_width,
        placed=placed,
        site_html=lambda text: Markup(site_html(text)),
        data_uri=lambda svg: "data:image/svg+xml;base64," + _base64(svg.encode()),
    )


def print_style(book: Runbook, paper: Paper = "a4", templates: Path | None = None) -> str:
    """Return the style sheet of the edition for print, which volumes share; InputError as above."""
    return _style(cleaned(replace(book, parts=())), True, paper, templates)


def placed(part: Part) -> Iterator[tuple[Block, str]]:
    """Yield each block with the place that its boxes and blanks are named by: what it is, not where it stands.

    What a finding adds to a page or takes away moves no name.
    """
    times: Counter[str] = Counter()
    for block in part.blocks:
        name = block.id if isinstance(block, Fields) else block.kind if isinstance(block, Table) else _kind(block)
        times[name] += 1
        count = f"-{times[name]}" if times[name] > 1 else ""
        yield block, f"{part.piece_of or part.id}/{name}{count}"


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def command_chunks(line: str, width: int) -> Iterator[str]:
    """Yield the pieces of one command line, at most `width` characters each, cut after spaces where possible."""
    while len(line) > width:
        cut = line.rfind(" ", width - LONGEST_WORD, width) + 1 or width
        yield line[:cut]
        line = line[cut:]
    yield line


def css_string(text: str) -> str:
    """Return the text as a CSS string; nothing in it can end the string or the style element."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


def _style(book: Runbook, for_print: bool, paper: Paper, templates: Path | None) -> str:
    css = environment(templates, escape=css_string)
    names = ["fonts", "base", "tables", "print"] + ([] if for_print else ["screen"])
    faces = {path.stem: Markup(_base64(read_bytes(path, LARGEST_FONT, "a font"))) for path in fonts(templates)}
    style = "\n".join(
        render(css, f"style/{name}.css", book=book, fonts=faces, size=Markup(PAPERS[paper])) for name in names
    )
    return _inside(style)


def _script(templates: Path | None) -> str:
    return _inside(render(environment(templates), "html/ticks.js"))


def _inside(text: str) -> str:
    """Return the style or script so that nothing in it ends its element."""
    return text.replace("</", "<\\/")


def _hash(text: str) -> str:
    """Return the text's digest as the Content-Security-Policy names it."""
    return "sha256-" + _base64(hashlib.sha256(text.encode()).digest())


def fonts(site: Path | None) -> tuple[Path, ...]:
    """The font files that a set is printed with: ours, or a site's own of the same names."""
    ours = sorted((resource("templates") / "fonts").glob("*.woff2"))
    theirs = [site / "fonts" / path.name if site else path for path in ours]
    return tuple(own if own.is_file() else path for own, path in zip(theirs, ours, strict=True))


def _logo(site: Path | None) -> str:
    """The site's logo, or ours, as a data URI; InputError where it is no picture."""
    paths = [site / "style" / f"logo{suffix}" for suffix in LOGOS] if site else []
    path = next((path for path in paths if path.is_file()), resource("templates") / "style" / "logo.svg")
    content = read_bytes(path, LARGEST_LOGO, "a picture")
    if path.suffix == ".png" and not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise InputError(f"{path}: not a PNG picture")
    if path.suffix == ".svg":
        try:
            ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise InputError([Fault(str(path), error.position[0], None, f"not an SVG picture: {error}")]) from None
    return f"data:{LOGOS[path.suffix]};base64,{_base64(content)}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _blank_width(characters: int) -> int:
    return next((width for width in BLANK_WIDTHS if width >= characters), BLANK_WIDTHS[-1])
