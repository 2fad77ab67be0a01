"""Every number of ours at its border: what is still well there, and no longer one step past it.

The numbers are written out once more: whoever changes one is asked here whether it was meant.
"""

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from our_numbers import AT_THE_BORDER, border, our_numbers
from worlds import GIB, World, finding, healthy, hosts

from checker.checks.judge import due_times
from checker.checks.mechanism import Host
from checker.errors import InputError
from checker.facts.fact_values import Space
from checker.inputs.deployment import Deployment, Part
from checker.inputs.minutes import OURS
from checker.report import Stage
from checker.schedule.disk_needs import Need, errors
from checker.schedule.disk_rooms import points, rooms
from checker.schedule.durations import by_rate
from checker.schedule.nights import Between, hand_overs, nights_of, weigh
from checker.schedule.sizes import Sizes, measured
from checker.schedule.step_catalogue import LEADS
from checker.values import Basis
from runbook import site_check
from runbook.pages.notices.texts import Service, together
from runbook.pages.times import spoken
from runbook.plan.plan_model import Interruption

STEP = timedelta(microseconds=1)
FIVE_MINUTES = timedelta(minutes=5)


def say(world: World, check: str, on: str | None = None) -> str:
    world.only = (check,)
    return finding(world.judged(), check, on).outcome


@border("checker.checks.now.FRESH")
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


@border("checker.checks.now.FUTURE")
def test_facts_may_come_from_a_clock_that_is_a_little_ahead() -> None:
    world = healthy("server")
    world.collected(world.now + FIVE_MINUTES, "mx1")
    assert say(world, "facts-fresh") == "pass"
    world.collected(world.now + FIVE_MINUTES + STEP, "mx1")
    assert say(world, "facts-fresh") == "fail"


@border("checker.checks.now.CLOCKS")
@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_agree_up_to_their_limit(direction: int) -> None:
    world = healthy("server")
    collected = datetime.fromisoformat(world.facts["mx1"]["collected_at"])
    world.facts["mx1"]["host_clock"] = (collected + direction * FIVE_MINUTES).isoformat()
    assert say(world, "clocks-agree") == "pass"
    world.facts["mx1"]["host_clock"] = (collected + direction * (FIVE_MINUTES + STEP)).isoformat()
    assert say(world, "clocks-agree") == "fail"


def _lands(world: World, room: float, server: str = "mx1") -> str:
    """What disk-space says where only the quarantine lands, without headroom."""
    world.deployment["disk"] = {"headroom_percent": "0", "installation_kib": "0", "log_errors_kib_per_hour": "0"}
    world.deployment["migration"] = {"script": "true", "options": ["Q"], "parts": {"Q": ["quarantine"]}}
    world.available(server, room)
    return say(world, "disk-space", server)


@border("checker.schedule.disk_needs.GROWTH_PERCENT")
def test_an_older_figure_counts_with_its_growth() -> None:
    """Nobody saw the quarantine's size and its own file system's room; the baseline knows the size."""

    def of(room: float) -> str:
        world = healthy("server")
        world.unknown("mx1", "parts.quarantine.kib")
        world.unknown("mx1", "parts.quarantine.mount_point")
        world.then("mx1", "parts.quarantine.kib", 4 * GIB)
        world.then("mx1", "parts.quarantine.apparent_kib", 4 * GIB)
        return _lands(world, room)

    needed = 4 * GIB * 120 // 100
    assert (of(needed), of(needed - 1)) == ("pass", "unknown")


@border("checker.schedule.disk_needs.UNCOUNTED_BYTES")
def test_bytes_that_nobody_counted_are_four_times_what_is_allocated_at_the_most() -> None:
    def of(room: int) -> str:
        world = healthy("server")
        world.value("mx1", "parts.quarantine.kib", GIB)
        world.unknown("mx1", "parts.quarantine.apparent_kib")
        return _lands(world, room)

    assert (of(4 * GIB), of(4 * GIB - 1)) == ("pass", "unknown")


@border("checker.schedule.disk_needs.INSTALLATION_KIB")
def test_an_installation_that_nobody_measured_takes_ten_gibibytes_at_the_most() -> None:
    def of(room: int) -> str:
        world = healthy("server")
        world.deployment["disk"] = {"headroom_percent": "0", "log_errors_kib_per_hour": "0"}
        world.deployment["migration"] = {"script": "false"}
        world.available("mx1", room)
        return say(world, "disk-space", "mx1")

    assert (of(10 * GIB), of(10 * GIB - 1)) == ("pass", "unknown")


