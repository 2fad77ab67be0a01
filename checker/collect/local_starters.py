"""What starts the product at boot or by time: found by reading, told by name only."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from checker.collect.looking import CouldNotLook, Facts, look
from checker.facts import STARTERS

PLACES = (
    "etc/inittab", "etc/rc.local", "etc/rc.conf", "etc/rc.conf.local", "etc/init.d/*", "etc/rc.d/*", "etc/rc?.d/*",
    "etc/rc.d/*/*", "etc/init/*", "usr/local/etc/rc.d/*",
    "etc/systemd/system/*", "etc/systemd/system/*/*", "run/systemd/system/*", "lib/systemd/system/*",
    "usr/lib/systemd/system/*", "usr/local/lib/systemd/system/*",
    "etc/crontab", "etc/anacrontab", "etc/cron.*/*", "var/spool/cron/*", "var/spool/cron/*/*", "var/cron/tabs/*",
    "var/svc/manifest/*/*", "lib/svc/manifest/*/*", "etc/xinetd.d/*",
)  # fmt: skip
MOST_FILES = 20_000
HEAD = 65536  # bytes read of each file; a crontab or unit that is longer is rare
# not the product: version 6 by its own name, and this tool; digits may precede it (S90pmx)
PRODUCT = r"(?<![A-Za-z])pmx(?![A-Za-z0-9])(?!-preflight)"
STARTERS_SECONDS = 30.0


def starters(source: str) -> Facts:
    """The files that start the product, by the product's name or its source path in their name or text."""
    return look(STARTERS, lambda: starters_below(Path("/"), source), STARTERS_SECONDS)


def starters_below(root: Path, source: str) -> tuple[tuple[str, ...], str]:
    """The paths of those files, sorted; CouldNotLook with those found so far where some may not be read."""
    product = re.compile(PRODUCT + "|" + re.escape(source) + r"(?![A-Za-z0-9])")
    found, closed = [], _closed_directories(root)
    for file in _files(root):
        try:
            if product.search(file.name) or product.search(_head(file)):
                found.append(str(file))
        except FileNotFoundError:
            continue  # gone between two looks
        except PermissionError:
            closed.append(str(file))
    if closed:
        more = f" and {len(closed) - 1} more" if len(closed) > 1 else ""
        raise CouldNotLook(f"this user may not read {closed[0]}{more}", [*sorted(found)])
    return tuple(sorted(found)), "names and texts of init scripts, units, rc files and crontabs"


def _files(root: Path) -> Iterator[Path]:
    seen = 0
    for place in PLACES:
        for file in sorted(root.glob(place)):
            seen += 1
            if seen > MOST_FILES:
                raise CouldNotLook(f"more than {MOST_FILES} files in the places that start programs")
            if file.is_symlink() or file.is_file():
                yield file


def _head(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(HEAD).decode("utf-8", "backslashreplace")


def _closed_directories(root: Path) -> list[str]:
    """Directories of these places that this user may not list: looking into them would find nothing, wrongly."""
    parents = sorted({str(Path(place).parent) for place in PLACES})
    directories = (directory for parent in parents for directory in root.glob(parent) if directory.is_dir())
    return [str(directory) for directory in directories if not os.access(directory, os.R_OK | os.X_OK)]
