"""Files of ours appear whole or not at all, all of a set or none, and never replace what somebody else wrote."""

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from checker.errors import InputError, OutputError
from checker.marks import Kind, Sealed, is_ours
from checker.text_file import file_label

WAYS_OUT = "name another file, or replace it with --force"
MOST_READ = 10_000  # files of a directory: facts of as many servers as one deployment may have are 4000
BEGUN, UNFINISHED = ".pmx-preflight-", ".tmp"
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # of Linux, linux/fcntl.h and linux/fs.h
LEFT = 3600  # seconds: a file is there under its temporary name while it is written, seconds even on a slow disk


@dataclass(frozen=True)
class Output:
    """A file to be written, its content or what gives it when it is its turn, and its kind.

    Only a file of ours of the same kind is replaced, and without a kind none is; with `force` any is.
    """

    path: Path
    kind: Kind | None
    data: bytes | Iterable[str] | Callable[[], bytes]
    force: bool = False

    @property
    def content(self) -> Iterator[bytes]:
        """What the file will hold, in pieces where it is made in pieces and carries no seal."""
        data = self.data() if callable(self.data) else self.data
        pieces = (data,) if isinstance(data, str | bytes) else data
        content = (piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)
        if isinstance(self.kind, Sealed):
            yield self.kind.sealed(b"".join(content))
        else:
            yield from content


def check_apart(outputs: Iterable[Path], inputs: Iterable[Path | None]) -> None:
    """InputError where an output is a file that the same command reads, under whatever name or link."""
    read: dict[tuple[int, int], Path] = {}
    for given in inputs:
        for path in _files_of(given) if given else ():
            with contextlib.suppress(OSError):
                status = path.stat()
                read.setdefault((status.st_dev, status.st_ino), path)
    for output in outputs:
        with contextlib.suppress(OSError):
            status = output.stat()
            if (status.st_dev, status.st_ino) in read:
                same = read[status.st_dev, status.st_ino]
                raise InputError(
                    f"{file_label(output)}: is an input of this command ({file_label(same)}): name another file"
                )


def check_writable(path: Path, kind: Kind | None, force: bool = False) -> None:
    """InputError when `write_all` would be refused at this place; leaves nothing behind."""
    _check_target(path, kind, force)
    directory = path.parent
    if not directory.is_dir():
        raise InputError(
            f"{file_label(path)}: the directory {directory} does not exist: create it first, or name another place"
        )
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise InputError(f"{file_label(path)}: no file can be created in {directory}: {error.strerror}") from None


def write_whole(path: Path, data: bytes | Iterable[str], kind: Kind | None, *, force: bool = False) -> None:
    """Puts data at path in one step, readable for its owner; otherwise as `write_all`."""
    write_all([Output(path, kind, data, force)])


def write_all(outputs: Iterable[Output]) -> None:
    """Puts every file in its place, once all of them have been written beside it.

    InputError when a place is refused, OutputError when the system cannot write there; then nothing there has changed.
    """
    ready: list[tuple[Path, Path]] = []  # the file as it was written, and its place
    try:
        for output in outputs:
            check_writable(output.path, output.kind, output.force)
            try:
                ready.append((_written(output.path.parent, output.content), output.path))
            except OSError as error:
                words = f"{file_label(output.path)}: not written, nothing was changed: {error.strerror}"
                raise OutputError(words) from None
        for written, path in ready:
            try:
                written.replace(path)
            except OSError as error:
                words = f"{file_label(path)}: not written, but the files before it were: {error.strerror}"
                raise OutputError(words) from None
    finally:
        for written, _ in ready:  # those that are in their places are no longer there
            with contextlib.suppress(OSError):
                written.unlink()
    for directory in {path.parent for _, path in ready}:
        _sync_directory(directory)
        clear(directory)


def check_directory(path: Path) -> None:
    """InputError where `whole_directory` would be refused at this place; leaves nothing behind."""
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise InputError(f"{file_label(path)}: is no directory: name another place")
    if not path.name or path.name == "..":
        raise InputError(f"{file_label(path)}: name the directory itself, which is made or replaced as a whole")
    if not path.parent.is_dir():
        raise InputError(f"{file_label(path)}: the directory {path.parent} does not exist: create it first")
    try:
        with tempfile.TemporaryDirectory(prefix=BEGUN, suffix=UNFINISHED, dir=path.parent):
            pass
    except OSError as error:
        words = f"{file_label(path)}: no directory can be created in {path.parent}: {error.strerror}"
        raise InputError(words) from None


@contextlib.contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """A new directory beside a path; when all has been written to it, it takes the path's place in one step.

    What stood there goes with that step, so whether it may is asked before. OutputError where the system refuses; then,
    as after any exception, the old directory stands as it was.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix=BEGUN, suffix=UNFINISHED, dir=path.parent))
    except OSError as error:
        raise OutputError(f"{file_label(path)}: not written, nothing was changed: {error.strerror}") from None
    try:
        yield made
        for directory in (made, *(below for below in made.rglob("*") if below.is_dir())):
            _sync_directory(directory)
        try:
            _take_place(made, path)
        except OSError as error:
            raise OutputError(f"{file_label(path)}: not written, nothing was changed: {error.strerror}") from None
    finally:  # what is there now is what did not get its place, or what stood there before
        shutil.rmtree(made, ignore_errors=True)
    _sync_directory(path.parent)
    clear(path.parent)


def _take_place(made: Path, path: Path) -> None:
    """Puts a directory where another may stand; that one is then where the first was, if it held anything."""
    if not path.exists():
        made.rename(path)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(made), os.fsencode(path)
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0:
        return
    if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    # a file system that cannot exchange two names, as NFS: for a moment nothing stands there
    aside = Path(tempfile.mkdtemp(prefix=BEGUN, suffix=UNFINISHED, dir=path.parent))
    path.rename(aside / "before")
    try:
        made.rename(path)
    except OSError:
        (aside / "before").rename(path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def clear(directory: Path) -> None:
    """Takes away what a run of this user's that was killed has left behind in a directory, once it is an hour old."""
    with contextlib.suppress(OSError):
        for path in directory.glob(f"{BEGUN}*{UNFINISHED}"):
            status = path.lstat()
            if status.st_uid != os.getuid() or status.st_mtime >= time.time() - LEFT:
                continue
            if stat.S_ISDIR(status.st_mode):
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _files_of(given: Path) -> list[Path]:
    try:
        return list(islice(filter(Path.is_file, given.rglob("*")), MOST_READ)) if given.is_dir() else [given]
    except OSError:
        return [given]


def _check_target(path: Path, kind: Kind | None, force: bool) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{file_label(path)}: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise InputError(
            f"{file_label(path)}: is {_what(mode)}, but only a regular file can be replaced: name another file"
        )
    if force:
        return
    try:
        ours = kind is not None and is_ours(path, kind)
    except InputError as error:
        raise InputError(f"{error}; it is not replaced: {WAYS_OUT}") from None
    if not ours:
        kept = f", and is not a {kind.name} file that pmx-preflight wrote" if kind else ""
        raise InputError(f"{file_label(path)}: exists{kept}: {WAYS_OUT}")


def _what(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "not a file")


def _written(directory: Path, content: Iterable[bytes]) -> Path:
    """A new file with the content, safe on the disk, under a name that no `*.json` and `*.pdf` finds."""
    handle, name = tempfile.mkstemp(prefix=BEGUN, suffix=UNFINISHED, dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(handle)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _sync_directory(directory: Path) -> None:
    # some file systems refuse to sync a directory; the file itself is safe by then
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
