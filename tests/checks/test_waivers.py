"""A waiver holds for the whole line that was observed, or up to its bound, until its day ends; any other is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from checker.checks import BY_ID
from checker.checks.judge import judge
from checker.checks.mechanism import Word
from checker.errors import InputError
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load
from checker.inputs.waivers import Waiver
from checker.outputs import console, todo
from checker.report import Finding, Measure, Report

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
# its one window ends on 2026-12-06 at 06:00 local time
THREE = load(ROOT / "samples" / "county-mail" / "deployment.yaml")
GIVEN = {"reason": "r", "by": "A. Example", "ticket": "CHG1", "until": "2026-12-06"}
LATE_BY = Measure(value=180, unit="minutes", worse="more")
LATE = Word("fail", "180 minutes too long", ("port 28443 is closed",), measure=LATE_BY)
SMALL = Word("fail", "2 GiB left", measure=Measure(value=2, unit="GiB", worse="less"))


def judged(word: Word, *waivers: dict[str, Any], now: datetime = NOW, check: str = "window-fits") -> Report:
    given = [Waiver.model_validate(GIVEN | {"check": check} | each) for each in waivers]
    deployment: Deployment = THREE.model_copy(update={"waivers": tuple(given)})
    return judge(deployment, {}, now, "server", checks=[replace(BY_ID[check], ask=lambda *_: word)])


def outcome(word: Word, now: datetime = NOW, **waiver: Any) -> tuple[str, str]:
    """The finding's outcome, and why the waiver is not applied."""
    report = judged(word, waiver, now=now)
    (finding,) = report.findings
    return finding.outcome, next((unused.why for unused in report.unused_waivers), "")


@pytest.mark.parametrize(
    ("observed", "held"),
    [
        ("180 minutes too long", "waived"),
        ("  180  MINUTES too\n long", "waived"),
        ("Port 28443 is closed", "waived"),
        ("80 minutes too long", "fail"),
        ("minutes too long", "fail"),
        ("e", "fail"),
        ("port 2844", "fail"),
        ("port 28443 is closed, and more", "fail"),
    ],
)
def test_a_waiver_names_a_whole_observed_line(observed: str, held: str) -> None:
    found, why = outcome(LATE, observed=observed)
    assert found == held
    assert why == ("" if held == "waived" else "the finding is now: 180 minutes too long")


@pytest.mark.parametrize(
    ("word", "bound", "held"),
    [
        (LATE, {"at_most": "180 minutes"}, ""),
        (LATE, {"at_most": "180.5 Minute"}, ""),
        (LATE, {"at_most": "179 minutes"}, "it is now worse than the bound: 180 minutes"),
        (LATE, {"at_most": "80 minutes"}, "it is now worse than the bound: 180 minutes"),
        (LATE, {"at_most": "180 hours"}, "its bound is in hours: expected minutes"),
        (LATE, {"at_least": "1 minutes"}, "its bound has the wrong direction: expected at_most"),
        (SMALL, {"at_least": "2 GiB"}, ""),
        (SMALL, {"at_least": "2.1 GiB"}, "it is now worse than the bound: 2 GiB"),
        (SMALL, {"at_most": "5 GiB"}, "its bound has the wrong direction: expected at_least"),
        (Word("fail", "so"), {"at_most": "5 GiB"},
         "this check has no measured value: expected the whole observed line"),
    ],
)  # fmt: skip
def test_a_bound_holds_until_the_value_is_worse(word: Word, bound: dict[str, Any], held: str) -> None:
    assert outcome(word, **bound) == ("fail" if held else "waived", held)


def test_it_holds_to_the_end_of_its_last_day_in_the_zone_of_the_change() -> None:
    midnight = datetime(2026, 12, 6, 23, 0, tzinfo=UTC)  # 00:00 on 7 December in Berlin
    assert outcome(LATE, midnight - timedelta(seconds=1), at_most="180 minutes")[0] == "waived"
    assert outcome(LATE, midnight, at_most="180 minutes") == ("fail", "it ended on 2026-12-06")


def test_one_that_ends_before_the_window_or_inside_it_does_not_count_for_it() -> None:
    for until in (date(2026, 12, 5), NOW.date()):
        assert outcome(LATE, at_most="180 minutes", until=until) == (
            "fail", f"it ends on {until}, before the last window ends",
        )  # fmt: skip


