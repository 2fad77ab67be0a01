"""Is it the time of the change, and are facts and clocks current?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from checker.checks.mechanism import FROZEN, Case, Word, check, failed, not_applicable, passed, unseen
from checker.legible import listed, several, span, stamp
from checker.report import STAGES, Stage
from checker.schedule.common_tasks import closing, pause
from checker.schedule.durations import total
from checker.schedule.nights import begin_by, groups
from checker.schedule.order import order
from checker.schedule.sizes import MEASURED
from checker.schedule.tasks import Task

# Ours: a review days ahead may look at yesterday's facts; for a go or no-go, what was measured must still be so.
FRESH: dict[Stage, timedelta] = {
    "change": timedelta(days=14),
    "two-days": timedelta(days=2),
    "one-hour": timedelta(hours=2),
    "server": timedelta(hours=1),
    "after": timedelta(hours=1),
}
AHEAD = timedelta(hours=2)  # ours: the go or no-go is said within the last hour or two before people begin
CLOCKS = timedelta(minutes=5)  # ours: the logs of two servers can still be laid side by side; Kerberos allows as much
# Ours: more than hosts without NTP differ in their middle; a clock that is minutes off decides no window.
COLLECTOR = timedelta(minutes=10)
# Of what was carried by hand the host's own clock is the only one, unless another time was written down beside it.
HERE = ("ssh", "ansible")  # ways of collecting that read the host's clock and this machine's at one moment
BOTH_CLOCKS = (*HERE, "kit", "playbook")  # or that of another machine, which asked
FUTURE = timedelta(minutes=5)  # clocks of two machines differ a little without anything being wrong


@check(
    "window-now",
    "It is the time of the change",
    subject="deployment",
    severity="blocker",
    stages=("change", "one-hour", "server"),
    reads=MEASURED,
    waivable=False,
    remedy=(
        "Verify that the clock is right and that change.windows are the approved ones. For a trial on another day: "
        "--rehearsal.",
        "If the window was extended that night: change: extended: {until, by, ticket}.",
        "A shipped sample has a fixed time: its first line names the --now to check it with.",
    ),
)
def window_now(case: Case) -> Word:
    """A window lies ahead or is running; for the go or no-go now is in one, or at most two hours before it.

    And there is time to start the next server: by the site's minutes; where ours decide, it is unknown.
    """
    near = STAGES.index(case.stage) >= STAGES.index("one-hour")
    windows = case.deployment.change.lasting
    observed = [
        f"now {_local(case.now, case)}",
        *(f"window {_local(a, case)} to {_local(b, case)}" for a, b in windows),
    ]
    if extended := case.deployment.change.extended:
        observed.append(f"extended until {extended.until.isoformat()} by {extended.by} ({extended.ticket})")
    expected = f"in a window, or at most {span(AHEAD)} before it" if near else "a window that lies ahead or is running"
    current = next((window for window in windows if case.now <= window[1]), None)
    if case.rehearsal:
        word = not_applicable("a rehearsal: the calendar is ignored")
    elif current is None:
        word = failed(f"all windows are over: the last one ended {_local(windows[-1][1], case)}", expected=expected)
    elif not near:
        word = passed(f"a window {'is running' if current[0] <= case.now else 'lies ahead'}", expected=expected)
    elif case.now < current[0] - AHEAD:
        word = failed(f"no window is near: the next one starts {_local(current[0], case)}", expected=expected)
    else:
        word = _in_time(case, current[1])._replace(expected=expected)
    apart, lines = _collector(case)
    if word.outcome != "fail" and apart > COLLECTOR:
        word = unseen(
            f"the clock of the collecting machine and the median of the hosts' clocks are {span(apart)} apart: "
            "the right time is unknown",
            expected=f"at most {span(COLLECTOR)} apart",
            remedy=("Find out which clock is wrong, have it set, and collect again: pmx-preflight collect.",),
        )
    return word._replace(observed=(*observed, *(lines if apart > COLLECTOR else ())))


def _in_time(case: Case, end: datetime) -> Word:
    """Whether those who are next can still be begun so that their high minutes end with the window."""
    change = case.deployment.change
    away = {*case.done, *(each.server for each in change.deferred)}
    left = [server.name for server in order(case.deployment.servers) if server.name not in away]
    coming = [name for name in left if name in case.named] or ([] if case.named else left[:1])
    if not coming:
        return passed("no server is left to start")
    rest = [kept for group in groups(case.deployment) if (kept := tuple(name for name in group if name not in away))]
    together = {name: group for group in rest for name in group}
    around = pause(case.deployment), closing(case.deployment)

    def latest(everything: bool) -> dict[str, datetime]:
        rests, ends = (_high(tasks, everything) for tasks in around)
        high = {each: _high(case.tasks[each], everything) for name in coming for each in together[name]}
        return {
            name: begin_by(group, high, name, end, ends if group is rest[-1] else rests)
            for name in coming
            if (group := together[name])
        }

    surely, by = latest(False), latest(True)
    lines = {name: f"{name} by {_local(by[name], case)}" for name in coming}
    late = [line for name, line in lines.items() if case.now > surely[name]]
    guessed = [line for name, line in lines.items() if case.now > by[name]]
    if late:
        return failed(f"too late to start: {listed(late)}", *lines.values())
    if guessed:
        return unseen(f"possibly too late to start, by our planning figures: {listed(guessed)}", *lines.values())
    return passed(f"there is time: start {listed([*lines.values()])}")


def _high(tasks: Sequence[Task], everything: bool) -> int:
    return total(task.minutes for task in tasks if everything or task.minutes.basis.kind != "ours").high


def _collector(case: Case) -> tuple[timedelta, tuple[str, ...]]:
    """How far the collecting machine's clock is from the middle one of the hosts' clocks, and both in words."""
    ahead = [
        (host.host_clock - host.collected_at).total_seconds()
        for host in case.facts.values()
        if host.reached and host.host_clock is not None and host.via in HERE
    ]
    if not ahead:
        return timedelta(), ()
    middle = timedelta(seconds=median(ahead))
    hosts = case.now + middle
    return abs(middle), (
        f"by the collecting machine's clock {_local(case.now, case)}",
        f"by the median of {several(len(ahead), 'host clock')} {_local(hosts, case)}",
    )


def _local(moment: datetime, case: Case) -> str:
    return stamp(moment, case.deployment.change.zone)


@check(
    "facts-fresh",
    "The facts are recent enough",
    subject="deployment",
    severity="blocker",
    stages=("two-days", "one-hour", "server", "after"),
    demands=("V07",),
    reads=("collected_at",),
    remedy=(
        "Collect the facts of every server again: pmx-preflight collect DEPLOYMENT -o DIR. If that changes nothing, "
        "a clock is wrong: this machine's, or that of a server whose output was copied by hand.",
    ),
)
def facts_fresh(case: Case) -> Word:
    """Age by the clock of the machine that collected them, against a limit named for each stage (ours).

    From the hour before to the end every server must have been seen, and the finished ones too: old or missing facts of
    servers outside this check are unknown (V07).
    """
    limit = FRESH[case.stage]
    expected = f"collected within {span(limit)} before this check (stage {case.stage})"
    wrong: list[str] = []
    unknown: list[str] = []
    ages: list[timedelta] = []
    for server in order(case.deployment.servers):
        own = case.judges(server.name) and (server.name not in case.done or case.stage == "after")
        if not own and case.stage not in FROZEN:
            continue
        host = case.facts.get(server.name)
        if host is None or not host.reached:
            if server.name not in case.excused:
                unknown.append(f"{server.name}: {'no facts' if host is None else f'not read ({host.outcome})'}")
            continue
        case.note(f"{server.name}:collected_at")
        age = case.now - host.collected_at
        by_its_own = host.via not in BOTH_CLOCKS and host.host_clock == host.collected_at
        ahead = host.host_clock - host.collected_at if host.via == "files" and host.host_clock else timedelta()
        its_clock = f"{server.name}: its clock, the only source of the age, is"
        if age < -FUTURE and by_its_own:
            unknown.append(f"{its_clock} {span(age)} ahead of this check")
        elif ahead > limit:
            unknown.append(f"{its_clock} {span(ahead)} ahead of the time of copying")
        elif age < -FUTURE or age > limit:
            told = (
                f"{server.name}: {f'collected {span(age)} after this check' if age < -FUTURE else f'{span(age)} old'}"
            )
            (wrong if own else unknown).append(told)
        else:
            ages.append(age)
    if wrong:
        return failed(
            f"the facts are too old or in the future: {listed(wrong, 3)}", *wrong, *unknown, expected=expected
        )
    if unknown:
        return unseen(f"not checked within the limit: {listed(unknown, 3)}", *unknown, expected=expected)
    if not ages:
        return passed("no facts are needed", expected=expected)
    return passed(f"the oldest are {span(max(ages))} old", expected=expected)


@check(
    "clocks-agree",
    "The servers' clocks agree",
    subject="deployment",
    severity="warning",
    stages=("one-hour",),
    reads=("host_clock",),
    remedy=("Have the clocks set before the window, not during it; or write the difference on the runbook.",),
)
def clocks_agree(case: Case) -> Word:
    """Each host's clock against the collecting machine's at the same moment; old hosts without NTP are normal."""
    wrong, missing, most = [], [], timedelta()
    for server in order(case.deployment.servers):
        if not case.judges(server.name) or server.name in case.done:
            continue
        host = case.facts.get(server.name)
        case.note(f"{server.name}:host_clock")
        if host is None or not host.reached or host.host_clock is None:
            missing.append(f"{server.name}: its clock was not read")
            continue
        ahead = host.host_clock - host.collected_at
        # what was carried was asked for before: its clock is so far ahead at least, and never known to agree
        if host.via not in BOTH_CLOCKS and (host.via == "local" or ahead <= CLOCKS):
            missing.append(f"{server.name}: read via {host.via}, without another clock to compare")
        else:
            most = max(most, abs(ahead))
            if abs(ahead) > CLOCKS:
                wrong.append(f"{server.name}: {span(ahead)} {'ahead' if ahead > timedelta() else 'behind'}")
    expected = f"within {span(CLOCKS)} of the machine that collected"
    if wrong:
        return failed(f"clocks differ: {', '.join(wrong)}", *wrong, expected=expected)
    if missing:
        return unseen(f"{several(len(missing), 'clock')} not compared", *missing, expected=expected)
    return passed(f"at most {span(most)} apart", expected=expected)
