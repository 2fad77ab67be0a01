"""Is the upgraded server complete (V20): its services, mail, database and data, and its 5.6.1 installation?"""

import re

from checker.checks.database import is_here, name_of
from checker.checks.mechanism import Case, Host, Word, check, failed, not_applicable, passed, said_by, unseen
from checker.checks.observed import POSTGRES, POSTGRES_PORT, POSTGRES_SEEN, postgres_listeners
from checker.checks.queues import OLD, QUEUED_AFTER, drained, queues, queues_after, too_early
from checker.checks.services import services_not_seen, services_of
from checker.facts.catalogue import (
    DATABASE_TARGET,
    LISTENERS,
    MANIFEST,
    MTA,
    NEW_DATABASE_LOOKUP,
    NEW_DATABASE_PORT,
    NEW_DATABASE_TARGET,
    NEW_PART_FILES,
    NEW_PART_KIB,
    NEW_STARTERS,
    OLD_PATHS,
    PART_FILES,
    PART_KIB,
    STARTERS,
)
from checker.facts.host_facts import NotSeen
from checker.inputs import answer_text
from checker.inputs.answers import AfterDatabaseReachable
from checker.inputs.deployment import Server, role_names
from checker.legible import gib, several
from checker.schedule.sizes import MEASURED, chosen_parts

DEFINED = re.compile(r"/init\.d/|/systemd/system/[^/]+$")  # a script or unit, which a link of the next kind calls
LINKED = re.compile(r"/rc[0-9S]?\.d/S|\.wants/")
STOPPING = re.compile(r"/rc[0-9S]?\.d/K")  # called at a change of run level, and starts nothing
# Ours: a database that was dumped and loaded again has lost its dead rows, and may well be half as large. Below a
# quarter something is missing.
SHRINKS = 4


def _on(starters: set[str], linked: bool) -> list[str]:
    """Of the files that name a product those that start it; `linked`: on this host scripts are called by links."""
    return sorted(p for p in starters if not (STOPPING.search(p) or (linked and DEFINED.search(p))))


@check(
    "autostart-after",
    "A reboot starts version 6, and not 5.6.1",
    subject="server",
    severity="warning",
    stages=("after",),
    demands=("V20",),
    reads=(OLD_PATHS, STARTERS, NEW_STARTERS),
    remedy=(
        "Disable the init scripts of 5.6.1 and enable those of version 6, by this system's own means, before anybody "
        "reboots this server. Delete nothing.",
    ),
)
def autostart_after(case: Case, server: Server, host: Host) -> Word:
    """What starts each product at boot or by time; where links call the scripts, a script without one is off."""
    both = {hit.path for hit in host.get(OLD_PATHS) or ()}
    new = set(host[NEW_STARTERS])
    old = set(host[STARTERS]) - (new - both)
    linked = any(LINKED.search(path) for path in old | new)
    olds, news = _on(old, linked), _on(new, linked)
    seen = (*(f"5.6.1: {path}" for path in olds), *(f"version 6: {path}" for path in news))
    expected = "none of 5.6.1, at least one of version 6"
    if olds:
        more = "" if news else ", and nothing starts version 6"
        return failed(f"still starts 5.6.1: {', '.join(olds)}{more}", *seen, expected=expected)
    if not news:
        return failed("checked: nothing starts version 6", *seen, expected=expected)
    return passed(f"only version 6: {', '.join(news)}", *seen, expected=expected)


def _database_listens(host: Host) -> bool:
    target = host[NEW_DATABASE_TARGET]
    port = (target.port if is_here(target.host) else None) or POSTGRES_PORT
    return any(row.process in POSTGRES or row.port == port for row in host[LISTENERS])


