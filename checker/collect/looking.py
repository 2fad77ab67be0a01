"""One guarded look per fact: whatever goes wrong in it stays in it, as an unknown with its reason."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import TypeVar

from pydantic import JsonValue

from checker.facts import Fact, Known, Unknown, known

T = TypeVar("T")
Facts = dict[str, Known | Unknown]

LOOK_SECONDS = 5.0  # a look takes milliseconds; one that takes longer hangs on a dead file server
COMMAND_SECONDS = 2.0  # less than a look may take, so that it still has time for another way
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"  # fixed: an administrator's own PATH must not decide what is run as root
OUTPUT_LIMIT = 4 * 1024 * 1024


class CouldNotLook(Exception):
    """A fact could not be seen; `partial` is what was seen before, a lower bound."""

    def __init__(self, reason: str, partial: JsonValue = None):
        super().__init__(reason)
        self.partial = partial


def look(fact: Fact[T], how_to: Callable[[], tuple[T, str]], seconds: float = LOOK_SECONDS) -> Facts:
    """The fact as `how_to` sees it (a value, and how it was seen), else unknown with the reason."""
    try:
        value, how = answer(how_to, seconds)
        path, seen = known(fact, value, how)
        return {path: seen}
    except CouldNotLook as refused:
        return {fact.path: Unknown(unknown=str(refused), partial=refused.partial)}
    except Exception as error:
        return {fact.path: Unknown(unknown=reason(error))}


def reason(error: Exception) -> str:
    """Why a look failed, in one line for people: the file and the system's word, or the exception's own."""
    if isinstance(error, CouldNotLook):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    return printable(f"{type(error).__name__}: {error}")


def answer(call: Callable[[], T], seconds: float = LOOK_SECONDS) -> T:
    """What the call returns or raises; CouldNotLook when it is not back after so many seconds."""
    returned: list[T] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            returned.append(call())
        except Exception as error:
            raised.append(error)

    # a thread, because a call on a dead file server can be neither interrupted nor waited for
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise CouldNotLook(f"no answer within {seconds:g} s")
    return returned[0]


def run(argv: list[str], seconds: float = COMMAND_SECONDS) -> str:
    """The output of a reading command in the C locale; CouldNotLook when it is absent, fails, or takes too long."""
    program = shutil.which(argv[0], path=SYSTEM_PATH)
    if program is None:
        raise CouldNotLook(f"`{argv[0]}` is not on this machine")
    command = " ".join(argv)
    with subprocess.Popen(
        [program, *argv[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": SYSTEM_PATH, "LC_ALL": "C"},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        timer = threading.Timer(seconds, _kill, [process.pid])
        timer.start()
        try:
            output = process.stdout.read(OUTPUT_LIMIT + 1)
            if len(output) > OUTPUT_LIMIT:
                _kill(process.pid)
                raise CouldNotLook(f"`{command}` printed more than {OUTPUT_LIMIT} bytes")
            status = process.wait()
        finally:
            timer.cancel()
    if status:
        raise CouldNotLook(
            f"`{command}` was killed after {seconds:g} s or failed" if status < 0 else f"`{command}` failed ({status})"
        )
    return output.decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """A name from the system as text that any file can hold: bytes that are not UTF-8 become escapes."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
