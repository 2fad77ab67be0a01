"""The product's own traces: its trees, configuration keys, queues, mail filters and starters."""

import re
from collections.abc import Collection, Sequence
from typing import Literal

from checker.facts.fact_values import DatabaseTarget, Entry, FilterLine, MailQueue, PartManifest, PathHits
from checker.facts.parsers.parsed import NotRead, Read, each, filled
from checker.facts.parsers.storage import said_absent

WHEN = r"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2}|\d{4}-\d\d-\d\d) +(?:\d{1,2}:\d\d\S*|\d{4})"
ENTRY = re.compile(rf"(?P<kind>[a-zA-Z-])[-rwxsStTlL]{{9}}\S?\s+\d+\s.*?(?<=\s){WHEN} (?P<name>.*)")
KINDS: dict[str, Literal["directory", "file", "link"]] = {"d": "directory", "-": "file", "l": "link"}
SETTING = re.compile(r"\s*(?P<key>[A-Za-z_]\w*)\s*[=:]?\s*(?P<quote>[\"']?)(?P<value>.*?)(?P=quote)\s*")
# nothing that could be a password passes: it might have got into a host's line by a slip of whoever wrote the file
HARMLESS = re.compile(r"[A-Za-z0-9_./:\[\]-]{1,253}")
PORT = re.compile(r"\d{1,5}")
BUILT_IN = "__DEFAULT__"
TARGET_KEYS = {"type": "kind", "host": "host", "port": "port", "dbname": "name", "database": "name", "name": "name"}
MC_FILTER = re.compile(r"\b(?:INPUT_)?MAIL_FILTER\(\s*`?([^'`,\s]{1,100})'?\s*,(.*)")
CF_FILTER = re.compile(r"(?:/[^:]*:)?(?:\d+:)?X([^,\s]+)\s*,(.*)")
FLAGS = re.compile(r"[\s,`]F=(\w*)")
NO_FILTER = re.compile(r"(?:/[^:]*:)?(?:\d+:)?\s*(?:dnl\b|#|define\(`confINPUT_MAIL_FILTERS).*")
QUEUE = re.compile(r"(?P<word>[a-z]{1,20}) (?P<messages>\d{1,15}|absent) (?P<path>/.*)")
HITS = re.compile(r"\s*(\d{1,15})\s+(/.*)")
PART = re.compile(r"\s*([a-z][a-z-]*)\s+(\d{1,15})\s+(\d{1,15})(?:\s+(\S.*?))?\s*")


def entries(lines: Sequence[str], root: str, mount_points: Collection[str]) -> Read[tuple[Entry, ...] | None]:
    """The names in `ls -la` of a root, without itself and its parent; None where the probe says that it is absent."""
    if said_absent(lines):
        return Read(None)
    read = each(lines, _entry)
    found = tuple(
        row.model_copy(update={"kind": "mount"}) if f"{root.rstrip('/')}/{row.name}" in mount_points else row
        for row in read.value
        if row.name not in (".", "..", "")
    )
    if not read.value and not read.unread:
        raise NotRead("it printed nothing, not even the directory itself")
    return Read(tuple(sorted(found, key=lambda row: row.name)), read.unread)


def manifest(lines: Sequence[str]) -> Read[tuple[PartManifest, ...]]:
    """A row for each part: its name, files, KiB, and the newest time or `-`."""
    return each(lines, _part)


def database_target(lines: Sequence[str]) -> Read[DatabaseTarget]:
    """Where pmdb.conf looks for the database. Of two values the first counts; lines are reported by their key alone."""
    if said_absent(lines):  # a server without the file looks for no database
        return Read(DatabaseTarget(), ())
    found: dict[str, str] = {}
    unread = []
    for line in filled(lines):
        setting = SETTING.fullmatch(line)
        key, value = (setting["key"], setting["value"]) if setting else ("a line", None)
        if value in ("", BUILT_IN):
            continue
        field = TARGET_KEYS.get(key.lower())
        plain = PORT if field == "port" else HARMLESS
        if field is None or value is None or not plain.fullmatch(value) or found.setdefault(field, value) != value:
            unread.append(f"{key}: not read")
    return Read(DatabaseTarget.model_validate(found), tuple(unread))