def _never_on(case: Case, server: Server) -> dict[str, str]:
    """Services whose default port the baseline had closed as well, while it shows that the product ran.

    A baseline that was taken while the product was stopped says of no port that this site has no use for it. Port 25
    shows the product only where its own agent is there: every system has a program for its own mail.
    """
    if case.baseline is None:
        return {}
    before = case.before(server.name)
    try:
        closed = services_not_seen(server, before)
    except NotSeen:
        return {}
    own = any("bundled" in kind for kind in before.get(MTA) or ())
    up = services_of(server).keys() - closed.keys() - (set() if own else {"Mail Transfer Agent"})
    ran = up or (server.has("database") and postgres_listeners(before))
    return closed if ran else {}


@check(
    "after-services",
    "The services of the server's roles are back",
    subject="server",
    severity="blocker",
    stages=("after",),
    demands=("V20",),
    reads=(*POSTGRES_SEEN, NEW_DATABASE_TARGET, MTA),
    remedy=(
        "Check the product's own status on this server. Start only what is not running. If the next step is not clear: "
        "HOLD, and call Sophos Technical Support (V10). If your site has changed a port, waive this finding with that "
        "reason.",
    ),
)
def after_services(case: Case, server: Server, host: Host) -> Word:
    """By the default ports of each role; one that was closed before as well, while the product ran, is not counted."""
    missing = services_not_seen(server, host)
    if server.has("database") and not _database_listens(host):
        missing["Database"] = "no PostgreSQL listens"
    never = _never_on(case, server)
    seen = tuple(
        f"{service}: {why}{', as before the upgrade' * (service in never)}" for service, why in missing.items()
    )
    gone = [f"{service}: {why}" for service, why in missing.items() if service not in never]
    expected = f"by default ports: every service of {', '.join(role_names(server.roles))}"
    if gone:
        return failed("; ".join(gone), *seen, expected=expected)
    return passed("; ".join(seen) or "by default ports all services are back", *seen, expected=expected)


@check(
    "after-database-reachable",
    "The server reaches the database",
    subject="server",
    severity="blocker",
    stages=("after",),
    demands=("V17", "V20"),
    reads=(NEW_DATABASE_TARGET, NEW_DATABASE_LOOKUP, NEW_DATABASE_PORT, DATABASE_TARGET, *MEASURED),
    remedy=(
        "Verify that the Database Server runs, that its name resolves here and that no packet filter blocks the way. "
        "If this host has no tool for that, verify by hand.",
        answer_text.remedy("after-database-reachable"),
    ),
)
def after_database_reachable(case: Case, server: Server, host: Host) -> Word:
    """By the pmdb.conf of version 6: its name resolves and its port answers; what was not checked, by an answer."""
    try:
        return _reaches(host)
    except NotSeen as unread:
        if not (host.facts and host.facts.reached):
            raise
        answer, expected = case.answer(AfterDatabaseReachable, server.name), "the database of its pmdb.conf answers"
        if answer is None:
            return unseen(f"not checked: {unread}", expected=expected)
        if early := too_early(case, answer):
            return unseen(f"not checked: {unread} ({early})", said_by(answer), expected=expected)
        if answer.confirmed:
            return passed(f"reached, as verified by a person: {answer.how}", said_by(answer), expected=expected)
        return failed("a person verified that it does not reach its database", said_by(answer), expected=expected)


def _reaches(host: Host) -> Word:
    """What the host itself shows; NotSeen where it cannot tell."""
    target = host[NEW_DATABASE_TARGET]
    if target.host is None and target.port is None:
        before = host[DATABASE_TARGET]
        if before.host or before.port:
            return failed(
                "the pmdb.conf of version 6 names no database", expected="the database that 5.6.1 connects to"
            )
        return not_applicable("its pmdb.conf names no database, nor did that of 5.6.1")
    where = f"{target.host or 'this server'}, {f'port {target.port}' if target.port else 'the default port'}"
    name = name_of(target)
    if name is not None and not host[NEW_DATABASE_LOOKUP]:
        return failed(f"{name}, the database's name in the new pmdb.conf, does not resolve on this server", where)
    if not host[NEW_DATABASE_PORT]:
        return failed(f"no answer from the database on {where}", where, expected="an open port")
    return passed(f"the database answers on {where}", where, expected="an open port")


