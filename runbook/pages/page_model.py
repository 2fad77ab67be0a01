"""The frozen page model: all that any page says, decided once. Markdown, HTML and PDF are renderings of it.

A page is a list of a few kinds of blocks. Every string is plain data: the renderings escape it for their own
syntax. Only `SiteText` holds markup (the site's own Markdown), which the renderings sanitise.

What may change while a printed page stays good is marked: single texts as `Drifting`, fields as PASSING, tables and
parts by their own mark. All else lasts, and is what a digest is taken from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import groupby
from typing import Any, Literal, Self

# what a style, a volume or a digest asks for; whatever else a page is, its id and its title say
PartKind = Literal["page", "decision", "board", "sheet"]
# each for its reader: the change board, the people of the night, the help desk, an auditor, those who send notices
Document = Literal["board", "night", "help-desk", "evidence", "notices"]
PRINTED: tuple[Document, ...] = ("board", "night", "help-desk")  # what is carried that night, the runbook
PASSING = {
    "lasts": False
}  # of a field that drifts, or only says how a page is laid out or what a place on it is called


class Drifting(str):
    """Text that may change while the printed page stays good: what was measured, a derived time, an answer.

    `lasting`: what makes the page another one all the same, as the words around a figure; empty where the whole text
    may come and go.
    """

    lasting: str

    def __new__(cls, text: str, lasting: str = "") -> Self:
        made = super().__new__(cls, text)
        made.lasting = lasting
        return made


@dataclass(frozen=True)
class Paragraph:
    """Plain words."""

    text: str
    style: Literal["plain", "lead", "note"] = field(default="plain", metadata=PASSING)


@dataclass(frozen=True)
class SiteText:
    """The site's own Markdown (procedure texts, notices), sanitised when rendered."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading inside a part."""

    text: str
    id: str = field(metadata=PASSING)


@dataclass(frozen=True)
class Caution:
    """A bordered warning: the word says how serious it is; no action is hidden in it."""

    word: Literal["STOP", "CAUTION", "NOTE"]
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list; `ordered` numbers it, `ticks` has a box before each item, which change systems let people tick."""

    items: tuple[str, ...]
    ordered: bool = field(default=False, metadata=PASSING)
    ticks: bool = field(default=False, metadata=PASSING)


@dataclass(frozen=True)
class Blank:
    """A labelled line to write on; width in characters."""

    label: str = ""
    width: int = 12


@dataclass(frozen=True)
class Box:
    """A box to tick, with its words."""

    label: str = ""


Cell = str | Blank | Box | tuple[str | Blank | Box, ...]


@dataclass(frozen=True)
class Fields:
    """Labels and their values, one row each; a value may be a blank. `id` tells several of a part apart.

    `beside`: labels of rows that stand beside the row before them where it is printed.
    """

    rows: tuple[tuple[str, Cell], ...]
    id: str = field(default="fields", metadata=PASSING)
    beside: tuple[str, ...] = field(default=(), metadata=PASSING)


@dataclass(frozen=True)
class Table:
    """A table with a caption and column heads; `kind` lets a style size the columns.

    `keys`: a name for each row, by which its boxes and blanks are known in every edition; without them its number.
    `drifting`: its rows come and go with what was seen or derived; caption and heads last, unless the caption drifts.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = field(default="plain", metadata=PASSING)
    empty: str = "None."
    keys: tuple[str, ...] = field(default=(), metadata=PASSING)
    drifting: bool = field(default=False, metadata=PASSING)


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG text of our own making, with its alternative text; the same data stands in a table.

    The drawing itself is by likely minutes.
    """

    svg: str = field(metadata=PASSING)
    alt: str
    caption: str


@dataclass(frozen=True)
class StepRow:
    """One numbered step as it is read aloud, done and signed: a row of its block.

    `again`: what is said of doing it twice, where that matters. `starts`: the latest start. `basis`: its letter.
    `notes`: what is written down in it beyond what is seen, as counts.
    """

    id: str
    number: str
    kind: str = field(metadata=PASSING)
    title: str
    text: str
    site_text: str | None
    command: str | None
    blank: str | None
    expect: str | None
    measured: str | None = field(metadata=PASSING)
    if_not: str | None
    again: str | None
    starts: str | None = field(metadata=PASSING)
    basis: str
    options: tuple[str, ...] = ()
    caution: str | None = None
    notes: tuple[Blank, ...] = ()


@dataclass(frozen=True)
class Steps:
    """A block of at most nine steps, with its minutes; its last step is the one to call out."""

    letter: str
    title: str
    minutes: str = field(metadata=PASSING)
    steps: tuple[StepRow, ...]


@dataclass(frozen=True)
class Gate:
    """A pause point that a second person signs before the next thing is touched.

    `signs`: everybody who must sign; where nobody is named, the decider. `skip`: what is written where it is skipped.
    """

    id: str
    number: str
    title: str
    criteria: tuple[tuple[str, str], ...]
    decider: str
    if_no_go: str
    minutes: str = field(metadata=PASSING)
    basis: str
    signs: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on: who, then name, signature and time as blanks."""

    who: tuple[str, ...]


