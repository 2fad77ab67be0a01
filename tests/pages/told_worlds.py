"""Where the shipped sentences are said: the samples, small sites, and each circumstance that has words of its own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import large
from test_exits import REHEARSAL, on

from checker.checks import BY_ID
from checker.inputs.deployment import Deployment
from checker.inputs.waivers import Waiver
from checker.report import Stage
from runbook.change.amendment import Earlier, amendment
from runbook.change.calendars import calendars
from runbook.change.letters import index, letters
from runbook.change.record import Record
from runbook.change.record_files import review, todo
from runbook.change.servicenow import servicenow
from runbook.cli import common_arguments, pipeline
from runbook.pages.night.cover import slip
from runbook.pages.page_model import Runbook
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose, digested
from runbook.plan.given_files import NONE_GIVEN, given_files
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import Words


@dataclass(frozen=True)
class Heard(Words):
    """The shipped words, which note what is said of each sentence, and what each is given."""

    said: dict[tuple[Path, tuple[str, str, str], str], set[str]] = field(default_factory=dict)
    given: dict[tuple[Path, tuple[str, str, str], str], set[frozenset[str]]] = field(default_factory=dict)

    def _fill(self, where: tuple[str, str, str], source: str, values: Mapping[str, Any]) -> str:
        told = super()._fill(where, source, values)
        self.said.setdefault((self.place, where, source), set()).add(told)
        self.given.setdefault((self.place, where, source), set()).add(frozenset(values))
        return told


@dataclass(frozen=True)
class World:
    """One deployment, its plan and its pages."""

    deployment: Deployment
    plan: Plan
    book: Runbook


def rehearsed(heard: Heard, deploy: Callable[..., Deployment]) -> Iterator[World]:
    """A site that has rehearsed going back: quickly, or too slowly for the night, and with one server not seen."""
    now = datetime(2026, 12, 5, tzinfo=UTC)
    for rate in (100, 3):
        rates = {"restore": {"kib_per_minute": rate, "files_per_minute": rate}}
        rehearsal = REHEARSAL | {"rates": rates, "minutes": {"stop": {"low": 1, "likely": 2, "high": 3}}}
        deployment = deploy("database csm", "mta mail-filter", rehearsal=rehearsal)
        for unseen in ((), ("s2",)):
            facts = {name: on(name) for name in ("s1", "s2") if name not in unseen}
            yield world(deployment, heard, now, facts, skip=("window-fits",))


def rested(heard: Heard, deploy: Callable[..., Deployment], now: datetime) -> World:
    """A night for each server: after one no mail server is finished, after others some are, and after one all."""
    windows = [{"start": f"2026-12-{day:02}T20:00", "end": f"2026-12-{day + 1:02}T06:00"} for day in (5, 8, 11, 14)]
    paths = [{"name": f"by-{via}", "via": via, "members": ["s2", "s3"]} for via in ("lb", "smarthost")]
    change = {"number": "1", "timezone": "Europe/Berlin", "windows": windows}
    roles = ("database csm", "mta mail-filter", "mta mail-filter", "euwi gwi")
    return world(deploy(*roles, change=change, mail_paths=paths), heard, now)


def unsupported(heard: Heard, deploy: Callable[..., Deployment], now: datetime) -> World:
    """A site whose support has ended for good, and somebody has accepted that."""
    ended = {"by": "A", "at": date(2026, 12, 1), "ended": {"accepted_by": "C", "ticket": "T"}}
    return world(deploy("database csm", "mta mail-filter", answers={"support-line": ended}), heard, now)


def waived(heard: Heard) -> World:
    """A site that has waived the first blocker that it may waive."""
    place = resource("samples") / "no-go"
    deployment, facts = (
        common_arguments.read_deployment(place / "deployment.yaml"),
        pipeline.load_facts(place / "facts"),
    )
    now = deployment.change.nights[0][0]
    found = next(
        each for each in pipeline.report(deployment, facts, now, pipeline.Question(stage="server")).findings
        if each.due and each.severity == "blocker" and each.outcome == "fail" and BY_ID[each.check].waivable
    )  # fmt: skip
    given = Waiver(check=found.check, server=found.server, observed=found.message, reason="r", by="A", ticket="T",
                   until=now.date() + timedelta(days=1))  # fmt: skip
    return world(deployment.model_copy(update={"waivers": (given,)}), heard, now, facts, "server")


def many(heard: Heard) -> World:
    """More servers than one board holds, and more lines of a test than a cell does."""
    lines = [{"text": f"Test {number}", "repeatable": "no"} for number in range(8)]
    declared = large.declared(26)
    deployment = Deployment.model_validate(declared | {"procedure": declared["procedure"] | {"test": lines}})
    return world(deployment, heard, large.NOW, large.hosts(deployment), "server")


def shipped_samples() -> Iterator[tuple[Path, Deployment, datetime]]:
    """Every shipped sample: its file, what it declares, and the moment that its first line names."""
    for path in sorted(resource("samples").glob("*/deployment.yaml")):
        deployment = common_arguments.read_deployment(path)
        yield path, deployment, common_arguments.parse_time(path.read_text().split("\n")[0].split()[-1], deployment)


def world(
    deployment: Deployment, words: Words, now: datetime, facts: Mapping[str, Any] = {}, stage: Stage = "change",
    skip: tuple[str, ...] = (), baseline: Mapping[str, Any] | None = None,
) -> World:  # fmt: skip
    before = Path("baseline") if baseline else None
    files = given_files(Path("a.yaml"), Path("facts"), before, Path("/srv")) if facts else NONE_GIVEN
    plan = build(deployment, facts, words, files)
    report = pipeline.report(deployment, facts, now, pipeline.Question(stage=stage, skip=skip), baseline)
    made = Edition(deployment, facts, report, plan, words)
    slip(made)
    recorded(made)
    return World(deployment, plan, compose(made))


def recorded(made: Edition) -> None:
    """Says all that the files of the change say beside the pages."""
    record = Record(made)
    assert record.book.parts
    todo(record), review(record), index(tuple(letters(made)), made)
    if len(made.plan.order) == 1 and not made.facts:
        whole = digested(made)
        amendment(Record(whole), Earlier(1, whole.plan, servicenow(record), {}))
    assert list(calendars(made, record.tasks))
