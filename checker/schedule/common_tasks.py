"""What is done around the servers: the days before, the opening and the end of each night, and the end of it all."""

from datetime import timedelta

from checker.inputs.deployment import Deployment
from checker.schedule.durations import planned
from checker.schedule.tasks import Task, tasks_by_server

LEADS = {  # how long before the first window the preparation is done; ours, as change boards usually ask
    "measure-space": timedelta(days=14),
    "identity-changes": timedelta(days=14),
    "notice-two-weeks": timedelta(days=14),
    "support": timedelta(days=2),
    "notice-two-days": timedelta(days=2),
    "recheck-two-days": timedelta(days=2),
    "recheck-one-hour": timedelta(hours=1),
    "notice-one-hour": timedelta(hours=1),
}


def preparation(deployment: Deployment) -> tuple[Task, ...]:
    """What is done in the days before the first window, in the order in which it falls due (LEADS)."""
    notice = planned(deployment, "notice")
    unmeasured = deployment.disk.installation_kib is None
    return (
        Task("measure-space", "record", "P", planned(deployment, "record"), blank=unmeasured),
        Task("identity-changes", "recheck", "P", planned(deployment, "recheck")),
        Task("notice-two-weeks", "notice", "P", notice),
        Task("support", "support", "P", planned(deployment, "support")),
        Task("notice-two-days", "notice", "P", notice),
        Task("recheck-two-days", "recheck", "P", planned(deployment, "recheck")),
        Task("recheck-one-hour", "recheck", "P", planned(deployment, "recheck")),
        Task("notice-one-hour", "notice", "P", notice),
    )


def opening(deployment: Deployment, night: int) -> tuple[Task, ...]:
    """What opens a night (counted from 1), inside its window."""
    if night == 1:
        return (
            Task("go", "gate", "N", planned(deployment, "gate")),
            Task("identity-freeze", "hold", "N", planned(deployment, "hold")),
            Task("publishing-freeze", "hold", "N", planned(deployment, "hold")),
            Task("notice-start", "notice", "N", planned(deployment, "notice")),
        )
    return (
        Task("renew-backup", "record", "N", planned(deployment, "record")),
        Task("recheck-reopen", "recheck", "N", planned(deployment, "recheck")),
        Task("go-again", "gate", "N", planned(deployment, "gate")),
        Task("notice-start", "notice", "N", planned(deployment, "notice")),
    )


def pause(deployment: Deployment) -> tuple[Task, ...]:
    """What closes a night after which another one follows."""
    return (
        Task("pause", "hold", "Z", planned(deployment, "hold")),
        Task("notice-pause", "notice", "Z", planned(deployment, "notice")),
    )


def relief(deployment: Deployment) -> tuple[Task, ...]:
    """What is done between two servers when people have worked for long enough: others take over."""
    return (Task("hand-over", "hold", "H", planned(deployment, "hand-over")),)


def closing(deployment: Deployment) -> tuple[Task, ...]:
    """What ends the whole upgrade, inside the last window; where mail was held up, it comes back first."""
    retry = Task("retry", "verify", "E", planned(deployment, "retry"))
    return (
        *((retry,) if deployment.holding("mta", "mail-filter") else ()),
        Task("recheck-after", "recheck", "E", planned(deployment, "recheck")),
        Task("identity-free", "hold", "E", planned(deployment, "hold")),
        Task("publishing-free", "hold", "E", planned(deployment, "hold")),
        Task("notice-resumed", "notice", "E", planned(deployment, "notice")),
        Task("notice-finished", "notice", "E", planned(deployment, "notice")),
        Task("finished", "complete", "E", planned(deployment, "call")),
    )


def blanks(deployment: Deployment) -> tuple[tuple[str | None, str], ...]:
    """Every labelled blank that the runbook will print: (server or None, kind of step)."""
    return tuple((None, task.form) for task in preparation(deployment) if task.blank) + tuple(
        (name, task.kind) for name, tasks in tasks_by_server(deployment).items() for task in tasks if task.blank
    )
