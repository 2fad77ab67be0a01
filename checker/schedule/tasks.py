"""What is done, in which sequence: on each server, and around the servers. The plan gives these tasks their words.

Checks need the same sequence (to count blanks and minutes), so that it is decided here and only here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checker.inputs.deployment import Deployment, MailPath, ProcedureItem, Role, Server
from checker.inputs.minutes import ProcedureKind
from checker.schedule.durations import Estimate, by_rate, of_items, planned, total
from checker.schedule.mail_flow import paths_of
from checker.schedule.order import first_tested, order, phase
from checker.schedule.sizes import UNMEASURED, Sizes
from checker.schedule.step_catalogue import FORMS, Block, Form, Repeatable, Row, StepKind

OUT: Mapping[str, Form] = {"mx": "out-mx", "lb": "out-lb", "smarthost": "out-smarthost"}  # by how mail comes to a path
FIRST: Mapping[Role, Form] = {"mail-filter": "gate-first-mail-filter", "mta": "gate-first-mta"}  # after its first test


@dataclass(frozen=True)
class Task:
    """One thing to do, of a form. `blank` says that only the site's copy of the procedure knows how, and has no line.

    `path` is the mail path that it takes a server out of; one step puts it back into all of them.
    """

    form: Form
    minutes: Estimate
    item: ProcedureItem | None = None
    blank: bool = False
    path: MailPath | None = None

    @property
    def row(self) -> Row:
        """What is known of its form."""
        return FORMS[self.form]

    @property
    def kind(self) -> StepKind:
        """What kind of thing its form is."""
        return self.row.kind

    @property
    def block(self) -> Block:
        """Where its form stands: in a block of a sheet, or around the servers."""
        return self.row.block

    @property
    def repeatable(self) -> Repeatable:
        """Whether it may be done twice: what the site says of its own line; of a blank nobody knows."""
        if self.item is not None:
            return self.item.repeatable
        return "unknown" if self.blank else self.row.repeatable


def task(deployment: Deployment, form: Form, path: MailPath | None = None) -> Task:
    """The task of a form for which the site's procedure has no line."""
    row = FORMS[form]
    return Task(form, planned(deployment, row.minutes), blank=row.blank, path=path)


def items_for(deployment: Deployment, server: Server, kind: ProcedureKind) -> tuple[ProcedureItem, ...]:
    """The lines of the site's procedure of a kind that apply to a server's roles."""
    return tuple(item for item in deployment.procedure.items(kind) if not item.roles or server.has(*item.roles))


def _procedure(deployment: Deployment, server: Server, form: Form, sizes: Sizes = UNMEASURED) -> list[Task]:
    """The lines of the site's procedure that take a form's place on a server, or its blank."""
    kind = FORMS[form].lines
    if kind is None:
        raise ValueError(f"{form}: its row names no lines of the procedure")
    items = items_for(deployment, server, kind)
    minutes = of_items(deployment, kind, items, by_rate(deployment, server, kind, sizes))
    if not items:
        return [Task(form, minutes[0], blank=True)]
    return [Task(form, estimate, item) for item, estimate in zip(items, minutes, strict=True)]


def _out_of_the_mail(deployment: Deployment, server: Server, paths: tuple[MailPath, ...]) -> list[Task]:
    """Out of every path, connections at 0, intake closed: nothing comes in any more.

    The site's own lines say all that we would say of paths, intake and flush; without a declared path the drain is one
    step, as nobody has told us which ways there are.
    """
    agent = server.has("mta")
    own = bool(items_for(deployment, server, "drain"))
    tasks: list[Task] = []
    if own or not paths:
        tasks += _procedure(deployment, server, "drain-mta" if agent else "drain-filter")
    else:
        tasks += [task(deployment, OUT[path.via], path) for path in paths]
    if paths:
        tasks.append(task(deployment, "connections"))
    if agent and paths and not own:
        tasks.append(task(deployment, "intake"))
    return tasks


def _empty_queues(deployment: Deployment, server: Server, paths: tuple[MailPath, ...]) -> list[Task]:
    """The product's own queue first, because what it injects again comes into the Mail Transfer Agent's.

    Every server of the deployment has the product, and with it that queue (documented: pmx-queue).
    """
    tasks = [task(deployment, "product-queue")]
    if server.has("mta"):
        if paths and not items_for(deployment, server, "drain"):
            flush, whole = task(deployment, "flush"), of_items(deployment, "drain", ())[0]
            tasks.append(replace(flush, minutes=whole) if whole.basis.kind == "site" else flush)
        tasks.append(task(deployment, "queue-empty"))
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
    """Everything that is done on each server, by its name, in the order of the upgrade, first to last on each.

    By V05, V08, V16 to V23 and our own steps. The sizes measured there only change minutes.
    """
    ordered = order(deployment.servers)
    place = among(ordered)
    return {server.name: _tasks(deployment, server, place, sizes) for server in ordered}


def _tasks(deployment: Deployment, server: Server, place: Among, sizes: Sizes) -> tuple[Task, ...]:
    in_mail = server.has("mta", "mail-filter")
    paths = paths_of(deployment, server)
    tasks: list[Task] = []
    if place.first is not server:
        tasks.append(task(deployment, "interlock"))
    tasks += [task(deployment, "guard"), task(deployment, "recheck")]
    if server.has("mail-filter") and place.filters > 1:
        tasks.append(task(deployment, "carriers"))
    tasks.append(task(deployment, "hold-jobs"))
    if in_mail or paths:
        tasks += _out_of_the_mail(deployment, server, paths)
    tasks += _empty_queues(deployment, server, paths)
    if server.has("database"):  # a database that is stopped cannot be dumped
        tasks += _procedure(deployment, server, "dump")
    tasks += _procedure(deployment, server, "stop")
    tasks.append(task(deployment, "counts-before"))
    tasks += _procedure(deployment, server, "backup", sizes)
    tasks += _procedure(deployment, server, "upgrade")
    if deployment.migrates(server) is not False:
        tasks += _procedure(deployment, server, "migrate", sizes)
    tasks += _procedure(deployment, server, "start-csm" if server.has("csm") else "start-look")
    tasks += _procedure(deployment, server, "verify")
    if server.has("mail-filter"):
        tasks.append(task(deployment, "definitions"))
    if server.has("mta"):
        tasks.append(task(deployment, "old-queue"))
    tasks.append(task(deployment, "product-queue-after"))
    tasks.append(task(deployment, "counts-after"))
    tested = place.tested.get(server.name)
    if server.has("mta"):  # else no test message comes in
        tasks.append(task(deployment, "intake-tester"))
    if in_mail:
        tasks += _procedure(deployment, server, "test" if tested and not place.alone else "test-each")
    if in_mail or paths:
        back = task(deployment, "back")  # one step, which takes what each path takes
        tasks.append(replace(back, minutes=total(back.minutes for _ in paths or (None,))))
    if tested and server is not place.last:
        tasks.append(task(deployment, "soak"))
    tasks.append(task(deployment, "release-jobs"))
    if server is not place.last:
        if server is place.ends_phase_1:
            tasks.append(task(deployment, "gate-phase-1"))
        if tested:
            tasks.append(task(deployment, FIRST[tested]))
    tasks.append(task(deployment, "complete"))
    return tuple(tasks)
