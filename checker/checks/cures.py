"""What would cure a finding: for each check the facts, answers and declared values that it asks for, as it says itself.

The one place that knows it. An offer sets one thing to what the finding expects; that it cures is proved by judging
again (`cure`), and what a person alone can say is left blank.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, get_args

from pydantic import BaseModel, JsonValue

from checker.checks import BY_ID, disk, identity
from checker.checks.database import name_of
from checker.checks.mechanism import Case
from checker.facts import catalogue
from checker.facts.addresses import one_writing
from checker.facts.fact import Fact
from checker.facts.fact_values import Address, Space
from checker.facts.host_facts import NotSeen, adapter
from checker.inputs import answer_text
from checker.inputs.answers import KINDS, Answer, InstallMedia, SavedPart, own_fields
from checker.inputs.deployment import Server
from checker.legible import gib
from checker.report import Correction, Finding
from checker.schedule.disk_rooms import Point, Room, sums
from checker.schedule.order import database_server, order

BLANK = answer_text.OPEN
YES_NO = ("opened", "confirmed", "documented_path")
Offers = Iterator[Correction]
ROLES = "the roles and their order decide it"
CALENDAR = "the calendar decides it"
AGAIN = "collect again"
# no fact, answer or declared value stands against these: somebody has to do something else
NO_VALUE: Mapping[str, str] = {
    "roles-complete": ROLES, "order-feasible": ROLES, "order-respected": ROLES, "roles-observed": ROLES,
    "window-fits": CALENDAR, "window-now": CALENDAR, "facts-fresh": AGAIN, "reachable": AGAIN, "asked-the-same": AGAIN,
    "baseline-usable": "collect a baseline before anything is changed",
    "identity-unique": "two servers cannot be one host",
    "procedure-complete": "copy the vendor's commands into the procedure",
    "after-target-present": "version 6 has to be installed",
    "after-services": "the services have to run",
}  # fmt: skip


def no_cure(finding: Finding) -> str:
    """Why no value cures a finding."""
    if finding.crashed:
        return "the check itself broke"
    unread = finding.outcome == "unknown" and finding.check in ("identity-unique", "roles-observed", "after-services")
    why = AGAIN if unread else NO_VALUE.get(finding.check, AGAIN if finding.outcome == "unknown" else "")
    return f"no value cures this: {why}" if why else "the value that would cure it is not known to us"


def offers(case: Case, finding: Finding) -> tuple[Correction, ...]:
    """What might cure a finding, each by itself or with the others; nothing where no value is known."""
    if finding.crashed or (finding.check in NO_VALUE and finding.outcome != "unknown"):
        return ()
    server = None if finding.server is None else case.deployment.server(finding.server)
    found: list[Correction] = []
    with suppress(NotSeen):
        if finding.check in TABLE:
            found += TABLE[finding.check](case, server)
    if finding.outcome == "unknown" and server is not None:
        found += _as_before(case, finding.check, server)
    if finding.check in KINDS:
        found += _answer(case, finding.check, finding.server)
    return tuple(found)


def _fact(server: Server, fact: Fact[Any], value: JsonValue, words: str) -> Correction:
    return Correction(
        kind="fact", server=server.name, name=fact.path, value=value, words=f"{server.name}: {fact.path}: {words}"
    )


def _rows(rows: tuple[BaseModel, ...]) -> JsonValue:
    return [row.model_dump(mode="json") for row in rows]


def _as_before(case: Case, check: str, server: Server) -> Offers:
    """The facts that a check reads and nobody saw, as the baseline has them."""
    host, before = case.host(server.name), case.before(server.name)
    for path in sorted(BY_ID[check].reads & catalogue.CATALOGUE.keys()):
        fact = catalogue.CATALOGUE[path]
        if host.get(fact) is None and (value := before.get(fact)) is not None:
            shown = adapter(fact).dump_python(value, mode="json")
            yield _fact(server, fact, shown, "read, and as in the baseline")


def _source_present(case: Case, server: Server) -> Offers:
    fact, names = catalogue.SOURCE_ENTRIES, [server.name, *(each.name for each in case.deployment.servers)]
    like = [case.before(server.name).get(fact), *(case.host(name).get(fact) for name in names)]
    if entries := next((each for each in like if each), None):
        yield _fact(server, fact, _rows(entries), f"{case.deployment.paths.source} with the product in it")


def _target_absent(case: Case, server: Server) -> Offers:
    yield _fact(server, catalogue.TARGET_ENTRIES, None, f"{case.deployment.paths.target} absent or empty")


def _read_write(case: Case, server: Server) -> Offers:
    rows = case.host(server.name)[catalogue.MOUNTS]
    locked = [row.mount_point for row in rows if "ro" in row.options]
    free = {row: tuple("rw" if each == "ro" else each for each in row.options) for row in rows}
    turned = tuple(row.model_copy(update={"options": options}) for row, options in free.items())
    yield _fact(server, catalogue.MOUNTS, _rows(turned), f"{', '.join(locked)} mounted read-write")


def _declared_identity(case: Case, server: Server) -> Offers:
    """As declared; or declared as it is, where it was so in the baseline too (V07: it keeps that)."""
    host, before = case.host(server.name), case.before(server.name)
    running, rows = host.get(catalogue.HOSTNAME), host.get(catalogue.ADDRESSES) or ()
    if server.hostname and running and not identity.same_name(running, server.hostname):
        if before.get(catalogue.HOSTNAME) == running:
            yield _declared(server, "hostname", running, f"{running}, as it is and was")
        else:
            yield _fact(server, catalogue.HOSTNAME, server.hostname, server.hostname)
    present = {one_writing(row.address) for row in rows}
    absent = [text for text in server.addresses if one_writing(text) not in present]
    own = [row for row in rows if row.scope == "global"]
    if absent and own and before.get(catalogue.ADDRESSES) == rows:
        found = [row.address for row in own]
        yield _declared(server, "addresses", [*found], f"{', '.join(found)}, as it is and was")
    elif absent and own:
        added = tuple(Address(address=text, interface=own[0].interface, scope="global") for text in absent)
        words = f"{', '.join(absent)} on {own[0].interface}"
        yield _fact(server, catalogue.ADDRESSES, _rows((*rows, *added)), words)


def _persistent_name(case: Case, server: Server) -> Offers:
    host = case.host(server.name)
    running = host[catalogue.HOSTNAME]
    if host.get(catalogue.CONFIGURED_HOSTNAME) is not None:
        yield _fact(server, catalogue.CONFIGURED_HOSTNAME, running, running)


def _unchanged(case: Case, server: Server) -> Offers:
    host, before = case.host(server.name), case.before(server.name)
    facts = (
        catalogue.HOSTNAME, catalogue.CONFIGURED_HOSTNAME, catalogue.ADDRESSES, catalogue.DEFAULT_ROUTE,
        catalogue.HOST_KEYS,
    )  # fmt: skip
    for fact in facts:
        old, new = before.get(fact), host.get(fact)
        if old is not None and new is not None and old != new:
            yield _fact(server, fact, adapter(fact).dump_python(old, mode="json"), "as in the baseline")


def _resolves(case: Case, server: Server) -> Offers:
    name = name_of(case.host(server.name)[catalogue.DATABASE_TARGET])
    holder = database_server(case.deployment)
    found = list(case.before(server.name).get(catalogue.DATABASE_LOOKUP) or (holder.addresses if holder else ()))
    if name and found:
        yield _fact(server, catalogue.DATABASE_LOOKUP, [*found], f"{name} resolves to {', '.join(found)}")


def _space(case: Case, server: Server) -> Offers:
    yield from _more_room(case, disk.together(case, disk.landing(case, server, case.host(server.name))))


def _shared_space(case: Case, _: Server | None) -> Offers:
    found: list[Point] = []
    for server in case.deployment.servers:
        if server.name not in case.done | case.deferred:
            with suppress(NotSeen):
                found += disk.landing(case, server, case.host(server.name))
    yield from _more_room(case, disk.together(case, tuple(found)))


def _more_room(case: Case, rooms: tuple[Room, ...]) -> Offers:
    """The file systems on which too little is left, with as much as the largest of their needs; a fact a server."""
    needed: dict[tuple[str, str], int] = {}
    own: dict[tuple[str, str], int] = {}
    for room in rooms:
        _, whole = sums(room.needs, case.deployment.disk.headroom_percent)
        for point in room.points:
            _, alone = sums(point.needs, case.deployment.disk.headroom_percent)
            pool = room.device.partition("/")[0] if room.kind.casefold() == "zfs" else None
            for row in case.host(point.server)[catalogue.SPACE]:
                if row.mount_point == point.row.mount_point or row.device in (room.device, pool):
                    place = point.server, row.mount_point
                    needed[place] = max(needed.get(place, 0), whole or 0)
            if point.own:
                own[point.server, point.own.place] = alone or 0
    for name in dict.fromkeys(server for server, _ in needed):
        server = case.deployment.server(name)
        rows = [_with_room(row, needed.get((name, row.mount_point), 0)) for row in case.host(name)[catalogue.SPACE]]
        more = [f"{_room(row.available_kib)} available on {row.mount_point}" for row, grown in rows if grown]
        if more:
            yield _fact(server, catalogue.SPACE, _rows(tuple(row for row, _ in rows)), ", ".join(more))
        limits = [(each, own.get((name, each.place), 0)) for each in case.host(name).get(catalogue.OWN_ROWS) or ()]
        if any(each.available_kib < wanted for each, wanted in limits):
            raised = [
                {**each.model_dump(mode="json"), "available_kib": max(each.available_kib, wanted)}
                for each, wanted in limits
            ]
            words = [f"{_room(wanted)} for the {each.place}" for each, wanted in limits if each.available_kib < wanted]
            yield _fact(server, catalogue.OWN_ROWS, [*raised], ", ".join(words))


def _room(kib: int) -> str:
    return f"at least {kib} KiB ({gib(kib)})"


def _with_room(row: Space, needed: int) -> tuple[Space, bool]:
    if row.available_kib >= needed:
        return row, False
    return row.model_copy(update={"available_kib": needed, "total_kib": max(row.total_kib, needed)}), True


def _declared(server: Server | None, name: str, value: JsonValue, words: str) -> Correction:
    where = f"servers: {server.name}: " if server else ""
    return Correction(
        kind="declared", server=server.name if server else None, name=name, value=value, words=f"{where}{name}: {words}"
    )


def _same_options(case: Case, _: Server | None) -> Offers:
    """What the servers say otherwise than the Database server; what nobody has said is a person's to choose."""
    deployment = case.deployment
    measure = database_server(deployment) or order(deployment.servers)[0]
    script, options = deployment.migrates(measure), deployment.options_on(measure)
    for server in deployment.servers:
        if server.migration.script is not None and server.migration.script != script:
            yield _declared(server, "migration.script", script, f"as on {measure.name}")
        if server.migration.options is not None and set(server.migration.options) != set(options):
            yield _declared(server, "migration.options", [*options], f"as on {measure.name}")


