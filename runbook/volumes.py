"""The set as volumes that can be carried and printed apart: front matter, at most 25 sheets each, the facts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from runbook.pages import Part, Runbook

ALONE = 11  # servers up to which everything is one file
MOST = 25  # servers in a volume: what one ring binder holds, and 100 MB of memory while it is laid out

T = TypeVar("T")


def volumes(book: Runbook) -> tuple[Runbook, ...]:
    """The front matter, then the volumes; the book alone where it has few sheets.

    A volume says neither when it was made nor from which facts: what it does not show cannot change it.
    """
    sheets = [part for part in book.parts if part.kind == "sheet"]
    if len(sheets) <= ALONE:
        return (book,)
    facts = [part for part in book.parts if part.id == "facts"]
    bodies = [*evenly(sheets, MOST), *((piece,) for part in facts for piece in _facts(part))]
    elsewhere = tuple(
        (part.server or part.title, str(number)) for number, body in enumerate(bodies, start=1) for part in body
    )
    front = tuple(part for part in book.parts if part not in sheets and part not in facts)
    return (
        replace(book, parts=front, elsewhere=elsewhere),
        *(
            replace(book, parts=tuple(body), volume=str(number), made=None, facts_id=None)
            for number, body in enumerate(bodies, start=1)
        ),
    )


def places(output: Path, count: int) -> tuple[Path, ...]:
    """The files of a set in `count` pieces: X.pdf, then X-1.pdf, X-2.pdf …"""
    return (output, *(output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count)))


def pieces(servers: int) -> int:
    """In how many files a set of so many servers is written."""
    return 1 if servers <= ALONE else 1 + 2 * -(-servers // MOST)


def evenly(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """Pieces of at most so many items, evenly filled, so that no volume holds a single leaf."""
    count = -(-len(items) // most)
    size = -(-len(items) // count)
    return [items[at : at + size] for at in range(0, len(items), size)]


def _facts(part: Part) -> list[Part]:
    lead, *tables = part.blocks
    parts = evenly(tables, MOST)
    return [
        replace(
            part, id=f"{part.id}-{number}", title=f"{part.title}, part {number} of {len(parts)}", blocks=(lead, *own)
        )
        for number, own in enumerate(parts, start=1)
    ]
