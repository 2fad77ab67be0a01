"""For each check the worlds in which it speaks: a healthy site of a sample, changed by one thing.

To add a case, write a function into its family's file here, or into a file of its own, which is found by itself: it
takes the healthy world and changes one thing in it.

    @case("target-absent", "fail", on="mx1")
    def an_earlier_attempt(w: World) -> None:
        w.value("mx1", "target.entries", [...])

Before the change the check must pass there (`before` says where it is something else), and afterwards it must say
the outcome. `test_catalogue` demands for each check a case that fails and one that passes, and for each blocker one
that is not known or only for a person to tell.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from worlds import Change, World, healthy

from checker.report import Outcome, Stage


@dataclass(frozen=True)
class CaseOf:
    """One world of a check: what it says of a subject (None: of the deployment) before and after the change."""

    check: str
    outcome: Outcome
    on: str | None
    stage: Stage
    sample: str
    done: tuple[str, ...] | None
    before: Outcome
    base: Change | None
    change: Change

    @property
    def name(self) -> str:
        """The name by which a failing test shows it."""
        return f"{self.check}: {self.change.__name__.replace('_', ' ')}"

    def start(self) -> World:
        """The healthy world."""
        world = healthy(self.stage, self.sample, self.done)
        if self.base:
            self.base(world)
        return world


CASES: list[CaseOf] = []


def case(
    check: str,
    outcome: Outcome,
    *,
    on: str | None = None,
    stage: Stage = "server",
    sample: str = "county-mail",
    done: Sequence[str] | None = None,
    before: Outcome = "pass",
    base: Change | None = None,
) -> Callable[[Change], Change]:
    """Declare a function to be the change that makes a check say `outcome` of `on`; `base` is made before both."""

    def declare(change: Change) -> Change:
        finished = None if done is None else tuple(done)
        CASES.append(CaseOf(check, outcome, on, stage, sample, finished, before, base, change))
        return change

    return declare


for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
    importlib.import_module(f"check_cases.{file.stem}")
