"""How a check is declared and run: one decorated pure function, all that is known about it in the decorator.

A check never reads a clock, a file or a socket. What it reads from a host is noted as the basis of its finding, so
that every word on a page can be traced to the facts behind it. A fact that was not seen, or a crash inside a check,
makes that check `unknown` and leaves the others alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar

from checker.facts.addresses import used_addresses
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, NotSeen, oldest, read
from checker.inputs.answers import Answer
from checker.inputs.deployment import Deployment, Server
from checker.report import UNREAD, Measure, Outcome, Severity, Stage
from checker.schedule.durations import Estimate
from checker.schedule.nights import Night, nights_in, weigh
from checker.schedule.sizes import measured

T = TypeVar("T")
FROZEN: tuple[Stage, ...] = ("one-hour", "server", "after")  # when V07 speaks of every server, whichever are named
A = TypeVar("A", bound=Answer)
Subject = Literal["deployment", "server"]


class FromTheFuture(Exception):
    """An answer speaks of what has not happened yet: it says nothing."""


class Word(NamedTuple):
    """What a check says of one subject."""

    outcome: Outcome
    message: str
    observed: tuple[str, ...] = ()
    expected: str = ""
    remedy: tuple[str, ...] | None = None
    crashed: bool = False
    measure: Measure | None = None


@dataclass(frozen=True)
class Host:
    """One server's facts as a check sees them; what it reads is noted in `seen`."""

    server: str
    facts: HostFacts | None
    seen: set[str]

    def __getitem__(self, fact: Fact[T]) -> T:
        self.seen.add(f"{self.server}:{fact.path}")
        if self.facts is None:
            raise NotSeen(fact.path, "no facts were collected from this server")
        return read(self.facts, fact)

    def get(self, fact: Fact[T]) -> T | None:
        """The value, or None where it was not seen: only for facts whose absence another fact may stand in for."""
        try:
            return self[fact]
        except NotSeen:
            return None


@dataclass(frozen=True)
class Case:
    """All that a check may look at.

    `judged`: whose facts are judged (empty: all servers'); `named`: who is to be touched next, where somebody said so.
    `baseline_id`: the facts id of the baseline as it lies in its directory.
    """

    deployment: Deployment
    facts: Mapping[str, HostFacts]
    baseline: Mapping[str, HostFacts] | None
    now: datetime
    stage: Stage
    done: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    rehearsal: bool = False
    baseline_id: str | None = None
    seen: set[str] = field(default_factory=set)

    @cached_property
    def weights(self) -> dict[str, Estimate]:
        """The minutes of all that is done on each server, weighed once for all checks."""
        return weigh(self.deployment, measured(self.facts))

    @cached_property
    def nights(self) -> tuple[Night, ...]:
        """The nights that are planned, placed once for all checks."""
        return nights_in(self.deployment, self.weights, self.deployment.change.nights)

    @cached_property
    def oldest(self) -> datetime | None:
        """When the oldest of the facts were collected, found once for all checks."""
        return oldest(self.facts)

    @cached_property
    def used_now(self) -> frozenset[str] | None:
        """The addresses that the database is used by (`used_addresses`), by the facts."""
        return used_addresses(self.deployment, self.facts)

    @cached_property
    def used_before(self) -> frozenset[str] | None:
        """The addresses that the database was used by, by the baseline."""
        return used_addresses(self.deployment, self.baseline or {})

    @property
    def deferred(self) -> frozenset[str]:
        """The servers that are left for later and are not done all the same."""
        return frozenset(each.server for each in self.deployment.change.deferred) - self.done

    @property
    def excused(self) -> frozenset[str]:
        """The deferred servers that need not be seen, because the vendor has a case about them."""
        return frozenset(each.server for each in self.deployment.change.deferred if each.case) - self.done

    def watches(self, server: str) -> bool:
        """Whether a server's identity is judged: from the hour before to the end every server's is (V07)."""
        return self.stage in FROZEN or self.judges(server)

    def host(self, server: str) -> Host:
        """A server's facts."""
        return Host(server, self.facts.get(server), self.seen)

    def judges(self, server: str) -> bool:
        """Whether a server is among those that are judged this time (none named: all)."""
        return not self.judged or server in self.judged

    def before(self, server: str) -> Host:
        """A server's facts of the baseline."""
        return Host(server, (self.baseline or {}).get(server), self.seen)

    def answer(self, kind: type[A], server: str | None = None) -> A | None:
        """What a person answered to a check on a server; None where nobody did. Raises FromTheFuture."""
        said = self.deployment.answers.to(kind, server)
        if said and (later := said.after(self.now, self.deployment.change.zone)):
            raise FromTheFuture(f"answered with a time after this check ({later}), by {said.by}")
        return said


