"""What a host says of itself. Each fact is a value with how it was seen, or an unknown with the reason."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from checker.inputs.deployment import PARTS, Part
from checker.values import Value, digest

Asked = dict[str, str | bool | None]  # a name of the deployment file and the value that it had; see what_was_asked
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Row(BaseModel):
    """A row of a fact that is a list; fields of a newer collector are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _has_a_field_of_its_own(cls, value: Any) -> Any:
        # where every field may be absent, anything would be read as a row that says nothing
        if isinstance(value, dict) and value and not cls.model_fields.keys() & value.keys():
            raise ValueError("has none of the fields of such a row")
        return value


class Space(Row):
    """A file system's room, as the host counts it: `available` is what an ordinary writer can still use."""

    mount_point: str
    device: str
    type: str
    total_kib: int
    available_kib: int


class OwnRow(Row):
    """What df says of one place (`target`, `backup`, `source` or a part), where a limit of its own makes it differ."""

    place: str
    mount_point: str
    total_kib: int
    available_kib: int


class Inodes(Row):
    """A file system's inodes; total 0 where the file system does not count them."""

    mount_point: str
    total: int
    available: int


class Mount(Row):
    """A row of the mount table."""

    mount_point: str
    device: str
    type: str
    options: tuple[str, ...]


class Address(Row):
    """An address on an interface; scope says whether it can be one that the deployment depends on."""

    address: str
    prefix: int | None = None
    interface: str
    scope: Literal["global", "link", "loopback", "container", "temporary"]


class Lease(Row):
    """An address that a DHCP server lends; `ends` is None where the host does not say."""

    address: str
    interface: str
    ends: AwareDatetime | None = None


class Entry(Row):
    """A name directly under an install root; `target` is where a link leads."""

    name: str
    kind: Literal["directory", "file", "link", "mount", "other"]
    target: str | None = None


class Listener(Row):
    """A TCP port that something on the host listens on."""

    address: str
    port: int
    process: str | None = None


class Process(Row):
    """A running program, by name and owner, and how many of it."""

    name: str
    user: str | None = None
    count: int = 1


class Limit(Row):
    """A limit of processes; None means unlimited."""

    soft: int | None
    hard: int | None


class DatabaseTarget(Row):
    """Where a server looks for the database, by its pmdb.conf; None where the file does not say."""

    kind: str | None = None
    host: str | None = None
    port: int | None = None
    name: str | None = None


class FilterLine(Row):
    """A mail filter of sendmail's configuration; `flags` is "T" (defer), "R" (reject) or "" (pass unfiltered)."""

    name: str
    flags: str


class MailQueue(Row):
    """A queue of a mail transfer agent, its directory and the messages in it; None where no queue is there."""

    kind: str
    path: str
    messages: int | None = None


class PathHits(Row):
    """A file outside the tree that names the old path, and how often."""

    path: str
    count: int


class CronLine(Row):
    """A line of a cron table: its file and time fields, the user whose table it is, and the file's CRON_TZ."""

    file: str
    times: str
    user: str | None = None
    zone: str | None = None


class PartManifest(Row):
    """What a part of the 5.6.1 tree holds: files, KiB, and the newest time where it was seen."""

    part: str
    files: int
    kib: int
    newest: str | None = None


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


MOST_COUNTED = 2**64  # ours: what a host can count in 64 bits (some file systems say so many inodes); more is damage


def _counted(value: JsonValue) -> JsonValue:
    if isinstance(value, int | float) and not -MOST_COUNTED <= value <= MOST_COUNTED:
        raise ValueError("a number larger than any host can count to")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _counted(inner)
    return value


Seen = Annotated[JsonValue, AfterValidator(_counted)]


class Known(Value):
    """A fact that was seen: its value, unit, and the command or call that said so."""

    value: Seen
    unit: str | None = None
    how: str


class Unknown(Value):
    """A fact that was not seen: why, and a lower bound where a measurement stopped half-way."""

    unknown: str
    partial: Seen | None = None


class HostFacts(Value):
    """All that one collection brought from one server. `outcome` is "ok", or the transport's word for why not."""

    tool: Literal["pmx-preflight"] = "pmx-preflight"  # by it the file is known as ours before it is replaced
    schema_version: Literal[1] = 1
    server: str
    via: str
    outcome: str
    collected_at: AwareDatetime
    host_clock: AwareDatetime | None = None
    probe_digest: str | None = None  # of the packaged script: which edition asked
    script_digest: str | None = None  # of the script as it was sent, with its time limit; recorded, and never judged
    asked: Asked | None = None  # None of a first edition's facts
    facts: dict[str, Known | Unknown]
    unread_rows: tuple[str, ...] = ()
    detail: str | None = None  # the transport's own words where it failed
    try_line: str | None = None  # the line by which a person sees the same failure

    @property
    def reached(self) -> bool:
        return self.outcome == "ok"


class NotSeen(Exception):
    """A fact that a check needs was not seen; `partial` is a lower bound where there is one."""

    def __init__(self, path: str, reason: str, partial: Any = None):
        super().__init__(f"{path} not seen: {reason}")
        self.path, self.reason, self.partial = path, reason, partial


@functools.cache
def adapter(fact: Fact[Any]) -> TypeAdapter[Any]:
    """The validator of a fact's values."""
    return TypeAdapter(fact.type)


def read(host: HostFacts, fact: Fact[T]) -> T:
    """The value of a fact; NotSeen when it is unknown, absent, or not of its type."""
    if not host.reached:
        raise NotSeen(fact.path, f"the server was not read ({host.outcome})")
    seen = host.facts.get(fact.path)
    if seen is None:
        raise NotSeen(fact.path, "not among the collected facts")
    if isinstance(seen, Unknown):
        raise NotSeen(fact.path, seen.unknown, seen.partial)
    try:
        value: T = adapter(fact).validate_python(seen.value)
    except ValidationError as error:
        raise NotSeen(fact.path, f"unreadable value ({error.error_count()} faults)") from None
    return value


def known(fact: Fact[T], value: T, how: str) -> tuple[str, Known]:
    """A seen fact as it stands in the facts file."""
    return fact.path, Known(value=adapter(fact).dump_python(value, mode="json"), unit=fact.unit, how=how)


def facts_id(facts: Mapping[str, HostFacts]) -> str | None:
    """The digest over all facts at hand; None when there are none."""
    return digest({name: facts[name].model_dump(mode="json") for name in sorted(facts)}) if facts else None


def oldest(facts: Mapping[str, HostFacts]) -> datetime | None:
    """When the oldest of these facts were collected."""
    return min((host.collected_at for host in facts.values()), default=None)


def is_partial_number(value: object) -> bool:
    """Whether a partial value can serve as a lower bound."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def seen(host: HostFacts | None, fact: Fact[T]) -> T | None:
    """The value of a fact; None where it was not seen, for whoever does without it."""
    try:
        return None if host is None else read(host, fact)
    except NotSeen:
        return None
