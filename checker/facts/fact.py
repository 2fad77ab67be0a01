"""What is known of a kind of fact, in one row: what it is, the commands that bring it by platform, and its parser."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from checker.facts.parsers.parsed import Read
from checker.facts.parsers.protocol import Section
from checker.facts.parsers.whole_output import WholeOutput

T_co = TypeVar("T_co", covariant=True)
Platform = Literal["Linux", "Solaris", "AIX", "HP-UX", "FreeBSD", "OpenBSD", "macOS"]


@dataclass(frozen=True)
class Command:
    """A command, or a file, that brings a fact, and the platforms where it is the one: on all of them where `on` is
    empty. `fine` are the statuses with which it ends when it has done its work.
    """

    words: str
    on: tuple[Platform, ...] = ()
    fine: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Fact(Generic[T_co]):
    """A kind of fact: its path, the Python type of its value, its unit, and whether it drifts by itself.

    The probe runs the first of the `commands` that the host has, and prints them as the section of the fact's own path,
    or as the first of `sections` that is there; `prints` says which lines these are, where the commands do not. `parse`
    reads it, given what the rest of the host's answer says; None where the fact follows from others. `nothing` is why
    no row at all is no answer. A `table` is known by its other rows where one made the command end with another status.
    """

    path: str
    type: Any
    meaning: str
    unit: str | None = None
    drifting: bool = False
    commands: tuple[Command, ...] = field(default=(), compare=False, kw_only=True)
    parse: Callable[[Section, WholeOutput], Read[T_co]] | None = field(default=None, compare=False, kw_only=True)
    sections: tuple[str, ...] = field(default=(), compare=False, kw_only=True)
    prints: str = field(default="", compare=False, kw_only=True)
    nothing: str = field(default="", compare=False, kw_only=True)
    table: bool = field(default=False, compare=False, kw_only=True)

    @property
    def asked_as(self) -> tuple[str, ...]:
        """The names of the probe's sections that bring it: the first one that an output has is read."""
        return self.sections or (self.path,)


def by_platform(commands: Iterable[Command]) -> str:
    """The commands as a line of Markdown, each with the platforms where it is the one."""
    return ", ".join(f"`{each.words}`" + (f" ({', '.join(each.on)})" if each.on else "") for each in commands)
