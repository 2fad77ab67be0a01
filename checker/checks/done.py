"""Are the servers named as done really upgraded, in the vendor's order (V02, V11, V12, V19, V21, V22)?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from checker.checks.access import holds_something, target_absent
from checker.checks.mechanism import REGISTERED, Case, Host, Word, asked, check, failed, not_applicable, passed, unseen
from checker.checks.waiving import applied
from checker.facts.catalogue import TARGET_ENTRIES
from checker.facts.host_facts import NotSeen
from checker.inputs.change import Deferred
from checker.inputs.deployment import Role, Server
from checker.legible import listed, several
from checker.schedule.order import missing_before, order
from checker.schedule.sizes import MEASURED

COLLECT = (
    "Collect the facts of this server again, now that it is upgraded: pmx-preflight collect DEPLOYMENT -o DIR. If "
    "version 6 is still absent, the server is not done: remove it from --done.",
)
DEFERRED = (
    "Declare a server that is upgraded later on purpose: change: deferred: [{server, reason, by, ticket}]. If a later "
    "phase goes before it, add the vendor's case number (case)."
)
CALL = (
    "HOLD: start on no further server, and call Sophos Technical Support (V10).",
    "If a finished server is only missing from --done, name it there and check again.",
    DEFERRED,
)
FIRST = (
    "Upgrade and complete the servers that come first. Name a server that is already complete with --done (or "
    "--done-through).",
    DEFERRED,
)


def from_before_its_upgrade(case: Case, server: Server) -> bool:
    """Whether facts without version 6 may be from before the upgrade of a server that is called done.

    They may when they were collected before the first window began, or when between them and now the server's work
    could have been done, in its low minutes.
    """
    host = case.facts.get(server.name)
    if host is None or host.collected_at < case.deployment.change.nights[0][0]:
        return True
    return case.now - host.collected_at >= timedelta(minutes=case.weights[server.name].low)


@check(
    "after-target-present",
    "Version 6 is installed",
    subject="server",
    severity="blocker",
    stages=("after",),
    demands=("V20",),
    reads=(TARGET_ENTRIES, *MEASURED),
    waivable=False,
    remedy=("This server is not upgraded, or paths.target is wrong. Stop here: the coordinator decides.",),
)
def after_target_present(case: Case, server: Server, host: Host) -> Word:
    """A server named as done must hold version 6, by facts that are not from before its upgrade."""
    entries, target = host[TARGET_ENTRIES], case.deployment.paths.target
    if holds_something(entries):
        return passed(f"{target} is present, with the product in it")
    state, expected = "absent" if entries is None else "empty", f"{target} with the product in it"
    if from_before_its_upgrade(case, server):
        return unseen(
            f"{target} was {state} when the facts were collected, possibly before its upgrade",
            expected=expected,
            remedy=COLLECT,
        )
    return failed(f"{target} is {state}", expected=expected)


def _claims(case: Case, ordered: tuple[Server, ...]) -> tuple[Iterator[str], Iterator[str]]:
    """What is wrong with servers that are called done by their own facts, and what is not known of them."""
    said = [(server, _claim(case, server)) for server in ordered if server.name in case.done]
    wrong = (f"{server.name}: {words}" for server, (outcome, words) in said if outcome == "fail")
    return wrong, (f"{server.name}: {words}" for server, (outcome, words) in said if outcome == "unknown")


def _claim(case: Case, server: Server) -> tuple[str, str]:
    try:
        word = after_target_present(case, server, case.host(server.name))
    except NotSeen as missing:
        return "unknown", str(missing)
    return word.outcome, word.message


def _holds_it(case: Case, server: Server) -> bool:
    """Whether version 6 is there, and nobody has accepted it as what an earlier attempt left (a waiver)."""
    # nothing is passed on this fact, so that it is no basis either
    host = replace(case.host(server.name), seen=set())
    try:
        if not holds_something(host[TARGET_ENTRIES]):
            return False
    except NotSeen:
        return False
    left = REGISTERED["target-absent"]
    return applied(left, server.name, target_absent(case, server, host), case.deployment, case.now) is None


Missing = tuple[tuple[str, str], ...]


def _waiting(
    ordered: Sequence[Server], names: Collection[str], done: Collection[str], deferred: Sequence[Deferred]
) -> Iterator[tuple[Server, Missing]]:
    """Which of the servers named have a predecessor that is not done, and which."""
    for server in ordered:
        if server.name in names and (missing := missing_before(server, ordered, done, deferred)):
            yield server, missing


def _who(missing: Missing) -> str:
    return f"{listed([name for name, _ in missing])} ({missing[0][1]})"


@check(
    "order-respected",
    "Finished servers and the next one are in the vendor's order",
    subject="deployment",
    severity="blocker",
    stages=("one-hour", "server", "after"),
    demands=("V02", "V11", "V12", "V19", "V21", "V22"),
    reads=(TARGET_ENTRIES, *MEASURED),
    waivable=False,
    remedy=CALL,
)
def order_respected(case: Case) -> Word:
    """Finished servers have all their predecessors behind them, and so has each server that is named to be next.

    Predecessors: the Database, the phases before, the one declared first among equals. Two of a phase that are named
    together wait for the first of them to be tested (V21). Inside a phase any other order passes, with a warning.
    """
    ordered = order(case.deployment.servers)
    if len(ordered) == 1:
        return not_applicable("a single server has no order")
    lasting = [each for each in case.deployment.change.deferred if each.server not in case.done]
    # at the end everything is called done, and nobody has to name it
    whole = case.stage == "after" and not case.named
    done = {server.name for server in ordered if whole or server.name in case.done}
    done -= {each.server for each in lasting}
    observed = (
        f"done: {listed([server.name for server in ordered if server.name in done]) or 'none'}",
        *(f"deferred: {each.server}, by {each.by} ({each.ticket}): {each.reason}" for each in lasting),
    )
    expected = "Database and CSM, then mail, then web interfaces; the one declared first before its equals"
    broken = [
        f"{server.name} is named as done before {_who(missing)}"
        for server, missing in _waiting(ordered, done, done, lasting)
    ]
    holding = {server.name for server in ordered if _holds_it(case, server)}
    broken += [
        f"{server.name} holds version 6 before {_who(missing)}"
        for server, missing in _waiting(ordered, holding - done, done | holding, lasting)
    ]
    wrong, unknown = map(list, _claims(case, ordered))
    if broken:
        return failed(listed(broken), *observed, *wrong, expected=expected)
    if wrong:
        return failed(f"named as done, but not upgraded: {'; '.join(wrong)}", *observed, expected=expected)
    if early := _too_early(case, ordered, done):
        return asked(f"not yet: {listed(early)}", *observed, *unknown, expected=expected)._replace(remedy=FIRST)
    if unknown:
        return unseen(
            f"named as done, but not checked: {'; '.join(unknown)}", *observed, expected=expected, remedy=COLLECT
        )
    return passed(_next(case, ordered, done), *observed, expected=expected)


def _too_early(case: Case, ordered: Sequence[Server], done: Collection[str]) -> list[str]:
    """Which servers that are named to be next must wait, and for whom."""
    deferred = case.deployment.change.deferred
    named = [server for server in ordered if server.name in case.named and server.name not in done]
    left = {each.server for each in deferred}
    early = [f"{server.name} is deferred (change.deferred)" for server in named if server.name in left]
    early += [
        f"{server.name} comes after {_who(missing)}"
        for server, missing in _waiting(ordered, [server.name for server in named], done, deferred)
    ]
    if early:
        return early
    kinds: tuple[tuple[Role, str], ...] = (("mail-filter", "Mail Filter"), ("mta", "Mail Transfer Agent"))
    for role, words in kinds:
        own = [server.name for server in named if server.has(role)]
        tested = any(server.has(role) for server in ordered if server.name in done)
        if len(own) > 1 and not tested:
            early.append(
                f"{', '.join(own)}: test the first {words} before you start on the next (V21); name one of them"
            )
    return early


def _next(case: Case, ordered: Sequence[Server], done: Collection[str]) -> str:
    """What passes, and how it differs from the order that is printed."""
    left = [server for server in ordered if server.name not in done]
    named = [server for server in left if server.name in case.named]
    words = f"{several(len(done), 'server')} done, in the vendor's order"
    if named:
        asked_for = "checked" if case.stage == "after" else "next, one at a time"
        words += f"; {asked_for}: {listed([server.name for server in named])}"
    elif left:
        words += f"; next: {left[0].name}"
    else:
        words += ": all of them"
    places = {server.name: place for place, server in enumerate(ordered)}
    last = max((places[name] for name in {*done, *(server.name for server in named)}), default=-1)
    passed_over = [server.name for server in left if places[server.name] < last and server not in named]
    if passed_over:
        words += (
            f". Warning: the printed order has {listed(passed_over)} earlier. Inside a phase the site may choose, "
            "but the printed times and the test of the first server no longer fit"
        )
    return words
