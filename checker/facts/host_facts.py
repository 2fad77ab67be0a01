"""What a host says of itself. Each fact is a value with how it was seen, or an unknown with the reason."""

import functools
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from checker.facts.fact import Fact
from checker.legible import several
from checker.values import Value, digest_of

Asked = dict[str, str | bool | None]  # a name of the deployment file and the value that it had; see what_was_asked
T = TypeVar("T")

MOST_COUNTED = 2**64  # ours: what a host can count in 64 bits (some file systems say so many inodes); more is damage


def _counted(value: JsonValue) -> JsonValue:
    if isinstance(value, int | float) and not -MOST_COUNTED <= value <= MOST_COUNTED:
        raise ValueError("a number larger than any host can count to")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _counted(inner)
    return value


Seen = Annotated[JsonValue, AfterValidator(_counted)]


# with slots: of a thousand servers and their baseline there are 150,000 of these, and a model takes five times as much
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Known:
    """A fact that was seen: its value, unit, and the command or call that said so."""

    value: Seen
    unit: str | None = None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Unknown:
    """A fact that was not seen: why, and a lower bound where a measurement stopped half-way."""

    unknown: str
    partial: Seen | None = None


class HostFacts(Value):
    """All that one collection brought from one server. `outcome` is "ok", or the transport's word for why not."""

    tool: Literal["pmx-preflight"] = "pmx-preflight"  # by it the file is known as ours before it is replaced
    schema_version: Literal[1] = 1
    server: str
    via: str
    outcome: str
    collected_at: AwareDatetime
    host_clock: AwareDatetime | None = None
    probe_digest: str | None = None  # of the packaged script: which edition asked
    script_digest: str | None = None  # of the script as it was sent, with its time limit; recorded, and never judged
    asked: Asked | None = None  # None of a first edition's facts
    facts: dict[str, Known | Unknown]
    unread_rows: tuple[str, ...] = ()
    detail: str | None = None  # the transport's own words where it failed
    try_line: str | None = None  # the line by which a person sees the same failure

    @property
    def reached(self) -> bool:
        return self.outcome == "ok"


class NotSeen(Exception):
    """A fact that a check needs was not seen; `partial` is a lower bound where there is one."""

    def __init__(self, path: str, reason: str, partial: Any = None):
        super().__init__(f"{path} unknown: {reason}")
        self.path, self.reason, self.partial = path, reason, partial


@functools.cache
def adapter(fact: Fact[Any]) -> TypeAdapter[Any]:
    """The validator of a fact's values."""
    return TypeAdapter(fact.type)


def read(host: HostFacts, fact: Fact[T]) -> T:
    """The value of a fact; NotSeen when it is unknown, absent, or not of its type."""
    if not host.reached:
        raise NotSeen(fact.path, f"the server was not read ({host.outcome})")
    seen = host.facts.get(fact.path)
    if seen is None:
        raise NotSeen(fact.path, "not among the collected facts")
    if isinstance(seen, Unknown):
        raise NotSeen(fact.path, seen.unknown, seen.partial)
    try:
        value: T = adapter(fact).validate_python(seen.value)
    except ValidationError as error:
        raise NotSeen(fact.path, f"unreadable value ({several(error.error_count(), 'fault')})") from None
    return value


def known(fact: Fact[T], value: T, how: str) -> tuple[str, Known]:
    """A seen fact as it stands in the facts file."""
    return fact.path, Known(value=adapter(fact).dump_python(value, mode="json"), unit=fact.unit, how=how)


def facts_id(facts: Mapping[str, HostFacts]) -> str | None:
    """The digest over all facts at hand; None when there are none."""
    return digest_of((name, facts[name]) for name in sorted(facts)) if facts else None


def oldest(facts: Mapping[str, HostFacts]) -> datetime | None:
    """When the oldest of these facts were collected."""
    return min((host.collected_at for host in facts.values()), default=None)


def is_partial_number(value: object) -> bool:
    """Whether a partial value can serve as a lower bound."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def seen(host: HostFacts | None, fact: Fact[T]) -> T | None:
    """The value of a fact; None where it was not seen, for whoever does without it."""
    try:
        return None if host is None else read(host, fact)
    except NotSeen:
        return None
