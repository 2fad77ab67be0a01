"""Addresses as they compare, and which of them the database is used by."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from checker.facts.catalogue import DATABASE_LOOKUP, DATABASE_TARGET, PEERS
from checker.facts.host_facts import HostFacts, NotSeen, read
from checker.inputs.deployment import Deployment

USED = (PEERS, DATABASE_TARGET, DATABASE_LOOKUP)  # what used_addresses reads


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as it compares: without a zone, and an IPv4 address as such however IPv6 carries it."""
    try:
        found = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_loopback(text: str) -> bool:
    """Whether an address is the machine's talk with itself."""
    found = address(text)
    return found is not None and found.is_loopback


def one_writing(text: str) -> str:
    """An address in the one writing in which it compares."""
    found = address(text)
    return str(found) if found else text


def used_addresses(deployment: Deployment, hosts: Mapping[str, HostFacts]) -> frozenset[str] | None:
    """The addresses by which the database is used: those that clients come from, and those it is looked for at.

    None where the Database server's connections, or the addresses of the database's name, were not seen.
    """
    found: set[str] = set()
    for server in deployment.servers:
        host = hosts.get(server.name)
        if host is None or not host.reached:
            continue
        try:
            found |= {*read(host, PEERS)} if server.has("database") else set()
            place = _place(host)
            found |= {place} if place and address(place) else {*read(host, DATABASE_LOOKUP)} if place else set()
        except NotSeen:
            return None
    return frozenset(one_writing(text) for text in found if address(text) and not is_loopback(text))


def _place(host: HostFacts) -> str | None:
    """Where a server looks for the database; None where it does not say: a server without a pmdb.conf uses none."""
    try:
        return read(host, DATABASE_TARGET).host
    except NotSeen:
        return None