@check(
    "after-counts",
    "The migrated data is complete",
    subject="server",
    severity="warning",
    stages=("after",),
    demands=("V20",),
    reads=(NEW_PART_FILES["quarantine"], NEW_PART_KIB["database"], *QUEUED_AFTER),
    remedy=(
        "Messages that expired or were released since the baseline explain a small difference. If the difference is "
        "larger, read the migration's own output, keep the 5.6.1 installation unchanged, and ask Sophos Technical "
        "Support (V10).",
    ),
)
def after_counts(case: Case, server: Server, host: Host) -> Word:
    """Quarantine files, database KiB and the queue, in the baseline and after; only what was to be migrated."""
    if case.baseline is None:
        return not_applicable("no baseline was given")
    before, chosen = case.before(server.name), chosen_parts(case.deployment, server)
    seen, wrong = [], []
    if "quarantine" in chosen:
        was, now = before[PART_FILES["quarantine"]], host[NEW_PART_FILES["quarantine"]]
        seen.append(f"quarantine: {several(was, 'file')} before, {now} after")
        wrong += (
            [f"{was - now} fewer in the quarantine than in the baseline ({several(was, 'file')})"] if now < was else []
        )
    if "database" in chosen and server.has("database"):
        was, now = before[PART_KIB["database"]], host[NEW_PART_KIB["database"]]
        seen.append(f"database: {gib(was)} before, {gib(now)} after")
        wrong += [f"the database takes {gib(now)}, before the upgrade {gib(was)}"] if now * SHRINKS < was else []
    missing: tuple[str, ...] = ()
    if server.has("mta"):
        stood, stands = queues(before, before[MTA]), queues_after(case, server, host)
        seen.append(f"queue before: {stood.words}, after: {stands.words}")
        wrong += (
            [f"{several(left, 'message')} still in the queue of 5.6.1"] if (left := stands.messages.get(OLD)) else []
        )
        missing = () if drained(case, server) else (*stood.unseen, *stands.unseen)
    if not seen:
        return not_applicable("no data is migrated to this server")
    if wrong:
        return failed("; ".join(wrong), *seen, expected="at least as much as before")
    if missing:
        return unseen(f"not counted: {'; '.join(missing)}", *seen, expected="at least as much as before")
    return passed("the counts before and after agree", *seen, expected="at least as much as before")


@check(
    "after-source-tree",
    "The 5.6.1 installation agrees with its manifest",
    subject="server",
    severity="info",
    stages=("after",),
    reads=(MANIFEST,),
    remedy=(
        "These changes affect a backout. It is unknown whether the installer or the migration script changes the 5.6.1 "
        "installation: rely on your own backup, outside that directory.",
    ),
)
def after_source_tree(case: Case, server: Server, host: Host) -> Word:
    """Files, KiB and newest time of each part against the baseline; the queue is left out, for it was to be drained."""
    if case.baseline is None:
        return not_applicable("no baseline was given")
    before = {row.part: row for row in case.before(server.name)[MANIFEST] if row.part != "queue"}
    now = {row.part: row for row in host[MANIFEST] if row.part != "queue"}
    lost = sorted(before.keys() - now.keys())
    if lost:
        return unseen(f"not counted completely this time: {', '.join(lost)}", expected="the manifest of the baseline")
    lines = []
    for part in sorted(before):
        was, new = before[part], now[part]
        changes = [f"{was.files} → {several(new.files, 'file')}"] if was.files != new.files else []
        changes += [f"{was.kib} → {new.kib} KiB"] if was.kib != new.kib else []
        changes += [f"newest {was.newest} → {new.newest}"] if was.newest != new.newest else []
        lines += [f"{part}: {', '.join(changes)}"] if changes else []
    if lines:
        return failed("; ".join(lines), *lines, expected="the manifest of the baseline")
    return passed(f"{several(len(before), 'part')} as in the baseline")
