"""The interruption timeline as a drawing: a bar for all that is missing alike, the servers below, gates as lines.

Patterns and words carry the meaning, never colour: a thick bar is the likely time, a thin one the longest case, and
both stand in figures beside it. One unit is one point on paper. The same data stands in a table, with who misses it.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from textwrap import wrap

from runbook.pages.sources import Edition
from runbook.pages.timeline_bars import MINUTE, Bar, Span, bars, likely_span
from runbook.pages.times import Zone, clock, day, period
from runbook.plan.plan_model import NightPlan, Plan, Step

WIDTH = 504  # points between the margins of an A4 page: print shows every letter at its own size
LEFT, RIGHT = 168, 400  # where the bars begin and end, between what is interrupted and its times
GAP, NARROWEST = 16, 60  # between two nights, and the room that a night's name needs
SMALL, SIZE = 9, 9.5  # nothing on paper is smaller than 9
LINE, PAD = 10.5, 4
BAR, THIN = 11, 3
ROW, WORK = 11, 8  # of a server, and of the work on it
CHARACTER = 5.1  # width of one at 9 points, on average, with a tenth to spare
# In print the shipped fonts; a browser draws pictures with its own fonts, and the widest of them come last.
FONTS = "IBM Plex Sans, Further Letters, Roboto, Helvetica, Arial, Liberation Sans, Noto Sans, DejaVu Sans Condensed"
SERVICE = 31  # characters of a line left of the bars, bold
PERIOD = 21  # characters of a line right of the bars
NIGHTS, SERVERS = 3, 25  # that one drawing can show on a page
TALLEST = 680  # points: what a page has below its title and above a caption
HOUR, CHANGING = 27, 64  # the room of an hour's number, and of one with UTC below it
FILLS: dict[str, str] = {  # the gravest first
    "down": "black", "unknown": "url(#unknown)", "reduced": "url(#reduced)", "degraded": "url(#degraded)",
    "work": "white",
}  # fmt: skip
PATTERNS = """<defs>
<pattern id="reduced" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M-1 1L1 -1M0 5L5 0M4 6L6 4"
 stroke="black" stroke-width="1.1"/></pattern>
