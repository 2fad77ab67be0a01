"""What the machine is, how large, and what runs on it."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from checker.facts.fact_values import Limit, Process
from checker.facts.parsers.parsed import NotRead, Read, each, filled, only, program

PRETTY_NAME = re.compile(r"""\s*PRETTY_NAME=(["']?)(.*)\1\s*""")
ONLINE = re.compile(r"\d+\s+(?:on-line|no-intr)\b.*|proc\d+\s+Available\b.*")  # psrinfo, lsdev
OFFLINE = re.compile(r"\d+\s+(?:off-line|faulted|spare|powered-off)\b.*|proc\d+\s+(?:Defined|Stopped)\b.*")
NUMBER = re.compile(r"(?:[\w.]+\s*[:=]\s*)?(\d{1,20})")  # plain, or as `hw.ncpu: 4`
MEMORY = (
    (re.compile(r"MemTotal:\s+(\d{1,20}) kB"), 1),
    (re.compile(r"Memory size:\s+(\d{1,20}) Kilobytes", re.IGNORECASE), 1),
    (re.compile(r"Memory size:\s+(\d{1,20}) (?:Megabytes|MB)", re.IGNORECASE), 1024),
    (re.compile(r"Memory size:\s+(\d{1,20}) (?:Gigabytes|GB)", re.IGNORECASE), 1024**2),
    (re.compile(r"realmem\s+(\d{1,20})\b.*"), 1),
)
UNLIMITED = ("unlimited", "infinity", "-1")


def line(lines: Sequence[str], number: int) -> Read[str]:
    """One line of several that stand for different facts; the first of them reports what is too much."""
    rows = filled(lines)
    if len(rows) <= number:
        raise NotRead(f"it has {len(rows)} lines, and this is line {number + 1}")
    return Read(rows[number].strip(), rows[3:] if number == 0 else ())


def distribution(lines: Sequence[str]) -> Read[str]:
    """The name and version in os-release, or the first line of another release file."""
    rows = filled(lines)
    if not rows:
        raise NotRead("it printed nothing")
    pretty = next((found for row in rows if (found := PRETTY_NAME.fullmatch(row))), None)
    if pretty is None and any(re.match(r"\s*(?:NAME|ID|VERSION_ID)=", row) for row in rows):
        raise NotRead("os-release has no PRETTY_NAME", unread=rows)
    return Read(pretty[2] if pretty else rows[0].strip())


def cpus(lines: Sequence[str]) -> Read[int]:
    """Processors online: a number, or a row each of psrinfo or lsdev."""
    rows = filled(lines)
    if len(rows) == 1 and (number := NUMBER.fullmatch(rows[0].strip())):
        return Read(int(number[1]))
    online = [row for row in rows if ONLINE.fullmatch(row.strip())]
    if not online:
        raise NotRead("it names no processor that is online", unread=rows)
    return Read(len(online), tuple(row for row in rows if row not in online and not OFFLINE.fullmatch(row.strip())))


def memory(lines: Sequence[str], command: str) -> Read[int]:
    """Memory in KiB, by the unit that each command prints; sysctl prints bytes."""
    rows = [row.strip() for row in filled(lines)]
    for row in rows:
        for pattern, unit in MEMORY:
            if found := pattern.fullmatch(row):
                return Read(int(found[1]) * unit)
        if program(command) == "sysctl" and (found := NUMBER.fullmatch(row)):
            return Read(int(found[1]) // 1024)
    raise NotRead("it states no size with a unit", unread=tuple(rows))


def open_files(lines: Sequence[str]) -> Read[Limit]:
    """The soft limit, then the hard one."""
    read = each(lines, _limit)
    if len(read.value) < 2 or read.unread:
        raise NotRead("it does not state a soft and a hard limit", unread=read.unread)
    (soft,), (hard,) = read.value[:2]
    return Read(Limit(soft=soft, hard=hard))


def clock(lines: Sequence[str]) -> Read[datetime]:
    """The host's time, which it prints in UTC."""
    read = only(lines)
    try:
        return Read(datetime.strptime(read.value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC), read.unread)
    except ValueError:
        raise NotRead("it is no time as 2026-12-03T09:30:00Z", unread=(read.value, *read.unread)) from None


def processes(lines: Sequence[str]) -> Read[tuple[Process, ...]]:
    """The running programs by name and owner, and how many of each; of a path its last name."""
    read = each(lines, _process)
    seen = Counter(read.value)
    return Read(
        tuple(Process(name=name, user=user, count=seen[name, user]) for name, user in sorted(seen)), read.unread
    )


def _limit(text: str) -> tuple[int | None] | None:
    word = text.strip()
    if word in UNLIMITED:
        return (None,)
    return (int(word),) if re.fullmatch(r"\d{1,20}", word) else None


def _process(text: str) -> tuple[str, str] | None:
    user, *name = text.split(None, 1)
    if not name:
        return None
    path = name[0].strip()
    return (path.rpartition("/")[2] or path) if path.startswith("/") else path, user
