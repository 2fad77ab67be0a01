"""The night in which the clocks change: when that is, which local times it touches, and what cron has set for them."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import CRON
from checker.facts.cron_times import MONTHS, NICKNAMES, WEEKDAYS, every_hour, fires, schedule
from checker.facts.fact_values import CronLine
from checker.facts.host_facts import HostFacts, Unknown, known
from checker.facts.parsers.crontabs import cron
from checker.facts.probe.script import template
from checker.inputs.deployment import Deployment
from checker.schedule.nights import nights_of
from checker.schedule.time_zones import ClockChange, clock_changes

Deploy = Callable[..., Deployment]
MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Berlin", "Europe/Dublin", "Africa/Casablanca", "Antarctica/Troll", "Australia/Lord_Howe", "Pacific/Apia",
    "America/New_York", "America/St_Johns", "Asia/Tehran", "Asia/Kathmandu", "Pacific/Kwajalein", "UTC",
)  # fmt: skip
FIRST, LAST = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---- the zone's own changes


@pytest.mark.parametrize(
    ("zone", "at", "minutes", "first", "last"),
    [
        ("Europe/Berlin", "2027-03-28T01:00", 60, "2027-03-28T02:00", "2027-03-28T03:00"),
        ("Europe/Berlin", "2026-10-25T01:00", -60, "2026-10-25T02:00", "2026-10-25T03:00"),
        ("Australia/Lord_Howe", "2026-10-03T15:30", 30, "2026-10-04T02:00", "2026-10-04T02:30"),
        ("Australia/Lord_Howe", "2027-04-03T15:00", -30, "2027-04-04T01:30", "2027-04-04T02:00"),
        ("Antarctica/Troll", "2027-03-28T01:00", 120, "2027-03-28T01:00", "2027-03-28T03:00"),
        ("Pacific/Apia", "2011-12-30T10:00", 1440, "2011-12-30T00:00", "2011-12-31T00:00"),
        ("America/St_Johns", "2010-11-07T02:31", -60, "2010-11-06T23:01", "2010-11-07T00:01"),
    ],
)
def test_a_change_is_found_with_the_local_times_that_it_leaves_out_or_doubles(
    zone: str, at: str, minutes: int, first: str, last: str
) -> None:
    (change,) = clock_changes(ZoneInfo(zone), utc(at) - timedelta(hours=3), utc(at) + timedelta(hours=3))
    assert (change.at, change.jump) == (utc(at), minutes * MINUTE)
    assert change.local == (naive(first), naive(last))


def test_the_clocks_of_morocco_are_put_back_for_ramadan_and_forward_after_it() -> None:
    found = clock_changes(ZoneInfo("Africa/Casablanca"), utc("2027-01-01T00:00"), utc("2027-04-30T00:00"))
    assert [change.jump for change in found] == [-60 * MINUTE, 60 * MINUTE]


def test_a_change_counts_from_the_first_moment_that_could_be_mistaken_to_the_last() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    def touched(start: str, end: str) -> bool:
        return bool(clock_changes(berlin, utc(start), utc(end)))

    # the clocks go forward at 01:00 UTC: no local time is ever mistaken
    assert touched("2027-03-28T01:00", "2027-03-28T05:00") and touched("2027-03-27T20:00", "2027-03-28T01:00")
    assert not touched("2027-03-28T01:01", "2027-03-28T05:00") and not touched("2027-03-27T20:00", "2027-03-28T00:59")
    # the clocks go back at 01:00 UTC: 02:30 is there at 00:30 UTC and at 01:30 UTC
    assert touched("2026-10-25T01:30", "2026-10-25T05:00") and touched("2026-10-24T20:00", "2026-10-25T00:30")
    assert not touched("2026-10-25T02:01", "2026-10-25T05:00") and not touched("2026-10-24T20:00", "2026-10-24T23:59")


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1980, 1, 1), datetime(2037, 1, 1)),
    hours=st.integers(0, 24 * 40),
)
def test_the_changes_are_all_those_of_the_offset_and_no_others(zone: str, start: datetime, hours: int) -> None:
    info, begin = ZoneInfo(zone), start.replace(tzinfo=UTC)
    end = begin + timedelta(hours=hours)

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(info).utcoffset()

    found = clock_changes(info, begin, end)
    for change in found:
        assert (offset(change.at - timedelta(seconds=1)), offset(change.at)) == (change.before, change.after)
        for time in (change.local[0], change.local[1] - MINUTE):
            early, late = (time.replace(tzinfo=info, fold=fold) for fold in (0, 1))
            there = early.astimezone(UTC).astimezone(info).replace(tzinfo=None, fold=0) == time
            assert early.utcoffset() != late.utcoffset()
            assert there is (change.jump < timedelta())
    assert [change.at for change in found] == sorted({change.at for change in found})
    inside = [change.at for change in found if begin < change.at <= end]
    marks = [begin, *inside, end + timedelta(seconds=1)]
    for one, other in pairwise(marks):
        quarters = (one + part * (other - timedelta(seconds=1) - one) / 4 for part in range(5))
        assert len({offset(at) for at in quarters}) == 1


# ---- what cron has set


def field(lowest: int, highest: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """A time field and the numbers that it stands for, both made at once."""
    number = st.integers(lowest, highest)

    def written(value: int, by_name: bool) -> str:
        return names[value - lowest] if by_name and names and value - lowest < len(names) else str(value)

    def piece(ends: tuple[int, int], step: int, how: str, by_name: bool) -> tuple[str, set[int]]:
        first, last = sorted(ends)
        if how == "one":
            return written(first, by_name), {first}
        if how == "star":
            return f"*/{step}", {at for at in range(lowest, highest + 1) if (at - lowest) % step == 0}
        if how == "steps":
            text = f"{written(first, by_name)}-{written(last, by_name)}/{step}"
            return text, {at for at in range(first, last + 1) if (at - first) % step == 0}
        return f"{written(first, by_name)}-{last}", set(range(first, last + 1))

    pieces = st.builds(
        piece,
        st.tuples(number, number),
        st.integers(1, highest),
        st.sampled_from(("one", "one", "range", "star", "steps")),
        st.booleans(),
    )
    several = st.lists(pieces, min_size=1, max_size=3).map(
        lambda made: (",".join(text for text, _ in made), frozenset().union(*(numbers for _, numbers in made)))
    )
    return st.just(("*", frozenset(range(lowest, highest + 1)))) | several


LINES = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 7, WEEKDAYS))


@given(line=LINES, start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), minutes=st.integers(0, 1800))
def test_a_job_is_due_at_exactly_the_minutes_that_its_fields_name(
    line: tuple[tuple[str, frozenset[int]], ...], start: datetime, minutes: int
) -> None:
    minute, hour, day, month, weekday = (numbers for _, numbers in line)
    texts = [text for text, _ in line]
    first = start.replace(second=0, microsecond=0) + (MINUTE if start.second or start.microsecond else timedelta())
    end = start + minutes * MINUTE

    def due(at: datetime) -> bool:
        by_date = at.day in day
        by_weekday = at.isoweekday() in weekday or (at.isoweekday() == 7 and 0 in weekday)
        starred = texts[2][0] == "*" or texts[4][0] == "*"
        today = (by_date and by_weekday) if starred else (by_date or by_weekday)
        return today and at.month in month and at.hour in hour and at.minute in minute

    each = (first + number * MINUTE for number in range(minutes + 1))
    assert fires(" ".join(texts), start, end) == tuple(at for at in each if at < end and due(at))


def test_a_restricted_day_of_the_month_or_of_the_week_is_enough() -> None:
    both = [at.day for at in fires("0 4 13 * fri", naive("2026-11-01"), naive("2026-12-01"))]
    assert both == [6, 13, 20, 27]
    assert [at.day for at in fires("0 4 */2 * fri", naive("2026-11-01"), naive("2026-12-01"))] == [13, 27]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("@daily", ["2027-01-01T00:00", "2027-01-02T00:00"]),
        ("@midnight", ["2027-01-01T00:00", "2027-01-02T00:00"]),
        ("@yearly", ["2027-01-01T00:00"]),
        ("@annually", ["2027-01-01T00:00"]),
        ("@monthly", ["2027-01-01T00:00"]),
        ("@weekly", []),
        ("@reboot", []),
        ("@HOURLY", [f"2027-01-0{day}T{hour:02}:00" for day in (1, 2) for hour in range(24)]),
    ],
)
def test_the_nicknames_stand_for_their_times(line: str, times: list[str]) -> None:
    assert list(fires(line, naive("2027-01-01"), naive("2027-01-03"))) == [naive(time) for time in times]


@pytest.mark.parametrize(
    "line", ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
             "*/0 * * * *", "0~30 2 * * *", "a * * * *", "* * * jax *", "1, * * * *", "@often", "-1 * * * *"],
)  # fmt: skip
def test_what_cron_would_refuse_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        schedule(line)


def test_a_job_of_every_hour_is_told_from_one_of_some_hours() -> None:
    often = ("@hourly", "@every_minute", "*/5 * * * *", "7 0-23 * * *", "0 */1 * * mon")
    assert all(every_hour(line) for line in often)
    assert not any(every_hour(line) for line in ("@daily", "*/5 2 * * *", "0 0-22 * * *", "0 */2 * * *", "@reboot"))


# ---- the probe's section and its parser


CRONTAB = """\
# 1 2 3 4 5 s3cr3t
SHELL=/bin/sh
PASSWORD=s3cr3t 1 2 3 4 5
CRON_TZ = "Asia/Tokyo"
  */15 1,2-4\t* jan-MAR sun  root TOKEN=s3cr3t /bin/run
