"""What is one room: device, export, pool or equal figures; each mount point by itself and each room by its sum."""

import pytest
from disks import Table, deployment, facts, shared, space

BOTH = deployment(paths={"backup": "/backup"})  # 1500 KiB land on /opt and 500 on /backup


def two(opt: Table, backup: Table) -> str:
    return space(facts(opt, backup), BOTH).outcome


def test_one_export_mounted_twice_is_one_room() -> None:
    def mounted(left: int) -> str:
        return two(("/opt", "nas:/vol", "nfs", 9000, left), ("/backup", "nas:/vol/", "nfs", 9000, left))

    assert mounted(2000) == "pass"
    assert mounted(1999) == "fail"


@pytest.mark.parametrize(("kind", "device"), [("nfs4", "nas:/vol/b"), ("lofs", "/export/b"), ("nullfs", "/b"),
                                              ("apfs", "/dev/disk1s5"), ("cifs", "//NAS/b")])  # fmt: skip
def test_two_directories_of_one_volume_are_told_by_their_equal_figures(kind: str, device: str) -> None:
    other = {"nfs4": "nas:/vol/a", "cifs": "//nas/a"}.get(kind, "/dev/disk1s1")

    def mounted(left: int, more: int = 0) -> str:
        return two(("/opt", other, kind, 9000, left), ("/backup", device, kind, 9000, left + more))

    assert mounted(2000) == "pass"
    assert mounted(1999) == "unknown", "by their figures alone it is not certain"
    assert mounted(1990, more=9) == "unknown", "seconds apart, 9 of 9000 KiB"
    assert mounted(1990, more=10) == "pass", "another volume of the same size"


def test_separate_local_devices_with_equal_figures_are_two_rooms_and_noted() -> None:
    word = space(facts(("/opt", "/dev/sdb1", "ext4", 9000, 1500), ("/backup", "/dev/sdc1", "ext4", 9000, 1500)), BOTH)
    assert word.outcome == "pass"
    assert "/dev/sdb1 and /dev/sdc1 show equal figures" in word.observed


def test_an_export_and_a_local_device_with_equal_figures_are_two_rooms() -> None:
    assert two(("/opt", "/dev/sdb1", "ext4", 9000, 1500), ("/backup", "nas:/vol", "nfs", 9000, 1500)) == "pass"


def test_a_loopback_mount_and_what_it_lies_on_are_one_room() -> None:
    assert (
        two(("/opt", "/dev/dsk/c0d0s7", "ufs", 9000, 1999), ("/backup", "/export/b", "lofs", 9000, 1999)) == "unknown"
    )


def test_a_dataset_with_a_quota_of_its_own_is_judged_by_itself() -> None:
    assert two(("/opt", "tank/opt", "zfs", 9000, 8000), ("/backup", "tank/backup", "zfs", 600, 499)) == "fail"
    assert two(("/opt", "tank/opt", "zfs", 9000, 8000), ("/backup", "tank/backup", "zfs", 600, 500)) == "pass"


def test_a_dataset_with_a_reservation_gives_nothing_of_it_to_the_others() -> None:
    opt, backup = ("/opt", "tank/opt", "zfs", 9000, 1700), ("/backup", "tank/backup", "zfs", 9000, 600)
    assert two(opt, backup) == "unknown", "2000 needed, and what the pool itself has is not seen"
    pool = ("/tank", "tank", "zfs", 9000, 600)
    assert space(facts(opt, backup, pool), BOTH).outcome == "fail"


def test_two_datasets_with_quotas_may_together_take_what_the_pool_has() -> None:
    rows = ("/opt", "tank/opt", "zfs", 9000, 1500), ("/backup", "tank/backup", "zfs", 9000, 600)
    assert space(facts(*rows, ("/tank", "tank", "zfs", 90_000, 2000)), BOTH).outcome == "pass"
    assert space(facts(*rows, ("/tank", "tank", "zfs", 90_000, 1999)), BOTH).outcome == "fail"


