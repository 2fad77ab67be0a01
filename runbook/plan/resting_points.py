"""Where the work can rest: for every number of finished servers what is open, what works and what going back loses."""

from dataclasses import dataclass
from typing import Literal

from checker.inputs.deployment import Deployment, Server
from checker.schedule.order import phase
from runbook.plan.plan_model import Interruption, Plan

StateKey = Literal[
    "untouched", "inside-phase-1", "before-filters", "some-filters", "before-mtas", "before-web", "finished",
]  # fmt: skip
Loss = Literal["database", "quarantine", "queue", "web"]


@dataclass(frozen=True)
class State:
    """The deployment while nobody works on it: some servers are on 6, the others on 5.6.1.

    `filters` and `waiting` are the Mail Filters on 6 and on 5.6.1, `open` the interruptions that go on meanwhile,
    `lost` what version 6 has written that going back gives up, `rest` the night whose end this is planned to be.
    """

    key: StateKey
    finished: tuple[str, ...]
    left: tuple[str, ...]
    filters: tuple[str, ...]
    waiting: tuple[str, ...]
    open: tuple[Interruption, ...]
    lost: tuple[Loss, ...]
    rest: int | None

    def rows(self, key: str) -> tuple[Interruption, ...]:
        """The open interruptions of a kind."""
        return tuple(row for row in self.open if row.key == key)


def states(plan: Plan, deployment: Deployment) -> tuple[State, ...]:
    """One state for every number of finished servers, from none to all, in the plan's order."""
    index = {step.id: place for place, step in enumerate(plan.steps)}
    servers = tuple(deployment.server(name) for name in plan.order)
    ends = {night.servers[-1]: night.number for night in plan.nights[:-1]}
    found = []
    for count in range(len(servers) + 1):
        # before the first server's first step, or right after the last finished server's completion
        at = index[plan.of(plan.order[count - 1])[-1].id] if count else index[plan.of(plan.order[0])[0].id] - 1
        done, left = servers[:count], servers[count:]
        found.append(
            State(
                key=_key(done, left),
                finished=plan.order[:count],
                left=plan.order[count:],
                filters=tuple(server.name for server in done if server.has("mail-filter")),
                waiting=tuple(server.name for server in left if server.has("mail-filter")),
                open=tuple(
                    row for row in plan.interruptions if index[row.from_step] <= at < index[row.until_step]
                ),
                lost=losses(done, left),
                rest=ends.get(plan.order[count - 1]) if count else None,
            )
        )  # fmt: skip
    return tuple(found)


def _key(done: tuple[Server, ...], left: tuple[Server, ...]) -> StateKey:
    if not done:
        return "untouched"
    if not left:
        return "finished"
    if any(phase(server) == 1 for server in left):
        return "inside-phase-1"
    if any(server.has("mail-filter") for server in left):
        return "some-filters" if any(server.has("mail-filter") for server in done) else "before-filters"
    return "before-mtas" if any(server.has("mta") for server in left) else "before-web"


def losses(done: tuple[Server, ...], left: tuple[Server, ...]) -> tuple[Loss, ...]:
    """What going back gives up once these servers are finished and those are left."""
    held = {role for server in done for role in server.roles}
    lost: list[tuple[Loss, bool]] = [
        ("database", bool(held & {"database", "csm"})),
        ("quarantine", "mail-filter" in held),
        ("queue", bool(held & {"mta", "mail-filter"})),
        # until the last server is complete nobody can log in, and nobody changes anything there (V09)
        ("web", not left and bool(held & {"euwi", "gwi"})),
    ]
    return tuple(loss for loss, given_up in lost if given_up)
