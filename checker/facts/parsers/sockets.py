"""TCP ports that are listened on, and who is connected, as ss and `netstat -an` print them on each platform."""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from checker.facts.fact_values import Listener
from checker.facts.parsers.parsed import LONGEST_LINE, Read, filled

# the port follows a colon, or with Solaris, AIX and BSD a point: 0.0.0.0:25, [::]:25, *.25, 127.0.0.1.25, ::1.25
END = re.compile(r"(?P<address>(?:\*|[0-9A-Fa-f:.\[\]]+)(?:%[^\s\]]*\]?)?)[:.](?P<port>\d{1,5}|\*)")
PROGRAM = re.compile(r'users:\(\("([^"]+)"')
LISTENING, CONNECTED = re.compile(r"(?:^|\s)LISTEN(?:\s|$)"), re.compile(r"(?:^|\s)ESTAB(?:LISHED)?(?:\s|$)")
EVERY = "*"  # every address of the host, of both families or of one


def listeners(lines: Sequence[str]) -> Read[tuple[Listener, ...]]:
    """The TCP listeners, each once, in the order of their ports; `*` stands for every address."""
    found, unread = set(), []
    for line, ends in _rows(lines, LISTENING):
        if not ends or ends[0][1] is None:
            unread.append(line)
        else:
            program = PROGRAM.search(line)
            found.add((ends[0][1], ends[0][0], program[1] if program else None))
    ordered = sorted(found, key=lambda row: (row[0], row[1], row[2] or ""))
    return Read(tuple(Listener(address=ip, port=port, process=name) for port, ip, name in ordered), tuple(unread))


def peers(lines: Sequence[str], port: int) -> Read[tuple[str, ...]]:
    """The addresses that are connected to this port of the host."""
    found, unread = set(), []
    for line, ends in _rows(lines, CONNECTED):
        if len(ends) < 2:
            unread.append(line)
        elif ends[0][1] == port:
            found.add(ends[1][0])
    return Read(tuple(sorted(found)), tuple(unread))


def _rows(lines: Sequence[str], state: re.Pattern[str]) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """The TCP rows in that state, each with its ends: the local one first."""
    return [
        (line, [end for word in line.split() if (end := _end(word))] if len(line) <= LONGEST_LINE else [])
        for line in filled(lines)
        if state.search(line) and not line.startswith("unix")
    ]


def _end(word: str) -> tuple[str, int | None] | None:
    found = END.fullmatch(word)
    if found is None:
        return None
    port = None if found["port"] == "*" else int(found["port"])
    text = found["address"].strip("[]").partition("%")[0]
    if text == EVERY:
        return EVERY, port
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address), port
