"""Rooms: what shares one space on disk, how much of it is left, and all that lands there, from one or many servers.

A room is told by its device, its export or its pool; on network file systems and on those that lie on another also by
equal figures, as two directories of one volume have them. Separate local devices with equal figures are two rooms.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise

from checker.facts.fact_values import OwnRow, Space
from checker.legible import gib
from checker.schedule.disk_needs import Need, space_at
from checker.values import grouped

NETWORK = frozenset({
    "nfs", "nfs2", "nfs3", "nfs4", "cifs", "smbfs", "smb2", "smb3", "afs", "9p", "ncpfs", "glusterfs", "fuse.glusterfs",
    "ceph", "fuse.ceph", "fuse.sshfs", "lustre", "gpfs", "mmfs", "beegfs", "panfs", "pvfs2", "gfs", "gfs2", "ocfs2",
})  # fmt: skip
LYING_ON_ANOTHER = frozenset(
    {"lofs", "null", "nullfs", "apfs", "overlay", "overlayfs", "aufs", "unionfs", "ecryptfs", "fuse.bindfs", "namefs"}
)
ALIKE = 1000  # ours: two looks at one volume, seconds or minutes apart, differ by no more than this part of its size


@dataclass(frozen=True)
class Point:
    """A mount point of a server, or what one place below it may use of it, with what lands there. KiB."""

    server: str
    row: Space
    own: OwnRow | None
    needs: tuple[Need, ...]

    @property
    def available_kib(self) -> int:
        """What can still be written there: by its own row where that is less."""
        return self.own.available_kib if self.own else self.row.available_kib


@dataclass(frozen=True)
class Room:
    """One space on disk: its mount points, device, kind and KiB, and what lands there from which server.

    `sure`: by one device, export or pool, whose available KiB are seen; else it only looks as if it were one.
    """

    points: tuple[Point, ...]
    device: str
    kind: str
    total_kib: int
    available_kib: int
    sure: bool

    @property
    def needs(self) -> tuple[Need, ...]:
        return tuple(need for point in self.points for need in point.needs)

    @property
    def servers(self) -> tuple[str, ...]:
        """Whose needs land there, each once."""
        return tuple(dict.fromkeys(point.server for point in self.points))


def is_network(row: Space) -> bool:
    """Whether a file system can be mounted by several servers: by its type, or by a device as HOST:PATH or //HOST."""
    device = row.device
    return row.type.casefold() in NETWORK or device.startswith("//") or (":" in device and not device.startswith("/"))


def points(
    server: str, rows: tuple[Space, ...], own_rows: Iterable[OwnRow], needs: Iterable[Need]
) -> tuple[Point, ...]:
    """The mount points of a server on which something lands; NotSeen where a mount point has no row.

    A place that is smaller than its file system is a point by itself, with those of the same size. Of two looks at one
    file system the one that shows less counts.
    """
    own = {row.place: row for row in own_rows}
    landing: dict[tuple[str, int], list[Need]] = defaultdict(list)
    least: dict[tuple[str, int], OwnRow] = {}
    for need in needs:
        row, said = space_at(rows, need.mount_point), own.get(need.where)
        if said and (said.mount_point != row.mount_point or said.available_kib >= row.available_kib):
            said = None
        key = need.mount_point, said.total_kib if said else row.total_kib
        landing[key].append(need)
        if said and (key not in least or said.available_kib < least[key].available_kib):
            least[key] = said
    return tuple(Point(server, space_at(rows, key[0]), least.get(key), tuple(landing[key])) for key in landing)


def rooms(points: Iterable[Point], rows: Callable[[str], tuple[Space, ...]]) -> tuple[Room, ...]:
    """The points by the room that they share. `rows`: all file systems of a server, for what a pool itself has left."""
    found = tuple(points)
    keys = [_key(point) for point in found]
    same = _joined(found, keys)
    together: dict[int, list[int]] = defaultdict(list)
    for at in range(len(found)):
        together[same[at]].append(at)
    return tuple(
        _room(tuple(found[at] for at in group), len({keys[at] for at in group}) == 1, rows)
        for group in together.values()
    )


def _key(point: Point) -> tuple[str, ...]:
    """By what it is certain that two points are in one room."""
    device, kind = point.row.device, point.row.type.casefold()
    if is_network(point.row):
        host, _, path = device.removeprefix("//").partition("/" if device.startswith("//") else ":")
        if not path:
            return "cluster", device, str(point.row.total_kib)
        return "export", host.casefold() if host[:1].isdigit() else host.casefold().partition(".")[0], path.rstrip("/")
    if kind == "zfs":
        return "pool", point.server, device.partition("/")[0]
    if device.startswith("/"):
        return "device", point.server, device
    return "mount point", point.server, point.row.mount_point


