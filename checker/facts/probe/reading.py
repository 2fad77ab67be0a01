"""From a probe's output to the facts: every fact of the catalogue, each by its own section and its own parser."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from checker.facts import catalogue as f
from checker.facts import fact_values as values
from checker.facts.catalogue import CATALOGUE, Fact
from checker.facts.host_facts import Known, Unknown
from checker.facts.parsers import (
    crontabs,
    identity,
    leases,
    mounts,
    network,
    platform,
    puremessage,
    routes,
    sockets,
    storage,
)
from checker.facts.parsers.parsed import NotRead, Read, program, shown
from checker.facts.parsers.protocol import Output, Section
from checker.facts.probe.seeing import Seen, found, see
from checker.inputs.deployment import PARTS, Deployment, Server

Facts = dict[str, Known | Unknown]

PLACES = (  # each place that something lands on or stands at, and the section with its own row of df
    ("source", "storage.source-mount"),
    ("target", "storage.target-mount"),
    ("backup", "storage.backup-mount"),
    *((part, f"storage.mount-{part}") for part in PARTS),
)
POSTGRESQL = 5432  # PostgreSQL's own; which port the product uses is known only where pmdb.conf says so


def facts_of(output: Output, deployment: Deployment, server: Server) -> tuple[Facts, tuple[str, ...], datetime | None]:
    """Every fact of the catalogue from this server's probe output, the rows that could not be read, and its clock."""
    seen = [*_identity(output), *_storage(output, deployment), *_platform(output), *_product(output, deployment)]
    missing = Unknown(unknown=f"nothing on {server.name} could be asked for it")
    outcomes = {each.fact.path: each.outcome for each in seen}
    unread = tuple(row for each in seen for row in each.unread)
    clock = _clock(output)
    facts = {path: outcomes.get(path, missing) for path in CATALOGUE}
    return facts, (*unread, *clock.unread), clock.value


def _clock(output: Output) -> Seen[datetime]:
    moment: Fact[datetime] = Fact("host_clock", datetime, "the host's time")
    return see(output, moment, "platform.clock", lambda section: platform.clock(section.lines))


def _identity(output: Output) -> list[Seen[Any]]:
    look = functools.partial(see, output)
    own = _own(output)
    names = output.get("identity.hostname")
    spoken = names.lines if names and names.status == 0 else None
    named = "identity.nodename" if output.get("identity.nodename") else "identity.hostname"
    system, release = _text(output, "platform.uname").partition("\n")[0], _text(output, "platform.release")
    return [
        look(f.HOSTNAME, named, lambda section: identity.hostname(section.lines, spoken)),
        look(
            f.CONFIGURED_HOSTNAME,
            "identity.configured",
            lambda section: identity.configured_hostname(section.lines, system, release),
        ),
        look(f.ADDRESSES, "identity.addresses", _addresses, table=True),
        _leases(output, own, system),
        look(
            f.DEFAULT_ROUTE,
            "identity.routes",
            lambda section: routes.default_route(section.lines, section.command, own),
            table=True,  # without IPv6 the second of two looks fails
        ),
        look(f.MACHINE_ID, "identity.machine-id", lambda section: identity.machine_id(section.lines)),
        look(f.HOST_KEYS, "identity.host-keys", lambda section: identity.host_keys(section.lines)),
        look(f.HOSTS_FILE, "identity.hosts-file", lambda section: identity.texts(section.lines)),
        _lookup(output, f.LOOKUP, "identity.lookup"),
        look(f.EUID, "privilege.id", lambda section: identity.euid(section.lines)),
    ]


def _own(output: Output) -> tuple[network.Own, ...]:
    section = output.get("identity.addresses")
    try:
        return network.own(section.lines, section.command).value if section else ()
    except Exception:
        return ()  # the fact of the addresses says why


