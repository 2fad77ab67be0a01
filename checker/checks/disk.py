"""Is there room, for everything that lands on each file system (V03 and V04 as one sum)?"""

from contextlib import suppress
from datetime import timedelta

from checker.checks.mechanism import Case, Host, Word, asked, check, failed, not_applicable, passed, unseen
from checker.facts.catalogue import BACKUP_MOUNT, INODES, MOUNTS, OWN_ROWS, PART_FILES, SPACE, TARGET_MOUNT
from checker.facts.fact_values import row_at
from checker.facts.host_facts import NotSeen
from checker.inputs.deployment import Server
from checker.legible import gib
from checker.schedule.disk_needs import INSTALLATION_KIB, LANDING, UNCOUNTED_BYTES, Need, errors, needs
from checker.schedule.disk_rooms import Point, Room, lines, points, rooms
from checker.schedule.sizes import MEASURED, chosen_parts

UNCOUNTED = ("zfs", "btrfs", "xfs", "nfs", "nfs4")  # file systems that make inodes as they need them
INSTALLATION_FILES = 50_000  # ours: Perl, PostgreSQL and their manual pages come as some tens of thousands of files
NOT_CHECKED = "quotas of users and groups are not checked"
UNCERTAIN = (
    "If only a size or a figure of ours is uncertain, collect again. Measure what cannot be counted and write it into "
    "disk.sizes, with the name of the person who measured it. The same applies to disk.installation_kib, "
    "disk.database_dump and disk.log_errors_kib_per_hour."
)
LANDS = (*LANDING, OWN_ROWS, *MEASURED)  # all that lands on a disk: of errors in the logs by the hours of the night
LARGER = "Free space there, or mount a larger file system, before the window."
FEWER = (
    "Free space there, or let fewer of these servers write to it (paths.backup, the mount at the version 6 root). "
    "If separate volumes only look like one because their figures are equal, write a file to one of them and collect "
    "again."
)


def hours_without_database(case: Case, server: Server) -> float:
    """Hours from the first window's start until a Mail Filter is begun at the latest; 0 where there is no such time."""
    if not server.has("mail-filter") or server.has("database"):
        return 0
    night, begun = case.night_of[server.name]
    until = night.end if night.overrun else begun  # a night that does not fit has no latest start
    return (until - case.nights[0].start) / timedelta(hours=1)


def landing(case: Case, server: Server, host: Host) -> tuple[Point, ...]:
    """The mount points of a server and all that lands on each that night; NotSeen where a place or a row is missing."""
    today = case.now.astimezone(case.deployment.change.zone).date()
    before = case.before(server.name) if case.baseline else None
    collected = case.facts.get(server.name)
    older = collected is not None and collected.asked is None
    # which counted no bytes and had no rows of places: asked-the-same says once for all to collect again
    times = 1 if older else UNCOUNTED_BYTES
    found: tuple[Need, ...] = needs(case.deployment, server, host, before, today, times)
    hours = hours_without_database(case, server)
    if hours:
        with suppress(NotSeen):  # log-headroom says so
            found += (errors(case.deployment, server, host, hours),)
    own = () if older and host.get(OWN_ROWS) is None else host[OWN_ROWS]
    return points(server.name, host[SPACE], own, found)


def together(case: Case, found: tuple[Point, ...]) -> tuple[Room, ...]:
    """The rooms of these points. One that only the logs' errors land on is left to log-headroom, a warning."""
    every = rooms(found, lambda server: case.host(server).get(SPACE) or ())
    return tuple(room for room in every if any(need.where != "logs" for need in room.needs))


@check(
    "disk-space",
    "Each file system has the space that the upgrade needs, with headroom",
    subject="server",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V03", "V04"),
    reads=LANDS,
    waivable=False,
    remedy=(
        "Free space there, mount a new file system at the version 6 root, or reduce the quarantine by the product's "
        "own expiry, before the window. Move nothing that is directly under the install root.",
    ),
)
def disk_space(case: Case, server: Server, host: Host) -> Word:
    """Per file system or pool, in KiB: installation, chosen data, local backup, headroom; against available.

    Each mount point is judged by itself, and each pool by its sum. The two parts of the sum are named
    disk-installation and disk-migration. An unknown size, and a figure of ours, count with their bounds:
    already too much fails, surely enough passes, anything between is unknown.
    """
    if case.deployment.migrates(server) is None:
        return unseen("not declared: whether data is migrated (see migration-options-consistent)")
    found = landing(case, server, host)
    known = case.deployment.disk.installation_on(server.name) is not None
    expected = f"available: at least the sum and the headroom ({NOT_CHECKED})" + (
        "" if known else f", for the installation our bound of {gib(INSTALLATION_KIB)}"
    )
    return _judged(together(case, found), case.deployment.disk.headroom_percent, expected, LARGER, _look_alike(found))


def _judged(found: tuple[Room, ...], headroom: int, expected: str, remedy: str, notes: tuple[str, ...] = ()) -> Word:
    said = [line for room in found for line in lines(room, headroom)]
    seen = (*(words for _, words in said), *notes)
    short = [words for fit, words in said if fit is False]
    if short:
        return failed("; ".join(short), *seen, expected=expected)
    open_ = [words for fit, words in said if fit is None]
    if open_:
        message = "unknown whether it fits: " + "; ".join(open_)
        return unseen(message, *seen, expected=expected, remedy=(remedy, UNCERTAIN))
    return passed("; ".join(words for _, words in said), *seen, expected=expected)


