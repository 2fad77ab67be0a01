"""Files that a person names: read once and within bounds, with a plain refusal for whatever is no such file."""

import codecs
import errno
import os
import re
import stat
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from checker.errors import Fault, InputError
from checker.legible import cut

MIB = 1024 * 1024
MAX_BYTES = MIB  # a deployment of 2000 servers takes a third of it
NO_FILE = "is a device, pipe or socket: expected a regular file"
SHOWN = 60  # characters of a value that a message repeats
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML 1.1 counts as one


def shown(text: str) -> str:
    """A text of the file, quoted, shortened, and with nothing in it that a terminal would obey."""
    return repr(cut(text, SHOWN))


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelled word most likely meant, upper and lower case being one; None where none is near."""
    lowered = {choice.lower(): choice for choice in sorted(choices)}
    close = get_close_matches(word[:100].lower(), lowered, n=1)
    return lowered[close[0]] if close else None


def file_label(path: Path) -> str:
    """How messages name a file: its path as given, quoted where it holds more than printable characters."""
    return str(path) if str(path).isprintable() else repr(str(path))


def read_bytes(path: Path, most: int, expected: str) -> bytes:
    """The content of a regular file of at most `most` bytes; InputError, which says what was `expected`, for another.

    This is the one way in which a file of the user's is read: a pipe is not waited for, and a device is not read.
    """

    def refuse(message: str) -> InputError:
        return InputError([Fault(file_label(path), None, None, message)])

    try:
        # without O_NONBLOCK the opening of a pipe waits for whoever writes to it
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            status = os.fstat(handle)
            if stat.S_ISDIR(status.st_mode):
                raise refuse(f"is a directory: expected {expected}")
            if not stat.S_ISREG(status.st_mode):
                raise refuse(NO_FILE)
            # a file may grow, and one below /proc has no size: what counts is what is read
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(most + 1) if status.st_size <= most else b""
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise refuse(f"no such file: expected {expected}") from None
    except OSError as error:
        socket = error.errno == errno.ENXIO
        said = NO_FILE if socket else f"cannot be read ({error.strerror or 'refused'}): expected {expected}"
        raise refuse(said) from None
    except ValueError:  # a NUL in the path
        raise refuse(f"is not a path: expected {expected}") from None
    if max(status.st_size, len(content)) > most:
        raise refuse(f"is larger than {most} bytes ({most // MIB} MiB): expected a file of at most that size")
    return content


def read_text(path: Path, most: int = MAX_BYTES, expected: str = "a YAML file") -> str:
    """The text of a file in UTF-8, without its mark of order; InputError as `read_bytes`, and for what is no text."""

    def refuse(message: str, line: int | None = None, column: int | None = None) -> InputError:
        return InputError([Fault(file_label(path), line, column, message)])

    data = read_bytes(path, most, expected)
    if encoding := _wide_encoding(data):
        raise refuse(f"is written in {encoding}: expected UTF-8; save it as UTF-8")
    if b"\0" in data:
        raise refuse("is a binary file (it holds NUL bytes): expected text in UTF-8")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = data.removeprefix(codecs.BOM_UTF8)[: error.start].decode()
        raise refuse(
            "is not UTF-8 from here on: expected text in UTF-8; save it as UTF-8", *place_after(before)
        ) from None


def _wide_encoding(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    # without a mark: the first two characters of a YAML file are ASCII, and their other bytes NUL
    nul_pattern = bytes(byte != 0 for byte in data[:8])
    if nul_pattern in (bytes([1, 0, 0, 0] * 2), bytes([0, 0, 0, 1] * 2)):
        return "UTF-32"
    return "UTF-16" if nul_pattern in (bytes([1, 0] * 4), bytes([0, 1] * 4)) else None


def place_after(before: str) -> tuple[int, int]:
    """The line and column that follow a text."""
    ends = [end.end() for end in LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1
