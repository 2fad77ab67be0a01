"""What is done around the servers: the days before, the opening and the end of each night, and the end of it all."""

from checker.deployment import Deployment
from checker.durations import planned
from checker.order import order
from checker.work import Task, server_tasks


def preparation(deployment: Deployment) -> tuple[Task, ...]:
    """What is done in the days before the first window, in the order in which it falls due."""
    tasks = [
        Task(
            "measure-space",
            "record",
            "P",
            planned(deployment, "record"),
            blank=deployment.disk.installation_kib is None,
        ),
        Task("identity-changes", "recheck", "P", planned(deployment, "recheck")),
        Task("notice-freeze", "notice", "P", planned(deployment, "notice")),
    ]
    if deployment.holding("euwi"):
        tasks.append(Task("notice-users", "notice", "P", planned(deployment, "notice")))
    if deployment.holding("euwi", "gwi"):
        tasks.append(Task("notice-group-admins", "notice", "P", planned(deployment, "notice")))
    tasks += [
        Task("support", "support", "P", planned(deployment, "support")),
        Task("notice-help-desk", "notice", "P", planned(deployment, "notice")),
        Task("recheck-two-days", "recheck", "P", planned(deployment, "recheck")),
        Task("recheck-one-hour", "recheck", "P", planned(deployment, "recheck")),
    ]
    return tuple(tasks)


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
        Task("recheck-reopen", "recheck", "N", planned(deployment, "recheck")),
        Task("go-again", "gate", "N", planned(deployment, "gate")),
    )


def pause(deployment: Deployment) -> tuple[Task, ...]:
    """What closes a night after which another one follows."""
    return (
        Task("pause", "hold", "Z", planned(deployment, "hold")),
        Task("notice-pause", "notice", "Z", planned(deployment, "notice")),
    )


def closing(deployment: Deployment) -> tuple[Task, ...]:
    """What ends the whole upgrade, inside the last window."""
    return (
        Task("recheck-after", "recheck", "E", planned(deployment, "recheck")),
        Task("identity-free", "hold", "E", planned(deployment, "hold")),
        Task("publishing-free", "hold", "E", planned(deployment, "hold")),
        Task("notice-resumed", "notice", "E", planned(deployment, "notice")),
        Task("finished", "complete", "E", planned(deployment, "call")),
    )


def blanks(deployment: Deployment) -> tuple[tuple[str | None, str], ...]:
    """Every labelled blank that the runbook will print: (server or None, kind of step)."""
    ordered = order(deployment.servers)
    return tuple((None, task.form) for task in preparation(deployment) if task.blank) + tuple(
        (server.name, task.kind)
        for server in ordered
        for task in server_tasks(deployment, server, ordered)
        if task.blank
    )
