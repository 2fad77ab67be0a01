"""One guarded look per fact at one section: what goes wrong in it stays in it, as an unknown with its reason.

Text of a host is data: what cannot be seen is written as an escape, and names and lists have an upper bound.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pydantic import JsonValue

from checker.facts.fact import Fact
from checker.facts.host_facts import Known, Unknown, known
from checker.facts.parsers.parsed import REFUSED, NotRead, program, shown
from checker.facts.parsers.protocol import Section
from checker.facts.parsers.storage import said_absent
from checker.facts.parsers.whole_output import WholeOutput

T = TypeVar("T")

MOST_ROWS = 10_000  # of a list; a host with more of anything is not one of ours
FREE = ("puremessage.status",)  # the product's own words, whatever they begin with
MOST_UNREAD = 200  # rows of a section that are shown one by one; the others are counted


@dataclass(frozen=True)
class Seen(Generic[T]):
    """One fact as the probe's output has it: the outcome for the facts file, its value, and the rows left unread."""

    fact: Fact[T]
    outcome: Known | Unknown
    value: T | None = None
    unread: tuple[str, ...] = ()


def see(host: WholeOutput, fact: Fact[T], name: str | None = None) -> Seen[T]:
    """A fact by its parser, from that section of a host's answer, else from the first of its own that is there."""
    name = name or next((own for own in fact.asked_as if host.output.get(own)), fact.asked_as[-1])
    section = host.output.get(name)
    if section is None or fact.parse is None:
        return Seen(fact, Unknown(unknown=f"no section {name}: not collected there, or the host has no command for it"))
    command = shown(section.command)
    section, ended = _ending(section, _fine(fact, section))
    try:
        read = fact.parse(section, host)
        if fact.nothing and not read.value:
            raise NotRead(fact.nothing, unread=read.unread)
        outcome = found(fact, read.value, f"{command}: it is absent" if said_absent(section.lines) else command)
    except NotRead as refused:
        reason, unread = ended or f"{refused} (`{command}`)", unread_rows(name, refused.unread)
        return Seen(fact, Unknown(unknown=shown(reason), partial=refused.partial), unread=unread)
    except Exception as error:
        reason = f"not readable, a bug of this tool: {type(error).__name__}: {error} (`{command}`)"
        return Seen(fact, Unknown(unknown=shown(reason)))
    unread = unread_rows(name, read.unread)
    if ended and fact.table and read.value and not section.stopped:
        return Seen(fact, outcome, read.value, (*unread, f"{name}: {ended}"))
    if ended:
        return Seen(fact, Unknown(unknown=shown(ended), partial=outcome.value or None), unread=unread)
    return Seen(fact, outcome, read.value, unread)


def _fine(fact: Fact[T], section: Section) -> Collection[int]:
    """The statuses with which the command did its work: those of the row's own, by its program, else of the first."""
    own = [way for way in fact.commands if program(way.words) == program(section.command)] or fact.commands[:1]
    return {status for way in own for status in way.fine}


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
    return replace(seen, value=plain(seen.value))


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
