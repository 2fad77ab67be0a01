"""A text file that a person wrote: read once, with a plain refusal for whatever is no such file."""

import codecs
import re
import stat
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from checker.errors import Fault, InputError

MAX_BYTES = 1024 * 1024  # a deployment of 2000 servers takes a third of it
SHOWN = 60  # characters of a value that a message repeats
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML 1.1 counts as one


def shown(text: str) -> str:
    """A text of the file, quoted, shortened, and with nothing in it that a terminal would obey."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelled word most likely meant, upper and lower case being one; None where none is near."""
    lowered = {choice.lower(): choice for choice in sorted(choices)}
    close = get_close_matches(word[:100].lower(), lowered, n=1)
    return lowered[close[0]] if close else None


def file_label(path: Path) -> str:
    """How messages name a file: its path as given, quoted where it holds more than printable characters."""
    return str(path) if str(path).isprintable() else repr(str(path))


def read_text(path: Path) -> str:
    """The text of a YAML file. Raises InputError for what is no regular UTF-8 text file of at most 1 MiB."""
    name = file_label(path)

    def refuse(message: str, line: int | None = None, column: int | None = None) -> InputError:
        return InputError([Fault(name, line, column, message)])

    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse("is a directory: expected a YAML file")
        if not stat.S_ISREG(status.st_mode):
            raise refuse("is a device, pipe or socket: expected a regular file")
        data = b""
        if status.st_size <= MAX_BYTES:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise refuse("there is no such file: expected a YAML file") from None
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror or 'refused'}): expected a readable YAML file") from None
    except ValueError:  # a NUL in the path
        raise refuse("is no path: expected a YAML file") from None
    if max(status.st_size, len(data)) > MAX_BYTES:
        raise refuse(f"is larger than {MAX_BYTES} bytes (1 MiB): expected a file of at most that size")
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
