"""Worlds of the checks of room."""

from worlds import GIB, World

from check_cases import case


@case("disk-space", "fail", on="mx1")
def a_gibibyte_for_four(w: World) -> None:
    w.available("mx1", GIB)


@case("disk-space", "unknown", on="mx1")
def the_file_systems_were_not_seen(w: World) -> None:
    w.unknown("mx1", "storage.space")


@case("disk-space", "fail", on="mx1")
def a_later_mount_hides_the_room(w: World) -> None:
    w.space("mx1", ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 120, 60),
            ("/opt", "/dev/sdc1", "ext4", 10, 1))  # fmt: skip


@case("disk-space", "fail", on="mx1")
def two_names_of_one_device(w: World) -> None:
    w.path("backup", "/backup")
    w.space("mx1", ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 120, 8),
            ("/backup", "/dev/sdb1", "ext4", 120, 8))  # fmt: skip
    w.value("mx1", "backup.mount_point", "/backup")


@case("disk-installation-known", "manual", on="mx1")
def nobody_measured_the_installation(w: World) -> None:
    del w.deployment["disk"]["installation_kib"]


@case("disk-inodes", "fail", on="mx1")
def no_inodes_for_the_messages(w: World) -> None:
    for row in w.seen("mx1", "storage.inodes"):
        row["available"] = 1000


@case("disk-inodes", "pass", on="mx1")
def an_option_that_may_bring_any_part(w: World) -> None:
    w.deployment["migration"]["options"] = ["Everything"]


@case("disk-inodes", "not-applicable", on="mx1")
def a_file_system_without_inodes(w: World) -> None:
    for row in w.seen("mx1", "storage.inodes"):
        row["total"] = row["available"] = 0


@case("disk-mounted-read-write", "fail", on="mx1")
def mounted_read_only(w: World) -> None:
    w.seen("mx1", "storage.mounts")[1]["options"] = ["ro", "relatime"]


@case("disk-mounted-read-write", "unknown", on="mx1")
def the_mount_table_lacks_the_place(w: World) -> None:
    del w.seen("mx1", "storage.mounts")[1]


def _one_export(w: World, free: float) -> None:
    """The backups of all servers go to one export."""
    w.path("backup", "/backup")
    for name in w.facts:
        w.space(name, ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 120, 60),
                ("/backup", "nas:/vol/backup", "nfs", 200, free))  # fmt: skip
        w.value(name, "backup.mount_point", "/backup")


@case("disk-shared", "pass")
def one_export_with_room_for_all(w: World) -> None:
    _one_export(w, 150)


@case("disk-shared", "fail")
def one_export_with_room_for_one(w: World) -> None:
    _one_export(w, 9)


@case("disk-shared", "unknown")
def the_file_systems_of_one_were_not_seen(w: World) -> None:
    w.unknown("mx2", "storage.space")