@dataclass(frozen=True)
class Check:
    """A check and all that is said about it anywhere."""

    id: str
    title: str
    subject: Subject
    severity: Severity
    stages: tuple[Stage, ...]
    demands: tuple[str, ...]
    remedy: tuple[str, ...]
    waivable: bool
    why: str
    ask: Callable[..., Word]


Judge = TypeVar("Judge", bound=Callable[..., Word])
REGISTERED: dict[str, Check] = {}
REMEDY_BROKEN = (
    "Please report this as a bug of pmx-preflight; decide this point by hand. Of checks that are no blockers, "
    "--skip leaves one out.",
)
REMEDY_UNREAD = ("Collect facts from this server, or carry them by hand; until then nothing about it is known.",)


def check(
    id: str,
    title: str,
    *,
    subject: Subject,
    severity: Severity,
    stages: tuple[Stage, ...],
    demands: tuple[str, ...] = (),
    remedy: tuple[str, ...] = (),
    waivable: bool = True,
) -> Callable[[Judge], Judge]:
    """Declare a check. The function is asked (case) for the deployment, or (case, server, host) for each server."""

    def declare(function: Judge) -> Judge:
        if id in REGISTERED:
            raise ValueError(f"two checks are called {id}")
        why = " ".join((function.__doc__ or "").split())
        REGISTERED[id] = Check(id, title, subject, severity, stages, demands, remedy, waivable, why, function)
        return function

    return declare


def passed(message: str, *observed: str, expected: str = "") -> Word:
    """What was looked for is so."""
    return Word("pass", message, observed, expected)


def failed(
    message: str,
    *observed: str,
    expected: str = "",
    remedy: Iterable[str] | None = None,
    measure: Measure | None = None,
) -> Word:
    """What was looked for is not so; `measure`: the value by which it may be waived up to a bound."""
    own = None if remedy is None else tuple(remedy)
    return Word("fail", message, observed, expected, own, measure=measure)


def unseen(message: str, *observed: str, expected: str = "", remedy: Iterable[str] | None = None) -> Word:
    """Nobody could look."""
    return Word("unknown", message, observed, expected, None if remedy is None else tuple(remedy))


def said_by(answer: Answer) -> str:
    """Who answered, and when, as it is observed."""
    return f"answered by {answer.by}, {answer.at}" + (f": {answer.note}" if answer.note else "")


def asked(message: str, *observed: str, expected: str = "") -> Word:
    """Only a person can tell, and nobody has."""
    return Word("manual", message, observed, expected)


def not_applicable(message: str) -> Word:
    """The question does not arise here."""
    return Word("not-applicable", message)


def ask(declared: Check, case: Case, server: Server | None) -> Word:
    """One check's word on one subject; a fact that was not seen and a crash are both `unknown`."""
    arguments: tuple[Any, ...] = (case,) if server is None else (case, server, case.host(server.name))
    try:
        return declared.ask(*arguments)
    except NotSeen as missing:
        if server is not None and not (arguments[2].facts and arguments[2].facts.reached):
            return unseen(UNREAD, remedy=REMEDY_UNREAD)
        return unseen(
            f"could not look: {missing}",
            remedy=("Find out why it was not seen, and collect this server's facts again.",),
        )
    except FromTheFuture as early:
        return asked(str(early), expected="an answer about what was seen, not about what is to come")
    except Exception as crash:
        message = f"the check itself broke ({type(crash).__name__}: {crash})"
        return Word("unknown", message, remedy=REMEDY_BROKEN, crashed=True)
