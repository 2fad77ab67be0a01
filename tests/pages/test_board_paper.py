"""The board paper: how many pages it takes, and that the decision has all that it needs, each thing once."""

import re
import subprocess

import large
import pytest
from printed_samples import EVERY, book, edition, extents, pdf, printed

from checker.values import grouped
from runbook.pages.board.impact import spans
from runbook.pages.board.open_items import open_rows, open_summary
from runbook.pages.page_model import Fields, Part, Table
from runbook.pages.sources import Edition
from runbook.pages.times import duration
from runbook.pages.whole_set import compose
from runbook.plan.plan_model import Step
from runbook.render.pdf import to_pdf


def board(name: str) -> dict[str, Part]:
    return {part.id: part for part in book(name).parts if part.document == "board"}


@pytest.mark.parametrize(("name", "most"), [("harbour-mail", 2), ("county-mail", 3)])
def test_the_board_paper_of_few_servers_keeps_to_its_pages(name: str, most: int) -> None:
    place = extents(pdf(name)[0])
    assert len({page for part in board(name).values() for page in place[part.title]}) <= most


def test_the_board_paper_of_three_servers_is_read_in_minutes() -> None:
    """So many words were reached; five minutes of reading, of the ten that there are."""
    text = subprocess.run(
        ["pdftotext", "-layout", "-l", "3", "-", "-"], input=pdf("county-mail")[0], capture_output=True, check=True
    )
    assert len(text.stdout.split()) <= 1120


def pages_of_the_board(made: Edition) -> int:
    return len(printed(to_pdf(compose(made, ("board",)))))


def test_the_board_paper_of_eleven_servers_keeps_to_its_pages() -> None:
    assert pages_of_the_board(edition("university-mail")) <= 4


@pytest.mark.large
def test_the_board_paper_of_sixty_servers_keeps_to_its_pages() -> None:
    assert pages_of_the_board(large.edition(60)) <= 6


def rows_of_the_order(name: str) -> list[tuple[str, ...]]:
    (table,) = (block for block in board(name)["order"].blocks if isinstance(block, Table))
    return [tuple(map(str, row)) for row in table.rows]


@EVERY
def test_the_order_has_every_server_and_every_gate_once_first_to_last(name: str) -> None:
    plan, rows = edition(name).plan, rows_of_the_order(name)
    gates = [step for step in plan.steps if step.decides]
    assert [row[1:3] for row in rows if "." in row[1]] == [(step.number, step.title) for step in gates]
    servers = [row for row in rows if "." not in row[1]]
    ranges = [(int(row[1].split()[0]), int(row[1].split()[-1])) for row in servers]
    assert [at for first, last in ranges for at in range(first, last + 1)] == [*range(1, len(plan.order) + 1)]
    named = [re.split(", | to ", row[2]) for row in servers]
    assert [(names[0], names[-1]) for names in named] == [
        (plan.order[first - 1], plan.order[last - 1]) for first, last in ranges
    ]


def acts(gate: Step) -> str:
    return (gate.if_not or "").partition(". ")[0]


@EVERY
def test_a_gate_of_the_order_has_its_criteria_and_what_is_done_if_not_or_names_the_gate_that_has_them(
    name: str,
) -> None:
    gates = {step.number: step for step in edition(name).plan.steps if step.decides}
    for _, number, _, criteria, then in (row for row in rows_of_the_order(name) if row[1] in gates):
        gate, before = gates[number], criteria.removeprefix("as at ")
        if before != criteria:
            assert (gates[before].expect, acts(gates[before])) == (gate.expect, acts(gate)) and then == criteria
        else:
            assert criteria == gate.expect and (gate.if_not or "").startswith(then) and len(then) > 4


@EVERY
def test_the_decision_tells_mail_first_and_counts_what_else_is_missing_with_its_longest_case(name: str) -> None:
    found = spans(edition(name).plan, edition(name).words)
    fields = [row for block in board(name)["decision"].blocks if isinstance(block, Fields) for row in block.rows]
    lines = str(dict(fields)["Impact"]).split("\n")
    mail = [span for span in found if "sends or receives mail" in span.audience]
    first = len({span.impact for span in mail})
    assert mail and all(any(span.service in line for line in lines[:first]) for span in mail)
    for kinds, own in ((lines[:first], mail), (lines[first:], [span for span in found if span not in mail])):
        alike = grouped(own, lambda span: span.impact)
        assert len(kinds) == len(alike)
        for impact, services in alike.items():
            (line,) = (line for line in kinds if line.lower().startswith(impact))
            assert f"for at most {duration(max(span.longest for span in services))}: " in line
            assert len(services) <= 2 or f" {len(services)} services," in line
            assert all(who in line for span in services for who in re.split(", | and ", span.audience))


@EVERY
def test_the_board_paper_cites_a_demand_only_where_a_check_does(name: str) -> None:
    for part in board(name).values():
        said = [block for block in part.blocks if getattr(block, "kind", "") not in ("findings", "open-counted")]
        assert not re.search(r"\bV\d\d\b", str(said)), part.id


def test_what_was_seen_is_cut_short_on_the_decision_page() -> None:
    made = edition("county-mail")
    (row,) = open_rows(made.report)
    observed = ", ".join(f"server{number}" for number in range(60))
    long = (row[0].model_copy(update={"observed": (observed,)}),)
    (told,) = (block for block in open_summary([long], made) if isinstance(block, Table))
    seen, needed = str(told.rows[0][2]).split("\n")
    assert seen.endswith(" …") and 100 < len(seen) <= 160 and needed.startswith("Needed: ")
