"""The formats of a report: each by its name, with the kind of file that it is, for whom it is, and what writes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from checker.errors import InputError
from checker.marks import Json, Kind, Sealed

if TYPE_CHECKING:  # the options name the formats, and nothing heavy is imported for them
    from datetime import tzinfo

    from checker.report import Report

FormatName = Literal["console", "json", "junit", "todo", "html", "markdown", "csv"]


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


def _html(report: "Report", shown: Shown) -> Iterable[str]:
    from checker.outputs import page

    return (page.to_page(report, zone=shown.zone),)


def _markdown(report: "Report", shown: Shown) -> Iterable[str]:
    from checker.outputs import tables

    return (tables.to_markdown(report, zone=shown.zone),)


def _csv(report: "Report", _: Shown) -> Iterable[str]:
    from checker.outputs import tables

    return (tables.to_csv(report),)


FORMATS: Mapping[FormatName, Format] = {
    "console": Format(Sealed("console", "# {}"), True, _console),
    "json": Format(Json("report", frozenset({"verdict", "findings"})), False, _json),
    "junit": Format(Sealed("junit", "<!-- {} -->"), False, _junit),
    "todo": Format(Sealed("todo", "# {}"), True, _todo),
    "html": Format(Sealed("report-page", "<!-- {} -->"), False, _html),
    "markdown": Format(Sealed("report-markdown", "<!-- {} -->"), False, _markdown),
    "csv": Format(Sealed("report-csv", "# {}"), False, _csv),
}
# what is written to a file of this ending, where --format does not say otherwise
ENDINGS: Mapping[str, FormatName] = {
    ".json": "json", ".xml": "junit", ".html": "html", ".md": "markdown", ".csv": "csv", ".txt": "console",
    "": "console",
}  # fmt: skip


def by_ending(path: Path) -> FormatName:
    """The format of a report that is written to this file; InputError where its ending names none."""
    if path.suffix not in ENDINGS:
        known = ", ".join(filter(None, ENDINGS))
        raise InputError(f"{path}: the ending says what is written: expected one of {known}, or --format")
    return ENDINGS[path.suffix]
