"""What is done around the servers: the days before, the opening and the end of each night, and the end of it all."""

from dataclasses import replace

from checker.inputs.deployment import Deployment
from checker.schedule.step_catalogue import LEADS, Form
from checker.schedule.tasks import Task, task, tasks_by_server


def _each(deployment: Deployment, *forms: Form) -> tuple[Task, ...]:
    return tuple(task(deployment, form) for form in forms)


def preparation(deployment: Deployment) -> tuple[Task, ...]:
    """What is done in the days before the first window, in the order in which it falls due (LEADS)."""
    measured = deployment.disk.installation_kib is not None
    return tuple(
        replace(each, blank=False) if each.form == "measure-space" and measured else each
        for each in _each(deployment, *LEADS)
    )


def opening(deployment: Deployment, night: int) -> tuple[Task, ...]:
    """What opens a night (counted from 1), inside its window."""
    if night == 1:
        return _each(deployment, "go", "identity-freeze", "publishing-freeze", "notice-start")
    return _each(deployment, "renew-backup", "recheck-reopen", "go-again", "notice-start")


def pause(deployment: Deployment) -> tuple[Task, ...]:
    """What closes a night after which another one follows."""
    return _each(deployment, "pause", "notice-pause")


def relief(deployment: Deployment) -> tuple[Task, ...]:
    """What is done between two servers when people have worked for long enough: others take over."""
    return _each(deployment, "hand-over")


def closing(deployment: Deployment) -> tuple[Task, ...]:
    """What ends the whole upgrade, inside the last window; where mail was held up, it comes back first."""
    back = _each(deployment, "retry") if deployment.holding("mta", "mail-filter") else ()
    return back + _each(
        deployment, "recheck-after", "identity-free", "publishing-free", "notice-resumed", "notice-finished", "finished"
    )


def blanks(deployment: Deployment) -> tuple[tuple[str | None, str], ...]:
    """Every labelled blank that the runbook will print: (server or None, kind of step)."""
    return tuple((None, each.form) for each in preparation(deployment) if each.blank) + tuple(
        (name, each.kind) for name, tasks in tasks_by_server(deployment).items() for each in tasks if each.blank
    )