def _addresses(section: Section) -> Read[tuple[values.Address, ...]]:
    read = network.own(section.lines, section.command)
    if not read.value:
        raise NotRead("it names no address", unread=read.unread)
    return Read(tuple(row.address for row in read.value), read.unread)


def _leases(output: Output, own: tuple[network.Own, ...], system: str) -> Seen[tuple[values.Lease, ...]]:
    addresses, clock = output.get("identity.addresses"), _clock(output).value
    # the kernel of Linux and the flags of Solaris tell; FreeBSD's one client keeps its file where the probe looks
    files = output.get("identity.leases")
    asked = program(addresses.command) if addresses else ""
    tells = asked == "ip" or (asked == "ifconfig" and (system == "SunOS" or (system == "FreeBSD" and bool(files))))

    def parse(section: Section) -> Read[tuple[values.Lease, ...]]:
        if not own:
            raise NotRead("the addresses on interfaces were not seen")
        read = leases.leases(own, files.lines if files else (), clock)
        if not read.value and not tells:
            raise NotRead("neither the interfaces nor a DHCP client's file can say", unread=read.unread)
        return read

    seen = see(output, f.LEASES, "identity.leases" if files else "identity.addresses", parse)
    if addresses and files and isinstance(seen.outcome, Known):
        how = shown(f"{addresses.command}; {seen.outcome.how}")
        return replace(seen, outcome=seen.outcome.model_copy(update={"how": how}))
    return seen


def _lookup(output: Output, fact: Fact[tuple[str, ...]], name: str) -> Seen[tuple[str, ...]]:
    section = output.get(name)
    # getent says with 2 that there is no such name, nslookup with 1 and in words
    fine = (0, 1) if section and program(section.command) == "nslookup" else (0, 2)
    return see(output, fact, name, lambda section: identity.looked_up(section.lines, section.command), fine=fine)


def _storage(output: Output, deployment: Deployment) -> list[Seen[Any]]:
    look = functools.partial(see, output)
    types = _types(output)

    def place(fact: Fact[str], name: str) -> Seen[str]:
        return look(fact, name, lambda section: storage.mount_point(section.lines))

    backup = place(f.BACKUP_MOUNT, "storage.backup-mount")
    if deployment.paths.backup is None:
        backup = Seen(f.BACKUP_MOUNT, Unknown(unknown="no place for it is declared (paths.backup)"))
    target = place(f.TARGET_MOUNT, "storage.target-mount")
    needed = {point for point in (target.value, backup.value) if point}
    inodes = look(f.INODES, "storage.inodes", lambda section: storage.inodes(section.lines), table=True)
    table = look(f.MOUNTS, "storage.mounts", lambda section: _mounts(section, types), table=True)
    space = _space(output, types)
    return [
        space,
        _own_rows(output, types, space.value or ()),
        _holding(inodes, needed - {row.mount_point for row in inodes.value or ()}),
        _holding(table, needed - {row.mount_point for row in table.value or ()}),
        target,
        backup,
        *(place(f.PART_MOUNT[part], f"storage.mount-{part}") for part in PARTS),
        *(look(f.PART_KIB[part], f"storage.size-{part}", _number) for part in PARTS),
        *(look(f.PART_APPARENT_KIB[part], f"storage.apparent-{part}", _number) for part in PARTS),
        *(look(f.PART_FILES[part], f"storage.files-{part}", _number) for part in PARTS),
        *(look(f.NEW_PART_KIB[part], f"storage.size-new-{part}", _number) for part in f.NEW_PARTS),
        *(look(f.NEW_PART_FILES[part], f"storage.files-new-{part}", _number) for part in f.NEW_PARTS),
    ]


def _number(section: Section) -> Read[int]:
    return storage.number(section.lines)


def _types(output: Output) -> Mapping[str, str]:
    """The type of the file system at each mount point, by whichever command says it."""
    said, table = output.get("storage.types"), output.get("storage.mounts")
    try:
        by_df = storage.types_of(said.lines).value if said else {}
        return by_df | (storage.types_by_point(mounts.mounts(table.lines).value) if table else {})
    except Exception:
        return {}