def filters(lines: Sequence[str]) -> Read[tuple[FilterLine, ...]]:
    """The mail filters of sendmail.mc (INPUT_MAIL_FILTER) and sendmail.cf (X lines), with what happens without them."""
    read = each((line for line in filled(lines) if not NO_FILTER.fullmatch(line)), _filter)
    return Read(tuple(dict.fromkeys(read.value)), read.unread)


def queue(lines: Sequence[str], which: Literal["old", "new"], mount_points: Collection[str] = ()) -> Read[int]:
    """The messages in the bundled Postfix's queue of 5.6.1 (`old N PATH`) or of version 6 (`new N PATH`).

    A queue that is not there is not read: nobody knows then where the mail lies.
    """
    rows = own_queues(lines, mount_points)
    found = [row for row in rows.value if row.kind == which]
    # each row is read for one of two facts: only the first of them reports what neither reads
    unread = rows.unread if which == "old" else ()
    if not found:
        raise NotRead(f"it does not count the {which} queue", unread=unread)
    if found[0].messages is None:
        raise NotRead(f"no queue of a postfix is there: {found[0].path}", unread=unread)
    return Read(found[0].messages, unread)


def own_queues(lines: Sequence[str], mount_points: Collection[str] = ()) -> Read[tuple[MailQueue, ...]]:
    """The queues as `WORD N PATH`; one with a file system mounted in it was not counted whole, and is not read."""
    read = each(lines, _queue)
    for row in read.value:
        if mounted := sorted(point for point in mount_points if point.startswith(f"{row.path.rstrip('/')}/")):
            raise NotRead(f"{mounted[0]} is mounted in the queue and was not counted", unread=read.unread)
    return read


def port_answers(lines: Sequence[str]) -> Read[bool]:
    """Whether the database's port answered: `open` or `closed`."""
    words = [line.strip() for line in filled(lines)]
    if words not in (["open"], ["closed"]):
        raise NotRead("neither open nor closed", unread=tuple(words))
    return Read(words == ["open"])


def old_paths(lines: Sequence[str]) -> Read[tuple[PathHits, ...]]:
    """The files outside the tree that name the old path, as `COUNT PATH`."""
    return each(lines, _hits)


def _entry(line: str) -> Entry | None:
    if re.fullmatch(r"total \d+.*", line):
        return Entry(name="", kind="other")
    row = ENTRY.fullmatch(line)
    if row is None or not row["name"]:
        return None
    name, arrow, target = row["name"].partition(" -> ") if row["kind"] == "l" else (row["name"], "", None)
    return Entry(name=name, kind=KINDS.get(row["kind"], "other"), target=target if arrow else None)


def _part(line: str) -> PartManifest | None:
    row = PART.fullmatch(line)
    if row is None:
        return None
    newest = None if row[4] in (None, "-") else row[4]
    return PartManifest(part=row[1], files=int(row[2]), kib=int(row[3]), newest=newest)


def _queue(line: str) -> MailQueue | None:
    row = QUEUE.fullmatch(line)
    if row is None:
        return None
    messages = None if row["messages"] == "absent" else int(row["messages"])
    return MailQueue(kind=row["word"], path=row["path"], messages=messages)


def _filter(line: str) -> FilterLine | None:
    row = MC_FILTER.search(line) or CF_FILTER.fullmatch(line)
    if row is None:
        return None
    flags = FLAGS.search("," + row[2])
    return FilterLine(name=row[1], flags=flags[1] if flags else "")


def _hits(line: str) -> PathHits | None:
    row = HITS.fullmatch(line)
    return PathHits(path=row[2], count=int(row[1])) if row else None
