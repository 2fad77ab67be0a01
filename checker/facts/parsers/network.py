"""Addresses on interfaces, as ip, ifconfig and `netstat -in` print them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from checker.facts.fact_values import Address
from checker.facts.parsers.parsed import LONGEST_LINE, Read, each, filled, program

IP = re.compile(
    r"\d+: (?P<interface>[^\s@]+)(?:@\S+)?\s+(?P<family>inet6?) (?P<address>[^\s/]+)(?: peer [^\s/]+)?"
    r"(?:/(?P<bits>\d{1,3}))?(?P<rest>\s.*)?"
)
IP_LINK = re.compile(r"\d+: \S+: <.*")  # old releases print the links too
LIFETIME = re.compile(r"valid_lft (\d{1,10})sec")
HEADER = re.compile(r"(?P<interface>\S+?):?\s+(?:flags=\w*(?:,\w+)?<(?P<flags>[^>]*)>|Link encap:).*")
INET = re.compile(
    r"\s*inet6? ?(?:addr: ?)?(?P<address>[0-9A-Fa-f.:]+)(?:%[^\s/]+)?(?:/(?P<bits>\d{1,3}))?(?P<rest>\s.*)?"
)
PREFIX = re.compile(
    r"(?:prefixlen (?P<bits>\d{1,3})|(?:netmask |Mask:)(?:(?:0x)?(?P<hex>[0-9a-f]{8})\b|(?P<dotted>[\d.]+)))"
)
# bridges and links of container and virtual machine hosts: the deployment is never reached over them
CONTAINER = re.compile(
    r"docker\w*|br-[0-9a-f]{12}|veth.*|virbr\d+.*|vnet\d+|cni.*|podman\d*|flannel.*|cali.*|cilium.*|lxc.*|lxdbr\d+"
    r"|incusbr\d+|nerdctl\d+|cbr\d+|kube-.*|weave.*"
)
NETSTAT_HEADER = re.compile(r"Name\s+Mtu\s+Net.*")
LINK_ROW = re.compile(r"<?link#?.*|none", re.IGNORECASE)


@dataclass(frozen=True)
class Own:
    """An address of the host: whether it came with a lease (and for how many seconds more), and if it is the first."""

    address: Address
    lent: bool = False
    seconds: int | None = None
    secondary: bool = False


def own(lines: Sequence[str], command: str) -> Read[tuple[Own, ...]]:
    """The addresses on all interfaces, in the order of the output of that command."""
    if program(command) == "ip":
        return each((line for line in lines if not IP_LINK.match(line)), _ip)
    return _netstat(lines) if program(command) == "netstat" else _ifconfig(lines)


def addresses(lines: Sequence[str], command: str) -> Read[tuple[Address, ...]]:
    """The addresses alone, whichever way they came."""
    read = own(lines, command)
    return Read(tuple(row.address for row in read.value), read.unread)


def _ip(line: str) -> Own | None:
    row = IP.fullmatch(line.replace("\\", " "))
    rest = f" {row['rest'] or ''} " if row else ""
    address = _address(row["address"], row["bits"], row["interface"], temporary=" temporary " in rest) if row else None
    if row is None or address is None:
        return None
    # IPv6 routers announce addresses with a lifetime too (SLAAC): lent are only those of DHCP
    lent = " dynamic " in rest and (row["family"] == "inet" or address.prefix == 128)
    left = LIFETIME.search(rest) if lent else None
    return Own(address, lent, int(left[1]) if left else None, " secondary " in rest)


def _ifconfig(lines: Sequence[str]) -> Read[tuple[Own, ...]]:
    found, unread = [], []
    interface, flags, foreign = None, frozenset[str](), False
    for line in filled(lines):
        header = HEADER.fullmatch(line) if not line[0].isspace() and len(line) <= LONGEST_LINE else None
        words = line.split(None, 2)
        if header:
            interface, flags, foreign = header["interface"], frozenset((header["flags"] or "").split(",")), False
        elif not line[0].isspace():
            interface = None
            unread.append(line)
        elif words[0] == "zone":  # Solaris: this address belongs to another zone, which is another host
            foreign = True
        elif words[0] in ("inet", "inet6"):
            row = _inet(line, interface, flags, foreign) if interface and len(line) <= LONGEST_LINE else None
            if row is None:
                unread.append(line)
            else:
                found.append(row)
    return Read(tuple(found), tuple(unread))


def _inet(line: str, interface: str, flags: frozenset[str], foreign: bool) -> Own | None:
    row = INET.fullmatch(line)
    if row is None:
        return None
    rest = row["rest"] or ""
    words, mask = set(rest.split()), PREFIX.search(rest)
    bits = row["bits"] or (mask and (mask["bits"] or _bits(mask["hex"], mask["dotted"])))
    temporary = "temporary" in words or "TEMPORARY" in flags
    address = _address(row["address"], bits, interface, temporary, foreign)
    if address is None:
        return None
    # Solaris flags an interface, macOS an IPv6 address; others say nothing here
    return Own(address, lent="DHCP" in flags or ("dynamic" in words and "autoconf" not in words))


def _netstat(lines: Sequence[str]) -> Read[tuple[Own, ...]]:
    found, unread = [], []
    for line in filled(lines):
        name, _, network, address, *_ = [*line.split(None, 5), "", "", ""]
        row = _netstat_row(name, network, address)
        if row is not None:
            found.append(Own(row))
        elif not (NETSTAT_HEADER.match(line) or LINK_ROW.fullmatch(network)):
            unread.append(line)
    return Read(tuple(found), tuple(unread))


def _netstat_row(name: str, network: str, address: str) -> Address | None:
    interface, bits = name.rstrip("*"), network.partition("/")[2]
    given = _address(address, bits if bits.isdecimal() else None, interface)
    # where the two columns are the same, AIX prints one
    return given or (_address(network, None, interface) if address.isdecimal() else None)


def _address(
    text: str, bits: str | int | None, interface: str, temporary: bool = False, foreign: bool = False
) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if address.is_loopback:
        scope = "loopback"
    elif address.is_link_local or address.is_unspecified:
        scope = "link"
    elif foreign or CONTAINER.fullmatch(interface):
        scope = "container"
    else:
        scope = "temporary" if temporary else "global"
    prefix = None if bits is None else int(bits)
    if prefix is not None and prefix > address.max_prefixlen:
        return None
    return Address.model_validate({"address": str(address), "prefix": prefix, "interface": interface, "scope": scope})


def _bits(hexadecimal: str | None, dotted: str | None) -> int | None:
    if hexadecimal:
        return int(hexadecimal, 16).bit_count()
    try:
        return ip_network(f"0.0.0.0/{dotted}").prefixlen
    except ValueError:
        return None
