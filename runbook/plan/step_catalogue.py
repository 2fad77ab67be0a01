"""What each form of step serves and on what ground: the demands (V-ids) and whose statement it is."""

from checker.inputs.deployment import Deployment, Role, Server
from checker.schedule.order import PHASE_OF
from checker.schedule.tasks import Task
from checker.values import Basis, BasisKind

# form: (demands, whose statement the step is). Vendor: the page says so. Ours: we add it, and print it as ours.
FORMS: dict[str, tuple[tuple[str, ...], BasisKind]] = {
    "measure-space": (("V04",), "vendor"),
    "identity-changes": (("V24",), "vendor"),
    "support": (("V10",), "vendor"),
    "notice-two-weeks": (("V07", "V14", "V15"), "vendor"),
    "notice-two-days": (("V09", "V13", "V17"), "vendor"),
    "recheck-two-days": ((), "ours"),
    "recheck-one-hour": (("V07",), "ours"),
    "notice-one-hour": ((), "ours"),
    "go": (("V02",), "ours"),
    "identity-freeze": (("V07",), "vendor"),
    "publishing-freeze": ((), "ours"),
    "notice-start": (("V07", "V09"), "vendor"),
    "renew-backup": ((), "ours"),
    "recheck-reopen": (("V07",), "ours"),
    "go-again": ((), "ours"),
    "pause": (("V07", "V09"), "ours"),
    "notice-pause": (("V09",), "vendor"),
    "hand-over": ((), "ours"),
    "retry": (("V20",), "ours"),
    "recheck-after": (("V20",), "ours"),
    "identity-free": (("V07", "V24"), "vendor"),
    "publishing-free": ((), "ours"),
    "notice-resumed": (("V09",), "vendor"),
    "notice-finished": (("V24",), "vendor"),
    "finished": ((), "ours"),
    "interlock": (("V11", "V19", "V22"), "vendor"),
    "guard": (("V01",), "vendor"),
    "recheck": (("V03", "V07"), "ours"),
    "carriers": (("V08",), "vendor"),
    "hold-jobs": ((), "ours"),
    "drain-mta": (("V08",), "ours"),
    "drain-filter": (("V08",), "vendor"),
    "out-mx": (("V08",), "ours"),
    "out-lb": (("V08",), "ours"),
    "out-smarthost": (("V08",), "ours"),
    "connections": (("V08",), "ours"),
    "intake": ((), "ours"),
    "flush": ((), "ours"),
    "product-queue": ((), "ours"),
    "queue-empty": ((), "ours"),
    "stop": (("V08", "V13"), "vendor"),
    "counts-before": ((), "ours"),
    "backup": ((), "ours"),
    "upgrade": (("V01", "V05", "V23"), "vendor"),
    "migrate": (("V06",), "vendor"),
    "start-csm": (("V18",), "vendor"),
    "start-look": (("V20",), "ours"),
    "verify": (("V17", "V20"), "ours"),
    "definitions": ((), "ours"),
    "old-queue": ((), "ours"),
    "product-queue-after": ((), "ours"),
    "counts-after": ((), "ours"),
    "test": (("V21",), "vendor"),
    "test-each": (("V20",), "ours"),
    "back": (("V08", "V20"), "ours"),
    "soak": (("V21",), "ours"),
    "release-jobs": ((), "ours"),
    "gate-phase-1": (("V17", "V18"), "ours"),
    "gate-first-mail-filter": (("V21",), "ours"),
    "gate-first-mta": (("V21",), "ours"),
    "complete": ((), "ours"),
}
BY_PHASE: dict[int, dict[str, tuple[str, ...]]] = {
    1: {"upgrade": ("V11", "V12"), "migrate": ("V16",)},
    2: {"upgrade": ("V11", "V19"), "migrate": ("V19",)},
    3: {"upgrade": ("V11", "V22"), "migrate": ("V22",)},
}


FOR_ROLES: dict[str, tuple[Role, ...]] = {"V14": ("euwi", "gwi"), "V15": ("euwi",)}  # to tell where nobody is: none


def demands(form: str, server: Server | None, deployment: Deployment) -> tuple[str, ...]:
    """The demands that a step serves, in the vendor's order: of every phase that its server has a role of."""
    own = FORMS[form][0]
    if server is not None:
        own += tuple(d for number in {PHASE_OF[role] for role in server.roles} for d in BY_PHASE[number].get(form, ()))
    return tuple(sorted(id for id in set(own) if id not in FOR_ROLES or deployment.holding(*FOR_ROLES[id])))


def basis(task: Task, server: Server | None, deployment: Deployment) -> Basis:
    """Whose statement a step is: the site's where its own procedure has the line, else the vendor's or ours."""
    if task.item is not None:
        return Basis(kind="site", refs=(f"procedure.{task.kind}",))
    kind = FORMS[task.form][1]
    return Basis(kind=kind, refs=demands(task.form, server, deployment) if kind == "vendor" else ())


def serving() -> dict[str, tuple[str, ...]]:
    """Every form of step with all demands that it serves in any phase, for `rules`."""
    return {
        f"step {form}": tuple(sorted({*own, *(d for extra in BY_PHASE.values() for d in extra.get(form, ()))}))
        for form, (own, _) in FORMS.items()
    }
