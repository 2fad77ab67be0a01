"""What lands: sizes between their bounds, figures of ours and how the site replaces them."""

from pathlib import Path
from typing import Any

import pytest
from disks import Facts, case, deployment, facts, space

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.facts.catalogue import OWN_ROWS, PART_APPARENT_KIB, PART_KIB, PART_MOUNT
from checker.facts.host_facts import Unknown
from checker.schedule.disk_needs import ERRORS_KIB_AN_HOUR, FRESH_DAYS, GROWTH_PERCENT, INSTALLATION_KIB

GIB = 1024 * 1024


def opt(left: int, **more: Any) -> Facts:
    return facts(("/opt", "/dev/sdb1", "ext4", 100 * GIB, left), **more)


def at(left: int, kib: int = 500, apparent: int | None = None, **declared: Any) -> str:
    bytes_ = {"quarantine": kib if apparent is None else apparent}
    found = opt(left, kib={"quarantine": kib}, apparent=bytes_)
    return space(found, deployment(**declared)).outcome


def test_allocated_is_the_least_that_a_copy_needs_and_its_bytes_are_the_most() -> None:
    assert at(1000 + 1500, kib=500, apparent=1500) == "pass"
    assert at(1000 + 1499, kib=500, apparent=1500) == "unknown"
    assert at(1000 + 500, kib=500, apparent=1500) == "unknown"
    assert at(1000 + 499, kib=500, apparent=1500) == "fail"
    assert at(1000 + 500, kib=500, apparent=100) == "pass", "many small files take more than their bytes"


def test_a_sparse_log_is_healthy_where_its_bytes_would_fit() -> None:
    logs = deployment(migration={"script": True, "options": ["Logs"]})
    sparse = opt(60 * GIB, kib={"logs": 100}, apparent={"logs": 50 * GIB})
    assert space(sparse, logs).outcome == "pass"


@pytest.mark.parametrize("put", [None, Unknown(unknown="stopped"), Unknown(unknown="stopped", partial=4)])
def test_bytes_that_nobody_counted_are_at_most_four_times_as_many(put: Unknown | None) -> None:
    def left(available: int) -> str:
        found = opt(available)
        found.pop(PART_APPARENT_KIB["quarantine"].path)
        return space(found | ({PART_APPARENT_KIB["quarantine"].path: put} if put else {})).outcome

    assert left(1000 + 2000) == "pass"
    assert left(1000 + 1999) == "unknown"
    assert left(1000 + 499) == "fail"


def test_facts_of_an_older_edition_are_told_once_and_not_by_their_disks() -> None:
    found = opt(1000 + 500)
    for path in (PART_APPARENT_KIB["quarantine"].path, OWN_ROWS.path):
        found.pop(path)
    older = case(deployment(), {"a": found}, asked=None)
    assert ask(BY_ID["disk-space"], older, older.deployment.server("a")).outcome == "pass"
    assert ask(BY_ID["asked-the-same"], older, older.deployment.server("a")).outcome == "unknown"


def measured(**sizes: Any) -> dict[str, Any]:
    return {"sizes": {"a": {"by": "A. Example", "at": "2026-12-01"} | sizes}}


def test_a_figure_that_the_site_measured_closes_what_lies_between() -> None:
    assert at(1000 + 700, kib=500, apparent=1500, disk=measured(quarantine=700)) == "pass"
    assert at(1000 + 699, kib=500, apparent=1500, disk=measured(quarantine=700)) == "fail"
    assert at(1000 + 700, kib=500, apparent=1500, disk=measured(logs=700)) == "unknown", "of another part"
    assert at(1000 + 1499, kib=701, apparent=1500, disk=measured(quarantine=700)) == "unknown", "more was seen since"


def test_a_measured_figure_grows_after_a_fortnight_and_none_is_of_tomorrow() -> None:
    assert at(1000 + 700, apparent=1500, disk=measured(quarantine=700, at="2026-11-21")) == "pass"
    assert at(1000 + 840, apparent=1500, disk=measured(quarantine=700, at="2026-11-20")) == "pass"
    assert at(1000 + 839, apparent=1500, disk=measured(quarantine=700, at="2026-11-20")) == "fail"
    assert at(1000 + 700, apparent=1500, disk=measured(quarantine=700, at="2026-12-05")) == "pass"
    assert at(1000 + 700, apparent=1500, disk=measured(quarantine=700, at="2026-12-06")) == "unknown"


