"""The formats of a report: each by its name, with the kind of file that it is, for whom it is, and what writes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from checker.marks import Json, Kind, Sealed

if TYPE_CHECKING:  # the options name the formats, and nothing heavy is imported for them
    from datetime import tzinfo

    from checker.report import Report

FormatName = Literal["console", "json", "junit", "todo"]


@dataclass(frozen=True)
class Shown:
    """How a report is shown: columns, whether in colour, and the zone of its times."""

    width: int
    colour: bool
    zone: "tzinfo"


@dataclass(frozen=True)
class Format:
    """A report as a file: its kind, and how one of ours is known; whether people read it; and its text, in pieces.

    What people read is written in the letters of their terminal.
    """

    kind: Kind
    for_people: bool
    write: "Callable[[Report, Shown], Iterable[str]]"


def _console(report: "Report", shown: Shown) -> Iterable[str]:
    from checker.outputs import console

    return (console.render(report, width=shown.width, colour=shown.colour, zone=shown.zone),)


def _json(report: "Report", _: Shown) -> Iterable[str]:
    from checker.outputs import as_json

    return as_json.to_json(report)


def _junit(report: "Report", _: Shown) -> Iterable[str]:
    from checker.outputs import junit

    return (junit.to_junit(report),)


def _todo(report: "Report", shown: Shown) -> Iterable[str]:
    from checker.outputs import todo

    return (todo.render(report, zone=shown.zone),)


FORMATS: Mapping[FormatName, Format] = {
    "console": Format(Sealed("console", "# {}"), True, _console),
    "json": Format(Json("report", frozenset({"verdict", "findings"})), False, _json),
    "junit": Format(Sealed("junit", "<!-- {} -->"), False, _junit),
    "todo": Format(Sealed("todo", "# {}"), True, _todo),
}
