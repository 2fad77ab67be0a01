"""Disk space: one sum per file system or pool, and what may be said when a size was not seen."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.checks import BY_ID
from checker.checks.disk import INSTALLATION_FILES, disk_inodes, disk_mounted_read_write, disk_space
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import (
    BACKUP_MOUNT,
    INODES,
    MOUNTS,
    PART_APPARENT_KIB,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    SPACE,
    TARGET_MOUNT,
)
from checker.facts.fact_values import Inodes, Mount, Space
from checker.facts.host_facts import HostFacts, Known, Unknown, known
from checker.inputs.deployment import PARTS, Deployment
from checker.schedule.sizes import chosen_parts

NOW = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
Facts = dict[str, Known | Unknown]


def deployment(**more: Any) -> Deployment:
    declared = {
        "deployment": "one",
        "change": {
            "number": "C1",
            "timezone": "UTC",
            "windows": [{"start": "2026-12-05T22:00", "end": "2026-12-06T04:00"}],
        },
        "migration": {"script": True, "options": ["Database & Quarantine"]},
        "disk": {"installation_kib": 1000, "headroom_percent": 20, "database_dump": False},
        "servers": [{"name": "a", "roles": ["database", "csm", "mta", "mail-filter"]}],
    }
    return Deployment.model_validate(declared | more)


def facts(available: int, quarantine: int = 500, database: int = 500, **more: Known | Unknown) -> Facts:
    rows = (
        Space(mount_point="/", device="/dev/a", type="ext4", total_kib=10_000, available_kib=available),
        Space(mount_point="/data", device="/dev/b", type="ext4", total_kib=3_000, available_kib=1_000),
    )
    sizes = dict.fromkeys(PARTS, 0) | {"quarantine": quarantine, "database": database}
    return {
        **dict(known(PART_KIB[part], size, "t") for part, size in sizes.items()),
        **dict(known(PART_APPARENT_KIB[part], size, "t") for part, size in sizes.items()),
        **dict(known(PART_FILES[part], 10, "t") for part in PARTS),
        **dict(known(PART_MOUNT[part], "/data", "t") for part in PARTS),
        **dict((known(SPACE, rows, "t"), known(TARGET_MOUNT, "/", "t"), known(BACKUP_MOUNT, "/data", "t"))),
        **more,
    }


def case(seen: Facts, declared: Deployment | None = None, before: Facts | None = None) -> Case:
    def host(facts: Facts) -> dict[str, HostFacts]:
        return {"a": HostFacts(server="a", via="local", outcome="ok", collected_at=NOW, facts=facts)}

    return Case(declared or deployment(), host(seen), host(before) if before else None, NOW, "server")


def space(seen: Facts, declared: Deployment | None = None, before: Facts | None = None) -> Word:
    asked = case(seen, declared, before)
    return ask(BY_ID["disk-space"], asked, asked.deployment.servers[0])


def test_the_sum_is_installation_and_chosen_data_and_headroom() -> None:
    needed = (1000 + 500 + 500) * 1.2
    assert space(facts(int(needed))).outcome == "pass"
    assert space(facts(int(needed) - 1)).outcome == "fail"


def test_the_message_says_what_is_there_what_is_needed_and_of_what() -> None:
    gib = 1024 * 1024
    said = space(facts(11 * gib, quarantine=9 * gib, database=gib)).message
    assert said == (
        "11.0 GiB available on /, 12.0 GiB needed (disk-installation 1000 KiB + disk-migration 9.0 GiB quarantine + "
        "1.0 GiB database + 20 % headroom)"
    )


def test_only_chosen_data_counts() -> None:
    logs_only = deployment(migration={"script": True, "options": ["Logs"]})
    assert space(facts(1200), logs_only).outcome == "pass"
    nothing = deployment(migration={"script": False})
    assert space(facts(1200), nothing).outcome == "pass"
    assert space(facts(1199), nothing).outcome == "fail"


def test_an_option_that_names_no_part_counts_as_every_part_unless_the_site_says_which() -> None:
    declared = deployment(migration={"script": True, "options": ["Step 4"]})
    assert chosen_parts(declared, declared.servers[0]) == PARTS
    declared = deployment(migration={"script": True, "options": ["Step 4"], "parts": {"Step 4": ["logs"]}})
    assert chosen_parts(declared, declared.servers[0]) == ("logs",)


@pytest.mark.parametrize(
    ("available", "partial", "outcome"),
    [
        (100, 400, "fail"),  # the lower bound alone is too much
        (10_000, 400, "pass"),  # all that the part's own file system uses would fit
        (3_000, 400, "unknown"),  # anything between cannot be told
    ],
)
def test_a_size_that_was_not_seen_counts_with_its_bounds(available: int, partial: int, outcome: str) -> None:
    seen = facts(available)
    seen[PART_KIB["quarantine"].path] = Unknown(unknown="du stopped after 20 s", partial=partial)
    word = space(seen)
    assert word.outcome == outcome
    if outcome == "pass":
        assert "storage.space" in word.message, "the finding names the fact that decided"


def test_the_baseline_figure_with_growth_stands_in_when_nothing_else_does() -> None:
    seen = facts(3_000)
    seen[PART_KIB["quarantine"].path] = Unknown(unknown="permission denied")
    seen[PART_MOUNT["quarantine"].path] = Unknown(unknown="permission denied")
    assert space(seen).outcome == "unknown"
    before = space(seen, before=facts(9_000))
    assert before.outcome == "pass" and "baseline" in before.message


def test_no_sizes_and_no_bounds_are_unknown() -> None:
    seen = {path: fact for path, fact in facts(10_000).items() if not path.startswith("parts.")}
    assert space(seen).outcome == "unknown"


def pooled(kind: str, devices: tuple[str, str]) -> Word:
    rows = tuple(
        Space(mount_point=point, device=device, type=kind, total_kib=10_000, available_kib=2_600)
        for point, device in zip(("/", "/data"), devices, strict=True)
    )
    path, seen = known(SPACE, rows, "t")
    return space({**facts(0), path: seen}, deployment(paths={"backup": "/data"}))


def test_file_systems_that_share_one_pool_share_its_room() -> None:
    # 2400 KiB land on / and 1200 KiB of backup on /data: each fits alone, both together do not.
    assert pooled("ext4", ("/dev/a", "/dev/b")).outcome == "pass"
    assert pooled("zfs", ("rpool/root", "rpool/data")).outcome == "fail"
    assert pooled("zfs", ("rpool/root", "tank/data")).outcome == "pass"
    assert pooled("btrfs", ("/dev/a", "/dev/a")).outcome == "fail"


def test_a_local_backup_needs_room_for_everything_that_is_saved() -> None:
    declared = deployment(paths={"backup": "/data"})
    assert space(facts(5_000), declared).outcome == "fail", "1000 KiB available on /data, 1200 needed"
    assert space(facts(5_000, quarantine=200), declared).outcome == "pass"


def test_negative_room_is_no_room() -> None:
    nothing = deployment(migration={"script": False}, disk={"installation_kib": 0})
    assert space(facts(-200), nothing).outcome == "fail"
    assert space(facts(0), nothing).outcome == "fail"
    assert space(facts(1), nothing).outcome == "pass"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_room_never_makes_it_worse(quarantine: int, database: int, available: int, more: int) -> None:
    rank = {"fail": 0, "unknown": 1, "pass": 2}
    less = rank[space(facts(available, quarantine, database)).outcome]
    assert rank[space(facts(available + more, quarantine, database)).outcome] >= less


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_partial_size_never_passes_where_the_whole_size_fails(size: int, partial: int, available: int) -> None:
    whole = space(facts(available, quarantine=size))
    seen = facts(available)
    seen[PART_KIB["quarantine"].path] = Unknown(unknown="stopped", partial=min(partial, size))
    used = max(3_000 - 1_000, min(partial, size))
    if size <= used and whole.outcome == "fail":
        assert space(seen).outcome != "pass"
    if whole.outcome == "pass":
        assert space(seen).outcome != "fail"


def inodes(total: int, available: int, kind: str = "ext4") -> Word:
    row = Space(mount_point="/", device="/dev/a", type=kind, total_kib=1, available_kib=1)
    seen = {**facts(0), **dict((known(SPACE, (row,), "t"),))}
    path, counted = known(INODES, (Inodes(mount_point="/", total=total, available=available),), "t")
    asked = case({**seen, path: counted})
    server = asked.deployment.servers[0]
    return disk_inodes(asked, server, asked.host("a"))


def test_inodes_are_counted_where_the_file_system_counts_them() -> None:
    assert inodes(10**6, 24 + INSTALLATION_FILES).outcome == "pass", "20 files and 20 % headroom"
    assert inodes(10**6, 23 + INSTALLATION_FILES).outcome == "unknown"
    assert inodes(100, 24).outcome == "unknown"
    assert inodes(100, 23).outcome == "fail"
    assert inodes(0, 0).outcome == "not-applicable"
    for kind in ("zfs", "btrfs", "xfs", "nfs"):
        assert inodes(100, 1, kind).outcome == "not-applicable"


def test_without_data_to_migrate_no_inode_at_all_is_never_enough() -> None:
    row = Space(mount_point="/", device="/dev/a", type="ext4", total_kib=1, available_kib=1)
    counted = known(INODES, (Inodes(mount_point="/", total=10, available=0),), "t")
    asked = case({**facts(0), **dict((known(SPACE, (row,), "t"), counted))}, deployment(migration={"script": False}))
    assert disk_inodes(asked, asked.deployment.servers[0], asked.host("a")).outcome == "fail"


def test_a_later_mount_hides_an_earlier_one_from_inodes_and_options_too() -> None:
    spaces = [Space(mount_point="/", device="d", type=kind, total_kib=1, available_kib=1) for kind in ("xfs", "ext4")]
    counts = [Inodes(mount_point="/", total=10**6, available=left) for left in (10**6, 1)]
    mounts = [Mount(mount_point="/", device="d", type="ext4", options=(word,)) for word in ("rw", "ro")]
    seen = dict(
        (known(SPACE, tuple(spaces), "t"), known(INODES, tuple(counts), "t"), known(MOUNTS, tuple(mounts), "t"))
    )
    asked = case({**facts(0), **seen})
    server, host = asked.deployment.servers[0], asked.host("a")
    assert disk_inodes(asked, server, host).outcome == "fail"
    assert disk_mounted_read_write(asked, server, host).outcome == "fail"


def test_a_read_only_mount_is_seen_by_its_options_alone() -> None:
    def mounted(*options: str) -> Word:
        path, seen = known(MOUNTS, (Mount(mount_point="/", device="/dev/a", type="ext4", options=options),), "t")
        asked = case({**facts(0), path: seen})
        return disk_mounted_read_write(asked, asked.deployment.servers[0], asked.host("a"))

    assert mounted("rw", "relatime").outcome == "pass"
    assert mounted("ro").outcome == "fail"
    assert mounted("rw", "errors=remount-ro").outcome == "pass"


def test_a_mount_point_without_a_row_is_unknown_and_not_passed() -> None:
    path, elsewhere = known(TARGET_MOUNT, "/opt", "t")
    assert space({**facts(10_000), path: elsewhere}).outcome == "unknown"
    assert disk_space.__doc__ is not None and "KiB" in disk_space.__doc__
    assert replace(BY_ID["disk-space"]).waivable is False
