"""The addresses that DHCP lends, by the interfaces' own flags and by what DHCP clients write down."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from checker.facts.fact_values import Lease
from checker.facts.parsers.network import Own
from checker.facts.parsers.parsed import NotRead, Read, filled, program
from checker.facts.parsers.protocol import Section
from checker.facts.parsers.whole_output import WholeOutput

# dhclient writes interface, fixed-address and expire; networkd and NetworkManager ADDRESS=; dhcpinfo the address alone
ADDRESS = re.compile(r"(?:fixed-address |ADDRESS=|(?=[\d.]+$))(?P<address>[0-9A-Fa-f.:]+);?")
EXPIRE = re.compile(r"expire (?:(?P<never>never)|epoch (?P<epoch>\d{1,12})|\d (?P<date>\d+/\d+/\d+ \d+:\d+:\d+))\s*;.*")


def lent(_: Section, host: WholeOutput) -> Read[tuple[Lease, ...]]:
    """The leases of a host; NotRead where neither its interfaces nor a file of a DHCP client could tell of one."""
    if not host.own:
        raise NotRead("the addresses on interfaces are unknown")
    addresses, files = host.output.get("identity.addresses"), host.output.get("identity.leases")
    read = leases(host.own, files.lines if files else (), host.clock)
    # the kernel of Linux and the flags of Solaris tell; FreeBSD's one client keeps its file where the probe looks
    asked = program(addresses.command) if addresses else ""
    by_flags = host.system == "SunOS" or (host.system == "FreeBSD" and files is not None)
    if not read.value and not (asked == "ip" or (asked == "ifconfig" and by_flags)):
        raise NotRead("neither the interfaces nor a DHCP client's file shows it", unread=read.unread)
    return read


def leases(rows: Iterable[Own], lines: Sequence[str], clock: datetime | None) -> Read[tuple[Lease, ...]]:
    """The lent ones of these addresses: by their own flags, and by the `FILE:line` rows of DHCP clients' files."""
    files = in_files(lines)
    found: dict[str, Lease] = {}
    for row in rows:
        address, interface = row.address.address, row.address.interface
        ends = files.value.get(address)
        # an ended lease is history: the address may since have been given for good
        if ends and clock and ends <= clock:
            listed, ends = False, None
        else:
            listed = address in files.value
        if clock and row.seconds is not None:
            ends = clock + timedelta(seconds=row.seconds)
        if row.lent or listed:
            found[address] = Lease(address=address, interface=interface, ends=ends)
    return Read(tuple(found[address] for address in sorted(found)), files.unread)


def in_files(lines: Sequence[str]) -> Read[dict[str, datetime | None]]:
    """The addresses that the files name, each with its end (None: not written); of several the last word counts."""
    found: dict[str, datetime | None] = {}
    unread = []
    last: tuple[str, str] | None = None  # the file and the address that an end belongs to
    for line in filled(lines):
        file, _, text = line.partition(":")
        text = text.strip()
        if text.startswith("interface "):
            last = None
            continue
        try:
            if given := ADDRESS.fullmatch(text):
                last = file, str(ip_address(given["address"]))
                found[last[1]] = None
            elif last and last[0] == file and (written := EXPIRE.fullmatch(text)):
                found[last[1]] = _end(written)
            else:
                unread.append(line)
        except (ValueError, OverflowError, OSError):
            unread.append(line)
    return Read(found, tuple(unread))


def _end(written: re.Match[str]) -> datetime | None:
    if written["never"]:
        return None
    if written["epoch"]:
        return datetime.fromtimestamp(int(written["epoch"]), UTC)
    return datetime.strptime(written["date"], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
