"""Which addresses the machine has, which of them are only lent, and which one it speaks from."""

import errno
import json
import re
import socket
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import psutil

from checker.collect.leases import lease_files
from checker.collect.looking import CouldNotLook, Facts, look, run
from checker.facts import ADDRESSES, DEFAULT_ROUTE, LEASES, Address, Lease

IP = ["ip", "-j", "addr"]
FOREVER = 2**32 - 1  # the kernel's valid_life_time of an address that does not expire
# bridges and links of container and virtual machine hosts: the deployment is never reached over them
CONTAINER = re.compile(
    r"docker\w*|br-[0-9a-f]{12}|veth.*|virbr\d+.*|vnet\d+|cni.*|podman\d*|flannel.*|cali.*|cilium.*|lxc.*|lxdbr\d+"
    r"|incusbr\d+|nerdctl\d+|cbr\d+|kube-.*|weave.*"
)
IF_INET6 = Path("/proc/net/if_inet6")
IFA_F_TEMPORARY = 0x01
# reserved for documentation, so nobody has a route of their own for them: they go where the default route goes
NOWHERE: tuple[tuple[socket.AddressFamily, str], ...] = (
    (socket.AF_INET, "203.0.113.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def network(now: datetime) -> Facts:
    """Addresses, leases and the default route's own addresses."""
    return {
        **look(ADDRESSES, addresses),
        **look(LEASES, lambda: leases(now)),
        **look(DEFAULT_ROUTE, default_route),
    }


def addresses() -> tuple[tuple[Address, ...], str]:
    """Every address on every interface, and how it was seen."""
    try:
        return addresses_of(run(IP)), " ".join(IP)
    except (CouldNotLook, ValueError):
        return _addresses_of_psutil(), "psutil.net_if_addrs()"


def addresses_of(text: str) -> tuple[Address, ...]:
    """The addresses in the output of `ip -j addr`; ValueError where it is not that."""
    return tuple(
        _address(row["local"], row.get("prefixlen"), interface, bool(row.get("temporary")))
        for interface, row in _rows(text)
    )


def leases(now: datetime) -> tuple[tuple[Lease, ...], str]:
    """The addresses that DHCP lends; CouldNotLook where neither the kernel nor a DHCP client's file can say."""
    on_interfaces = {row.address: row.interface for row in addresses()[0]}
    # dhclient of older systems tells the kernel no lifetime: only its own file knows that the address is lent
    from_files = {
        address: Lease(address=address, interface=on_interfaces[address], ends=ends)
        for address, ends in lease_files(Path("/"), now).items()
        if address in on_interfaces
    }
    try:
        from_kernel = {lease.address: lease for lease in leases_of(run(IP), now)}
    except (CouldNotLook, ValueError) as silent:
        if not from_files:
            raise CouldNotLook(f"{silent}, and no DHCP client left a lease file") from None
        from_kernel = {}
    both = from_files | from_kernel
    return tuple(both[address] for address in sorted(both)), f"{' '.join(IP)}, and the DHCP clients' lease files"


def leases_of(text: str, now: datetime) -> tuple[Lease, ...]:
    """The addresses that `ip -j addr` calls dynamic, without those that IPv6 routers announce (SLAAC)."""
    return tuple(
        Lease(
            address=row["local"],
            interface=interface,
            ends=now + timedelta(seconds=left) if (left := row.get("valid_life_time", FOREVER)) < FOREVER else None,
        )
        for interface, row in _rows(text)
        if row.get("dynamic") and (row.get("family") == "inet" or row.get("prefixlen") == 128)
    )


def default_route() -> tuple[tuple[str, ...], str]:
    """The own addresses that traffic for the default route leaves from; empty where there is no such route."""
    found = []
    for family, nowhere in NOWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as unconnected:
                unconnected.connect((nowhere, 9))
                found.append(str(unconnected.getsockname()[0]).partition("%")[0])
        except OSError as error:
            if error.errno not in NO_ROUTE:
                raise
    targets = " and ".join(nowhere for _, nowhere in NOWHERE)
    return tuple(found), f"getsockname() of UDP sockets connected to {targets}, which sends nothing"


def _rows(text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        links = [(link["ifname"], link.get("addr_info", ())) for link in json.loads(text)]
        return [
            (interface, row)
            for interface, rows in links
            for row in rows
            if row.get("family") in ("inet", "inet6") and "local" in row
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"`{' '.join(IP)}` printed something else: {error}") from None


def _address(text: str, prefix: int | None, interface: str, temporary: bool) -> Address:
    address = ip_address(text.partition("%")[0])
    if address.is_loopback:
        scope = "loopback"
    elif address.is_link_local:
        scope = "link"
    elif CONTAINER.fullmatch(interface):
        scope = "container"
    else:
        scope = "temporary" if temporary else "global"
    return Address.model_validate({"address": str(address), "prefix": prefix, "interface": interface, "scope": scope})


def _addresses_of_psutil() -> tuple[Address, ...]:
    temporary = temporary_of(IF_INET6.read_text()) if IF_INET6.exists() else frozenset()
    return tuple(
        _address(row.address, _prefix(row.netmask), interface, row.address.partition("%")[0] in temporary)
        for interface, rows in sorted(psutil.net_if_addrs().items())
        for row in rows
        if row.family in (socket.AF_INET, socket.AF_INET6)
    )


def temporary_of(text: str) -> frozenset[str]:
    """The IPv6 privacy addresses in /proc/net/if_inet6 (address, index, prefix, scope, flags, interface)."""
    rows = (line.split() for line in text.splitlines())
    return frozenset(
        str(ip_address(bytes.fromhex(row[0]))) for row in rows if len(row) == 6 and int(row[4], 16) & IFA_F_TEMPORARY
    )


def _prefix(netmask: str | None) -> int | None:
    if not netmask:
        return None
    if ":" in netmask:
        return int(ip_address(netmask)).bit_count()
    return ip_network(f"0.0.0.0/{netmask}").prefixlen
