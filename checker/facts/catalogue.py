"""Every fact that is known of a host, each in one row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from checker.facts.fact_values import (
    Address,
    CronLine,
    DatabaseTarget,
    Entry,
    FilterLine,
    Inodes,
    Lease,
    Limit,
    Listener,
    MailQueue,
    Mount,
    OwnRow,
    PartManifest,
    PathHits,
    Process,
    Space,
)
from checker.inputs.deployment import PARTS, Part

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Fact(Generic[T_co]):
    """A kind of fact: its path, the Python type of its value, its unit, and whether it drifts by itself."""

    path: str
    type: Any
    meaning: str
    unit: str | None = None
    drifting: bool = False


HOSTNAME: Fact[str] = Fact("identity.hostname", str, "the running host name")
CONFIGURED_HOSTNAME: Fact[str] = Fact("identity.configured_hostname", str, "the name a reboot would give")
ADDRESSES: Fact[tuple[Address, ...]] = Fact("identity.addresses", tuple[Address, ...], "addresses on interfaces")
LEASES: Fact[tuple[Lease, ...]] = Fact("identity.leases", tuple[Lease, ...], "addresses lent by DHCP")
DEFAULT_ROUTE: Fact[tuple[str, ...]] = Fact(
    "identity.default_route_addresses", tuple[str, ...], "own addresses used towards the default route"
)
MACHINE_ID: Fact[str] = Fact("identity.machine_id", str, "the operating system's machine id")
HOST_KEYS: Fact[tuple[str, ...]] = Fact("identity.host_keys", tuple[str, ...], "fingerprints of SSH host keys")
EUID: Fact[int] = Fact("privilege.euid", int, "effective user id that the facts were read with")
SPACE: Fact[tuple[Space, ...]] = Fact("storage.space", tuple[Space, ...], "file systems and their room", "KiB", True)
OWN_ROWS: Fact[tuple[OwnRow, ...]] = Fact(
    "storage.own_rows", tuple[OwnRow, ...], "places whose own row of df differs from their file system's", "KiB", True
)
INODES: Fact[tuple[Inodes, ...]] = Fact("storage.inodes", tuple[Inodes, ...], "inodes of file systems", None, True)
MOUNTS: Fact[tuple[Mount, ...]] = Fact("storage.mounts", tuple[Mount, ...], "the mount table")
SOURCE_ENTRIES: Fact[tuple[Entry, ...] | None] = Fact(
    "source.entries",
    tuple[Entry, ...] | None,
    "what stands directly under the 5.6.1 root; null when it is absent",
)
TARGET_ENTRIES: Fact[tuple[Entry, ...] | None] = Fact(
    "target.entries",
    tuple[Entry, ...] | None,
    "what stands directly under the version 6 root; null when absent",
)
TARGET_MOUNT: Fact[str] = Fact("target.mount_point", str, "the mount point that the version 6 root lands on")
BACKUP_MOUNT: Fact[str] = Fact("backup.mount_point", str, "the mount point that the site's backup lands on")
PART_KIB: dict[Part, Fact[int]] = {
    part: Fact(f"parts.{part}.kib", int, f"disk used by the {part} of 5.6.1", "KiB", True) for part in PARTS
}
PART_APPARENT_KIB: dict[Part, Fact[int]] = {
    part: Fact(
        f"parts.{part}.apparent_kib", int, f"bytes in the {part} of 5.6.1, each file in blocks of 4 KiB", "KiB", True
    )
    for part in PARTS
}
PART_FILES: dict[Part, Fact[int]] = {
    part: Fact(f"parts.{part}.files", int, f"files in the {part} of 5.6.1", "files", True) for part in PARTS
}
PART_MOUNT: dict[Part, Fact[str]] = {
    part: Fact(f"parts.{part}.mount_point", str, f"the mount point that the {part} of 5.6.1 stands on")
    for part in PARTS
}
NEW_PARTS: tuple[Part, ...] = ("quarantine", "database")
NEW_PART_KIB: dict[Part, Fact[int]] = {
    part: Fact(f"target.parts.{part}.kib", int, f"disk used by the {part} of version 6", "KiB", True)
    for part in NEW_PARTS
}
NEW_PART_FILES: dict[Part, Fact[int]] = {
    part: Fact(f"target.parts.{part}.files", int, f"files in the {part} of version 6", "files", True)
    for part in NEW_PARTS
}
SYSTEM: Fact[str] = Fact("platform.system", str, "the operating system's own name (uname -s)")
RELEASE: Fact[str] = Fact("platform.release", str, "its release (uname -r)")
DISTRIBUTION: Fact[str] = Fact("platform.distribution", str, "the distribution's name and version")
MACHINE: Fact[str] = Fact("platform.machine", str, "the processor's architecture (uname -m)")
CPUS: Fact[int] = Fact("platform.cpus", int, "processors online")
MEMORY: Fact[int] = Fact("memory.total_kib", int, "memory of the machine", "KiB")
OPEN_FILES: Fact[Limit] = Fact("limits.open_files", Limit, "open files a process may have")
PROCESSES: Fact[tuple[Process, ...]] = Fact("processes", tuple[Process, ...], "running programs", None, True)
LISTENERS: Fact[tuple[Listener, ...]] = Fact("ports.listening", tuple[Listener, ...], "TCP listeners", None, True)
CRON: Fact[tuple[CronLine, ...]] = Fact(
    "platform.cron", tuple[CronLine, ...], "lines of cron tables: file and time fields, never the command"
)
STARTERS: Fact[tuple[str, ...]] = Fact("starters", tuple[str, ...], "what starts the product at boot or by time")

LOOKUP: Fact[tuple[str, ...]] = Fact("identity.lookup", tuple[str, ...], "addresses its own name resolves to")
HOSTS_FILE: Fact[tuple[str, ...]] = Fact("identity.hosts_file", tuple[str, ...], "lines of /etc/hosts with its names")
DATABASE_TARGET: Fact[DatabaseTarget] = Fact(
    "puremessage.database_target", DatabaseTarget, "where pmdb.conf looks for the database"
)
DATABASE_LOOKUP: Fact[tuple[str, ...]] = Fact(
    "puremessage.database_lookup", tuple[str, ...], "addresses the database's name resolves to; empty: none"
)
DATABASE_PORT: Fact[bool] = Fact("puremessage.database_port", bool, "whether the database's port answers", None, True)
NEW_DATABASE_TARGET: Fact[DatabaseTarget] = Fact(
    "target.database_target", DatabaseTarget, "where the pmdb.conf of version 6 looks for the database"
)
NEW_DATABASE_LOOKUP: Fact[tuple[str, ...]] = Fact(
    "target.database_lookup", tuple[str, ...], "addresses its database's name resolves to; empty: none"
)
NEW_DATABASE_PORT: Fact[bool] = Fact("target.database_port", bool, "whether its database's port answers", None, True)
NEW_STARTERS: Fact[tuple[str, ...]] = Fact("target.starters", tuple[str, ...], "what names the version 6 root at boot")
PEERS: Fact[tuple[str, ...]] = Fact(
    "puremessage.database_peers", tuple[str, ...], "addresses connected to the database port here", None, True
)
MTA: Fact[tuple[str, ...]] = Fact("puremessage.mta", tuple[str, ...], "kinds of mail transfer agent that are there")
FILTER_LINES: Fact[tuple[FilterLine, ...]] = Fact(
    "puremessage.filter_lines", tuple[FilterLine, ...], "sendmail's mail filters and their flags"
)
QUEUE_OLD: Fact[int] = Fact("puremessage.queue_old", int, "messages in the queue of 5.6.1", "messages", True)
QUEUE_NEW: Fact[int] = Fact("puremessage.queue_new", int, "messages in the queue of version 6", "messages", True)
OWN_QUEUES: Fact[tuple[MailQueue, ...]] = Fact(
    "puremessage.own_queues", tuple[MailQueue, ...], "queues of the system's own Postfix and sendmail; null messages "
    "where no queue is there", None, True,
)  # fmt: skip
OLD_PATHS: Fact[tuple[PathHits, ...]] = Fact(
    "puremessage.old_paths", tuple[PathHits, ...], "files outside the tree that name the old path"
)
MANIFEST: Fact[tuple[PartManifest, ...]] = Fact(
    "puremessage.manifest", tuple[PartManifest, ...], "counts, bytes and newest times of the parts", None, True
)
STATUS: Fact[tuple[str, ...]] = Fact("puremessage.status", tuple[str, ...], "what pmx status printed", None, True)

_ALL: tuple[Fact[Any], ...] = (
    HOSTNAME, CONFIGURED_HOSTNAME, ADDRESSES, LEASES, DEFAULT_ROUTE, MACHINE_ID, HOST_KEYS, EUID,
    SPACE, OWN_ROWS, INODES, MOUNTS, SOURCE_ENTRIES, TARGET_ENTRIES, TARGET_MOUNT, BACKUP_MOUNT,
    *PART_KIB.values(), *PART_APPARENT_KIB.values(), *PART_FILES.values(), *PART_MOUNT.values(),
    *NEW_PART_KIB.values(), *NEW_PART_FILES.values(),
    NEW_DATABASE_TARGET, NEW_DATABASE_LOOKUP, NEW_DATABASE_PORT, NEW_STARTERS,
    LOOKUP, HOSTS_FILE, DATABASE_TARGET, DATABASE_LOOKUP, DATABASE_PORT, PEERS, MTA, FILTER_LINES,
    QUEUE_OLD, QUEUE_NEW, OWN_QUEUES, OLD_PATHS, MANIFEST, STATUS,
    SYSTEM, RELEASE, DISTRIBUTION, MACHINE, CPUS, MEMORY, OPEN_FILES, PROCESSES, LISTENERS, CRON, STARTERS,
)  # fmt: skip
CATALOGUE: Mapping[str, Fact[Any]] = {fact.path: fact for fact in _ALL}
