"""The report as JUnit XML: red exactly when the verdict is held back, and whatever hosts say, XML."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_reports import finding, later, report_of, reports
from lxml import etree
from worlds import healthy

from checker.outputs import as_json, junit
from checker.report import Report, WaivedBy, verdict

XSD = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def junit_of(report: Report) -> Any:
    return etree.fromstring(junit.to_junit(report).encode())


def sorted_cases(root: Any) -> list[tuple[str, str]]:
    """Every case by suite and name, the verdict behind them all."""
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    return sorted(cases, key=lambda case: case == ("deployment", "verdict"))


@given(reports())
def test_junit_is_valid_and_its_counts_agree_with_the_json(report: Report) -> None:
    root = junit_of(report)
    XSD.assertValid(root)
    assert [suite.get("id") for suite in root] == [str(number) for number in range(len(root))]
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{element}"))

    written = json.loads("".join(as_json.to_json(report)))
    *cases, whole = sorted_cases(root)
    asked = [(f["server"] or "deployment", f["check"]) for f in written["findings"]]
    assert whole == ("deployment", "verdict")
    assert sorted(cases) == sorted([*asked, *(("deployment", check) for check in written["skipped"])])
    counted = ("blocker", "warning") if written["strict"] else ("blocker",)
    stopping = [f["outcome"] for f in written["findings"] if f["due"] and f["severity"] in counted]
    total = {name: sum(int(suite.get(name)) for suite in root) for name in ("failures", "errors")}
    held = written["verdict"] != "GO"
    assert total == {
        "failures": stopping.count("fail") + held, "errors": stopping.count("unknown") + stopping.count("manual")
    }  # fmt: skip


@given(reports(), st.booleans())
def test_junit_is_red_exactly_when_the_verdict_is_not_go(report: Report, capped: bool) -> None:
    said = report.model_copy(update={"verdict": verdict(report.findings, report.strict, capped)})
    root = junit_of(said)
    red = root.find(".//failure") is not None or root.find(".//error") is not None
    assert red == (said.verdict != "GO")


def test_a_blocker_that_was_left_out_is_a_skipped_case_and_the_verdict_fails_as_its_own() -> None:
    world = healthy("server")
    assert junit_of(world.judged()).find(".//failure") is None
    world.skip = ("disk-space",)
    root = junit_of(world.judged())
    cases = {case.get("name"): case for case in root[0].iter("testcase")}
    assert cases["disk-space"].find("skipped").get("message") == "left out on request (--only or --skip)"
    failed = [(case.get("name"), case.find("failure").get("message")) for case in root.iter("testcase")
              if case.find("failure") is not None]  # fmt: skip
    assert failed == [("verdict", "NOT-CLEARED; left out on request: disk-space")]


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
    root = junit_of(report_of(finding("reachable", **said), strict=strict))
    (case,) = (case for case in root.iter("testcase") if case.get("name") == "reachable")
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
    assert told["mx1"] == "not checked: left out of this report"


def test_junit_has_the_time_of_the_report_and_no_other() -> None:
    report = report_of(finding("reachable"))
    root = junit_of(report)
    assert {suite.get("timestamp") for suite in root} == {"2026-11-25T09:00:00"}
    assert {element.get("time") for element in (*root, *root.iter("testcase"))} == {"0"}
    assert junit.to_junit(report) == junit.to_junit(report.model_copy(deep=True))
