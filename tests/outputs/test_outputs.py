"""What every format of the report says alike."""

import json
import re
from zoneinfo import ZoneInfo

import pytest
from invented_reports import finding, report_of

from checker.outputs import as_json, console, junit, todo
from runbook.cli.formats import FORMATS, FormatName, Shown


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_of_which_deployment_and_stage_it_is_and_whether_it_is_a_rehearsal(name: FormatName) -> None:
    report = report_of(finding("memory")).model_copy(update={"now_given": True, "rehearsal": True})
    text = "".join(FORMATS[name].write(report, Shown(200, False, ZoneInfo("Europe/Berlin"))))
    said = (report.deployment, report.stage, report.tool_version, report.deployment_digest)
    assert [words for words in said if words not in text] == []
    assert "rehearsal" in text.lower() and re.search("--now|now_given", text)


def test_a_time_that_was_given_and_a_rehearsal_are_seen_in_every_format() -> None:
    report = report_of(finding("memory")).model_copy(update={"now_given": True, "rehearsal": True})
    shown = console.render(report, width=200, colour=False)
    assert shown.splitlines()[0].endswith("the time given with --now") and "(REHEARSAL)" in shown.splitlines()[0]
    assert "(REHEARSAL)" in shown.splitlines()[-1]
    listed = todo.render(report, zone=None, width=200).splitlines()[0]
    assert listed.startswith("REHEARSAL: ") and listed.endswith("the time given with --now")
    properties = dict(re.findall(r'<property name="(\w+)" value="([^"]*)"', junit.to_junit(report)))
    assert properties["rehearsal"] == properties["now_given"] == "yes" and "(REHEARSAL)" in properties["verdict"]
    written = json.loads("".join(as_json.to_json(report)))
    assert written["rehearsal"] is written["now_given"] is True
    plain = report.model_copy(update={"now_given": False, "rehearsal": False})
    assert "--now" not in console.render(plain, width=200, colour=False)
