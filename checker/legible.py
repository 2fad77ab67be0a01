"""How values are written for people: text with nothing in it that fools its reader, moments, quantities."""

import unicodedata
from datetime import UTC, datetime, tzinfo


def visible(text: str) -> str:
    """The text with everything that a terminal or a reader could be fooled by written as an escape.

    Text from hosts is data: an escape sequence, a line break or a bidi override in it is shown, never obeyed.

    >>> visible("free\\x1b[2J space")
    'free\\\\x1b[2J space'
    """
    return "".join(char if char.isprintable() or unicodedata.category(char) == "Zs" else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def stamp(moment: datetime, zone: tzinfo | None) -> str:
    """A moment in the zone with UTC beside it, as `2026-12-05 22:00 CET (21:00 UTC)`; in UTC alone without a zone."""
    utc = moment.astimezone(UTC)
    local = utc.astimezone(zone or UTC)
    if local.tzname() == "UTC":
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    beside = utc.strftime("%H:%M" if local.date() == utc.date() else "%Y-%m-%d %H:%M")
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()} ({beside} UTC)"


def deadline(moment: datetime, zone: tzinfo | None) -> str:
    """A moment as people say a deadline, in the zone: `Thu 3 Dec 22:00`."""
    local = moment.astimezone(zone or UTC)
    return f"{local:%a} {local.day} {local:%b %H:%M}" + ("" if zone else " UTC")


def gib(kib: float) -> str:
    """KiB as words for people: in GiB, and what would be none of these in MiB or KiB."""
    if abs(kib) >= 1024 * 1024 / 10 or kib == 0:
        return f"{kib / 1024 / 1024:.1f} GiB"
    return f"{kib / 1024:.1f} MiB" if abs(kib) >= 1024 else f"{kib:.0f} KiB"
