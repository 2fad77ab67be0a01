"""Does the plan fit its windows?"""

from collections import Counter
from collections.abc import Mapping, Sequence

from checker.checks.mechanism import Case, Word, check, failed, passed, unseen
from checker.inputs.deployment import Deployment
from checker.inputs.minutes import OURS, Minutes, Work
from checker.legible import gib, several
from checker.report import Measure
from checker.schedule.common_tasks import closing, opening, pause, relief
from checker.schedule.durations import DECISIVE, OTHER_UPGRADE, Estimate, best_documented, total
from checker.schedule.nights import Night, further_window, groups, nights_in, nights_of
from checker.schedule.order import database_server
from checker.schedule.sizes import MEASURED, Sizes, chosen_parts
from checker.schedule.tasks import Task, tasks_by_server

LARGEST = 3  # ours: planning figures that are named; the first ones are worth measuring


@check(
    "window-fits",
    "The whole plan fits its windows by the longest durations",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V07",),
    reads=MEASURED,
    remedy=(
        "Measure backup, upgrade and migration in a rehearsal and write the minutes into procedure or rehearsal. "
        "Then extend the window, add a night, or ask the change board for both.",
    ),
)
def window_fits(case: Case) -> Word:
    """Whole servers are placed into the windows; phase 1 is never split; the identity freeze spans all nights."""
    deployment, sizes = _tried_by_now(case), case.sizes
    tasks = case.tasks if deployment is case.deployment else tasks_by_server(deployment, sizes)
    case.note(*(ref for own in tasks.values() for task in own for ref in _facts_behind(task)))
    weights = {name: total(task.minutes for task in own) for name, own in tasks.items()}
    nights = nights_in(deployment, weights, deployment.change.nights)
    seen = (
        *(_night(night, deployment) for night in nights),
        *_too_long(deployment, nights, weights),
        *_documented(deployment, sizes),
    )
    guesses = _guesses(deployment, nights, [task for own in tasks.values() for task in own])
    expected = "every night's longest duration within its window"
    # what does not fit even without our figures fits in no case; only the last window is ever exceeded
    surely = nights_of(_without_ours(deployment), sizes)[-1].overrun
    if surely:
        over = f"night {nights[-1].number} by {several(surely, 'minute')}{' or more' if guesses else ''}"
        measure = Measure(value=surely, unit="minutes", worse="more")
        return failed(f"the plan exceeds its window: {over}", *seen, expected=expected, measure=measure)
    guessed = sorted(DECISIVE & guesses.keys())
    if guessed or nights[-1].overrun:
        largest = guesses.most_common(LARGEST)
        return unseen(
            f"not measured: the minutes of {', '.join(guessed)} (our planning figures are guesses and decide nothing)"
            if guessed
            else f"night {nights[-1].number} is {several(nights[-1].overrun, 'minute')} too long by our planning "
            f"figures, of which the largest are {', '.join(f'minutes.{key}' for key, _ in largest)}",
            *(f"minutes.{key}: at most {OURS[key][2]} by our planning figure, {high} in all" for key, high in largest),
            *seen,
            expected=expected,
            remedy=(
                "Write how long these take at your site: minutes: {"
                + ", ".join(f"{key}: {{low: …, likely: …, high: …}}" for key, _ in largest)
                + "}; a rehearsal shows it. Or extend the window, or add a night.",
            ),
        )
    return passed(f"{several(len(nights), 'night')}: the plan fits", *seen, expected=expected)


def _tried_by_now(case: Case) -> Deployment:
    """The deployment without a rehearsal that is still to come: it has measured nothing."""
    tried, deployment = case.deployment.rehearsed, case.deployment
    if tried is None or tried.on <= case.now.astimezone(deployment.change.zone).date():
        return deployment
    answers = deployment.answers.model_copy(update={"rehearsal": None})
    return deployment.model_copy(update={"rehearsal": None, "answers": answers})


def _without_ours(deployment: Deployment) -> Deployment:
    """The deployment in which nothing takes any time that only we have guessed."""
    nothing = Minutes.model_construct(low=0, likely=0, high=0)
    return deployment.model_copy(update={"minutes": dict.fromkeys(OURS, nothing) | deployment.minutes})


def _guesses(deployment: Deployment, nights: Sequence[Night], tasks: Sequence[Task]) -> Counter[Work]:
    """The high minutes of all that rests on a planning figure of ours, by what it is for."""
    around = [
        task
        for night in nights
        for task in (
            *opening(deployment, night.number),
            *(closing if night is nights[-1] else pause)(deployment),
            *relief(deployment) * len(night.relieved),
        )
    ]
    found: Counter[Work] = Counter()
    for task in (*tasks, *around):
        if task.minutes.basis.kind == "ours":
            found[task.row.minutes] += task.minutes.high
    return found


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
        f"it would fit if night {last.number} were longer by {several(last.overrun, 'minute')}",
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
        f"for 8.5 GB{figure}; a documented figure, optimistic and not used in any sum"
    ]
