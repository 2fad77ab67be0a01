"""Can the baseline vouch for what the servers were before the upgrade began (V07)?"""

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
    "Before the first window, the same evening too: pmx-preflight collect DEPLOYMENT -o approved. Keep it, collect "
    "again with -o facts, and check with --facts facts --baseline approved.",
    "Once the window has begun no baseline can be taken any more: stop here, and have another window approved.",
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
    expected = "facts of every server, collected before the first window began and before those that are judged"
    if case.baseline is None:
        return unseen(
            "no baseline was given: nothing tells whether a name or an address has changed", expected=expected
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
        notes.append(f"warning: nobody has written down which one was approved (change: baseline: {own})")
    if wrong:
        return failed(f"it vouches for nothing: {listed(wrong, 3)}", *wrong, *missing, *notes, expected=expected)
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
        return [], None if excused else "no facts of it" if before is None else f"it was not read ({before.outcome})"
    wrong = []
    if before.collected_at >= first:
        wrong.append(f"taken {stamp(before.collected_at, zone)}, after the first window began ({stamp(first, zone)})")
    if now is not None and now.reached and before.collected_at >= now.collected_at:
        same = case.as_before(server.name)
        wrong.append("these are the very facts that are judged" if same else "younger than the facts that are judged")
    try:
        if holds_something(case.before(server.name)[TARGET_ENTRIES]):
            wrong.append("it shows version 6")
    except NotSeen as unread:
        return wrong, str(unread)
    return wrong, None
