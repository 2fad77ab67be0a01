"""The checks as a draft prints them, typed on the admin workstation, against a real host over ssh."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from lab.hosts import HostSpec
from lab.lab import Lab, lab, missing

from runbook.cli.main import main
from runbook.plan.plan_model import Plan
from runbook.resources import resource

REASON = missing()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(REASON is not None, reason=REASON or "")]
HOST = HostSpec("mail", roles=("database", "csm", "mta", "mail-filter", "euwi", "gwi"))
# each check, in how many hours the window begins when it is made, its exit code, and a check that it fails by
NIGHT = [
    ("recheck-two-days", 48, 0, None),
    ("recheck-one-hour", 1, 0, None),
    ("recheck", 1, 0, None),
    ("recheck-after", 1, 1, "after-target-present"),  # nothing was upgraded
]


@pytest.fixture
def one() -> Iterator[Lab]:
    with lab([HOST]) as hosts:
        yield hosts


def declared(hosts: Lab, hours: int) -> str:
    """The sample of one server, everything in it answered by today, with a window that begins in so many hours."""
    text = (resource("samples") / "harbour-mail/deployment.yaml").read_text()
    head, servers, _ = text.partition("\nservers:\n")
    assert servers
    start = datetime.now(UTC) + timedelta(hours=hours)
    window = f"windows: [{{start: {start:%Y-%m-%dT%H:%M}, end: {start + timedelta(hours=9):%Y-%m-%dT%H:%M}}}]"
    head = head.replace("2026-12-04T03:00", "2026-12-05T00:00").replace("Europe/Berlin", "UTC")
    since = datetime.now(UTC).date() - date(2026, 12, 5)
    moved = re.sub(r"\b2026-\d\d-\d\d(?!\d)", lambda day: str(date.fromisoformat(day[0]) + since), head)
    return hosts.deployment_yaml(re.sub(r"windows: \[.*\]", window, moved))


def typed(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_checks_of_a_night_are_typed_as_printed_where_the_cover_says(
    one: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change, tools = tmp_path / "our change", tmp_path / "tools"
    for place in (change, tools):
        place.mkdir()
    (tools / "ssh").write_text(f'#!/bin/sh\nPATH={shlex.quote(os.environ["PATH"])} exec {one.ssh} "$@"\n')
    (tools / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    monkeypatch.chdir(tmp_path)
    (change / "site.yaml").write_text(declared(one, 48))
    assert typed(monkeypatch, "pmx-preflight runbook 'our change/site.yaml' -o plan.json") == 0
    plan = Plan.model_validate_json(Path("plan.json").read_text())
    assert plan.directory is not None
    (directory,) = shlex.split(plan.directory)
    for form, hours, code, failed in NIGHT:
        (change / "site.yaml").write_text(declared(one, hours))
        monkeypatch.chdir(directory)
        collect, check = next(step.command or "" for step in plan.steps if step.form == form).split("\n")
        assert typed(monkeypatch, collect) == 0
        capsys.readouterr()
        ended = typed(monkeypatch, f"{check} --format json")
        report = json.loads(capsys.readouterr().out)
        due = (row for row in report["findings"] if row["due"] and row["severity"] == "blocker")
        held = {row["check"]: row["message"] for row in due if row["outcome"] not in ("pass", "not-applicable")}
        assert (ended, not held if failed is None else failed in held) == (code, True), (form, held)
        if form == "recheck-two-days":
            shutil.copytree("FACTS", "APPROVED-FACTS")  # as its text says, after GO
