"""Room, inodes, and sizes, as df, bdf, du and find print them on each platform.

A table of df is read by its header alone: which columns there are, and how large a block is. So no platform has to be
known, and a header that says neither leaves every row unread instead of half-understood.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from checker.facts.fact_values import Inodes, Mount, OwnRow, Space, row_at
from checker.facts.parsers.parsed import LONGEST_LINE, NotRead, Read, each, filled

T = TypeVar("T")

FIGURE = r"-?\d{1,20}%?|-"
BLOCKS = re.compile(r"(\d{1,9})([kmg]?)-blocks|(kbytes)")
UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
AVAILABLE = ("available", "avail", "free")  # AIX says Free for what an ordinary writer can use
NUMBER = re.compile(r"(total|partial) (\d{1,20})")


@dataclass(frozen=True)
class Row:
    """A row of a df table: its figures by the casefolded name of their column; None where the host prints `-`."""

    device: str
    type: str
    mount_point: str
    figures: Mapping[str, int | None]


@dataclass(frozen=True)
class Header:
    """The columns of a df table between the device (and type) and the mount point, in their order."""

    columns: tuple[str, ...]
    typed: bool

    @property
    def row(self) -> re.Pattern[str]:
        """A row under this header. Devices and mount points may have blanks: only the figures between are certain."""
        kind = r"\s+(?P<type>\S+)" if self.typed else r"(?P<type>)"
        figures = "".join(rf"\s+({FIGURE})" for _ in self.columns)
        return re.compile(rf"(?P<device>\S.*?)(?<!\s){kind}{figures}\s+(?P<mount_point>/.*)")


def space(lines: Sequence[str], types: Mapping[str, str] | None = None) -> Read[tuple[Space, ...]]:
    """The rows of `df -Pk`, `df -k`, `bdf` or any df with its header; types by mount point where df has none."""
    known = types or {}
    return _table(lines, lambda row: _space(row, known))


def inodes(lines: Sequence[str]) -> Read[tuple[Inodes, ...]]:
    """The rows of `df -Pi`, `df -i`, `df -o i` or `bdf -i`; unread where only a percentage tells what is free."""
    return _table(lines, _inodes)


def own_rows(rows: Mapping[str, Sequence[Space]], table: Sequence[Space]) -> tuple[OwnRow, ...]:
    """Of the rows of places those that tell of another size than their file system's, or of less: a project's quota."""
    return tuple(
        OwnRow(place=place, mount_point=row.mount_point, total_kib=row.total_kib, available_kib=row.available_kib)
        for place, own in rows.items()
        for row in own
        if (whole := row_at(table, row.mount_point)) is None
        or row.total_kib != whole.total_kib
        or row.available_kib < whole.available_kib
    )


def mount_point(lines: Sequence[str]) -> Read[str]:
    """The mount point in the one row of `df -Pk PATH`."""
    read = _table(lines, lambda row: row.mount_point)
    if not read.value:
        raise NotRead("no row of a file system in it", unread=read.unread)
    return Read(read.value[0], (*read.value[1:], *read.unread))


def number(lines: Sequence[str]) -> Read[int]:
    """The KiB or files of a part (`total N`), none of an absent one; NotRead with the lower bound of `partial N`."""
    if said_absent(lines):
        return Read(0)
    read = each(lines, NUMBER.fullmatch)
    if len(read.value) != 1:
        raise NotRead("it states no sum", unread=read.unread)
    word, text = read.value[0].groups()
    if word == "partial":
        raise NotRead("not all of it was counted", partial=int(text), unread=read.unread)
    return Read(int(text), read.unread)


def said_absent(lines: Sequence[str]) -> bool:
    """Whether the probe found that the path is not there."""
    return [line.split(None, 1)[0] for line in filled(lines)] == ["absent"]


def types_of(lines: Sequence[str]) -> Read[dict[str, str]]:
    """File system types by mount point, as `df -n` (`/ : ufs`) and lsfs (a table) print them."""
    found, unread = {}, []
    for line in filled(lines):
        row = re.fullmatch(r"(/.*?)\s*:\s*(\S+)\s*", line) or re.fullmatch(r"\S+\s+\S+\s+(/\S*)\s+([a-z]\w*)\s.*", line)
        if row:
            found[row[1]] = row[2]
        elif "Mount Pt" not in line:
            unread.append(line)
    return Read(found, tuple(unread))


def types_by_point(mounts: Sequence[Mount]) -> dict[str, str]:
    """The file system type at each mount point; of two mounts on one point the later covers the other."""
    return {mount.mount_point: mount.type for mount in mounts if mount.type}


def header_of(line: str) -> Header | None:
    """The columns that a line announces, or None where it is no header of df."""
    words = line.split()
    if len(words) < 4 or words[0] != "Filesystem" or words[-2:] != ["Mounted", "on"]:
        return None
    columns = [word.casefold() for word in words[1:-2]]
    typed = columns[:1] == ["type"]
    return Header(tuple(columns[typed:]), typed)


def _table(lines: Sequence[str], make: Callable[[Row], T | None]) -> Read[tuple[T, ...]]:
    """Every row under the header, through a maker that gives None for what the row does not say."""
    found: list[T] = []
    unread: list[str] = []
    header: Header | None = None
    waiting: str | None = None  # a device so long that its figures stand on the next line
    for line in filled(lines):
        new = header_of(line)
        if new is not None:
            header = new
            continue
        pattern = header.row if header and len(line) <= LONGEST_LINE else None
        match = pattern.fullmatch(line) if pattern and not line[0].isspace() else None
        # the words of an error, `bdf: /mnt: …`, are no device
        if match is None and waiting is not None and ": " not in waiting and pattern and line[0].isspace():
            match = pattern.fullmatch(waiting + line)
            line, waiting = (f"{waiting} {line.strip()}", None) if match else (line, waiting)
        if waiting is not None:
            unread.append(waiting)
            waiting = None
        if match is None:
            waiting = line
            continue
        made = make(_row(match, header.columns)) if header else None
        if made is None:
            unread.append(line)
        else:
            found.append(made)
    return Read(tuple(found), (*unread, *([waiting] if waiting is not None else [])))


def _row(match: re.Match[str], columns: tuple[str, ...]) -> Row:
    # the groups: device, type, then the figures, then the mount point
    texts = match.groups()[2:-1]
    figures = {name: None if text == "-" else int(text.rstrip("%")) for name, text in zip(columns, texts, strict=True)}
    return Row(match["device"], match["type"], match["mount_point"], figures)


def _space(row: Row, types: Mapping[str, str]) -> Space | None:
    blocks = next((found for name in row.figures if (found := BLOCKS.fullmatch(name))), None)
    available = next((name for name in AVAILABLE if name in row.figures), None)
    if blocks is None or available is None:
        return None
    size = 1024 if blocks[3] else int(blocks[1]) * UNITS[blocks[2]]
    total, free = row.figures[blocks[0]], row.figures[available]
    if total is None and free is None:
        total = free = 0  # /proc and its like: a file system without blocks
    if total is None or free is None:
        return None
    return Space(
        mount_point=row.mount_point,
        device=row.device,
        type=row.type or types.get(row.mount_point, ""),
        total_kib=total * size // 1024,
        # towards what is there: a block more or less below zero is still below zero
        available_kib=free * size // 1024,
    )


def _inodes(row: Row) -> Inodes | None:
    named = [row.figures.get(name) for name in ("inodes", "iused", "ifree")]
    total, used, free = named
    if "ifree" not in row.figures:
        return None
    if free is None:
        return Inodes(mount_point=row.mount_point, total=0, available=0) if not (total or used) else None
    if total is None:
        total = None if used is None else used + free
    return None if total is None else Inodes(mount_point=row.mount_point, total=total, available=free)
