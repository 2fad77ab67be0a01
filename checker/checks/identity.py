"""Does every server have its declared identity, and does it keep it until the last migration has ended (V07)?"""

from collections import defaultdict
from datetime import UTC

from checker.checks.mechanism import Case, Host, Word, check, failed, not_applicable, passed, unseen
from checker.facts.addresses import USED, address, is_loopback, one_writing
from checker.facts.catalogue import (
    ADDRESSES,
    CONFIGURED_HOSTNAME,
    DEFAULT_ROUTE,
    HOST_KEYS,
    HOSTNAME,
    HOSTS_FILE,
    LEASES,
    LOOKUP,
    MACHINE_ID,
)
from checker.facts.host_facts import NotSeen
from checker.inputs import answer_text
from checker.inputs.answers import IdentityPersistent
from checker.inputs.deployment import Server
from checker.legible import several
from checker.schedule.order import order

RELIED_ON = (ADDRESSES, DEFAULT_ROUTE, *USED)
REMEDY = (
    "Before the first upgrade step: correct it now, or leave it until after the last migration (V24).",
    "From the first upgrade step to the end of the last migration: change nothing, HOLD, and call Sophos Technical "
    "Support (V07, V10).",
)


READ_IT = (
    "Find out why it could not be read, and collect this server's facts again; or read it on the server and answer.",
    answer_text.remedy("identity-persistent"),
)


def _plain(name: str) -> str:
    return name.rstrip(".").casefold()


def _label(name: str) -> str:
    return _plain(name).split(".")[0]


def same_name(one: str, other: str) -> bool:
    """Whether two host names are one: letter case and a trailing dot mean nothing; a short one fits each full one."""
    if "." in _plain(one) and "." in _plain(other):
        return _plain(one) == _plain(other)
    return _label(one) == _label(other)


def on_interfaces(host: Host) -> set[str]:
    """Every address that is on an interface of the server."""
    return {one_writing(row.address) for row in host[ADDRESSES]}


def relied_on(server: Server, host: Host, used: frozenset[str] | None) -> set[str]:
    """The addresses of a server that the deployment depends on: declared, used by the database, or used towards the
    default route, without those that may move; all, where it is unknown what the database uses (`used` None)."""
    own = {one_writing(row.address) for row in host[ADDRESSES] if row.scope == "global"}
    wanted = {one_writing(text) for text in (*server.addresses, *host[DEFAULT_ROUTE])} | (own if used is None else used)
    return (wanted & own) - {one_writing(text) for text in server.floating}


def _full(server: Server, running: str) -> str:
    """The running name, in full where it runs short under the declared one: `mail` may be one host in each domain."""
    if server.hostname and "." not in _plain(running) and same_name(running, server.hostname):
        return _plain(server.hostname)
    return _plain(running)


@check(
    "identity-unique",
    "No two servers are the same host",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V07",),
    reads=(HOSTNAME, *RELIED_ON),
    waivable=False,
    remedy=REMEDY,
)
def identity_unique(case: Case) -> Word:
    """Host names and relied-on addresses as measured; loopback, link-local, container and floating ones may repeat."""
    owners: dict[str, list[str]] = defaultdict(list)
    missing = []
    used = case.used_now or frozenset()
    for server in order(case.deployment.servers):
        host = case.host(server.name)
        try:
            for mark in sorted({_full(server, host[HOSTNAME])} | relied_on(server, host, used)):
                owners[mark].append(server.name)
        except NotSeen as unread:
            if case.watches(server.name) and server.name not in case.excused:
                missing.append(f"{server.name}: {unread}")
    twice = [f"{mark} on {', '.join(names)}" for mark, names in sorted(owners.items()) if len(names) > 1]
    expected = (
        "every host name and relied-on address on one server; hosts of one short name by their declared full ones"
    )
    if twice:
        return failed("servers share a host name or an address", *twice, expected=expected)
    if missing:
        return unseen(f"{several(len(missing), 'server')} not checked", *missing, expected=expected)
    return passed(f"{len(owners)} names and addresses, each on one server", expected=expected)


@check(
    "identity-clones",
    "No server is a copy of another",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V07",),
    reads=(HOST_KEYS, MACHINE_ID),
    remedy=(
        "If a copied machine runs beside its original, find out which of the two is meant and whether both accept "
        "mail. A pair for high availability that shares its host key on purpose is fine.",
        *REMEDY,
    ),
)
def identity_clones(case: Case) -> Word:
    """The same machine id or SSH host key on two servers; systems without a machine id are compared by host keys."""
    owners: dict[str, list[str]] = defaultdict(list)
    missing = []
    for server in order(case.deployment.servers):
        host = case.host(server.name)
        try:
            marks = {f"host key {key}" for key in host[HOST_KEYS]}
            machine = (host.get(MACHINE_ID) or "").strip()
            for mark in sorted(marks | ({f"machine id {machine}"} if machine else set())):
                owners[mark].append(server.name)
        except NotSeen as unread:
            if case.watches(server.name) and server.name not in case.excused:
                missing.append(f"{server.name}: {unread}")
    twice = [f"{mark} on {', '.join(names)}" for mark, names in sorted(owners.items()) if len(names) > 1]
    expected = "every machine id and host key on one server"
    if len(case.deployment.servers) == 1:
        return not_applicable("a single server cannot be a copy of another")
    if twice:
        return failed("servers share a machine id or a host key", *twice, expected=expected)
    if missing:
        return unseen(f"{several(len(missing), 'server')} not checked", *missing, expected=expected)
    if not owners:
        return not_applicable("no server has a machine id or a host key")
    return passed(f"{len(owners)} machine ids and host keys, each on one server", expected=expected)


