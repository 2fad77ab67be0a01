"""How a check is declared and run: one decorated pure function, all that is known about it in the decorator.

A check never reads a clock, a file or a socket. It is handed the facts that it declares to read, and what it reads is
noted as the basis of its finding, so that every word on a page can be traced to the facts behind it. A fact that was
not seen, or a crash inside a check, makes that check `unknown` and leaves the others alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

from checker.checks.reads import Collections, Readable, Reads, demand, named, once, withheld
from checker.facts.addresses import USED, used_addresses
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, NotSeen, oldest, read
from checker.inputs.answers import Answer, InstallMedia
from checker.inputs.deployment import Deployment
from checker.report import Measure, Outcome, Severity, Stage
from checker.schedule.durations import Estimate
from checker.schedule.nights import Night, nights_in, weighed
from checker.schedule.sizes import MEASURED, Sizes, measured
from checker.schedule.tasks import Task, tasks_by_server

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
    """One server's facts as a check sees them; what it reads is noted in `seen`, what it may read is in `reads`."""

    server: str
    whole: HostFacts | None
    seen: set[str]
    reads: Reads = None

    @property
    def facts(self) -> HostFacts | None:
        """What the collection says of itself; None where there was none."""
        return self.whole if self.reads is None or self.whole is None else withheld(self.whole)

    def __getitem__(self, fact: Fact[T]) -> T:
        demand(self.reads, fact.path)
        self.seen.add(f"{self.server}:{fact.path}")
        if self.whole is None:
            raise NotSeen(fact.path, "no facts were collected from this server")
        return read(self.whole, fact)

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
    `reads`: what may be read of the facts (None: all, as the judge has it); `whole`: the judge's case, for a check's.
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
    reads: Reads = None
    whole: "Case | None" = None

    def given_to(self, check: "Check") -> "Case":
        """This case as a check is given it: of the facts it can read what it declares, of the collections all."""
        before = None if self.baseline is None else Collections(self.baseline)
        return replace(self, facts=Collections(self.facts), baseline=before, reads=check.reads, whole=self)

    @once(*MEASURED)
    def sizes(self) -> Sizes:
        """What the servers hold, as it was measured."""
        return measured(self.facts)

    @once(*MEASURED)
    def tasks(self) -> dict[str, tuple[Task, ...]]:
        """All that is done on each server, in the order of the upgrade."""
        return tasks_by_server(self.deployment, self.sizes)

    @once(*MEASURED)
    def weights(self) -> dict[str, Estimate]:
        """The minutes of all that is done on each server."""
        return weighed(self.tasks)

    @once(*MEASURED)
    def nights(self) -> tuple[Night, ...]:
        """The nights that are planned."""
        return nights_in(self.deployment, self.weights, self.deployment.change.nights)

    @once(*MEASURED)
    def night_of(self) -> dict[str, tuple[Night, datetime]]:
        """The night that each server is planned for, and by when it must be begun."""
        return {
            name: (night, begin_by)
            for night in self.nights
            for name, begin_by in zip(night.servers, night.begin_by, strict=True)
        }

    @once()
    def oldest(self) -> datetime | None:
        """When the oldest of the facts were collected."""
        return oldest(self.facts)

    @once(*USED)
    def used_now(self) -> frozenset[str] | None:
        """The addresses that the database is used by (`used_addresses`), by the facts."""
        return used_addresses(self.deployment, self.facts)

    @once(*USED)
    def used_before(self) -> frozenset[str] | None:
        """The addresses that the database was used by, by the baseline."""
        return used_addresses(self.deployment, self.baseline or {})

    @once()
    def first_media(self) -> tuple[str, str] | None:
        """The first server with a checksum of its media, by the answers, and the checksum. Raises FromTheFuture."""
        answers = ((server.name, self.answer(InstallMedia, server.name)) for server in self.deployment.servers)
        return next(((name, its.sha256) for name, its in answers if its and its.sha256), None)

    @once()
    def deferred(self) -> frozenset[str]:
        """The servers that are left for later and are not done all the same."""
        return frozenset(each.server for each in self.deployment.change.deferred) - self.done

    @once()
    def excused(self) -> frozenset[str]:
        """The deferred servers that need not be seen, because the vendor has a case about them."""
        return frozenset(each.server for each in self.deployment.change.deferred if each.case) - self.done

    def watches(self, server: str) -> bool:
        """Whether a server's identity is judged: from the hour before to the end every server's is (V07)."""
        return self.stage in FROZEN or self.judges(server)

    def host(self, server: str) -> Host:
        """A server's facts."""
        return Host(server, (self.whole or self).facts.get(server), self.seen, self.reads)

    def judges(self, server: str) -> bool:
        """Whether a server is among those that are judged this time (none named: all)."""
        return not self.judged or server in self.judged

    def before(self, server: str) -> Host:
        """A server's facts of the baseline."""
        return Host(server, ((self.whole or self).baseline or {}).get(server), self.seen, self.reads)

    def as_before(self, server: str) -> bool:
        """Whether the baseline has the very facts of a server that are judged, as a copy of them has."""
        own, before = self.host(server).whole, self.before(server).whole
        return own is not None and before is not None and own.facts == before.facts

    def note(self, *refs: str) -> None:
        """Note what a finding stands on, each as `SERVER:FACT`, or as `SERVER:` with what its collection says."""
        for ref in refs:
            demand(self.reads, ref.partition(":")[2])
        self.seen.update(refs)

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
    reads: frozenset[str] = frozenset()


Judge = TypeVar("Judge", bound=Callable[..., Word])
REGISTERED: dict[str, Check] = {}
REMEDY_UNREAD = ("Collect facts from this server, or copy them by hand. Until then its state is unknown.",)


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
    reads: tuple[Readable, ...] = (),
) -> Callable[[Judge], Judge]:
    """Declare a check. The function is asked (case) for the deployment, or (case, server, host) for each server.

    `reads`: every fact that may decide it or stand in its words, of the facts and of the baseline alike. Any other that
    it looks at makes it crash.
    """

    def declare(function: Judge) -> Judge:
        if id in REGISTERED:
            raise ValueError(f"two checks are called {id}")
        why = " ".join((function.__doc__ or "").split())
        REGISTERED[id] = Check(
            id, title, subject, severity, stages, demands, remedy, waivable, why, function, named(reads)
        )
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
