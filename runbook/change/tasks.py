"""The tasks of a change record, from the plan: what is prepared, done, tested and reviewed, when, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from checker.inputs.change import instant
from checker.inputs.deployment import Deployment, role_names
from runbook.pages.times import Zone, clock, local, spoken
from runbook.plan.plan_model import Plan, Step
from runbook.words import Words

TaskKind = Literal["planning", "implementation", "testing", "review"]
CLOSING = ("Z", "E")  # the blocks with which a night and the upgrade end


@dataclass(frozen=True)
class Task:
    """One task. `starts`: by likely minutes; `ends`: by high ones; both in UTC, and None of what has no planned time.

    `minutes`: likely and high, of its steps together. `number`: its night's own record, where it has one.
    """

    kind: TaskKind
    title: str
    lines: tuple[str, ...]
    starts: datetime | None
    ends: datetime | None
    minutes: tuple[int, int] = (0, 0)
    night: int | None = None
    server: str | None = None
    ci: str | None = None
    number: str | None = None


def tasks(deployment: Deployment, plan: Plan, words: Words, zone: Zone) -> tuple[Task, ...]:
    """Every task of the change, in the order of the plan; the review, which has no time of its own, at the end."""
    return tuple(_Teller(deployment, plan, words, zone).all())


@dataclass(frozen=True)
class _Teller:
    deployment: Deployment
    plan: Plan
    words: Words
    zone: Zone

    @cached_property
    def numbers(self) -> dict[int, str | None]:
        """The number of each night's own record, where it has one."""
        change = self.deployment.change
        windows = sorted(change.windows, key=lambda window: instant(window.start, change.zone))
        return {number: window.number for number, window in enumerate(windows, start=1)}

    def all(self) -> Iterator[Task]:
        for step in self._around("P", None):
            yield self._of((step,), "planning", self._say("prepare", number=step.number, title=step.title))
        for night in self.plan.nights:
            yield self._of(self._around("N", night.number), "implementation", self._say("open", number=night.number))
            yield from (self._server(name) for name in night.servers)
            tests = tuple(step for name in night.servers for step in self.plan.of(name) if step.kind == "test")
            if tests:
                title = self._say("test", servers=list(dict.fromkeys(step.server for step in tests)))
                yield self._of(tests, "testing", title)
            for block in CLOSING:
                if closing := self._around(block, night.number):
                    yield self._of(closing, "implementation", self._say(f"close-{block}", number=night.number))
        yield Task("review", self._say("review"), (self._say("review-text"),), None, None)

    def _server(self, name: str) -> Task:
        server = self.deployment.server(name)
        place = {"at": self.plan.place[name] + 1, "count": len(self.plan.order)}
        title = self._say("server", server=name, roles=list(role_names(server.roles)), **place)
        return replace(self._of(self.plan.of(name), "implementation", title), server=name, ci=server.ci)

    def _around(self, block: str, night: int | None) -> tuple[Step, ...]:
        return tuple(
            step for step in self.plan.steps if step.server is None and step.block == block and step.night == night
        )

    def _of(self, own: Sequence[Step], kind: TaskKind, title: str) -> Task:
        likely, high = (sum(getattr(step.minutes, name) for step in own) for name in ("likely", "high"))
        first, last = own[0], own[-1]
        lasts = self._say("lasts", likely=spoken(likely), high=spoken(high), count=len(own),
                          first=first.number, last=last.number)  # fmt: skip
        return Task(
            kind=kind,
            title=title,
            lines=(lasts, *(self._line(step) for step in own)),
            starts=first.starts_at,
            ends=last.ends_at,
            minutes=(likely, high),
            night=first.night,
            number=self.numbers.get(first.night or 0),
        )

    def _line(self, step: Step) -> str:
        at = clock(step.starts_at, self.zone) if step.night else local(step.starts_at, self.zone)
        return self._say("step", at=at, number=step.number, title=step.title, gate=step.decides)

    def _say(self, field: str, **values: object) -> str:
        said = self.words.say("change", "tasks", field, **values)
        if said is None:
            raise KeyError(f"change.toml [tasks] {field}")
        return said
