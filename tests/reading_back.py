"""A printed PDF as other programs see it: words with their places, fields, links, outline and tags."""

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

PROGRAMS = ("pdftotext", "pdfinfo", "qpdf")
REFERENCE = re.compile(r"\d+ \d+ R")
BARE_POINT = re.compile(rb"(?<=\d)\.(?=,?\n)")  # `792.` is a number in a PDF and none in JSON, where qpdf copies it
WORD = "5"  # the level of a word in the table of pdftotext, below page, block, paragraph and line


class Area(NamedTuple):
    """A rectangle on a page, in points from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Area") -> bool:
        """Whether the middle of the other one is in it."""
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def overlaps(self, other: "Area", by: tuple[float, float] = (0, 0)) -> bool:
        """Whether they share more than so many points in width and in height."""
        width = min(self.right, other.right) - max(self.left, other.left)
        return width > by[0] and min(self.bottom, other.bottom) - max(self.top, other.top) > by[1]


class Word(NamedTuple):
    """A word and where it stands."""

    text: str
    area: Area


@dataclass(frozen=True)
class Field:
    """A form field: `label` is what a screen reader says, `value` what it holds, `object` the number of its widget."""

    name: str
    label: str
    value: str
    page: int
    area: Area
    object: int


@dataclass(frozen=True)
class Link:
    """A link and the page that it leads to; None where it leads nowhere in this file."""

    page: int
    area: Area
    target: int | None
    object: int


@dataclass(frozen=True)
class Entry:
    """An entry of the outline; level 0 is the outermost."""

    level: int
    title: str
    page: int | None


@dataclass(frozen=True)
class Tag:
    """An element of the structure tree, with the numbers of the widgets and links that it stands for."""

    kind: str
    page: int | None
    parent: "Tag | None"
    alt: str
    id: str
    headers: tuple[str, ...]
    scope: str
    objects: tuple[int, ...]

    def within(self, kind: str) -> "Tag | None":
        """The innermost element of that kind that this one stands in."""
        around = self.parent
        while around is not None and around.kind != kind:
            around = around.parent
        return around


@dataclass(frozen=True)
class Printed:
    """One PDF. `complaints` is whatever the programs had to say against it."""

    path: Path
    complaints: str
    sizes: tuple[Area, ...]
    words: tuple[tuple[Word, ...], ...]
    fields: tuple[Field, ...]
    in_form: frozenset[int]
    links: tuple[Link, ...]
    outline: tuple[Entry, ...]
    tags: tuple[Tag, ...]
    language: str
    marked: bool
    metadata: str

    def of(self, kind: str) -> list[Tag]:
        """The elements of one kind, in reading order."""
        return [tag for tag in self.tags if tag.kind == kind]

    @cached_property
    def tag_of(self) -> dict[int, Tag]:
        """The element that stands for each widget and link."""
        return {number: tag for tag in self.tags for number in tag.objects}

    def between(self, page: int, top: float, bottom: float) -> list[Word]:
        """The words of a page whose middle is between two heights."""
        return [word for word in self.words[page] if top <= (word.area.top + word.area.bottom) / 2 <= bottom]


def read(path: Path) -> Printed:
    """The file as qpdf and poppler read it; pypdf would need longer than both."""
    commands = (
        ("pdftotext", "-tsv", str(path), "-"),
        ("qpdf", "--json=2", "--json-key=qpdf", str(path)),
        ("pdfinfo", "-meta", str(path)),
        ("qpdf", "--check", str(path)),
    )
    running = [subprocess.Popen(each, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for each in commands]
    said = [program.communicate() for program in running]
    complaints = "".join(
        f"{' '.join(command)}: {program.returncode} {error.decode()}\n"
        for command, program, (_, error) in zip(commands, running, said, strict=True)
        if program.returncode or error
    )
    file = _Objects(json.loads(BARE_POINT.sub(b"", said[1][0])))
    pages = tuple(_pages(file, file.root["/Pages"]))
    sizes = tuple(Area(*file.inherited(page, "/MediaBox")) for page in pages)
    fields, links = _annotations(file, pages, sizes)
    return Printed(
        path=path,
        complaints=complaints,
        sizes=sizes,
        words=_words(said[0][0].decode(), len(pages)),
        fields=fields,
        in_form=frozenset(_number(field) for field in file[file.root.get("/AcroForm", {})].get("/Fields", ())),
        links=links,
        outline=tuple(_outline(file, pages, file[file.root.get("/Outlines", {})], 0)),
        tags=tuple(_tags(file, pages)),
        language=_text(file.root.get("/Lang")),
        marked=file[file.root.get("/MarkInfo", {})].get("/Marked") is True,
        metadata=said[2][0].decode(),
    )


def by_page(fields: tuple[Field, ...]) -> dict[int, list[Field]]:
    """The fields of each page, from its top to its bottom."""
    found: dict[int, list[Field]] = defaultdict(list)
    for field in fields:
        found[field.page].append(field)
    return {page: sorted(own, key=lambda field: field.area.top) for page, own in found.items()}


class _Objects:
    """The objects of a file; what is no reference stands for itself."""

    def __init__(self, file: Any):
        self.objects = file["qpdf"][1]
        self.root = self[self.objects["trailer"]["value"]["/Root"]]

    def __getitem__(self, value: Any) -> Any:
        if not (isinstance(value, str) and REFERENCE.fullmatch(value)):
            return value
        found = self.objects.get(f"obj:{value}", {})
        return found["stream"]["dict"] if "stream" in found else found.get("value")

    def inherited(self, reference: str, key: str) -> Any:
        """A page's value, or that of the group of pages that it stands in."""
        page = self[reference]
        return self[page[key]] if key in page else self.inherited(page["/Parent"], key)

    @cached_property
    def named(self) -> dict[str, Any]:
        """The places that links may name."""
        waiting = [self[self.root.get("/Names", {})].get("/Dests", {})]
        found: dict[str, Any] = {}
        while waiting:
            node = self[waiting.pop()]
            names = self[node.get("/Names", [])]
            found |= dict(zip(names[::2], names[1::2], strict=True))
            waiting += self[node.get("/Kids", [])]
        return found


