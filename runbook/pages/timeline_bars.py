"""What the drawing of the interruptions shows: a bar for all that is missing alike, with its times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checker.values import grouped
from runbook.plan.plan_model import Interruption, Plan, Step
from runbook.words import Words

MINUTE = timedelta(minutes=1)
NEAR = 5 * MINUTE  # nearer ends are not told apart: three points in a night of eight hours
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Bar:
    """What is lost of some services: its likely times, and from the earliest start to the latest end."""

    services: tuple[str, ...]
    impact: str
    likely: tuple[Span, ...]
    longest: tuple[Span, ...]

    def near(self, other: "Bar") -> bool:
        """Whether the other is lost as gravely, at times that a reader takes for the same."""
        mine, theirs = ([at for span in (*bar.likely, *bar.longest) for at in span] for bar in (self, other))
        same = (self.impact, len(self.likely), len(mine))
        return same == (other.impact, len(other.likely), len(theirs)) and all(
            abs(a - b) <= NEAR for a, b in zip(mine, theirs, strict=True)
        )

    def with_(self, other: "Bar") -> "Bar":
        """Both as one, each of its times as long as the longer of theirs."""
        likely, longest = (
            tuple((min(a, b), max(c, d)) for (a, c), (b, d) in zip(*both, strict=True))
            for both in ((self.likely, other.likely), (self.longest, other.longest))
        )
        return Bar(self.services + other.services, self.impact, likely, longest)


def likely_span(begins: Step, ends: Step) -> Span | None:
    """From the start of one step to the end of another by the likely minutes; None where no time is known."""
    if begins.starts_at is None or ends.starts_at is None:
        return None
    return begins.starts_at, ends.starts_at + timedelta(minutes=ends.minutes.likely)


def bars(rows: Sequence[Interruption], plan: Plan, words: Words, paths: bool = True) -> tuple[Bar, ...]:
    """A bar for each service and impact, in the order of the plan; those of almost the same times as one.

    For whom each of them is missing, the table beside the drawing says. Without `paths` all mail paths are one service.
    """
    kinds = grouped(rows, lambda row: (row.key, row.path if paths else None, row.impact))
    found: list[Bar] = []
    for (key, path, impact), own in kinds.items():
        likely = [likely_span(plan.step(row.from_step), plan.step(row.until_step)) for row in own]
        longest = [(row.starts_at, row.ends_at) for row in own if row.starts_at and row.ends_at]
        service = words.say("pages", "figure", key, path=path) or own[0].service
        bar = Bar((service,), impact, _joined(filter(None, likely)), _joined(longest))
        place = next((place for place, other in enumerate(found) if bar.near(other)), len(found))
        found[place : place + 1] = [found[place].with_(bar) if place < len(found) else bar]
    return tuple(found)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch, as one."""
    result: list[Span] = []
    for begins, ends in sorted(spans):
        if result and begins <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], ends))
        else:
            result.append((begins, ends))
    return tuple(result)
