"""Write the facts of every sample again: `python samples/regenerate.py`. A test compares them with what is committed.

The hosts are invented; the shapes are those of real ones. Nothing here is a measurement of PureMessage.
"""

import hashlib
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checker.facts import facts_store
from checker.facts.catalogue import (
    ADDRESSES,
    BACKUP_MOUNT,
    CONFIGURED_HOSTNAME,
    CPUS,
    DATABASE_LOOKUP,
    DATABASE_PORT,
    DATABASE_TARGET,
    DEFAULT_ROUTE,
    DISTRIBUTION,
    EUID,
    FILTER_LINES,
    HOST_KEYS,
    HOSTNAME,
    HOSTS_FILE,
    INODES,
    LEASES,
    LISTENERS,
    LOOKUP,
    MACHINE,
    MACHINE_ID,
    MANIFEST,
    MEMORY,
    MOUNTS,
    MTA,
    NEW_DATABASE_LOOKUP,
    NEW_DATABASE_PORT,
    NEW_DATABASE_TARGET,
    NEW_PART_FILES,
    NEW_PART_KIB,
    NEW_PARTS,
    NEW_STARTERS,
    OLD_PATHS,
    OPEN_FILES,
    OWN_QUEUES,
    OWN_ROWS,
    PART_APPARENT_KIB,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    PEERS,
    PROCESSES,
    QUEUE_NEW,
    QUEUE_OLD,
    RELEASE,
    SOURCE_ENTRIES,
    SPACE,
    STARTERS,
    STATUS,
    SYSTEM,
    TARGET_ENTRIES,
    TARGET_MOUNT,
)
from checker.facts.fact_values import (
    Address,
    DatabaseTarget,
    Entry,
    FilterLine,
    Inodes,
    Lease,
    Limit,
    Listener,
    MailQueue,
    Mount,
    PartManifest,
    PathHits,
    Process,
    Space,
)
from checker.facts.host_facts import Asked, HostFacts, Known, Unknown, known
from checker.facts.what_was_asked import asked_of
from checker.inputs.deployment import PARTS, Deployment, Part, Role
from checker.inputs.deployment_file import load

SAMPLES = Path(__file__).parent
HEALTHY = ("harbour-mail", "library-mail", "county-mail", "museum-mail", "university-mail")
GIB = 1024 * 1024
TREE = ("bin", "etc", "lib", "man", "postfix", "var")
PORTS: dict[Role, tuple[int, ...]] = {
    "database": (5432,), "csm": (18080,), "mta": (25,), "mail-filter": (10025, 10026),
    "euwi": (28443,), "gwi": (28443,),
}  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """One invented host."""

    name: str
    domain: str
    address: str
    roles: tuple[Role, ...]
    at: datetime
    quarantine_kib: int = 2 * GIB
    database_kib: int = 0
    available_kib: int = 40 * GIB
    inodes: int = 2_600_000
    euid: int = 0
    leased: bool = False
    options: tuple[str, ...] = ("rw", "relatime")
    target: tuple[str, ...] | None = None
    moved: tuple[tuple[str, str], ...] = ()
    hostname: str | None = None
    configured: str | None = None
    machine_id: str | None = None
    memory_kib: int = 8 * GIB
    open_files: int = 4096
    database_host: str | None = None
    database_lookup: tuple[str, ...] = ()
    database_answers: bool = True
    peers: tuple[str, ...] = ()
    lookup: tuple[str, ...] | None = None
    mta: tuple[str, ...] = ("bundled-postfix",)
    filters: tuple[tuple[str, str], ...] = ()
    queue: int = 12
    more_ports: tuple[int, ...] = ()
    closed_ports: tuple[int, ...] = ()
    logs_on: str = "/opt"
    root_available_kib: int = 9 * GIB
    starters: tuple[str, ...] = ("/etc/init.d/pmx",)
    old_paths: tuple[tuple[str, int], ...] = ()
    platform: tuple[str, str, str] = (
        "Linux", "2.6.32-754.el6.x86_64", "Red Hat Enterprise Linux Server release 6.10 (Santiago)",
    )  # fmt: skip
    clock_ahead: timedelta = timedelta(seconds=2)
    reached: bool = True
    unreadable: tuple[str, ...] = ()
    upgraded: bool = False
    asked: Asked | None = None