def test_the_places_own_row_wins_where_it_is_smaller_and_the_difference_is_told() -> None:
    row = ("/opt", "/dev/sdb1", "xfs", 9000, 8000)
    limited = space(facts(row, own=(("target", "/opt", 2000, 1499),)))
    assert limited.outcome == "fail" and "a limit of its own" in limited.message and "7.8 MiB" in limited.message
    assert space(facts(row, own=(("target", "/opt", 2000, 1500),))).outcome == "pass"
    assert space(facts(row, own=(("target", "/opt", 9000, 1499),))).outcome == "fail", "a moment later there was less"
    assert space(facts(row, own=(("target", "/opt", 99_000, 90_000),))).outcome == "pass", (
        "a larger one changes nothing"
    )
    assert space(facts(row, own=(("target", "/other", 2000, 1),))).outcome == "pass", "of another file system"
    assert space(facts(row, own=(("backup", "/opt", 2000, 1),))).outcome == "pass", "nothing lands there"


def test_places_below_one_limit_share_it() -> None:
    both = facts(("/opt", "/dev/sdb1", "xfs", 9000, 8000), backup="/opt",
                 own=(("target", "/opt", 3000, 1999), ("backup", "/opt", 3000, 1999)))  # fmt: skip
    assert space(both, BOTH).outcome == "fail", "2000 needed"
    apart = facts(("/opt", "/dev/sdb1", "xfs", 9000, 8000), backup="/opt",
                  own=(("target", "/opt", 3000, 1999), ("backup", "/opt", 4000, 1999)))  # fmt: skip
    assert space(apart, BOTH).outcome == "pass"


def test_a_later_mount_hides_an_earlier_one() -> None:
    small, large = ("/opt", "/dev/old", "ext4", 2000, 10), ("/opt", "/dev/sdb1", "ext4", 9000, 1500)
    assert space(facts(small, large)).outcome == "pass"
    assert space(facts(large, small)).outcome == "fail"


EXPORT = ("/backup", "nas.example.net:/vol/backup", "nfs", 9000, 1500)
LOCAL = ("/opt", "/dev/sdb1", "ext4", 9000, 1500)


def three(left: int, device: str = "nas:/vol/backup", **more: object) -> str:
    """Three servers that save 500 KiB each: on their own disk all is well."""
    own = {name: facts(LOCAL, ("/backup", device, "nfs", 9000, left)) for name in ("a", "b")}
    third = facts(LOCAL, (*EXPORT[:4], left))
    return shared(own | {"c": third}, deployment("a", "b", "c", paths={"backup": "/backup"}), **more).outcome


def test_one_export_that_several_servers_write_to_is_one_room() -> None:
    assert three(1500) == "pass"
    assert three(1499) == "fail"
    assert three(1499, "10.0.0.1:/vol/backup") == "unknown", "another name, and equal figures"


def test_what_is_done_has_landed_already() -> None:
    assert three(1499, done=frozenset({"a"})) == "pass"
    assert three(999, done=frozenset({"a"})) == "fail"
    assert three(1, done=frozenset({"a", "b"})) == "not-applicable"


def test_servers_with_equal_local_disks_share_nothing() -> None:
    word = shared({name: facts(LOCAL) for name in ("a", "b", "c")})
    assert word.outcome == "pass" and "thin provisioning is not visible" in word.message
    assert shared({"a": facts(LOCAL)}, deployment("a")).outcome == "not-applicable"


def test_zones_of_one_machine_share_its_pool() -> None:
    def zones(a: int, b: int) -> str:
        rows = {"a": ("/opt", "rpool/zones/a", "zfs", 9000, a), "b": ("/opt", "rpool/zones/b", "zfs", 8000, b)}
        return shared({name: facts(row) for name, row in rows.items()}).outcome

    assert zones(3000, 3000) == "pass"
    assert zones(2999, 2999) == "unknown", "two machines may have an rpool each"
    assert zones(2999, 2998) == "pass"


def test_a_server_that_was_not_read_is_never_summed_as_nothing() -> None:
    both = deployment("a", "b")
    assert shared({"a": facts(LOCAL)}, both).outcome == "unknown"
    assert shared({"a": facts(LOCAL)}, both, judged=frozenset({"a"})).outcome == "pass", "over all facts at hand"


def test_no_room_left_is_never_enough() -> None:
    nothing = deployment(migration={"script": False}, disk={"installation_kib": 0})
    assert [space(facts((*LOCAL[:4], left)), nothing).outcome for left in (-1, 0, 1)] == ["fail", "fail", "pass"]
