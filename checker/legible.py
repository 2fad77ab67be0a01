"""How values are written for people: text with nothing in it that fools its reader, moments, quantities, lists."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

# What a reader may be fooled by, to be put between the brackets of a regular expression. Who takes a text in, keeps it
# or shows it does not mind the same of these: a line break is at home in a command, a mark of direction in a name.
BLANK_CONTROLS = "\t\n"
CONTROLS = "\x00-\x08\x0b-\x1f"  # a terminal obeys them
HIGH_CONTROLS = "\x7f-\x9f"  # those too, and JSON leaves them as they are
LINE_ENDS = "\u2028\u2029"  # line ends to some readers, and none to others
DIRECTION_MARKS = "\u061c\u200e\u200f"  # at home in Arabic and Hebrew names
TURNED = "\u202a-\u202e\u2066-\u2069"  # the text behind them is shown in another order than it is read and pasted
BYTE_ORDER = "\ufeff"
# What takes no room: a command that holds one looks like what was meant, and is another when it is pasted. The joiners
# of letters and signs (U+200C, U+200D) belong to how names are written, and are not among them.
WITHOUT_WIDTH = "\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e007f" + BYTE_ORDER
HALVES = "\ud800-\udfff"  # of characters: they come from bytes that are not UTF-8, and no file may hold them
NO_CHARACTERS = "\ufdd0-\ufdef\ufffe\uffff"
HIDDEN = CONTROLS + HIGH_CONTROLS + LINE_ENDS + TURNED + BYTE_ORDER  # nothing that is meant has one, in any language


def visible(text: str) -> str:
    """The text with everything that a terminal or a reader could be fooled by written as an escape.

    Text from hosts is data: an escape sequence, a line break or a bidi override in it is shown, never obeyed.

    >>> visible("free\\x1b[2J space")
    'free\\\\x1b[2J space'
    """
    return "".join(char if char.isprintable() or unicodedata.category(char) == "Zs" else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, the last of them an ellipsis where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


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


def span(length: timedelta) -> str:
    """A length of time without its sign as people say it, what is begun counted whole: `40 seconds`, `7 h 45 min`,
    `14 days`, `2 days 6 h`."""
    seconds = -(-abs(length) // timedelta(seconds=1))
    if seconds < 60:
        return several(seconds, "second")
    minutes = -(-seconds // 60)
    if minutes < 60:
        return several(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours + (rest > 0), 24)
    return several(days, "day") + (f" {hours} h" if hours else "")


def several(count: int, noun: str) -> str:
    """A number with its noun, as `1 server` or `2 servers`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a sentence, the first of them and how many more: more than eight hide what is said of them (ours)."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
