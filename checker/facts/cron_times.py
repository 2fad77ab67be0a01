"""The time fields of a cron table: at which local times a line of it is due (crontab(5) of Vixie's cron)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@every_minute": "* * * * *",
}
AT_BOOT = "@reboot"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
HOURS = frozenset(range(24))
PIECE = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,4}))?")


@dataclass(frozen=True)
class Schedule:
    """The minutes, hours, days, months and weekdays (0 is Sunday) that a line names.

    `either`: both kinds of day are restricted, and one of them is enough.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: datetime) -> bool:
        """Whether it is due on that day at all."""
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (by_date or by_weekday if self.either else by_date and by_weekday)


def schedule(line: str) -> Schedule | None:
    """The five time fields of a line, or its nickname, as what they name; None for a line that is due at boot only.

    ValueError where cron would refuse it.
    """
    if line.lower() == AT_BOOT:
        return None
    fields = NICKNAMES.get(line.lower(), line).split()
    if len(fields) != 5:
        raise ValueError(f"{line!r} is not five time fields")
    minutes, hours, days, months, weekdays = fields
    return Schedule(
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        days=_numbers(days, 1, 31),
        months=_numbers(months, 1, 12, MONTHS),
        weekdays=frozenset(number % 7 for number in _numbers(weekdays, 0, 7, WEEKDAYS)),
        either=not (days.startswith("*") or weekdays.startswith("*")),
    )


def fires(line: str, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """The local times from start until before end (both without a zone) at which a line is due, by its fields alone.

    What a cron does about a time that is missing or comes twice differs from host to host, and is not decided here.
    """
    due = schedule(line)
    if due is None:
        return ()
    found = []
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        if due.on(day):
            found += [day.replace(hour=hour, minute=minute) for hour in due.hours for minute in due.minutes]
        day += timedelta(days=1)
    return tuple(sorted(time for time in found if start <= time < end))


def every_hour(line: str) -> bool:
    """Whether a line is due in each hour of its days, so that one hour more or less of them is nothing to it."""
    due = schedule(line)
    return due is not None and due.hours == HOURS


def _numbers(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for piece in field.split(","):
        parts = PIECE.fullmatch(piece)
        if parts is None:
            raise ValueError(f"{field!r} is not a time field")
        step = int(parts["step"] or 1)
        first, last = lowest, highest
        if parts["first"]:
            first = _number(parts["first"], lowest, names)
            last = _number(parts["last"], lowest, names) if parts["last"] else highest if parts["step"] else first
        if not (lowest <= first <= last <= highest and step):
            raise ValueError(f"{field!r} is not within {lowest} to {highest}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(word: str, lowest: int, names: tuple[str, ...]) -> int:
    if word.lower() in names:
        return names.index(word.lower()) + lowest
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word)
    raise ValueError(f"{word!r} is not a number or a name that stands there")
