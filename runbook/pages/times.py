"""Times and minutes as people read them: local time, and UTC beside it in a night in which the clocks change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from checker.schedule.time_zones import clock_changes
from runbook.plan.plan_model import NightPlan, Step

DAY = 24 * 60  # minutes, after which a clock time alone names no moment
ISO, MINUTE = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M"  # of a moment in UTC
BEFORE = timedelta(hours=1)  # the last look before a night is on the same watch as the night


@dataclass(frozen=True)
class Zone:
    """The change's time zone, and the spans of time (UTC) in which its local times need UTC beside them."""

    info: ZoneInfo
    changing: tuple[tuple[datetime, datetime], ...] = ()

    def changes(self, at: datetime) -> bool:
        """Whether a moment is in a night in which the clocks change."""
        return any(start <= at <= end for start, end in self.changing)


def zone_of(info: ZoneInfo, nights: Iterable[NightPlan], steps: Iterable[Step]) -> Zone:
    """The zone with the nights, from an hour before until their last step has ended, in which its clocks change."""
    ends = {night.number: night.end for night in nights}
    for step in steps:
        if step.night is not None and step.ends_at is not None:
            ends[step.night] = max(ends[step.night], step.ends_at)
    spans = tuple((night.start - BEFORE, ends[night.number]) for night in nights)
    return Zone(info, tuple(span for span in spans if clock_changes(info, *span)))


def local(at: datetime | None, zone: Zone) -> str:
    """A time as `Sat 05 Dec 22:00`, or with UTC `Sun 28 Mar 00:30 CET (Sat 23:30 UTC)`; a dash where none is known."""
    return _written(at, zone, "%a %d %b %H:%M")


def clock(at: datetime | None, zone: Zone) -> str:
    """A time as `22:00`, or with UTC as `03:30 CEST (01:30 UTC)`; a dash where no time is known."""
    return _written(at, zone, "%H:%M")


def _written(at: datetime | None, zone: Zone, form: str) -> str:
    if at is None:
        return "–"
    here, utc = at.astimezone(zone.info), at.astimezone(UTC)
    if not zone.changes(at):
        return here.strftime(form)
    other_day = "%a " if here.date() != utc.date() else ""
    return f"{here.strftime(form)} {here:%Z} ({utc.strftime(f'{other_day}%H:%M')} UTC)"


def day(at: datetime, zone: Zone) -> str:
    """The day of a moment, as `Sat 05 Dec`."""
    return f"{at.astimezone(zone.info):%a %d %b}"


def both(start: datetime, end: datetime, zone: Zone) -> str:
    """A window in local time with its zone, and in UTC; where the clocks change, with its real length."""
    begins, ends = start.astimezone(zone.info), end.astimezone(zone.info)
    tail = ends.strftime("%H:%M" if begins.date() == ends.date() else "%a %d %b %H:%M")
    utc = f"{start.astimezone(UTC):%Y-%m-%d %H:%M} to {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if begins.utcoffset() != ends.utcoffset():
        utc = f"{utc}, {duration(end - start)}"
    elif not zone.changes(start):
        return f"{begins:%a %d %b %Y %H:%M} to {tail} {ends:%Z} ({utc})"
    return f"{begins:%a %d %b %Y %H:%M %Z} to {tail} {ends:%Z} ({utc})"


def period(start: datetime, end: datetime, zone: Zone, days: bool) -> str:
    """From when to when, as `22:18–02:29`: with weekdays, if asked, and with the zone where the clocks change."""
    begins, ends = start.astimezone(zone.info), end.astimezone(zone.info)
    names = ("%a " if days else "", "%a " if days and begins.date() != ends.date() else "")
    forms = (f"{name}%H:%M{' %Z' if zone.changes(at) else ''}" for name, at in zip(names, (start, end), strict=True))
    return "–".join(at.strftime(form) for at, form in zip((begins, ends), forms, strict=True))


def duration(time: timedelta) -> str:
    """How long, as `1 h 05 min`; a dash where no time is known."""
    minutes = int(time.total_seconds() // 60)
    if not minutes:
        return "–"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def spoken(minutes: int) -> str:
    """Minutes as `4 h 56 min`."""
    return duration(timedelta(minutes=minutes))


def utc(at: datetime | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment for a program that reads it, in UTC and in its form; nothing where no time is known."""
    return "" if at is None else at.astimezone(UTC).strftime(form)
