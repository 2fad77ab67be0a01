"""Does the plan fit its windows?"""

from collections.abc import Mapping, Sequence

from checker.checks.disk import gib
from checker.checks.mechanism import Case, Word, check, failed, passed, several, unseen
from checker.deployment import Deployment
from checker.durations import DECISIVE, OTHER_UPGRADE, Estimate, best_documented, total
from checker.nights import Night, further_window, groups, placed
from checker.order import database_server, order
from checker.sizes import Sizes, chosen_parts, measured
from checker.work import Task, server_tasks


@check(
    "window-fits",
    "The whole plan fits its windows with the high minutes",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V07",),
    remedy=(
        "Measure backup, upgrade and migration in a rehearsal and write the minutes into procedure or rehearsal; "
        "then lengthen the window, add a night, or ask the change board for both.",
    ),
)
def window_fits(case: Case) -> Word:
    """Whole servers are placed into the windows; phase 1 is never split; the identity freeze spans all nights."""
    deployment, sizes = case.deployment, measured(case.facts)
    ordered = order(deployment.servers)
    tasks = {server.name: server_tasks(deployment, server, ordered, sizes) for server in ordered}
    case.seen.update(ref for own in tasks.values() for task in own for ref in _facts_behind(task))
    nights = case.nights
    seen = (
        *(_night(night, deployment) for night in nights),
        *_too_long(deployment, nights, {name: total(task.minutes for task in own) for name, own in tasks.items()}),
        *_documented(deployment, sizes),
    )
    guessed = sorted({task.kind for own in tasks.values() for task in own if _is_guess(task)})
    known = {name: total(task.minutes for task in own if not _is_guess(task)) for name, own in tasks.items()}
    expected = "every night's high minutes within its window"
    # what does not fit even without the guesses fits in no case; only the last window is ever exceeded
    surely = placed(deployment, known, deployment.change.nights)[-1].overrun
    if surely:
        over = f"night {nights[-1].number} by {several(surely, 'minute')}{' or more' if guessed else ''}"
        return failed(f"the plan exceeds its window: {over}", *seen, expected=expected)
    if guessed:
        return unseen(
            f"nobody has measured the minutes of {', '.join(guessed)}: ours are guesses and decide nothing",
            *seen,
            expected=expected,
        )
    return passed(f"{several(len(nights), 'night')}, each with room to spare", *seen, expected=expected)


def _is_guess(task: Task) -> bool:
    return task.kind in DECISIVE and task.minutes.basis.kind == "ours"


def _facts_behind(task: Task) -> tuple[str, ...]:
    basis = task.minutes.basis
    return tuple(ref for ref in basis.refs if ":" in ref) if basis.kind == "measured" else ()


def _night(night: Night, deployment: Deployment) -> str:
    return (
        f"night {night.number} ({night.start.astimezone(deployment.change.zone):%a %d %b %H:%M}, "
        f"{night.length} minutes): {several(len(night.servers), 'server')}, "
        f"{night.minutes.low}/{night.minutes.likely}/{night.minutes.high} minutes"
    )


def _too_long(deployment: Deployment, nights: Sequence[Night], weights: Mapping[str, Estimate]) -> list[str]:
    """What would make the plan fit, where it does not: the last window longer, one more, or a server made quicker."""
    last = nights[-1]
    if not last.overrun:
        return []
    longest = max(int((end - start).total_seconds() // 60) for start, end in deployment.change.nights)
    said = [
        f"{' and '.join(names)} alone {'needs' if len(names) == 1 else 'need'} {minutes} minutes: the longest window "
        f"has {longest}"
        for names in groups(deployment)
        if (minutes := sum(weights[name].high for name in names)) > longest
    ]
    return [
        *said,
        f"it would fit with night {last.number} longer by {several(last.overrun, 'minute')}",
        f"or with one more window after it of {several(further_window(deployment, weights), 'minute')} or more",
    ]


def _documented(deployment: Deployment, sizes: Sizes) -> list[str]:
    """The figures of another upgrade, beside the migration of the Database server: a bound, and in no sum."""
    database = database_server(deployment)
    if database is None or "database" not in chosen_parts(deployment, database):
        return []
    kib = sizes.kib.get((database.name, "database"))
    best = best_documented(kib) if kib else None
    figure = f"; {gib(kib)} would take {several(best.likely, 'minute')} at that pace" if kib and best else ""
    return [
        f"{database.name}, database: another upgrade of it ({OTHER_UPGRADE}) took 80 seconds for 2 GB and 10 minutes "
        f"for 8.5 GB{figure}; an optimistic bound (documented), in no sum"
    ]
