"""What is interrupted, for whom and how long: lines for the decision, a table for the board, every row as evidence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from checker.values import grouped
from runbook.pages.page_model import Drifting, Figure, Paragraph, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import basis_words, cited
from runbook.pages.timeline_figure import at_once, timeline
from runbook.pages.times import duration, local
from runbook.plan.impacts import impacts, span_of
from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words

LEVELS = ("down", "unknown", "reduced", "degraded")  # the gravest first
MAIL = ("path", "path-fed", "fed", "undeclared", "capacity")  # kinds of interruptions of mail itself


@dataclass(frozen=True)
class Span:
    """Interruptions of one name and gravity: for whom, earliest start, latest end, longest case."""

    service: str
    audience: str
    impact: str
    starts: datetime | None
    ends: datetime | None
    longest: timedelta
    mail: bool  # the flow of mail itself, which everybody asks about first


def length(row: Interruption, plan: Plan) -> timedelta:
    """How long an interruption lasts at the longest: in one night every step before it is as late as those in it."""
    begins, ends = plan.step(row.from_step), plan.step(row.until_step)
    start = begins.latest_at if begins.night == ends.night else begins.starts_at
    return ends.ends_at - start if start and ends.ends_at else timedelta()


def spans(plan: Plan, words: Words) -> tuple[Span, ...]:
    """What is interrupted, each kind and gravity once, in the order of the plan."""
    return tuple(
        Span(
            each.name, each.rows[0].audience, each.rows[0].impact, *span_of(each.rows),
            longest=max(length(row, plan) for row in each.rows), mail=each.rows[0].key in MAIL,
        )
        for each in impacts(plan.interruptions, plan, words)
    )  # fmt: skip


def impact_lines(found: tuple[Span, ...], edition: Edition) -> tuple[str, ...]:
    """For the decision: what is interrupted by gravity, for whom, and the longest case; mail first and by itself."""
    say = speak(edition, "impact")
    by_level = grouped(found, lambda span: (not span.mail, LEVELS.index(span.impact)))
    return tuple(
        say("line", {
            "impact": say(own[0].impact), "services": [span.service for span in own],
            "audiences": _each_once(span.audience for span in own),
            "longest": duration(max(span.longest for span in own)),
        })
        for _, own in sorted(by_level.items())
    )  # fmt: skip


def _each_once(audiences: Iterable[str]) -> list[str]:
    """Those who are named, alone or together with others, each once."""
    return list(dict.fromkeys(one for named in audiences for one in named.replace(" and ", ", ").split(", ")))


def impact_table(found: tuple[Span, ...], edition: Edition) -> Table:
    """From when to when and how long: one row for all that is missing alike in the same time."""
    alike: Mapping[tuple[str, ...], list[Span]] = defaultdict(list)
    for span in found:
        when = (edition.moment(span.starts), edition.moment(span.ends), duration(span.longest))
        alike[(span.impact, *when)].append(span)
    rows = tuple(
        (
            "; ".join(span.service for span in own),
            ", ".join(_each_once(span.audience for span in own)),
            *when,
        )
        for when, own in alike.items()
    )
    kind = "interruptions" if edition.day else "interruptions-nights"  # where each moment has its day
    caption = speak(edition, "impact")("caption", {"day": edition.day})
    return Table(caption, head(edition, "impact"), rows, kind, drifting=True)


def impact_part(edition: Edition) -> Part:
    """The board's page of what is interrupted: the drawing, and a table with a row for each span of time."""
    say = speak(edition, "timeline")
    whole = at_once(edition.plan)
    count = len(edition.plan.interruptions)
    drawing = Figure(timeline(edition, edition.plan.nights), say("alt", count=count), say("figure")) if whole else None
    return Part("timeline", say("title"), (
        drawing or Paragraph(say("drawings")),
        impact_table(spans(edition.plan, edition.words), edition),
    ))  # fmt: skip


def interruptions_part(edition: Edition) -> Part:
    """Evidence: every interruption with its steps, its cause and whose statement that is."""
    say = speak(edition, "interruptions")
    numbers = {step.id: step.number for step in edition.plan.steps}

    def at(moment: datetime | None, step: str) -> str:
        return Drifting(f"{local(moment, edition.zone)} ({numbers[step]})", numbers[step])

    rows = tuple(
        (
            row.service,
            row.audience,
            _meaning(row),
            at(row.starts_at, row.from_step),
            at(row.ends_at, row.until_step),
            _cause(row, edition),
        )
        for row in edition.plan.interruptions
    )
    return Part("interruptions", say("title"), (
        Table(say("caption"), head(edition, "interruptions"), rows, "timeline"),
    ))  # fmt: skip


def _meaning(row: Interruption) -> str:
    """How bad it is; what becomes of mail while a filter is stopped is seen on the hosts, and drifts."""
    told = row.words.casefold().startswith(row.impact)  # the words themselves say that it is unknown
    said = row.words if told else f"{row.impact}: {row.words}"
    return said if row.fate is None else Drifting(said)


def _cause(row: Interruption, edition: Edition) -> str:
    said = f"{row.cause.removesuffix(' (ours)')} {cited(basis_words(row.basis, edition), row.demands)}"
    return said if row.fate is None else Drifting(said, row.cause)
