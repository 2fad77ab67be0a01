"""File systems and the product's trees, against df, du and find."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from this_machine import facts_at, output

from checker.facts.catalogue import (
    BACKUP_MOUNT,
    INODES,
    MOUNTS,
    OWN_ROWS,
    PART_APPARENT_KIB,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    SOURCE_ENTRIES,
    SPACE,
    TARGET_ENTRIES,
    TARGET_MOUNT,
)
from checker.facts.host_facts import HostFacts, Known, NotSeen, read


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A 5.6.1 tree as small as can be, with what makes counting hard: links of both kinds, holes, many names."""
    quarantine = tmp_path / "pmx" / "var" / "qdir"
    for folder in ("cur/0", "cur/1", "tmp", "empty"):
        (quarantine / folder).mkdir(parents=True)
    for number in range(40):
        (quarantine / "cur" / str(number % 2) / str(number)).write_bytes(b"m" * (number * 700))
    os.link(quarantine / "cur" / "1" / "39", quarantine / "tmp" / "39")
    (quarantine / "all").symlink_to("/usr")
    (quarantine / ("long" * 20)).symlink_to("x" * 300)
    with (quarantine / "counters").open("wb") as sparse:
        sparse.seek(50 * 1024 * 1024)
        sparse.write(b"1")
    os.mkfifo(quarantine / "tmp" / "pipe")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "message_log").write_bytes(b"l" * 123_456)
    (tmp_path / "pmx" / "var" / "log").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "pmx" / "etc").mkdir()
    return tmp_path


def du(path: Path) -> int:
    return int(output("du", "-skxD", str(path)).split()[0])


