"""How much a part of the tree holds, and what stands under a root: reading only, never across file systems."""

import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from checker.collect.looking import CouldNotLook, Facts, answer, look, printable, reason
from checker.deployment import Part, Paths
from checker.facts import PART_FILES, PART_KIB, Entry, Unknown

# the quarantine last: it can be the one with millions of files, and must not use up the others' time
ORDER: tuple[Part, ...] = ("configuration", "queue", "database", "logs", "quarantine")
MOST_ENTRIES = 10_000
GRACE = 1.0  # seconds beyond the time limit until a walk that hangs in a system call is given up


@dataclass
class Tally:
    """What a walk has counted so far; a lower bound where it has `expired` or was `refused`."""

    blocks: int = 0  # of 512 bytes
    files: int = 0
    links: int = 0
    left_out: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    expired: bool = False
    _seen: set[int] = field(default_factory=set)

    @property
    def kib(self) -> int:
        """KiB on disk, rounded up as du does."""
        return -(-self.blocks // 2)

    def add(self, state: os.stat_result) -> None:
        """Counts one name: every name of a file, but the disk that hard-linked names share only once."""
        self.files += stat.S_ISREG(state.st_mode)
        self.links += stat.S_ISLNK(state.st_mode)
        if state.st_nlink > 1 and not stat.S_ISDIR(state.st_mode):
            if state.st_ino in self._seen:
                return
            self._seen.add(state.st_ino)
        self.blocks += state.st_blocks


def walk(start: str, tally: Tally, deadline: float) -> Tally:
    """Counts a tree into the tally as `du -skxD` does, until time.monotonic() passes the deadline."""
    state = Path(start).stat()
    tally.add(state)
    waiting = [start] if stat.S_ISDIR(state.st_mode) else []
    while waiting:
        directory = waiting.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if time.monotonic() >= deadline:
                        tally.expired = True
                        return tally
                    _count(entry, state.st_dev, tally, waiting)
        except FileNotFoundError:
            continue  # a live quarantine: what goes away between two looks is no longer there to be counted
        except OSError as error:
            tally.refused.append(printable(f"{directory}: {error.strerror}"))
    return tally


def _count(entry: os.DirEntry[str], device: int, tally: Tally, waiting: list[str]) -> None:
    try:
        state = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    except OSError as error:
        tally.refused.append(printable(f"{entry.path}: {error.strerror}"))
        return
    if state.st_dev != device:
        tally.left_out.append(printable(entry.path))
        return
    tally.add(state)
    if stat.S_ISDIR(state.st_mode):
        waiting.append(entry.path)


def parts(paths: Paths, budget: float) -> Facts:
    """KiB and number of files of every part, one after the other, `budget` seconds for all of them."""
    deadline = time.monotonic() + budget
    found: Facts = {}
    for part in ORDER:
        found |= _part(part, paths.of(part), budget, deadline)
    return found


def _part(part: Part, path: str, budget: float, deadline: float) -> Facts:
    tally = Tally()

    def measure() -> Tally | str:
        missing = absent(path)
        return missing if missing else walk(path, tally, deadline)

    try:
        seen = answer(measure, max(0.0, deadline - time.monotonic()) + GRACE)
    except Exception as error:
        return {
            PART_KIB[part].path: Unknown(unknown=reason(error), partial=tally.kib),
            PART_FILES[part].path: Unknown(unknown=reason(error), partial=tally.files),
        }
    if isinstance(seen, str):
        return look(PART_KIB[part], lambda: (0, seen)) | look(PART_FILES[part], lambda: (0, seen))
    return look(PART_KIB[part], lambda: (_whole(seen, path, budget, seen.kib), _how(seen, path))) | look(
        PART_FILES[part], lambda: (_whole(seen, path, budget, seen.files), _how(seen, path))
    )


def _whole(tally: Tally, path: str, budget: float, number: int) -> int:
    """The number, where everything was counted; else CouldNotLook with it as the lower bound."""
    if tally.expired:
        raise CouldNotLook(f"counting {path} stopped after {budget:g} s for all parts", number)
    if tally.refused:
        more = f" and {len(tally.refused) - 1} more" if len(tally.refused) > 1 else ""
        raise CouldNotLook(f"not all of {path} may be read: {tally.refused[0]}{more}", number)
    return number


def _how(tally: Tally, path: str) -> str:
    notes = [f"walk of {path} counting as `du -skxD` does: allocated blocks, hard links once"]
    if tally.links:
        notes.append(f"{tally.links} symbolic links not followed")
    if tally.left_out:
        more = f" and {len(tally.left_out) - 1} more" if len(tally.left_out) > 1 else ""
        notes.append(f"other file systems below it left out: {tally.left_out[0]}{more}")
    return "; ".join(notes)


def absent(path: str) -> str | None:
    """The words "X is absent" for the highest directory missing on the way to a path; None where the path is there.

    CouldNotLook where a link on the way leads nowhere (a file system that is not mounted?), OSError where one may
    not look.
    """
    missing = None
    for place in (Path(path), *Path(path).parents):
        try:
            place.stat()
            break
        except (FileNotFoundError, NotADirectoryError):
            if place.is_symlink():
                raise CouldNotLook(f"{place} is a link that leads nowhere ({place.readlink()})") from None
            missing = place
    return f"{missing} is absent" if missing else None


def entries(root: str, mount_points: frozenset[str]) -> tuple[tuple[Entry, ...] | None, str]:
    """The names directly under a root, and how they were seen; None where the root is absent."""
    missing = absent(root)
    if missing:
        return None, missing
    real = Path(root).resolve()
    rows: list[Entry] = []
    with os.scandir(root) as names:
        for entry in names:
            if len(rows) == MOST_ENTRIES:
                raise CouldNotLook(f"more than {MOST_ENTRIES} names under {root}")
            rows.append(_entry(entry, str(real / entry.name) in mount_points))
    return tuple(sorted(rows, key=lambda row: row.name)), f"directory listing of {root}"


def _entry(entry: os.DirEntry[str], mounted: bool) -> Entry:
    name = printable(entry.name)
    if entry.is_symlink():
        return Entry(name=name, kind="link", target=printable(str(Path(entry.path).readlink())))
    if mounted:
        return Entry(name=name, kind="mount")
    if entry.is_dir(follow_symlinks=False):
        return Entry(name=name, kind="directory")
    return Entry(name=name, kind="file" if entry.is_file(follow_symlinks=False) else "other")
