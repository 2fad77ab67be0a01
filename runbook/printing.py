"""Volumes printed beside each other, each by a process of its own, and not again where nothing in them has changed."""

import contextlib
import gc
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from checker.errors import InputError
from checker.files import write_whole
from runbook.pdf import Attached, printed

LIBRARIES = ("weasyprint", "pydyf", "fonttools", "tinycss2", "pillow")  # what is inside a PDF besides the page
TASKS = 4  # volumes by one process: with them its memory is given back
MOST_CACHED = 400  # files, of which the longest unused go first
SEAL = 64  # hexadecimal digits of a SHA-256 behind each cached PDF

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sheetful:
    """All that one PDF is made from."""

    html: str
    words: str
    made_at: datetime | None
    archive: bool
    attached: tuple[Attached, ...] = ()

    @property
    def key(self) -> str:
        """The name of the PDF that comes of it, with these libraries."""
        return hashlib.sha256(repr((self, _libraries())).encode()).hexdigest()


def print_all(
    jobs: Sequence[Sheetful], *, keep: Path | None = None, progress: Progress = lambda done, total: None
) -> tuple[bytes, ...]:
    """The PDFs, in order. `keep` is a directory where they are kept; `progress` hears how many are done, of how many.

    Raises InputError where the native libraries are missing.
    """
    places = [keep / job.key for job in jobs] if keep else []
    made = {number: kept for number, path in enumerate(places) if (kept := _kept(path)) is not None}
    progress(len(made), len(jobs))
    missing = [number for number in range(len(jobs)) if number not in made]
    for number, pdf in _fresh(jobs, missing):
        made[number] = pdf
        if places:
            _keep(places[number], pdf)
        progress(len(made), len(jobs))
    return tuple(made[number] for number in range(len(jobs)))


def cache_directory() -> Path:
    """Where printed volumes are kept: XDG_CACHE_HOME/pmx-preflight."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "pmx-preflight"


def _fresh(jobs: Sequence[Sheetful], missing: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    workers = min(len(missing), len(os.sched_getaffinity(0)))
    if workers < 2:
        yield from ((number, _print(jobs[number])) for number in missing)
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare, max_tasks_per_child=TASKS
    )
    try:
        running: dict[Future[bytes], int] = {pool.submit(_print, jobs[number]): number for number in missing}
        for future in as_completed(running):
            yield running[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _prepare() -> None:
    # Ctrl-C reaches every process: this one has nothing to say about it
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # a tenth of the time; the process ends before it matters


def _print(job: Sheetful) -> bytes:
    return printed(job.html, job.words, job.made_at, job.archive, job.attached)


@cache
def _libraries() -> tuple[str, ...]:
    try:
        from weasyprint.text.ffi import pango  # type: ignore[import-untyped]

        native = str(pango.pango_version())
    except OSError:
        native = "none"
    return (*(version(name) for name in LIBRARIES), native)


def _kept(path: Path) -> bytes | None:
    """A PDF that was kept, where it is still what was written."""
    try:
        content = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    pdf, seal = content[:-SEAL], content[-SEAL:]
    return pdf if hashlib.sha256(pdf).hexdigest().encode() == seal else None


def _keep(path: Path, pdf: bytes) -> None:
    cache = path.parent
    # a cache that cannot be written to costs time, not the set
    with contextlib.suppress(OSError, InputError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, pdf + hashlib.sha256(pdf).hexdigest().encode(), force=True)
        kept = sorted((path for path in cache.iterdir() if path.is_file()), key=lambda path: path.stat().st_mtime)
        for path in kept[:-MOST_CACHED]:
            path.unlink(missing_ok=True)
