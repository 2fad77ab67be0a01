"""How long things take: as a site declares or measures it, and our planning figures where it has not."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from checker.inputs.scalars import Day, Text
from checker.values import Value

ProcedureKind = Literal["drain", "dump", "stop", "backup", "upgrade", "migrate", "start", "verify", "test"]
RateKind = Literal["backup", "migrate", "restore"]
Result = Literal["complete", "partial", "failed"]


LONGEST = 10_000  # minutes, ours: a week; what takes longer fits no window, and sums of it stay inside the calendar
MOST_MOVED = 2**53  # KiB, files or messages, ours: JSON keeps whole numbers up to here, and no site has as many

# The kinds of work of people that take minutes: a site may declare them, and every form of step takes those of one.
Work = Literal[
    ProcedureKind, "guard", "recheck", "interlock", "carriers", "jobs", "queue", "counts", "back", "gate", "call",
    "notice", "hold", "record", "support", "pool", "connections", "intake", "flush", "definitions", "soak",
    "hand-over", "retry",
]  # fmt: skip
# Low, likely and high for each kind of work.
OURS: Mapping[Work, tuple[int, int, int]] = {
    "guard": (1, 1, 2),  # log in twice at the worst, read the prompt aloud
    "recheck": (2, 3, 5),  # one collection and a re-run after a small correction
    "interlock": (1, 1, 1),
    "carriers": (1, 2, 3),
    "jobs": (1, 2, 3),
    "drain": (5, 10, 20),  # a busy queue empties only as fast as the next hop takes it
    "queue": (1, 1, 3),
    "dump": (5, 10, 30),  # of the database alone, which the backup then takes with it
    "stop": (1, 2, 5),  # a graceful stop waits for open connections
    "counts": (2, 3, 5),  # counting one file per message
    "backup": (10, 20, 60),
    "upgrade": (15, 30, 90),
    "migrate": (10, 30, 120),
    "start": (1, 3, 5),
    "verify": (3, 5, 10),
    "back": (1, 2, 3),
    "test": (10, 15, 20),
    "gate": (2, 5, 10),  # two people read the criteria and sign
    "call": (1, 1, 2),
    "notice": (1, 2, 3),
    "hold": (1, 2, 3),
    "record": (1, 2, 5),
    "support": (2, 5, 10),
    "pool": (1, 2, 5),  # a balancer or a DNS record changed, or put back
    "connections": (5, 10, 30),  # open sessions end by themselves, DNS caches run out
    "intake": (1, 2, 5),
    "flush": (5, 10, 30),
    "definitions": (5, 10, 30),  # the first update of the new product fetches everything
    "soak": (10, 15, 30),  # live mail watched before the next one is touched
    "hand-over": (10, 15, 20),  # people who have worked for six hours are relieved
    "retry": (15, 30, 60),  # senders that were deferred come back by and by
}


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
