"""When a time zone changes its clocks: the moment, and the local times that are missing or come twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

STEP = timedelta(hours=1)  # no zone has changed its clocks twice within an hour
SECOND = timedelta(seconds=1)  # the finest grain that the time zone database has


@dataclass(frozen=True)
class ClockChange:
    """One change of a zone's clocks: at which moment (UTC), and the offsets from UTC before and after it."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def jump(self) -> timedelta:
        """How far the clocks are put forward; below zero where they are put back."""
        return self.after - self.before

    @property
    def local(self) -> tuple[datetime, datetime]:
        """The local times that are missing (clocks put forward) or come twice (put back): from, until, naive."""
        moment = self.at.astimezone(UTC).replace(tzinfo=None)
        first, last = sorted((moment + self.before, moment + self.after))
        return first, last

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The moments (UTC) between which a local time can be taken for another one; one moment where none can."""
        twice = max(-self.jump, timedelta())
        return self.at - twice, self.at + twice


def clock_changes(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[ClockChange, ...]:
    """The changes of a zone's clocks that fall on moments from start to end (aware), or make one of them ambiguous.

    Source: the IANA time zone database as zoneinfo has it. Not every change is an hour, and one skipped a day.
    """
    day = timedelta(days=1)  # no jump was ever longer
    found = _changes(zone, start.astimezone(UTC) - day, end.astimezone(UTC) + day)
    return tuple(change for change in found if change.span[0] <= end and change.span[1] >= start)


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[ClockChange]:
    at, offset = start, _offset(zone, start)
    while at < end:
        next_at = at + STEP
        next_offset = _offset(zone, next_at)
        if next_offset != offset:
            yield ClockChange(_moment(zone, at, next_at), offset, next_offset)
        at, offset = next_at, next_offset


def _moment(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first moment with the later one's offset, to the second."""
    offset = _offset(zone, before)
    low, high = 0, (after - before) // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + middle * SECOND) == offset:
            low = middle
        else:
            high = middle
    return before + high * SECOND


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
