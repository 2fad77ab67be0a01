"""Where the work can rest: for every number of finished servers what is open, what works and what going back loses."""

from bisect import bisect_left
from collections.abc import Set
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from checker.inputs.deployment import Deployment, Role
from checker.schedule.order import PHASES
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
    servers = tuple(deployment.server(name) for name in plan.order)
    ends = {night.servers[-1]: night.number for night in plan.nights[:-1]}
    # what holds of the first so many servers, and of all but these
    nothing: frozenset[Role] = frozenset()
    roles = [frozenset(server.roles) for server in servers]
    done = list(accumulate(roles, frozenset.union, initial=nothing))
    left = list(accumulate(reversed(roles), frozenset.union, initial=nothing))[::-1]
    filters = tuple(server.name for server in servers if server.has("mail-filter"))
    filtering = list(accumulate((server.has("mail-filter") for server in servers), initial=0))
    # before the first server's first step, or right after the last finished server's completion
    moments = [plan.at[plan.of(plan.order[0])[0].id] - 1, *(plan.at[plan.of(name)[-1].id] for name in plan.order)]
    open_: list[list[Interruption]] = [[] for _ in moments]
    for row in plan.interruptions:
        for count in range(bisect_left(moments, plan.at[row.from_step]), bisect_left(moments, plan.at[row.until_step])):
            open_[count].append(row)
    return tuple(
        State(
            key=_key(done[count], left[count]),
            finished=plan.order[:count],
            left=plan.order[count:],
            filters=filters[: filtering[count]],
            waiting=filters[filtering[count] :],
            open=tuple(open_[count]),
            lost=losses(done[count], count == len(servers)),
            rest=ends.get(plan.order[count - 1]) if count else None,
        )
        for count in range(len(servers) + 1)
    )


def _key(done: Set[Role], left: Set[Role]) -> StateKey:
    """By the roles of the finished servers and of those that are left."""
    if not done:
        return "untouched"
    if not left:
        return "finished"
    if left & {*PHASES[1]}:
        return "inside-phase-1"
    if "mail-filter" in left:
        return "some-filters" if "mail-filter" in done else "before-filters"
    return "before-mtas" if "mta" in left else "before-web"


def losses(held: Set[Role], finished: bool) -> tuple[Loss, ...]:
    """What going back gives up once servers with these roles are complete; `finished`: none is left."""
    lost: list[tuple[Loss, bool]] = [
        ("database", bool(held & {"database", "csm"})),
        ("quarantine", "mail-filter" in held),
        ("queue", bool(held & {"mta", "mail-filter"})),
        # until the last server is complete nobody can log in, and nobody changes anything there (V09)
        ("web", finished and bool(held & {"euwi", "gwi"})),
    ]
    return tuple(loss for loss, given_up in lost if given_up)
