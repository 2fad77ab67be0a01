"""The healthy table: sites that are otherwise than the sample, and well."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from worlds import GIB, World

from checker.report import Stage
from single_faults import ALWAYS, BEFORE, NEVER, NIGHT, Row, rows
from single_faults.options import _equals, _finished

AREA = "healthy sites"


def _each(path: str, value: Any) -> Callable[[World], object]:
    def change(w: World) -> None:
        for hosts in (w.facts, w.baseline or {}):
            for host in hosts.values():
                host["facts"][path] = {"value": value, "unit": None, "how": "changed by this test"}

    return change


def _says(path: str, value: Any, server: str = "mx1") -> Callable[[World], object]:
    return lambda w: w.value(server, path, value)


def _address(text: str, scope: str, interface: str = "eth1") -> dict[str, Any]:
    return {"address": text, "prefix": 24, "interface": interface, "scope": scope}


def _on(server: str, *addresses: dict[str, Any]) -> Callable[[World], object]:
    return lambda w: w.seen(server, "identity.addresses").extend(addresses)


def _short_names_before(w: World) -> None:
    for name in w.baseline or {}:
        w.then(name, "identity.hostname", name)
        w.then(name, "identity.configured_hostname", name)


def _two_volumes(w: World) -> None:
    w.path("backup", "/backup")
    w.space("mx1", ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 60, 7),
            ("/backup", "/dev/sdc1", "ext4", 60, 7))  # fmt: skip
    w.value("mx1", "backup.mount_point", "/backup")


def _dated_figure(w: World) -> None:
    w.space("mx1", ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 120, 40))
    w.unknown("mx1", "parts.quarantine.kib", GIB)


def _sparse(w: World) -> None:
    """A log of 9 GiB in which 600 MB are written."""
    w.value("mx1", "parts.logs.apparent_kib", 9 * GIB)


def _very_sparse(w: World) -> None:
    """A log of 500 GiB, of which the site says what a copy of it takes."""
    w.value("mx1", "parts.logs.apparent_kib", 500 * GIB)
    own = {"logs": str(GIB), "by": "A. Example", "at": "2026-12-04"}
    w.deployment["disk"]["sizes"] = {"mx1": own}


def _no_figure(w: World) -> None:
    del w.deployment["disk"]["installation_kib"]
    for name in w.facts:
        w.space(name, ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 500, 400))


def _same_evening(w: World) -> None:
    for host in (w.baseline or {}).values():
        at = (w.now - timedelta(hours=1)).isoformat()
        host["collected_at"] = host["host_clock"] = at


def _with_a_backup_declared_later(w: World) -> None:
    w.deployment["paths"]["backup"] = "/backup"


def _floating(w: World) -> None:
    """An address that moves between the two mail servers, and stands where the baseline had it."""
    for server in ("mx1", "mx2"):
        w.server(server)["floating"] = ["192.0.2.50"]
    for hosts in (w.facts, w.baseline or {}):
        hosts["mx1"]["facts"]["identity.addresses"]["value"].append(_address("192.0.2.50", "global", "eth0"))


def _zfs(w: World) -> None:
    for name in w.facts:
        w.space(name, ("/", "rpool/root", "zfs", 60, 30), ("/opt", "rpool/opt", "zfs", 90, 40))
        w.value(name, "storage.inodes", [])


def _fresh_file_system(w: World) -> None:
    w.space("mx1", ("/", "/dev/sda1", "ext4", 20, 9), ("/opt", "/dev/sdb1", "ext4", 120, 1),
            ("/opt/pmx6", "/dev/sdc1", "ext4", 60, 55))  # fmt: skip
    w.value("mx1", "target.mount_point", "/opt/pmx6")
    w.value("mx1", "target.entries", [{"name": "lost+found", "kind": "directory", "target": None}])


def _by_an_ordinary_user(w: World) -> None:
    for name in w.facts:
        w.value(name, "privilege.euid", 1001)
    w.deployment["answers"]["root-access"] = {
        "confirmed": "yes", "who": "A. Example", "how": "pfexec", "by": "A. Example", "at": "2026-12-04",
    }  # fmt: skip


def _by_hand(w: World) -> None:
    for host in w.facts.values():
        host |= {"via": "files"}


def _by_the_kit(w: World) -> None:
    for name, hours in (("mx1", -3), ("mx2", 3)):
        collected = datetime.fromisoformat(w.facts[name]["collected_at"])
        w.facts[name] |= {"via": "kit", "host_clock": (collected + timedelta(hours=hours)).isoformat()}


def _support_has_ended(w: World) -> None:
    w.deployment["answers"]["support-line"] = {
        "ended": {"accepted_by": "C. Example", "ticket": "CHG9"}, "by": "A. Example", "at": "2026-12-01",
    }  # fmt: skip


def _dark_letters(w: World) -> None:
    for name in w.facts:
        for path in ("identity.hostname", "identity.configured_hostname"):
            w.value(name, path, w.seen(name, path).upper())


def _without_a_database_name(w: World) -> None:
    for hosts in (w.facts, w.baseline or {}):
        for server in ("mx1", "mx2"):
            hosts[server]["facts"]["puremessage.database_target"]["value"]["host"] = "192.0.2.11"
            hosts[server]["facts"]["puremessage.database_lookup"]["value"] = []


def _one_filters(w: World) -> None:
    w.server("mx2")["roles"] = ["mta"]
    for row in w.seen("mx2", "ports.listening"):
        if row["port"] in (10025, 10026):
            row["process"] = "master"


def _two_nights(w: World) -> None:
    w.deployment["change"]["windows"].append({"start": "2026-12-06T22:00", "end": "2026-12-07T06:00"})


VARIATIONS: tuple[tuple[str, Callable[[World], object], tuple[Stage, ...]], ...] = (
    ("the sample itself", lambda w: None, ALWAYS),
    ("short names in the baseline, full names now", _short_names_before, ALWAYS),
    ("names in capitals", _dark_letters, BEFORE),
    ("two equal volumes of their own", _two_volumes, BEFORE),
    ("a size counted in part, and a dated figure that fits", _dated_figure, BEFORE),
    ("a sparse log", _sparse, BEFORE),
    ("a very sparse log, and what a copy takes", _very_sparse, BEFORE),
    ("400 GiB free, and no figure for the installation", _no_figure, BEFORE),
    ("a baseline of the same evening", _same_evening, NIGHT),
    ("a backup that was declared after collecting, at the first stage", _with_a_backup_declared_later, ("change",)),
    ("an address that moves", _floating, ALWAYS),
    ("ZFS, one pool", _zfs, BEFORE),
    ("a new file system for version 6", _fresh_file_system, BEFORE),
    ("root by pfexec, named by a person", _by_an_ordinary_user, BEFORE),
    ("carried by hand", _by_hand, BEFORE),
    ("brought by the kit, and two clocks are hours off", _by_the_kit, BEFORE),
    ("the vendor's support has ended", _support_has_ended, BEFORE),
    ("the database by its address", _without_a_database_name, ALWAYS),
    ("one night more than is needed", _two_nights, ALWAYS),
    ("no machine ids", _each("identity.machine_id", ""), ALWAYS),
    ("a link-local address more", _on("mx1", _address("fe80::1", "link")), ALWAYS),
    ("a privacy address more", _on("mx1", _address("2001:db8::77", "temporary")), ALWAYS),
    ("the same container network everywhere", lambda w: [
        w.seen(name, "identity.addresses").append(_address("172.17.0.1", "container", "docker0")) for name in w.facts],
     ALWAYS),
    ("a second address that nothing relies on", _on("mx1", _address("198.51.100.4", "global")), BEFORE),
    ("no DNS for its own name", _says("identity.lookup", []), ALWAYS),
    ("a watchdog in cron", _says("starters", ["/etc/init.d/pmx", "/etc/cron.d/watch"]), BEFORE),
    ("scripts that name the old tree", _says("puremessage.old_paths", [{"path": "/etc/cron.d/x", "count": 2}]), ALWAYS),
    ("a full queue an hour before", _says("puremessage.queue_old", 5000), NIGHT),
    ("the product's own postgres link", lambda w: w.seen("mx1", "source.entries").append(
        {"name": "postgres", "kind": "link", "target": "/etc/alternatives/pmx-postgres"}), BEFORE),
    ("one mail server filters, the other delivers", _one_filters, ("change",)),
    ("no path declared", lambda w: w.deployment.update(mail_paths=[]), BEFORE),
    ("another edition of the probe", lambda w: w.facts["mx1"].update(probe_digest="0" * 64), ALWAYS),
    ("no outbound path declared", lambda w: w.deployment["mail_paths"].pop(), BEFORE),
)  # fmt: skip


def variations() -> Iterator[Row]:
    """Each variation at each stage at which it can be."""
    for name, change, stages in VARIATIONS:
        yield from rows(AREA, name, change, NEVER, "nothing is wrong with it", stages=stages)
    go: tuple[Stage, ...] = ("server",)
    yield from rows(AREA, "mx2 before mx1 of equals", _equals(_finished("db1", named=("mx2",))), NEVER,
                    "inside a phase the site chooses", stages=go)  # fmt: skip


def every_sample() -> Iterator[Row]:
    """Each sample at each stage."""
    for sample in ("harbour-mail", "library-mail", "museum-mail", "university-mail"):
        yield from rows(AREA, "the sample itself", lambda w: None, NEVER, "nothing is wrong with it", sample=sample)
