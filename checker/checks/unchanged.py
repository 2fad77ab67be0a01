"""Does every server still have the identity of the baseline (V07, V24)?"""

from datetime import timedelta

from checker.checks.identity import RELIED_ON, REMEDY, on_interfaces, relied_on, same_name
from checker.checks.mechanism import Case, Host, Word, check, failed, passed, unseen
from checker.facts.addresses import one_writing
from checker.facts.catalogue import CONFIGURED_HOSTNAME, HOST_KEYS, HOSTNAME
from checker.facts.host_facts import NotSeen
from checker.inputs import answer_text
from checker.inputs.answers import IdentityUnchanged
from checker.inputs.deployment import Server
from checker.report import NO_BASELINE

ANSWERED = timedelta(days=1)  # ours: that nothing has changed is verified on the evening itself
KEYS = (
    "Make the public host keys of the server readable and collect again; or verify the server by hand on that evening, "
    "and answer.",
    answer_text.remedy("identity-unchanged"),
)


def _must_stay(case: Case, server: Server, used: frozenset[str] | None) -> set[str]:
    """The floating addresses of a server that the database or a mail path uses: they stay where they were."""
    carries = any(server.name in path.members for path in case.deployment.mail_paths)
    return {one_writing(text) for text in server.floating if carries or used is None or one_writing(text) in used}


@check(
    "identity-unchanged",
    "Name, addresses and host keys are those of the baseline",
    subject="server",
    severity="blocker",
    stages=("one-hour", "server", "after"),
    demands=("V07", "V24"),
    reads=(HOSTNAME, CONFIGURED_HOSTNAME, HOST_KEYS, *RELIED_ON),
    waivable=False,
    remedy=REMEDY,
)
def identity_unchanged(case: Case, server: Server, host: Host) -> Word:
    """Against the baseline: names, relied-on addresses, host keys, and where floating addresses are that are used.

    Other floating addresses, and link-local, temporary and container ones, may come and go.
    """
    if case.baseline is None:
        return unseen(NO_BASELINE, remedy=("Give the baseline with --baseline (see baseline-usable).",))
    before = case.before(server.name)
    used = case.used_before
    changed = []
    for fact, words in ((HOSTNAME, "host name"), (CONFIGURED_HOSTNAME, "configured host name")):
        old, new = (before[fact], host[fact]) if fact is HOSTNAME else (before.get(fact), host.get(fact))
        if old is not None and new is not None and not same_name(old, new):
            changed.append(f"{words} was {old}, is {new}")
    old_addresses = relied_on(server, before, used)
    new_addresses = relied_on(server, host, (used or frozenset()) | (case.used_now or frozenset()))
    present, was = on_interfaces(host), on_interfaces(before)
    changed += [f"address {text} is gone" for text in sorted(old_addresses - present)]
    changed += [f"address {text} is new" for text in sorted(new_addresses - was)]
    changed += [
        f"floating address {text} is no longer on it" for text in sorted(_must_stay(case, server, used) & was - present)
    ]
    unread = _host_keys(case, server, before, host, changed)
    if changed:
        return failed("; ".join(changed), *changed, expected="nothing changed since the baseline")
    if unread:
        return unseen(f"not checked: {unread}", remedy=KEYS, expected="a host key that the baseline has too")
    when = before.facts.collected_at if before.facts else None
    return passed(f"as in the baseline of {when:%Y-%m-%d %H:%M} UTC" if when else "as in the baseline")


def _host_keys(case: Case, server: Server, before: Host, host: Host, changed: list[str]) -> str | None:
    """Adds to what has changed that no host key is the same; why that is not known, where no answer says it either."""
    try:
        old, new = set(before[HOST_KEYS]), set(host[HOST_KEYS])
    except NotSeen as unread:
        answer = case.answer(IdentityUnchanged, server.name)
        zone = case.deployment.change.zone
        if answer is None:
            return str(unread)
        if not answer.confirmed:
            changed.append(f"answered: another machine ({answer.by}, {answer.at})")
        elif answer.at < (case.now.astimezone(zone) - ANSWERED).date():
            return f"{unread} (the answer is of {answer.at})"
        return None
    if old and not old & new:
        changed.append("all SSH host keys are different")
    return None
