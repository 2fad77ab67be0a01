"""What every parser hands back: the value that it read, and the rows that it could not read."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import JsonValue

from checker.legible import BLANK_CONTROLS, HALVES, HIDDEN

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

REFUSED = "refused "  # how the probe begins a row that says what this user may not see
LONGEST = 400  # characters of a name; a real one is shorter than PATH_MAX allows, and a page has to hold it
LONGEST_LINE = 4096  # no real row is longer; matching a made-up one of a megabyte could take hours
UNSEEN = re.compile(f"[{HIDDEN}{BLANK_CONTROLS}{HALVES}]")


@dataclass(frozen=True)
class Read(Generic[T_co]):
    """What a parser made of a section: rows read and rows unread are together all rows that the section had."""

    value: T_co
    unread: tuple[str, ...] = ()


class NotRead(Exception):
    """A section does not say what its fact asks; `partial` is a lower bound where there is one."""

    def __init__(self, reason: str, partial: JsonValue = None, unread: tuple[str, ...] = ()):
        super().__init__(reason)
        self.partial, self.unread = partial, unread


def shown(text: str, longest: int = LONGEST) -> str:
    """Text of a host as it may stand in a fact: bounded, and what cannot be seen written as an escape."""
    visible = UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def program(command: str) -> str:
    """The name of the program that a command begins with."""
    return command.partition(" ")[0].rpartition("/")[2]


def filled(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines with something on them, without the blanks at their ends."""
    return tuple(line.rstrip() for line in lines if line.strip())


def each(lines: Iterable[str], read: Callable[[str], T | None]) -> Read[tuple[T, ...]]:
    """Every line through a reader that gives a row, or None where it cannot read the line."""
    found, unread = [], []
    for line in filled(lines):
        row = read(line) if len(line) <= LONGEST_LINE else None
        if row is None:
            unread.append(line)
        else:
            found.append(row)
    return Read(tuple(found), tuple(unread))


def only(lines: Iterable[str]) -> Read[str]:
    """The one line that a command prints; NotRead where it printed none. Further lines are unread."""
    all_lines = filled(lines)
    if not all_lines:
        raise NotRead("it printed nothing")
    return Read(all_lines[0].strip(), all_lines[1:])
