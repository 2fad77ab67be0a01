"""Facts of the machine that this runs on: only read, nothing written, nobody contacted."""

from collections.abc import Callable, Iterable
from datetime import datetime

from checker.collect.local_identity import identity
from checker.collect.local_network import network
from checker.collect.local_platform import system
from checker.collect.local_starters import starters
from checker.collect.local_storage import storage
from checker.collect.local_tree import parts
from checker.collect.looking import Facts, reason
from checker.deployment import Deployment, Server
from checker.errors import InputError
from checker.facts import CATALOGUE, HostFacts, Unknown
from checker.text_file import nearest


def collect(server: Server, deployment: Deployment, now: datetime, timeout: float = 60.0) -> HostFacts:
    """Every fact of the catalogue for this machine, taken as the named server of the deployment.

    `timeout` is the seconds that counting the parts of 5.6.1 may take together; what stops there is unknown with a
    lower bound. The machine's clock is the one that `now` was read from, so the two cannot differ.
    """
    found: Facts = {}
    unread: list[str] = []

    def take_storage() -> Facts:
        facts, rows = storage(deployment.paths)
        unread.extend(rows)
        return facts

    families: Iterable[Callable[[], Facts]] = (
        identity,
        lambda: network(now),
        system,
        take_storage,
        lambda: starters(deployment.paths.source),
        lambda: parts(deployment.paths, timeout),
    )
    broken = "; ".join(filter(None, [_gather(family, found) for family in families]))
    unseen = Unknown(unknown=broken or "not looked for on this machine")
    facts = {path: found.get(path, unseen) for path in CATALOGUE}
    return HostFacts(
        server=server.name,
        via="local",
        outcome="ok",
        collected_at=now,
        host_clock=now,
        facts=facts,
        unread_rows=tuple(unread),
    )


def choose_server(deployment: Deployment, name: str | None, running_hostname: str) -> Server:
    """The server of the deployment that this machine is; InputError where that cannot be told.

    The one named; else the one whose declared host name (or, without one, whose name) is this machine's, first in
    full and then by its first label; else the only one there is.
    """
    servers = deployment.servers
    if name is not None:
        return _named(deployment, name)
    for same in (_same_name, _same_label):
        found = [server for server in servers if same(server.hostname or server.name, running_hostname)]
        if len(found) == 1:
            return found[0]
        if found:
            who = ", ".join(server.name for server in found)
            raise InputError(f"this machine is {running_hostname}, which can be {who}: say which with --server NAME")
    if len(servers) == 1:
        return servers[0]
    raise InputError(
        f"this machine is {running_hostname}, and no server of {deployment.deployment} is declared with that name: "
        "say which one it is with --server NAME"
    )


def _named(deployment: Deployment, name: str) -> Server:
    names = [server.name for server in deployment.servers]
    if name in names:
        return deployment.server(name)
    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else f"there is {', '.join(names[:10])}{' …' if len(names) > 10 else ''}"
    raise InputError(f"no server {name} in {deployment.deployment}: {hint}")


def _same_name(declared: str, running: str) -> bool:
    return declared.lower() == running.lower()


def _same_label(declared: str, running: str) -> bool:
    return _same_name(declared.partition(".")[0], running.partition(".")[0])


def _gather(family: Callable[[], Facts], found: Facts) -> str | None:
    """Adds a family's facts; returns what broke where all of it did, so that the others are still taken."""
    try:
        found |= family()
    except Exception as error:
        return reason(error)
    return None
