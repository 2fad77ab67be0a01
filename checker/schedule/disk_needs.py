"""What lands on a server's disks that night: each with the place where it lands and its bounds, in KiB."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol, TypeVar

from checker.facts.catalogue import BACKUP_MOUNT, PART_APPARENT_KIB, PART_KIB, PART_MOUNT, SPACE, TARGET_MOUNT
from checker.facts.fact import Fact
from checker.facts.fact_values import Space, row_at
from checker.facts.host_facts import NotSeen, is_partial_number
from checker.inputs.deployment import PARTS, Deployment, Part, Server
from checker.schedule.sizes import chosen_parts

T = TypeVar("T")
Where = Literal["target", "backup", "logs"]

GROWTH_PERCENT = (
    20  # ours: between an older figure and the night the quarantine and the logs grow; nobody knows how fast
)
# Ours: of bytes that nobody counted. Mail and logs compress to a third or a quarter on ZFS, btrfs and file servers.
UNCOUNTED_BYTES = 4
# Ours, where the site has not measured it: far more than a mail filter with its own PostgreSQL and Perl has taken.
INSTALLATION_KIB = 10 * 1024 * 1024
# Ours: one error of 1 KiB for each message, at the highest load for which the vendor sized a machine (120,000 an hour).
ERRORS_KIB_AN_HOUR = 120_000
LANDING = (TARGET_MOUNT, BACKUP_MOUNT, PART_KIB, PART_APPARENT_KIB, PART_MOUNT, SPACE)  # what needs and errors read
FRESH_DAYS = 14  # ours: the runbook has everything measured this long before the first window; an older figure grows


class Facts(Protocol):
    """One server's facts, as a check reads them."""

    def __getitem__(self, fact: Fact[T]) -> T: ...

    def get(self, fact: Fact[T]) -> T | None: ...


@dataclass(frozen=True)
class Size:
    """KiB that a copy of something needs: at least `low`, at most `high` (None: not known). `how`: on what ground."""

    low: int
    high: int | None
    how: str = ""


@dataclass(frozen=True)
class Need:
    """Something that lands on a mount point of a server, in KiB as of Size; `ours`: a figure of ours, not measured."""

    server: str
    where: Where
    what: str
    mount_point: str
    low: int
    high: int | None
    how: str = ""
    ours: bool = False


def size(
    deployment: Deployment, server: Server, host: Facts, before: Facts | None, part: Part, today: date, times: int
) -> Size:
    """What a copy of a part needs, in KiB.

    What was allocated is the least, for holes, compression and hard links are not kept by every copy; its bytes are
    the most, and where nobody counted these `times` as much. What was not counted to the end is bounded by what its
    file system uses, or by an older figure and growth, whichever is less. A figure of the site's own (disk.sizes)
    stands for all that, unless more was seen.
    """
    seen = _measured(host, before, part, times)
    own = deployment.disk.sizes.get(server.name)
    kib = own.kib(part) if own else None
    if own is None or kib is None:
        return seen
    if own.at > today:
        return Size(
            seen.low, seen.high, f"{seen.how} (the figure of disk.sizes is of {own.at}, which is in the future)"
        )
    old = today - own.at > timedelta(days=FRESH_DAYS)
    figure = _grown(kib) if old else kib
    if seen.low > figure:
        return Size(seen.low, seen.high, f"{seen.how} (more than disk.sizes says, {own.at})")
    growth = f" and {GROWTH_PERCENT} % growth" if old else ""
    return Size(figure, figure, f" (measured by {own.by}, {own.at}{growth})")


def _measured(host: Facts, before: Facts | None, part: Part, times: int) -> Size:
    try:
        allocated = host[PART_KIB[part]]
        most, counted = _bytes(host, part, allocated, times)
        if most == allocated:
            return Size(allocated, most)
        return Size(allocated, most, " (by its bytes)" if counted else f" (bytes not counted: {times} times)")
    except NotSeen as unread:
        low = int(unread.partial) if is_partial_number(unread.partial) else 0
    bounds = [bound for bound in (_by_use(host, part, low, times), _by_baseline(host, before, part, times)) if bound]
    best = min((bound for bound in bounds if bound[0] >= low), default=None)
    return Size(low, best[0], best[1]) if best else Size(low, None, " (size unknown)")


