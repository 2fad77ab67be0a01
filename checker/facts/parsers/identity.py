"""Names, ids, keys and look-ups: who a host says it is, and who the others say it is."""

import base64
import hashlib
import re
from collections.abc import Sequence
from ipaddress import ip_address

from checker.facts.parsers.parsed import NotRead, Read, each, filled, only, program

MACHINE_ID = re.compile(r"[0-9a-fA-F-]{32,36}")
EUID = re.compile(r"\beuid=(\d{1,10})\b")
UID = re.compile(r"\buid=(\d{1,10})\b")
PUBLIC_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ ([A-Za-z0-9+/=]+)")
WRITTEN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def _assigned(variable: str) -> re.Pattern[str]:
    return re.compile(rf"""\s*{variable}=["']?([^"'#]*?)["']?\s*(?:#.*)?""")


PLAIN_NAME = re.compile(r"\s*([^#\s]\S*)\s*")
NETCONF, INET0, SMF = "/etc/rc.config.d/netconf", "lsattr", "svcprop"
# where each system keeps the name that it takes at boot; the first that is there decides
PLACES = {
    "/etc/hostname": PLAIN_NAME,  # Debian, and every system with systemd
    "/etc/HOSTNAME": PLAIN_NAME,  # SUSE, Slackware
    "/etc/nodename": PLAIN_NAME,  # Solaris up to 10
    "/etc/myname": PLAIN_NAME,  # OpenBSD, NetBSD
    "/etc/sysconfig/network": _assigned("HOSTNAME"),  # RHEL up to 6
    "/etc/conf.d/hostname": _assigned("hostname"),  # OpenRC
    "/etc/rc.conf.local": _assigned("hostname"),  # FreeBSD reads it after rc.conf
    "/etc/rc.conf": _assigned("hostname"),
    NETCONF: _assigned("HOSTNAME"),
    INET0: re.compile(r"(?:hostname\s+)?(\S+)(?:\s.*)?"),  # `hostname mx1 Host Name True`
    SMF: PLAIN_NAME,  # Solaris 11
}
# but on these the system decides; a file that another release or system uses may lie about too
FIRST = {
    "SunOS": (SMF, "/etc/nodename"),
    "OpenBSD": ("/etc/myname",),
    "NetBSD": ("/etc/rc.conf.local", "/etc/rc.conf", "/etc/myname"),
    "FreeBSD": ("/etc/rc.conf.local", "/etc/rc.conf"),
    "HP-UX": (NETCONF,),
    "AIX": (INET0,),
}
BEFORE_SYSTEMD = re.compile(r"(?:Red Hat|CentOS|Scientific|Oracle|Enterprise).* release [2-6]\b")


def hostname(nodename: Sequence[str], spoken: Sequence[str] | None) -> Read[str]:
    """The running name by `uname -n`; NotRead where `hostname` says another one. The full form is no other name."""
    named = only(nodename)
    if spoken is None or not filled(spoken):
        return named
    other = only(spoken)
    unread = (*named.unread, *other.unread)
    one, two = named.value.casefold(), other.value.casefold()
    if one.partition(".")[0] != two.partition(".")[0]:
        raise NotRead(f"`uname -n` says {named.value}, `hostname` says {other.value}", unread=unread)
    if one != two:
        unread = (*unread, f"`uname -n` says {named.value}, `hostname` says {other.value}")
    return Read(named.value, unread)


def configured_hostname(lines: Sequence[str], system: str, release: str) -> Read[str]:
    """The name a reboot gives, of `FILE:line` rows: that of the file which decides on this system."""
    written: dict[str, list[str]] = {}
    unread = []
    for line in filled(lines):
        file, _, text = line.strip().partition(":")
        row = PLACES[file].fullmatch(text) if file in PLACES else None
        if row:
            written.setdefault(file, []).append(row[1])
        elif text.strip() and not text.strip().startswith("#"):
            unread.append(line)
    for place in (*_first(system, release), *PLACES):
        if place in written:
            # of two assignments the shell keeps the last; a plain file has one line
            name = written[place][0 if PLACES[place] is PLAIN_NAME else -1]
            if not WRITTEN_NAME.fullmatch(name):
                raise NotRead(f"{place} does not state it plainly: {name[:80]!r}", unread=tuple(unread))
            return Read(name, tuple(unread))
    raise NotRead("no file with the host name for the boot was found", unread=tuple(unread))


def machine_id(lines: Sequence[str]) -> Read[str]:
    """The one machine id that is written."""
    read = only(lines)
    if not MACHINE_ID.fullmatch(read.value):
        raise NotRead("not a machine id", unread=(read.value, *read.unread))
    return read


def host_keys(lines: Sequence[str]) -> Read[tuple[str, ...]]:
    """The fingerprints of public key lines as `ssh-keygen -lf` prints them, sorted."""
    read = each(lines, _fingerprint)
    if not read.value:
        raise NotRead("no public SSH host key was found", unread=read.unread)
    return Read(tuple(sorted(set(read.value))), read.unread)


def texts(lines: Sequence[str]) -> Read[tuple[str, ...]]:
    """The lines as they are."""
    return Read(tuple(line.strip() for line in filled(lines)))


def looked_up(lines: Sequence[str], command: str) -> Read[tuple[str, ...]]:
    """The addresses that a name resolves to, by getent or nslookup; empty where the answer was that there is none."""
    if program(command) == "nslookup":
        return _nslookup(lines)
    read = each(lines, lambda line: _ip(line.split()[0]))
    return Read(tuple(dict.fromkeys(read.value)), read.unread)


def euid(lines: Sequence[str]) -> Read[int]:
    """The effective user id in the output of id, which names it only where it is not the real one."""
    read = only(lines)
    found = EUID.search(read.value) or UID.search(read.value)
    if found is None:
        raise NotRead("it names no user id", unread=(read.value, *read.unread))
    return Read(int(found[1]), read.unread)


def _first(system: str, release: str) -> tuple[str, ...]:
    if system == "Linux" and BEFORE_SYSTEMD.search(release):
        return ("/etc/sysconfig/network",)
    return FIRST.get(system, ())


def _fingerprint(line: str) -> str | None:
    key = PUBLIC_KEY.search(line)
    try:
        blob = base64.b64decode(key[1], validate=True) if key else b""
    except ValueError:
        return None
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=") if blob else None


def _nslookup(lines: Sequence[str]) -> Read[tuple[str, ...]]:
    found: list[str] = []
    unread: list[str] = []
    answering = False  # the first addresses are those of the name server that is asked
    for line in (line.strip() for line in filled(lines)):
        word, _, rest = line.partition(":")
        if word == "Name":
            answering = True
        elif re.search(r"can't find|NXDOMAIN|Non-existent|No answer", line):
            return Read(())
        elif re.search(r"timed out|no servers could be reached|SERVFAIL|refused", line, re.IGNORECASE):
            raise NotRead(f"the name server did not answer: {line}")
        elif answering and word in ("Address", "Addresses"):
            for text in rest.replace(",", " ").split():
                address = _ip(text)
                if address is None:
                    unread.append(line)
                else:
                    found.append(address)
    if not answering:
        raise NotRead("no answer", unread=filled(lines))
    return Read(tuple(dict.fromkeys(found)), tuple(unread))


def _ip(text: str) -> str | None:
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None
