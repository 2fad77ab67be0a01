"""df, bdf, du, find and the mount tables, where the recorded cases do not tell: every row is read, or reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.facts.fact_values import Mount
from checker.facts.parsers.mounts import mounts
from checker.facts.parsers.parsed import NotRead
from checker.facts.parsers.storage import mount_point, number, space, types_of


@pytest.mark.parametrize(
    ("title", "expected"),
    [("512-blocks", 2000), ("1K-blocks", 4000), ("1024-blocks", 4000), ("kbytes", 4000), ("4K-blocks", 16000)],
)
def test_the_block_size_is_what_the_header_says(title: str, expected: int) -> None:
    read = space([f"Filesystem {title} Used Available Capacity Mounted on", "/dev/sda1 8000 3000 4000 43% /"])
    assert read.value[0].available_kib == expected


def test_a_header_without_a_block_size_leaves_every_row_unread() -> None:
    read = space(["Filesystem Size Used Avail Use% Mounted on", "/dev/sda1 20 5 14 30% /", "/dev/sdb1 20 5 14 30% /b"])
    assert read.value == ()
    assert len(read.unread) == 2


def test_rows_before_any_header_are_unread() -> None:
    read = space(["/dev/sda1 1000 400 550 43% /"])
    assert (read.value, read.unread) == ((), ("/dev/sda1 1000 400 550 43% /",))


def test_the_figures_behind_an_error_are_not_those_of_its_words() -> None:
    rows = ["bdf: /mnt: Stale NFS file handle", "      100 200 300 40% /"]
    read = space(["Filesystem kbytes used avail %used Mounted on", *rows])
    assert (read.value, [row.strip() for row in read.unread]) == ((), [row.strip() for row in rows])


def test_a_row_that_states_only_one_of_its_figures_is_unread() -> None:
    read = space(["Filesystem 512-blocks Used Available Capacity Mounted on", "/dev/hd4 4194304 780504 - 19% /"])
    assert (len(read.value), len(read.unread)) == (0, 1)


def test_the_mount_point_that_a_path_lands_on_is_that_of_its_one_row() -> None:
    table = ["Filesystem 1024-blocks Used Available Capacity Mounted on", "/dev/sdb1 100 40 60 40% /opt/my data"]
    assert mount_point(table).value == "/opt/my data"
    with pytest.raises(NotRead):
        mount_point(table[:1])


JUNK = st.sampled_from(
    ["df: /mnt: Permission denied", "  ???", "/dev/x", "/dev/y 1 2", "100 200 300 40% /", "- - - - /p", "x 1 2 3 4% p"]
)
GOOD = st.integers(0, 10**7).map(lambda kib: f"/dev/disk{kib}  {kib} 1 {kib} 1% /m{kib}")


@given(st.lists(st.one_of(JUNK, GOOD)))
def test_every_row_of_df_is_read_or_reported_and_none_twice(rows: list[str]) -> None:
    read = space(["Filesystem 1024-blocks Used Available Capacity Mounted on", *rows])
    good = [row for row in rows if row.startswith("/dev/disk")]
    assert [row.mount_point for row in read.value] == [row.split()[-1] for row in good]
    assert sorted(read.unread) == sorted(row for row in rows if row not in good)


def test_the_mount_rows_of_solaris_as_its_boot_table_prints_them_are_read() -> None:
    read = mounts(["rpool/opt - /opt zfs - no rw,devices"])
    assert read.unread == ()
    assert read.value == (Mount(mount_point="/opt", device="rpool/opt", type="zfs", options=("rw", "devices")),)


def test_the_heading_of_the_mount_table_of_aix_is_no_row() -> None:
    read = mounts(
        [
            "  node       mounted        mounted over    vfs       date        options      ",
            "-------- ---------------  ---------------  ------ ------------ --------------- ",
        ]
    )
    assert (read.value, read.unread) == ((), ())


@given(st.lists(st.sampled_from(["/dev/a on /a type ext4 (rw)", "???", "/dev/b /b", "/dev/c on /c type x (rw"])))
def test_every_row_of_a_mount_table_is_read_or_reported(rows: list[str]) -> None:
    read = mounts(rows)
    assert len(read.value) == rows.count("/dev/a on /a type ext4 (rw)")
    assert list(read.unread) == [row for row in rows if row != "/dev/a on /a type ext4 (rw)"]


def test_a_row_longer_than_any_real_one_is_reported_unread() -> None:
    row = f"/dev/sda1 on / type ext4 (rw,{'x' * 5000})"
    assert mounts([row]).unread == (row,)


def test_file_system_types_are_read_where_df_and_mount_do_not_say_them() -> None:
    assert types_of(["/                  : ufs     ", "/opt : zfs"]).value == {"/": "ufs", "/opt": "zfs"}
    table = [
        "Name            Nodename   Mount Pt               VFS   Size    Options    Auto Accounting",
        "/dev/hd4        --         /                      jfs2  4194304 --         yes  no",
    ]
    assert (types_of(table).value, types_of(table).unread) == ({"/": "jfs2"}, ())
    assert types_of(["what?"]).unread == ("what?",)


def test_a_sum_that_stopped_half_way_is_a_lower_bound_and_no_size() -> None:
    with pytest.raises(NotRead) as stopped:
        number(["partial 4711"])
    assert stopped.value.partial == 4711


@pytest.mark.parametrize("text", ["", "many", "4711", "du: /opt/pmx: Permission denied", "total -3", "total 4k"])
def test_a_size_is_never_made_up(text: str) -> None:
    with pytest.raises(NotRead):
        number([text])
