"""Deployment and facts to the plan: the tasks in their order, with words, numbers and times."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from checker.facts.catalogue import ADDRESSES, HOSTNAME, PART_FILES, PART_KIB
from checker.facts.host_facts import HostFacts, seen
from checker.inputs.deployment import Deployment, Server
from checker.legible import gib
from checker.schedule.common_tasks import closing, opening, pause, preparation, relief
from checker.schedule.nights import Between, Night, between, nights_of
from checker.schedule.order import PHASE_TITLES, collisions, first_and_last_phase, order, phase, reason
from checker.schedule.sizes import Sizes, measured
from checker.schedule.states import Around, around
from checker.schedule.step_catalogue import LEADS, Form
from checker.schedule.tasks import FIRST, Task, tasks_by_server
from checker.values import grouped
from runbook.plan.conditions import among, conditions, on_path, with_line
from runbook.plan.demands_served import basis, demands
from runbook.plan.given_files import ANSWERS, INVENTORY, NONE_GIVEN, GivenFiles
from runbook.plan.interruptions import interruptions
from runbook.plan.plan_model import NightPlan, Pause, Phase, Place, Plan, Step, StepMinutes
from runbook.plan.turning_back import turn_back
from runbook.plan.word_values import names_of, values_of
from runbook.words import Words


@dataclass(frozen=True)
class Clocks:
    """Three clocks that run through a night: by low, likely and high minutes."""

    low: datetime
    likely: datetime
    high: datetime

    def after(self, task: Task) -> "Clocks":
        """The clocks when a task has ended."""
        return Clocks(
            self.low + timedelta(minutes=task.minutes.low),
            self.likely + timedelta(minutes=task.minutes.likely),
            self.high + timedelta(minutes=task.minutes.high),
        )


@dataclass(frozen=True)
class Numbered:
    """A task with its place: whose it is, in which night, its number and the clocks around it."""

    task: Task
    server: Server | None
    night: Night | None
    number: str
    id: str
    begins: Clocks | None
    ends: Clocks | None


def _sequence(
    deployment: Deployment, ordered: tuple[Server, ...], nights: tuple[Night, ...], sizes: Sizes
) -> Iterator[Numbered]:
    first = nights[0].start
    named = {server.name: (place, server) for place, server in enumerate(ordered, start=1)}
    tasks_of = tasks_by_server(deployment, sizes)
    for number, task in enumerate(preparation(deployment), start=1):
        at = first - LEADS[task.form]
        begins = Clocks(at, at, at)
        yield Numbered(task, None, None, f"P.{number}", f"prepare.{task.form}", begins, begins.after(task))
    for night in nights:
        clocks = Clocks(night.start, night.start, night.start)
        groups: list[tuple[Server | None, str, str, tuple[Task, ...]]] = [
            (None, f"N{night.number}", f"night{night.number}", opening(deployment, night.number))
        ]
        for name in night.servers:
            place, server = named[name]
            groups.append((server, str(place), name, tasks_of[name]))
            if name in night.relieved:
                groups.append((None, f"H{night.number}", f"night{night.number}", relief(deployment)))
        last = night is nights[-1]
        groups.append((None, "E" if last else f"Z{night.number}", "end" if last else f"night{night.number}",
                       closing(deployment) if last else pause(deployment)))  # fmt: skip
        numbers, times = Counter[str](), Counter[str]()
        for holder, prefix, owner, tasks in groups:
            for task in tasks:
                id = f"{owner}.{task.form}"
                numbers[prefix] += 1
                times[id] += 1
                mark, again = f"{prefix}.{numbers[prefix]}", f".{times[id]}" if times[id] > 1 else ""
                ends = clocks.after(task)
                yield Numbered(task, holder, night, mark, id + again, clocks, ends)
                clocks = ends


def _identity(host: HostFacts | None) -> str | None:
    name, addresses = seen(host, HOSTNAME), seen(host, ADDRESSES)
    own = [row.address for row in addresses or () if row.scope == "global"]
    return f"{name} ({', '.join(own) or 'no address seen'})" if name else None


def _counts(host: HostFacts | None) -> str | None:
    files, size = seen(host, PART_FILES["quarantine"]), seen(host, PART_KIB["database"])
    parts = [f"quarantine {files} files"] if files is not None else []
    parts += [f"database {gib(size)}"] if size else []
    return ", ".join(parts) or None


# what stands beside the words of a step: what its server's facts say of it
MEASURED: Mapping[Form, Callable[[HostFacts | None], str | None]] = {"guard": _identity, "counts-before": _counts}


def _measured(form: Form, server: Server | None, facts: Mapping[str, HostFacts]) -> str | None:
    measured = MEASURED.get(form)
    return measured(facts.get(server.name)) if measured and server else None


def _options(form: Form, values: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """The boxes of a step: those of a migration are the deployment's, all others stand in the words."""
    return tuple(values["options"]) if form == "migrate" else words.items("steps", form, "options", **values)


