"""In which order and why, and where the night can stop: one table of servers and gates as they follow each other."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from checker.inputs.deployment import role_names
from checker.schedule.order import PHASE_OF, PHASES, first_and_last_phase
from runbook.pages.page_model import Cell, Drifting, Paragraph, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.plan.plan_model import Place, Plan, Step


def order_and_gates(edition: Edition) -> Part:
    """Servers and gates, first to last; servers that follow each other alike stand in one row."""
    say = speak(edition, "order")
    found = tuple(stops(edition.plan))
    first_with: dict[str, str] = {}
    for own in found:
        if isinstance(own, Step):
            first_with.setdefault(_criteria(own), own.number)
    rows = tuple(_row(own, first_with, edition) for own in found)
    kind = "order" if edition.day else "order-nights"  # where each moment has its day
    keys = tuple(own.number if isinstance(own, Step) else own[0].server for own in found)
    return Part(
        id="order",
        title=say("title"),
        blocks=(
            Paragraph(say("text", phases=_phases(edition))),
            Table(say("caption", {"day": edition.day}), head(edition, "order"), rows, kind, keys=keys),
        ),
        flows=True,
    )


def _phases(edition: Edition) -> tuple[str, ...]:
    """The roles that there are, phase by phase; none where a server has roles of several and is upgraded once."""
    present = {role for server in edition.deployment.servers for role in server.roles}
    if any(low < high for low, high in (first_and_last_phase(s.roles) for s in edition.deployment.servers)):
        return ()
    held = ([role for role in roles if role in present] for roles in PHASES.values())
    return tuple(" and ".join(role_names(roles)) for roles in held if roles)


def stops(plan: Plan) -> Iterator[Step | tuple[Place, ...]]:
    """Gates, and servers between two gates of one night that have the same roles and the same reason."""
    places = {place.server: place for phase in plan.phases for place in phase.servers}
    nights = {name: night.number for night in plan.nights for name in night.servers}
    begins = {plan.of(name)[0].id: name for name in plan.order}
    found = [step if step.decides else places[begins[step.id]]
             for step in plan.steps if step.decides or step.id in begins]  # fmt: skip

    def alike(one: Step | Place) -> tuple[object, ...]:
        return (one.id,) if isinstance(one, Step) else (one.roles, one.reason, nights.get(one.server))

    for _, own in groupby(found, alike):
        first, *others = own
        if isinstance(first, Step):
            yield first
        else:
            yield first, *(each for each in others if isinstance(each, Place))


def _row(own: Step | tuple[Place, ...], first_with: Mapping[str, str], edition: Edition) -> tuple[Cell, ...]:
    say, plan = speak(edition, "order"), edition.plan
    if isinstance(own, Step):
        before = first_with[_criteria(own)]
        said = (own.expect or "–", _first(own.if_not))
        if before != own.number:
            said = (say("same-gate", gate=before),) * 2
        return (Drifting(edition.moment(own.starts_at)), own.number, own.title, *said)
    first, last = (plan.place[own[at].server] + 1 for at in (0, -1))
    return (
        Drifting(edition.moment(plan.of(own[0].server)[0].starts_at)),
        say("places", first=first, last=last),
        say("names", names=[place.server for place in own]),
        say("roles", every=set(own[0].roles) == set(PHASE_OF), roles=role_names(own[0].roles)),
        own[0].reason,
    )


def _criteria(gate: Step) -> str:
    """What gates of several nights have in common: by what each is decided, and the act if not."""
    return f"{gate.expect}\n{_first(gate.if_not)}"


def _first(said: str | None) -> str:
    """The act alone: what else holds while it waits, the gate itself says in the night book."""
    return re.split(r"(?<=[.!?])\s", said or "–")[0]
