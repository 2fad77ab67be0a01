"""TERM and HUP end a run as Ctrl-C does, asking or printing: what it started is ended, what it wrote is gone."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt() -> None:
    raise KeyboardInterrupt


@contextmanager
def ended_by_signals(end: Callable[[], object] = _interrupt) -> Iterator[None]:
    """While this lasts, `end` is called at the first of these signals; further ones change nothing: ending has limits
    of its own, and must not be left half-way.

    What nohup, or a script's background, has told us to ignore stays ignored. Outside the main thread nothing arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    come: list[int] = []

    def take(number: int, frame: FrameType | None) -> None:
        come.append(number)
        if len(come) == 1:
            end()

    before = {number: signal.getsignal(number) for number in NUMBERS}
    mine = [number for number in NUMBERS if before[number] != signal.SIG_IGN]
    for number in mine:
        signal.signal(number, take)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, before[number])


@contextmanager
def after_this() -> Iterator[None]:
    """Signals that come meanwhile arrive at its end: what is started here is known to whoever has to end it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    come: list[int] = []
    before = {number: signal.getsignal(number) for number in NUMBERS}
    mine = [number for number in NUMBERS if callable(before[number])]
    for number in mine:
        signal.signal(number, lambda number, frame: come.append(number))
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, before[number])
        for late in come:
            signal.raise_signal(late)
