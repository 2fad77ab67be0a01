"""Who the machine is: its names now and after a reboot, its id, and its SSH host keys."""

import base64
import hashlib
import os
import re
from pathlib import Path

from checker.collect.looking import CouldNotLook, Facts, look
from checker.facts import CONFIGURED_HOSTNAME, EUID, HOST_KEYS, HOSTNAME, MACHINE_ID

SMALL = 65536  # bytes; these files have a few lines

PLAIN_NAME = re.compile(r"^\s*([^#\s]\S*)\s*$", re.MULTILINE)


def _assigned(variable: str) -> re.Pattern[str]:
    return re.compile(rf"""^\s*{variable}=["']?([^"'#\n]*?)["']?\s*(?:#.*)?$""", re.MULTILINE)


# where each system keeps the name that it takes at boot; the first file that is there decides
NAME_FILES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("etc/hostname", PLAIN_NAME),  # Debian, and every system with systemd
    ("etc/HOSTNAME", PLAIN_NAME),  # SUSE, Slackware
    ("etc/nodename", PLAIN_NAME),  # Solaris up to 10
    ("etc/myname", PLAIN_NAME),  # OpenBSD, NetBSD
    ("etc/sysconfig/network", _assigned("HOSTNAME")),  # RHEL up to 6
    ("etc/conf.d/hostname", _assigned("hostname")),  # OpenRC
    ("etc/rc.conf.local", _assigned("hostname")),  # FreeBSD reads it after rc.conf
    ("etc/rc.conf", _assigned("hostname")),
)
WRITTEN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def identity() -> Facts:
    """Names, machine id, host keys, and the user that looks."""
    return {
        **look(HOSTNAME, lambda: (os.uname().nodename, "uname()")),
        **look(CONFIGURED_HOSTNAME, configured_hostname),
        **look(MACHINE_ID, machine_id),
        **look(HOST_KEYS, host_keys),
        **look(EUID, lambda: (os.geteuid(), "geteuid()")),
    }


def configured_hostname(root: Path = Path("/")) -> tuple[str, str]:
    """The name that a reboot would give, and the file that says so; CouldNotLook where no file does."""
    for relative, pattern in NAME_FILES:
        file = root / relative
        if not file.is_file():
            continue
        written = pattern.findall(_small(file))
        if not written:
            continue
        # of two assignments the shell keeps the last; a plain file has one line
        name = written[0] if pattern is PLAIN_NAME else written[-1]
        if not WRITTEN_NAME.fullmatch(name):
            raise CouldNotLook(f"{file} does not state it plainly: {name[:80]!r}")
        return name, str(file)
    raise CouldNotLook("no file that a system takes its name from at boot names it: it may come from DHCP or a cloud")


def machine_id(root: Path = Path("/")) -> tuple[str, str]:
    """The operating system's id, and the file that says so; CouldNotLook where it has none."""
    for relative in ("etc/machine-id", "var/lib/dbus/machine-id", "etc/hostid"):
        file = root / relative
        text = _small(file).strip() if file.is_file() else ""
        if re.fullmatch(r"[0-9a-fA-F-]{32,36}", text):
            return text, str(file)
    raise CouldNotLook("no machine id is written in /etc/machine-id, /var/lib/dbus/machine-id or /etc/hostid")


def host_keys(directory: Path = Path("/etc/ssh")) -> tuple[tuple[str, ...], str]:
    """The fingerprints of the SSH host keys as `ssh-keygen -lf` prints them (SHA256:…), sorted."""
    files = sorted(directory.glob("ssh_host_*key.pub"))
    if not files:
        raise CouldNotLook(f"no {directory}/ssh_host_*key.pub here")
    return tuple(sorted(fingerprint(_small(file)) for file in files)), f"SHA-256 of {directory}/ssh_host_*key.pub"


def fingerprint(line: str) -> str:
    """The fingerprint of a public key line (`ssh-ed25519 AAAA… comment`)."""
    key = base64.b64decode(line.split()[1], validate=True)
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _small(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(SMALL).decode("utf-8", "backslashreplace")