-30 2 * * * root /bin/quiet s3cr3t
@daily root s3cr3t
1 2 3 4 s3cr3t root x
s3cr3t 2 3 4 5 root x
0~30 2 * * * root /bin/some
@s3cr3t x
1 2 3 4 5
"""
TIMES = ("CRON_TZ=Asia/Tokyo", "*/15 1,2-4 * jan-MAR sun", "30 2 * * *", "@daily", "0~30 2 * * *")
SHELLS = (
    "dash", "bash", "bash --posix", "busybox sh", "mksh", "ksh93", "yash", "zsh --emulate sh", "posh",
)  # fmt: skip
AWKS = ("awk", "mawk", "gawk --posix", "gawk --traditional", "original-awk", "busybox awk")


def functions(*names: str) -> str:
    found = (
        re.search(rf"^{name}\(\) {{[^\n]*(?: }}|\n.*?^}})$", template(), re.MULTILINE | re.DOTALL) for name in names
    )
    return "\n".join(part[0] for part in found if part)


def installed(program: str) -> bool:
    return subprocess.run(["which", program], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("shell", "awk"), [*((shell, "awk") for shell in SHELLS), *(("dash", awk) for awk in AWKS)])
def test_only_times_and_names_of_files_leave_the_host(shell: str, awk: str, tmp_path: Path) -> None:
    for program in (shell.split()[0], awk.split()[0]):
        if not installed(program):
            pytest.skip(f"needs {program}")
    (tmp_path / "cron.d").mkdir()
    for name in ("cron.d/a=b", "cron.d/it's two", "crontab"):
        (tmp_path / name).write_text(CRONTAB)
    places = f"CRON_PLACES='{tmp_path}/crontab {tmp_path}/cron.d/* {tmp_path}/none/*'"
    wrapper = f'own_awk() {{ {awk} "$@"; }}\nawk=own_awk\n{places}'
    text = f"{wrapper}\n{functions('each', 'cron_tables', 'cron_times')}\ncron_tables\n"
    done = subprocess.run(shell.split(), input=text, capture_output=True, text=True, check=True)
    files = (f"{tmp_path}/{name}" for name in ("crontab", "cron.d/a=b", "cron.d/it's two"))
    assert done.stdout.splitlines() == [f"{file}:{times}" for file in files for times in TIMES]
    assert done.stderr == ""


def test_the_rows_become_lines_with_their_users_and_zones_and_what_cron_refuses_is_left() -> None:
    rows = (
        "/etc/crontab:25 6 * * *",
        "/etc/cron.d/a:b:@daily",
        "/etc/cron.d/site:CRON_TZ=Asia/Tokyo",
        "/etc/cron.d/site:0 3 * * *",
        "/var/spool/cron/root:0 1 * * 0",
        "/var/spool/cron/crontabs/pmx:30 2 * * *",
        "/var/spool/cron/tabs/pmx:30 2 * * *",
        "/var/cron/tabs/pmx:@reboot",
    )
    read = cron((*rows, "/etc/crontab:0~30 2 * * *", "no colon", "x:1 2 3 4 5"))
    assert read.unread == ("/etc/crontab:0~30 2 * * *", "no colon", "x:1 2 3 4 5")
    assert [(line.file.rpartition("/")[2], line.times, line.user, line.zone) for line in read.value] == [
        ("crontab", "25 6 * * *", None, None),
        ("a:b", "@daily", None, None),
        ("site", "0 3 * * *", None, "Asia/Tokyo"),
        ("root", "0 1 * * 0", "root", None),
        ("pmx", "30 2 * * *", "pmx", None),
        ("pmx", "30 2 * * *", "pmx", None),
        ("pmx", "@reboot", "pmx", None),
    ]


# ---- the check


def deployed(deploy: Deploy, zone: str, *windows: tuple[str, str], **high: int) -> Deployment:
    """Two servers in these windows; `high`: high minutes of a kind of work on each."""
    change = {
        "number": "CHG1", "timezone": zone, "windows": [{"start": start, "end": end} for start, end in windows],
    }  # fmt: skip
    procedure = {
        kind: [{"text": kind, "minutes": {"low": 1, "likely": 2, "high": minutes}}] for kind, minutes in high.items()
    }
    return deploy("database csm", "mta mail-filter", change=change, procedure=procedure)


def said(deployment: Deployment, **lines: tuple[str, ...]) -> Word:
    facts = {
        name: HostFacts(
            server=name, via="test", outcome="ok", collected_at=FIRST,
            facts=dict([known(CRON, tuple(CronLine(file="/etc/crontab", times=line) for line in own), "a test")]),
        )
        for name, own in lines.items()
    }  # fmt: skip
    return ask(BY_ID["window-clock-change"], Case(deployment, facts, None, LAST, "change"), None)


SPRING = ("2027-03-27T22:00", "2027-03-28T06:00")
AUTUMN = ("2026-10-24T22:00", "2026-10-25T06:00")


def test_in_spring_the_check_names_the_moment_the_missing_hour_and_what_is_set_for_it(deploy: Deploy) -> None:
    jobs = ("30 2 * * *", "30 3 * * *", "*/10 2 * * sun", "5 * * * *", "0 2 * * sat", "@hourly")
    word = said(deployed(deploy, "Europe/Berlin", SPRING), s1=jobs, s2=())
    assert word.outcome == "fail"
    assert word.message == (
        "in night 1 the clocks go forward by 1 h at Sun 28 Mar 2027 01:00 UTC, from Sun 28 Mar 02:00 CET to "
        "Sun 28 Mar 03:00 CEST: the local times from 02:00 until 03:00 are skipped, and cron has 2 jobs set for them"
    )
    assert word.observed == (
        "s1: /etc/crontab (30 2 * * *) at 02:30",
        "s1: /etc/crontab (*/10 2 * * sun) at 02:00, 02:10, 02:20, 02:30 and 2 more",
    )


def test_in_autumn_the_hour_comes_twice_and_a_table_that_was_not_seen_is_said(deploy: Deploy) -> None:
    word = said(deployed(deploy, "Europe/Berlin", AUTUMN), s2=("0 3 * * *", "59 2 25 10 *"))
    assert word.outcome == "fail"
    assert word.message == (
        "in night 1 the clocks go back by 1 h at Sun 25 Oct 2026 01:00 UTC, from Sun 25 Oct 03:00 CEST to "
        "Sun 25 Oct 02:00 CET: the local times from 02:00 until 03:00 are repeated, and cron has 1 job set for them"
    )
    assert word.observed == ("s2: /etc/crontab (59 2 25 10 *) at 02:59", "s1: its cron tables were not read")


def test_a_skipped_day_is_told_with_its_days(deploy: Deploy) -> None:
    word = said(deployed(deploy, "Pacific/Apia", ("2011-12-29T22:00", "2011-12-31T04:00")), s1=("@daily",), s2=())
    assert "from Fri 30 Dec 00:00 -10 to Sat 31 Dec 00:00 +14" in word.message
    assert "from 00:00 until Sat 31 Dec 00:00 are skipped" in word.message
    assert word.observed == ("s1: /etc/crontab (@daily) at 00:00",)


def test_a_change_between_two_nights_is_said_apart_from_one_inside(deploy: Deploy) -> None:
    windows = ("2027-03-26T22:00", "2027-03-27T04:00"), ("2027-04-02T22:00", "2027-04-03T06:00")
    deployment = deployed(deploy, "Europe/Berlin", *windows, backup=5, upgrade=60, migrate=5)
    assert len(nights_of(deployment)) == 2
    word = said(deployment, s1=(), s2=())
    assert word.outcome == "fail"
    assert word.message.startswith("outside the windows, between nights 1 and 2, the clocks go forward by 1 h")
    assert "in night" not in word.message


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Europe/Berlin"])
def test_a_night_without_a_change_passes_and_needs_no_facts(deploy: Deploy, zone: str) -> None:
    word = said(deployed(deploy, zone, ("2026-12-05T22:00", "2026-12-06T06:00")))
    assert word.outcome == "pass" and zone in word.message


def test_a_cron_table_that_nobody_could_see_is_never_taken_for_an_empty_one(deploy: Deploy) -> None:
    deployment = deployed(deploy, "Europe/Berlin", SPRING)
    refused = HostFacts(
        server="s1", via="test", outcome="ok", collected_at=FIRST, facts={CRON.path: Unknown(unknown="may not be read")}
    )
    word = ask(BY_ID["window-clock-change"], Case(deployment, {"s1": refused}, None, LAST, "change"), None)
    assert word.observed == ("s1: its cron tables were not read", "s2: its cron tables were not read")


@pytest.mark.parametrize(("window", "hours"), [(SPRING, 7), (AUTUMN, 9)])
def test_the_length_of_the_window_is_counted_in_real_minutes(
    deploy: Deploy, window: tuple[str, str], hours: int
) -> None:
    (night,) = nights_of(deployed(deploy, "Europe/Berlin", window))
    assert night.length == hours * 60


def test_the_same_work_overruns_the_short_night_by_two_hours_more_than_the_long_one(deploy: Deploy) -> None:
    def overrun(window: tuple[str, str]) -> int:
        (night,) = nights_of(deployed(deploy, "Europe/Berlin", window, upgrade=600))
        return night.overrun

    assert overrun(AUTUMN) > 0
    assert overrun(SPRING) - overrun(AUTUMN) == 120  # by the clock on the wall both nights have eight hours


def test_a_change_is_one_value_wherever_it_is_looked_at_from() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    wide = clock_changes(berlin, utc("2027-03-01T00:00"), utc("2027-04-01T00:00"))
    close = clock_changes(berlin, utc("2027-03-28T00:59"), utc("2027-03-28T01:01"))
    assert wide == close == (ClockChange(utc("2027-03-28T01:00"), 60 * MINUTE, 120 * MINUTE),)


def test_every_nickname_is_a_schedule() -> None:
    assert all(schedule(name) == schedule(fields) for name, fields in NICKNAMES.items())
