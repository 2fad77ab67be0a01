"""What is done, in which sequence: on each server, and around the servers. The plan gives these tasks their words.

Checks need the same sequence (to count blanks and minutes), so that it is decided here and only here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from checker.deployment import Deployment, ProcedureItem, ProcedureKind, Server
from checker.durations import Estimate, of_items, planned
from checker.order import first_tested, phase

StepKind = Literal[
    "notice", "recheck", "drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test", "gate",
    "complete", "hold", "support", "record",
]  # fmt: skip
Block = Literal["A", "B", "C", "D", "P", "N", "Z", "E"]


@dataclass(frozen=True)
class Task:
    """One thing to do. `form` names its words; `blank` says that only the site's copy of the procedure knows how."""

    form: str
    kind: StepKind
    block: Block
    minutes: Estimate
    item: ProcedureItem | None = None
    blank: bool = False


def items_for(deployment: Deployment, server: Server, kind: ProcedureKind) -> tuple[ProcedureItem, ...]:
    """The lines of the site's procedure of a kind that apply to a server's roles."""
    return tuple(item for item in deployment.procedure.items(kind) if not item.roles or server.has(*item.roles))


def _procedure(
    deployment: Deployment, server: Server, kind: ProcedureKind, block: Block, form: str | None = None
) -> list[Task]:
    items = items_for(deployment, server, kind)
    minutes = of_items(deployment, kind, items)
    if not items:
        return [Task(form or kind, kind, block, minutes[0], blank=True)]
    return [Task(form or kind, kind, block, estimate, item) for item, estimate in zip(items, minutes, strict=True)]


def server_tasks(deployment: Deployment, server: Server, ordered: Sequence[Server]) -> tuple[Task, ...]:
    """Everything that is done on one server, first to last (V05, V08, V16 to V23 and our own steps).

    `ordered` are all servers of the deployment in their order.
    """
    others = [other for other in ordered if other is not server]
    in_mail = server.has("mta", "mail-filter")
    last_of_phase_1 = [s for s in ordered if phase(s) == 1][-1:]
    tasks: list[Task] = []
    if ordered[0] is not server:
        tasks.append(Task("interlock", "gate", "A", planned(deployment, "interlock")))
    tasks += [
        Task("guard", "recheck", "A", planned(deployment, "guard")),
        Task("recheck", "recheck", "A", planned(deployment, "recheck")),
    ]
    if server.has("mail-filter") and any(other.has("mail-filter") for other in others):
        tasks.append(Task("carriers", "verify", "A", planned(deployment, "carriers")))
    tasks.append(Task("hold-jobs", "hold", "A", planned(deployment, "jobs")))
    if in_mail:
        tasks += _procedure(deployment, server, "drain", "B", "drain-mta" if server.has("mta") else "drain-filter")
    if server.has("mta"):
        tasks.append(Task("queue-empty", "verify", "B", planned(deployment, "queue")))
    tasks += _procedure(deployment, server, "stop", "B")
    tasks.append(Task("counts-before", "record", "B", planned(deployment, "counts")))
    tasks += _procedure(deployment, server, "backup", "B")
    tasks += _procedure(deployment, server, "upgrade", "C")
    if deployment.migrates(server) is not False:
        tasks += _procedure(deployment, server, "migrate", "C")
    tasks += _procedure(deployment, server, "start", "D", "start-csm" if server.has("csm") else "start-look")
    tasks += _procedure(deployment, server, "verify", "D")
    if server.has("mta"):
        tasks.append(Task("old-queue", "verify", "D", planned(deployment, "queue")))
    tasks.append(Task("counts-after", "record", "D", planned(deployment, "counts")))
    tested = dict(first_tested(ordered)).get(server.name)
    if tested and others:
        tasks += _procedure(deployment, server, "test", "D")
    if in_mail:
        tasks.append(Task("back", "start", "D", planned(deployment, "back")))
    tasks.append(Task("release-jobs", "hold", "D", planned(deployment, "jobs")))
    if server is not ordered[-1]:
        if server in last_of_phase_1:
            tasks.append(Task("gate-phase-1", "gate", "D", planned(deployment, "gate")))
        if tested:
            tasks.append(Task(f"gate-first-{tested}", "gate", "D", planned(deployment, "gate")))
    tasks.append(Task("complete", "complete", "D", planned(deployment, "call")))
    return tuple(tasks)
