"""What a runbook prints to be run is run as it stands there, and gives what its step expects."""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from worlds import MOMENTS, World, healthy, hosts

from checker.facts import facts_store
from checker.report import Stage
from runbook.cli.main import main
from runbook.plan.plan_model import Plan

FILE, FACTS, APPROVED = "our mail's.yaml", "facts of now", "approved"
PLACE = re.compile(r"- \*\*Run the checks on:\*\* _+ in (.+)\n")
BLOCK = re.compile(r"\n +```\n +(pmx-preflight collect .*)\n +(pmx-preflight check .*)\n +```\n")
# hands what it is told to a shell of this machine, as the ssh of a host would; it has no settings
SSH = """#!/bin/sh
case " $* " in *" -G "*) exit 1 ;; esac
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", list(words))
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def save(directory: str, files: dict[str, dict[str, object]]) -> None:
    for host in hosts(files).values():
        facts_store.save(Path(directory), host, None)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A directory with a deployment and its approved facts, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    world = healthy("two-days")
    Path(FILE).write_text(json.dumps(world.deployment))
    save(FACTS, world.facts)
    save(APPROVED, world.baseline or {})
    yield world


def written(monkeypatch: pytest.MonkeyPatch, now: datetime, *more: str, file: str = FILE) -> list[tuple[str, str]]:
    """The two commands of each check on the pages, in their order, in the directory in which they say they are run."""
    outputs = ("-o", "night.md", "-o", "plan.json", "--now", now.isoformat())
    assert run(monkeypatch, "pmx-preflight", "runbook", file, *more, *outputs) == 0
    text = Path("night.md").read_text()
    (directory,) = PLACE.findall(text)
    assert text.count(directory) == 1 + text.count("pmx-preflight check "), "on the cover and beside each check"
    monkeypatch.chdir(*shlex.split(directory))
    return BLOCK.findall(text)


def test_each_check_as_printed_is_go_when_its_time_has_come(
    site: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    given = ("--facts", str(tmp_path / FACTS), "--baseline", f"../{APPROVED}")
    asked = written(monkeypatch, site.now, *given, file=str(tmp_path / FILE))
    assert Path.cwd() == tmp_path
    assert {collect for collect, _ in asked} == {f"pmx-preflight collect {shlex.quote(FILE)} -o '{FACTS}'"}
    plan = Plan.model_validate_json(Path("elsewhere/plan.json").read_text())
    assert ["\n".join(pair) for pair in asked] == [s.command for s in plan.steps if s.form.startswith("recheck")]
    stages = []
    for _, check in asked:
        words = shlex.split(check)
        stage = words[words.index("--stage") + 1]
        assert stage in get_args(Stage)
        done = [words[at + 1] for at, word in enumerate(words) if word == "--done"]
        world = healthy(stage, done=done)  # type: ignore[arg-type]
        save(FACTS, world.facts)
        at = MOMENTS["county-mail"][stage].isoformat()  # type: ignore[index]
        assert run(monkeypatch, *words, "--now", at) == 0, check
        late = (world.now + timedelta(days=4)).isoformat()
        assert run(monkeypatch, *words, "--now", late) == 1, "facts of days ago"
        stages.append(stage)
    assert stages == ["two-days", "one-hour", "server", "server", "server", "after"]


def test_the_collection_as_printed_brings_facts_of_now_of_every_server(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("bin").mkdir()
    Path("bin/ssh").write_text(SSH)
    Path("bin/ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(Path("bin").resolve()), prepend=":")
    asked = written(monkeypatch, site.now, "--facts", FACTS, "--baseline", APPROVED)
    assert len({collect for collect, _ in asked}) == 1, "every time of all servers"
    before = facts_store.load(Path(FACTS))
    assert run(monkeypatch, *shlex.split(asked[0][0])) == 0
    after = facts_store.load(Path(FACTS))
    assert after.keys() == before.keys() and all(host.via == "ssh" and host.reached for host in after.values())
    assert all(after[name].collected_at != before[name].collected_at for name in after)


def test_the_names_of_a_draft_can_be_typed_as_they_stand(site: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = written(monkeypatch, site.now)
    save("FACTS", site.facts)
    assert run(monkeypatch, *shlex.split(asked[0][1]), "--now", site.now.isoformat()) == 0
    Path("FACTS").rename("APPROVED-FACTS")
    world = healthy("one-hour")
    save("FACTS", world.facts)
    assert run(monkeypatch, *shlex.split(asked[1][1]), "--now", world.now.isoformat()) == 0
