"""Going back: the point of no return, the last moments, and minutes only where a restore was rehearsed and measured."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from checker.inputs.deployment import Deployment
from checker.schedule.durations import by_rate, complete_rehearsal
from checker.schedule.nights import Night
from checker.schedule.order import database_server, phase
from checker.schedule.sizes import Sizes
from checker.schedule.step_catalogue import StepKind
from checker.values import grouped
from runbook.plan.plan_model import Back, Step, TurnBack
from runbook.plan.resting_points import losses
from runbook.words import Words

AGAIN: tuple[StepKind, ...] = ("stop", "start", "verify")  # what is done once more around a restore


def point_of_no_return(deployment: Deployment, steps: tuple[Step, ...]) -> Step:
    """The step after which going back gives up mail or work of others: ours, the vendor names none.

    It is the gate after phase 1, unless a server that carries mail is upgraded before it: then that upgrade.
    """
    carriers = {server.name for server in deployment.holding("mta", "mail-filter")}
    upgrades = [step for step in steps if step.kind == "upgrade"]
    first = next((step for step in upgrades if step.server in carriers), upgrades[0])
    gate = next((step for step in steps if step.form == "gate-phase-1"), None)
    return gate if gate is not None and steps.index(gate) < steps.index(first) else first


def turn_back(
    deployment: Deployment, steps: tuple[Step, ...], nights: tuple[Night, ...], sizes: Sizes, words: Words
) -> TurnBack:
    """What is known of going back; its times are in UTC and by high minutes, and none stands on a guess."""
    servers = _servers(deployment, steps, nights, sizes)
    gate = next((step for step in steps if step.form == "gate-phase-1"), None)
    point = point_of_no_return(deployment, steps)
    cheapest = (gate or point).server
    every = {role for server in deployment.servers for role in server.roles}
    return TurnBack(
        gate=gate.id if gate else None,
        point=point.id,
        last_moment=next(back.back_by for back in servers if back.server == cheapest),
        why=words.say(
            "plan", "turn-back", "why",
            rate=bool((tried := complete_rehearsal(deployment)) and "restore" in tried.rates),
            unseen=next((back.server for back in servers if back.minutes is None), None),
        ) or "",
        lost=(
            *(words.say("plan", "lost", loss) or "" for loss in losses(every, finished=True)),
            *words.items("plan", "turn-back", "lost", count=len(servers), waiting=_waiting(deployment)),
        ),
        servers=servers,
    )  # fmt: skip


def _waiting(deployment: Deployment) -> bool:
    """Whether a Mail Filter goes on with 5.6.1 while the database is on 6."""
    later = any(phase(server) > 1 for server in deployment.holding("mail-filter"))
    return later and database_server(deployment) is not None


def _high(steps: Iterable[Step]) -> int:
    return sum(step.minutes.high for step in steps)


def _servers(
    deployment: Deployment, steps: tuple[Step, ...], nights: tuple[Night, ...], sizes: Sizes
) -> tuple[Back, ...]:
    found = []
    by_server = grouped(steps, lambda step: step.server)
    before: int | None = 0
    for night in nights:
        for name, begin_by in zip(night.servers, night.begin_by, strict=True):
            restore = by_rate(deployment, deployment.server(name), "restore", sizes)
            around = _high(step for step in by_server[name] if step.kind in AGAIN)
            before = None if before is None or restore is None else before + restore.high + around
            found.append(
                Back(
                    server=name,
                    night=night.number,
                    begin_by=begin_by,
                    minutes=before,
                    back_by=None if before is None else _before(night.end, before),
                )
            )
    return tuple(found)


def _before(end: datetime, minutes: int) -> datetime:
    return end - timedelta(minutes=minutes)
