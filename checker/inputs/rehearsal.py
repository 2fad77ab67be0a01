"""A try of the upgrade away from production, and what was measured in it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from checker.inputs.scalars import Day, Text
from checker.values import Value

ProcedureKind = Literal["drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test"]
RateKind = Literal["backup", "migrate", "restore"]
Result = Literal["complete", "partial", "failed"]


LONGEST = 10_000  # minutes, ours: a week; what takes longer fits no window, and sums of it stay inside the calendar
MOST_MOVED = 2**53  # KiB, files or messages, ours: JSON keeps whole numbers up to here, and no site has as many


class Minutes(Value):
    """A duration in minutes as low, likely and high estimates; nothing that people do takes none."""

    low: Annotated[int, Field(ge=1, le=LONGEST)]
    likely: Annotated[int, Field(ge=1, le=LONGEST)]
    high: Annotated[int, Field(ge=1, le=LONGEST)]

    @model_validator(mode="after")
    def _rising(self) -> "Minutes":
        if not self.low <= self.likely <= self.high:
            raise ValueError("do not rise: expected low <= likely <= high")
        return self


class Rate(Value):
    """What was moved in a minute when it was tried: KiB, files (the quarantine is one file per message), or both."""

    kib_per_minute: Annotated[int, Field(ge=1, le=MOST_MOVED)] | None = None
    files_per_minute: Annotated[int, Field(ge=1, le=MOST_MOVED)] | None = None


class Rehearsal(Value):
    """A try of the upgrade away from production. Only a complete one's minutes and rates count."""

    on: Day
    by: Text
    result: Result
    note: Text | None = None
    minutes: dict[ProcedureKind, Minutes] = {}
    rates: dict[RateKind, Rate] = {}
