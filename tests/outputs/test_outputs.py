"""The report as people and machines read it: whatever hosts say, it stays readable, honest and the same."""

import io
import json
import os
import pty
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from checker.inputs.answer_text import to_fill_in
from checker.legible import visible
from checker.outputs import as_json, cells, console, junit, todo
from checker.report import OUTCOMES, SEVERITIES, STAGES, UNREAD, Finding, Report, Stage, WaivedBy, counts, verdict
from checker.values import Basis

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ESCAPE = "\x1b"
COMMAND = re.compile(r"\x1b\[[\d;]*m")
# A busy machine is no fault of the product: examples have no time limit.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

XSD = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def finding(check: str, server: str | None = "mx2", **said: Any) -> Finding:
    usual = {
        "severity": "blocker",
        "stages": ("change",),
        "due": True,
        "outcome": "fail",
        "message": f"{check} said so",
    }
    return Finding(check=check, server=server, basis=Basis(kind="ours"), **{**usual, **said})


def later(check: str, stage: Stage, days: int, **said: Any) -> Finding:
    return finding(check, **{"stages": (stage,), "due": False, "due_at": NOW + timedelta(days=days), **said})


def report_of(*findings: Finding, **said: Any) -> Report:
    strict, skipped = said.get("strict", False), said.get("skipped", ())
    usual = {
        "tool_version": "1.0",
        "rules_version": "1",
        "deployment": "acme-mail",
        "stage": "change",
        "now": NOW,
        "deployment_digest": "0123456789abcdef",
        "facts_id": "fedcba9876543210",
        "verdict": verdict(findings, strict, bool(skipped)),
        "counts": counts(findings),
        "servers": ("mx1", "mx2"),
        "findings": findings,
    }
    return Report(**{**usual, **said})


