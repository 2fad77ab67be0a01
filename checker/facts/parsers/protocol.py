"""The probe's output: raw lines between section markers, each section with its command, status and line count.

    @probe 1 DIGEST
    @begin NAME COMMAND…
    |a raw line
    @end NAME STATUS LINES BYTES
    @done SECTIONS

Every raw line begins with `|`, so that nothing a host prints can pass for a marker; every section says how many lines
and bytes it had, and the last line how many sections, so that a cut, wrapped or mangled copy is recognised and never
half-read.
Whatever stands before the first marker (a banner, a noisy rc file) is ignored.
"""

import re
from dataclasses import dataclass

PROBE = re.compile(r"@probe 1 ([0-9a-f]{16})")
BEGIN = re.compile(r"@begin ([a-z][a-z0-9._-]*) (.*)")
# no count of a probe that is held to 900 KB has more digits, and Python refuses to read a number of thousands
END = re.compile(r"@end ([a-z][a-z0-9._-]*) (\d{1,3}|-) (\d{1,9})(?: (\d{1,9}))?")
ESCAPED = re.compile(r"\\x[0-9a-f]{2}")  # may be four characters, or one byte that is no UTF-8
DONE = re.compile(r"@done (\d{1,9})")


class Damaged(Exception):
    """The text is not the whole output of one probe; the message says what is wrong with it and at which line."""


@dataclass(frozen=True)
class Section:
    """What one command printed. `status` is its exit status; None when the probe's own limit stopped it."""

    name: str
    command: str
    status: int | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def stopped(self) -> bool:
        """Whether the probe's own time limit ended the command: what it printed is a part."""
        return self.status is None


@dataclass(frozen=True)
class Output:
    """The whole output of one probe: its sections by name, in the order of the script."""

    digest: str
    sections: dict[str, Section]

    def get(self, name: str) -> Section | None:
        """A section, or None where the probe had no command for it on that host."""
        return self.sections.get(name)


def parse(text: str) -> Output:
    """The sections of a probe's output, carried in any way that kept its lines; Damaged when it is not whole."""
    lines = text.replace("\r\n", "\n").lstrip("\ufeff").rstrip("\n").split("\n")
    start = next((index for index, line in enumerate(lines) if PROBE.fullmatch(line)), None)
    if start is None:
        raise Damaged("there is no line '@probe 1 …': this is not the output of a probe")
    head = PROBE.fullmatch(lines[start])
    assert head is not None
    sections: dict[str, Section] = {}
    name = command = ""
    raw: list[str] | None = None
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if raw is not None and line.startswith("|"):
            raw.append(line[1:])
        elif raw is not None and (end := END.fullmatch(line)):
            if end[1] != name or int(end[3]) != len(raw):
                raise Damaged(f"line {number}: section {name} should have {end[3]} lines but has {len(raw)}")
            if end[4] and not _has_bytes(raw, int(end[4])):
                raise Damaged(f"line {number}: section {name} is not the {end[4]} bytes that the host printed")
            sections[name] = Section(name, command, None if end[2] == "-" else int(end[2]), tuple(raw))
            raw = None
        elif raw is None and (begin := BEGIN.fullmatch(line)):
            name, command, raw = begin[1], begin[2], []
            if name in sections:
                raise Damaged(f"line {number}: section {name} is repeated")
        elif raw is None and (done := DONE.fullmatch(line)):
            if int(done[1]) != len(sections):
                raise Damaged(f"line {number}: expected {done[1]} sections, found {len(sections)}")
            return Output(head[1], sections)
        else:
            raise Damaged(
                f"line {number} is not from the probe (wrapped, quoted or changed in transfer?): {line[:40]!r}"
            )
    raise Damaged(
        f"it ends inside section {name}" if raw is not None else "the last line '@done …' is missing: it was cut"
    )


def _has_bytes(lines: list[str], count: int) -> bool:
    most = sum(len(line.encode("utf-8", "surrogateescape")) for line in lines)
    doubtful = sum(len(ESCAPED.findall(line)) for line in lines)
    return count in range(most - 3 * doubtful, most + 1, 3)