@pytest.mark.parametrize("word", [Word("pass", "180 minutes too long"), Word("unknown", "x"), Word("manual", "x")])
def test_only_a_failure_is_waived_and_else_the_waiver_is_told(word: Word) -> None:
    assert outcome(word, observed=word.message) == (
        word.outcome,
        f"the outcome of the check is {word.outcome}, not fail",
    )


def test_a_waiver_of_another_subject_is_told() -> None:
    assert outcome(LATE, at_most="180 minutes", server="mx1") == (
        "fail", "this check is for the deployment: name no server",
    )  # fmt: skip
    report = judged(LATE, {"at_most": "1 minutes"}, check="install-media")
    assert [unused.why for unused in report.unused_waivers] == ["this check is for each server: name a server"]


def test_two_waivers_are_judged_each_by_itself() -> None:
    report = judged(LATE, {"at_most": "1 minutes"}, {"at_most": "200 minutes"})
    assert [finding.outcome for finding in report.findings] == ["waived"]
    assert [unused.why for unused in report.unused_waivers] == ["it is now worse than the bound: 180 minutes"]


def ready(finding: Finding) -> dict[str, Any]:
    (entry,) = yaml.safe_load(finding.to_waive or "[{}]")
    assert isinstance(entry, dict)
    return {name: str(said) for name, said in entry.items()}


@pytest.mark.parametrize("word", [LATE, SMALL, Word("fail", 'a "line": with # all, that {YAML} takes\\')])
def test_the_line_that_is_printed_waives_what_it_was_printed_for(word: Word) -> None:
    (finding,) = judged(word).findings
    line = ready(finding)
    assert line["until"] == "2026-12-06" and line["by"] == "…"
    filled = {name: said for name, said in line.items() if said != "…"}
    (waived,) = judged(word, filled).findings
    assert waived.outcome == "waived"


def test_nothing_is_printed_to_waive_what_passes_or_is_never_waived() -> None:
    assert judged(Word("pass", "so")).findings[0].to_waive is None
    assert judged(LATE, check="roles-complete").findings[0].to_waive is None


def test_console_and_list_tell_the_ready_line_and_every_waiver_that_does_nothing() -> None:
    report = judged(LATE, {"at_most": "80 minutes"})
    ready_line = "- {check: window-fits, at_most: 180 minutes, reason: …, by: …, ticket: …, until: 2026-12-06}"
    for text in (console.render(report, width=200, colour=False), todo.render(report, zone=None, width=200)):
        assert ready_line in text
        assert "window-fits (deployment): it is now worse than the bound: 180 minutes" in text


def test_a_waiver_says_on_which_line_of_the_file_it_stands(tmp_path: Path) -> None:
    text = (ROOT / "samples" / "county-mail" / "deployment.yaml").read_text()
    entry = "  - {check: memory, server: mx1, observed: x, reason: r, by: b, ticket: t, until: 2026-12-31}\n"
    path = tmp_path / "d.yaml"
    path.write_text(f"{text}waivers:\n{entry}{entry.replace('mx1', 'mx2')}")
    deployment = load(path)
    last = len(path.read_text().splitlines())
    assert [waiver.line for waiver in deployment.waivers] == [last - 1, last]
    report = judge(deployment, {}, NOW, "server")
    assert [unused.line for unused in report.unused_waivers] == [last - 1, last]


@pytest.mark.parametrize(
    "fields", [{}, {"observed": "x", "at_most": "1 minutes"}, {"at_most": "80"}, {"at_most": "some"}]
)
def test_a_waiver_has_one_line_or_one_bound_with_its_unit(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Waiver.model_validate(GIVEN | {"check": "memory"} | fields)


def test_a_fault_in_a_waiver_is_told_at_its_place(tmp_path: Path) -> None:
    text = (ROOT / "samples" / "county-mail" / "deployment.yaml").read_text()
    path = tmp_path / "d.yaml"
    path.write_text(
        text + "waivers: [{check: memory, server: mx1, at_most: 80, reason: r, by: b, ticket: t, until: 2026-12-31}]\n"
    )
    line = len(text.splitlines()) + 1
    with pytest.raises(InputError, match=f":{line}:49: at_most '80' is not a bound"):
        load(path)
