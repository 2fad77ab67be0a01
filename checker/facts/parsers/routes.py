"""The default route, as `ip route` and `netstat -rn` print it, and the own addresses that leave by it."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from itertools import pairwise

from checker.facts.fact_values import Address
from checker.facts.parsers.network import Own
from checker.facts.parsers.parsed import LONGEST_LINE, NotRead, Read, filled, program

DEFAULTS = ("default", "0.0.0.0", "::/0", "0/0", "default/0")
WORST = 2**32  # of two routes the lower metric is used


def default_route(lines: Sequence[str], command: str, own: Sequence[Own]) -> Read[tuple[str, ...]]:
    """The addresses that traffic for the default route leaves from; empty where there is no such route.

    A route over an interface that has no global address of its family (IPv6 by router advertisement, a tunnel) has none
    to tell: it is an unread row, and what the other family says stands.
    """
    return _of_ip(lines, own) if program(command) == "ip" else _of_netstat(lines, own)


def _of_ip(lines: Sequence[str], own: Sequence[Own]) -> Read[tuple[str, ...]]:
    unread: list[str] = []
    best: dict[int, tuple[int, list[str]]] = {}
    metric = WORST
    for line in filled(lines):
        words = line.split() if len(line) <= LONGEST_LINE else []
        after = dict(pairwise(words))
        if words[:1] == ["default"]:
            metric = int(after["metric"]) if after.get("metric", "").isdigit() else 0
        elif words[1:2] == ["default"]:
            continue  # unreachable, blackhole, prohibit: nothing leaves by it
        elif words[:1] != ["nexthop"]:
            unread.append(line)
            continue
        if "dev" not in after:
            continue  # its next hops follow
        if not own:
            raise NotRead("the addresses on interfaces are unknown")
        # of IPv6 `ip` tells a preference, also where no gateway does (a tunnel)
        version = 6 if ":" in after.get("src", after.get("via", "")) or "pref" in after else 4
        source = after.get("src") or _first_on(after["dev"], version, own)
        if source is None or source.startswith("fe80:"):
            unread.append(line)
        elif version not in best or metric < best[version][0]:
            best[version] = (metric, [source])
        elif metric == best[version][0]:
            best[version][1].append(source)
    return Read(_unique(source for version in sorted(best) for source in best[version][1]), tuple(unread))


def _of_netstat(lines: Sequence[str], own: Sequence[Own]) -> Read[tuple[str, ...]]:
    if not filled(lines):
        raise NotRead("it printed nothing")
    interfaces = {row.address.interface for row in own}
    found: list[str] = []
    unread: list[str] = []
    for line in filled(lines):
        words = line.split() if len(line) <= LONGEST_LINE else []
        if len(words) < 3 or words[0] not in DEFAULTS or "!" in words[2]:
            continue  # a route to elsewhere, or a heading
        gateway = words[1].partition("%")[0]
        version = 6 if ":" in gateway else 4
        interface = next((word for word in reversed(words[2:]) if word in interfaces), None)
        if interface is not None:
            source = _first_on(interface, version, own)
            if source is None:
                unread.append(line)
            else:
                found.append(source)
        else:
            # Solaris leaves the column empty for a route that no interface was given for
            found.append(_beside(gateway, own, line))
    return Read(_unique(found), tuple(unread))


def _first_on(interface: str, version: int, own: Sequence[Own]) -> str | None:
    for row in own:
        if row.address.interface == interface and not row.secondary and _usable(row.address, version):
            return row.address.address
    return None


def _beside(gateway: str, own: Sequence[Own], line: str) -> str:
    """The one own address in the gateway's network; NotRead where it is none, or one of several."""
    try:
        there = ip_address(gateway)
    except ValueError:
        raise NotRead(f"it names neither a known interface nor a gateway: {line.strip()}") from None
    found = {
        row.address.address
        for row in own
        if row.address.prefix is not None
        and _usable(row.address, there.version)
        and there in ip_network(f"{row.address.address}/{row.address.prefix}", strict=False)
    }
    if len(found) != 1:
        raise NotRead(f"the interface is missing: {line.strip()}")
    return found.pop()


def _usable(address: Address, version: int) -> bool:
    return address.scope == "global" and ip_address(address.address).version == version


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
