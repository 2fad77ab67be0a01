"""What DHCP clients write down about the addresses they were lent."""

import re
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

LEASE_FILES = (
    "var/lib/dhcp/*.lease*",  # dhclient on Debian, SUSE
    "var/lib/dhclient/*.lease*",  # dhclient on RHEL
    "var/lib/NetworkManager/*.lease",
    "run/systemd/netif/leases/*",
    "var/db/dhclient.leases*",  # FreeBSD
)
LARGEST = 1024 * 1024  # bytes; the newest lease stands last
BLOCK = re.compile(r"^\s*lease6?\s*\{(.*?)^\s*\}", re.MULTILINE | re.DOTALL)
FIXED = re.compile(r"^\s*fixed-address\s+([0-9a-fA-F.:]+)\s*;", re.MULTILINE)
EXPIRE = re.compile(r"^\s*expire\s+(?:epoch\s+(\d+)|\d\s+(\d+/\d+/\d+ \d+:\d+:\d+))", re.MULTILINE)
ASSIGNED = re.compile(r"^ADDRESS=([0-9a-fA-F.:]+)\s*$", re.MULTILINE)


def lease_files(root: Path, now: datetime) -> dict[str, datetime | None]:
    """The addresses lent by the lease files below root, each with its end (None: not written), without ended ones."""
    found: dict[str, datetime | None] = {}
    for pattern in LEASE_FILES:
        for file in sorted(root.glob(pattern)):
            if file.is_file():
                found |= leases_in(_tail(file))
    # an ended lease is history: the address may since have been given for good
    return {address: ends for address, ends in found.items() if ends is None or ends > now}


def leases_in(text: str) -> dict[str, datetime | None]:
    """The addresses in one lease file, of dhclient or of systemd-networkd and NetworkManager; the last word counts."""
    found: dict[str, datetime | None] = {str(ip_address(name)): None for name in ASSIGNED.findall(text)}
    for block in BLOCK.findall(text):
        address = FIXED.search(block)
        if address:
            found[str(ip_address(address[1]))] = _end(block)
    return found


def _end(block: str) -> datetime | None:
    written = EXPIRE.search(block)
    if written is None:
        return None  # "expire never"
    if written[1]:
        return datetime.fromtimestamp(int(written[1]), UTC)
    return datetime.strptime(written[2], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)


def _tail(file: Path) -> str:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - LARGEST))
        return opened.read(LARGEST).decode("utf-8", "backslashreplace")