def partial(available: int, low: int, before: Facts | None, seen: bool = True) -> str:
    found = opt(available)
    found[PART_KIB["quarantine"].path] = Unknown(unknown="stopped", partial=low)
    if not seen:
        found[PART_MOUNT["quarantine"].path] = Unknown(unknown="permission denied")
    return space(found, before=before).outcome


def test_a_dated_figure_and_its_growth_decide_where_the_file_system_does_not() -> None:
    before = opt(40 * GIB, kib={"quarantine": 10 * GIB})
    assert partial(40 * GIB, GIB, None) == "unknown", "60 GiB are in use"
    assert partial(40 * GIB, GIB, before) == "pass", "12 GiB by the dated figure"
    assert partial(40 * GIB, 41 * GIB, before) == "fail", "already too much"
    assert partial(40 * GIB, 13 * GIB, before) == "unknown", "the dated figure is refuted"
    assert partial(40 * GIB, 12 * GIB, before) == "pass"


def test_a_dated_figure_grows_by_a_fifth_or_by_what_its_file_system_uses_more_than_then() -> None:
    before = opt(12 * GIB + 1000, kib={"quarantine": 10 * GIB})
    assert partial(12 * GIB + 1000, 0, before) == "pass"
    assert partial(12 * GIB + 999, 0, before) == "unknown", "a fifth"
    emptier = opt(15 * GIB + 1000, kib={"quarantine": 10 * GIB})
    assert partial(12 * GIB + 1000, 0, emptier) == "unknown", "3 GiB more are in use"
    assert partial(12 * GIB + 1000, 0, emptier, seen=False) == "pass", "where that is not seen, a fifth"


def test_of_an_installation_that_nobody_measured_a_bound_of_ours_decides_where_it_fits() -> None:
    def unmeasured(available: int, **more: Any) -> str:
        return at(available, disk={"installation_kib": None}, migration={"script": False}, **more)

    assert unmeasured(400 * GIB) == "pass"
    assert unmeasured(INSTALLATION_KIB) == "pass"
    assert unmeasured(INSTALLATION_KIB - 1) == "unknown"
    assert unmeasured(1) == "unknown", "one KiB and nothing known is never enough"
    assert unmeasured(0) == "fail"


def test_room_for_a_dump_of_the_database_is_counted_unless_the_site_says_no() -> None:
    def database(available: int, **disk: Any) -> str:
        server = [{"name": "a", "roles": ["database", "csm"]}]
        declared = deployment(servers=server, migration={"script": True, "options": ["Database"]}, disk=disk)
        return space(opt(available, kib={"database": 700}), declared).outcome

    assert database(1000 + 1400) == "pass"
    assert database(1000 + 1399) == "unknown", "a figure of ours never fails by itself"
    assert database(1000 + 699) == "fail"
    assert database(1000 + 700, database_dump=False) == "pass"


def test_errors_of_the_logs_and_the_migration_on_one_file_system_are_one_sum() -> None:
    def logging(available: int, part: str = "/opt") -> str:
        rate = deployment(disk={"log_errors_kib_per_hour": 60})
        rows = ("/opt", "/dev/sdb1", "ext4", 9000, available), ("/var", "/dev/sdc1", "ext4", 9000, 0)
        return space(facts(*rows, part=part), rate).outcome

    assert logging(1500 + 6 * 60) == "pass"
    assert logging(1500) == "unknown"
    assert logging(1499) == "fail"
    assert logging(1500, "/var") == "pass", "logs on a file system of their own are for log-headroom to judge"


def test_headroom_is_for_what_was_measured_and_not_on_top_of_what_is_ours() -> None:
    assert at(1800, disk={"headroom_percent": 20}) == "pass"
    assert at(1799, disk={"headroom_percent": 20}) == "fail"
    bound = {"headroom_percent": 20, "installation_kib": None}
    assert at(INSTALLATION_KIB + 600, disk=bound) == "pass"
    assert at(INSTALLATION_KIB + 599, disk=bound) == "unknown"


def test_the_page_about_disks_has_the_figures_of_ours() -> None:
    page = (Path(__file__).parents[2] / "docs" / "disk.md").read_text()
    figures = (
        f"0 to {INSTALLATION_KIB // GIB} GiB (ours)",
        f"growth ({GROWTH_PERCENT} %",
        f"than {FRESH_DAYS} days",
        f"{ERRORS_KIB_AN_HOUR:,} KiB an hour (ours)",
    )
    assert [figure for figure in figures if figure not in page] == []
