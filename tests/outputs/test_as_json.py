"""The report as JSON: the same report again, and a promise to whoever reads it."""

import json

import jsonschema
import pytest
from hypothesis import given
from invented_reports import finding, report_of, reports

from checker.outputs import as_json
from checker.report import Report, WaivedBy


@given(reports())
def test_json_reads_back_as_the_same_report(report: Report) -> None:
    assert Report.model_validate_json("".join(as_json.to_json(report))) == report


@given(reports())
def test_json_keeps_the_published_schema(report: Report) -> None:
    jsonschema.Draft202012Validator(as_json.schema()).validate(json.loads("".join(as_json.to_json(report))))


def test_the_schema_refuses_an_outcome_that_does_not_exist() -> None:
    written = json.loads("".join(as_json.to_json(report_of(finding("reachable")))))
    written["findings"][0]["outcome"] = "skipped"
    with pytest.raises(jsonschema.ValidationError, match="skipped"):
        jsonschema.Draft202012Validator(as_json.schema()).validate(written)


def test_the_keys_of_the_json_are_a_promise() -> None:
    waiver = WaivedBy(by="A. Example", ticket="CHG1", reason="old host", until="2026-12-31")
    written = json.loads("".join(as_json.to_json(report_of(finding("memory", outcome="waived", waiver=waiver)))))
    assert set(written) == {
        "schema_version", "tool", "tool_version", "rules_version", "deployment", "stage", "strict", "skipped", "now",
        "now_given", "rehearsal",
        "deployment_digest", "facts_id", "verdict", "counts", "servers", "not_judged", "done", "could_go",
        "unused_waivers", "cure",
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
    written = "".join(as_json.to_json(report_of(finding("reachable", message="Größe \x9b2J \u202edlrow \u2028"))))
    assert "Größe \\u009b2J \\u202edlrow \\u2028" in written
    assert written.endswith("}\n")
