"""Volumes printed beside each other, each by a process of its own, and not again where nothing in them has changed."""

import contextlib
import ctypes
import hashlib
import multiprocessing
import os
import signal
import stat
import traceback
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from checker.errors import InputError, OutputError
from checker.files import clear, write_whole
from runbook.exit_codes import Ended
from runbook.render.pdf import Attached, prepare, printed
from runbook.terminal import UNWRITTEN

LIBRARIES = ("weasyprint", "pydyf", "fonttools", "tinycss2", "pillow")  # what is inside a PDF besides the page
AHEAD = 8  # volumes that are printed or wait for a process: more would only take memory
MOST_CACHED = 400  # files, of which the longest unused go first
SEAL = 64  # hexadecimal digits of a SHA-256 behind each printed PDF

Progress = Callable[[int, int], None]
Print = Callable[["Sheetful"], Callable[[], bytes]]  # begins to print; what it returns waits for the PDF


@dataclass(frozen=True)
class Sheetful:
    """All that one PDF is made from."""

    html: str
    style: str
    words: str
    made_at: datetime | None
    archive: bool
    attached: tuple[Attached, ...] = ()
    as_xml: bool = False

    @property
    def key(self) -> str:
        """The name of the PDF that comes of it, with these libraries."""
        digest = hashlib.sha256(repr((self.words, self.made_at, self.archive, _libraries())).encode())
        texts = (self.html, self.style, *(word for file in self.attached for word in (file.name, file.description)))
        for content in (*(text.encode() for text in texts), *(file.deflated for file in self.attached)):
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()


@contextlib.contextmanager
def printers(several: bool) -> Iterator[Print]:
    """What prints a volume: processes that begin at once, where there are several volumes and several processors."""
    count = len(os.sched_getaffinity(0))
    if not several or count < 2:
        yield lambda job: partial(_print, job)
        return
    with multiprocessing.get_context("spawn").Pool(count, initializer=_begin) as pool:
        yield lambda job: pool.apply_async(_print_apart, (job,)).get


def print_all(
    jobs: Iterable[Sheetful], total: int, place: Path, by: Print, progress: Progress = lambda done, total: None
) -> tuple[Path | bytes, ...]:
    """The PDFs, in order, to be read by `content`: kept below `place`, where those that are there already stay.

    `jobs` is asked for one after the other, and `progress` hears how many are done, of how many, from the beginning.
    Raises InputError where the native libraries are missing.
    """
    progress(0, total)  # before the first page is laid out: who waits sees for what
    made: dict[int, Path | bytes] = {}
    running: deque[tuple[int, Path, Callable[[], bytes]]] = deque()

    def take(left: int) -> None:
        while len(running) > left:
            number, path, pdf = running.popleft()
            made[number] = _keep(path, pdf())
            progress(len(made), total)

    for number, job in enumerate(jobs):
        path = place / job.key
        if _is_kept(path):
            made[number] = path
            progress(len(made), total)
        else:
            running.append((number, path, by(job)))
            take(AHEAD)
    take(0)
    _forget(place, {path for path in made.values() if isinstance(path, Path)})
    return tuple(made[number] for number in sorted(made))


def content(printed: Path | bytes) -> bytes:
    """A PDF that was printed."""
    return printed if isinstance(printed, bytes) else printed.read_bytes()[:-SEAL]


def cache_directory() -> Path | None:
    """Where printed volumes are kept: XDG_CACHE_HOME/pmx-preflight; None where there is no place for them."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # nobody's home
        return None
    return home / "pmx-preflight"


def trusted(place: Path | None) -> Path | None:
    """The directory of printed volumes, made if it is missing; None where somebody else could put one there."""
    if place is None:
        return None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        own, above = place.lstat(), place.resolve().parent.stat()
    except OSError:
        return None
    others = stat.S_IWGRP | stat.S_IWOTH
    ours = stat.S_ISDIR(own.st_mode) and own.st_uid == os.getuid() and not own.st_mode & others
    # who may write above could put another directory in its place, unless only its owner may move it
    fixed = above.st_uid in (0, os.getuid()) and (not above.st_mode & others or above.st_mode & stat.S_ISVTX)
    return place if ours and fixed else None


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches every process: these have nothing to say about it
    with contextlib.suppress(InputError):  # said with the first volume
        prepare()


def _print(job: Sheetful) -> bytes:
    return printed(job.html, job.style, job.words, job.made_at, job.archive, job.attached, job.as_xml)


def _print_apart(job: Sheetful) -> bytes:
    """Prints in a child that has the fonts already, and whose memory is given back with it at no cost."""
    prepare(job.style)
    receiving, sending = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            with os.fdopen(sending, "wb") as pipe:
                pipe.write(_print(job))
            status = 0
        except OSError as error:
            traceback.print_exc()
            status = Ended.NOT_WRITTEN if error.errno in UNWRITTEN else 1
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        pdf = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == Ended.NOT_WRITTEN:
        raise OutputError(
            "a volume could not be printed, because no temporary file can be created: name a directory with free space "
            "in TMPDIR"
        )
    if status:
        raise RuntimeError("a process that printed a volume has failed")
    return pdf


@cache
def _libraries() -> tuple[str, ...]:
    try:
        native = str(ctypes.CDLL("libpango-1.0.so.0").pango_version())  # without loading all that prints
    except (OSError, AttributeError):
        native = "unknown"
    return (*(version(name) for name in LIBRARIES), native)


def _is_kept(path: Path) -> bool:
    """Whether a PDF is there and still what was written."""
    try:
        kept = path.read_bytes()
        os.utime(path)
    except OSError:
        return False
    return hashlib.sha256(kept[:-SEAL]).hexdigest().encode() == kept[-SEAL:]


def _keep(path: Path, pdf: bytes) -> Path | bytes:
    """Where a PDF is kept; itself where it cannot be, which costs memory, not the set."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, pdf + hashlib.sha256(pdf).hexdigest().encode(), None, force=True)
    except (OSError, InputError, OutputError):
        return pdf
    return path


def _forget(place: Path, used: Container[Path]) -> None:
    clear(place)
    with contextlib.suppress(OSError):
        files = (path for path in place.iterdir() if path.is_file() and path not in used)
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[:-MOST_CACHED]:
            path.unlink(missing_ok=True)
