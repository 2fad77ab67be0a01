"""What must hold before a step and what holds after it: the states of its form, of those that its server can be in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from checker.inputs.deployment import Deployment, Server
from checker.schedule.mail_flow import paths_of
from checker.schedule.order import database_server
from checker.schedule.step_catalogue import State
from checker.schedule.tasks import Task


class Around(NamedTuple):
    """What must hold before a step, and what holds after it."""

    before: tuple[State, ...]
    after: tuple[State, ...]


def _brought_mail(deployment: Deployment, server: Server) -> bool:
    return server.has("mta", "mail-filter") or bool(paths_of(deployment, server))


# Which servers can be in a state; one that is not here is of every server.
CAN: Mapping[State, Callable[[Deployment, Server], bool]] = {
    "in-path": _brought_mail,
    "in-paths": _brought_mail,
    "out-of-path": _brought_mail,
    "out-of-paths": _brought_mail,
    "intake-open": lambda _, server: server.has("mta"),
    "intake-for-tester": lambda _, server: server.has("mta"),
    "intake-closed": lambda _, server: server.has("mta"),
    "tested": lambda _, server: server.has("mta", "mail-filter"),
    "dumped": lambda _, server: server.has("database"),
    "database-down": lambda _, server: server.has("database"),
    "database-up": lambda deployment, _: database_server(deployment) is not None,
}


def around(deployment: Deployment, server: Server | None, tasks: Sequence[Task]) -> Iterator[Around]:
    """What must hold before each of these tasks of a server, or of none, and what holds after it.

    Several lines of the site's procedure are one thing: it must hold before the first, and it holds after the last.
    """

    def can(states: tuple[State, ...]) -> tuple[State, ...]:
        if server is None:
            return states
        return tuple(state for state in states if state not in CAN or CAN[state](deployment, server))

    for _, group in groupby(tasks, key=lambda task: (task.form, task.path if task.kind == "drain" else None)):
        own = tuple(group)
        row = own[0].row
        for place in range(len(own)):
            yield Around(
                can(row.before) if place == 0 else (),
                can(row.after) if place == len(own) - 1 else (),
            )
