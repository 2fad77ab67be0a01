"""The key of the pseudonyms: a file that stays where it was made, and that nothing of ours sends or prints."""

import os
import re
import secrets
import stat
from pathlib import Path

from checker.errors import InputError, OutputError
from checker.text_file import file_label, read_bytes

TITLE = "# The key of the pseudonyms of pmx-preflight: with it a name can be led back. Keep it, and send it to nobody."
_FORM = re.compile(rb"# The key of the pseudonyms of pmx-preflight[^\n]*\n([0-9a-f]{64})\n")
MOST = 1000  # bytes; it has under two hundred


def key_of(path: Path) -> tuple[bytes, bool]:
    """The key in a file, and whether it was made now, where there was none: readable for its owner alone.

    InputError where the file is no key or others may read it, OutputError where none can be made.
    """
    line = f"{TITLE}\n{secrets.token_hex(32)}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path), False
    except OSError as error:
        raise OutputError(f"{file_label(path)}: the key cannot be written there: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        file.write(line)
        file.flush()
        os.fsync(handle)
    return _read(path), True


def _read(path: Path) -> bytes:
    found = _FORM.fullmatch(read_bytes(path, MOST, "the key of the pseudonyms"))
    if found is None:
        raise InputError(f"{file_label(path)}: is no key of pseudonyms: name another file, which is made if missing")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{file_label(path)}: others may read this key: use another, or chmod 600 if none has read it")
    return bytes.fromhex(found[1].decode())