# Text as hosts may send it: any character, and more often those that terminals, XML and JSON trip over.
TRICKY = "ab \t\r\n\x00\x07\x1b\x7f\x85\x9b\u00a0\u00ad\u061c\u0301\u2028\u202e\u2066\ufeff\ufffe\uffff漢[]<>&\"'\\"
text = st.one_of(
    st.text(max_size=120),
    st.text(alphabet=TRICKY, max_size=60),
    st.lists(st.text(alphabet="abcxyz%/.", min_size=1, max_size=30), max_size=40).map(" ".join),
)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
waivers = st.builds(WaivedBy, by=text, ticket=text, reason=text, until=text)
stages = st.lists(st.sampled_from(STAGES), max_size=3, unique=True).map(lambda s: tuple(sorted(s, key=STAGES.index)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    servers = tuple(draw(st.lists(names, max_size=4, unique=True)))
    subjects = st.sampled_from((None, *servers))
    known = st.builds(
        Finding,
        check=names,
        server=subjects,
        severity=st.sampled_from(SEVERITIES),
        stages=stages,
        due=st.booleans(),
        due_at=st.none() | moments,
        owner=st.none() | names,
        outcome=st.sampled_from(OUTCOMES),
        message=text,
        observed=st.lists(text, max_size=2).map(tuple),
        expected=text,
        remedy=st.lists(text, max_size=2).map(tuple),
        basis=st.just(Basis(kind="vendor", refs=("V07",))),
        demands=st.just(("V07",)),
        waiver=st.none() | waivers,
    )
    findings = draw(st.lists(known, max_size=8, unique_by=lambda f: (f.check, f.server)))
    return report_of(
        *findings,
        servers=servers,
        stage=draw(st.sampled_from(STAGES)),
        strict=draw(st.booleans()),
        skipped=tuple(draw(st.lists(names, max_size=2))),
        not_judged=tuple(draw(st.lists(st.sampled_from(servers), unique=True))) if servers else (),
        facts_id=draw(st.none() | st.just("fedcba9876543210")),
    )


widths = st.integers(40, 200)


# JSON


@given(reports())
def test_json_reads_back_as_the_same_report(report: Report) -> None:
    assert Report.model_validate_json(as_json.to_json(report)) == report


@given(reports())
def test_json_keeps_the_published_schema(report: Report) -> None:
    jsonschema.Draft202012Validator(as_json.schema()).validate(json.loads(as_json.to_json(report)))


def test_the_schema_refuses_an_outcome_that_does_not_exist() -> None:
    written = json.loads(as_json.to_json(report_of(finding("reachable"))))
    written["findings"][0]["outcome"] = "skipped"
    with pytest.raises(jsonschema.ValidationError, match="skipped"):
        jsonschema.Draft202012Validator(as_json.schema()).validate(written)


def test_the_keys_of_the_json_are_a_promise() -> None:
    waiver = WaivedBy(by="A. Example", ticket="CHG1", reason="old host", until="2026-12-31")
    written = json.loads(as_json.to_json(report_of(finding("memory", outcome="waived", waiver=waiver))))
    assert set(written) == {
        "schema_version", "tool", "tool_version", "rules_version", "deployment", "stage", "strict", "skipped", "now",
        "now_given", "rehearsal",
        "deployment_digest", "facts_id", "verdict", "counts", "servers", "not_judged", "done", "could_go",
        "unused_waivers",
        "findings",
    }  # fmt: skip
    assert (written["schema_version"], written["tool"]) == (1, "pmx-preflight")
    assert set(written["findings"][0]) == {
        "check", "server", "severity", "stages", "due", "due_at", "owner", "outcome", "message", "observed",
        "expected", "remedy", "basis", "demands", "waiver", "measure", "to_waive", "crashed",
    }  # fmt: skip
    assert set(written["findings"][0]["basis"]) == {"kind", "refs", "at"}
    assert set(written["findings"][0]["waiver"]) == {"by", "ticket", "reason", "until"}
    assert set(written["counts"]) == {"blocker", "warning", "info"}
    assert set(written["counts"]["info"]) == {"pass", "fail", "unknown", "manual", "not-applicable", "waived"}


def test_json_is_utf8_for_people_but_gives_a_terminal_nothing_to_obey() -> None:
    written = as_json.to_json(report_of(finding("reachable", message="Größe \x9b2J \u202edlrow \u2028")))
    assert "Größe \\u009b2J \\u202edlrow \\u2028" in written
    assert written.endswith("}\n")


# console


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
        "  Not seen: 1 finding, on mx1.",
        "  Falls due next: 2 findings at stage two-days, 2026-12-03 10:00 CET (09:00 UTC); 1 of them open.",
        "  Waived: tree-links (mx2).",
        "  Left out on request: window-fits.",
        "  Not judged: mx3.",
    ]


def test_without_facts_the_console_says_that_no_server_was_looked_at() -> None:
    shown = console.render(report_of(facts_id=None), width=80, colour=False)
    assert "No facts: no server was looked at." in shown


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


# JUnit


def junit_of(report: Report) -> Any:
    return etree.fromstring(junit.to_junit(report).encode())


@given(reports())
def test_junit_is_valid_and_its_counts_agree_with_the_json(report: Report) -> None:
    root = junit_of(report)
    XSD.assertValid(root)
    assert [suite.get("id") for suite in root] == [str(number) for number in range(len(root))]
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{element}"))

    written = json.loads(as_json.to_json(report))
    cases = sorted((case.get("classname"), case.get("name")) for case in root.iter("testcase"))
    assert cases == sorted((f["server"] or "deployment", f["check"]) for f in written["findings"])
    counted = ("blocker", "warning") if written["strict"] else ("blocker",)
    stopping = [f["outcome"] for f in written["findings"] if f["due"] and f["severity"] in counted]
    total = {name: sum(int(suite.get(name)) for suite in root) for name in ("failures", "errors")}
    assert total == {"failures": stopping.count("fail"), "errors": stopping.count("unknown") + stopping.count("manual")}


@given(reports())
def test_junit_is_red_exactly_when_a_finding_holds_the_verdict_back(report: Report) -> None:
    root = junit_of(report)
    red = root.find(".//failure") is not None or root.find(".//error") is not None
    assert red == (verdict(report.findings, report.strict) != "GO")


@pytest.mark.parametrize(
    ("said", "strict", "element"),
    [
        ({"outcome": "pass"}, False, None),
        ({"outcome": "fail"}, False, "failure"),
        ({"outcome": "unknown"}, False, "error"),
        ({"outcome": "manual"}, False, "error"),
        ({"outcome": "not-applicable"}, False, "skipped"),
        ({"outcome": "waived"}, False, "skipped"),
        ({"outcome": "fail", "due": False, "stages": ("two-days",)}, False, "skipped"),
        ({"outcome": "fail", "severity": "warning"}, False, None),
        ({"outcome": "fail", "severity": "warning"}, True, "failure"),
        ({"outcome": "unknown", "severity": "info"}, True, None),
    ],
)
def test_each_outcome_has_its_junit_result(said: dict[str, Any], strict: bool, element: str | None) -> None:
    (case,) = junit_of(report_of(finding("reachable", **said), strict=strict)).iter("testcase")
    assert [child.tag for child in case] == ([element] if element else [])


def test_junit_says_why_a_case_was_skipped() -> None:
    waiver = WaivedBy(by="A. Example", ticket="CHG1", reason="old host", until="2026-12-31")
    root = junit_of(
        report_of(
            later("disk-space", "two-days", 8),
            finding("tree-links", outcome="waived", waiver=waiver),
            finding("database-port", outcome="not-applicable"),
            stage="change",
        )
    )
    assert [skipped.get("message") for skipped in root.iter("skipped")] == [
        "not due until two-days, 2026-12-03 09:00 UTC; fail so far: disk-space said so",
        "waived by A. Example (CHG1) until 2026-12-31: old host; tree-links said so",
        "not applicable: database-port said so",
    ]


def test_junit_tells_open_warnings_and_unjudged_servers_in_the_output_of_their_suite() -> None:
    root = junit_of(report_of(finding("tree-links", severity="warning"), not_judged=("mx1",)))
    told = {suite.get("name"): suite.findtext("system-out") for suite in root}
    assert told["mx2"] == "tree-links (warning, fail): tree-links said so"
    assert told["mx1"] == "not judged: left out of this report"


def test_junit_has_the_time_of_the_report_and_no_other() -> None:
    report = report_of(finding("reachable"))
    root = junit_of(report)
    assert {suite.get("timestamp") for suite in root} == {"2026-11-25T09:00:00"}
    assert {element.get("time") for element in (*root, *root.iter("testcase"))} == {"0"}
    assert junit.to_junit(report) == junit.to_junit(report.model_copy(deep=True))


# todo


@given(reports())
def test_the_list_has_one_box_for_each_open_blocker_and_warning(report: Report) -> None:
    stage = STAGES.index(report.stage)
    asked = [f for f in report.findings if f.due or (f.stages and STAGES.index(f.stages[0]) > stage)]
    still_open = [f for f in asked if f.outcome in ("fail", "unknown", "manual") and f.severity != "info"]
    shown = todo.render(report, zone=BERLIN)
    owners = [line.removeprefix("    owner: ") for line in shown.splitlines() if line.startswith("    owner: ")]
    assert shown.count("\n[ ] ") == len(still_open)
    assert sorted(owners) == sorted(f.owner or "____" for f in still_open)
    assert ("Nothing is open." in shown) == (not still_open)


def test_the_list_goes_by_date_from_now_on_in_the_zone_of_the_change() -> None:
    report = report_of(
        later("backup-evidence", "server", 10, outcome="manual"),
        later("disk-space", "two-days", 8, remedy=("free space on /opt", "or look again"), owner="A. Example"),
        finding("reachable", "mx1", outcome="unknown"),
        finding("memory", severity="info"),
        later("clocks-agree", "one-hour", 0, due_at=None, severity="warning"),
    )
    assert todo.render(report, zone=BERLIN) == (
        "acme-mail: 4 open at stage change, 2026-11-25 10:00 CET (09:00 UTC)\n"
        "\n"
        "Now\n"
        "[ ] mx1: reachable (blocker, unknown): reachable said so\n"
        "    owner: ____\n"
        "\n"
        "By 2026-12-03 10:00 CET (09:00 UTC)\n"
        "[ ] mx2: disk-space (blocker, fail): disk-space said so\n"
        "    do: free space on /opt\n"
        "    owner: A. Example\n"
        "\n"
        "By 2026-12-05 10:00 CET (09:00 UTC)\n"
        "[ ] mx2: backup-evidence (blocker, manual): backup-evidence said so\n"
        f"    answer: {to_fill_in('backup-evidence')}\n"
        "    owner: ____\n"
        "\n"
        "No date known\n"
        "[ ] mx2: clocks-agree (warning, fail): clocks-agree said so\n"
        "    owner: ____\n"
        "\n"
        "pmx-preflight 1.0, rules 1, deployment 0123456789abcdef, facts fedcba9876543210\n"
    )


def test_the_list_has_blockers_before_warnings_that_fall_due_together() -> None:
    shown = todo.render(report_of(finding("a", severity="warning"), finding("z")), zone=None)
    assert shown.index("mx2: z (blocker") < shown.index("mx2: a (warning")


# what closes the report


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
        "  Declared done: db1.",
    ]
    nobody = console.render(report_of(finding("disk-space"), stage="server", could_go=()), width=200, colour=False)
    assert "Could still go before: nobody (" in nobody
    assert "Held back" not in console.render(report_of(finding("disk-space")), width=200, colour=False)


