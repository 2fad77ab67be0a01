"""Is there room, for everything that lands on each file system (V03 and V04 as one sum)?"""

from collections import defaultdict
from dataclasses import dataclass

from checker.checks.mechanism import Case, Host, Word, asked, check, failed, not_applicable, passed, unseen
from checker.deployment import PARTS, Server
from checker.facts import (
    BACKUP_MOUNT,
    INODES,
    MOUNTS,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    SPACE,
    TARGET_MOUNT,
    Fact,
    NotSeen,
    Space,
    is_partial_number,
)
from checker.sizes import chosen_parts

GROWTH = 1.2  # ours: between an older figure and the night the quarantine and the logs grow; nobody knows how fast
UNCOUNTED = ("zfs", "btrfs", "xfs", "nfs", "nfs4")  # file systems that make inodes as they need them


@dataclass(frozen=True)
class Need:
    """Something that lands on a mount point: at least `low`, at most `high` KiB (None: not known)."""

    what: str
    mount_point: str
    low: int
    high: int | None


def _room(rows: tuple[Space, ...], mount_point: str) -> Space:
    for row in reversed(rows):  # a later mount hides an earlier one
        if row.mount_point == mount_point:
            return row
    raise NotSeen(SPACE.path, f"no row for the file system at {mount_point}")


def _pool(row: Space) -> str:
    """What shares the same room: the ZFS pool, the device, or the mount point where the device tells nothing."""
    if row.type == "zfs":
        return row.device.split("/")[0]
    return row.device if row.device.startswith("/") else row.mount_point


def _size(case: Case, server: Server, host: Host, fact: Fact[int], mount: Fact[str]) -> tuple[int, int | None, str]:
    """A part's KiB as (at least, at most, how it is known)."""
    try:
        size = host[fact]
        return size, size, ""
    except NotSeen as unread:
        low = int(unread.partial) if is_partial_number(unread.partial) else 0
    rows, mount_point = host.get(SPACE), host.get(mount)
    own = next((row for row in rows or () if row.mount_point == mount_point), None)
    if own is not None:
        used = max(own.total_kib - own.available_kib, low)
        return low, used, f" (at most what {own.mount_point} uses, by {SPACE.path})"
    last = case.before(server.name).get(fact) if case.baseline else None
    if last is not None:
        return low, max(low, int(last * GROWTH)), f" (the baseline's figure and {GROWTH - 1:.0%} growth)"
    return low, None, " (size not seen)"


def needs(case: Case, server: Server, host: Host) -> tuple[Need, ...]:
    """All that lands on this server's disks that night, each with its mount point."""
    target = host[TARGET_MOUNT]
    found = []
    installation = case.deployment.disk.installation_on(server.name)
    if installation is not None:
        found.append(Need("installation", target, installation, installation))
    chosen = chosen_parts(case.deployment, server)
    measured = PARTS if case.deployment.paths.backup else chosen
    parts = {part: _size(case, server, host, PART_KIB[part], PART_MOUNT[part]) for part in measured}
    for part in chosen:
        low, high, how = parts[part]
        found.append(Need(part + how, target, low, high))
    if case.deployment.paths.backup:
        highs = [high for _, high, _ in parts.values()]
        most = None if None in highs else sum(high for high in highs if high is not None)
        found.append(Need("backup", host[BACKUP_MOUNT], sum(low for low, _, _ in parts.values()), most))
    return tuple(found)


def gib(kib: float) -> str:
    """KiB as words for people, in GiB."""
    return f"{kib / 1024 / 1024:.1f} GiB"


@check(
    "disk-space",
    "Everything that lands on each file system fits, with headroom",
    subject="server",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V03", "V04"),
    waivable=False,
    remedy=(
        "Free space there, mount a new file system at the version 6 root, or reduce the quarantine by the product's "
        "own expiry, before the window. Move nothing directly under the install root.",
    ),
)
def disk_space(case: Case, server: Server, host: Host) -> Word:
    """Per file system or pool, in KiB: installation if known, chosen data, local backup, headroom; against available.

    The two parts of the sum are named disk-installation and disk-migration. A size that was not seen counts with its
    bounds: already too much fails, surely enough passes, anything between is unknown.
    """
    if case.deployment.migrates(server) is None:
        return unseen("whether data is migrated is not declared: see migration-options-consistent")
    rows, wanted = host[SPACE], needs(case, server, host)
    share = 1 + case.deployment.disk.headroom_percent / 100
    pools: dict[str, list[Need]] = defaultdict(list)
    room: dict[str, Space] = {}
    for need in (*wanted, Need("headroom", host[TARGET_MOUNT], 0, 0)):
        row = _room(rows, need.mount_point)
        pools[_pool(row)].append(need)
        room.setdefault(_pool(row), row)
    short, open_, seen = [], [], []
    for pool, landing in sorted(pools.items()):
        row = room[pool]
        low = sum(need.low for need in landing) * share
        highs = [need.high for need in landing]
        high = None if None in highs else sum(high for high in highs if high is not None) * share
        parts = _sum_in_words(landing)
        figure = gib(low if high is None else high)
        line = (
            f"{gib(row.available_kib)} available on {row.mount_point}, {'at least ' if high is None else ''}{figure} "
            f"needed ({parts or 'nothing known'} + {case.deployment.disk.headroom_percent} % headroom)"
        )
        seen.append(line)
        if row.available_kib < low or row.available_kib <= 0:
            short.append(line)
        elif high is None or row.available_kib < high:
            open_.append(line)
    known = case.deployment.disk.installation_on(server.name) is not None
    expected = "available at least the sum and the headroom" + (
        "" if known else "; the installation's own size not counted"
    )
    if short:
        return failed("; ".join(short), *seen, expected=expected)
    if open_:
        return unseen("it cannot be told whether it fits: " + "; ".join(open_), *seen, expected=expected)
    return passed("; ".join(seen), *seen, expected=expected)


