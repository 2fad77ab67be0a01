"""From a probe's output to the facts: every fact of the catalogue, each by its own row; and where one needs others."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import Any

from checker.facts import catalogue as f
from checker.facts import fact_values as values
from checker.facts.catalogue import CATALOGUE
from checker.facts.fact import Fact
from checker.facts.host_facts import Known, Unknown
from checker.facts.parsers import storage
from checker.facts.parsers.parsed import shown
from checker.facts.parsers.protocol import Output
from checker.facts.parsers.whole_output import WholeOutput
from checker.facts.probe.former_names import with_todays_names
from checker.facts.probe.sections import CLOCK, SOURCE_MOUNT
from checker.facts.probe.seeing import Seen, found, see
from checker.inputs.deployment import PARTS, Deployment, Server

Facts = dict[str, Known | Unknown]

# each place that something lands on or stands at, and the section with its own row of df
PLACES: Mapping[str, str] = {
    "source": SOURCE_MOUNT.name,
    "target": f.TARGET_MOUNT.asked_as[0],
    "backup": f.BACKUP_MOUNT.asked_as[0],
    **{part: f.PART_MOUNT[part].asked_as[0] for part in PARTS},
}
ROOM_OF_PLACE = replace(f.SPACE, table=False)  # the one row of a df that failed is no row to trust


def facts_of(output: Output, deployment: Deployment, server: Server) -> tuple[Facts, tuple[str, ...], datetime | None]:
    """Every fact of the catalogue from this server's probe output, the rows that could not be read, and its clock."""
    assert server in deployment.servers
    host = WholeOutput(with_todays_names(output), deployment)
    seen = {fact.path: OTHERWISE.get(fact.path, see)(host, fact) for fact in CATALOGUE.values()}
    needed = {point for fact in (f.TARGET_MOUNT, f.BACKUP_MOUNT) if (point := seen[fact.path].value)}
    seen[f.OWN_ROWS.path] = _own_rows(host, seen[f.SPACE.path].value or ())
    for table in (f.INODES, f.MOUNTS):
        seen[table.path] = _holding(seen[table.path], needed)
    clock = see(host, CLOCK)
    unread = tuple(row for each in (*seen.values(), clock) for row in each.unread)
    return {path: each.outcome for path, each in seen.items()}, unread, clock.value


def _leases(host: WholeOutput, fact: Fact[Any]) -> Seen[Any]:
    """The lent addresses, by the interfaces and the files together where both are there."""
    seen = see(host, fact)
    addresses = host.output.get(f.ADDRESSES.path)
    if addresses and host.output.get(fact.path) and isinstance(seen.outcome, Known):
        how = shown(f"{addresses.command}; {seen.outcome.how}")
        return replace(seen, outcome=replace(seen.outcome, how=how))
    return seen


def _space(host: WholeOutput, fact: Fact[Any]) -> Seen[Any]:
    """The rows of the whole table, and those of the places that were asked for one by one, should it lack them.

    So a df that hangs on a dead file server does not hide the room that is needed.
    """
    whole = see(host, fact)
    there = {row.mount_point for row in whole.value or ()}
    rows, how, unread = list(whole.value or ()), [], list(whole.unread)
    if isinstance(whole.outcome, Known):
        how.append(whole.outcome.how)
    else:
        unread.append(f"{fact.path}: {whole.outcome.unknown}")
    for name in PLACES.values():
        one = see(host, ROOM_OF_PLACE, name)
        for row in one.value or ():
            if row.mount_point not in there and isinstance(one.outcome, Known):
                there.add(row.mount_point)
                rows.append(row)
                how.append(one.outcome.how)
    if len(rows) == len(whole.value or ()):
        return whole
    return Seen(fact, found(fact, tuple(rows), "; ".join(dict.fromkeys(how))), tuple(rows), tuple(unread))


def _own_rows(host: WholeOutput, table: tuple[values.Space, ...]) -> Seen[tuple[values.OwnRow, ...]]:
    """The rows of the places where they tell of less, or of another size, than their file system has."""
    rows = {place: rows for place, name in PLACES.items() if (rows := see(host, ROOM_OF_PLACE, name).value)}
    if not rows:
        return Seen(f.OWN_ROWS, Unknown(unknown="no place has a row of its own"))
    own = storage.own_rows(rows, table)
    return Seen(f.OWN_ROWS, found(f.OWN_ROWS, own, "df of each place"), own)


def _holding(table: Seen[Any], needed: Set[str]) -> Seen[Any]:
    """The table, unless it lacks a place that the checks need while it has rows that could not be read."""
    missing = needed - {row.mount_point for row in table.value or ()}
    if not (missing and table.unread and isinstance(table.outcome, Known)):
        return table
    reason = f"no row for {', '.join(sorted(missing))}, and a row that could not be read: {table.unread[0]}"
    return replace(table, outcome=Unknown(unknown=shown(reason)))


def _tree(host: WholeOutput, fact: Fact[Any]) -> Seen[Any]:
    """What stands under a root: one name that could not be read, and it is not known whether it is empty."""
    seen = see(host, fact)
    if not (seen.unread and isinstance(seen.outcome, Known)):
        return seen
    reason = f"a row of it could not be read: {seen.unread[0]}"
    return replace(seen, outcome=Unknown(unknown=shown(reason), partial=seen.outcome.value))


def _backup(host: WholeOutput, fact: Fact[Any]) -> Seen[Any]:
    if host.deployment.paths.backup is None:
        return Seen(fact, Unknown(unknown="no place for it is declared (paths.backup)"))
    return see(host, fact)


def _status(host: WholeOutput, fact: Fact[Any]) -> Seen[Any]:
    if not host.deployment.probe.pmx_status:
        return Seen(fact, Unknown(unknown="it may not be run here (probe.pmx_status)"))
    return see(host, fact)


# the facts that take more than their one section and its parser
OTHERWISE: Mapping[str, Callable[[WholeOutput, Fact[Any]], Seen[Any]]] = {
    f.LEASES.path: _leases,
    f.SPACE.path: _space,
    f.SOURCE_ENTRIES.path: _tree,
    f.TARGET_ENTRIES.path: _tree,
    f.BACKUP_MOUNT.path: _backup,
    f.STATUS.path: _status,
}
