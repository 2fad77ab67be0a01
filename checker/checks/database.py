"""Who uses the database, and does every server find it (V17)?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from checker.checks.mechanism import Case, Host, Word, check, failed, not_applicable, passed, unseen
from checker.facts.addresses import address, is_loopback
from checker.facts.catalogue import ADDRESSES, DATABASE_LOOKUP, DATABASE_PORT, DATABASE_TARGET, PEERS
from checker.facts.fact_values import DatabaseTarget
from checker.facts.host_facts import NotSeen
from checker.inputs.deployment import ROLE_NAMES, Server
from checker.legible import several
from checker.schedule.order import order

Own = Mapping[str, set[IPv4Address | IPv6Address]]
LOCAL = frozenset({"localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost"})


def is_here(place: str | None) -> bool:
    """Whether a database host means the machine itself: nothing, a socket directory, localhost or loopback."""
    return not place or place.startswith("/") or place.casefold().rstrip(".") in LOCAL or is_loopback(place)


def name_of(target: DatabaseTarget) -> str | None:
    """The name that must be resolved to reach the database; None where the file has an address or means itself."""
    return None if is_here(target.host) or address(target.host or "") else target.host


def _own(server: Server, host: Host) -> set[IPv4Address | IPv6Address]:
    """Every address of a server: declared, floating and measured, without loopback."""
    measured = tuple(row.address for row in host.get(ADDRESSES) or () if row.scope != "loopback")
    return {found for text in (*server.addresses, *server.floating, *measured) if (found := address(text))}


@dataclass(frozen=True)
class _Owners:
    """The servers, as declared, by their full names, by first labels, and by their addresses.

    `short`: by the first labels of those that have no full name.
    """

    full: Mapping[str, list[Server]]
    short: Mapping[str, list[Server]]
    label: Mapping[str, list[Server]]
    address: Mapping[IPv4Address | IPv6Address, list[Server]]
    place: Mapping[str, int]

    def named(self, name: str) -> list[Server]:
        """The servers that a name means: in full, or by the first label where either is short.

        Of two full names in different domains the address decides: they may be two hosts.
        """
        asked = name.casefold().rstrip(".")
        label = asked.split(".")[0]
        if "." not in asked:
            return self.label.get(label, [])
        return self._in_order([*self.full.get(asked, ()), *self.short.get(label, ())])

    def at(self, addresses: Iterable[IPv4Address | IPv6Address | None]) -> list[Server]:
        """The servers that have any of these addresses."""
        return self._in_order([server for found in {*addresses} if found for server in self.address.get(found, ())])

    def _in_order(self, found: list[Server]) -> list[Server]:
        once = {server.name: server for server in found}
        return sorted(once.values(), key=lambda server: self.place[server.name])


def _owners(servers: Sequence[Server], own: Own) -> _Owners:
    full: dict[str, list[Server]] = defaultdict(list)
    short: dict[str, list[Server]] = defaultdict(list)
    label: dict[str, list[Server]] = defaultdict(list)
    by_address: dict[IPv4Address | IPv6Address, list[Server]] = defaultdict(list)
    for server in servers:
        names = {(server.hostname or server.name).casefold(), server.name.casefold()}
        in_full = {name for name in names if "." in name}
        for name in in_full:
            full[name].append(server)
        for first in {name.split(".")[0] for name in names}:
            label[first].append(server)
            if not in_full:
                short[first].append(server)
        for found in own[server.name]:
            by_address[found].append(server)
    return _Owners(full, short, label, by_address, {server.name: at for at, server in enumerate(servers)})


def _strangers(case: Case, server: Server, owners: _Owners) -> list[str]:
    """The peers on a Database server's port that are no server's."""
    return [
        f"{peer} is connected to the database port of {server.name}"
        for peer in sorted(set(case.host(server.name)[PEERS]))
        if not owners.at([address(peer)]) and not is_loopback(peer)
    ]


def _astray(case: Case, server: Server, owners: _Owners) -> list[str]:
    """Why the database that a server looks for is not that of the declared Database server; empty where it is."""
    host = case.host(server.name)
    place = host[DATABASE_TARGET].host
    if place is None or is_here(place):
        return []
    literal = address(place)
    found = [] if literal else owners.named(place)
    if not found:
        found = owners.at([literal] if literal else map(address, host[DATABASE_LOOKUP]))
    if not found:
        return [f"{server.name} connects to the database on {place}, which no server declares"]
    if any(owner.has("database") for owner in found):
        return []
    return [
        f"{server.name} connects to the database on {place}: {found[0].name}, which is not declared as "
        f"{ROLE_NAMES['database']}"
    ]


@check(
    "undeclared-peer",
    "Everything that uses the database is a declared server",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V17",),
    reads=(ADDRESSES, PEERS, DATABASE_TARGET, DATABASE_LOOKUP),
    remedy=(
        "Find out what it is. Declare a forgotten server of the deployment with its roles: it must be upgraded too. "
        "Pause a report or backup job for the night. Declare an address that moves as floating.",
    ),
)
def undeclared_peer(case: Case) -> Word:
    """A forgotten server loses the database in phase 1 and has no place in the order; one look cannot rule it out."""
    servers = order(case.deployment.servers)
    own = {server.name: _own(server, case.host(server.name)) for server in servers}
    owners = _owners(case.deployment.servers, own)
    found: list[str] = []
    missing: list[str] = []
    for server in servers:
        if server.name in case.done:  # whom version 6 talks to is asked after the upgrade
            continue
        for look in (_strangers, _astray) if server.has("database") else (_astray,):
            try:
                found += look(case, server, owners)
            except NotSeen as unread:
                if case.judges(server.name):
                    missing.append(f"{server.name}: {unread}")
    blind = [name for name, addresses in own.items() if not addresses]
    expected = "peers and targets that are declared or measured addresses of the deployment's servers"
    if found and blind:
        who = ", ".join(blind)
        return unseen(
            f"{'; '.join(found)}: it may be {who}: the addresses of that server are unknown", *found, expected=expected
        )
    if found:
        return failed("; ".join(found), *found, expected=expected)
    if missing:
        return unseen(f"not checked: {'; '.join(missing)}", *missing, expected=expected)
    return passed(
        f"when the facts of {several(len(servers), 'server')} were collected, nobody else was connected, and all "
        "connect to the declared server",
        expected=expected,
    )


@check(
    "database-name-resolves",
    "The database's name resolves on the server",
    subject="server",
    severity="blocker",
    stages=("two-days",),
    demands=("V17",),
    reads=(DATABASE_TARGET, DATABASE_LOOKUP),
    remedy=("Correct the name in DNS or in this server's hosts file before the window, not during it (V07).",),
)
def database_name_resolves(case: Case, server: Server, host: Host) -> Word:
    """The host of pmdb.conf where it is a name: without an address the server never reaches the database again."""
    name = name_of(host[DATABASE_TARGET])
    if name is None:
        return not_applicable("its pmdb.conf has no name to look up: no host, an address, or the server itself")
    found = host[DATABASE_LOOKUP]
    expected = f"at least one address for {name}"
    if not found:
        return failed(f"{name}, the database's name in pmdb.conf, does not resolve on this server", expected=expected)
    return passed(f"{name} resolves to {', '.join(found)}", expected=expected)


@check(
    "database-port",
    "The database's port answers the server",
    subject="server",
    severity="warning",
    stages=("one-hour",),
    demands=("V17",),
    reads=(DATABASE_TARGET, DATABASE_PORT),
    remedy=(
        "Verify that the database runs and that no packet filter blocks the way. Correct it before the window: after "
        "phase 1 this fault looks the same as what is expected then.",
    ),
)
def database_port(case: Case, server: Server, host: Host) -> Word:
    """As a tool of the host sees it; once the Database server is done, it is refused as announced (V17)."""
    target = host[DATABASE_TARGET]
    if target.host is None and target.port is None:
        return not_applicable("its pmdb.conf names no database")
    if any(holder.name in case.done for holder in case.deployment.holding("database")):
        return not_applicable("the Database Server is upgraded: this server reaches it only after its own upgrade")
    where = f"{target.host or 'this server'}, {f'port {target.port}' if target.port else 'the default port'}"
    if not host[DATABASE_PORT]:
        return failed(f"no answer from the database on {where}", where, expected="an open port")
    return passed(f"the database answers on {where}", where, expected="an open port")