@border("checker.schedule.disk_needs.FRESH_DAYS")
def test_a_figure_of_the_sites_own_grows_after_a_fortnight() -> None:
    def of(days: int) -> str:
        world = healthy("server")
        at = (world.now - timedelta(days=days)).date().isoformat()
        world.value("mx1", "parts.quarantine.kib", 4 * GIB)
        world.value("mx1", "parts.quarantine.apparent_kib", 40 * GIB)
        own = {"mx1": {"quarantine": str(5 * GIB), "by": "A. Example", "at": at}}
        _lands(world, 5 * GIB)
        world.deployment["disk"]["sizes"] = own
        return say(world, "disk-space", "mx1")

    assert (of(14), of(15)) == ("pass", "fail")


@border("checker.schedule.disk_rooms.ALIKE")
def test_two_looks_at_one_export_differ_by_a_thousandth_at_the_most() -> None:
    def of(apart: int) -> bool:
        rows = [
            Space(mount_point=at, device=at, type="nfs", total_kib=1_000_000, available_kib=500_000 + more)
            for at, more in (("/a", 0), ("/b", apart))
        ]
        needs = [Need("mx1", "target", "data", row.mount_point, 1, 1) for row in rows]
        found = points("mx1", tuple(rows), (), tuple(needs))
        return len(rooms(found, lambda _: tuple(rows))) == 1

    assert (of(1000), of(1001)) == (True, False)


@border("checker.checks.disk.INSTALLATION_FILES")
def test_an_installation_has_fifty_thousand_files_at_the_most() -> None:
    def of(free: int) -> str:
        world = healthy("server")
        world.deployment["migration"] = {"script": "false"}
        for row in world.seen("mx1", "storage.inodes"):
            row["available"] = free
        return say(world, "disk-inodes", "mx1")

    assert of(50_000) == "pass"
    assert of(49_999) != "pass"


def test_nothing_is_written_where_nothing_is_free() -> None:
    """Even where nobody knows of anything that lands there."""
    for room in (0, -1):
        world = healthy("server")
        del world.deployment["disk"]["installation_kib"]
        world.deployment["migration"] = {"script": "false"}
        world.available("mx1", room)
        assert say(world, "disk-space", "mx1") == "fail", room


@border("checker.checks.queues.MESSAGES_A_MINUTE")
def test_a_queue_empties_in_the_likely_minutes_of_its_drain() -> None:
    world = healthy("server")
    minutes = int(world.deployment["procedure"]["drain"][0]["minutes"]["likely"])
    world.value("mx1", "puremessage.queue_old", minutes * 60)
    assert say(world, "queue-depth", "mx1") == "pass"
    world.value("mx1", "puremessage.queue_old", minutes * 60 + 1)
    assert say(world, "queue-depth", "mx1") == "fail"


@border("checker.schedule.disk_needs.ERRORS_KIB_AN_HOUR")
def test_the_logs_have_room_for_the_errors_of_an_hour_of_120000_messages() -> None:
    def kib(hours: float) -> int:
        world = healthy("server")
        declared, host = world.declared(), Host("mx1", hosts(world.facts)["mx1"], set())
        return errors(declared, declared.server("mx1"), host, hours).high or 0

    assert (kib(1), kib(8)) == (120_000, 960_000)


