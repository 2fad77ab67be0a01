"""Files of ours appear whole or not at all, are private, and never replace what somebody else wrote."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from checker.errors import InputError
from checker.text_file import file_label

MARK = "pmx-preflight"
ENDS = 4096  # bytes looked at on either end: text carries its digest line at the top, a PDF at its end
WAYS_OUT = "name another file, or give --force to replace it"


def is_ours(path: Path, mark: str = MARK) -> bool:
    """Whether a file carries our mark in its first or last 4096 bytes; OSError when it cannot be read."""
    with path.open("rb") as file:
        head = file.read(ENDS)
        file.seek(max(0, os.fstat(file.fileno()).st_size - ENDS))
        return mark.encode() in head or mark.encode() in file.read(ENDS)


def check_writable(path: Path, force: bool = False, mark: str = MARK) -> None:
    """InputError when `write_whole` would be refused at this place; leaves nothing behind."""
    _check_target(path, force, mark)
    directory = path.parent
    if not directory.is_dir():
        raise InputError(
            f"{file_label(path)}: the directory {directory} is not there: make it first, or name another place"
        )
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise InputError(f"{file_label(path)}: no file can be made in {directory}: {error.strerror}") from None


def write_whole(
    path: Path, data: bytes | str, *, mark: str | None = None, force: bool = False, mode: int = 0o600
) -> None:
    """Puts data at path in one step; InputError when the place is refused or the system cannot write there.

    `mark` is the text by which a file that is already there is known to be ours; with `force` any file is replaced.
    """
    check_writable(path, force, mark or MARK)
    content = data.encode() if isinstance(data, str) else data
    try:
        _replace(path, content, mode)
    except OSError as error:
        raise InputError(f"{file_label(path)}: not written, and nothing there was changed: {error.strerror}") from None


def _check_target(path: Path, force: bool, mark: str) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{file_label(path)}: {error.strerror}") from None
    if not stat.S_ISREG(kind):
        raise InputError(
            f"{file_label(path)}: is {_kind(kind)}, and only a regular file is replaced: name another file"
        )
    if force:
        return
    try:
        ours = is_ours(path, mark)
    except OSError as error:
        raise InputError(f"{file_label(path)}: is there and cannot be read ({error.strerror}): {WAYS_OUT}") from None
    if not ours:
        raise InputError(f"{file_label(path)}: is there and was not written by pmx-preflight: {WAYS_OUT}")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "not a file")


def _replace(path: Path, content: bytes, mode: int) -> None:
    # the suffix keeps what a killed run leaves behind out of every `*.json` and `*.pdf`
    handle, name = tempfile.mkstemp(prefix=".pmx-preflight-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    # some file systems refuse to sync a directory; the file itself is safe by then
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