def _look_alike(found: tuple[Point, ...]) -> tuple[str, ...]:
    """A note on separate local devices whose figures are equal: two fresh volumes of one size have them."""
    rows = {point.row.device: point.row for point in found}
    equal: dict[tuple[int, int], list[str]] = {}
    for device, row in rows.items():
        if device.startswith("/"):
            equal.setdefault((row.total_kib, row.available_kib), []).append(device)
    return tuple(f"{' and '.join(devices)} show equal figures" for devices in equal.values() if len(devices) > 1)


@check(
    "disk-shared",
    "Exports and pools have the space that all their servers need together",
    subject="deployment",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V03", "V04"),
    reads=LANDS,
    waivable=False,
    remedy=(FEWER,),
)
def disk_shared(case: Case) -> Word:
    """The needs, in KiB, of all servers that are still to be done, summed where they land on one export or pool."""
    waiting = tuple(server for server in case.deployment.servers if server.name not in case.done | case.deferred)
    if len(waiting) < 2:
        return not_applicable("no two servers are still to be upgraded")
    found: list[Point] = []
    missing: list[str] = []
    for server in waiting:
        if server.name not in case.facts and not case.judges(server.name):
            continue  # over all facts at hand, where servers were named
        try:
            found += landing(case, server, case.host(server.name))
        except NotSeen as unread:
            missing.append(f"{server.name}: {unread}")
        if case.deployment.migrates(server) is None:
            missing.append(f"{server.name}: not declared whether data is migrated")
    shared = tuple(room for room in together(case, tuple(found)) if len(room.servers) > 1)
    expected = "available: at least the sum and the headroom (thin provisioning is not visible)"
    word = _judged(shared, case.deployment.disk.headroom_percent, expected, FEWER)
    if word.outcome == "fail" or (word.outcome == "unknown" and not missing):
        return word
    if missing:
        return unseen(f"not all needs are known: {'; '.join(missing)}", *word.observed, *missing, expected=expected)
    if not shared:
        return passed("no two servers write to the same device, export or pool (thin provisioning is not visible)")
    return word


@check(
    "disk-installation-known",
    "The space that the installation needs is measured",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V04",),
    remedy=(
        "Run the command of your own copy of the vendor's page, as root, on this server, and write the KiB into "
        "disk.installation_kib. The command is missing from our copy of that page.",
    ),
)
def disk_installation_known(case: Case, server: Server, host: Host) -> Word:
    """The size of the installation is not known to us; the site measures it and writes it down, in KiB."""
    size = case.deployment.disk.installation_on(server.name)
    if size is None:
        bound = f"disk-space assumes our bound of {gib(INSTALLATION_KIB)}"
        return asked(f"not measured: {bound}", expected="KiB, measured as root")
    return passed(f"{size} KiB ({gib(size)}), measured by the site")


@check(
    "disk-inodes",
    "There are inodes for one file per message",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V03",),
    reads=(TARGET_MOUNT, SPACE, INODES, PART_FILES),
    remedy=(
        "Before the window, create a file system with more inodes for the version 6 root, or expire the quarantine.",
    ),
)
def disk_inodes(case: Case, server: Server, host: Host) -> Word:
    """The quarantine holds one file per message, and an installation takes up to INSTALLATION_FILES.

    File systems that do not count inodes are not applicable.
    """
    target = host[TARGET_MOUNT]
    space, row = row_at(host[SPACE], target), row_at(host[INODES], target)
    kind = space.type if space else ""
    if kind in UNCOUNTED or (row is not None and row.total <= 0):
        return not_applicable(f"{target} ({kind or 'its file system'}) does not count inodes")
    if row is None:
        return unseen(f"no inode figures for the file system at {target}")
    files = sum(host[PART_FILES[part]] for part in chosen_parts(case.deployment, server))
    wanted = files * (100 + case.deployment.disk.headroom_percent) // 100
    words = f"{row.available} inodes available on {target}, {wanted} needed for data"
    most = f"{wanted + INSTALLATION_FILES} with an installation of {INSTALLATION_FILES} files (our bound)"
    seen = (f"{row.available} inodes available on {target}", f"{files} files to migrate")
    if row.available <= 0 or row.available < wanted:
        return failed(words, *seen, expected=most)
    if row.available < wanted + INSTALLATION_FILES:
        return unseen(f"unknown whether they suffice: {words}, {most}", *seen, expected=most)
    return passed(words, *seen, expected=most)


@check(
    "disk-mounted-read-write",
    "The file systems to be written to are mounted read-write",
    subject="server",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V03",),
    reads=(TARGET_MOUNT, BACKUP_MOUNT, MOUNTS),
    remedy=("Find out why it is read-only, for example a disk fault. Have it mounted read-write before the window.",),
)
def disk_mounted_read_write(case: Case, server: Server, host: Host) -> Word:
    """By the mount options only: nothing is ever written to a host in order to find out."""
    wanted = {host[TARGET_MOUNT], *((host[BACKUP_MOUNT],) if case.deployment.paths.backup else ())}
    mounts = {point: row_at(host[MOUNTS], point) for point in sorted(wanted)}
    missing = [point for point, row in mounts.items() if row is None]
    if missing:
        return unseen(f"the mount table has no row for {', '.join(missing)}")
    locked = [point for point, row in mounts.items() if row and "ro" in row.options]
    seen = tuple(f"{point}: {','.join(row.options)}" for point, row in mounts.items() if row)
    if locked:
        return failed(f"{', '.join(locked)} is mounted read-only", *seen, expected="rw")
    return passed("read-write by the mount options (nothing was written to verify it)", *seen, expected="rw")