def _step(
    entry: Numbered, states: Around, so: frozenset[str], deployment: Deployment, values: Mapping[str, Any],
    facts: Mapping[str, HostFacts], words: Words,
) -> Step:  # fmt: skip
    task, server = entry.task, entry.server
    values = {
        **values,
        "path": task.path.name if task.path else None,
        "via": task.path.via if task.path else None,
        "likely": task.minutes.likely,
        "high": task.minutes.high,
    }

    def say(field: str) -> str | None:
        return words.say("steps", task.form, field, so, **values)

    item = task.item
    return Step(
        id=entry.id,
        number=entry.number,
        server=server.name if server else None,
        path=task.path.name if task.path else None,
        night=entry.night.number if entry.night else None,
        block=task.block,
        form=task.form,
        kind=task.kind,
        title=say("title") or task.form,
        text=say("text") or "",
        site_text=item.text if item else None,
        command=item.command if item else "\n".join(words.items("steps", task.form, "command", **values)) or None,
        blank=say("blank") if task.blank else None,
        expect=(item.expect if item else None) or say("expect"),
        measured=_measured(task.form, server, facts),
        if_not=(item.if_not if item else None) or say("if_not"),
        caution=say("caution"),
        options=_options(task.form, values, words),
        repeatable=task.repeatable,
        basis=basis(task, server, deployment),
        demands=demands(task.form, server, deployment),
        gate=task.kind == "gate",
        before=states.before,
        after=states.after,
        minutes=StepMinutes(
            low=task.minutes.low, likely=task.minutes.likely, high=task.minutes.high, basis=task.minutes.basis
        ),
        starts_at=entry.begins.likely if entry.begins else None,
        latest_at=entry.begins.high if entry.begins else None,
        ends_at=entry.ends.high if entry.ends else None,
    )


def _steps(
    deployment: Deployment, ordered: tuple[Server, ...], entries: tuple[Numbered, ...],
    facts: Mapping[str, HostFacts], words: Words, files: GivenFiles,
) -> Iterator[Step]:  # fmt: skip
    names, whole, behind = names_of(deployment, ordered), among(ordered), 0
    unnamed = " ".join(words.items("plan", "files", "unnamed", files=files, inventory=INVENTORY, answers=ANSWERS))
    for _, own in groupby(entries, key=lambda entry: (entry.server and entry.server.name, entry.night)):
        group = tuple(own)
        server = group[0].server
        values = values_of(deployment, names, files, server, group[0].night)
        values |= {"unnamed": unnamed, "numbers": {entry.task.form: entry.number for entry in group}}
        so = conditions(whole, behind, server)
        states = around(deployment, server, [entry.task for entry in group])
        for entry, each in zip(group, states, strict=True):
            own_so = with_line(on_path(so, server, entry.task.path), entry.task.item is not None)
            yield _step(entry, each, own_so, deployment, values, facts, words)
        behind += server is not None


def build(deployment: Deployment, facts: Mapping[str, HostFacts], words: Words, files: GivenFiles = NONE_GIVEN) -> Plan:
    """The plan of a deployment. What was measured changes no order and no server's steps.

    Where a rehearsed rate turns sizes into minutes, a server may come into another night: this is another set of pages,
    with another digest. The digests are not here yet: they are taken from the composed pages.
    `files` are named in the commands that ask for all this again.
    """
    ordered = order(deployment.servers)
    sizes = measured(facts)
    nights = nights_of(deployment, sizes)
    entries = tuple(_sequence(deployment, ordered, nights, sizes))
    steps = tuple(_steps(deployment, ordered, entries, facts, words, files))
    by_server = grouped(steps, lambda step: step.server)
    earliest = {entry.id: entry.begins.low for entry in entries if entry.begins}
    names = tuple(server.name for server in ordered)
    pauses = {pause.night: pause for pause in between(deployment, nights)}
    return Plan(
        deployment=deployment.deployment,
        digest="",
        order=names,
        collisions=collisions(ordered),
        nights=tuple(_night(night, pauses.get(night.number)) for night in nights),
        phases=tuple(
            Phase(
                id=number,
                title=title,
                servers=tuple(
                    Place(
                        server=server.name,
                        roles=server.roles,
                        reason=reason(server, ordered),
                        steps=tuple(step.id for step in by_server[server.name]),
                    )
                    for server in ordered
                    if phase(server) == number
                ),
            )
            for number, title in PHASE_TITLES.items()
        ),
        steps=steps,
        interruptions=interruptions(deployment, ordered, steps, earliest, words, facts),
        turn_back=turn_back(deployment, steps, nights, sizes, words),
        assumptions=words.items(
            "plan", "assumptions", "items", count=len(ordered), so=conditions(among(ordered), 0),
            gates=any(step.form in ("gate-phase-1", *FIRST.values()) for step in steps),
            tests=any(step.form in FIRST.values() for step in steps), later=any(phase(s) > 1 for s in ordered),
            split=any(s.has("csm") and not s.has("database") for s in ordered),
            mixed=any(low < high for low, high in (first_and_last_phase(s.roles) for s in ordered)),
        ),
        sheets={},
        directory=files.directory,
    )  # fmt: skip


def _night(night: Night, pause: Between | None) -> NightPlan:
    return NightPlan(
        number=night.number, start=night.start, end=night.end, servers=night.servers,
        low=night.minutes.low, likely=night.minutes.likely, high=night.minutes.high, overrun=night.overrun,
        pause=Pause(hours=-(-pause.minutes // 60), minutes=pause.minutes, until=pause.end, web=pause.web,
                    without_database=pause.without_database) if pause else None,
    )  # fmt: skip
