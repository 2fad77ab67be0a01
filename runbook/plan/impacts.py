"""What is interrupted, as it is summed up: interruptions that people would call by the same name are told once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words


@dataclass(frozen=True)
class Impact:
    """Interruptions of one name and one gravity, in the order of the plan; the name says how often, if not once."""

    name: str
    rows: tuple[Interruption, ...]


def impacts(rows: Iterable[Interruption], plan: Plan, words: Words) -> tuple[Impact, ...]:
    """The interruptions summed up: a server that is out of two mail paths is out once, and so is its filter."""

    def name(row: Interruption, times: int) -> str:
        own = words.say("interruptions", row.key, f"summary-{row.impact}", rows=times)
        return own or words.say("interruptions", row.key, "summary", rows=times) or row.service

    called: dict[tuple[str, str], str] = {}  # a name for each key and gravity is made up once, however many rows
    found: dict[tuple[str, str], list[Interruption]] = {}
    for row in rows:
        kind = row.key, row.impact
        if kind not in called:
            called[kind] = name(row, 1)
        found.setdefault((called[kind], row.impact), []).append(row)
    return tuple(Impact(name(own[0], _times(own, plan)), tuple(own)) for own in found.values())


def _times(rows: Iterable[Interruption], plan: Plan) -> int:
    """How often: by the servers with whose return they end."""
    return len({plan.step(row.until_step).server for row in rows})


def span_of(rows: Iterable[Interruption]) -> tuple[datetime | None, datetime | None]:
    """The earliest start of some interruptions and their latest end, in UTC, where times are known."""
    found = tuple(rows)
    starts = min((row.starts_at for row in found if row.starts_at), default=None)
    return starts, max((row.ends_at for row in found if row.ends_at), default=None)
