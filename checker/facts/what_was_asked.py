"""What a collection asked of a server, and which facts no longer count where the deployment says otherwise today.

Recorded by name with the value as declared, None where none was. Compared by the place that a value leads to: a part
that is declared where it stands anyway has not moved.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from checker.facts.catalogue import (
    BACKUP_MOUNT,
    DATABASE_LOOKUP,
    DATABASE_PORT,
    DATABASE_TARGET,
    MANIFEST,
    MTA,
    NEW_DATABASE_LOOKUP,
    NEW_DATABASE_PORT,
    NEW_DATABASE_TARGET,
    NEW_PART_FILES,
    NEW_PART_KIB,
    NEW_STARTERS,
    OLD_PATHS,
    PART_APPARENT_KIB,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    PEERS,
    QUEUE_NEW,
    QUEUE_OLD,
    SOURCE_ENTRIES,
    STARTERS,
    STATUS,
    TARGET_ENTRIES,
    TARGET_MOUNT,
)
from checker.facts.fact import Fact
from checker.facts.host_facts import Asked, HostFacts, Known, Unknown
from checker.inputs.deployment import PART_PLACES, Deployment, Part, Paths

DEPLOYMENT = "deployment"
STATUS_ALLOWED = "pmx_status"
SCRIPT = "script"  # not asked for: the digest of the script with its parameters, the time limit among them
PATHS = tuple(f"paths.{name}" for name in Paths.model_fields)
OLDER = "collected by an older edition that did not record what it asked for: collect again"

PART: tuple[Mapping[Part, Fact[Any]], ...] = (PART_KIB, PART_APPARENT_KIB, PART_FILES, PART_MOUNT)
# what the probe looks at by each value; names, addresses, file systems and the clock are the host's own, whatever is
# declared. A part of 5.6.1 that is not declared stands below paths.source, and moves with it.
FEEDS: Mapping[str, tuple[Fact[Any], ...]] = {
    "paths.source": (
        SOURCE_ENTRIES, MTA, STARTERS, OLD_PATHS, STATUS, QUEUE_OLD, MANIFEST,
        DATABASE_TARGET, DATABASE_LOOKUP, DATABASE_PORT, PEERS,
        *(kind[part] for part in ("configuration", "queue") for kind in PART),
    ),
    "paths.target": (
        TARGET_ENTRIES, TARGET_MOUNT, NEW_STARTERS, QUEUE_NEW, *NEW_PART_KIB.values(), *NEW_PART_FILES.values(),
        NEW_DATABASE_TARGET, NEW_DATABASE_LOOKUP, NEW_DATABASE_PORT,
    ),
    "paths.quarantine": (*(kind["quarantine"] for kind in PART), MANIFEST),
    "paths.logs": (*(kind["logs"] for kind in PART), MANIFEST),
    "paths.database": (*(kind["database"] for kind in PART), MANIFEST),
    "paths.backup": (BACKUP_MOUNT,),
    STATUS_ALLOWED: (STATUS,),
}  # fmt: skip


def asked_of(deployment: Deployment) -> Asked:
    """What a collection for this deployment asks, by name."""
    paths = {f"paths.{name}": getattr(deployment.paths, name) for name in Paths.model_fields}
    return {DEPLOYMENT: deployment.deployment, **paths, STATUS_ALLOWED: deployment.probe.pmx_status}


def said(lines: Iterable[str]) -> Asked:
    """What the probe says that it was asked: a line `NAME VALUE` each, without a value where none was declared."""
    found: Asked = {}
    for line in lines:
        name, _, value = line.partition(" ")
        if name != SCRIPT:
            found[name] = value == "1" if name == STATUS_ALLOWED else value or None
    return found


def script_said(lines: Iterable[str]) -> str | None:
    """The digest of the script as it was sent to the host: recorded, and never judged."""
    return next((line.partition(" ")[2] or None for line in lines if line.startswith(f"{SCRIPT} ")), None)


def paths_of(asked: Asked) -> Paths | None:
    """The paths that were asked for; None where no such paths can be declared."""
    declared = {name: asked.get(f"paths.{name}") for name in Paths.model_fields}
    try:
        return Paths.model_validate({name: value for name, value in declared.items() if value is not None})
    except ValidationError:
        return None


def changes(deployment: Deployment, host: HostFacts) -> dict[str, str]:
    """The values that are others than when these facts were asked, and in which way; none where nobody can tell."""
    if host.asked is None:
        return {}
    then = paths_of(host.asked)
    found = {}
    for name in PATHS:
        now = _place(deployment.paths, name)
        if now is None:  # declared no longer: nothing hangs on what it fed
            continue
        if then is None or name not in host.asked:
            found[name] = f"{name} is {now}, but it is unknown what was asked for"
        elif (before := _place(then, name)) != now:
            found[name] = f"{name} was {before or 'not declared'} when the facts were collected and is now {now}"
    if host.asked.get(STATUS_ALLOWED) != deployment.probe.pmx_status:
        found[STATUS_ALLOWED] = "probe.pmx_status was different when the facts were collected"
    return found


def _place(paths: Paths, name: str) -> str | None:
    own = name.removeprefix("paths.")
    place: str | None = paths.of(own) if own in PART_PLACES else getattr(paths, own)
    return place


def stranger(deployment: Deployment, host: HostFacts) -> str | None:
    """Why it cannot be told whether these facts answer for this deployment; None where it can."""
    if host.asked is None:
        return OLDER
    other = host.asked.get(DEPLOYMENT)
    if other is not None and other != deployment.deployment:
        return f"collected for the deployment {other}, but this is {deployment.deployment}: collect again"
    return None


def still_asked(
    deployment: Deployment, facts: Mapping[str, HostFacts], unsaid: Collection[str] = ()
) -> dict[str, HostFacts]:
    """The facts, those unknown that a changed value feeds.

    Of the servers `unsaid` no check says that all of their facts are strangers: there these are unknown too.
    """
    return {name: _still_asked(deployment, host, name in unsaid) for name, host in facts.items()}


def _still_asked(deployment: Deployment, host: HostFacts, unsaid: bool) -> HostFacts:
    why = {
        fact.path: f"{words}: collect again"
        for name, words in changes(deployment, host).items()
        for fact in FEEDS.get(name, ())
    }
    strange = stranger(deployment, host) if unsaid else None
    if strange:
        why |= {fact.path: strange for feed in FEEDS.values() for fact in feed}
    lost = {path: Unknown(unknown=why[path]) for path in why if _says_something(host.facts.get(path))}
    return host.model_copy(update={"facts": {**host.facts, **lost}}) if lost else host


def _says_something(fact: Known | Unknown | None) -> bool:
    return isinstance(fact, Known) or (fact is not None and fact.partial is not None)
