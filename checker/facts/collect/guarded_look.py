"""One guarded look per fact: whatever goes wrong in it stays in it, as an unknown with its reason."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from pydantic import JsonValue

from checker.facts.fact import Fact
from checker.facts.host_facts import Known, Unknown, known

T = TypeVar("T")
Facts = dict[str, Known | Unknown]

LOOK_SECONDS = 5.0  # a look takes milliseconds; one that takes longer hangs on a dead file server


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


def printable(text: str) -> str:
    """A name from the system as text that any file can hold: bytes that are not UTF-8 become escapes."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")
