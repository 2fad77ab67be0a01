"""The single-fault table: a healthy world, one thing wrong in it, and what an administrator says must come of it.

What must come of it is declared here and not read from the program: for each input at which stages it decides, and
why. A row that ought to end the GO and does not is a false GO; one that ought to leave it and does not blocks a
healthy site.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from worlds import World, healthy

from checker.errors import InputError
from checker.report import Stage

Wanted = Literal["go", "not-go", "fault"]
BEFORE: tuple[Stage, ...] = ("change", "two-days", "one-hour", "server")
NIGHT: tuple[Stage, ...] = ("one-hour", "server")
LATER: tuple[Stage, ...] = ("two-days", "one-hour", "server")
AFTER: tuple[Stage, ...] = ("after",)
ALWAYS: tuple[Stage, ...] = (*BEFORE, *AFTER)
NEVER: tuple[Stage, ...] = ()


@dataclass(frozen=True)
class Row:
    """One fault (or one variation that is none) in one world."""

    area: str
    name: str
    wanted: Wanted
    why: str
    make: Callable[[], World]

    def judged(self) -> str:
        """What comes of it: `go`, `not-go`, `fault`, or `crash`."""
        try:
            report = self.make().judged()
        except InputError:
            return "fault"
        if any(found.crashed for found in report.findings):
            return "crash"
        return "go" if report.verdict == "GO" else "not-go"


def rows(
    area: str,
    name: str,
    change: Callable[[World], object],
    ends: Iterable[Stage],
    why: str,
    *,
    sample: str = "county-mail",
    stages: Iterable[Stage] = ALWAYS,
    fault: bool = False,
    base: Callable[[World], object] | None = None,
) -> Iterable[Row]:
    """A change at each stage: in those of `ends` it ends the GO, in the others it leaves it; `fault`: it is refused."""
    for stage in stages:
        wanted: Wanted = "fault" if fault else "not-go" if stage in ends else "go"
        yield Row(area, f"{sample}, {stage}: {name}", wanted, why, partial(_made, stage, sample, base, change))


def _made(
    stage: Stage, sample: str, base: Callable[[World], object] | None, change: Callable[[World], object]
) -> World:
    world = healthy(stage, sample)
    for each in (base, change):
        if each:
            each(world)
    return world