def _bytes(host: Facts, part: Part, allocated: int, times: int) -> tuple[int, bool]:
    """The most that so much allocated room of a part can be in bytes, in KiB, and whether these were counted."""
    apparent = host.get(PART_APPARENT_KIB[part])
    return (allocated * times, False) if apparent is None else (max(allocated, apparent), True)


def _used(host: Facts | None, part: Part) -> tuple[int, str] | None:
    """KiB in use on the file system that a part stands on, and its mount point."""
    mount_point = host.get(PART_MOUNT[part]) if host else None
    row = row_at((host.get(SPACE) if host else None) or (), mount_point) if mount_point else None
    return (row.total_kib - row.available_kib, row.mount_point) if row else None


def _by_use(host: Facts, part: Part, low: int, times: int) -> tuple[int, str] | None:
    used = _used(host, part)
    if used is None:
        return None
    return _bytes(host, part, max(used[0], low), times)[0], f" (at most what {used[1]} uses, by {SPACE.path})"


def _by_baseline(host: Facts, before: Facts | None, part: Part, times: int) -> tuple[int, str] | None:
    """The baseline's figure and growth: GROWTH_PERCENT, or what the part's file system uses more than it did then."""
    then = before.get(PART_KIB[part]) if before else None
    if before is None or then is None:
        return None
    figure, used, used_then = _bytes(before, part, then, times)[0], _used(host, part), _used(before, part)
    more = used[0] - used_then[0] if used and used_then else 0
    return max(_grown(figure), figure + more), f" (the baseline's figure and {GROWTH_PERCENT} % growth)"


def _grown(kib: int) -> int:
    return kib * (100 + GROWTH_PERCENT) // 100


def needs(
    deployment: Deployment, server: Server, host: Facts, before: Facts | None, today: date, times: int = UNCOUNTED_BYTES
) -> tuple[Need, ...]:
    """All that the upgrade, the migration and the site's backup put on this server's disks, in KiB.

    The old database stays where it is, and is not counted again. Beside its new copy room for a dump is counted, which
    another upgrade is documented to need (PureMessage Upgrade Guide, 6.4.6 to 6.4.7); disk.database_dump switches it
    off. NotSeen where a place is not known.
    """
    target = host[TARGET_MOUNT]
    installation = deployment.disk.installation_on(server.name)
    found = [
        Need(server.name, "target", "installation", target, 0, INSTALLATION_KIB, " (our bound: not measured)", True)
        if installation is None
        else Need(server.name, "target", "installation", target, installation, installation)
    ]
    chosen = chosen_parts(deployment, server)
    measured = PARTS if deployment.paths.backup else chosen
    sizes = {part: size(deployment, server, host, before, part, today, times) for part in measured}
    for part in chosen:
        found.append(Need(server.name, "target", part, target, sizes[part].low, sizes[part].high, sizes[part].how))
    if "database" in chosen and server.has("database") and deployment.disk.database_dump:
        how = " (ours: disk.database_dump)"
        found.append(Need(server.name, "target", "database dump", target, 0, sizes["database"].high, how, True))
    if deployment.paths.backup:
        highs = [size.high for size in sizes.values()]
        most = None if None in highs else sum(high for high in highs if high is not None)
        least = sum(size.low for size in sizes.values())
        found.append(Need(server.name, "backup", "backup", host[BACKUP_MOUNT], least, most))
    return tuple(found)


def errors(deployment: Deployment, server: Server, host: Facts, hours: float) -> Need:
    """The errors that a Mail Filter without its database writes in so many hours, in KiB; NotSeen as of its logs."""
    own = deployment.disk.log_errors_kib_per_hour
    kib = int(hours * (ERRORS_KIB_AN_HOUR if own is None else own))
    how = " (ours: disk.log_errors_kib_per_hour)" if own is None else ""
    return Need(server.name, "logs", "log of errors", host[PART_MOUNT["logs"]], 0, kib, how, own is None)


def space_at(rows: Iterable[Space], mount_point: str) -> Space:
    """The room at a mount point; NotSeen without a row for it."""
    row = row_at(rows, mount_point)
    if row is None:
        raise NotSeen(SPACE.path, f"no row for the file system at {mount_point}")
    return row
