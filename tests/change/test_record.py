"""The change record: what forms take, from the same plan as the paper, with nothing outside its window."""

import csv
import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from digested_plans import composed
from jsonschema import Draft202012Validator
from printed_samples import edition
from random_sites import random_site

from checker.inputs.deployment import Deployment
from checker.outputs.tables import harmless
from runbook.change.record import TITLE, Record
from runbook.change.record_files import COLUMNS, record_files, servers_csv
from runbook.change.servicenow import ServiceNow, schema, servicenow
from runbook.pages.times import spoken
from runbook.words import Words

Deploy = Callable[..., Deployment]
SEEDS = [pytest.param(seed, marks=() if seed < 15 else pytest.mark.large) for seed in range(1000)]
LOADER = Path(__file__).parents[2] / "docs" / "load_servicenow.py"
TIME = "%Y-%m-%d %H:%M:%S"


@pytest.fixture(scope="module")
def county() -> Record:
    return Record(edition("county-mail"))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_task_is_inside_its_window_in_plan_order_with_the_minutes_of_the_paper(
    deploy: Deploy, words: Words, seed: int
) -> None:
    deployment = random_site(deploy, seed)
    made = composed(deployment, {}, words)
    record, plan = Record(made), made.plan
    windows = {night.number: (night.start, night.end) for night in plan.nights if not night.overrun}
    rows = servicenow(record).change_task
    assert [row.order for row in rows] == sorted({row.order for row in rows})
    assert len(rows) == len(record.tasks)
    for task, row in zip(record.tasks, rows, strict=True):
        starts, ends = (datetime.strptime(at, TIME).replace(tzinfo=UTC) if at else None
                        for at in (row.planned_start_date, row.planned_end_date))  # fmt: skip
        assert (starts, ends) == (task.starts, task.ends)
        if task.night in windows:
            assert windows[task.night][0] <= task.starts <= task.ends <= windows[task.night][1]  # type: ignore[operator]
        elif task.kind == "planning":
            assert task.starts is not None
            assert task.starts < plan.nights[0].start
    done = [task for task in record.tasks if task.kind == "implementation"]
    assert [task.server for task in done if task.server] == list(plan.order)
    assert [task.starts for task in done] == sorted(task.starts for task in done if task.starts)
    for task in done:
        if task.server:
            own = plan.of(task.server)
            assert task.minutes == tuple(sum(getattr(s.minutes, key) for s in own) for key in ("likely", "high"))
            assert f"likely {spoken(task.minutes[0])}, at most {spoken(task.minutes[1])}." in task.lines[0]
            assert [line.split()[-1] != "" for line in task.lines[1:]] == [True] * len(own)
    # each minute of a night is in one task of it, but for the tests, which are part of their servers, and hand-overs
    for night in plan.nights:
        steps = [step for step in plan.steps if step.night == night.number and step.form not in ("hand-over",)]
        told = [task for task in done if task.night == night.number]
        assert sum(task.minutes[1] for task in told) == sum(step.minutes.high for step in steps)


@pytest.mark.parametrize("seed", range(3))
def test_the_json_is_what_its_schema_says(deploy: Deploy, words: Words, seed: int) -> None:
    said = json.loads(servicenow(Record(composed(random_site(deploy, seed), {}, words))).model_dump_json())
    check = Draft202012Validator(schema())
    check.validate(said)
    assert said["change_request"]["u_site"] == "north"
    for wrong in ({"change_request": {**said["change_request"], "site": "x"}},
                  {"change_request": {**said["change_request"], "short_description": "x" * (TITLE + 1)}}):  # fmt: skip
        assert not check.is_valid(said | wrong)


def test_what_is_declared_for_the_form_stands_in_it_and_what_is_not_is_asked_for(deploy: Deploy, words: Words) -> None:
    window = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]
    form = {
        "type": "normal", "service": "mail", "assignment_group": "unix", "requested_by": "A. Example",
        "approvers": ["B. Example", "C. Example"], "authority": "the weekly board", "risk": "high", "impact": "2",
        "reason": "Version 5 is out of support here.", "fields": {"u_site": "north"},
    }  # fmt: skip
    change = {"number": "CHG1", "timezone": "UTC", "windows": window}
    full = Record(composed(deploy("database csm", change=change | form), {}, words))
    bare = Record(composed(deploy("database csm", change=change), {}, words))
    assert [place for place, _ in full.missing] == ["servers[].ci"]
    assert [place for place, _ in bare.missing] == [
        *(f"change.{name}" for name in form if name != "fields"), "servers[].ci",
    ]  # fmt: skip
    request = servicenow(full).change_request.model_dump()
    for name in ("type", "assignment_group", "requested_by", "risk", "impact"):
        assert request[name] == form[name]
    assert request["u_site"] == "north"
    assert (request["cmdb_ci"], request["justification"]) == ("mail", form["reason"])
    files = dict(record_files(full))
    assert "B. Example, C. Example" in files["change/change.md"]
    assert "Nothing is missing" not in files["change/TODO.md"]
    assert full.edition.plan.digest == bare.edition.plan.digest, "what only the form asks for voids no page"


