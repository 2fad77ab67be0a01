"""Times and minutes as people read them: the change's local time, and UTC where it is asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runbook.plan import StepMinutes


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """A time as `Sat 05 Dec 22:00`, in the zone; a dash where no time is known."""
    return at.astimezone(zone).strftime("%a %d %b %H:%M") if at else "–"


def clock(at: datetime | None, zone: ZoneInfo) -> str:
    """A time as `22:00`; a dash where no time is known."""
    return at.astimezone(zone).strftime("%H:%M") if at else "–"


def both(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """A window in local time with its offset, and in UTC."""
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    tail = ends.strftime("%H:%M") if begins.date() == ends.date() else local(ends, zone)
    utc = f"{start.astimezone(UTC):%Y-%m-%d %H:%M} to {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{begins:%a %d %b %Y %H:%M} to {tail} {begins:%Z} ({utc})"


def duration(time: timedelta) -> str:
    """How long, as `1 h 05 min`; a dash where no time is known."""
    minutes = int(time.total_seconds() // 60)
    if not minutes:
        return "–"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def span(minutes: StepMinutes) -> str:
    """Low, likely and high minutes with their basis, as `15–25–60 min (site)`."""
    return f"{minutes.low}–{minutes.likely}–{minutes.high} min ({minutes.basis.kind})"