def _sum_in_words(landing: list[Need]) -> str:
    figures = [(need.what, gib(need.high if need.high is not None else need.low)) for need in landing]
    data = [f"{figure} {what}" for what, figure in figures if what not in ("installation", "backup", "headroom")]
    parts = [f"disk-installation {figure}" for what, figure in figures if what == "installation"]
    parts += [f"disk-migration {' + '.join(data)}"] if data else []
    parts += [f"backup {figure}" for what, figure in figures if what == "backup"]
    return " + ".join(parts)


@check(
    "disk-installation-known",
    "The space that the installation needs is measured",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V04",),
    remedy=(
        "Run the command of your own copy of the vendor's page, as root, on this server, and write the KiB into "
        "disk.installation_kib. The command is missing from the page that we know.",
    ),
)
def disk_installation_known(case: Case, server: Server, host: Host) -> Word:
    """The size of the installation is not known to us; the site measures it and writes it down, in KiB."""
    size = case.deployment.disk.installation_on(server.name)
    if size is None:
        return asked("nobody has measured it; disk-space counts only what is known", expected="KiB, measured as root")
    return passed(f"{size} KiB ({gib(size)}), measured by the site")


@check(
    "disk-inodes",
    "There are inodes for one file per message",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V03",),
    remedy=("Make a file system with more inodes for the version 6 root, or expire the quarantine, beforehand.",),
)
def disk_inodes(case: Case, server: Server, host: Host) -> Word:
    """The quarantine holds one file per message; file systems that do not count inodes are not applicable."""
    target = host[TARGET_MOUNT]
    kind = next((row.type for row in host[SPACE] if row.mount_point == target), "")
    row = next((row for row in reversed(host[INODES]) if row.mount_point == target), None)
    if kind in UNCOUNTED or (row is not None and row.total <= 0):
        return not_applicable(f"{target} ({kind or 'its file system'}) does not count inodes")
    if row is None:
        return unseen(f"no inode figures for the file system at {target}")
    files = sum(host[PART_FILES[part]] for part in chosen_parts(case.deployment, server))
    wanted = int(files * (1 + case.deployment.disk.headroom_percent / 100))
    seen = (f"{row.available} inodes available on {target}", f"{files} files to migrate")
    if row.available < wanted:
        return failed(f"{row.available} inodes available on {target}, {wanted} needed", *seen, expected=f"{wanted}")
    return passed(f"{row.available} inodes available on {target}, {wanted} needed", *seen, expected=f"{wanted}")


@check(
    "disk-mounted-read-write",
    "What will be written to is mounted read-write",
    subject="server",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V03",),
    remedy=("Find out why it is read-only (a fault of the disk?), and have it mounted read-write before the window.",),
)
def disk_mounted_read_write(case: Case, server: Server, host: Host) -> Word:
    """By the mount options only: nothing is ever written to a host in order to find out."""
    mounts = {row.mount_point: row for row in host[MOUNTS]}
    wanted = {host[TARGET_MOUNT], *((host[BACKUP_MOUNT],) if case.deployment.paths.backup else ())}
    missing = sorted(point for point in wanted if point not in mounts)
    if missing:
        return unseen(f"the mount table has no row for {', '.join(missing)}")
    locked = sorted(point for point in wanted if "ro" in mounts[point].options)
    seen = tuple(f"{point}: {','.join(mounts[point].options)}" for point in sorted(wanted))
    if locked:
        return failed(f"{', '.join(locked)} is mounted read-only", *seen, expected="rw")
    return passed("by the mount options; nothing was written to find out", *seen, expected="rw")
