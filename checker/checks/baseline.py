"""Does the baseline show the servers as they were before the upgrade began (V07)?"""

from datetime import timedelta

from checker.checks.access import holds_something
from checker.checks.mechanism import Case, Word, check, failed, passed, unseen
from checker.facts.catalogue import TARGET_ENTRIES
from checker.facts.host_facts import NotSeen
from checker.inputs.deployment import Server
from checker.legible import listed, stamp
from checker.schedule.order import order

OLD = timedelta(days=90)  # ours: in a quarter of a year machines are renumbered, and nobody remembers what was approved
TAKE = (
    "Before the first window, also on the same evening: pmx-preflight collect DEPLOYMENT -o approved. Keep it. Collect "
    "again with -o facts. Check with --facts facts --baseline approved.",
    "Once the window has begun, no baseline can be taken: stop here, and have another window approved.",
)


@check(
    "baseline-usable",
    "The baseline is from before the upgrade, and of these servers",
    subject="deployment",
    severity="blocker",
    stages=("one-hour", "server", "after"),
    demands=("V07",),
    reads=(TARGET_ENTRIES,),
    waivable=False,
    remedy=TAKE,
)
def baseline_usable(case: Case) -> Word:
    """Taken before the first window and before the facts, without version 6, of every server, and the approved one."""
    expected = "facts of every server, collected before the first window began and before the facts to check"
    if case.baseline is None:
        return unseen(
            "no baseline was given: it is unknown whether a name or an address has changed", expected=expected
        )
    wrong, missing, old = [], [], []
    for server in order(case.deployment.servers):
        faults, lacking = _of(case, server)
        wrong += [f"{server.name}: {fault}" for fault in faults]
        missing += [f"{server.name}: {lacking}"] if lacking else []
        before = case.baseline.get(server.name)
        old += [server.name] if before and case.now - before.collected_at > OLD else []
    declared, own = case.deployment.change.baseline, case.baseline_id
    if declared and declared != own:
        wrong.append(f"its facts id is {own}, approved is {declared} (change.baseline)")
    notes = [f"warning: older than {OLD.days} days (ours): {listed(old)}"] if old else []
    if not declared:
        notes.append(f"warning: the approved baseline is not recorded (change: baseline: {own})")
    if wrong:
        return failed(f"the baseline cannot be used: {listed(wrong, 3)}", *wrong, *missing, *notes, expected=expected)
    if missing:
        return unseen(
            f"missing in the baseline: {listed(missing, 3)}",
            *missing,
            *notes,
            expected=expected,
            remedy=("Before the first window: pmx-preflight collect DEPLOYMENT -o BASELINE --server NAME.", TAKE[1]),
        )
    taken = max(host.collected_at for host in case.baseline.values())
    words = f"of {stamp(taken, case.deployment.change.zone)} or before, facts id {own}"
    return passed("; ".join((words, *notes)), *notes, expected=expected)


def _of(case: Case, server: Server) -> tuple[list[str], str | None]:
    """What is wrong with a server's part of the baseline, and what is missing there."""
    zone, first = case.deployment.change.zone, case.deployment.change.nights[0][0]
    before, now = (case.baseline or {}).get(server.name), case.facts.get(server.name)
    if before is None or not before.reached:
        excused = server.name in case.excused
        return [], None if excused else "no facts" if before is None else f"not read ({before.outcome})"
    wrong = []
    if before.collected_at >= first:
        wrong.append(f"taken {stamp(before.collected_at, zone)}, after the first window began ({stamp(first, zone)})")
    if now is not None and now.reached and before.collected_at >= now.collected_at:
        same = case.as_before(server.name)
        wrong.append("the same facts as those to check" if same else "newer than the facts to check")
    try:
        if holds_something(case.before(server.name)[TARGET_ENTRIES]):
            wrong.append("version 6 is installed in it")
    except NotSeen as unread:
        return wrong, str(unread)
    return wrong, None