def test_an_open_finding_names_its_owner() -> None:
    report = report_of(finding("disk-space", owner="A. Example"), finding("memory", outcome="pass", owner="B. Example"))
    shown = console.render(report, width=80, colour=False)
    assert "      owner: A. Example\n" in shown and "B. Example" not in shown


def test_a_time_that_was_given_and_a_rehearsal_are_seen_in_every_format() -> None:
    report = report_of(finding("memory")).model_copy(update={"now_given": True, "rehearsal": True})
    shown = console.render(report, width=200, colour=False)
    assert shown.splitlines()[0].endswith("the time given with --now") and "(REHEARSAL)" in shown.splitlines()[0]
    assert "(REHEARSAL)" in shown.splitlines()[-1]
    listed = todo.render(report, zone=None, width=200).splitlines()[0]
    assert listed.startswith("REHEARSAL: ") and listed.endswith("the time given with --now")
    properties = dict(re.findall(r'<property name="(\w+)" value="([^"]*)"', junit.to_junit(report)))
    assert properties["rehearsal"] == properties["now_given"] == "yes" and "(REHEARSAL)" in properties["verdict"]
    written = json.loads(as_json.to_json(report))
    assert written["rehearsal"] is written["now_given"] is True
    plain = report.model_copy(update={"now_given": False, "rehearsal": False})
    assert "--now" not in console.render(plain, width=200, colour=False)
