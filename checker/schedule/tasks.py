"""What is done, in which sequence: on each server, and around the servers. The plan gives these tasks their words.

Checks need the same sequence (to count blanks and minutes), so that it is decided here and only here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from checker.inputs.deployment import Deployment, MailPath, ProcedureItem, Role, Server
from checker.inputs.minutes import ProcedureKind
from checker.schedule.durations import Estimate, by_rate, of_items, planned
from checker.schedule.mail_flow import paths_of
from checker.schedule.order import first_tested, order, phase
from checker.schedule.sizes import UNMEASURED, Sizes

StepKind = Literal[
    "notice", "recheck", "drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test", "gate",
    "complete", "hold", "support", "record",
]  # fmt: skip
Block = Literal["A", "B", "C", "D", "P", "N", "H", "Z", "E"]


@dataclass(frozen=True)
class Task:
    """One thing to do. `form` names its words; `blank` says that only the site's copy of the procedure knows how.

    `path` is the mail path that it takes a server out of or puts it back into.
    """

    form: str
    kind: StepKind
    block: Block
    minutes: Estimate
    item: ProcedureItem | None = None
    blank: bool = False
    path: MailPath | None = None


def items_for(deployment: Deployment, server: Server, kind: ProcedureKind) -> tuple[ProcedureItem, ...]:
    """The lines of the site's procedure of a kind that apply to a server's roles."""
    return tuple(item for item in deployment.procedure.items(kind) if not item.roles or server.has(*item.roles))


def _procedure(
    deployment: Deployment,
    server: Server,
    kind: ProcedureKind,
    block: Block,
    form: str | None = None,
    sizes: Sizes = UNMEASURED,
) -> list[Task]:
    items = items_for(deployment, server, kind)
    minutes = of_items(deployment, kind, items, by_rate(deployment, server, kind, sizes))
    if not items:
        return [Task(form or kind, kind, block, minutes[0], blank=True)]
    return [Task(form or kind, kind, block, estimate, item) for item, estimate in zip(items, minutes, strict=True)]


def _out_of_the_mail(deployment: Deployment, server: Server, paths: tuple[MailPath, ...]) -> list[Task]:
    """Out of every path, connections at 0, intake closed: nothing comes in any more.

    The site's own lines say all that we would say of paths, intake and flush; without a declared path the drain is one
    step, as nobody has told us which ways there are.
    """
    agent = server.has("mta")
    own = bool(items_for(deployment, server, "drain"))
    tasks: list[Task] = []
    if own or not paths:
        tasks += _procedure(deployment, server, "drain", "B", "drain-mta" if agent else "drain-filter")
    else:
        pool = planned(deployment, "pool")
        tasks += [Task(f"out-{path.via}", "drain", "B", pool, blank=True, path=path) for path in paths]
    if paths:
        tasks.append(Task("connections", "verify", "B", planned(deployment, "connections")))
    if agent and paths and not own:
        tasks.append(Task("intake", "drain", "B", planned(deployment, "intake"), blank=True))
    return tasks


def _empty_queues(deployment: Deployment, server: Server, paths: tuple[MailPath, ...]) -> list[Task]:
    """The product's own queue first, because what it injects again comes into the Mail Transfer Agent's.

    Every server of the deployment has the product, and with it that queue (documented: pmx-queue).
    """
    queue = planned(deployment, "queue")
    tasks = [Task("product-queue", "verify", "B", queue)]
    if server.has("mta"):
        if paths and not items_for(deployment, server, "drain"):
            whole = of_items(deployment, "drain", ())[0]
            flush = whole if whole.basis.kind == "site" else planned(deployment, "flush")
            tasks.append(Task("flush", "drain", "B", flush, blank=True))
        tasks.append(Task("queue-empty", "verify", "B", queue))
    return tasks


@dataclass(frozen=True)
class Among:
    """What the tasks of a server depend on in all the others; found once for a whole deployment.

    `first`, `last`: the servers at the ends of the order; `ends_phase_1`: the last one of that phase.
    """

    first: Server
    last: Server
    ends_phase_1: Server | None
    filters: int
    tested: Mapping[str, Role]

    @property
    def alone(self) -> bool:
        return self.first is self.last


def among(ordered: Sequence[Server]) -> Among:
    """Where each of these servers stands among the others; `ordered` are all of a deployment in their order."""
    ends = next((server for server in reversed(ordered) if phase(server) == 1), None)
    filters = sum(server.has("mail-filter") for server in ordered)
    return Among(ordered[0], ordered[-1], ends, filters, dict(first_tested(ordered)))


def tasks_by_server(deployment: Deployment, sizes: Sizes = UNMEASURED) -> dict[str, tuple[Task, ...]]:
    """Everything that is done on each server (`server_tasks`), by its name, in the order of the upgrade."""
    ordered = order(deployment.servers)
    place = among(ordered)
    return {server.name: _tasks(deployment, server, place, sizes) for server in ordered}


def server_tasks(
    deployment: Deployment, server: Server, ordered: Sequence[Server], sizes: Sizes = UNMEASURED
) -> tuple[Task, ...]:
    """Everything that is done on one server, first to last (V05, V08, V16 to V23 and our own steps).

    `ordered` are all servers of the deployment in their order. The sizes measured there only change minutes.
    """
    return _tasks(deployment, server, among(ordered), sizes)


def _tasks(deployment: Deployment, server: Server, place: Among, sizes: Sizes) -> tuple[Task, ...]:
    in_mail = server.has("mta", "mail-filter")
    paths = paths_of(deployment, server)
    tasks: list[Task] = []
    if place.first is not server:
        tasks.append(Task("interlock", "gate", "A", planned(deployment, "interlock")))
    tasks += [
        Task("guard", "recheck", "A", planned(deployment, "guard")),
        Task("recheck", "recheck", "A", planned(deployment, "recheck")),
    ]
    if server.has("mail-filter") and place.filters > 1:
        tasks.append(Task("carriers", "verify", "A", planned(deployment, "carriers")))
    tasks.append(Task("hold-jobs", "hold", "A", planned(deployment, "jobs")))
    if in_mail or paths:
        tasks += _out_of_the_mail(deployment, server, paths)
    tasks += _empty_queues(deployment, server, paths)
    tasks += _procedure(deployment, server, "stop", "B")
    tasks.append(Task("counts-before", "record", "B", planned(deployment, "counts")))
    tasks += _procedure(deployment, server, "backup", "B", sizes=sizes)
    tasks += _procedure(deployment, server, "upgrade", "C")
    if deployment.migrates(server) is not False:
        tasks += _procedure(deployment, server, "migrate", "C", sizes=sizes)
    tasks += _procedure(deployment, server, "start", "D", "start-csm" if server.has("csm") else "start-look")
    tasks += _procedure(deployment, server, "verify", "D")
    if server.has("mail-filter"):
        tasks.append(Task("definitions", "start", "D", planned(deployment, "definitions")))
    if server.has("mta"):
        tasks.append(Task("old-queue", "verify", "D", planned(deployment, "queue")))
    tasks.append(Task("product-queue-after", "verify", "D", planned(deployment, "queue")))
    tasks.append(Task("counts-after", "record", "D", planned(deployment, "counts")))
    tested = place.tested.get(server.name)
    if in_mail:
        tasks += _procedure(deployment, server, "test", "D", "test" if tested and not place.alone else "test-each")
    if in_mail or paths:
        tasks += [Task("back", "start", "D", planned(deployment, "back"), path=path) for path in paths or (None,)]
    if tested and server is not place.last:
        tasks.append(Task("soak", "verify", "D", planned(deployment, "soak")))
    tasks.append(Task("release-jobs", "hold", "D", planned(deployment, "jobs")))
    if server is not place.last:
        if server is place.ends_phase_1:
            tasks.append(Task("gate-phase-1", "gate", "D", planned(deployment, "gate")))
        if tested:
            tasks.append(Task(f"gate-first-{tested}", "gate", "D", planned(deployment, "gate")))
    tasks.append(Task("complete", "complete", "D", planned(deployment, "call")))
    return tuple(tasks)
