"""What each fact decides, and when: for every fact of the catalogue, with the reason."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from worlds import World, healthy

from checker.facts.catalogue import CATALOGUE
from checker.report import Stage
from single_faults import AFTER, ALWAYS, BEFORE, LATER, NEVER, NIGHT, Row, rows

Who = Callable[[World, str], bool]


def everyone(_: World, __: str) -> bool:
    return True


def an_agent(w: World, server: str) -> bool:
    return "mta" in w.server(server)["roles"]


def a_moved_database(w: World, server: str) -> bool:
    options = " ".join(w.deployment["migration"].get("options", ()))
    return "database" in w.server(server)["roles"] and "Database" in options


def by_a_name(w: World, server: str) -> bool:
    """Whether its pmdb.conf has a name that must be looked up."""
    host = w.seen(server, "puremessage.database_target")["host"]
    return bool(host) and host != "localhost"


def by_any(w: World, server: str) -> bool:
    """Whether its pmdb.conf names a database at all."""
    return bool(w.seen(server, "puremessage.database_target")["host"])


def by_none(w: World, server: str) -> bool:
    """Whether its pmdb.conf names no database: then version 6 need not name one either."""
    return not by_any(w, server)


class Decides(NamedTuple):
    """A fact that ends the GO where it was not seen: at which stages, on which servers, and why.

    `besides`: at which further stages on which servers.
    """

    stages: tuple[Stage, ...]
    why: str
    who: Who = everyone
    besides: tuple[tuple[Stage, ...], Who] | None = None

    def ends(self, world: World, server: str) -> tuple[Stage, ...]:
        """The stages at which it ends the GO on a server."""
        own = self.stages if self.who(world, server) else NEVER
        return (*own, *self.besides[0]) if self.besides and self.besides[1](world, server) else own


IDENTITY = "V07: nobody knows that it is the declared host, and that it stayed so"
NOTE = "a note or a warning for people; no demand of the vendor hangs on it"
ROOM = "V03 and V04: whether everything fits must have been seen"
ROLE = "V02 and V11: a role that nobody declared has no place in the order"
MAIL = "V20: mail that is left behind is lost"
MINUTES = "only for the minutes that a rehearsal's rate gives, and inodes, which are a warning"
BOUND = "one way of several to bound a size; another one decides where it is not there"

NOT_SEEN: dict[str, Decides] = {
    "identity.hostname": Decides(ALWAYS, IDENTITY),
    "identity.addresses": Decides(ALWAYS, IDENTITY),
    "identity.default_route_addresses": Decides(ALWAYS, IDENTITY),
    "identity.configured_hostname": Decides(LATER, "V24: a reboot in the night must not rename it"),
    "identity.host_keys": Decides((*NIGHT, *AFTER), "V07: compared with the baseline's"),
    "identity.leases": Decides(NEVER, NOTE),
    "identity.machine_id": Decides(NEVER, NOTE),
    "identity.lookup": Decides(NEVER, NOTE),
    "identity.hosts_file": Decides(NEVER, NOTE),
    "privilege.euid": Decides(LATER, "V01: who will be root"),
    "storage.space": Decides(LATER, ROOM),
    "storage.inodes": Decides(NEVER, NOTE),
    "storage.mounts": Decides(LATER, "V03: what is written to must be writable"),
    "source.entries": Decides(BEFORE, "V05: a server without the old tree is another server"),
    "target.entries": Decides((*LATER, *AFTER), "V05 before and V20 after: is version 6 there?"),
    "target.mount_point": Decides(LATER, ROOM),
    "backup.mount_point": Decides(NEVER, "no local backup is declared"),
    **{f"parts.{part}.kib": Decides(NEVER, BOUND) for part in ("quarantine", "logs", "database")},
    **{f"parts.{part}.apparent_kib": Decides(NEVER, "four times what is allocated fits as well")
       for part in ("quarantine", "logs", "configuration", "queue")},
    "parts.database.apparent_kib": Decides(LATER, "four times, and a dump, do not fit", a_moved_database),
    "storage.own_rows": Decides(LATER, "V03: a place may have less than its file system"),
    **{f"parts.{part}.kib": Decides(NEVER, "not among what is migrated") for part in ("configuration", "queue")},
    **{f"parts.{part}.files": Decides(NEVER, MINUTES) for part in ("quarantine", "logs", "configuration", "queue")},
    "parts.database.files": Decides(BEFORE, ROLE),
    **{f"parts.{part}.mount_point": Decides(NEVER, BOUND)
       for part in ("quarantine", "logs", "database", "configuration", "queue")},
    **{f"target.parts.{part}.{what}": Decides(NEVER, NOTE)
       for part in ("quarantine", "database") for what in ("kib", "files")},
    **{path: Decides(NEVER, NOTE) for path in (
        "platform.system", "platform.release", "platform.distribution", "platform.machine", "platform.cpus",
        "memory.total_kib", "limits.open_files", "processes", "platform.cron", "starters", "target.starters",
        "puremessage.database_port", "puremessage.filter_lines", "puremessage.old_paths", "puremessage.manifest",
        "puremessage.status",
    )},
    "puremessage.database_peers": Decides(NEVER, "all addresses stand in for those that are used"),
    "puremessage.own_queues": Decides(NEVER, "no mail goes through an agent of the system's own"),
    "ports.listening": Decides(ALWAYS, "V02 before: roles that are there; V20 after: services that are back"),
    "puremessage.database_target": Decides(
        LATER, "V17: the name that must resolve; and whether version 6 lost it", besides=(AFTER, by_none)),
    "puremessage.database_lookup": Decides(LATER, "V17: the name must resolve", by_a_name),
    "puremessage.mta": Decides(BEFORE, "V02: its role; V20: in whose queue its mail lies", besides=(AFTER, an_agent)),
    "puremessage.queue_old": Decides(AFTER, MAIL, an_agent),
    "puremessage.queue_new": Decides(AFTER, MAIL, an_agent),
    "target.database_target": Decides(AFTER, "V17 and V20: it reaches the database"),
    "target.database_lookup": Decides(AFTER, "V17: the name must resolve", by_a_name),
    "target.database_port": Decides(AFTER, "V17 and V20: it reaches the database", by_any),
}  # fmt: skip


def _deleted(path: str, server: str) -> Callable[[World], object]:
    return lambda w: w.facts[server]["facts"].pop(path, None)


def _unknown(path: str, server: str) -> Callable[[World], object]:
    return lambda w: w.unknown(server, path)


def _of_a_wrong_type(path: str, server: str) -> Callable[[World], object]:
    return lambda w: w.value(server, path, {"nonsense": True})


WAYS = {"deleted": _deleted, "unknown": _unknown, "of a wrong type": _of_a_wrong_type}


def not_seen(sample: str = "county-mail", servers: Iterable[str] | None = None) -> Iterator[Row]:
    """Each fact of each server, in each way in which a fact is not there."""
    world = healthy("server", sample)
    for server in servers or world.facts:
        for path in CATALOGUE:
            decides = NOT_SEEN[path]
            ends = decides.ends(world, server)
            for way, change in WAYS.items():
                name = f"{path} of {server} {way}"
                yield from rows("facts taken away", name, change(path, server), ends, decides.why, sample=sample)


def _entries(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "kind": "directory", "target": None} for name in names]


def _more(path: str, row: dict[str, Any]) -> Callable[[World], object]:
    return lambda w: w.seen("mx1", path).append(row)


def _says(path: str, value: Any, server: str = "mx1") -> Callable[[World], object]:
    return lambda w: w.value(server, path, value)


def _another_address(w: World) -> None:
    w.seen("mx1", "identity.addresses")[1]["address"] = "192.0.2.99"


def _one_more_address(w: World) -> None:
    w.seen("mx1", "identity.addresses").append(
        {"address": "192.0.2.99", "prefix": 24, "interface": "eth1", "scope": "global"}
    )
    w.seen("mx1", "identity.default_route_addresses").append("192.0.2.99")


def _read_only(w: World) -> None:
    w.seen("mx1", "storage.mounts")[1]["options"] = ["ro"]


def _unseen_in_both(w: World) -> None:
    w.unknown("mx1", "parts.quarantine.kib")
    assert w.baseline is not None
    w.baseline["mx1"]["facts"]["parts.quarantine.kib"] = {"unknown": "permission denied"}


OPEN = {"address": "0.0.0.0", "process": None}
SAYS_OTHERWISE: tuple[tuple[str, Callable[[World], object], tuple[Stage, ...], str], ...] = (
    ("another name", _says("identity.hostname", "relay.example.net"), ALWAYS, IDENTITY),
    ("another configured name", _says("identity.configured_hostname", "old.example.net"), (*LATER, *AFTER), IDENTITY),
    ("the declared address is gone", _another_address, ALWAYS, IDENTITY),
    ("one more address towards the default route", _one_more_address, (*NIGHT, *AFTER), IDENTITY),
    ("other host keys", _says("identity.host_keys", ["SHA256:another"]), (*NIGHT, *AFTER), IDENTITY),
    ("read without root", _says("privilege.euid", 1001), LATER, "V01: a person must be named"),
    ("no old tree", _says("source.entries", None), BEFORE, "V05: the wrong server, or the wrong path"),
    ("an empty old tree", _says("source.entries", []), BEFORE, "V05: the wrong server, or the wrong path"),
    ("a new tree before the night", _says("target.entries", _entries("bin")), LATER, "V05: an earlier attempt"),
    ("no new tree", _says("target.entries", None), AFTER, "V20: it is not upgraded"),
    ("a KiB of room", lambda w: w.available("mx1", 1), LATER, ROOM),
    ("less than no room", lambda w: w.available("mx1", -1), LATER, ROOM),
    ("mounted read-only", _read_only, LATER, "V03"),
    ("a landing place without a file system", _says("target.mount_point", "/nowhere"), LATER, ROOM),
    ("a quarantine of a terabyte", _says("parts.quarantine.kib", 10**9), LATER, ROOM),
    ("a size seen neither now nor before", _unseen_in_both, LATER, ROOM),
    ("a web interface", _more("ports.listening", OPEN | {"port": 28443}), BEFORE, ROLE),
    ("nothing listens", _says("ports.listening", []), AFTER, "V20; before the night it is a warning"),
    ("the agent does not listen", lambda w: w.value("mx1", "ports.listening", [
        row for row in w.seen("mx1", "ports.listening") if row["port"] != 25]), AFTER, "V20; before: a warning"),
    ("mail in the old queue", _says("puremessage.queue_old", 40), AFTER, MAIL),
    ("mail piled up in the new queue", _says("puremessage.queue_new", 9000), AFTER, MAIL),
    ("the database's name leads nowhere", _says("puremessage.database_lookup", []), LATER, "V17"),
    ("version 6 names no database", _says("target.database_target", {"host": None}), AFTER, "V17 and V20"),
    ("its database's name leads nowhere", _says("target.database_lookup", []), AFTER, "V17 and V20"),
    ("its database does not answer", _says("target.database_port", False), AFTER, "V17 and V20"),
    ("a stranger at the database", lambda w: w.seen("db1", "puremessage.database_peers").append("198.51.100.9"),
     NEVER, "a warning: it may be a report of the site"),
    ("the database does not answer yet", _says("puremessage.database_port", False), NEVER, "a warning"),
    ("a leased address", _says("identity.leases", [{"address": "192.0.2.21", "interface": "eth0", "ends": None}]),
     NEVER, "a warning"),
    ("little memory", _says("memory.total_kib", 1024), NEVER, NOTE),
    ("few inodes", lambda w: [row.update(available=5) for row in w.seen("mx1", "storage.inodes")], NEVER,
     "a warning: how many files the migration makes is not known"),
    ("another operating system", _says("platform.system", "AIX"), NEVER, NOTE),
    ("a role that is not seen", _says("parts.database.files", 0, "db1"), NEVER, "looked, and found nothing: it stands"),
)  # fmt: skip


def contradicted() -> Iterator[Row]:
    """Facts that say something else than they should."""
    for name, change, ends, why in SAYS_OTHERWISE:
        yield from rows("facts that say otherwise", name, change, ends, why)