def _sizes(host: Invented) -> dict[Part, tuple[int, int]]:
    return {
        "quarantine": (host.quarantine_kib, host.quarantine_kib // 24),
        "logs": (600_000, 64),
        "database": (host.database_kib, 1200 if host.database_kib else 0),
        "configuration": (18_000, 410),
        "queue": (9_000, 120 if "mta" in host.roles else 0),
    }


def facts(host: Invented) -> HostFacts:
    """What the invented host would say of itself."""
    if not host.reached:
        return HostFacts(server=host.name, via="ssh", outcome="connection refused", collected_at=host.at, facts={})
    how = "invented for this sample"
    running = host.hostname or f"{host.name}.{host.domain}"
    links = dict(host.moved)
    entries = tuple(
        Entry(name=name, kind="link" if name in links else "directory", target=links.get(name)) for name in TREE
    ) + ((Entry(name="postgres", kind="directory"),) if host.database_kib else ())
    names = (*TREE, "postgres") if host.upgraded else host.target
    target = None if names is None else tuple(Entry(name=name, kind="directory") for name in names)
    sizes = _sizes(host)
    ports = {port for role in host.roles for port in PORTS[role]} | {22, 18080, *host.more_ports}
    ports -= set(host.closed_ports)
    database = DatabaseTarget()
    if host.database_host:
        database = DatabaseTarget(kind="pgsql", host=host.database_host, port=5432, name="pmx_quarantine")
    lease = Lease(address=host.address, interface="eth0", ends=datetime(2026, 12, 6, 1, 30, tzinfo=UTC))
    found: dict[str, Known | Unknown] = dict(
        (
            known(HOSTNAME, running, how),
            known(CONFIGURED_HOSTNAME, host.configured or running, how),
            known(ADDRESSES, (
                Address(address="127.0.0.1", prefix=8, interface="lo", scope="loopback"),
                Address(address=host.address, prefix=24, interface="eth0", scope="global"),
            ), how),
            known(LEASES, (lease,) if host.leased else (), how),
            known(DEFAULT_ROUTE, (host.address,), how),
            known(MACHINE_ID, host.machine_id or hashlib.sha256(running.encode()).hexdigest()[:32], how),
            known(HOST_KEYS, (f"SHA256:sample-{running}",), how),
            known(EUID, host.euid, how),
            known(SPACE, (
                Space(mount_point="/", device="/dev/sda1", type="ext4", total_kib=20 * GIB,
                      available_kib=host.root_available_kib),
                Space(mount_point="/opt", device="/dev/sdb1", type="ext4", total_kib=120 * GIB,
                      available_kib=host.available_kib),
            ), how),
            known(OWN_ROWS, (), how),
            known(INODES, (
                Inodes(mount_point="/", total=1_310_720, available=1_100_000),
                Inodes(mount_point="/opt", total=7_864_320, available=host.inodes),
            ), how),
            known(MOUNTS, (
                Mount(mount_point="/", device="/dev/sda1", type="ext4", options=("rw", "relatime")),
                Mount(mount_point="/opt", device="/dev/sdb1", type="ext4", options=host.options),
            ), how),
            known(SOURCE_ENTRIES, entries, how),
            known(TARGET_ENTRIES, target, how),
            known(TARGET_MOUNT, "/opt", how),
            known(BACKUP_MOUNT, "/", how),
            *(known(PART_KIB[part], sizes[part][0], how) for part in PARTS),
            *(known(PART_APPARENT_KIB[part], sizes[part][0], how) for part in PARTS),
            *(known(PART_FILES[part], sizes[part][1], how) for part in PARTS),
            *(known(PART_MOUNT[part], host.logs_on if part == "logs" else "/opt", how) for part in PARTS),
            known(SYSTEM, host.platform[0], how),
            known(RELEASE, host.platform[1], how),
            known(DISTRIBUTION, host.platform[2], how),
            known(MACHINE, "x86_64", how),
            known(CPUS, 4, how),
            known(MEMORY, host.memory_kib, how),
            known(OPEN_FILES, Limit(soft=1024, hard=host.open_files), how),
            known(PROCESSES, (Process(name="sshd", user="root", count=2),), how),
            known(LISTENERS, tuple(Listener(address="0.0.0.0", port=port) for port in sorted(ports)), how),
            known(STARTERS, host.starters, how),
            known(LOOKUP, (host.address,) if host.lookup is None else host.lookup, how),
            known(HOSTS_FILE, (f"{host.address} {host.name}.{host.domain} {host.name}",), how),
            known(DATABASE_TARGET, database, how),
            known(DATABASE_LOOKUP, host.database_lookup, how),
            known(DATABASE_PORT, host.database_answers, how),
            known(PEERS, host.peers, how),
            known(MTA, host.mta if "mta" in host.roles else (), how),
            known(FILTER_LINES, tuple(FilterLine(name=name, flags=flags) for name, flags in host.filters), how),
            known(OWN_QUEUES, tuple(
                MailQueue(kind="sendmail", path="/var/spool/mqueue", messages=host.queue)
                for kind in host.mta if kind == "sendmail" and "mta" in host.roles
            ), how),
            known(OLD_PATHS, tuple(PathHits(path=path, count=count) for path, count in host.old_paths), how),
            known(MANIFEST, tuple(
                PartManifest(part=part, files=files, kib=kib, newest=f"{host.at:%Y-%m-%dT%H:%M:%SZ}" if files else None)
                for part, (kib, files) in sizes.items()
            ), how),
        )
    )  # fmt: skip
    new = dict(
        (
            *(known(NEW_PART_KIB[part], sizes[part][0], how) for part in NEW_PARTS),
            *(known(NEW_PART_FILES[part], sizes[part][1], how) for part in NEW_PARTS),
            known(NEW_DATABASE_TARGET, database, how),
            known(NEW_DATABASE_LOOKUP, host.database_lookup, how),
            known(NEW_DATABASE_PORT, host.database_answers, how),
            known(NEW_STARTERS, ("/etc/init.d/pmx6", "/etc/rc3.d/S99pmx6"), how),
        )
    )
    found |= new if host.upgraded else {path: Unknown(unknown="no version 6 tree is there") for path in new}
    unread = {path: Unknown(unknown="permission denied") for path in host.unreadable}
    bundled = "mta" in host.roles and "bundled-postfix" in host.mta
    for fact, there, waiting in (
        (QUEUE_OLD, bundled, 0 if host.upgraded else host.queue),
        (QUEUE_NEW, bundled and host.upgraded, host.queue),
    ):
        found[fact.path] = known(fact, waiting, how)[1] if there else Unknown(unknown="no queue of a postfix is there")
    unread[STATUS.path] = Unknown(unknown="not run: the deployment does not allow it (probe.pmx_status)")
    return HostFacts(
        server=host.name, via="ssh", outcome="ok", collected_at=host.at, host_clock=host.at + host.clock_ahead,
        asked=host.asked, facts={**found, **unread},
    )  # fmt: skip


def hosts_of(declared: Deployment, at: datetime) -> dict[str, Invented]:
    """A healthy host for each server of a deployment."""
    database = declared.holding("database")[0]
    users = [server for server in declared.servers if server.has("mail-filter", "euwi") and server is not database]
    return {
        server.name: Invented(
            server.name,
            (server.hostname or "x.example.net").partition(".")[2],
            server.addresses[0] if server.addresses else f"198.51.100.{index}",
            server.roles,
            at,
            database_kib=6 * GIB if server.has("database") else 0,
            quarantine_kib=3 * GIB if server.has("mail-filter") else GIB // 4,
            database_host="localhost" if server is database else database.hostname if server in users else None,
            database_lookup=database.addresses if server in users else (),
            peers=tuple(user.addresses[0] for user in users) if server is database else (),
            asked=asked_of(declared),
        )
        for index, server in enumerate(declared.servers, start=1)
    }


def _hosts(sample: str, at: datetime) -> dict[str, Invented]:
    return hosts_of(load(SAMPLES / sample / "deployment.yaml"), at)


def _no_go(at: datetime) -> dict[str, Invented]:
    """One fault of each family."""
    hosts = _hosts("no-go", at)
    faults: dict[str, dict[str, object]] = {
        "db1": {"available_kib": 2 * GIB, "target": ("bin", "etc"),
                "peers": (*hosts["db1"].peers, "198.51.100.77")},
        "mx1": {"configured": "mx1-old.example.org", "leased": True, "euid": 1001, "mta": ("sendmail",),
                "filters": (("pmx", ""), ("signing", "T")), "queue": 4200, "database_lookup": (),
                "database_answers": False, "closed_ports": (10025, 10026), "more_ports": (3366,),
                "starters": ("/etc/init.d/pmx", "/etc/cron.d/pmx-watch")},
        "mx2": {"hostname": "mx1.example.org", "machine_id": "0" * 32, "options": ("ro", "relatime"),
                "lookup": ("198.51.100.21",), "logs_on": "/", "root_available_kib": GIB // 2,
                "closed_ports": (10025,), "clock_ahead": timedelta(minutes=-17)},
        "mx3": {"reached": False},
        "web1": {"moved": (("postfix", "/data/postfix"),), "inodes": 500, "memory_kib": GIB, "open_files": 256,
                 "unreadable": ("parts.quarantine.kib", "storage.mounts"), "more_ports": (3366,),
                 "platform": ("AIX", "7.1", "AIX 7.1"), "old_paths": (("/etc/cron.d/report", 3), ("/etc/aliases", 1))},
    }  # fmt: skip
    return {name: replace(host, **faults.get(name, {})) for name, host in hosts.items()}  # type: ignore[arg-type]


def collected(sample: str, at: datetime, done: Collection[str] = ()) -> dict[str, HostFacts]:
    """The facts of a sample's healthy hosts as of another moment, some of the servers upgraded by then."""
    return {name: facts(replace(host, upgraded=name in done)) for name, host in _hosts(sample, at).items()}


def every() -> Iterator[tuple[Path, HostFacts]]:
    """Each facts file of the samples: its directory and its content."""
    saturday = datetime(2026, 12, 5, tzinfo=UTC)
    for sample in HEALTHY:
        at = saturday.replace(hour=18) if sample == "university-mail" else saturday.replace(hour=19, minute=30)
        for host in _hosts(sample, at).values():
            yield SAMPLES / sample / "facts", facts(host)
    for sample in HEALTHY:
        for host in _hosts(sample, datetime(2026, 12, 3, 9, 0, tzinfo=UTC)).values():
            yield SAMPLES / sample / "baseline", facts(host)
    for host in _no_go(saturday.replace(hour=20, minute=15)).values():
        yield SAMPLES / "no-go" / "facts", facts(host)


if __name__ == "__main__":
    for directory, said in every():
        print(facts_store.save(directory, said, force=True), file=sys.stderr)