def _support(case: Case, _: Server | None) -> Offers:
    support = case.deployment.change.support
    if not (support.phone or support.contract or support.case):
        yield _declared(None, "change.support.phone", BLANK, "the vendor's number")


def _queues(case: Case, server: Server) -> Offers:
    if case.host(server.name).get(catalogue.QUEUE_OLD):
        yield _fact(server, catalogue.QUEUE_OLD, 0, "no message left in the queue of 5.6.1")
    yield from _answer(case, "queue-drained", server.name)


TABLE: Mapping[str, Callable[[Case, Any], Offers]] = {
    "source-present": _source_present, "target-absent": _target_absent, "disk-mounted-read-write": _read_write,
    "identity-declared": _declared_identity, "identity-persistent": _persistent_name, "identity-unchanged": _unchanged,
    "database-name-resolves": _resolves, "disk-space": _space, "disk-shared": _shared_space,
    "migration-options-consistent": _same_options, "support-line": _support,
    "after-queue": _queues,
}  # fmt: skip


def _answer(case: Case, check: str, server: str | None) -> Offers:
    """The answer that a check expects: to this server, and to all of them in one."""
    kind = KINDS[check]
    for whose in dict.fromkeys((server, None)) if kind.by_server else (None,):
        value = {**_expected(case, kind, whose), "by": BLANK, "at": _today(case)}
        said = ", ".join(f"{name}: {_shown(name, own)}" for name, own in value.items())
        where = f" on {whose}" if whose else " on all servers" if kind.by_server else ""
        words = f"answer {check}{where}: {{{said}}} (only if it is so)"
        yield Correction(kind="answer", server=whose, name=check, value=value, words=words)


