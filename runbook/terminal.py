"""The standard streams: what cannot be written ends the command as such, and no letter that a terminal lacks does.

What machines read is UTF-8 wherever it goes; what people read has a ? for what their terminal cannot show.
"""

import errno
import io
import os
import signal
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from checker.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


# What a write is refused with although nothing is wrong with us: the place is full, or cannot be written to.
UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


class Closed(Exception):
    """Whoever read our output has gone, as `head` does."""


class _Out(io.FileIO):
    def write(self, data: "Buffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise Closed from None
        except OSError as error:
            raise OutputError(f"standard output: {error.strerror}: the output is incomplete") from None


class _Err(io.FileIO):
    def write(self, data: "Buffer", /) -> int:
        try:
            return super().write(data)
        except OSError:  # there is nobody left to tell
            return len(memoryview(data))


def take_over() -> None:
    """Makes stdout and stderr our own, unless somebody holds them already (a test does). No closed one stays so."""
    # what is opened next would take the place of a closed stream, and our words would go into it
    for number, way in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _text(_Out(1, "wb", closefd=False), sys.stdout, "replace")
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Err(2, "wb", closefd=False), sys.stderr, "backslashreplace")


def printed(done: int, total: int) -> None:
    """Says on a terminal that a PDF is printed, and how many volumes are where there are several."""
    if total and sys.stderr.isatty():
        of = f"{done} of {total} volumes" if total > 1 else "done" if done else "one PDF"
        print(f"\rprinting: {of:7}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def write_data(data: str | bytes) -> None:
    """Data for machines to stdout: UTF-8, whatever the terminal speaks."""
    write_pieces((data,))


def write_pieces(pieces: Iterable[str | bytes]) -> None:
    """Data for machines to stdout as `write_data`, a piece as soon as it is made."""
    sys.stdout.flush()
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode() if isinstance(piece, str) else piece)
    sys.stdout.buffer.flush()


def leave(code: int) -> NoReturn:
    """Ends the command; what stdout could not take is not tried again."""
    try:
        sys.stdout.flush()
    except (Closed, OutputError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def end_as_closed() -> NoReturn:
    """Ends as every other tool whose reader has gone: by SIGPIPE, without a word."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGPIPE)
    leave(128 + signal.SIGPIPE)  # where the signal is blocked


def _text(raw: io.FileIO, before: object, errors: str) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    lines = raw.isatty() or isinstance(raw, _Err)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=lines)
