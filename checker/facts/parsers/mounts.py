"""The mount table, as /proc/mounts and each platform's mount command print it, told apart line by line."""

import re
from collections.abc import Mapping, Sequence

from checker.facts.fact_values import Mount
from checker.facts.parsers.parsed import Read, each, filled

WHEN = r"[A-Z][a-z]{2} [A-Z][a-z]{2}\s+\d.*"  # Thu Nov 12 04:40:01 2026
# looked for first: a long line that does not end so would be searched again and again
CLOSED, DATED = r"(?=.*\)$)", rf"(?=.* on {WHEN}$)"
# of two that fit, the first: a mount point can hold words, and only the longer form leaves none of them over
LINUX = re.compile(rf"{CLOSED}(?P<device>.+?) on (?P<point>/.*) type (?P<type>\S+) \((?P<options>.*)\)")
SOLARIS_V = re.compile(rf"{DATED}(?P<device>.+?) on (?P<point>/.*?) type (?P<type>\S+) (?P<options>\S.*) on {WHEN}")
SOLARIS_P = re.compile(r"(?P<device>\S+) - (?P<point>/.*) (?P<type>\S+) - (?:no|yes) (?P<options>\S+)")
BSD = re.compile(rf"{CLOSED}(?P<device>.+?) on (?P<point>/.*) \((?P<type>[^,()]+)(?:, )?(?P<options>.*)\)")
POINT_FIRST = re.compile(rf"{DATED}(?P<point>/.*?) on (?P<device>\S+)(?P<type>) (?P<options>\S.*) on {WHEN}")
AIX = re.compile(
    r"(?P<node>\S*)\s+(?P<device>\S+)\s+(?P<point>/.*?)\s+(?P<type>\w+)\s+[A-Z][a-z]{2} \d{2} \d{2}:\d{2}"
    r"(?:\s+(?P<options>\S.*))?"
)
TABLE = re.compile(r"(?P<device>\S+)\s+(?P<point>/\S*)\s+(?P<type>\S+)\s+(?P<options>\S+)\s+\d+\s+\d+")
FORMS = (TABLE, LINUX, SOLARIS_V, SOLARIS_P, POINT_FIRST, BSD, AIX)
AIX_HEADER = re.compile(r"\s*node\s+mounted\s+mounted over\s.*|[- ]+")
READ_ONLY = ("read only", "read-only", "readonly")


def mounts(lines: Sequence[str]) -> Read[tuple[Mount, ...]]:
    """Every row of a mount table, in its own order; the type is "" where the command does not say it."""
    return each((line for line in filled(lines) if not AIX_HEADER.fullmatch(line)), _mount)


def typed(lines: Sequence[str], types: Mapping[str, str]) -> Read[tuple[Mount, ...]]:
    """The same rows, with the types by mount point where the command does not say them."""
    read = mounts(lines)
    rows = (row if row.type else row.model_copy(update={"type": types.get(row.mount_point, "")}) for row in read.value)
    return Read(tuple(rows), read.unread)


def _mount(line: str) -> Mount | None:
    form, row = next(((form, row) for form in FORMS if (row := form.fullmatch(line))), (None, None))
    if row is None:
        return None
    device, point, options = row["device"], row["point"], row["options"] or ""
    if form is TABLE:
        device, point, options = _unescape(device), _unescape(point), _unescape(options)
    if form is AIX and row["node"]:
        device = f"{row['node']}:{device}"
    return Mount(mount_point=point, device=device, type=row["type"], options=_options(options))


def _options(text: str) -> tuple[str, ...]:
    """The options with `ro` and `rw` as Linux calls them, by which a check knows what is read-only."""
    solaris = re.fullmatch(r"(read/write|read only)(?:/(.*))?", text)  # read/write/setuid/devices/dev=2d80000
    if solaris:
        return ("rw" if solaris[1] == "read/write" else "ro", *filter(None, (solaris[2] or "").split("/")))
    words = re.split(r",\s*", text)
    return tuple("ro" if word in READ_ONLY else word for word in words if word)


def _unescape(field: str) -> str:
    r"""A field of /proc/mounts, whose blanks are octal escapes (`/mnt/my\040disk`)."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field)
