"""Blocks of a page as plain text, for the forms of change systems, which take nothing else."""

import re
from collections.abc import Iterable, Iterator

from runbook.pages.page_model import (
    Blank,
    Block,
    Box,
    Bullets,
    Caution,
    Cell,
    Fields,
    Heading,
    Paragraph,
    SiteText,
    Table,
)

NOTHING = "–"  # of a line to write on: nobody writes into a form's text
LINE, OPEN = re.compile("_{4,}"), "(open)"


def plain(blocks: Iterable[Block]) -> str:
    """The blocks as paragraphs of plain text; what only a page can have (a figure, steps, signatures) is left out."""
    return "\n\n".join(text for block in blocks if (text := "\n".join(_lines(block))))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph() | SiteText() | Heading():
            yield block.text
        case Caution():
            yield f"{block.word}: {block.text}"
        case Bullets():
            yield from (
                f"{number}. {item}" if block.ordered else f"- {item}" for number, item in enumerate(block.items, 1)
            )
        case Fields():
            yield from (f"{label}: {_one_line(_cell(value))}" for label, value in block.rows)
        case Table():
            yield block.caption
            heads = block.head
            for row in block.rows:
                said = [(head, _one_line(_cell(value))) for head, value in zip(heads, row, strict=True)]
                yield "- " + "; ".join(f"{head}: {text}" for head, text in said if text not in ("", NOTHING))
            if not block.rows and block.empty:
                yield block.empty


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Blank):
        return f"{value.label} {NOTHING}".strip()
    if isinstance(value, Box):
        return value.label
    return " ".join(_cell(piece) for piece in value)


def _one_line(text: str) -> str:
    return LINE.sub(OPEN, " ".join(text.split()))
