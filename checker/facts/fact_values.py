"""The values that facts have where they are more than a word or a number: the rows of a fact that is a list."""

from collections.abc import Iterable
from typing import Any, Literal, Protocol, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator


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


class Mounted(Protocol):
    """A row that tells something of a mount point."""

    @property
    def mount_point(self) -> str: ...


MountedRow = TypeVar("MountedRow", bound=Mounted)


def row_at(rows: Iterable[MountedRow], mount_point: str) -> MountedRow | None:
    """The row of a mount point, or None: of several the last, for a later mount hides an earlier one."""
    found = None
    for row in rows:
        if row.mount_point == mount_point:
            found = row
    return found