def _joined(found: tuple[Point, ...], keys: list[tuple[str, ...]]) -> list[int]:
    """For each point the number of its room, by certain keys and by equal figures."""
    parent = list(range(len(found)))

    def top(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    first: dict[tuple[str, ...], int] = {}
    for at, key in enumerate(keys):
        parent[top(at)] = top(first.setdefault(key, at))
    for group in grouped(range(len(found)), lambda at: found[at].row.total_kib).values():
        shared = sorted((at for at in group if is_network(found[at].row)), key=lambda at: found[at].row.available_kib)
        pairs = [*pairwise(shared)]
        for mine in grouped(group, lambda at: found[at].server).values():
            pairs += combinations(mine, 2)
        for one, other in pairs:
            if _alike(found[one].row, found[other].row):
                parent[top(other)] = top(one)
    # zones of one machine see the pool that they share by its name, and exactly as much available
    pools = [at for at, key in enumerate(keys) if key[0] == "pool"]
    for group in grouped(pools, lambda at: (keys[at][2], found[at].row.available_kib)).values():
        for one, other in pairwise(group):
            parent[top(other)] = top(one)
    return [top(at) for at in range(len(found))]


def _alike(one: Space, other: Space) -> bool:
    """Whether two rows of equal totals look like one volume, which separate local devices never do."""
    kinds = one.type.casefold(), other.type.casefold()
    can = (is_network(one) and is_network(other)) or any(kind in LYING_ON_ANOTHER for kind in kinds)
    near = abs(one.available_kib - other.available_kib) * ALIKE <= one.total_kib
    return can and one.total_kib > 0 and near


def _room(points: tuple[Point, ...], one_key: bool, rows: Callable[[str], tuple[Space, ...]]) -> Room:
    # of an export that several servers looked at the least; below a device's limits of its own, the device's most
    choose = min if is_network(points[0].row) else max
    row = choose((point.row for point in points), key=lambda row: row.available_kib)
    available, sure = row.available_kib, one_key
    if row.type.casefold() == "zfs":
        # a dataset shows less than its pool has where it has a quota, and more where it has a reservation
        pool = row.device.partition("/")[0]
        own = next((other for other in rows(points[0].server) if other.device == pool), None)
        available = max(available, own.available_kib) if own else available
        sure = one_key and (own is not None or len({point.row.available_kib for point in points}) == 1)
    return Room(points, row.device, row.type, row.total_kib, available, sure)


def sums(needs: Iterable[Need], headroom_percent: int) -> tuple[int, int | None]:
    """The KiB that needs take at least and at most, with headroom on all that is no figure of ours."""
    low, high = 0, 0
    unknown = False
    for need in needs:
        share = 100 if need.ours else 100 + headroom_percent
        low += need.low * share
        unknown = unknown or need.high is None
        high += (need.high or 0) * share
    return -(-low // 100), None if unknown else -(-high // 100)


def fits(available: int, needs: tuple[Need, ...], headroom_percent: int) -> bool | None:
    """Whether needs fit into so many KiB; None where it cannot be told. No room left is never enough."""
    low, high = sums(needs, headroom_percent)
    if available <= 0 or available < low:
        return False
    return None if high is None or available < high else True


def lines(room: Room, headroom_percent: int) -> tuple[tuple[bool | None, str], ...]:
    """What is to be said of a room: whether it fits (None: cannot be told) and the words, of each point and the sum."""
    many = len(room.servers) > 1
    own = () if many else room.points
    found = [_line(point.available_kib, _place(point), point.needs, headroom_percent) for point in own]
    if len(room.points) > 1:
        names = dict.fromkeys(f"{f'{point.server}:' * many}{point.row.mount_point}" for point in room.points)
        where = f"{room.device or room.kind}, which holds {', '.join(names)}"
        fit, words = _line(room.available_kib, where, room.needs, headroom_percent, many)
        if fit is False and not room.sure and room.available_kib > 0:
            fit = None
        found.append((fit, words if room.sure else f"{words} (by their figures these are one volume)"))
    return tuple(found)


def _place(point: Point) -> str:
    if point.own is None or point.own.total_kib == point.row.total_kib:
        return point.row.mount_point
    all_of = gib(point.row.available_kib)
    return f"{point.row.mount_point} for the {point.own.place} (a limit of its own; the file system has {all_of})"


def _line(
    available: int, where: str, needs: tuple[Need, ...], headroom_percent: int, many: bool = False
) -> tuple[bool | None, str]:
    low, high = sums(needs, headroom_percent)
    figure = f"at least {gib(low)}" if high is None else gib(high) if high == low else f"{gib(low)} to {gib(high)}"
    words = f"{gib(available)} available on {where}, {figure} needed "
    words += f"({_parts(needs, many)} + {headroom_percent} % headroom)"
    return fits(available, needs, headroom_percent), words


def _parts(needs: tuple[Need, ...], many: bool) -> str:
    if many:
        own = grouped(needs, lambda need: need.server)
        return " + ".join(f"{gib(sum(need.high or need.low for need in mine))} {name}" for name, mine in own.items())
    installation, migration, others = [], [], []
    for need in needs:
        figure = gib(need.low if need.high is None else need.high)
        if need.what == "installation":
            installation.append(f"disk-installation {figure}{need.how}")
        elif need.where == "target":
            migration.append(f"{figure} {need.what}{need.how}")
        else:
            others.append(f"{need.what} {figure}{need.how}")
    data = [f"disk-migration {' + '.join(migration)}"] if migration else []
    return " + ".join((*installation, *data, *others))
