"""The report as people read it: whatever hosts say, it stays readable and honest."""

import io
import os
import pty
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_reports import BERLIN, finding, later, report_of, reports, widths

from checker.legible import visible
from checker.outputs import cells, console, todo
from checker.report import UNREAD, Finding, Report, WaivedBy

ESCAPE = "\x1b"
COMMAND = re.compile(r"\x1b\[[\d;]*m")


@given(reports(), widths, st.sampled_from([None, BERLIN]))
def test_the_console_prints_no_control_character_without_colour(
    report: Report, width: int, zone: ZoneInfo | None
) -> None:
    shown = console.render(report, width=width, colour=False, zone=zone)
    assert {char for char in shown if not char.isprintable()} == {"\n"}


@given(reports(), widths)
def test_colour_adds_nothing_but_colour(report: Report, width: int) -> None:
    coloured = console.render(report, width=width, colour=True)
    assert COMMAND.sub("", coloured) == console.render(report, width=width, colour=False)


def test_colour_marks_the_verdict_and_what_holds_it_back_and_nothing_else() -> None:
    report = report_of(
        finding("source-present"), finding("tree-links", severity="warning"), later("root-access", "two-days", 8)
    )
    coloured = console.render(report, width=80, colour=True)
    assert [line for line in coloured.splitlines() if ESCAPE in line] == [
        "\x1b[1;31mNO-GO\x1b[0m: acme-mail, stage change, 2026-11-25 09:00 UTC",
        "    \x1b[1;31mFAIL\x1b[0m source-present",
    ]


@given(reports(), widths)
def test_no_line_is_wider_than_the_terminal_unless_it_is_one_word(report: Report, width: int) -> None:
    shown = console.render(report, width=width, colour=False) + todo.render(report, zone=None, width=width)
    too_wide = [line for line in shown.splitlines() if cells(line) > width]
    assert [line for line in too_wide if len(line.removeprefix("[ ] ").split()) > 1] == []


def test_wide_characters_take_two_columns() -> None:
    shown = console.render(report_of(finding("reachable", message="漢字 " * 40)), width=40, colour=False)
    assert max(line.count("漢字") for line in shown.splitlines()) == 7  # 6 indent + 7 * 4 + 6 blanks = 40


def test_the_verdict_stands_on_the_first_line() -> None:
    def first_line(*findings: Finding, **said: Any) -> str:
        return console.render(report_of(*findings, **said), width=80, colour=False).splitlines()[0]

    assert first_line(finding("reachable")).startswith("NO-GO: acme-mail, stage change")
    assert first_line(finding("reachable", outcome="unknown")).startswith("NOT-CLEARED: ")
    assert first_line(finding("reachable", outcome="pass")).startswith("READY TO SCHEDULE: ")
    assert first_line(finding("reachable", outcome="pass"), stage="server").startswith("GO: ")


def test_the_banner_counts_what_is_open_not_seen_waived_left_out_and_next() -> None:
    waiver = WaivedBy(by="A. Example", ticket="CHG1", reason="old host", until="2026-12-31")
    report = report_of(
        finding("source-present"),
        finding("reachable", "mx1", outcome="unknown"),
        finding("rehearsal", None, severity="warning", outcome="manual"),
        finding("tree-links", severity="warning", outcome="waived", waiver=waiver),
        later("disk-space", "two-days", 8),
        later("root-access", "two-days", 8, outcome="pass"),
        later("backup-evidence", "server", 10, outcome="manual"),
        skipped=("window-fits",),
        not_judged=("mx3",),
    )
    banner = console.render(report, width=200, colour=False, zone=BERLIN).split("\n\n")[0].splitlines()
    assert banner == [
        "NO-GO: acme-mail, stage change, 2026-11-25 10:00 CET (09:00 UTC)",
        "  Blockers due now: 1 fail, 1 unknown.",
        "  Warnings due now: 1 manual, 1 waived.",
        "  Unknown: 1 finding, on mx1.",
        "  Falls due next: 2 findings at stage two-days, 2026-12-03 10:00 CET (09:00 UTC), 1 open.",
        "  Waived: tree-links (mx2).",
        "  Left out on request: window-fits.",
        "  Not checked: mx3.",
    ]


def test_without_facts_the_console_says_that_no_server_was_looked_at() -> None:
    shown = console.render(report_of(facts_id=None), width=80, colour=False)
    assert "No facts: no server was checked." in shown