def _shown(name: str, value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value) if value == BLANK or name in YES_NO else answer_text.yaml_text(str(value))


def _today(case: Case) -> str:
    return case.now.astimezone(case.deployment.change.zone).date().isoformat()


def _expected(case: Case, kind: type[Answer], server: str | None) -> dict[str, JsonValue]:
    """The fields by which a check passes, others as they were answered; blank what a person alone can say."""
    given = case.deployment.answers.to(kind, server)
    before = given.model_dump(mode="json", exclude_none=True) if given else {}
    now, media = case.now.astimezone(case.deployment.change.zone), case.deployment.media
    known: dict[str, JsonValue] = dict.fromkeys(YES_NO, "yes")
    known |= {"version": "5.6.1", "result": "complete", "of": [*get_args(SavedPart)], "on": _today(case)}
    known |= {"finished": f"{now:%Y-%m-%dT%H:%M}", "who": before.get("who", BLANK), "how": before.get("how", BLANK)}
    if media:
        known["path"] = media.path
    if sha256 := (media.sha256 if media else None) or _first_sha256(case):
        known["sha256"] = sha256
    if kind.check == "queue-drained":
        known["left"] = 0
    if kind.check == "notices-sent":
        known["which"] = [*range(1, max(before.get("which", [1])) + 1)]
    if server and (running := case.host(server).get(catalogue.HOSTNAME)):
        known["configured"] = running
    fields = {name: known.get(name, before.get(name, BLANK)) for name in own_fields(kind)}
    return {name: value for name, value in fields.items() if name in known or kind.model_fields[name].is_required()}


def _first_sha256(case: Case) -> str | None:
    servers = (case.deployment.answers.to(InstallMedia, server.name) for server in case.deployment.servers)
    return next((said.sha256 for said in servers if said and said.sha256), None)
