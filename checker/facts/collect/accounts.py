"""No account is locked by asking: a fleet that is turned away everywhere is turned away three times, not fifty."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from checker.facts.collect.outcomes import OK, TURNED_AWAY

MOST_REFUSALS = 3  # in a row; five failed logins are where directories commonly lock an account
HEAD_START = 5.0  # seconds that the others wait for one that does not answer


@dataclass(frozen=True)
class Account:
    """Who asks, with which keys, and through which jump host: what is turned away once is turned away everywhere."""

    user: str
    keys: tuple[str, ...] = ()
    become: tuple[str, ...] = ()
    bastion: str | None = None


class Door:
    """Lets the logins of one account through: one alone, then a few, and all once one of them has worked."""

    def __init__(self, head_start: float = HEAD_START) -> None:
        self._head_start = head_start
        self._refusals: list[str] = []
        self._let_in = False
        self._tried = False
        self._undecided: set[str] = set()
        self._changed = asyncio.Event()

    @property
    def shut(self) -> str | None:
        """Why nobody else is let through."""
        return self._refusals[-1] if len(self._refusals) >= MOST_REFUSALS else None

    @asynccontextmanager
    async def passage(self, server: str) -> AsyncIterator[None]:
        """Waits until this server may be asked, and holds its place until it is known how that went."""
        while not self._may_pass():
            await self._changed.wait()
        self._undecided.add(server)
        late = asyncio.get_running_loop().call_later(self._head_start, self._decide, server)
        try:
            yield
        finally:
            late.cancel()
            self._decide(server)

    def answered(self, server: str) -> None:
        """The login worked."""
        self._let_in = True
        self._decide(server)

    def ended(self, outcome: str) -> None:
        """What the asking came to."""
        if outcome in TURNED_AWAY:
            self._refusals.append(outcome)
        elif outcome == OK and not self.shut:
            self._refusals.clear()

    def _may_pass(self) -> bool:
        free = MOST_REFUSALS - len(self._refusals) if self._tried else 1
        return self._let_in or self.shut is not None or len(self._undecided) < free

    def _decide(self, server: str) -> None:
        self._tried = True
        self._undecided.discard(server)
        self._changed.set()  # wakes all that wait; the next ones wait for the next change
        self._changed = asyncio.Event()
