"""The drawing of the interruptions: what stands beside its bars, and whether it can be read on paper."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import large
import pytest
from printed_samples import EVERY, book, edition
from reading_back import read

from checker.values import grouped
from runbook.pages.page_model import Figure, Table
from runbook.pages.sources import Edition
from runbook.pages.timeline_figure import timeline
from runbook.plan.plan_model import Interruption
from runbook.render.pdf import to_pdf

SVG = "{http://www.w3.org/2000/svg}"
PATTERNS = {"black": "down", "url(#unknown)": "unknown", "url(#reduced)": "reduced", "url(#degraded)": "degraded"}
THICK, NEAR = "11", timedelta(minutes=5)
MILLIMETRE = 72 / 25.4
A4, SMALLEST_MARGINS = 210 * MILLIMETRE, 32 * MILLIMETRE  # both sides together, holes of a punch included
BARS, WIDTH = (168, 400), 504
LINE = 1.3  # how high our fonts say that a line of them is
TITLES = 13 + 10 + 15 + 12  # millimetres of a page that are its margins, its title and the words below a drawing


@dataclass
class Row:
    """A bar as it is seen: what it says left of it and right of it, and its pattern."""

    services: str = ""
    times: list[str] = field(default_factory=list)
    impact: str = ""


def drawing(made: Edition, night: int | None = None) -> ElementTree.Element:
    nights = [each for each in made.plan.nights if night in (None, each.number)]
    return ElementTree.fromstring(timeline(made, nights))


def rows_of(root: ElementTree.Element) -> list[Row]:
    """The bars of the services, each below the line that parts it from the one before."""
    rows: list[Row] = []
    for element in root:
        if element.tag == f"{SVG}path" and re.fullmatch(r"M0 [\d.]+H504", element.attrib["d"]):
            rows.append(Row())
        elif rows and element.tag == f"{SVG}rect" and element.attrib["height"] == THICK:
            rows[-1].impact = PATTERNS.get(element.attrib["fill"], rows[-1].impact)
        elif rows and element.tag == f"{SVG}text":
            said = element.text or ""
            if float(element.attrib["x"]) > 0:
                rows[-1].times.append(said)
            else:
                rows[-1].services += f" {said}"
    return rows[:-1]  # the last line begins the servers


def shown_by(made: Edition, root: ElementTree.Element) -> Iterator[tuple[Row, list[Interruption]]]:
    """Each bar with the interruptions that it stands for; each of them has exactly one."""
    rows = rows_of(root)
    found: dict[int, list[Interruption]] = {}
    for each in made.plan.interruptions:
        name = made.words.say("pages", "figure", each.key, path=each.path) or each.service
        (place,) = (
            place
            for place, row in enumerate(rows)
            if row.impact == each.impact and name in re.sub(r" \(\d+×\)$", "", row.services.strip()).split("; ")
        )
        found.setdefault(place, []).append(each)
    assert sorted(found) == [*range(len(rows))], "no bar stands for nothing"
    return ((rows[place], own) for place, own in found.items())


def said(made: Edition, start: datetime, end: datetime) -> str:
    begins, ends = start.astimezone(made.zone.info), end.astimezone(made.zone.info)
    if len(made.plan.nights) == 1:
        return f"{begins:%H:%M}–{ends:%H:%M}"
    return f"{begins:%a %H:%M}–{ends:%H:%M}" if begins.date() == ends.date() else f"{begins:%a %H:%M}–{ends:%a %H:%M}"


def likely(made: Edition, row: Interruption) -> tuple[datetime, datetime]:
    first, last = made.step(row.from_step), made.step(row.until_step)
    assert first.starts_at and last.starts_at
    return first.starts_at, last.starts_at + timedelta(minutes=last.minutes.likely)


def longest(row: Interruption) -> tuple[datetime, datetime]:
    assert row.starts_at and row.ends_at
    return row.starts_at, row.ends_at


def whole(spans: Iterable[tuple[datetime, datetime]]) -> list[datetime]:
    """The ends of what overlaps or touches, as it is drawn: as one."""
    ends: list[datetime] = []
    for start, end in sorted(spans):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            ends += [start, end]
    return ends


def near(made: Edition, one: Sequence[Interruption], other: Sequence[Interruption], by: timedelta) -> bool:
    """Whether all their times, likely and at the longest, are no further apart."""
    mine, theirs = ([whole(likely(made, each) for each in rows), whole(map(longest, rows))] for rows in (one, other))
    return [*map(len, mine)] == [*map(len, theirs)] and all(
        abs(a - b) <= by for a, b in zip(chain(*mine), chain(*theirs), strict=True)
    )


@EVERY
def test_the_times_beside_a_bar_are_those_of_its_interruptions_likely_and_at_the_longest(name: str) -> None:
    made = edition(name)
    for row, own in shown_by(made, drawing(made)):
        spans = ([likely(made, each) for each in own], [longest(each) for each in own])
        assert row.times == [said(made, min(a for a, _ in found), max(b for _, b in found)) for found in spans], row


@EVERY
def test_a_service_has_one_bar_of_each_impact_and_what_is_almost_the_same_shares_it_whoever_misses_it(
    name: str,
) -> None:
    made = edition(name)
    shown = [*shown_by(made, drawing(made))]
    seen = [(service, row.impact) for row, _ in shown for service in row.services.strip().split("; ")]
    assert len(seen) == len(set(seen))
    for row, own in shown:
        first, *others = grouped(own, lambda each: (each.key, each.path)).values()
        assert all(near(made, first, other, 2 * NEAR) for other in others), row
    for (row, own), (other, theirs) in combinations(shown, 2):
        assert row.impact != other.impact or not near(made, own, theirs, NEAR)
    assert any(len({each.audience for each in own}) > 1 for _, own in shown)


@EVERY
def test_for_whom_each_bar_is_stands_in_the_table_below_the_drawing(name: str) -> None:
    made = edition(name)
    (part,) = (part for part in book(name).parts if part.id == "timeline")
    (table,) = (block for block in part.blocks if isinstance(block, Table))
    told = {who for row in table.rows for who in str(row[1]).split(", ")}
    missed = {who for each in made.plan.interruptions for who in re.split(", | and ", each.audience)}
    assert missed == told


def test_two_mail_paths_that_one_server_carries_are_one_bar_as_long_as_they_last_alike() -> None:
    made = edition("county-mail")
    routes = {"inbound", "outbound"}
    (row,) = (row for row, own in shown_by(made, drawing(made)) if {each.path for each in own} > routes)
    assert row.services.strip() == "Mail Filter capacity; Mail path inbound; Mail path outbound (2×)"
    later = tuple(
        row.model_copy(update={"ends_at": longest(row)[1] + 2 * NEAR}) if row.path == "outbound" else row
        for row in made.plan.interruptions
    )
    apart = rows_of(drawing(replace(made, plan=made.plan.model_copy(update={"interruptions": later}))))
    assert {row.services.strip() for row in apart} > {
        "Mail Filter capacity; Mail path inbound (2×)", "Mail path outbound (2×)",
    }  # fmt: skip


@EVERY
def test_the_drawing_stays_inside_its_frame_and_its_gates_do_not_overlap(name: str) -> None:
    root = drawing(edition(name))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert (root.attrib["width"], root.attrib["height"]) == (f"{width:g}pt", f"{height:g}pt")
    assert width <= A4 - SMALLEST_MARGINS, "print shows every letter at its own size"
    sizes = [float(element.attrib["font-size"]) for element in root.iter() if "font-size" in element.attrib]
    assert min(sizes) >= 9
    for bar in (element for element in root if element.tag.endswith("rect")):
        assert float(bar.attrib["x"]) >= 0
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width
    words = [element for element in root if element.tag.endswith("text")]
    assert all(float(word.attrib["y"]) <= height and float(word.attrib["x"]) <= width for word in words)
    gates = [(word.attrib["y"], float(word.attrib["x"]), len(word.text or "")) for word in words
             if re.fullmatch(r"N?\d+\.\d+", word.text or "")]  # fmt: skip
    assert len(gates) == sum(s.gate and s.form != "interlock" for s in edition(name).plan.steps if s.night)
    for (line, x, length), (other, right, more) in pairwise(sorted(gates)):
        assert line != other or right - x >= 5 * (length + more) / 2


@EVERY
def test_the_legend_has_a_swatch_for_every_pattern_and_for_no_other(name: str) -> None:
    root = drawing(edition(name))
    top = float(next(element.attrib["y"] for element in root if element.text and element.text.startswith("Night")))
    legend = [element for element in root if float(element.attrib.get("y", top)) < top - 9]
    patterns = {element.attrib["fill"] for element in legend if element.tag.endswith("rect")} - {"white"}
    words = [element.text for element in legend if element.text]
    used = {each.impact for each in edition(name).plan.interruptions}
    assert {PATTERNS[fill] for fill in patterns} == used | {"down"}  # black is the sample of thick and thin too
    assert {word for word in words if word in PATTERNS.values()} == used


@pytest.mark.parametrize("name", ["county-mail", pytest.param("university-mail", marks=pytest.mark.large)])
def test_in_print_no_word_of_the_drawing_touches_another_or_a_bar_and_none_is_small(name: str, tmp_path: Path) -> None:
    (part,) = (part for part in book(name).parts if part.id == "timeline")
    (figure,) = (block for block in part.blocks if isinstance(block, Figure))
    path = tmp_path / "drawing.pdf"
    path.write_bytes(to_pdf(replace(book(name), parts=(replace(part, blocks=(figure,)),))))
    (words,) = read(path).words
    top, bottom = (next(word.area.top for word in words if word.text == said) for said in ("down", "Gates,"))
    words = tuple(word for word in words if top - 1 < word.area.top < bottom + 9)
    assert len(words) > 100
    for place, word in enumerate(words):
        assert [other for other in words[place + 1 :] if word.area.overlaps(other.area, by=(0.5, 4))] == [], word
    frame = next(word.area.top for word in words if word.text == "Emergency") - 2
    below = [word for word in words if frame < word.area.top < bottom - 2]
    edge = min(word.area.left for word in below)
    labels, times = ([word for word in below if (word.area.left < edge + BARS[0]) == left] for left in (True, False))
    assert max(word.area.right for word in labels) < edge + BARS[0]
    assert min(word.area.left for word in times) > edge + BARS[1]
    assert max(word.area.right for word in words) <= edge + WIDTH
    assert min(word.area.bottom - word.area.top for word in words) > 9 * LINE - 0.1


def test_a_night_that_is_drawn_alone_shows_what_lasts_in_it_and_nothing_outside_its_frame() -> None:
    root = drawing(edition("university-mail"), 2)
    rows = rows_of(root)
    assert not any("Mail path outbound" in row.services for row in rows)
    (publishing,) = (row for row in rows if "Publishing and policy changes" in row.services)
    assert publishing.times[0].startswith("Sat ") and "–Mon " in publishing.times[0], (
        "as long as it lasts, not the night"
    )
    drawn = [{key: float(it.attrib[key]) for key in ("x", "y", "width")} for it in root.iter(f"{SVG}rect")]
    top = next(float(it.attrib["y"]) for it in root.iter(f"{SVG}rect") if it.attrib["fill"] == "none")
    inside = [BARS[0] <= it["x"] and it["x"] + it["width"] <= BARS[1] + 1 for it in drawn if it["y"] >= top]
    assert len(inside) > 20 and all(inside)
    assert [it.text for it in root.iter(f"{SVG}text") if "Mono" in it.attrib.get("font-family", "")] == [
        "7 filter2", "8 filter3", "9 filter4", "10 web1", "11 web2",
    ]  # fmt: skip


def test_a_drawing_fits_on_a_page_whatever_it_shows() -> None:
    made = edition("county-mail")
    many = tuple(
        row.model_copy(update={"path": f"path-{number}", "ends_at": longest(row)[1] + number * 2 * NEAR})
        for number in range(30) for row in made.plan.interruptions if row.key == "path"
    )  # fmt: skip
    crowded = replace(made, plan=made.plan.model_copy(update={"interruptions": made.plan.interruptions + many}))
    for each in (crowded, large.edition(16)):
        assert float(drawing(each).attrib["viewBox"].split()[3]) <= (297 - TITLES) * MILLIMETRE


def test_the_same_plan_is_drawn_alike() -> None:
    made = edition("university-mail")
    assert timeline(made, made.plan.nights) == timeline(replace(made), made.plan.nights)
