"""The mount table, the room on each file system, and the file system that a path lands on."""

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path

import psutil

from checker.collect.local_tree import entries
from checker.collect.looking import CouldNotLook, Facts, answer, look, printable
from checker.deployment import PARTS, Paths
from checker.facts import (
    BACKUP_MOUNT,
    INODES,
    MOUNTS,
    PART_MOUNT,
    SOURCE_ENTRIES,
    SPACE,
    TARGET_ENTRIES,
    TARGET_MOUNT,
    Inodes,
    Mount,
    Space,
)

MOUNT_TABLE = Path("/proc/self/mounts")
NETWORK = re.compile(r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|gpfs|glusterfs|davfs|fuse\..*(ssh|s3|gluster|ceph|dav).*")
ON_DEMAND = "autofs"  # asking such a mount point mounts what stands behind it
ROOMS_SECONDS = 60.0  # each mount has its own limit; this one only bounds many dead ones together
HOW_ROOMS = "statvfs() of every mount; network file systems only where a declared path lies on them"


def storage(paths: Paths) -> tuple[Facts, tuple[str, ...]]:
    """The storage facts, and a row for every mount that gave no answer."""
    table = functools.cache(mounts)
    lands = functools.cache(lambda path: answer(lambda: landing(path, table())))
    rooms = functools.cache(lambda: _rooms(table(), _declared(paths, lands)))
    unread: list[str] = []

    def space() -> tuple[tuple[Space, ...], str]:
        unread.extend(rooms()[1])
        return tuple(space for space, _ in rooms()[0]), HOW_ROOMS

    found: Facts = {
        **look(MOUNTS, lambda: (table(), str(MOUNT_TABLE) if MOUNT_TABLE.exists() else "psutil.disk_partitions()")),
        **look(SPACE, space, ROOMS_SECONDS),
        **look(INODES, lambda: (tuple(inodes for _, inodes in rooms()[0]), HOW_ROOMS), ROOMS_SECONDS),
        **look(SOURCE_ENTRIES, lambda: entries(paths.source, _points(table()))),
        **look(TARGET_ENTRIES, lambda: entries(paths.target, _points(table()))),
        **look(TARGET_MOUNT, lambda: _landed(paths.target, lands)),
        **look(BACKUP_MOUNT, lambda: _landed(paths.backup, lands)),
    }
    for part in PARTS:
        found |= look(PART_MOUNT[part], functools.partial(_landed, paths.of(part), lands))
    return found, tuple(unread)


def mounts() -> tuple[Mount, ...]:
    """The mount table of this machine, in its own order."""
    if MOUNT_TABLE.exists():
        return mount_rows(os.fsdecode(MOUNT_TABLE.read_bytes()))
    return tuple(
        Mount(mount_point=row.mountpoint, device=row.device, type=row.fstype, options=tuple(row.opts.split(",")))
        for row in psutil.disk_partitions(all=True)
    )


def mount_rows(text: str) -> tuple[Mount, ...]:
    r"""The rows of a Linux mount table, whose blanks are written as octal escapes (`/mnt/my\040disk`)."""
    rows = (line.split(" ") for line in text.split("\n") if line.count(" ") >= 3)
    return tuple(
        Mount(
            device=_unescape(device),
            mount_point=_unescape(point),
            type=type_,
            options=tuple(_unescape(options).split(",")),
        )
        for device, point, type_, options, *_ in rows
    )


def landing(path: str, table: tuple[Mount, ...]) -> str:
    """The mount point that a path stands on, or would stand on once it is made; OSError where one may not look."""
    place = Path(os.path.realpath(path))
    while not _there(place):
        place = place.parent
    points = _points(table)
    for ancestor in (place, *place.parents):
        if printable(str(ancestor)) in points:
            return printable(str(ancestor))
    raise CouldNotLook(f"no mount of the table holds {place}")


def _there(place: Path) -> bool:
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _landed(path: str | None, lands: Callable[[str], str]) -> tuple[str, str]:
    if path is None:
        raise CouldNotLook("no place for it is declared (paths.backup)")
    return lands(path), f"mount table entry above the real path of {path}"


def _declared(paths: Paths, lands: Callable[[str], str]) -> frozenset[str]:
    """The mount points that the deployment's data lies on, as far as these can be told."""
    found = set()
    for path in (paths.source, paths.target, paths.backup, *map(paths.of, PARTS)):
        try:
            if path is not None:
                found.add(lands(path))
        except (CouldNotLook, OSError):
            continue  # the fact of that path's mount point says why
    return frozenset(found)


def _rooms(table: tuple[Mount, ...], declared: frozenset[str]) -> tuple[list[tuple[Space, Inodes]], list[str]]:
    """Room and inodes of each mounted file system that has blocks, and the mounts that gave no answer."""
    found, unread = [], []
    # of two mounts on one point the later one covers the other
    for mount in {mount.mount_point: mount for mount in table}.values():
        if mount.type == ON_DEMAND or (NETWORK.fullmatch(mount.type) and mount.mount_point not in declared):
            continue
        try:
            state = answer(functools.partial(os.statvfs, mount.mount_point))
        except CouldNotLook as silent:
            unread.append(f"storage.space: {mount.mount_point}: {silent}")
        except OSError as error:
            unread.append(f"storage.space: {mount.mount_point}: {error.strerror}")
        else:
            if state.f_blocks:
                found.append(_room(mount, state))
    return found, unread


def _room(mount: Mount, state: os.statvfs_result) -> tuple[Space, Inodes]:
    return (
        Space(
            mount_point=mount.mount_point,
            device=mount.device,
            type=mount.type,
            total_kib=state.f_blocks * state.f_frsize // 1024,
            available_kib=state.f_bavail * state.f_frsize // 1024,
        ),
        Inodes(mount_point=mount.mount_point, total=state.f_files, available=state.f_favail),
    )


def _points(table: tuple[Mount, ...]) -> frozenset[str]:
    return frozenset(mount.mount_point for mount in table)


def _unescape(field: str) -> str:
    return printable(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field))