def _text(value: Any) -> str:
    return str(value or "").removeprefix("u:")


def _number(reference: str) -> int:
    return int(reference.split()[0])


def _area(rectangle: list[float], height: float) -> Area:
    x, y, far, high = rectangle
    return Area(min(x, far), height - max(y, high), max(x, far), height - min(y, high))


def _pages(file: _Objects, reference: str) -> Iterator[str]:
    """The references of the pages, in order."""
    node = file[reference]
    if node["/Type"] == "/Page":
        yield reference
    for kid in file[node.get("/Kids", [])]:
        yield from _pages(file, kid)


def _words(table: str, pages: int) -> tuple[tuple[Word, ...], ...]:
    words: list[list[Word]] = [[] for _ in range(pages)]
    for line in table.splitlines():
        if line.startswith(WORD):
            _, page, _, _, _, _, left, top, width, height, _, text = line.split("\t", 11)
            x, y = float(left), float(top)
            words[int(page) - 1].append(Word(text, Area(x, y, x + float(width), y + float(height))))
    return tuple(tuple(own) for own in words)


def _annotations(
    file: _Objects, pages: tuple[str, ...], sizes: tuple[Area, ...]
) -> tuple[tuple[Field, ...], tuple[Link, ...]]:
    fields: list[Field] = []
    links: list[Link] = []
    for at, page in enumerate(pages):
        for reference in file[file[page].get("/Annots", [])]:
            note, number = file[reference], _number(reference)
            area = _area(file[note["/Rect"]], sizes[at].bottom)
            if note["/Subtype"] == "/Widget":
                name, label, value = (_text(note.get(key)) for key in ("/T", "/TU", "/V"))
                fields.append(Field(name, label, value, at, area, number))
            elif note["/Subtype"] == "/Link":
                links.append(Link(at, area, _target(file, pages, note), number))
    return tuple(fields), tuple(links)


def _target(file: _Objects, pages: tuple[str, ...], source: Any) -> int | None:
    """The page that a link or an entry of the outline leads to."""
    place = file[source.get("/Dest") or file[source.get("/A", {})].get("/D")]
    if isinstance(place, str):
        place = file[file.named.get(place)]
    if isinstance(place, dict):
        place = file[place.get("/D")]
    return pages.index(place[0]) if place and place[0] in pages else None


def _outline(file: _Objects, pages: tuple[str, ...], parent: Any, level: int) -> Iterator[Entry]:
    reference = parent.get("/First")
    while reference:
        entry = file[reference]
        yield Entry(level, _text(entry["/Title"]), _target(file, pages, entry))
        yield from _outline(file, pages, entry, level + 1)
        reference = entry.get("/Next")


def _tags(file: _Objects, pages: tuple[str, ...]) -> Iterator[Tag]:
    """The elements that the tree's root leads to, in reading order."""
    numbers = {page: at for at, page in enumerate(pages)}
    tree = file[file.root.get("/StructTreeRoot", {})]
    waiting: list[tuple[Any, Tag | None]] = [(kid, None) for kid in reversed(_kids(file, tree))]
    while waiting:
        reference, parent = waiting.pop()
        element = file[reference]
        kids = [(kid, file[kid]) for kid in _kids(file, element) if isinstance(kid, str)]
        cell = file[element.get("/A", {})]
        tag = Tag(
            kind=element["/S"].removeprefix("/"),
            page=numbers.get(element.get("/Pg")),
            parent=parent,
            alt=_text(element.get("/Alt")),
            id=_text(element.get("/ID")),
            headers=tuple(_text(id) for id in cell.get("/Headers", ())),
            scope=_text(cell.get("/Scope")).removeprefix("/"),
            objects=tuple(_number(own["/Obj"]) for _, own in kids if own.get("/Type") == "/OBJR"),
        )
        yield tag
        waiting += [(kid, tag) for kid, own in reversed(kids) if own.get("/Type") != "/OBJR"]


def _kids(file: _Objects, element: Any) -> list[Any]:
    kids = file[element.get("/K", [])]
    return kids if isinstance(kids, list) else [element["/K"]]
