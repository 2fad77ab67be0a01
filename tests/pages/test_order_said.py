"""The order of servers and gates: what stands above it, and how it stays short where there are many of them."""

from collections.abc import Callable
from datetime import UTC, datetime

from checker.inputs.deployment import Deployment
from runbook.cli import pipeline
from runbook.pages.board.order_and_gates import order_and_gates
from runbook.pages.page_model import Paragraph, Part, Table
from runbook.pages.sources import Edition
from runbook.plan.planning import build
from runbook.words import Words

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def ordered(deployment: Deployment, words: Words) -> Part:
    report = pipeline.report(deployment, {}, NOW, pipeline.Question(stage="change"))
    return order_and_gates(Edition(deployment, {}, report, build(deployment, {}, words), words))


def test_the_order_names_the_roles_that_there_are(deploy: Callable[..., Deployment], words: Words) -> None:
    def said(*roles: str) -> str:
        return " ".join(block.text for block in ordered(deploy(*roles), words).blocks if isinstance(block, Paragraph))

    signed = "The coordinator and a second person sign each gate in the night book."
    ahead = " One server at a time. Begin no server before the gate ahead of it, or its skip, is signed."
    assert said("database csm mta mail-filter") == signed
    assert said("database", "mta", "gwi") == (
        f"Database Server, then Mail Transfer Agent, then Groups Web Interface. {signed}{ahead}"
    )
    assert said("database csm", "mta euwi", "mta") == signed + ahead, "one server is upgraded with both its phases"


def test_a_gate_that_asks_what_an_earlier_one_asked_names_that_one_and_many_equal_servers_are_a_range(
    deploy: Callable[..., Deployment], words: Words
) -> None:
    windows = [{"start": f"2026-12-{day:02}T19:00", "end": f"2026-12-{day + 1:02}T09:00"} for day in range(5, 12)]
    change = {"number": "1", "timezone": "Europe/Berlin", "windows": windows}
    part = ordered(deploy("database csm", *["mta mail-filter"] * 12, change=change), words)
    (table,) = (block for block in part.blocks if isinstance(block, Table))
    rows = {str(row[1]): tuple(map(str, row[2:])) for row in table.rows}
    gates = [number for number in rows if number.startswith("N")]
    before = {number: rows[number][1].removeprefix("as at ") for number in gates if rows[number][1].startswith("as at")}
    apart = [rows[number][1:] for number in gates if number not in before]
    assert len(apart) == len(set(apart)) <= 3 <= len(before), rows
    assert all(rows[number][2] == f"as at {other}" and other in gates for number, other in before.items())
    ranges = {number: row[0] for number, row in rows.items() if " to " in number}
    assert any(" to " in names for names in ranges.values()), ranges
    for number, names in ranges.items():
        begins, ends = map(int, number.split(" to "))
        wanted = [f"s{at}" for at in range(begins, ends + 1)]
        assert names in (", ".join(wanted), f"{wanted[0]} to {wanted[-1]}")
