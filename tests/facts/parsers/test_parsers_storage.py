"""df, bdf, du, find and the mount tables of old and new hosts: every row is read as the host means it, or reported."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.facts.fact_values import Inodes, Mount, Space
from checker.facts.parsers.mounts import mounts
from checker.facts.parsers.parsed import NotRead
from checker.facts.parsers.storage import inodes, mount_point, number, space, types_of


def lines(text: str) -> list[str]:
    return dedent(text).strip("\n").split("\n")


def rooms(text: str) -> dict[str, tuple[int, int]]:
    read = space(lines(text))
    assert read.unread == ()
    return {row.mount_point: (row.total_kib, row.available_kib) for row in read.value}


def test_a_row_of_df_has_its_device_mount_point_and_room() -> None:
    read = space(
        lines("""
        Filesystem     1024-blocks    Used Available Capacity Mounted on
        /dev/sda2         20508240 5748028  13695408      30% /
        """),
        {"/": "ext4"},
    )
    (row,) = read.value
    assert row == Space(mount_point="/", device="/dev/sda2", type="ext4", total_kib=20508240, available_kib=13695408)


def test_free_space_is_what_the_host_calls_available_and_not_what_is_left_of_the_total() -> None:
    table = """
    Filesystem 1024-blocks  Used Available Capacity Mounted on
    /dev/sda1         1000   400       550      43% /
    """
    assert rooms(table) == {"/": (1000, 550)}


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


def test_aix_says_free_for_available_and_has_inodes_beside() -> None:
    table = """
    Filesystem    1024-blocks      Free %Used    Iused %Iused Mounted on
    /dev/hd4          2097152   1706900   19%    10438     3% /
    /dev/hd10opt      1048576    524288   50%     9999     8% /opt
    """
    assert rooms(table) == {"/": (2097152, 1706900), "/opt": (1048576, 524288)}


def test_a_file_system_without_blocks_such_as_proc_of_aix_has_no_room() -> None:
    table = """
    Filesystem    512-blocks      Used Available Capacity Mounted on
    /dev/hd4         4194304    780504   3413800      19% /
    /proc                  -         -         -       -  /proc
    """
    assert rooms(table) == {"/": (2097152, 1706900), "/proc": (0, 0)}


def test_a_row_that_states_only_one_of_its_figures_is_unread() -> None:
    read = space(["Filesystem 512-blocks Used Available Capacity Mounted on", "/dev/hd4 4194304 780504 - 19% /"])
    assert (len(read.value), len(read.unread)) == (0, 1)


def test_a_zfs_pool_of_solaris_may_have_total_zero_and_space_available() -> None:
    table = """
    Filesystem            kbytes    used   avail capacity  Mounted on
    rpool/ROOT/s10       71687168 6115023 35843584    15%    /
    datapool/opt               0      21 35843584     1%    /opt
    """
    assert rooms(table)["/opt"] == (0, 35843584)


def test_available_may_be_negative_where_root_has_used_the_reserve() -> None:
    table = """
    Filesystem  512-blocks     Used   Avail Capacity  Mounted on
    /dev/ad0s1a    1012974   999998  -67999   107%    /
    """
    assert rooms(table) == {"/": (506487, -34000)}


def test_a_row_that_wraps_after_a_long_device_name_is_one_row() -> None:
    table = """
    Filesystem          kbytes    used   avail %used Mounted on
    /dev/vg00/lvol3    1048576  215112  827024   21% /
    /dev/vg00/logical_volume_of_the_quarantine
                       4194304  987654 3000000   25% /opt/pmx/var/qdir
    /dev/vg00/lvol4    1048576  215112  827024   21% /tmp
    """
    assert rooms(table) == {
        "/": (1048576, 827024),
        "/opt/pmx/var/qdir": (4194304, 3000000),
        "/tmp": (1048576, 827024),
    }


def test_figures_without_their_device_are_unread_together_with_what_stands_before() -> None:
    read = space(
        lines("""
        Filesystem          kbytes    used   avail %used Mounted on
        bdf: /mnt: Stale NFS file handle
        /dev/vg00/lvol4    1048576  215112  827024   21% /tmp
                           4194304  987654 3000000   25% /opt
        """)
    )
    assert [row.mount_point for row in read.value] == ["/tmp"]
    assert [row.split()[0] for row in read.unread] == ["bdf:", "4194304"]


def test_devices_and_mount_points_may_have_blanks() -> None:
    table = """
    Filesystem       512-blocks Used Available Capacity  iused ifree %iused  Mounted on
    map auto_home             0    0         0     100%      0     0   100%  /home
    //nas/My Disk 2        4096 2048      2048      50%      8     8    50%  /Volumes/My Disk 2
    """
    assert rooms(table) == {"/home": (0, 0), "/Volumes/My Disk 2": (2048, 1024)}


def test_the_same_device_mounted_twice_is_two_rows() -> None:
    table = """
    Filesystem 1024-blocks  Used Available Capacity Mounted on
    /dev/sda1         1000   400       550      43% /
    /dev/sda1         1000   400       550      43% /opt
    """
    assert list(rooms(table)) == ["/", "/opt"]


def test_a_type_column_of_df_is_the_type() -> None:
    read = space(["Filesystem Type 1K-blocks Used Available Use% Mounted on", "/dev/sda1 ext3 100 40 60 40% /"])
    assert [(row.type, row.available_kib) for row in read.value] == [("ext3", 60)]


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


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 1000 400 600 40% /", (1000, 600)),
        ("Filesystem 512-blocks Used Avail Capacity iused ifree %iused Mounted on\n/dev/d 9 4 5 44% 400 600 40% /",
         (1000, 600)),
        ("Filesystem             iused   ifree  %iused  Mounted on\n/dev/dsk/c0d0s0  400 600 40%   /", (1000, 600)),
        ("Filesystem kbytes used avail %used iused ifree %iuse Mounted on\n/dev/vg00/lvol3 9 4 5 44% 400 600 40% /",
         (1000, 600)),
        ("Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sdb1 0 0 0 - /", (0, 0)),
        ("Filesystem Inodes IUsed IFree IUse% Mounted on\nnas:/x - - - - /", (0, 0)),
    ],
)  # fmt: skip
def test_the_inodes_of_each_platform_are_read(table: str, expected: tuple[int, int]) -> None:
    assert inodes(table.split("\n")).value == (Inodes(mount_point="/", total=expected[0], available=expected[1]),)


def test_inodes_are_not_guessed_from_a_percentage() -> None:
    read = inodes(
        ["Filesystem 512-blocks Free %Used Iused %Iused Mounted on", "/dev/hd4 4194304 3413800 19% 10438 3% /"]
    )
    assert (len(read.value), len(read.unread)) == (0, 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (r"//nas/my\040share /mnt/my\040disk cifs ro,nosuid 0 0",
         ("/mnt/my disk", "//nas/my share", "cifs", ("ro", "nosuid"))),
        ("/dev/sda2 on / type ext4 (rw,relatime)", ("/", "/dev/sda2", "ext4", ("rw", "relatime"))),
        ("//nas/A & B on /mnt/A on B type x type cifs (rw)", ("/mnt/A on B type x", "//nas/A & B", "cifs", ("rw",))),
        ("         /dev/hd10opt     /opt             jfs2   Mar 22 08:05 ro,log=/dev/hd8",
         ("/opt", "/dev/hd10opt", "jfs2", ("ro", "log=/dev/hd8"))),
        ("nas      /var/share       /mnt/share       nfs3   Nov 12 04:40",
         ("/mnt/share", "nas:/var/share", "nfs3", ())),
        ("/dev/dsk/c0d0s0 on / type ufs read/write/setuid/logging/dev=2d80000 on Thu Nov 12 04:40:01 2026",
         ("/", "/dev/dsk/c0d0s0", "ufs", ("rw", "setuid", "logging", "dev=2d80000"))),
        ("/dev/dsk/c0d0s7 on /opt type ufs read only/setuid on Thu Nov 12 04:40:01 2026",
         ("/opt", "/dev/dsk/c0d0s7", "ufs", ("ro", "setuid"))),
        ("/opt on /dev/vg00/lvol5 read-only,delaylog on Thu Nov 12 04:40:01 2026",
         ("/opt", "/dev/vg00/lvol5", "", ("ro", "delaylog"))),
        ("/opt on /dev/vg00/lvol5 readonly,delaylog on Thu Nov 12 04:40:01 2026",
         ("/opt", "/dev/vg00/lvol5", "", ("ro", "delaylog"))),
        ("rpool/opt - /opt zfs - no rw,devices", ("/opt", "rpool/opt", "zfs", ("rw", "devices"))),
        ("/opt on /dev/dsk/c0d0s7 read/write/setuid on Thu Nov 12 04:40:01 2026",
         ("/opt", "/dev/dsk/c0d0s7", "", ("rw", "setuid"))),
        ("/dev/vg00/lvol5 on /opt type vxfs ioerror=nodisable,log,dev=40000005 on Mon Nov  9 08:00:11 2026",
         ("/opt", "/dev/vg00/lvol5", "vxfs", ("ioerror=nodisable", "log", "dev=40000005"))),
        ("/dev/ada0p2 on /usr/local (ufs, local, read-only, soft-updates)",
         ("/usr/local", "/dev/ada0p2", "ufs", ("local", "ro", "soft-updates"))),
        ("/dev/sd0d on /usr type ffs (local, nodev)", ("/usr", "/dev/sd0d", "ffs", ("local", "nodev"))),
        ("map auto_home on /home (autofs, automounted, nobrowse)",
         ("/home", "map auto_home", "autofs", ("automounted", "nobrowse"))),
    ],
)  # fmt: skip
def test_the_mount_rows_of_each_platform_are_read(row: str, expected: tuple[str, str, str, tuple[str, ...]]) -> None:
    point, device, kind, options = expected
    read = mounts([row])
    assert read.unread == ()
    assert read.value == (Mount(mount_point=point, device=device, type=kind, options=options),)


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


def test_the_size_of_a_part_is_its_total_and_nothing_where_it_is_absent() -> None:
    assert number(["total 4711"]).value == 4711
    assert number(["absent"]).value == 0


def test_a_sum_that_stopped_half_way_is_a_lower_bound_and_no_size() -> None:
    with pytest.raises(NotRead) as stopped:
        number(["partial 4711"])
    assert stopped.value.partial == 4711


@pytest.mark.parametrize("text", ["", "many", "4711", "du: /opt/pmx: Permission denied", "total -3", "total 4k"])
def test_a_size_is_never_made_up(text: str) -> None:
    with pytest.raises(NotRead):
        number([text])
