"""Were the facts collected for what the deployment declares today? One place says it, once a server."""

from collections.abc import Mapping

from checker.checks.mechanism import Case, Host, Word, check, passed, unseen
from checker.facts.host_facts import NotSeen
from checker.facts.probe.script import digest
from checker.facts.what_was_asked import changes, stranger
from checker.inputs.deployment import Server
from checker.report import STAGES, Stage

# what a value feeds is asked from its stage on, None: it decides nothing; all other values matter from the first one
DECIDES_FROM: Mapping[str, Stage | None] = {"paths.backup": "two-days", "pmx_status": None}


@check(
    "asked-the-same",
    "The facts were collected for what is declared today",
    subject="server",
    severity="blocker",
    stages=("change",),
    demands=("V03", "V04"),
    reads=("asked",),
    waivable=False,
    remedy=("Collect this server's facts again: the deployment file has changed since.",),
)
def asked_the_same(case: Case, server: Server, host: Host) -> Word:
    """By each declared path and pmx_status: only the facts that a changed value feeds are unknown, never identity."""
    if host.facts is None or not host.facts.reached:
        raise NotSeen("asked", "the server was not read")
    case.note(f"{server.name}:asked")
    if strange := stranger(case.deployment, host.facts):
        return unseen(strange, expected="facts that were collected for this deployment, by this edition")
    changed = changes(case.deployment, host.facts)
    expected = "the values that the facts were collected with"
    edition = host.facts.probe_digest
    notes = (f"collected by another edition of the probe ({edition})",) if edition and edition != digest() else ()
    deciding = [words for name, words in changed.items() if _decides(name, case.stage)]
    if deciding:
        return unseen("; ".join(deciding), *changed.values(), *notes, expected=expected)
    return passed("; ".join(changed.values()) or "as declared today", *changed.values(), *notes, expected=expected)


def _decides(name: str, stage: Stage) -> bool:
    first = DECIDES_FROM.get(name, "change")
    return first is not None and STAGES.index(first) <= STAGES.index(stage)
