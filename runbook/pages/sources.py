"""All that the page builders look at: the deployment, the report, the plan, the facts and the words, as one value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.report import Finding, Report
from checker.schedule.step_catalogue import Block
from checker.values import canonical, grouped, lasting_values
from runbook.pages.page_model import Blank, Cell, Drifting
from runbook.pages.times import DAY, Zone, clock, day, local, zone_of
from runbook.plan.audiences import Told, all_notices
from runbook.plan.conditions import among, conditions
from runbook.plan.plan_model import Interruption, Plan, Step
from runbook.words import Words, shown


@dataclass(frozen=True)
class Edition:
    """One edition of the runbook: what it is made from."""

    deployment: Deployment
    facts: Mapping[str, HostFacts]
    report: Report
    plan: Plan
    words: Words
    previous: Plan | None = None

    @cached_property
    def zone(self) -> Zone:
        """The change's time zone, and the nights in which its clocks change, decided once for all pages."""
        return zone_of(self.deployment.change.zone, self.plan.nights, self.plan.steps)

    @cached_property
    def read(self) -> tuple[HostFacts, ...]:
        """What was collected from the servers that were read; a host that refused is not among them."""
        return tuple(self.facts[name] for name in self.plan.order if name in self.facts and self.facts[name].reached)

    def time(self, at: datetime | None) -> str:
        """A moment as the pages write it."""
        return local(at, self.zone)

    @cached_property
    def day(self) -> str:
        """The day on which the only night begins, by which its times are told.

        Empty where there are several nights, and in one in which the clocks change.
        """
        first, *others = self.plan.nights
        told_apart = others or first.high >= DAY or self.zone.changes(first.start)
        return "" if told_apart else day(first.start, self.zone)

    def moment(self, at: datetime | None) -> str:
        """A moment of the night where its day stands once on the page: `22:00`, after midnight `05:48 (+1)`."""
        if at is None or not self.day:
            return self.time(at)
        return f"{clock(at, self.zone)}{' (+1)' if day(at, self.zone) != self.day else ''}"

    @cached_property
    def so(self) -> frozenset[str]:
        """The conditions of the words that hold of the deployment as a whole, before anything is done."""
        return conditions(among([self.deployment.server(name) for name in self.plan.order]), 0)

    @property
    def now(self) -> datetime:
        return self.report.now

    def say(self, key: str, field: str, /, **values: Any) -> str:
        """A sentence of the pages, as `speak` says it."""
        return speak(self, key)(field, **values)

    def lines(self, key: str, field: str, /, **values: Any) -> tuple[str, ...]:
        """A list of sentences of the pages, without the empty ones."""
        return self.words.items("pages", key, field, **values)

    def step(self, id: str) -> Step:
        """The step of that id."""
        return self.plan.step(id)

    @cached_property
    def said(self) -> dict[str, Any]:
        """All that is declared, as JSON."""
        return self.deployment.model_dump(mode="json")

    @cached_property
    def lasting(self) -> Any:
        """What lasts of all that is declared, as JSON."""
        return lasting_values(self.deployment, self.said)

    @cached_property
    def declared(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What sentences may print of all that is declared, and of what lasts of it."""
        every, kept = shown(self.said, self.said), shown(self.said, self.lasting)
        return {"deployment": every, "change": every["change"]}, {"deployment": kept, "change": kept["change"]}

    @cached_property
    def around(self) -> dict[tuple[Block, int | None], tuple[Step, ...]]:
        """The steps that belong to no server, by block and night."""
        alone = (step for step in self.plan.steps if step.server is None)
        return grouped(alone, lambda step: (step.block, step.night))

    @cached_property
    def findings(self) -> dict[str | None, tuple[Finding, ...]]:
        """The report's findings by server; those of the deployment under None."""
        return grouped(self.report.findings, lambda finding: finding.server)

    @cached_property
    def in_night(self) -> dict[int, list[Interruption]]:
        """The interruptions that last in each night, by its number; those of one night are all that it draws."""
        found: dict[int, list[Interruption]] = {night.number: [] for night in self.plan.nights}
        for row in self.plan.interruptions:
            for night in range(self.step(row.from_step).night or 1, (self.step(row.until_step).night or 1) + 1):
                found[night].append(row)
        return found

    @cached_property
    def gates(self) -> tuple[Step, ...]:
        """The gates at which the night can stop; the look at the server before, with which a sheet begins, is none."""
        return tuple(step for step in self.plan.steps if step.decides)

    @cached_property
    def notices(self) -> dict[str | None, tuple[Told, ...]]:
        """Every notice, by the step with which it is sent."""
        return grouped(all_notices(self.plan), lambda each: each.step.id if each.step else None)


def speak(edition: Edition, key: str, table: str = "pages") -> Callable[..., str]:
    """The sentences of one part, from a file of words; a missing one is our own bug.

    Of a sentence with `drifting`, values that may change while the page stays good, its words and other values last.
    """

    def say(field: str, /, drifting: Mapping[str, Any] | None = None, **values: Any) -> str:
        said = edition.words.say(table, key, field, edition.so, **values, **(drifting or {}))
        if said is None:
            raise KeyError(f"{table}.toml [{key}] {field}")
        if drifting is None:
            return said
        return Drifting(said, f"{edition.words.source(table, key, field)} {canonical(values)}")

    return say


def declared_rows(edition: Edition, key: str) -> tuple[tuple[str, Cell], ...]:
    """What a part shows of all that is declared, as its words list it; a line to write on where nothing is declared.

    What drifts of it, its model says (DRIFTS).
    """
    rows, lasting = (edition.words.rows("pages", key, "declared", own) for own in edition.declared)
    return tuple(
        (label, Drifting(text, kept) if text else Blank(width=40))
        for (label, text), (_, kept) in zip(rows, lasting, strict=True)
    )


def shortened(lines: Sequence[str], most: int, more: Callable[[int], str]) -> tuple[str, ...]:
    """The lines, or of more than `most` the first, and in the words of `more` how many are left out."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], more(len(lines) - most + 1))


def head(edition: Edition, key: str, field: str = "head") -> tuple[str, ...]:
    """The column heads of a part's table; missing ones are our own bug."""
    found = edition.lines(key, field)
    if not found:
        raise KeyError(f"pages.toml [{key}] {field}")
    return found