def test_blockers_come_first_then_warnings_then_what_is_later_and_info_last() -> None:
    report = report_of(
        finding("memory", severity="info"),
        later("disk-space", "two-days", 8),
        finding("tree-links", severity="warning"),
        finding("source-present"),
        finding("identity-unique", None, outcome="pass"),
    )
    shown = console.render(report, width=80, colour=False)
    places = [shown.index(check) for check in ("source-present", "tree-links", "disk-space", "memory")]
    assert places == sorted(places)
    assert "identity-unique" not in shown
    assert "  deployment: 1 pass\n  mx1: no findings\n  mx2: 4 fail\n" in shown


def test_a_finding_says_what_was_seen_what_was_needed_and_what_to_do() -> None:
    seen = finding(
        "disk-space",
        message="mx2: 11.2 GiB available on /opt",
        observed=("11.2 GiB",),
        expected="13.9 GiB",
        remedy=("free space there", "or look again"),
    )
    assert (
        "  mx2\n"
        "    FAIL disk-space\n"
        "      mx2: 11.2 GiB available on /opt\n"
        "      expected: 13.9 GiB\n"
        "      remedy: free space there\n"
        "      remedy: or look again\n"
    ) in console.render(report_of(seen), width=80, colour=False)


def test_what_a_host_says_is_shown_and_never_obeyed() -> None:
    said = "[red]free\x1b[2J\nGO: all is well\u202e[/red]"
    shown = console.render(report_of(finding("reachable", message=said)), width=80, colour=True)
    assert "[red]free\\x1b[2J\\nGO: all is well\\u202e[/red]" in shown
    assert visible(said) == "[red]free\\x1b[2J\\nGO: all is well\\u202e[/red]"


@pytest.mark.parametrize(
    ("environ", "on_terminal", "on_file"),
    [
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_colour_is_for_terminals_and_the_environment_decides(
    environ: Mapping[str, str], on_terminal: bool, on_file: bool
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        assert console.wants_colour(terminal, environ) is on_terminal
    assert console.wants_colour(io.StringIO(), environ) is on_file


def closing(*findings: Finding, zone: ZoneInfo | None = BERLIN, **said: Any) -> str:
    return console.render(report_of(*findings, **said), width=200, colour=False, zone=zone).splitlines()[-1]


def test_the_report_closes_with_the_verdict_and_what_falls_due_at_the_next_two_stages_with_open_items() -> None:
    findings = (
        finding("reachable", outcome="pass"),
        *(later("install-media", "two-days", 8, outcome="manual", server=server) for server in ("mx1", "mx2")),
        later("root-access", "two-days", 8, outcome="pass"),
        later("queue-depth", "one-hour", 9, outcome="not-applicable"),
        later("log-headroom", "two-days", 8, severity="info"),
        later("backup-evidence", "server", 10, outcome="manual"),
        later("after-queue", "after", 11, outcome="unknown"),
    )
    assert closing(*findings) == "READY TO SCHEDULE; 2 items due by Thu 3 Dec 10:00, then 1 item due by Sat 5 Dec 10:00"
    assert closing(*findings, stage="two-days", zone=None) == (
        "GO; 1 item due by Sat 5 Dec 09:00 UTC, then 1 item due by Sun 6 Dec 09:00 UTC"
    )
    assert closing(finding("reachable")) == "NO-GO"
    assert closing(later("disk-space", "two-days", 8, due_at=None)) == "READY TO SCHEDULE; 1 item due by stage two-days"


def test_a_server_that_was_not_read_is_one_item_to_come_and_not_one_for_each_check() -> None:
    unread = {"message": UNREAD, "outcome": "unknown"}
    assert closing(later("disk-space", "two-days", 8, **unread), later("root-access", "two-days", 8, **unread)) == (
        "READY TO SCHEDULE"
    )


def test_the_banner_says_who_is_held_back_who_could_go_before_and_who_is_done() -> None:
    report = report_of(finding("disk-space", "mx2"), stage="server", done=("db1",), could_go=("mx1", "mx3"))
    banner = console.render(report, width=200, colour=False).split("\n\n")[0].splitlines()
    assert banner[-3:] == [
        "  Held back: mx2.",
        "  Could still go before: mx1, mx3 (the vendor's order, V02 and V11).",
        "  Named as done: db1.",
    ]
    nobody = console.render(report_of(finding("disk-space"), stage="server", could_go=()), width=200, colour=False)
    assert "Could still go before: none (" in nobody
    assert "Held back" not in console.render(report_of(finding("disk-space")), width=200, colour=False)


def test_an_open_finding_names_its_owner() -> None:
    report = report_of(finding("disk-space", owner="A. Example"), finding("memory", outcome="pass", owner="B. Example"))
    shown = console.render(report, width=80, colour=False)
    assert "      owner: A. Example\n" in shown and "B. Example" not in shown