def _mounts(section: Section, types: Mapping[str, str]) -> Read[tuple[values.Mount, ...]]:
    read = mounts.mounts(section.lines)
    if not read.value:
        raise NotRead("it has no row of a mount", unread=read.unread)
    rows = (row if row.type else row.model_copy(update={"type": types.get(row.mount_point, "")}) for row in read.value)
    return Read(tuple(rows), read.unread)


def _space(output: Output, types: Mapping[str, str]) -> Seen[tuple[values.Space, ...]]:
    """The rows of the whole table, and those of the places that were asked for one by one, should it lack them.

    So a df that hangs on a dead file server does not hide the room that is needed.
    """

    def parse(section: Section) -> Read[tuple[values.Space, ...]]:
        read = storage.space(section.lines, types)
        if not read.value:
            raise NotRead("it has no row of a file system", unread=read.unread)
        return read

    whole = see(output, f.SPACE, "storage.space", parse, table=True)
    there = {row.mount_point for row in whole.value or ()}
    rows, how, unread = list(whole.value or ()), [], list(whole.unread)
    if isinstance(whole.outcome, Known):
        how.append(whole.outcome.how)
    else:
        unread.append(f"storage.space: {whole.outcome.unknown}")
    for _, name in PLACES:
        one = see(output, f.SPACE, name, parse)
        for row in one.value or ():
            if row.mount_point not in there and isinstance(one.outcome, Known):
                there.add(row.mount_point)
                rows.append(row)
                how.append(one.outcome.how)
    if len(rows) == len(whole.value or ()):
        return whole
    outcome = found(f.SPACE, tuple(rows), "; ".join(dict.fromkeys(how)))
    return Seen(f.SPACE, outcome, tuple(rows), tuple(unread))


def _own_rows(
    output: Output, types: Mapping[str, str], table: tuple[values.Space, ...]
) -> Seen[tuple[values.OwnRow, ...]]:
    """The rows of the places where they tell of less, or of another size, than their file system has."""
    looks = {
        place: see(output, f.SPACE, name, lambda section: storage.space(section.lines, types)) for place, name in PLACES
    }
    rows = {place: look.value for place, look in looks.items() if look.value}
    if not rows:
        return Seen(f.OWN_ROWS, Unknown(unknown="no place has a row of its own"))
    own = storage.own_rows(rows, table)
    return Seen(f.OWN_ROWS, found(f.OWN_ROWS, own, "df of each place"), own)


def _holding(table: Seen[Any], missing: Collection[str]) -> Seen[Any]:
    """The table, unless it lacks a place that the checks need while it has rows that could not be read."""
    if not (missing and table.unread and isinstance(table.outcome, Known)):
        return table
    reason = f"no row for {', '.join(sorted(missing))}, and a row that could not be read: {table.unread[0]}"
    return replace(table, outcome=Unknown(unknown=shown(reason)))


def _platform(output: Output) -> list[Seen[Any]]:
    look = functools.partial(see, output)
    return [
        look(f.SYSTEM, "platform.uname", lambda section: platform.line(section.lines, 0)),
        look(f.RELEASE, "platform.uname", lambda section: platform.line(section.lines, 1)),
        look(f.MACHINE, "platform.uname", lambda section: platform.line(section.lines, 2)),
        look(f.DISTRIBUTION, "platform.release", lambda section: platform.distribution(section.lines)),
        look(f.CPUS, "platform.cpus", lambda section: platform.cpus(section.lines)),
        look(f.MEMORY, "platform.memory", lambda section: platform.memory(section.lines, section.command)),
        look(f.OPEN_FILES, "platform.limits", lambda section: platform.open_files(section.lines)),
        look(f.CRON, "platform.cron", lambda section: crontabs.cron(section.lines)),
        look(f.PROCESSES, "platform.processes", lambda section: platform.processes(section.lines), table=True),
    ]


