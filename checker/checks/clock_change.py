"""Do the clocks change during the work, and which jobs are set for times that are skipped or repeated?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from checker.checks.mechanism import Case, Word, check, failed, passed
from checker.facts.catalogue import CRON
from checker.facts.cron_times import every_hour, fires
from checker.facts.fact_values import CronLine
from checker.legible import several, span
from checker.schedule.nights import Night
from checker.schedule.order import order
from checker.schedule.sizes import MEASURED
from checker.schedule.time_zones import ClockChange, clock_changes

INSTANT = timedelta(microseconds=1)  # the last one before a change still has the old name of the time
NAMED = 4  # local times of one job that are written out


@check(
    "window-clock-change",
    "No clock change falls inside a window",
    subject="deployment",
    severity="warning",
    stages=("change",),
    reads=(CRON, *MEASURED),
    remedy=(
        "Choose a night without a clock change if you can. Otherwise set every watch, alarm and call of that night by "
        "UTC, which is printed beside the local times.",
        "Pause the jobs named here, or run them by hand afterwards. Check the product's own scheduler too.",
    ),
)
def window_clock_change(case: Case) -> Word:
    """The time zone's own changes against the windows and the days between them, and against the servers' cron tables.

    The servers are taken to keep the change's time zone. What cron does at a time that is skipped or repeated
    differs from host to host: the jobs are only named, and those that run in each hour are not.
    """
    zone = case.deployment.change.zone
    expected = f"one offset of {zone.key} from UTC, from the start of a window to its end"
    changes = _changes(case.nights, zone)
    if not changes:
        return passed(f"{zone.key} keeps one offset from UTC in each window and between them", expected=expected)
    words: list[str] = []
    observed: list[str] = []
    for change, where in changes.items():
        jobs = tuple(_jobs(case, change))
        set_for = f", and cron has {several(len(jobs), 'job')} set for them" if jobs else ""
        words.append(f"{where} {_told(change, zone)}{set_for}")
        observed += jobs
    for server in order(case.deployment.servers):
        if case.host(server.name).get(CRON) is None:
            observed.append(f"{server.name}: its cron tables were not read")
    return failed("; ".join(words), *observed, expected=expected)


def _changes(nights: tuple[Night, ...], zone: ZoneInfo) -> dict[ClockChange, str]:
    """The changes inside the nights, then those between two of them, each with where it falls."""
    found: dict[ClockChange, str] = {}
    ends = {night.number: night.end + timedelta(minutes=night.overrun) for night in nights}
    for night in nights:
        for change in clock_changes(zone, night.start, ends[night.number]):
            found.setdefault(change, f"in night {night.number}")
    for one, other in pairwise(nights):
        for change in clock_changes(zone, ends[one.number], other.start):
            found.setdefault(change, f"outside the windows, between nights {one.number} and {other.number},")
    return found


def _told(change: ClockChange, zone: ZoneInfo) -> str:
    """The change as words: its moment in UTC and both local times, and which local times it leaves out or doubles."""
    moment = change.at.replace(tzinfo=None)
    old, new = (at.astimezone(zone).tzname() for at in (change.at - INSTANT, change.at))
    first, last = change.local
    until = "%H:%M" if last - first < timedelta(days=1) else "%a %d %b %H:%M"
    way = "forward" if change.jump > timedelta() else "back"
    return (
        f"the clocks go {way} by {span(change.jump)} at {change.at.astimezone(UTC):%a %d %b %Y %H:%M} UTC, "
        f"from {moment + change.before:%a %d %b %H:%M} {old} to {moment + change.after:%a %d %b %H:%M} {new}: "
        f"the local times from {first:%H:%M} until {last.strftime(until)} "
        f"{'are skipped' if change.jump > timedelta() else 'are repeated'}"
    )


def _jobs(case: Case, change: ClockChange) -> Iterator[str]:
    """A line for each cron job that is set for these local times; one that runs each hour loses or gains nothing."""
    for server in order(case.deployment.servers):
        for line in case.host(server.name).get(CRON) or ():
            times = () if every_hour(line.times) else fires(line.times, *change.local)
            if times:
                yield f"{server.name}: {_job(line, times)}"


def _job(line: CronLine, times: tuple[datetime, ...]) -> str:
    at = ", ".join(f"{time:%H:%M}" for time in times[:NAMED])
    more = f" and {len(times) - NAMED} more" if len(times) > NAMED else ""
    aside = f" (the file's own CRON_TZ {line.zone} is ignored)" if line.zone else ""
    return f"{line.file} ({line.times}) at {at}{more}{aside}"