def df(*flags: str) -> dict[str, tuple[int, int]]:
    """Total and available by mount point, as df prints them; the last of two on one point."""
    result = subprocess.run(["df", *flags], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    rows = (line.split(None, 5) for line in result.stdout.splitlines()[1:])
    return {row[5]: (int(row[1]), int(row[3])) for row in rows if row[1].isdigit() and row[3].isdigit()}


def test_the_room_on_every_file_system_is_what_df_says() -> None:
    assert_df_agrees(
        "-Pk", lambda facts: {row.mount_point: (row.total_kib, row.available_kib) for row in read(facts, SPACE)}
    )


def test_the_free_inodes_of_every_file_system_are_what_df_says() -> None:
    assert_df_agrees("-Pi", lambda facts: {row.mount_point: (row.total, row.available) for row in read(facts, INODES)})


def assert_df_agrees(flag: str, rows: Callable[[HostFacts], dict[str, tuple[int, int]]]) -> None:
    """Ours lies between two readings of df; again where others' writing came and went between the two."""
    for _ in range(20):
        before = df(flag)
        collected = rows(facts_at("/nowhere"))
        after = df(flag)
        assert {"/"} <= set(collected) & set(before)
        wrong = {
            (point, low, ours, high)
            for point in set(before) & set(after) & set(collected)
            for ours, *around in zip(collected[point], before[point], after[point], strict=True)
            for low, high in [sorted(around)]
            if not low <= ours <= high
        }
        if not wrong:
            return
    assert wrong == set()


def test_no_file_system_that_df_lists_is_missed() -> None:
    assert set(df("-Plk")) <= {row.mount_point for row in read(facts_at("/nowhere"), SPACE)}


def test_the_mount_table_is_that_of_the_kernel(tree: Path) -> None:
    points = [row.mount_point for row in read(facts_at(tree), MOUNTS)]
    assert points == [line.split(" ")[1] for line in Path("/proc/self/mounts").read_text().splitlines()]


def test_a_path_that_is_not_made_yet_lands_where_its_nearest_directory_is(tmp_path: Path) -> None:
    expected = output("df", "-P", "/dev/shm").splitlines()[1].split()[5]
    assert read(facts_at("/dev/shm/not/made/yet"), TARGET_MOUNT) == expected
    (tmp_path / "made").symlink_to("/dev/shm")
    assert read(facts_at(tmp_path / "made"), TARGET_MOUNT) == expected
    assert read(facts_at("/no-such-directory"), TARGET_MOUNT) == "/"


def test_the_parts_and_the_backup_know_their_mount_points(tree: Path) -> None:
    facts = facts_at(tree, backup="/dev/shm/backup")
    expected = output("df", "-P", str(tree)).splitlines()[1].split()[5]
    assert read(facts, PART_MOUNT["quarantine"]) == expected
    assert read(facts, TARGET_MOUNT) == expected
    assert read(facts, BACKUP_MOUNT) == "/dev/shm"
    with pytest.raises(NotSeen, match=r"paths\.backup"):
        read(facts_at(tree), BACKUP_MOUNT)


def test_the_size_of_a_part_is_what_du_says(tree: Path) -> None:
    facts = facts_at(tree)
    assert read(facts, PART_KIB["quarantine"]) == du(tree / "pmx/var/qdir")
    assert read(facts, PART_KIB["configuration"]) == du(tree / "pmx/etc")


def test_the_bytes_of_a_part_are_those_of_every_name_holes_and_all(tree: Path) -> None:
    found = output("find", str(tree / "pmx/var/qdir"), "-xdev", "-type", "f").splitlines()
    blocks = sum(-(-Path(name).stat().st_size // 4096) for name in found)
    facts = facts_at(tree)
    assert read(facts, PART_APPARENT_KIB["quarantine"]) == blocks * 4 > 50 * 1024 > read(facts, PART_KIB["quarantine"])
    assert read(facts, PART_APPARENT_KIB["configuration"]) == 0


def test_without_a_limit_no_place_has_another_row_than_its_file_system(tree: Path) -> None:
    rows = {row.mount_point: row.total_kib for row in read(facts_at(tree), SPACE)}
    assert all(row.total_kib == rows[row.mount_point] for row in read(facts_at(tree), OWN_ROWS))


def test_a_part_that_is_a_link_is_counted_where_the_link_leads(tree: Path) -> None:
    facts = facts_at(tree)
    assert read(facts, PART_KIB["logs"]) == du(tree / "elsewhere") > 100
    assert read(facts, PART_FILES["logs"]) == 1


def test_the_files_of_a_part_are_its_regular_ones_by_name(tree: Path) -> None:
    found = output("find", str(tree / "pmx/var/qdir"), "-xdev", "-type", "f").splitlines()
    assert read(facts_at(tree), PART_FILES["quarantine"]) == len(found) == 42


def test_a_part_that_is_absent_has_no_size_and_says_what_is_absent(tree: Path) -> None:
    seen = facts_at(tree).facts["parts.queue.kib"]
    assert isinstance(seen, Known) and seen.value == 0 and seen.how.endswith("it is absent")
    nothing = facts_at(tree / "empty").facts["parts.queue.files"]
    assert isinstance(nothing, Known) and nothing.value == 0


def test_a_link_to_a_file_system_that_is_not_mounted_is_not_an_empty_part(tree: Path) -> None:
    (tree / "pmx" / "postgres").symlink_to("/no-such-mount/postgres")
    with pytest.raises(NotSeen, match="a link that leads nowhere"):
        read(facts_at(tree), PART_KIB["database"])


def test_names_that_are_not_utf8_do_not_stop_the_collection(tree: Path) -> None:
    (tree / "pmx" / os.fsdecode(b"caf\xe9")).mkdir()
    names = [entry.name for entry in read(facts_at(tree), SOURCE_ENTRIES) or ()]
    assert "caf\\xe9" in names


def test_the_roots_list_their_names_with_kind_and_link_target(tree: Path) -> None:
    (tree / "pmx" / "postgres").symlink_to("etc/alternatives/postgres")
    (tree / "pmx" / "README").write_text("")
    os.mkfifo(tree / "pmx" / "run")
    facts = facts_at(tree)
    rows = [(entry.name, entry.kind, entry.target) for entry in read(facts, SOURCE_ENTRIES) or ()]
    assert rows == [
        ("README", "file", None),
        ("etc", "directory", None),
        ("postgres", "link", "etc/alternatives/postgres"),
        ("run", "other", None),
        ("var", "directory", None),
    ]
    assert read(facts, TARGET_ENTRIES) is None


def test_a_mount_point_under_a_root_is_listed_as_one() -> None:
    entries = {entry.name: entry.kind for entry in read(facts_at("/nowhere", source="/"), SOURCE_ENTRIES) or ()}
    assert entries["proc"] == "mount"
