"""What each step of a plan serves and on what ground: the demands (V-ids) and whose statement it is."""

from checker.inputs.deployment import Deployment, Role, Server
from checker.schedule.order import PHASE_OF
from checker.schedule.step_catalogue import FORMS, ROWS, Form
from checker.schedule.tasks import Task
from checker.values import Basis

OF_SEVERAL = "V08"  # speaks of one Mail Filter at a time where there are several
FOR_ROLES: dict[str, tuple[Role, ...]] = {"V14": ("euwi", "gwi"), "V15": ("euwi",)}  # to tell where nobody is: none


def demands(form: Form, server: Server | None, deployment: Deployment) -> tuple[str, ...]:
    """The demands that a step serves, in the vendor's order: of every phase that its server has a role of."""
    phases = {PHASE_OF[role] for role in server.roles} if server is not None else ()
    several = len(deployment.holding("mail-filter")) > 1
    return tuple(
        id for id in FORMS[form].serves(phases)
        if (id != OF_SEVERAL or several) and (id not in FOR_ROLES or deployment.holding(*FOR_ROLES[id]))
    )  # fmt: skip


def basis(task: Task, server: Server | None, deployment: Deployment) -> Basis:
    """Whose statement a step is: the site's where its own procedure has the line, else the vendor's or ours."""
    if task.item is not None:
        return Basis(kind="site", refs=(f"procedure.{task.kind}",))
    served = demands(task.form, server, deployment)
    if task.row.basis != "vendor":
        return Basis(kind=task.row.basis)
    return Basis(kind="vendor", refs=served) if served else Basis(kind="ours")


def serving() -> dict[str, tuple[str, ...]]:
    """Every form of step with all demands that it serves in any phase, for `rules`."""
    return {f"step {row.form}": row.serves(row.by_phase) for row in ROWS}
