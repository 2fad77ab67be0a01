"""The whole table: every row, and its counts as they stand in docs/single-fault-table.md."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from single_faults import Row, Wanted, facts, fields, hosts, options, people, well

WANTED: tuple[Wanted, ...] = ("not-go", "fault", "go")
OF_ROLES = ("db1", "mta1", "filter1", "web1")  # of the large sample one server of each kind


def every() -> Iterator[Row]:
    """All rows, in the order of the page."""
    return chain(
        *(facts.not_seen(sample) for sample in ("harbour-mail", "library-mail", "county-mail", "museum-mail")),
        facts.not_seen("university-mail", OF_ROLES),
        facts.contradicted(),
        *(hosts.transport(sample) for sample in ("harbour-mail", "library-mail", "county-mail")),
        hosts.ages(), hosts.other_places(), hosts.baselines(),
        *(fields.taken_away(sample) for sample in ("county-mail", "university-mail")),
        *(fields.of_a_wrong_type(sample) for sample in ("harbour-mail", "county-mail", "university-mail")),
        fields.said_otherwise(),
        options.servers(), options.left_out(), options.calendar(), options.rehearsed(),
        people.answers(), people.waivers(), people.bounds(),
        well.variations(), well.every_sample(),
    )  # fmt: skip


def counted(rows: Sequence[Row]) -> str:
    """The page's table: for each area how many worlds end the GO, are refused, and keep it."""
    counts = Counter((row.area, row.wanted) for row in rows)
    lines = [
        "| what is wrong | worlds | no GO | refused | GO |",
        "|---|---|---|---|---|",
    ]
    for area in dict.fromkeys(area for area, _ in counts):
        lines.append(_line(area, [counts[area, wanted] for wanted in WANTED]))
    whole = Counter(row.wanted for row in rows)
    return "\n".join((*lines, _line("**all**", [whole[wanted] for wanted in WANTED])))


def _line(area: str, figures: list[int]) -> str:
    return f"| {area} | {sum(figures)} | {' | '.join(map(str, figures))} |"