@border("checker.checks.after.SHRINKS")
def test_a_database_may_shrink_to_a_quarter() -> None:
    world = healthy("after")
    before = world.baseline["db1"]["facts"]["parts.database.kib"]["value"]  # type: ignore[index]
    world.value("db1", "target.parts.database.kib", before // 4)
    assert say(world, "after-counts", "db1") == "pass"
    world.value("db1", "target.parts.database.kib", before // 4 - 1)
    assert say(world, "after-counts", "db1") == "fail"


@border("checker.schedule.nights.SHIFT")
def test_people_are_relieved_only_where_they_would_work_beyond_their_shift() -> None:
    high = {"a": 180, "b": 160}
    assert hand_overs(("a", "b"), high, 10, 10) == ()
    assert hand_overs(("a", "b"), high | {"b": high["b"] + 1}, 10, 10) == ("b",)
    assert hand_overs(("a", "b"), high | {"b": high["b"] + 11}, 10, 10) == ("a",)


@border("checker.schedule.durations.SPREAD")
def test_a_rate_gives_no_minute_less_than_the_rehearsal_and_twice_that_at_the_worst(
    deploy: Callable[..., Deployment],
) -> None:
    tried = {"on": "2026-11-01", "by": "A. Example", "result": "complete"}
    declared = deploy(
        "database csm", "mta mail-filter", rehearsal=tried | {"rates": {"backup": {"kib_per_minute": 100}}}
    )
    server = declared.server("s2")
    parts: tuple[Part, ...] = ("quarantine", "logs", "database", "configuration", "queue")
    for kib, minutes in ((10_000, (100, 125, 200)), (10_001, (101, 126, 201))):
        sizes = Sizes({("s2", part): kib if part == "quarantine" else 0 for part in parts}, {})
        found = by_rate(declared, server, "backup", sizes)
        assert found and (found.low, found.likely, found.high) == minutes


@border("checker.inputs.minutes.OURS")
def test_a_window_as_long_as_the_high_minutes_fits_and_a_minute_less_does_not() -> None:
    for key, figure in OURS.items():
        assert 0 < figure[0] <= figure[1] <= figure[2], key
    world = healthy("change")
    high = nights_of(world.declared(), measured(hosts(world.facts)))[0].minutes.high
    start = datetime.fromisoformat("2026-12-05T22:00")

    def of(minutes: int) -> str:
        end = (start + timedelta(minutes=minutes)).isoformat()
        world.deployment["change"]["windows"] = [{"start": start.isoformat(), "end": end}]
        return say(world, "window-fits")

    assert of(high) == "pass"
    assert of(high - 1) != "pass"


@border(*(f"checker.schedule.step_catalogue.{lead}" for lead in ("TWO_WEEKS", "TWO_DAYS", "ONE_HOUR")))
def test_the_stages_begin_when_the_preparation_for_them_is_due() -> None:
    world = healthy("change")
    declared = world.declared()
    due = due_times(nights_of(declared), world.now)
    start = declared.change.nights[0][0]
    assert due["two-days"] == start - LEADS["recheck-two-days"] == start - LEADS["notice-two-days"]
    assert due["one-hour"] == start - LEADS["recheck-one-hour"] == start - LEADS["notice-one-hour"]
    assert LEADS["measure-space"] == LEADS["notice-two-weeks"] == timedelta(days=14)


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


@border("checker.checks.now.AHEAD")
def test_the_go_is_said_two_hours_before_the_window_at_the_earliest() -> None:
    for before, outcome in ((timedelta(hours=2), "pass"), (timedelta(hours=2) + STEP, "fail")):
        world = healthy("server")
        world.now = world.declared().change.nights[0][0] - before
        world.collected(world.now)
        assert say(world, "window-now") == outcome


@border("checker.checks.now.COLLECTOR")
@pytest.mark.parametrize("direction", [1, -1])
def test_the_collecting_machines_clock_may_be_ten_minutes_off(direction: int) -> None:
    for apart, outcome in ((timedelta(minutes=10), "pass"), (timedelta(minutes=10, microseconds=1), "unknown")):
        world = healthy("server")
        for host in world.facts.values():
            host["host_clock"] = (datetime.fromisoformat(host["collected_at"]) + direction * apart).isoformat()
        assert say(world, "window-now") == outcome


def test_a_window_lasts_to_its_last_moment() -> None:
    for after, outcome in ((timedelta(), "pass"), (STEP, "fail")):
        world = healthy("change")
        world.now = world.declared().change.nights[-1][1] + after
        assert say(world, "window-now") == outcome


@border("checker.inputs.deployment_rules.LONGEST_EXTENSION")
def test_a_window_is_extended_by_a_day_at_the_most() -> None:
    for until, fits in (("2026-12-07T06:00", True), ("2026-12-07T06:01", False)):
        world = healthy("server")
        world.deployment["change"]["extended"] = {"until": until, "by": "A. Example", "ticket": "CHG2"}
        assert (world.outcome() != "fault") is fits


@border("checker.inputs.minutes.LONGEST", "checker.inputs.minutes.MOST_MOVED")
def test_figures_of_the_file_stay_inside_the_calendar() -> None:
    def of(minutes: int, peak: int) -> bool:
        world = healthy("change")
        world.deployment["minutes"]["soak"] = dict.fromkeys(("low", "likely", "high"), str(minutes))
        world.deployment["mail_paths"][0]["peak_per_hour"] = str(peak)
        return world.outcome() != "fault"

    assert of(10_000, 2**53)
    assert not of(10_001, 2**53)
    assert not of(10_000, 2**53 + 1)


@border("checker.checks.windows.LARGEST")
def test_the_three_largest_guesses_are_named_for_who_would_measure_them() -> None:
    world = healthy("change")
    del world.deployment["minutes"]
    for kind in ("upgrade", "backup", "migrate", "start", "verify"):
        del world.deployment["procedure"][kind][0]["minutes"]
    world.only = ("window-fits",)
    found = finding(world.judged(), "window-fits")
    assert found.outcome == "unknown"
    assert sum(line.startswith("minutes.") for line in found.observed) == 3


@border("runbook.site_check.MOST")
def test_a_directory_of_templates_holds_five_hundred_files_at_the_most(tmp_path: Path) -> None:
    for number in range(501):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InputError, match="holds more than 500 files"):
        site_check.check(tmp_path)
    (tmp_path / "500.txt").unlink()
    with pytest.raises(InputError) as told:
        site_check.check(tmp_path)
    assert "holds more than" not in str(told.value), "each is told as what replaces nothing"


def test_the_errors_of_the_logs_fit_up_to_the_last_kib() -> None:
    world = healthy("server")
    declared = world.declared()
    night = nights_of(declared, measured(hosts(world.facts)))[0]
    hours = (night.begin_by[night.servers.index("mx1")] - night.start) / timedelta(hours=1)
    world.value("mx1", "parts.logs.mount_point", "/")
    for room, outcome in ((int(hours * 120_000), "pass"), (int(hours * 120_000) - 1, "fail")):
        world.available("mx1", room, "/")
        assert say(world, "log-headroom", "mx1") == outcome


@border("checker.checks.baseline.OLD")
def test_a_baseline_is_old_after_ninety_days_which_is_a_warning() -> None:
    for age, old in ((timedelta(days=90), False), (timedelta(days=90) + STEP, True)):
        world = healthy("server")
        for host in (world.baseline or {}).values():
            host["collected_at"] = host["host_clock"] = (world.now - age).isoformat()
        world.only = ("baseline-usable",)
        found = finding(world.judged(), "baseline-usable")
        assert found.outcome == "pass"
        assert any("older than 90 days" in line for line in found.observed) is old


@border("checker.checks.unchanged.ANSWERED")
def test_that_nothing_has_changed_is_answered_on_the_evening_or_the_day_before() -> None:
    for at, outcome in (("2026-12-04", "pass"), ("2026-12-03", "unknown")):
        world = healthy("server")  # on 2026-12-05
        world.unknown("mx1", "identity.host_keys")
        said = {"confirmed": "yes", "how": "looked at the console", "by": "A. Example", "at": at}
        world.deployment["answers"]["identity-unchanged"] = {"by": "A. Example", "at": at, "servers": {"mx1": said}}
        assert say(world, "identity-unchanged", "mx1") == outcome


def test_facts_without_version_6_count_against_a_done_server_until_its_work_could_have_been_done() -> None:
    world = healthy("server", done=["db1"])
    world.now += timedelta(hours=4)
    least = timedelta(minutes=weigh(world.declared(), measured(hosts(world.facts)))["db1"].low)
    for age, outcome in ((least, "unknown"), (least - STEP, "fail")):
        world.value("db1", "target.entries", None)
        world.collected(world.now - age)
        assert say(world, "after-target-present", "db1") == outcome


@border("runbook.pages.notices.texts.NEAR")
def test_a_notice_tells_of_services_together_that_are_missing_at_nearly_the_same_time() -> None:
    start = datetime.fromisoformat("2026-12-05T22:00+01:00")

    def missing(minutes: int) -> Service:
        row = Interruption(
            key="euwi", service="", audience="", impact="down", words="", cause="", from_step="", until_step="",
            starts_at=start, ends_at=start + timedelta(hours=4, minutes=minutes), basis=Basis(kind="ours"), demands=(),
        )  # fmt: skip
        return "a service", "", (row,)

    assert [len(own) for own in together([missing(0), missing(60)])] == [2]
    assert [len(own) for own in together([missing(0), missing(61)])] == [1, 1]


def test_a_pause_is_as_long_as_it_is_and_never_rounded_up() -> None:
    start = datetime.fromisoformat("2026-12-06T06:00+01:00")
    for minutes, said in ((59, "59 min"), (60, "1 h 00 min"), (61, "1 h 01 min")):
        between = Between(1, start, start + timedelta(minutes=minutes), (), ())
        assert (between.minutes, spoken(between.minutes)) == (minutes, said)


def test_every_number_of_ours_has_a_test_at_its_border() -> None:
    found = set(our_numbers())
    assert len(found) > 10, "the comments are not found any more"
    lacking = sorted(found - AT_THE_BORDER.keys())
    assert not lacking, f"{', '.join(lacking)}: add a test at the border, with @border(name)"
    for constant in AT_THE_BORDER:
        module, _, name = constant.rpartition(".")
        assert hasattr(importlib.import_module(module), name), f"{constant}: there is no such constant"