def _product(output: Output, deployment: Deployment) -> list[Seen[Any]]:
    look = functools.partial(see, output)
    table = _mount_points(output)
    target = look(
        f.DATABASE_TARGET, "puremessage.pmdb-conf", lambda section: puremessage.database_target(section.lines)
    )
    port = target.value.port if target.value and target.value.port else POSTGRESQL
    status = look(f.STATUS, "puremessage.status", lambda section: identity.texts(section.lines))
    if not deployment.probe.pmx_status:
        status = Seen(f.STATUS, Unknown(unknown="it may not be run here (probe.pmx_status)"))
    return [
        _tree(output, f.SOURCE_ENTRIES, "puremessage.source", deployment.paths.source, table),
        _tree(output, f.TARGET_ENTRIES, "puremessage.target", deployment.paths.target, table),
        look(f.MANIFEST, "puremessage.manifest", lambda section: puremessage.manifest(section.lines)),
        target,
        look(
            f.NEW_DATABASE_TARGET,
            "puremessage.new-pmdb-conf",
            lambda section: puremessage.database_target(section.lines),
        ),
        status,
        look(f.MTA, "puremessage.mta", lambda section: identity.texts(section.lines)),
        look(f.FILTER_LINES, "puremessage.filters", lambda section: puremessage.filters(section.lines)),
        look(f.QUEUE_OLD, "puremessage.queues", lambda section: puremessage.queue(section.lines, "old", table)),
        look(f.QUEUE_NEW, "puremessage.queues", lambda section: puremessage.queue(section.lines, "new", table)),
        look(f.OWN_QUEUES, "puremessage.own-queues", lambda section: puremessage.own_queues(section.lines, table)),
        look(f.LISTENERS, "puremessage.listening", lambda section: sockets.listeners(section.lines), table=True),
        look(
            f.PEERS,
            "puremessage.peers",
            lambda section: sockets.peers(section.lines, port),
        ),
        _lookup(output, f.DATABASE_LOOKUP, "puremessage.database-lookup"),
        look(f.DATABASE_PORT, "puremessage.database-port", lambda section: puremessage.port_answers(section.lines)),
        _lookup(output, f.NEW_DATABASE_LOOKUP, "puremessage.new-database-lookup"),
        look(
            f.NEW_DATABASE_PORT,
            "puremessage.new-database-port",
            lambda section: puremessage.port_answers(section.lines),
        ),
        look(f.NEW_STARTERS, "puremessage.new-starters", lambda section: identity.texts(section.lines)),
        look(f.STARTERS, "puremessage.starters", lambda section: identity.texts(section.lines)),
        look(f.OLD_PATHS, "puremessage.old-paths", lambda section: puremessage.old_paths(section.lines)),
    ]


def _tree(
    output: Output, fact: Fact[tuple[values.Entry, ...] | None], name: str, root: str, mount_points: Collection[str]
) -> Seen[tuple[values.Entry, ...] | None]:
    """What stands under a root: one name that could not be read, and it is not known whether it is empty."""
    seen = see(output, fact, name, lambda section: puremessage.entries(section.lines, root, mount_points))
    if not (seen.unread and isinstance(seen.outcome, Known)):
        return seen
    reason = f"a row of it could not be read: {seen.unread[0]}"
    return replace(seen, outcome=Unknown(unknown=shown(reason), partial=seen.outcome.value))


def _mount_points(output: Output) -> frozenset[str]:
    section = output.get("storage.mounts")
    try:
        return frozenset(row.mount_point for row in mounts.mounts(section.lines).value) if section else frozenset()
    except Exception:
        return frozenset()  # the fact of the mount table says why


def _text(output: Output, name: str) -> str:
    section = output.get(name)
    return section.text if section else ""
