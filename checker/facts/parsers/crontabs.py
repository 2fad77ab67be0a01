"""The cron tables' time fields, as the probe prints them: `FILE:FIELDS`, or `FILE:CRON_TZ=ZONE` for what follows."""

import re
from collections.abc import Sequence

from checker.facts.cron_times import schedule
from checker.facts.fact_values import CronLine
from checker.facts.parsers.parsed import LONGEST_LINE, Read, filled

BY_USER = re.compile(r"/var/(?:spool/cron(?:/crontabs|/tabs)?|cron/tabs)/([^/]+)")
ZONE = re.compile(r"CRON_TZ=([\w+/-]{1,64})")


def cron(lines: Sequence[str]) -> Read[tuple[CronLine, ...]]:
    """The lines of all cron tables in the order of their files; what cron would refuse is unread."""
    found: list[CronLine] = []
    unread: list[str] = []
    zones: dict[str, str] = {}
    for line in filled(lines):
        file, _, text = line.rpartition(":")
        if zone := ZONE.fullmatch(text):
            zones[file] = zone[1]
        elif file.startswith("/") and len(line) <= LONGEST_LINE and _is_schedule(text):
            owner = BY_USER.fullmatch(file)
            found.append(CronLine(file=file, times=text, user=owner[1] if owner else None, zone=zones.get(file)))
        else:
            unread.append(line)
    return Read(tuple(found), tuple(unread))


def _is_schedule(text: str) -> bool:
    try:
        schedule(text)
    except ValueError:
        return False
    return True