def test_the_record_has_what_a_board_asks_for(county: Record) -> None:
    request = servicenow(county).change_request
    assert "Upgrade 3 servers" in request.short_description
    assert request.start_date == "2026-12-05 21:00:00"
    assert request.end_date == "2026-12-06 05:00:00"
    for name in ("description", "implementation_plan", "risk_impact_analysis", "backout_plan", "test_plan"):
        assert len(getattr(request, name)) > 200, name
    assert "Backout loses data" in request.backout_plan
    assert re.search(r"2\.22.*Test server mx1", request.test_plan)
    assert not re.search(r"<[a-z]+>|\*\*|_{4}", json.dumps(request.model_dump())), "plain text, and no line to write on"


def test_a_table_of_servers_is_read_back_as_it_was_and_computes_nothing(deploy: Deploy, words: Words) -> None:
    window = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]
    change = {"number": "CHG1", "timezone": "UTC", "windows": window}
    deployment = deploy("database csm", "mta mail-filter", change=change)
    cis = ('=HYPERLINK("http://x")', 'a "quoted", name')
    servers = tuple(s.model_copy(update={"ci": ci}) for s, ci in zip(deployment.servers, cis, strict=True))
    made = composed(deployment.model_copy(update={"servers": servers}), {}, words)
    head, *rows = csv.reader(io.StringIO(servers_csv(Record(made)), newline=""))
    assert tuple(head) == COLUMNS
    assert [row[2] for row in rows] == list(made.plan.order)
    by_name = {server.name: server for server in servers}
    assert [row[6] for row in rows] == [harmless(by_name[row[2]].ci or "") for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_would_begin_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"x{text}") == f"x{text}"


class Stub(BaseHTTPRequestHandler):
    """The tables of an instance, as far as the loader needs them."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Authorization"].startswith("Basic ")
        self.server.seen.append((self.path, body))  # type: ignore[attr-defined]
        answer = json.dumps({"result": {"sys_id": f"id{len(self.server.seen)}"}}).encode()  # type: ignore[attr-defined]
        self.send_response(201)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def instance() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        server.seen = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_loader_sends_the_change_then_its_tasks_then_its_items(
    instance: HTTPServer, county: Record, tmp_path: Path
) -> None:
    path = tmp_path / "servicenow.json"
    path.write_text(dict(record_files(county))["change/servicenow.json"])
    said = ServiceNow.model_validate_json(path.read_text())
    place = f"http://127.0.0.1:{instance.server_port}"
    done = subprocess.run(
        [sys.executable, LOADER, path, place], capture_output=True, text=True, check=False,
        env={"SERVICENOW_USER": "a", "SERVICENOW_PASSWORD": "b"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = instance.seen  # type: ignore[attr-defined]
    tables = [path.partition("?")[0] for path, _ in seen]
    assert tables == [
        "/api/now/table/change_request",
        *["/api/now/table/change_task"] * len(said.change_task),
        *["/api/now/table/task_ci"] * len(said.task_ci),
    ]
    assert {body["change_request"] for path, body in seen if "change_task" in path} == {"id1"}


def test_the_loader_sends_no_password_over_an_open_line(county: Record, tmp_path: Path) -> None:
    path = tmp_path / "servicenow.json"
    path.write_text(dict(record_files(county))["change/servicenow.json"])
    done = subprocess.run(
        [sys.executable, LOADER, path, "http://example.net"], capture_output=True, text=True, check=False,
        env={"SERVICENOW_USER": "a", "SERVICENOW_PASSWORD": "b"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "https" in done.stderr


def test_hostile_names_are_harmless_in_every_file(deploy: Deploy, words: Words) -> None:
    window = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]
    nasty = "<script>alert(1)</script> [x](http://evil) | `rm`"
    change = {"number": nasty, "timezone": "UTC", "windows": window, "reason": nasty, "service": nasty}
    files = dict(record_files(Record(composed(deploy("database csm", change=change), {}, words))))
    assert "<script>alert" not in files["change/change.html"]
    assert "<script>" not in files["change/change.md"]
    assert not re.search(r"(?<!\\)\]\(http", files["change/change.md"])
    json.loads(files["change/servicenow.json"])


def test_times_are_those_of_the_sample_to_the_minute(county: Record) -> None:
    opening = next(task for task in county.tasks if task.kind == "implementation")
    assert opening.starts == datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    assert opening.ends == opening.starts + timedelta(minutes=19)


def test_what_is_open_is_a_list_of_task_boxes_and_so_is_what_the_form_lacks(county: Record) -> None:
    files = dict(record_files(county))
    boxes = [line for line in files["change/change.md"].splitlines() if line.startswith("- [ ] ")]
    assert len(boxes) == 1
    assert boxes[0].startswith("- [ ] rehearsal (deployment), due now")
    bare = dict(record_files(Record(edition("harbour-mail"))))["change/TODO.md"]
    assert "- [ ] change.assignment_group: Group that does the work" in bare
