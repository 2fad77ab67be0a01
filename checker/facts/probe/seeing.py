"""One guarded look per fact at one section: what goes wrong in it stays in it, as an unknown with its reason.

Text of a host is data: what cannot be seen is written as an escape, and names and lists have an upper bound.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pydantic import JsonValue

from checker.facts.catalogue import Fact
from checker.facts.host_facts import Known, Unknown, known
from checker.facts.parsers.parsed import NotRead, Read, shown
from checker.facts.parsers.protocol import Output, Section
from checker.facts.parsers.storage import said_absent

T = TypeVar("T")

MOST_ROWS = 10_000  # of a list; a host with more of anything is not one of ours
REFUSED = "refused "  # how the probe begins a row that says what this user may not see
FREE = ("puremessage.status",)  # the product's own words, whatever they begin with
MOST_UNREAD = 200  # rows of a section that are shown one by one; the others are counted


@dataclass(frozen=True)
class Seen(Generic[T]):
    """One fact as the probe's output has it: the outcome for the facts file, its value, and the rows left unread."""

    fact: Fact[T]
    outcome: Known | Unknown
    value: T | None = None
    unread: tuple[str, ...] = ()


def see(
    output: Output,
    fact: Fact[T],
    name: str,
    parse: Callable[[Section], Read[T]],
    *,
    fine: Collection[int] = (0,),
    table: bool = False,
) -> Seen[T]:
    """A fact by one section. `fine` are the statuses of a command that did its work. A `table` is known by its other
    rows where one row made df or its like end with another status, and says so.
    """
    section = output.get(name)
    if section is None:
        return Seen(fact, Unknown(unknown=f"no section {name}: not asked there, or the host has no command for it"))
    command = shown(section.command)
    section, ended = _ending(section, fine)
    try:
        read = parse(section)
        outcome = found(fact, read.value, f"{command}: it is absent" if said_absent(section.lines) else command)
    except NotRead as refused:
        reason, unread = ended or f"{refused} (`{command}`)", unread_rows(name, refused.unread)
        return Seen(fact, Unknown(unknown=shown(reason), partial=refused.partial), unread=unread)
    except Exception as error:
        reason = f"could not be read, a bug of this tool: {type(error).__name__}: {error} (`{command}`)"
        return Seen(fact, Unknown(unknown=shown(reason)))
    unread = unread_rows(name, read.unread)
    if ended and table and read.value and not section.stopped:
        return Seen(fact, outcome, read.value, (*unread, f"{name}: {ended}"))
    if ended:
        return Seen(fact, Unknown(unknown=shown(ended), partial=outcome.value or None), unread=unread)
    return Seen(fact, outcome, read.value, unread)


def _ending(section: Section, fine: Collection[int]) -> tuple[Section, str | None]:
    """The section without the probe's own rows `refused WHY`, and why it is only a part of what was asked for."""
    command = shown(section.command)
    refused = [line[len(REFUSED) :] for line in section.lines if line.startswith(REFUSED) and section.name not in FREE]
    if refused:
        section = replace(section, lines=tuple(line for line in section.lines if not line.startswith(REFUSED)))
    if section.stopped:
        return section, f"`{command}` did not end within its limits"
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        return section, f"{shown(refused[0])}{more} (`{command}`)"
    return section, None if section.status in fine else f"`{command}` ended with status {section.status}"


def found(fact: Fact[T], value: T, how: str) -> Known:
    """A seen fact as it may stand in a facts file: bounded, and with nothing in it that cannot be seen."""
    seen = known(fact, value, shown(how))[1]
    return seen.model_copy(update={"value": plain(seen.value)})


def plain(value: JsonValue) -> JsonValue:
    """A value with every text in it made visible and bounded; NotRead where it has more rows than any host."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        if len(value) > MOST_ROWS:
            raise NotRead(f"it has {len(value)} rows, more than {MOST_ROWS}")
        return [plain(row) for row in value]
    if isinstance(value, dict):
        return {key: plain(row) for key, row in value.items()}
    return value


def unread_rows(name: str, rows: tuple[str, ...]) -> tuple[str, ...]:
    """Rows that could not be read as the facts file lists them: none dropped, but of very many only the number."""
    shown_rows = tuple(f"{name}: {shown(row.strip())}" for row in rows[:MOST_UNREAD])
    more = len(rows) - MOST_UNREAD
    return (*shown_rows, f"{name}: and {more} more rows that could not be read") if more > 0 else shown_rows
