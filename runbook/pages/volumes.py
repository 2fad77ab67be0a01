"""The set as volumes that can be carried and printed apart: front matter, sheets by night, what is too large for it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import TypeVar

from runbook.pages.page_model import (
    Block,
    Bullets,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Part,
    Runbook,
    SiteText,
    Steps,
    Table,
)

ALONE = 11  # servers up to which everything is one file
# In a volume, of at most 25 that a folder holds: where one number changes, an eighth of sixty is printed again and not
# half; to lay them out takes 145 MB of the 250 that a process may have, so that a site may write lines twice as long.
SHEETS = 8
CELLS = 3500  # of tables in a volume without sheets: about as much memory
LIGHT = 1000  # cells of a part that stays in the front matter
CONTENTS = 25  # pages above which somebody looks for a page by its number rather than by leafing

T = TypeVar("T")


def volumes(book: Runbook) -> tuple[Runbook, ...]:
    """The front matter, then the volumes, each of one night; the book alone where it has few sheets.

    A document without sheets is in as few files as hold it. A volume says neither when it was made nor from which
    facts: what it does not show cannot change it.
    """
    sheets = sum(part.kind == "sheet" for part in book.parts)
    if 0 < sheets <= ALONE:
        return (book,)
    if sheets:
        front, bodies = _by_night(book.parts)
    else:
        front, *bodies = packed(book.parts)
    elsewhere = tuple(
        (part.server or part.title, str(number)) for number, body in enumerate(bodies, start=1) for part in body
    )
    return (
        replace(book, parts=front, elsewhere=elsewhere),
        *(
            replace(book, parts=body, volume=str(number), made=None, facts_id=None)
            for number, body in enumerate(bodies, start=1)
        ),
    )


def _by_night(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], list[tuple[Part, ...]]]:
    """What is opened first, and the volumes: the sheets by night, then what is too large to be carried with it."""
    sheets = [place for place, part in enumerate(parts) if part.kind == "sheet"]
    starts = [place - parts[place - 1].opens for place in sheets]
    end = next((at for at in range(sheets[-1], len(parts)) if parts[at].document != "night"), len(parts))
    leaves = [parts[start:until] for start, until in pairwise((*starts, end))]
    nights = [place for place, leaf in enumerate(leaves) if not place or leaf[0].kind != "sheet"]
    bodies = [
        tuple(chain.from_iterable(own))
        for own in shares([leaves[start:until] for start, until in pairwise((*nights, len(leaves)))])
    ]
    boards = [part for part in parts if part.kind == "board"]
    if len(boards) > 1:
        bodies = [(board, *body) for board, body in zip(boards, bodies, strict=True)]
    loose = [part for part in (*parts[: starts[0]], *parts[end:]) if part.kind != "board" or len(boards) == 1]
    front = tuple(part for part in loose if _stays(part))
    for _, own in groupby((part for part in loose if not _stays(part)), lambda part: part.document):
        bodies += packed(own)
    return front, bodies


def needs_contents(book: Runbook) -> bool:
    """Whether a file has so many pages, or volumes beside it, that a list of them is worth a page."""
    return bool(book.elsewhere) or sum(map(_pages, book.parts)) > CONTENTS


def _pages(part: Part) -> int:
    """About how many pages a part takes: two for a sheet, and one for each 130 cells of a table."""
    return 2 if part.kind == "sheet" else 1 + _weight(part) // 130


def shares(nights: Sequence[Sequence[T]]) -> list[Sequence[T]]:
    """What of each night stands in which volume: a night is never in a volume with another one."""
    return [share for night in nights for share in parted(night, -(-len(night) // SHEETS))]


def places(output: Path, count: int) -> tuple[Path, ...]:
    """The files of a set in `count` pieces: X.pdf, then X-1.pdf, X-2.pdf …"""
    return (output, *(output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count)))


def packed(parts: Iterable[Part]) -> list[tuple[Part, ...]]:
    """The parts, in their order, in as few volumes as hold them; a part too large for one is cut into several."""
    return [tuple(own) for own in _filled([piece for part in parts for piece in _cut(part)], _weight)]


def parted(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """So many pieces of equal size, or one item apart."""
    bounds = [len(items) * at // count for at in range(count + 1)]
    return [items[start:end] for start, end in pairwise(bounds)]


def _stays(part: Part) -> bool:
    return part.document not in ("notices", "evidence") and _weight(part) <= LIGHT


def _weight(item: Part | Block) -> int:
    """About how many cells of a table are as large."""
    match item:
        case Part():
            return sum(map(_weight, item.blocks))
        case Table():
            return (len(item.rows) + 1) * len(item.head)
        case Fields():
            return 2 * len(item.rows)
        case Steps():
            return 30 * len(item.steps)
        case Gate() | Figure():
            return 50
        case Bullets():
            return len(item.items)
        case Paragraph() | SiteText():
            return 1 + len(item.text) // 50
    return 1


def _cut(part: Part) -> list[Part]:
    if _weight(part) <= CELLS:
        return [part]
    pieces = _filled([piece for block in part.blocks for piece in _cut_table(block)], _weight)
    for piece, following in pairwise(pieces):
        if isinstance(piece[-1], Heading):
            following.insert(0, piece.pop())
    return [
        replace(
            part,
            id=f"{part.id}-{at}",
            piece_of=part.id,
            title=f"{part.title}, part {at} of {len(pieces)}",
            blocks=tuple(piece),
        )
        for at, piece in enumerate(pieces, start=1)
    ]


def _cut_table(block: Block) -> Iterator[Block]:
    if not isinstance(block, Table) or _weight(block) <= CELLS:
        yield block
        return
    count = -(-_weight(block) // CELLS) + 1
    keys = parted(block.keys, count)  # as many as rows, or none
    for rows, own in zip(parted(block.rows, count), keys, strict=True):
        yield replace(block, rows=tuple(rows), keys=tuple(own))


def _filled(items: Sequence[T], weight: Callable[[T], int]) -> list[list[T]]:
    """The items in their order, each pile as high as may be."""
    piles: list[list[T]] = []
    high = 0
    for item in items:
        own = weight(item)
        if not piles or high + own > CELLS:
            piles.append([])
            high = 0
        piles[-1].append(item)
        high += own
    return piles