@check(
    "identity-declared",
    "The server has the declared name and addresses",
    subject="server",
    severity="blocker",
    stages=("change", "server"),
    demands=("V07",),
    reads=(HOSTNAME, ADDRESSES),
    waivable=False,
    remedy=REMEDY,
)
def identity_declared(case: Case, server: Server, host: Host) -> Word:
    """First label of the running name, and each declared address present; a short against a full name is no fault."""
    if server.hostname is None and not server.addresses:
        return not_applicable("neither hostname nor addresses are declared")
    wrong, seen, notes = [], [], ""
    if server.hostname is not None:
        running = host[HOSTNAME]
        seen.append(f"host name {running}")
        if _label(running) != _label(server.hostname):
            wrong.append(f"its host name is {running}, declared is {server.hostname}")
        elif _plain(running) != _plain(server.hostname):
            notes = f" (short and full form differ: {running}, {server.hostname})"
    if server.addresses:
        present = on_interfaces(host)
        seen.append(f"addresses {', '.join(sorted(present))}")
        absent = [text for text in server.addresses if one_writing(text) not in present]
        if absent:
            wrong.append(f"{', '.join(absent)} declared, but on no interface")
    expected = ", ".join([server.hostname or "any host name", *server.addresses])
    if wrong:
        return failed("; ".join(wrong), *seen, expected=expected)
    return passed(f"it is the declared host{notes}", *seen, expected=expected)


@check(
    "identity-persistent",
    "A reboot would not change the name",
    subject="server",
    severity="blocker",
    stages=("two-days",),
    demands=("V07", "V24"),
    reads=(HOSTNAME, CONFIGURED_HOSTNAME),
    waivable=False,
    remedy=REMEDY,
)
def identity_persistent(case: Case, server: Server, host: Host) -> Word:
    """The configured name and the running one have the same first label; an answer counts where it was not read."""
    running, by = host[HOSTNAME], ""
    try:
        configured = host[CONFIGURED_HOSTNAME]
    except NotSeen as unread:
        answer = case.answer(IdentityPersistent, server.name)
        if answer is None:
            return unseen(f"not checked: {unread}", f"running {running}", remedy=READ_IT)
        configured, by = answer.configured, f" ({answer.where}: {answer.by}, {answer.at})"
    seen = (f"running {running}", f"configured {configured}{by}")
    if _label(running) != _label(configured):
        return failed(
            f"the host name is {running}, after a reboot it would be {configured}", *seen, expected="the same name"
        )
    return passed(f"both are {_label(running)}", *seen)


@check(
    "identity-leased",
    "No address is leased from DHCP",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V07",),
    reads=(LEASES,),
    remedy=("Have the address reserved, or made static, by those who run DHCP, before the window.", *REMEDY),
)
def identity_leased(case: Case, server: Server, host: Host) -> Word:
    """A lease that ends inside the freeze can change the address during the upgrade."""
    leases = [lease for lease in host[LEASES] if lease.address not in server.floating]
    if not leases:
        return passed("no address is leased")
    nights = case.deployment.change.nights
    lines = []
    for lease in sorted(leases, key=lambda lease: lease.address):
        line = f"{lease.address} on {lease.interface}"
        if lease.ends is not None:
            inside = nights[0][0] <= lease.ends <= nights[-1][1]
            line += f", until {lease.ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            line += " – INSIDE the freeze" if inside else ""
        lines.append(line)
    return failed(
        f"leased from DHCP: {', '.join(lease.address for lease in leases)}",
        *lines,
        expected="static addresses, or reservations",
    )


@check(
    "identity-dns",
    "The server's own name resolves to itself",
    subject="server",
    severity="info",
    stages=("two-days",),
    demands=("V07",),
    reads=(HOSTNAME, LOOKUP, HOSTS_FILE, ADDRESSES),
    remedy=("This is often intended (split DNS, a name for the outside). Otherwise, as for every identity:", *REMEDY),
)
def identity_dns(case: Case, server: Server, host: Host) -> Word:
    """Its running name looked up on itself; a loopback address is a distribution's habit, a missing PTR normal."""
    running, found = host[HOSTNAME], host[LOOKUP]
    own = {address(row.address) for row in host[ADDRESSES]} | {address(text) for text in server.floating}
    lines = tuple(f"hosts file: {line}" for line in host.get(HOSTS_FILE) or ())
    expected = "an address of its own"
    if not found:
        return failed(f"{running} does not resolve on the server itself", *lines, expected=expected)
    words = f"{running} resolves to {', '.join(found)} on the server itself"
    if not any(address(text) in own or is_loopback(text) for text in found):
        return failed(f"{words}, and none of these is on an interface", *lines, expected=expected)
    return passed(words, *lines, expected=expected)
