"""Times on the pages: local, and with UTC beside them in the night in which the clocks change, and only there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import judge
from page_texts import texts

from checker.errors import InputError
from checker.inputs.deployment import Deployment
from runbook.cli import pipeline
from runbook.cli.common_arguments import parse_time
from runbook.pages.page_model import Figure, Part, SiteText, StepRow
from runbook.pages.sources import Edition
from runbook.pages.times import Zone, both, clock, local, zone_of
from runbook.pages.whole_set import compose
from runbook.plan.plan_model import NightPlan

Deploy = Callable[..., Deployment]
BERLIN = ZoneInfo("Europe/Berlin")
SPRING = ("2027-03-27T22:00", "2027-03-28T06:00")
AUTUMN = ("2026-10-24T22:00", "2026-10-25T06:00")
WINTER = ("2026-12-05T22:00", "2026-12-06T06:00")
HOUR = timedelta(hours=1)
LOCAL = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d [A-Z][a-z]{2} \d\d:\d\d"
WITH_UTC = rf"{LOCAL} (?:CET|CEST) \((?:(?:Sat|Sun) )?\d\d:\d\d UTC\)"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changing(zone: str, start: str, end: str) -> Zone:
    """The zone with one night in it, both ends in UTC."""
    night = NightPlan.model_construct(number=1, start=utc(start), end=utc(end))
    return zone_of(ZoneInfo(zone), (night,), ())


def test_utc_stands_beside_every_time_of_a_night_with_a_change_and_of_the_hour_before() -> None:
    zone = changing("Europe/Berlin", "2027-03-27T21:00", "2027-03-28T04:00")
    assert local(utc("2027-03-27T20:00"), zone) == "Sat 27 Mar 21:00 CET (20:00 UTC)"
    assert local(utc("2027-03-27T23:30"), zone) == "Sun 28 Mar 00:30 CET (Sat 23:30 UTC)"
    assert local(utc("2027-03-28T00:59"), zone) == "Sun 28 Mar 01:59 CET (00:59 UTC)"
    assert local(utc("2027-03-28T01:00"), zone) == "Sun 28 Mar 03:00 CEST (01:00 UTC)"
    assert clock(utc("2027-03-28T01:00"), zone) == "03:00 CEST (01:00 UTC)"
    assert local(utc("2027-03-28T04:00"), zone) == "Sun 28 Mar 06:00 CEST (04:00 UTC)"
    assert local(utc("2027-03-26T21:00"), zone) == "Fri 26 Mar 22:00"
    assert clock(utc("2027-03-28T04:01"), zone) == "06:01"
    assert local(None, zone) == clock(None, zone) == "–"


def test_the_two_times_of_a_doubled_hour_are_told_apart() -> None:
    zone = changing("Europe/Berlin", "2026-10-24T20:00", "2026-10-25T05:00")
    assert clock(utc("2026-10-25T00:30"), zone) == "02:30 CEST (00:30 UTC)"
    assert clock(utc("2026-10-25T01:30"), zone) == "02:30 CET (01:30 UTC)"


@pytest.mark.parametrize(
    ("zone", "start", "end", "at", "said"),
    [
        (
            "Australia/Lord_Howe",
            "2026-10-03T10:00",
            "2026-10-03T20:00",
            "2026-10-03T15:30",
            "02:30 +11 (Sat 15:30 UTC)",
        ),
        ("Antarctica/Troll", "2027-03-27T20:00", "2027-03-28T04:00", "2027-03-28T01:00", "03:00 +02 (01:00 UTC)"),
        ("Pacific/Apia", "2011-12-30T08:00", "2011-12-30T14:00", "2011-12-30T10:00", "00:00 +14 (Fri 10:00 UTC)"),
    ],
)
def test_odd_zones_are_written_like_any_other(zone: str, start: str, end: str, at: str, said: str) -> None:
    assert local(utc(at), changing(zone, start, end)).endswith(f" {said}")


@given(
    zone=st.sampled_from(("Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "UTC")),
    day=st.integers(0, 364),
    hours=st.integers(1, 12),
    minutes=st.lists(st.integers(-60, 720), min_size=2, max_size=2, unique=True),
)
def test_two_moments_of_one_night_are_never_written_alike(zone: str, day: int, hours: int, minutes: list[int]) -> None:
    start = datetime(2026, 9, 1, 14, tzinfo=UTC) + timedelta(days=day)
    night = NightPlan.model_construct(number=1, start=start, end=start + hours * HOUR)
    written = zone_of(ZoneInfo(zone), (night,), ())
    one, other = (start + timedelta(minutes=minute) for minute in minutes)
    if max(one, other) <= night.end:
        assert local(one, written) != local(other, written)
        assert local(one, written).endswith("UTC)") is local(other, written).endswith("UTC)")


def test_a_window_is_written_with_both_names_of_the_time_and_its_real_length() -> None:
    spring = both(utc("2027-03-27T21:00"), utc("2027-03-28T04:00"), Zone(BERLIN))
    assert spring == (
        "Sat 27 Mar 2027 22:00 CET to Sun 28 Mar 06:00 CEST (2027-03-27 21:00 to 2027-03-28 04:00 UTC, 7 h 00 min)"
    )
    winter = both(utc("2026-12-05T21:00"), utc("2026-12-06T05:00"), Zone(BERLIN))
    assert winter == "Sat 05 Dec 2026 22:00 to Sun 06 Dec 06:00 CET (2026-12-05 21:00 to 2026-12-06 05:00 UTC)"


# ---- the pages


def edition(deploy: Deploy, *windows: tuple[str, str], zone: str = "Europe/Berlin") -> Edition:
    change = {
        "number": "CHG1", "timezone": zone, "windows": [{"start": start, "end": end} for start, end in windows],
    }  # fmt: skip
    minutes = {"low": 5, "likely": 15, "high": 30}
    procedure = {kind: [{"text": kind, "minutes": minutes}] for kind in ("backup", "upgrade", "migrate")}
    deployment = deploy("database csm", "mta mail-filter", "mail-filter euwi", change=change, procedure=procedure)
    report = judge(deployment, {}, datetime(2026, 9, 1, tzinfo=UTC))
    return pipeline.edition(deployment, {}, report)


def of_kind(value: Any, kind: type) -> Iterator[Any]:
    if isinstance(value, kind):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from of_kind(one, kind)
    elif is_dataclass(value):
        for field in fields(value):
            yield from of_kind(getattr(value, field.name), kind)


def times(parts: tuple[Part, ...], days: str) -> list[str]:
    """What is written from each time of these days on, where a time stands; findings tell theirs in their own words."""
    told = [text for part in parts if part.id not in ("blockers", "checks") for text in texts(part.blocks)]
    return [text[found.start() :] for text in told for found in re.finditer(rf"\w{{3}} (?:{days}) \d\d:\d\d", text)]


@pytest.mark.parametrize(("window", "days"), [(SPRING, "27 Mar|28 Mar"), (AUTUMN, "24 Oct|25 Oct")])
def test_every_time_of_a_night_with_a_change_has_utc_on_every_page(
    deploy: Deploy, window: tuple[str, str], days: str
) -> None:
    parts = compose(edition(deploy, window)).parts
    found = times(parts, days)
    assert len(found) > 50
    assert [time for time in found if not re.match(rf"{WITH_UTC}|{LOCAL} (?:CET|CEST) \(20", time)] == []
    assert {part.id for part in parts if times((part,), days)} >= {"decision", "timeline", "order", "communications"}


@pytest.mark.parametrize("window", [SPRING, AUTUMN])
def test_every_step_of_a_night_with_a_change_has_utc_beside_its_start_and_its_latest(
    deploy: Deploy, window: tuple[str, str]
) -> None:
    made = edition(deploy, window)
    rows = [row for part in compose(made).parts for row in of_kind(part.blocks, StepRow)]
    night = {step.id for step in made.plan.steps if step.night is not None}
    starts = [row.starts for row in rows if row.id in night and row.starts]
    assert len(starts) > 30
    one = r"\d\d:\d\d (?:CET|CEST) \((?:Sat )?\d\d:\d\d UTC\)"
    assert [start for start in starts if not re.fullmatch(one, start)] == []


def test_a_night_without_a_change_is_as_it_always_was_beside_one_with_a_change(deploy: Deploy) -> None:
    friday = ("2027-03-26T20:00", "2027-03-27T00:30")
    made = edition(deploy, friday, SPRING)
    assert len(made.plan.nights) == 2
    parts = compose(made).parts
    assert [time for time in times(parts, "26 Mar") if re.match(WITH_UTC, time)] == []
    assert [
        time for time in times(parts, "28 Mar") if not re.match(rf"{WITH_UTC}|{LOCAL} (?:CET|CEST) \(20", time)
    ] == []


def test_an_edition_without_a_change_shows_utc_only_for_its_windows(deploy: Deploy) -> None:
    parts = compose(edition(deploy, WINTER)).parts
    found = times(parts, "05 Dec|06 Dec")
    assert found and [time for time in found if re.match(WITH_UTC, time)] == []


@pytest.mark.parametrize(("window", "hours"), [(SPRING, 7), (AUTUMN, 9)])
def test_the_plan_runs_in_real_minutes_through_the_change(deploy: Deploy, window: tuple[str, str], hours: int) -> None:
    made = edition(deploy, window)
    (night,) = made.plan.nights
    assert night.end - night.start == hours * HOUR
    inside = [step for step in made.plan.steps if step.night == 1]
    at = night.start
    for step in inside:
        assert step.starts_at == at
        at += timedelta(minutes=step.minutes.likely)
    assert at == night.start + timedelta(minutes=night.likely)
    last = inside[-1].ends_at
    assert last == night.start + timedelta(minutes=night.high)
    assert night.overrun == max(0, night.high - hours * 60)


def test_the_hours_of_the_drawing_stand_apart_and_name_utc(deploy: Deploy) -> None:
    for window in (SPRING, AUTUMN):
        (figure,) = (one for part in compose(edition(deploy, window)).parts for one in of_kind(part.blocks, Figure))
        two_lines = r'<text x="([\d.]+)"[^>]*middle">(\d\d:\d\d CES?T)</text><text x="\1"[^>]*>([^<]+)</text>'
        ticks = re.findall(two_lines, figure.svg)
        assert len(ticks) > 1 and all(re.fullmatch(r"(?:Sat )?\d\d:\d\d UTC", below) for _, _, below in ticks)
        assert len({said for _, *said in ticks for said in [tuple(said)]}) == len(ticks)
        places = [float(x) for x, _, _ in ticks]
        assert min(other - one for one, other in pairwise(places)) > 62, "thirteen letters of nine points"


def test_notices_say_the_times_of_that_night_with_their_zone(deploy: Deploy) -> None:
    parts = compose(edition(deploy, SPRING)).parts
    said = [text.text for part in parts for text in of_kind(part.blocks, SiteText)]
    assert said
    for text in said:
        for found in re.finditer(r"\w{3} (?:27|28) Mar (?:2027 )?\d\d:\d\d", text):
            assert re.match(r" (?:CET|CEST)\b", text[found.end() :]), text


def test_a_time_for_now_that_is_missing_or_comes_twice_is_refused_without_its_offset(deploy: Deploy) -> None:
    deployment = edition(deploy, SPRING).deployment
    for text in ("2027-03-28T02:30", "2026-10-25T02:30"):
        with pytest.raises(InputError, match=re.escape(text)):
            parse_time(text, deployment)
    assert parse_time("2026-10-25T02:30+01:00", deployment) == utc("2026-10-25T01:30")
    assert parse_time("2026-10-25T03:00", deployment) == utc("2026-10-25T02:00")


def test_the_sources_of_the_pages_write_no_time_of_their_own() -> None:
    source = Path(__file__).parents[2] / "runbook"
    own = {path.name for path in source.rglob("*.py") if re.search(r"strftime|:%[HM]", path.read_text())}
    assert own <= {"times.py", "whole_set.py", "pdf.py"}
