"""What every format of the report says alike."""

import json
import re

from invented_reports import finding, report_of

from checker.outputs import as_json, console, junit, todo


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
