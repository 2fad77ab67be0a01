"""The interruption timeline as a drawing: one bar for each interruption, the servers below, gates as lines.

Patterns and words carry the meaning, never colour. The same data stands in the table beside it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from html import escape

from runbook.edition import Edition
from runbook.plan import Interruption, Step
from runbook.times import clock

WIDTH, LEFT, RIGHT, ROW = 1000, 330, 12, 22
FILLS = {"down": "black", "reduced": "url(#reduced)", "degraded": "url(#degraded)", "unknown": "url(#unknown)"}
PATTERNS = """<defs>
<pattern id="reduced" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M0 6L6 0" stroke="black"/></pattern>
<pattern id="degraded" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.1"/></pattern>
<pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 0L8 8M0 8L8 0" stroke="black"/>
</pattern></defs>"""


def _scale(edition: Edition) -> Callable[[Step, bool], float]:
    """Where a step begins or ends on the page: nights stand one after the other, by likely minutes."""
    offsets: dict[int, float] = {}
    total = 0.0
    for night in edition.plan.nights:
        offsets[night.number] = total
        total += night.likely
    width = WIDTH - LEFT - RIGHT

    def x(step: Step, end: bool) -> float:
        night = next(night for night in edition.plan.nights if night.number == step.night)
        at = step.starts_at or night.start
        if end:
            at += timedelta(minutes=step.minutes.likely)
        minutes = (at - night.start).total_seconds() / 60
        return round(LEFT + width * (offsets[night.number] + minutes) / max(total, 1), 1)

    return x


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _bar(left: float, right: float, y: float, fill: str) -> str:
    width = round(max(right - left, 2), 1)
    return f'<rect x="{left}" y="{y}" width="{width}" height="14" fill="{fill}" stroke="black"/>'


def _grouped(edition: Edition) -> dict[str, list[Interruption]]:
    rows: dict[str, list[Interruption]] = {}
    for row in edition.plan.interruptions:
        label = f"{edition.words.say('interruptions', row.key, 'short') or row.service} – {row.impact}"
        rows.setdefault(label if row.key in ("capacity", "database", "filtering") else
                        f"{row.service if row.path is None or row.impact == 'unknown' else 'Mail by ' + row.path}"
                        f" – {row.impact}", []).append(row)  # fmt: skip
    return rows


def timeline(edition: Edition) -> str:
    """The drawing as SVG text, deterministic, with its own fonts named and nothing fetched."""
    x = _scale(edition)
    steps: Mapping[str, Step] = {step.id: step for step in edition.plan.steps}
    drawn, y = [], 34.0
    for label, rows in _grouped(edition).items():
        drawn.append(_text(4, y + 11, label))
        for row in rows:
            drawn.append(_bar(x(steps[row.from_step], False), x(steps[row.until_step], True), y, FILLS[row.impact]))
        y += ROW
    y += 8
    for number, name in enumerate(edition.plan.order, start=1):
        own = edition.plan.of(name)
        drawn.append(_text(4, y + 11, f"{number} {name}"))
        drawn.append(_bar(x(own[0], False), x(own[-1], True), y, "white"))
        y += ROW
    bottom = y
    for step in edition.plan.steps:
        if step.gate and step.form not in ("interlock",) and step.night is not None:
            at = x(step, True)
            drawn.append(f'<path d="M{at} 30V{bottom}" stroke="black" stroke-dasharray="4 3"/>')
            drawn.append(_text(at, bottom + 14, f"gate {step.number}", 'text-anchor="middle" font-size="10"'))
    for night in edition.plan.nights:
        first = next(step for step in edition.plan.steps if step.night == night.number)
        at = x(first, False)
        drawn.append(f'<path d="M{at} 16V{bottom}" stroke="black" stroke-width="2"/>')
        drawn.append(_text(at + 4, 26, f"night {night.number}, {clock(night.start, edition.zone)}"))
    height = round(bottom + 22)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="IBM Plex Sans, sans-serif" font-size="12">{PATTERNS}{"".join(drawn)}</svg>'
    )
