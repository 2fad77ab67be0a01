"""Does the plan fit its windows, and are the facts young enough to decide on?"""

from datetime import timedelta

from checker.checks.mechanism import Case, Word, check, failed, passed, several, unseen
from checker.deployment import Deployment
from checker.durations import DECISIVE
from checker.nights import place
from checker.order import order
from checker.report import Stage
from checker.work import Task, server_tasks

# Ours: a review days ahead may look at yesterday's facts; for a go or no-go, what was measured must still be so.
FRESH: dict[Stage, timedelta] = {
    "change": timedelta(days=14),
    "two-days": timedelta(days=2),
    "one-hour": timedelta(hours=2),
    "server": timedelta(hours=1),
    "after": timedelta(hours=1),
}
CLOCKS = timedelta(minutes=5)  # ours: the logs of two servers can still be laid side by side; Kerberos allows as much
BOTH_CLOCKS = ("ssh", "ansible")  # ways of collecting that read the host's clock and their own at one moment
FUTURE = timedelta(minutes=5)  # clocks of two machines differ a little without anything being wrong


def _guessed(deployment: Deployment) -> dict[str, tuple[Task, ...]]:
    ordered = order(deployment.servers)
    return {
        server.name: tuple(
            task
            for task in server_tasks(deployment, server, ordered)
            if task.kind in DECISIVE and task.minutes.basis.kind == "ours"
        )
        for server in ordered
    }


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
    nights = place(case.deployment)
    zone = case.deployment.change.zone
    seen = tuple(
        f"night {night.number} ({night.start.astimezone(zone):%a %d %b %H:%M}, {night.length} minutes): "
        f"{several(len(night.servers), 'server')}, "
        f"{night.minutes.low}/{night.minutes.likely}/{night.minutes.high} minutes"
        for night in nights
    )
    guessed = _guessed(case.deployment)
    kinds = sorted({task.kind for tasks in guessed.values() for task in tasks})
    expected = "every night's high minutes within its window"
    over = []
    for night in nights:
        unknown = sum(task.minutes.high for name in night.servers for task in guessed[name])
        if night.minutes.high - unknown > night.length:
            over.append(f"night {night.number} by {night.minutes.high - unknown - night.length} minutes or more")
    if over:
        return failed(f"the plan exceeds its window: {', '.join(over)}", *seen, expected=expected)
    if kinds:
        return unseen(
            f"nobody has measured the minutes of {', '.join(kinds)}: ours are guesses and decide nothing",
            *seen,
            expected=expected,
        )
    return passed(f"{several(len(nights), 'night')}, each with room to spare", *seen, expected=expected)


@check(
    "facts-fresh",
    "The facts are young enough",
    subject="deployment",
    severity="blocker",
    stages=("two-days", "one-hour", "server"),
    remedy=("Collect the facts again: pmx-preflight collect DEPLOYMENT -o DIR.",),
)
def facts_fresh(case: Case) -> Word:
    """Age by the clock of the machine that collected them, against a limit named for each stage (ours)."""
    names = [server.name for server in order(case.deployment.servers) if case.judges(server.name)]
    names = [name for name in names if name not in case.done]
    limit = FRESH[case.stage]
    expected = f"collected within {limit} before this check (stage {case.stage})"
    missing = [name for name in names if name not in case.facts]
    ages = {name: case.now - case.facts[name].collected_at for name in names if name in case.facts}
    case.seen.update(f"{name}:collected_at" for name in ages)
    wrong = [f"{name}: collected {-age} after this check" for name, age in ages.items() if age < -FUTURE]
    wrong += [f"{name}: {age} old" for name, age in ages.items() if age > limit]
    if wrong:
        return failed(
            f"facts that do not count: {len(wrong)} of {several(len(ages), 'server')}", *wrong, expected=expected
        )
    if missing:
        return unseen(f"no facts from {', '.join(missing)}", expected=expected)
    if not ages:
        return passed("no server's facts are needed", expected=expected)
    return passed(f"the oldest are {max(ages.values())} old", expected=expected)


@check(
    "clocks-agree",
    "The servers' clocks agree",
    subject="deployment",
    severity="warning",
    stages=("one-hour",),
    remedy=("Have the clocks set before the window, not during it; or write the difference on the runbook's pages.",),
)
def clocks_agree(case: Case) -> Word:
    """Each host's clock against the collecting machine's at the same moment; old hosts without NTP are normal."""
    wrong, missing, most = [], [], timedelta()
    for server in order(case.deployment.servers):
        if not case.judges(server.name):
            continue
        host = case.facts.get(server.name)
        case.seen.add(f"{server.name}:host_clock")
        if host is None or not host.reached or host.host_clock is None:
            missing.append(f"{server.name}: its clock was not seen")
        elif host.via not in BOTH_CLOCKS:
            missing.append(f"{server.name}: read via {host.via}, without another clock beside its own")
        else:
            ahead = host.host_clock - host.collected_at
            most = max(most, abs(ahead))
            if abs(ahead) > CLOCKS:
                wrong.append(f"{server.name}: {abs(ahead)} {'ahead' if ahead > timedelta() else 'behind'}")
    expected = f"within {CLOCKS} of the machine that collected"
    if wrong:
        return failed(f"clocks differ: {', '.join(wrong)}", *wrong, expected=expected)
    if missing:
        return unseen(f"{several(len(missing), 'clock')} not compared", *missing, expected=expected)
    return passed(f"at most {most} apart", expected=expected)