Block = Paragraph | SiteText | Heading | Caution | Bullets | Fields | Table | Figure | Steps | Gate | Signatures


@dataclass(frozen=True)
class Part:
    """A part of the set; `server` names the server whose sheet this is, `hostname` what its prompt shows.

    `one_page`: it must fit on one. `flows`: it goes on below the part before it, on the same page.
    `piece_of`: the part it was cut from. `drifting`: the whole part comes and goes.
    `document`: whose reader it is for, which its place in the set says.
    `opens`: it stands before a night's first sheet, as all else around a sheet stands behind it.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    kind: PartKind = field(default="page", metadata=PASSING)
    server: str | None = None
    sheet: str | None = None
    one_page: bool = field(default=False, metadata=PASSING)
    flows: bool = field(default=False, metadata=PASSING)
    hostname: str | None = None
    piece_of: str | None = field(default=None, metadata=PASSING)
    drifting: bool = field(default=False, metadata=PASSING)
    opens: bool = field(default=False, metadata=PASSING)
    document: Document = field(default="night", metadata=PASSING)


@dataclass(frozen=True)
class Runbook:
    """The whole set, or one volume of it. `stamp` stands on every page (for example: a draft without facts).

    `documents`: what the documents that it is made of are called, in their order; one of them, where it stands alone.
    `elsewhere`: what stands in which other volume.
    """

    title: str
    deployment: str
    verdict: str
    stamp: str | None
    change: str
    revision: str
    plan_digest: str
    facts_id: str | None
    made: str | None
    tool: str
    language: str
    parts: tuple[Part, ...]
    documents: tuple[tuple[Document, str], ...] = ()
    volume: str | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()

    @property
    def alone(self) -> tuple[Document, str] | None:
        """The document that it is, and what it is called; None where it is the printed runbook."""
        return self.documents[0] if len(self.documents) == 1 else None

    @property
    def chapters(self) -> Iterator[tuple[Document, tuple[Part, ...]]]:
        """The parts by the document in which they stand."""
        for document, parts in groupby(self.parts, lambda part: part.document):
            yield document, tuple(parts)


def lasting(value: object) -> Any:
    """What of a part, a block or a cell lasts, as lists of words; None where nothing of it does.

    What drifts keeps its place among the cells of a row, and none in a list that may be longer or shorter.
    """
    match value:
        case Drifting():
            return value.lasting or None
        case Blank():
            label = lasting(value.label)
            return [label] if label else None
        case Caution():
            return None if lasting(value.text) is None else [value.word, lasting(value.text)]
        case Part(drifting=True):
            return None
        case Table(drifting=True) if lasting(value.caption) is None:
            return None
        case Table():
            rows = [] if value.drifting else _each(value.rows)
            return [lasting(value.caption), _each(value.head), rows, None if rows else value.empty]
        case tuple():
            found = [lasting(item) for item in value]
            return found if any(item is not None for item in found) else None
    if is_dataclass(value):
        own = (getattr(value, each.name) for each in fields(value) if not each.metadata)
        found = [_each(item) if isinstance(item, tuple) else lasting(item) for item in own]
        return found if any(item not in (None, []) for item in found) else None
    return value


def _each(items: Iterable[object]) -> list[Any]:
    return [said for item in items if (said := lasting(item)) is not None]
