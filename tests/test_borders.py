"""Every number of ours at its border: what is still well there, and no longer one step past it.

The numbers are written out once more: whoever changes one is asked here whether it was meant.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from our_numbers import border
from worlds import GIB, World, finding, healthy, hosts

from checker.around import LEADS
from checker.checks.judge import due_times
from checker.deployment import Deployment
from checker.durations import OURS, by_rate
from checker.nights import hand_overs, place
from checker.report import Stage
from checker.sizes import Sizes, measured

STEP = timedelta(microseconds=1)
FIVE_MINUTES = timedelta(minutes=5)


def say(world: World, check: str, on: str | None = None) -> str:
    world.only = (check,)
    return finding(world.judged(), check, on).outcome


@border("checker.checks.night.FRESH")
@pytest.mark.parametrize(
    ("stage", "limit"),
    [
        ("change", timedelta(days=14)),
        ("two-days", timedelta(days=2)),
        ("one-hour", timedelta(hours=2)),
        ("server", timedelta(hours=1)),
    ],
)
def test_facts_are_young_enough_up_to_their_limit(stage: Stage, limit: timedelta) -> None:
    for name in ("db1", "mx2"):
        world = healthy(stage)
        world.collected(world.now - limit, name)
        assert say(world, "facts-fresh") == "pass"
        world.collected(world.now - limit - STEP, name)
        assert say(world, "facts-fresh") == "fail"


@border("checker.checks.night.FUTURE")
def test_facts_may_come_from_a_clock_that_is_a_little_ahead() -> None:
    world = healthy("server")
    world.collected(world.now + FIVE_MINUTES, "mx1")
    assert say(world, "facts-fresh") == "pass"
    world.collected(world.now + FIVE_MINUTES + STEP, "mx1")
    assert say(world, "facts-fresh") == "fail"


@border("checker.checks.night.CLOCKS")
@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_agree_up_to_their_limit(direction: int) -> None:
    world = healthy("server")
    collected = datetime.fromisoformat(world.facts["mx1"]["collected_at"])
    world.facts["mx1"]["host_clock"] = (collected + direction * FIVE_MINUTES).isoformat()
    assert say(world, "clocks-agree") == "pass"
    world.facts["mx1"]["host_clock"] = (collected + direction * (FIVE_MINUTES + STEP)).isoformat()
    assert say(world, "clocks-agree") == "fail"


@border("checker.checks.disk.GROWTH")
def test_an_older_figure_counts_with_its_growth() -> None:
    """Nobody saw the quarantine's size and its own file system's room; the baseline knows the size."""

    def of(room: float) -> str:
        world = healthy("server")
        world.deployment["disk"] = {"headroom_percent": "0"}
        world.deployment["migration"] = {
            "script": "true",
            "options": ["Quarantine"],
            "parts": {"Quarantine": ["quarantine"]},
        }
        world.unknown("mx1", "parts.quarantine.kib")
        world.unknown("mx1", "parts.quarantine.mount_point")
        world.then("mx1", "parts.quarantine.kib", 4 * GIB)
        world.available("mx1", room)
        return say(world, "disk-space", "mx1")

    needed = int(4 * GIB * 1.2)
    assert (of(needed), of(needed - 1)) == ("pass", "unknown")


def test_nothing_is_written_where_nothing_is_free() -> None:
    """Even where nobody knows of anything that lands there."""
    for room in (0, -1):
        world = healthy("server")
        del world.deployment["disk"]["installation_kib"]
        world.deployment["migration"] = {"script": "false"}
        world.available("mx1", room)
        assert say(world, "disk-space", "mx1") == "fail", room


@border("checker.checks.services.MESSAGES_A_MINUTE")
def test_a_queue_empties_in_the_likely_minutes_of_its_drain() -> None:
    world = healthy("server")
    minutes = int(world.deployment["procedure"]["drain"][0]["minutes"]["likely"])
    world.value("mx1", "puremessage.queue_old", minutes * 60)
    assert say(world, "queue-depth", "mx1") == "pass"
    world.value("mx1", "puremessage.queue_old", minutes * 60 + 1)
    assert say(world, "queue-depth", "mx1") == "fail"


@border("checker.checks.services.ERRORS_KIB_AN_HOUR")
def test_the_logs_have_room_for_the_errors_of_the_whole_night() -> None:
    world = healthy("server")
    world.value("mx1", "parts.logs.mount_point", "/")
    world.available("mx1", 8 * 120_000, "/")  # from 22:00 to 06:00
    assert say(world, "log-headroom", "mx1") == "pass"
    world.available("mx1", 8 * 120_000 - 1, "/")
    assert say(world, "log-headroom", "mx1") == "fail"


@border("checker.checks.after.SHRINKS")
def test_a_database_may_shrink_to_a_quarter() -> None:
    world = healthy("after")
    before = world.baseline["db1"]["facts"]["parts.database.kib"]["value"]  # type: ignore[index]
    world.value("db1", "target.parts.database.kib", before // 4)
    assert say(world, "after-counts", "db1") == "pass"
    world.value("db1", "target.parts.database.kib", before // 4 - 1)
    assert say(world, "after-counts", "db1") == "fail"


@border("checker.nights.SHIFT")
def test_people_are_relieved_only_where_they_would_work_beyond_their_shift() -> None:
    high = {"a": 180, "b": 160}
    assert hand_overs(("a", "b"), high, 10, 10) == ()
    assert hand_overs(("a", "b"), high | {"b": high["b"] + 1}, 10, 10) == ("b",)
    assert hand_overs(("a", "b"), high | {"b": high["b"] + 11}, 10, 10) == ("a",)


@border("checker.durations.SPREAD")
def test_a_rate_gives_no_minute_less_than_the_rehearsal_and_twice_that_at_the_worst(
    deploy: Callable[..., Deployment],
) -> None:
    tried = {"on": "2026-11-01", "by": "A. Example", "result": "complete"}
    declared = deploy(
        "database csm", "mta mail-filter", rehearsal=tried | {"rates": {"backup": {"kib_per_minute": 100}}}
    )
    server = declared.server("s2")
    parts = ("quarantine", "logs", "database", "configuration", "queue")
    for kib, minutes in ((10_000, (100, 125, 200)), (10_001, (101, 126, 201))):
        sizes = Sizes({("s2", part): kib if part == "quarantine" else 0 for part in parts}, {})
        found = by_rate(declared, server, "backup", sizes)
        assert found and (found.low, found.likely, found.high) == minutes


@border("checker.durations.OURS")
def test_a_window_as_long_as_the_high_minutes_fits_and_a_minute_less_does_not() -> None:
    for key, figure in OURS.items():
        assert 0 < figure[0] <= figure[1] <= figure[2], key
    world = healthy("change")
    high = place(world.declared(), measured(hosts(world.facts)))[0].minutes.high
    start = datetime.fromisoformat("2026-12-05T22:00")

    def of(minutes: int) -> str:
        end = (start + timedelta(minutes=minutes)).isoformat()
        world.deployment["change"]["windows"] = [{"start": start.isoformat(), "end": end}]
        return say(world, "window-fits")

    assert of(high) == "pass"
    assert of(high - 1) != "pass"


@border("checker.around.LEADS")
def test_the_stages_begin_when_the_preparation_for_them_is_due() -> None:
    world = healthy("change")
    declared = world.declared()
    due = due_times(place(declared), world.now)
    start = declared.change.nights[0][0]
    assert due["two-days"] == start - LEADS["recheck-two-days"] == start - LEADS["notice-two-days"]
    assert due["one-hour"] == start - LEADS["recheck-one-hour"] == start - LEADS["notice-one-hour"]


def _copied(check: str, finished: datetime) -> World:
    world = healthy("server")
    world.deployment["answers"][check] |= {"finished": finished.isoformat()}
    return world


@border("checker.checks.evidence.BACKUP_AGE", "checker.checks.evidence.RESTORE_AGE")
@pytest.mark.parametrize(("check", "days"), [("backup-evidence", 3), ("restore-tested", 180)])
def test_a_copy_is_young_enough_to_the_minute(check: str, days: int) -> None:
    limit = healthy("server").now - timedelta(days=days)
    assert say(_copied(check, limit), check, "mx1") == "pass"
    assert say(_copied(check, limit - timedelta(minutes=1)), check, "mx1") == "fail"


@border("checker.checks.evidence.REHEARSAL_AGE")
def test_a_rehearsal_is_young_enough_for_half_a_year_of_days() -> None:
    for days, outcome in ((180, "pass"), (181, "fail")):
        world = healthy("server")
        on = (world.now - timedelta(days=days)).date().isoformat()
        world.deployment["rehearsal"] = {"on": on, "by": "A. Example", "result": "complete"}
        assert say(world, "rehearsal") == outcome, days


def _attempted(world: World) -> None:
    """An earlier attempt left something, and it is accepted until a day."""
    world.value("mx1", "target.entries", [{"name": "bin", "kind": "directory", "target": None}])
    world.deployment["waivers"] = [
        {"check": "target-absent", "server": "mx1", "observed": "/opt/pmx6 already holds bin", "reason": "r",
         "by": "A. Example", "ticket": "CHG1", "until": "2026-12-05"}
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland"])
def test_a_waiver_holds_to_the_end_of_its_last_day_in_the_changes_zone(zone: str) -> None:
    """The window of this world is over before that day ends, so that the day alone decides."""

    midnight = datetime(2026, 12, 6, tzinfo=ZoneInfo(zone))
    for now, outcome in ((midnight - STEP, "waived"), (midnight, "fail")):
        world = healthy("server")
        world.deployment["change"] |= {
            "timezone": zone, "windows": [{"start": "2026-12-04T22:00", "end": "2026-12-05T06:00"}],
        }  # fmt: skip
        _attempted(world)
        world.now = now
        assert say(world, "target-absent", "mx1") == outcome


def test_a_waiver_lasts_at_least_as_long_as_the_last_window() -> None:
    def of(end: str) -> str:
        world = healthy("server")
        world.deployment["change"]["windows"] = [{"start": "2026-12-05T22:00", "end": end}]
        _attempted(world)
        return say(world, "target-absent", "mx1")

    assert of("2026-12-06T00:00") == "waived"
    assert of("2026-12-06T00:01") == "fail"
