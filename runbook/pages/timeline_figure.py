"""The interruption timeline as a drawing: one bar for each interruption, the servers below, gates as lines.

Patterns and words carry the meaning, never colour. The same data stands in the table beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from textwrap import wrap

from runbook.pages.sources import Edition
from runbook.pages.times import clock, local
from runbook.plan.plan_model import NightPlan, Plan, Step

WIDTH, LEFT, RIGHT, GAP = 720, 236, 14, 22
ROW, BAR, LINE = 19, 12, 12
LABEL = 42  # characters between the left edge and the bars
CHARACTER = 5.4  # width of one, on average
TOP = 36
NIGHTS, SERVERS = 3, 25  # that one drawing can show on a page
HOUR, CHANGING = 36, 126  # the room of an hour's number, and of one with UTC beside it
FILLS = {"down": "black", "reduced": "url(#reduced)", "degraded": "url(#degraded)", "unknown": "url(#unknown)"}
PATTERNS = """<defs>
<pattern id="reduced" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M-1 1L1 -1M0 5L5 0M4 6L6 4"
 stroke="black" stroke-width=".9"/></pattern>
<pattern id="degraded" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1"/></pattern>
<pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 0L8 8M0 8L8 0" stroke="black"
 stroke-width=".8"/></pattern></defs>"""


class Scale:
    """Where a moment stands: the nights one after the other with a gap between them, by likely minutes."""

    def __init__(self, nights: Sequence[NightPlan]):
        self.nights = {night.number: night for night in nights}
        minutes = sum(night.likely for night in self.nights.values())
        self.per_minute = (WIDTH - LEFT - RIGHT - GAP * (len(self.nights) - 1)) / max(minutes, 1)
        self.begins: dict[int, float] = {}
        at = float(LEFT)
        for night in self.nights.values():
            self.begins[night.number] = at
            at += night.likely * self.per_minute + GAP

    def at(self, night: NightPlan, moment: datetime) -> float:
        return round(self.begins[night.number] + (moment - night.start).total_seconds() / 60 * self.per_minute, 1)

    def step(self, step: Step, *, end: bool) -> float:
        night = self.nights[step.night or 1]
        moment = step.starts_at or night.start
        return self.at(night, moment + timedelta(minutes=step.minutes.likely if end else 0))

    def span(self, begins: Step, ends: Step) -> tuple[float, float] | None:
        """What these nights show of something that lasts from one step to the end of another; None where nothing."""
        first, last = min(self.nights), max(self.nights)
        from_night, until_night = begins.night or 1, ends.night or 1
        if from_night > last or until_night < first:
            return None
        left = self.begins[first] if from_night < first else self.step(begins, end=False)
        whole = self.begins[last] + self.nights[last].likely * self.per_minute
        return left, round(whole, 1) if until_night > last else self.step(ends, end=True)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _bar(left: float, right: float, y: float, fill: str) -> str:
    width = round(max(right - left, 2), 1)
    return f'<rect x="{left}" y="{y}" width="{width}" height="{BAR}" fill="{fill}" stroke="black" stroke-width=".8"/>'


def _labelled(edition: Edition, scale: Scale) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The interruptions of these nights by what is written before their bar, and their impact: from where to where."""
    rows: dict[tuple[str, str], list[tuple[float, float]]] = {}
    nights = [*scale.nights]
    for row in edition.in_night[nights[0]] if len(nights) == 1 else edition.plan.interruptions:
        if span := scale.span(edition.step(row.from_step), edition.step(row.until_step)):
            said = edition.words.say("pages", "figure", row.key, path=row.path) or row.service
            rows.setdefault((f"{said}: {row.impact}", row.impact), []).append(span)
    return rows


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that overlap or touch, as one."""
    result: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if result and left <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], right))
        else:
            result.append((left, right))
    return result


def _hours(edition: Edition, scale: Scale, bottom: float) -> Iterator[str]:
    """The nights with their names and their hours, as far apart as their numbers need."""
    for night in scale.nights.values():
        begin, end = scale.begins[night.number], scale.begins[night.number] + night.likely * scale.per_minute
        yield (
            f'<rect x="{begin:.1f}" y="{TOP}" width="{end - begin:.1f}" height="{bottom - TOP}" fill="none" '
            'stroke="black" stroke-width="1.2"/>'
        )
        words = edition.say("figure", "night", night=night.number, at=local(night.start, edition.zone))
        yield _text(round(begin, 1), 12, words, 'font-weight="bold"')
        changes = edition.zone.changes(night.start)
        room = CHANGING if changes else HOUR
        every = next((hours for hours in (1, 2, 3, 6, 12) if hours * 60 * scale.per_minute >= room), 24)
        hour = night.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while (x := scale.at(night, hour)) <= end:
            if x >= begin and (hour if changes else hour.astimezone(edition.zone.info)).hour % every == 0:
                yield f'<path d="M{x} {TOP - 4}V{bottom}" stroke="black" stroke-width=".5" stroke-dasharray="1 3"/>'
                yield _text(x, TOP - 7, clock(hour, edition.zone), 'text-anchor="middle" font-size="9"')
            hour += timedelta(hours=1)


def _gates(edition: Edition, scale: Scale, bottom: float) -> Iterator[tuple[float, str]]:
    """The gates as dashed lines with their numbers, each on the first line below where it has room."""
    taken: list[float] = []
    for step in edition.gates:
        if step.night not in scale.nights:
            continue
        x, half = scale.step(step, end=True), len(step.number) * CHARACTER / 2 + 3
        lane = next((place for place, until in enumerate(taken) if until <= x - half), len(taken))
        taken[lane : lane + 1] = [x + half]
        y = bottom + 13 + lane * LINE
        yield y, f'<path d="M{x} {TOP}V{y - 9}" stroke="black" stroke-dasharray="4 3"/>'
        yield y, _text(x, y, step.number, 'text-anchor="middle" font-size="10"')


def at_once(plan: Plan) -> bool:
    """Whether one drawing of all nights can be read; else each night has its own."""
    return len(plan.nights) <= NIGHTS and len(plan.order) <= SERVERS


def timeline(edition: Edition, nights: Sequence[NightPlan]) -> str:
    """The drawing of these nights as SVG text, deterministic, with its own fonts named and nothing fetched.

    Servers are drawn where they are few enough for a page.
    """
    scale = Scale(nights)
    drawn: list[str] = []
    y = TOP + 6.0
    for (label, impact), spans in _labelled(edition, scale).items():
        lines = wrap(label, LABEL)
        drawn += [_text(2, y + 10 + LINE * place, line) for place, line in enumerate(lines)]
        drawn += [_bar(left, right, y, FILLS[impact]) for left, right in _joined(spans)]
        y += ROW + LINE * (len(lines) - 1)
    y += 6
    drawn.append(f'<path d="M0 {y - 6}H{WIDTH - RIGHT}" stroke="black" stroke-width=".5"/>')
    servers = [name for night in nights for name in night.servers]
    for name in servers if len(servers) <= SERVERS else ():
        number = edition.plan.place[name] + 1
        own = edition.plan.of(name)
        drawn.append(_text(2, y + 10, f"{number} {name}"))
        drawn.append(_bar(scale.step(own[0], end=False), scale.step(own[-1], end=True), y, "white"))
        y += ROW
    gates = list(_gates(edition, scale, y))
    if gates:
        drawn.append(_text(2, y + 13, edition.say("figure", "gates")))
    height = round(max([y, *(at for at, _ in gates)]) + 8)
    drawing = [*_hours(edition, scale, y), *drawn, *(words for _, words in gates)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="IBM Plex Sans, sans-serif" font-size="11">{PATTERNS}{"".join(drawing)}</svg>'
    )
