"""The one error that a user is meant to see; everything else that is raised is our own bug."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with an input, at a place that an editor can jump to (line and column count from 1)."""

    file: str
    line: int | None
    column: int | None
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


class InputError(Exception):
    """Wrong usage or input: every fault found, one line each. The command exits 2 and has contacted nobody."""

    def __init__(self, faults: Iterable[Fault] | str):
        self.faults = () if isinstance(faults, str) else tuple(faults)
        self.lines = (faults,) if isinstance(faults, str) else tuple(str(fault) for fault in self.faults)
        super().__init__("\n".join(self.lines))


class OutputError(Exception):
    """What was to be written could not be, although all that was given is right. The command exits 74."""
