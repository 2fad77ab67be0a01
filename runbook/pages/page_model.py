"""The frozen page model: all that any page says, decided once. Markdown, HTML and PDF are renderings of it.

A page is a list of a few kinds of blocks. Every string is plain data: the renderings escape it for their own
syntax. Only `SiteText` holds markup (the site's own Markdown), which the renderings sanitise.
"""

from dataclasses import dataclass
from typing import Literal

PartKind = Literal[
    "decision", "blockers", "timeline", "board", "slip", "order", "gates", "exits", "communications",
    "night", "sheet", "appendix",
]  # fmt: skip


@dataclass(frozen=True)
class Paragraph:
    """Plain words."""

    text: str
    style: Literal["plain", "lead", "note"] = "plain"


@dataclass(frozen=True)
class SiteText:
    """The site's own Markdown (procedure texts, notices), sanitised when rendered."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading inside a part."""

    text: str
    id: str


@dataclass(frozen=True)
class Caution:
    """A bordered warning: the word says how serious it is; no action is hidden in it."""

    word: Literal["STOP", "CAUTION", "NOTE"]
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list; `ordered` numbers it."""

    items: tuple[str, ...]
    ordered: bool = False


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
    """Labels and their values, one row each; a value may be a blank. `id` tells several of a part apart."""

    rows: tuple[tuple[str, Cell], ...]
    id: str = "fields"


@dataclass(frozen=True)
class Table:
    """A table with a caption and column heads; `kind` lets a style size the columns.

    `keys`: a name for each row, by which its boxes and blanks are known in every edition; without them its number.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = "plain"
    empty: str = "None."
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG text of our own making, with its alternative text; the same data stands in a table."""

    svg: str
    alt: str
    caption: str


@dataclass(frozen=True)
class StepRow:
    """One numbered step as it is read aloud, done and signed."""

    id: str
    number: str
    kind: str
    title: str
    text: str
    site_text: str | None
    command: str | None
    blank: str | None
    expect: str | None
    measured: str | None
    if_not: str | None
    repeatable: str
    minutes: str
    starts: str | None
    basis: str
    demands: tuple[str, ...]
    options: tuple[str, ...] = ()
    caution: str | None = None


@dataclass(frozen=True)
class Steps:
    """A block of at most nine steps, with its minutes; its last step is the one to call out."""

    letter: str
    title: str
    minutes: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True)
class Gate:
    """A pause point that a second person signs before the next thing is touched."""

    id: str
    number: str
    title: str
    criteria: tuple[tuple[str, str], ...]
    decider: str
    if_no_go: str
    minutes: str
    basis: str
    demands: tuple[str, ...]


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on: who, then name, signature and time as blanks."""

    who: tuple[str, ...]


Block = Paragraph | SiteText | Heading | Caution | Bullets | Fields | Table | Figure | Steps | Gate | Signatures


@dataclass(frozen=True)
class Part:
    """A part of the set; `server` names the server whose sheet this is, `hostname` what its prompt shows.

    `one_page`: it must fit on one. `piece_of`: the part that it was cut from.
    """

    id: str
    kind: PartKind
    title: str
    blocks: tuple[Block, ...]
    server: str | None = None
    sheet: str | None = None
    one_page: bool = False
    hostname: str | None = None
    piece_of: str | None = None


@dataclass(frozen=True)
class Runbook:
    """The whole set, or one volume of it. `stamp` stands on every page (for example: a draft without facts).

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
    volume: str | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()
