"""What the parts of a deployment file owe each other; read from the tree, so that no wrong value elsewhere hides it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from checker.inputs import yaml_source
from checker.inputs.deployment import Role
from checker.inputs.minutes import OURS
from checker.inputs.scalars import Address, LocalTime, YesNo, Zone
from checker.inputs.yaml_source import Node, Scalar, child, items
from checker.text_file import shown

TIME: TypeAdapter[datetime] = TypeAdapter(LocalTime)
ZONE: TypeAdapter[str] = TypeAdapter(Zone)
ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
YES_NO: TypeAdapter[bool] = TypeAdapter(YesNo)
ROLES: TypeAdapter[tuple[Role, ...]] = TypeAdapter(tuple[Role, ...])
PHASE: dict[Role, int] = {"database": 1, "csm": 1, "mta": 2, "mail-filter": 2, "euwi": 3, "gwi": 3}

LONGEST_EXTENSION = timedelta(hours=24)  # ours: nobody works on for longer; what is later is another window


@dataclass(frozen=True)
class Problem:
    """What is wrong at a node. `word` and `choices`: what was written, and what may have been meant."""

    node: Node
    message: str
    word: str = ""
    choices: Collection[str] = ()
    missing: bool = False


def problems(root: Node, known_checks: Mapping[str, bool] | None, whole: bool) -> Iterator[Problem]:
    """Every fault between parts of the file. With `whole` false the end of the file is not there: a reference
    may then lead to what was cut off, and is not judged. `known_checks`: id -> waivable; None judges no id."""
    yield from _windows(root)
    yield from _extended(root)
    yield from _identities(root)
    yield from _roles(root)
    for path in items(child(root, "mail_paths")):
        yield from _twice("member", items(child(path, "members")))
    yield from _twice(
        "mail path name", (child(path, "name") for path in items(child(root, "mail_paths"))), _in_any_case
    )
    yield from _kinds_of_work(root)
    if child(root, "rehearsal") and (answered := child(root, "answers", "rehearsal")):
        yield Problem(answered, "the rehearsal is declared twice: expected it under 'rehearsal' or under 'answers'")
    if whole:
        yield from _references(root)
        yield from _feeds(root)
    if known_checks is not None:
        yield from _checks(root, known_checks)


def _keys(node: Node | None) -> list[Scalar]:
    return [key for key, _ in node.entries.values()] if isinstance(node, yaml_source.Mapping) else []


def _said(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _read(kind: TypeAdapter[Any], node: Node | None) -> Any:
    """The value of a node, or None where there is none or the model refuses it, which is told elsewhere."""
    try:
        return kind.validate_python(yaml_source.plain(node)) if node else None
    except ValidationError:
        return None


def _twice(what: str, nodes: Iterable[Node | None], same: Callable[[Node], str | None] = _said) -> Iterator[Problem]:
    """What was there before; `same` gives what makes two of them one."""
    first: dict[str, Node] = {}
    for node in nodes:
        key = same(node) if node else None
        if node is None or key is None:
            continue
        if key in first:
            told, where = shown(_said(node) or ""), first[key].line
            yield Problem(node, f"{what} {told} is declared twice, first on line {where}: expected it once")
        first.setdefault(key, node)


def _in_any_case(node: Node) -> str | None:
    """Names become the names of files, and host names are one in any case."""
    text = _said(node)
    return text.lower() if text is not None else None


def _address(node: Node) -> str | None:
    """An address in its one canonical writing."""
    address: str | None = _read(ADDRESS, node)
    return address


def _windows(root: Node) -> Iterator[Problem]:
    named = _read(ZONE, child(root, "change", "timezone"))
    zone = ZoneInfo(named) if named else None
    nights: list[tuple[datetime, datetime, Node]] = []
    for window in items(child(root, "change", "windows")):
        times = []
        for node in (child(window, "start"), child(window, "end")):
            moment, wrong = _moment(node, zone)
            times.append(moment)
            if node and wrong:
                yield Problem(node, wrong)
        start, end = times
        if start and end and start >= end:
            yield Problem(
                child(window, "end") or window, "the window ends before or when it starts: expected a later end"
            )
        elif start and end:
            nights.append((start, end, window))
    nights.sort(key=lambda night: night[:2])
    latest = nights[:1]
    for night in nights[1:]:
        if night[0] < latest[0][1]:
            one, other = sorted((latest[0][2], night[2]), key=lambda node: (node.line, node.column))
            yield Problem(
                other, f"this window overlaps the one on line {one.line}: expected windows that do not overlap"
            )
        if night[1] > latest[0][1]:
            latest = [night]


def _extended(root: Node) -> Iterator[Problem]:
    """An extension ends after a window has ended as declared, before the next one starts, and within a day (ours)."""
    until = child(root, "change", "extended", "until")
    named = _read(ZONE, child(root, "change", "timezone"))
    zone = ZoneInfo(named) if named else None
    at, wrong = _moment(until, zone)
    if until is None or at is None:
        yield from [Problem(until, wrong)] if until and wrong else []
        return
    nights = []
    for window in items(child(root, "change", "windows")):
        start, end = (_moment(child(window, key), zone)[0] for key in ("start", "end"))
        if start is None or end is None:
            return
        nights.append((start, end))
    if any(start <= at <= end for start, end in nights):
        yield Problem(
            until, "is inside a declared window: expected a time after the end of the window that is extended"
        )
    elif not any(timedelta() < at - end <= LONGEST_EXTENSION for _, end in nights):
        yield Problem(
            until,
            "extends no window: expected a time at most 24 hours after the end of one (otherwise declare another "
            "window)",
        )


def _moment(node: Node | None, zone: ZoneInfo | None) -> tuple[datetime | None, str | None]:
    """A declared time in UTC, or what is wrong with it in its zone. Where the zone itself is wrong, wall time stands
    in for UTC: it keeps the order of the nights."""
    local = _read(TIME, node)
    if local is None or (zone is None and local.tzinfo):
        return None, None
    if zone is None:
        return local.replace(tzinfo=UTC), None
    if local.tzinfo:
        there = local.astimezone(zone)
        if there.utcoffset() != local.utcoffset():
            return (
                None,
                f"{_said(node)} has an offset that {zone.key} does not have at that moment: expected {_iso(there)}",
            )
        return local.astimezone(UTC), None
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC), None
    real = sorted(time.astimezone(UTC) for time in (early, late))
    both = " or ".join(_iso(time.astimezone(zone)) for time in real)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return None, f"{_said(node)} is repeated in {zone.key}, where the clocks go back then: expected {both}"
    return None, f"{_said(node)} is skipped in {zone.key}, where the clocks go forward then: expected {both}"


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds" if time.second else "minutes")


def _identities(root: Node) -> Iterator[Problem]:
    servers = items(child(root, "servers"))
    yield from _twice("server name", (child(server, "name") for server in servers), _in_any_case)
    yield from _twice("hostname", (child(server, "hostname") for server in servers), _in_any_case)
    homes: dict[str, list[tuple[Node, bool]]] = {}
    for server in servers:
        held, floating = (_address_nodes(child(server, part)) for part in ("addresses", "floating"))
        yield from _twice("address", held, _address)
        yield from _twice("address", floating, _address)
        floats = {_address(node) for node in floating}
        for address, node in {_address(node): node for node in (*floating, *held)}.items():
            homes.setdefault(address or "", []).append((node, address in floats))
    for address, places in homes.items():
        for node, _ in places[1:] if not all(floats for _, floats in places) else ():
            yield Problem(
                node,
                f"address {address} is declared twice, first on line {places[0][0].line}: expected it on one server, "
                "or under 'floating' on each server that has it",
            )


def _address_nodes(node: Node | None) -> list[Node]:
    """The addresses of a list that are such."""
    return [item for item in items(node) if _address(item)]


def _roles(root: Node) -> Iterator[Problem]:
    firsts: dict[tuple[int, int], Node] = {}
    for server in items(child(root, "servers")):
        yield from _twice("role", items(child(server, "roles")))
        first, roles = child(server, "first"), _read(ROLES, child(server, "roles"))
        if not first or not roles or not _read(YES_NO, first):
            continue
        phases = [PHASE[role] for role in roles]
        equals = min(phases), max(phases)
        if equals in firsts:
            line = firsts[equals].line
            yield Problem(
                first, f"an equal server is first already, on line {line}: expected one first server among equals"
            )
        firsts.setdefault(equals, first)


def _references(root: Node) -> Iterator[Problem]:
    names = {text for server in items(child(root, "servers")) if (text := _said(child(server, "name")))}
    used: list[Node | None] = [*_keys(child(root, "disk", "installation_kib")), *_keys(child(root, "disk", "sizes"))]
    for path in items(child(root, "mail_paths")):
        used += items(child(path, "members"))
    for answer in _keys(child(root, "answers")):
        used += _keys(child(root, "answers", answer.text or "", "servers"))
    used += [child(waiver, "server") for waiver in items(child(root, "waivers"))]
    deferred = [child(each, "server") for each in items(child(root, "change", "deferred"))]
    yield from _twice("deferred server", deferred)
    used += deferred
    for server in items(child(root, "servers")):
        used += items(child(server, "feeds"))
    for node in used:
        text = _said(node)
        if node and text is not None and text not in names:
            yield Problem(node, f"unknown server {shown(text)}: expected the name of a declared server", text, names)


def _kinds_of_work(root: Node) -> Iterator[Problem]:
    for node in _keys(child(root, "minutes")):
        text = _said(node)
        if text is not None and text not in OURS:
            yield Problem(node, f"unknown work {shown(text)}: expected one of {', '.join(sorted(OURS))}", text, OURS)


def _feeds(root: Node) -> Iterator[Problem]:
    servers = items(child(root, "servers"))
    roles = {_said(child(server, "name")): _read(ROLES, child(server, "roles")) or () for server in servers}
    for server in servers:
        for node in items(child(server, "feeds")):
            text = _said(node)
            if text in roles and "mail-filter" not in roles[text]:
                yield Problem(node, f"{shown(text or '')} is not a Mail Filter: expected a server with that role")


def _checks(root: Node, known: Mapping[str, bool]) -> Iterator[Problem]:
    waived = [child(waiver, "check") for waiver in items(child(root, "waivers"))]
    for node in (*_keys(child(root, "owners")), *waived):
        text = _said(node)
        if node and text is not None and text not in known:
            yield Problem(node, f"unknown check {shown(text)}: expected the id of a check", text, known)
    for node in waived:
        text = _said(node)
        if node and text is not None and not known.get(text, True):
            yield Problem(node, f"check {shown(text)} cannot be waived: expected its cause to be removed")
