"""The nights as calendar entries (RFC 5545), one file for each night and audience, and one for those who work."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from icalendar import STATUS, TRANSP, Calendar, Event

from checker import __version__
from checker.values import digest
from runbook.change.tasks import Task
from runbook.pages.notices.texts import Notice, notices
from runbook.pages.sources import Edition, speak
from runbook.pages.times import both
from runbook.plan.impacts import span_of
from runbook.plan.plan_model import NightPlan
from runbook.render.site_markdown import site_text_lines

CREW = "crew"  # those who work that night: no audience of notices


def calendars(made: Edition, tasks: tuple[Task, ...]) -> Iterator[tuple[str, bytes]]:
    """Each calendar file, its name within the package and its content."""
    told = notices(made.deployment, made.plan, made.words)
    for night in made.plan.nights:
        yield f"calendar/night{night.number}-{CREW}.ics", _calendar(_work(night, tasks, made), made)
        seen = set()
        for each in (*_of(told, night.number), *_of(told, None)):
            audience = each.told.telling.audience
            if audience not in seen and (event := _event(each, night, made)) is not None:
                seen.add(audience)
                yield f"calendar/night{night.number}-{audience}.ics", _calendar(event, made)


def _of(told: Iterable[Notice], night: int | None) -> Iterator[Notice]:
    """The notices with which a night begins, which say what is missed in it; those of the days before under None."""
    wanted = "start" if night else "two-days"
    for each in told:
        step = each.told.step
        if each.told.telling.moment == wanted and step is not None and step.night == night:
            yield each


def _event(notice: Notice, night: NightPlan, made: Edition) -> Event | None:
    """What an audience misses that night, from when to when; None where it misses nothing."""
    start, end = span_of(notice.told.rows)
    starts, ends = max(night.start, start or night.start), min(night.end, end or night.end)
    if starts >= ends:
        return None
    summary = _say(made, "summary", topic=notice.topic)
    text = "\n".join(site_text_lines(notice.text))
    return _entry(made, night, notice.told.telling.audience, summary, text, starts, ends)


def _work(night: NightPlan, tasks: tuple[Task, ...], made: Edition) -> Event:
    """The window, and what is done in it, for those who work."""
    own = [task for task in tasks if task.night == night.number and task.kind == "implementation"]
    lines = [f"{made.time(task.starts)} – {made.time(task.ends)} {task.title}. {task.lines[0]}" for task in own]
    summary = _say(
        made, "work", deployment=made.deployment.deployment, number=night.number, count=len(made.plan.nights)
    )
    return _entry(made, night, CREW, summary, "\n".join(lines), night.start, night.end)


def _entry(
    made: Edition, night: NightPlan, audience: str, summary: str, text: str, starts: datetime, ends: datetime
) -> Event:
    change = made.deployment.change
    key = [made.deployment.deployment, change.number, night.number, audience]
    window = _say(made, "window", window=both(night.start, night.end, made.zone))
    return Event.new(
        uid=f"{digest(key)}@pmx-preflight",
        sequence=change.revision,
        stamp=made.now.astimezone(UTC),
        start=starts.astimezone(UTC),
        end=ends.astimezone(UTC),
        summary=summary,
        description=f"{text}\n\n{window}",
        status=STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE if audience == CREW else TRANSP.TRANSPARENT,
    )


def _calendar(event: Event, made: Edition) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//pmx-preflight//{__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _say(made: Edition, field: str, **values: object) -> str:
    return speak(made, "calendar", "change")(field, **values)