<pattern id="degraded" width="4" height="4" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r=".9"/></pattern>
<pattern id="unknown" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 0L7 7M7 0L0 7" stroke="black"
 stroke-width=".7"/></pattern></defs>"""


class Scale:
    """Where a moment stands: the nights one after the other with a gap between them, each as long as at the longest."""

    def __init__(self, nights: Sequence[NightPlan]):
        self.nights = tuple(nights)
        ends = [night.start + timedelta(minutes=max(night.high, 1)) for night in nights]
        self.ends = [*map(min, ends, (night.start for night in nights[1:])), ends[-1]]
        minutes = [(end - night.start) / MINUTE for night, end in zip(nights, self.ends, strict=True)]
        room = RIGHT - LEFT - GAP * (len(minutes) - 1)
        widths = [room * own / sum(minutes) for own in minutes]
        if min(widths) < NARROWEST:
            widths = [NARROWEST + (room - NARROWEST * len(minutes)) * own / sum(minutes) for own in minutes]
        self.per_minute = [width / own for width, own in zip(widths, minutes, strict=True)]
        self.begins = [LEFT + sum(widths[:place]) + GAP * place for place in range(len(widths))]

    def at(self, moment: datetime) -> float:
        """What is before the first night or after the last one stands at its edge, and what is between, at the next."""
        for night, end, begins, per_minute in zip(self.nights, self.ends, self.begins, self.per_minute, strict=True):
            if moment <= end:
                return round(begins + max((moment - night.start) / MINUTE, 0) * per_minute, 1)
        return float(RIGHT)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{round(x, 1)}" y="{round(y, 1)}" {more}>{escape(words)}</text>'


BOLD, MONO = 'font-weight="bold"', 'font-family="IBM Plex Mono, monospace" font-weight="bold"'
SERVICES = f'{BOLD} font-size="{SIZE}"'


def _lines(x: float, y: float, lines: Iterable[str], more: str = "") -> list[str]:
    return [_text(x, y + LINE * place, line, more) for place, line in enumerate(lines)]


def _box(left: float, right: float, y: float, height: float, fill: str) -> str:
    size = f'width="{round(max(right - left, 1.5), 1)}" height="{height}"'
    return f'<rect x="{round(left, 1)}" y="{round(y, 1)}" {size} fill="{fill}" stroke="black" stroke-width=".7"/>'


def _drawn(
    scale: Scale, likely: Iterable[Span], longest: Iterable[Span], y: float, fill: str, thick: float = BAR
) -> Iterator[str]:
    """The thin bar, and over it the thick one, whose pattern lets nothing shine through, as far as a night shows it."""
    for spans, height, own in ((longest, THIN, "white" if fill == "white" else "black"), (likely, thick, fill)):
        for begins, ends in spans:
            if ends < scale.nights[0].start or begins > scale.ends[-1]:
                continue
            box = (scale.at(begins), scale.at(ends), y + (thick - height) / 2, height)
            yield _box(*box, "white") if own.startswith("url") else ""
            yield _box(*box, own)


def _when(spans: Sequence[Span], zone: Zone, days: bool) -> list[str]:
    """From the first start to the last end, in two lines where one is too long; a dash where nothing is known."""
    said = period(spans[0][0], max(end for _, end in spans), zone, days) if spans else "–"
    return [said] if len(said) <= PERIOD else said.replace("–", "–\n").splitlines()


def _services(edition: Edition, scale: Scale, found: Iterable[Bar], days: bool, y: float) -> tuple[list[str], float]:
    """The bars of the services with what they are and when, and where they end."""
    drawn: list[str] = []
    for bar in found:
        services = "; ".join(bar.services)
        if len(bar.likely) > 1:
            services = edition.say("figure", "repeated", services=services, count=len(bar.likely))
        names = wrap(services, SERVICE)
        likely, longest = (_when(spans, edition.zone, days) for spans in (bar.likely, bar.longest))
        height = LINE * max(len(names), len(likely) + len(longest)) + PAD
        drawn += [f'<path d="M0 {y}H{WIDTH}" stroke="black" stroke-width=".4"/>']
        drawn += _lines(0, y + LINE, names, SERVICES)
        drawn += _lines(RIGHT + 6, y + LINE, likely, BOLD) + _lines(RIGHT + 6, y + LINE * (1 + len(likely)), longest)
        drawn += _drawn(scale, bar.likely, bar.longest, y + (height - BAR) / 2, FILLS[bar.impact])
        y += height
    return drawn, y


def _servers(edition: Edition, scale: Scale, days: bool, y: float) -> tuple[list[str], float]:
    """The servers with the work on each, and where they end."""
    drawn: list[str] = []
    for name in (name for night in scale.nights for name in night.servers):
        own = edition.plan.of(name)
        work = likely_span(own[0], own[-1])
        likely = (work,) if work else ()
        longest = ((work[0], own[-1].ends_at),) if work and own[-1].ends_at else ()
        names = wrap(f"{edition.plan.place[name] + 1} {name}", SERVICE - 2)
        when = _when(likely, edition.zone, days)
        drawn += _lines(0, y + LINE, names, MONO) + _lines(RIGHT + 6, y + LINE, when, BOLD)
        drawn += _drawn(scale, likely, longest, y + (ROW - WORK) / 2 + 1, FILLS["work"], WORK)
        y += ROW * max(len(names), len(when))
    return drawn, y + PAD


def _hours(edition: Edition, scale: Scale, top: float, bottom: float) -> Iterator[str]:
    """The nights with their hours, as far apart as their numbers need."""
    for night, end, begins, per_minute in zip(scale.nights, scale.ends, scale.begins, scale.per_minute, strict=True):
        right = scale.at(end)
        yield (
            f'<rect x="{begins:.1f}" y="{top}" width="{right - begins:.1f}" height="{bottom - top:.1f}" fill="none" '
            'stroke="black"/>'
        )
        changes = edition.zone.changes(night.start)
        room = CHANGING if changes else HOUR
        every = next((hours for hours in (1, 2, 3, 6, 12) if hours * 60 * per_minute >= room), 24)
        hour = night.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while hour <= end:
            x, here = scale.at(hour), hour.astimezone(edition.zone.info)
            if hour >= night.start and (hour if changes else here).hour % every == 0:
                yield f'<path d="M{x} {top - 3}V{bottom:.1f}" stroke="black" stroke-width=".5" stroke-dasharray="1 3"/>'
                if x + room / 2 <= right + 4:  # beyond it stands what heads the times
                    said = clock(hour, edition.zone).removesuffix(")").split(" (")
                    yield from _lines(x, top - 5 - LINE * (len(said) - 1), said, 'text-anchor="middle"')
            hour += timedelta(hours=1)


def _gates(gates: Sequence[Step], scale: Scale, top: float, bottom: float) -> Iterator[tuple[float, str]]:
    """The gates as dashed lines with their numbers, each on the first line below where it has room."""
    taken: list[float] = []
    shown = {night.number for night in scale.nights}
    for step in gates:
        if step.night not in shown or not (span := likely_span(step, step)):
            continue
        x, half = scale.at(span[1]), len(step.number) * CHARACTER / 2 + 2
        lane = next((place for place, until in enumerate(taken) if until <= x - half), len(taken))
        taken[lane : lane + 1] = [x + half]
        y = bottom + LINE + 1 + lane * LINE
        yield y, f'<path d="M{x} {top}V{y - 8:.1f}" stroke="black" stroke-dasharray="4 2"/>'
        yield y, _text(x, y, step.number, 'text-anchor="middle"')


def _legend(edition: Edition, shown: Container[str]) -> tuple[list[str], float]:
    """What each pattern and line means, with a piece of it, and where that ends."""
    drawn, x, y = [], 0.0, 1.0
    for name in (*filter(shown.__contains__, FILLS), "times", "gate"):
        words = edition.say("figure", name)
        if x + 26 + len(words) * CHARACTER > WIDTH:
            x, y = 0.0, y + LINE + 4
        if name == "gate":
            drawn.append(f'<path d="M{x + 11:.1f} {y - 1}V{y + BAR + 1}" stroke="black" stroke-dasharray="4 2"/>')
        elif name == "times":
            drawn += [_box(x, x + 22, y + (BAR - THIN) / 2, THIN, "black"), _box(x + 5, x + 15, y, BAR, "black")]
        else:
            drawn.append(_box(x, x + 22, y, BAR, FILLS[name]))
        drawn.append(_text(x + 26, y + 9, words))
        x += 36 + len(words) * CHARACTER
    return drawn, y + BAR + 6


def _heads(edition: Edition, scale: Scale, y: float) -> tuple[list[str], float]:
    """The names of the nights, what heads the times, and where the frame begins below them."""
    names = []
    for night, begins, end in zip(scale.nights, scale.begins, scale.ends, strict=True):
        room = int((scale.at(end) - begins + GAP / 2) / CHARACTER)
        name = edition.say("figure", "night", night=night.number, at=day(night.start, edition.zone))
        names.append((begins, wrap(name, room)))
    hours = 2 if any(edition.zone.changes(night.start) for night in scale.nights) else 1
    top = y + LINE * (max(len(lines) for _, lines in names) + hours) + 6
    drawn = []
    for begins, lines in names:
        drawn += _lines(begins, top - 5 - LINE * (hours + len(lines) - 1), lines, BOLD)
    drawn.append(_text(RIGHT + 6, top - 5 - LINE, edition.say("figure", "likely"), BOLD))
    drawn.append(_text(RIGHT + 6, top - 5, edition.say("figure", "longest")))
    return drawn, top


def at_once(plan: Plan) -> bool:
    """Whether one drawing of all nights can be read; else each night has its own."""
    return len(plan.nights) <= NIGHTS and len(plan.order) <= SERVERS


def timeline(edition: Edition, nights: Sequence[NightPlan]) -> str:
    """The drawing of these nights as SVG text, deterministic, with its own fonts named and nothing fetched.

    Where it would not fit on a page, all mail paths are one bar, and then the servers are left out.
    """
    for paths, servers in ((True, True), (False, True), (False, False)):
        drawn, height = _drawing(edition, nights, paths=paths, servers=servers)
        if height <= TALLEST:
            break
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}pt" height="{height}pt" '
        f'font-family="{FONTS}, sans-serif" font-size="{SMALL}">'
        f"{PATTERNS}{''.join(drawn)}</svg>"
    )


def _drawing(edition: Edition, nights: Sequence[NightPlan], *, paths: bool, servers: bool) -> tuple[list[str], int]:
    """What is drawn, what lies below first, and how high it is."""
    scale, days = Scale(nights), len(edition.plan.nights) > 1
    rows = edition.in_night[nights[0].number] if len(nights) == 1 else edition.plan.interruptions
    found = bars(rows, edition.plan, edition.words, paths)
    legend, y = _legend(edition, {*(bar.impact for bar in found), *(("work",) if servers else ())})
    heads, top = _heads(edition, scale, y)
    services, bottom = _services(edition, scale, found, days, top)
    end = f'<path d="M0 {bottom}H{WIDTH}" stroke="black"/>'
    work, bottom = _servers(edition, scale, days, bottom) if servers else ([], bottom)
    gates = list(_gates(edition.gates, scale, top, bottom))
    title = [_text(0, bottom + LINE + 1, edition.say("figure", "gates"))] if gates else []
    over = (*_hours(edition, scale, top, bottom), *(words for _, words in gates))
    return [*over, *title, *legend, *heads, *services, end, *work], round(max([bottom, *(y for y, _ in gates)]) + 5)
