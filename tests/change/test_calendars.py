"""The calendar files: read alike by two libraries, inside their windows, one entry in all revisions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
from digested_plans import composed
from ical.calendar_stream import IcsCalendarStream
from printed_samples import edition
from random_sites import random_site

from checker.inputs.deployment import Deployment
from runbook.change.calendars import calendars
from runbook.change.record import Record
from runbook.pages.sources import Edition
from runbook.words import Words

Deploy = Callable[..., Deployment]
SEEDS = [pytest.param(seed, marks=() if seed < 8 else pytest.mark.large) for seed in range(300)]
WINDOW = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]


def of(made: Edition) -> dict[str, bytes]:
    return dict(calendars(made, Record(made).tasks))


def by_icalendar(content: bytes) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(content)
    event: Any
    (event,) = calendar.walk("VEVENT")
    return {
        "method": str(calendar["METHOD"]), "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]),
        "stamp": event["DTSTAMP"].dt, "start": event["DTSTART"].dt, "end": event["DTEND"].dt,
        "summary": str(event["SUMMARY"]), "description": str(event["DESCRIPTION"]), "status": str(event["STATUS"]),
        "transparency": str(event["TRANSP"]),
    }  # fmt: skip


def by_ical(content: bytes) -> dict[str, Any]:
    calendar = IcsCalendarStream.calendar_from_ics(content.decode())
    (event,) = calendar.events
    return {
        "method": calendar.method, "uid": event.uid, "sequence": event.sequence, "stamp": event.dtstamp,
        "start": event.dtstart, "end": event.dtend, "summary": event.summary, "description": event.description,
        "status": event.status, "transparency": event.transparency,
    }  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_two_libraries_read_the_same_of_every_file_and_nothing_is_outside_its_night(
    deploy: Deploy, words: Words, seed: int
) -> None:
    made = composed(random_site(deploy, seed), {}, words)
    windows = {night.number: (night.start, night.end) for night in made.plan.nights}
    uids = set()
    for name, content in of(made).items():
        found, other = by_icalendar(content), by_ical(content)
        assert found == other, name
        uids.add(found["uid"])
        start, end = windows[int(name.split("/night")[1].split("-")[0])]
        assert start <= found["start"] < found["end"] <= end, name
        assert found["start"].utcoffset().total_seconds() == 0
        assert found["method"] == "PUBLISH"
        assert max(map(len, content.splitlines())) <= 75
    assert len(uids) == len(of(made))
    crews = [by_icalendar(content) for name, content in of(made).items() if name.endswith("-crew.ics")]
    assert [(each["start"], each["end"]) for each in crews] == list(windows.values())


def test_the_minutes_of_those_who_work_are_those_of_the_record() -> None:
    made = edition("county-mail")
    said = by_icalendar(of(made)["calendar/night1-crew.ics"])["description"]
    for task in Record(made).tasks:
        if task.kind == "implementation":
            assert f"{made.time(task.starts)} – {made.time(task.ends)} {task.title}. {task.lines[0]}" in said


def test_who_misses_nothing_in_a_night_has_no_entry_and_who_is_told_has_one() -> None:
    names = set(of(edition("county-mail")))
    assert names == {
        f"calendar/night1-{audience}.ics"
        for audience in (
            "crew",
            "infrastructure",
            "group-admins",
            "users",
            "administrators",
            "help-desk",
            "change-board",
        )
    }


def test_an_entry_is_the_same_one_in_every_revision_and_says_which_is_newer(deploy: Deploy, words: Words) -> None:
    def entry(revision: int) -> dict[str, Any]:
        change = {"number": "CHG1", "revision": revision, "timezone": "UTC", "windows": WINDOW}
        return by_icalendar(of(composed(deploy("database csm", change=change), {}, words))["calendar/night1-crew.ics"])

    first, second = entry(1), entry(2)
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (1, 2)


def test_times_are_utc_and_the_text_says_the_zone_that_people_live_in() -> None:
    found = by_icalendar(of(edition("county-mail"))["calendar/night1-users.ics"])
    assert found["start"] == datetime(2026, 12, 5, 21, 11, tzinfo=UTC)
    assert "06:00 CET (2026-12-05 21:00 to 2026-12-06 05:00 UTC)" in found["description"]


def test_text_of_a_host_or_a_site_ends_no_entry(deploy: Deploy, words: Words) -> None:
    nasty = "CHG1; x, \\n END:VEVENT"
    change = {"number": nasty, "timezone": "UTC", "windows": WINDOW}
    made = composed(deploy("database csm euwi gwi", change=change), {}, words)
    for content in of(made).values():
        assert by_icalendar(content) == by_ical(content)
        assert content.count(b"END:VEVENT\r\n") == 1
