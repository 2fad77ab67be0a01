"""Many servers at once over a real ssh: none harms another, no account is locked, nothing collected is lost."""

import asyncio
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checker.facts import facts_store
from checker.facts.catalogue import HOSTNAME
from checker.facts.collect import fleet
from checker.facts.collect.accounts import Door
from checker.facts.collect.outcomes import OUTCOMES
from checker.facts.collect.probed import facts_from
from checker.facts.collect.progress import Standing, bar, shown_on, table
from checker.facts.host_facts import HostFacts, read
from checker.facts.probe.script import digest, script
from checker.inputs.deployment import Deployment, Server

if TYPE_CHECKING:
    from collect.conftest import Lab

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
HEAD = "printf '@probe 1 0123456789abcdef\\n@begin identity.nodename uname -n\\n'\n"
PROBE = HEAD + "printf '|mx1\\n@end identity.nodename 0 1\\n@done 1\\n'\n"
SHORT = 3.0
LONG = 30.0


def tiny(deployment: Deployment, server: Server, deadline: float) -> str:
    """A probe that asks one thing, or misbehaves as the server's name says."""
    return {
        "good-hangs": HEAD + "sleep 60\n",
        "good-floods": HEAD + "head -c 100000000 /dev/zero\n",
        "good-holds": "sleep 60 &\n" + PROBE,
        "good-lies": HEAD + "printf '|mx1\\n@end identity.nodename 0 7\\n@done 1\\n'\n",
    }.get(server.name, PROBE)


def collect(lab: "Lab", *servers: str | dict[str, Any], **options: Any) -> dict[str, HostFacts]:
    """The facts of these servers."""
    deployment = lab.deployment(*servers)
    usual: dict[str, Any] = {"timeout": LONG, "script": tiny, "ssh": lab.ssh, "progress": lambda standing: None}
    found = fleet.collect(deployment, deployment.servers, now=lambda: NOW, **{**usual, **options})
    assert lab.clients() == []
    return found


def outcomes(found: dict[str, HostFacts]) -> dict[str, str]:
    return {name: facts.outcome for name, facts in found.items()}


def test_bad_hosts_cost_only_themselves(lab: "Lab") -> None:
    bad = {
        "banner-only": "stuck after banner",
        "good-hangs": "incomplete",
        "good-floods": "too much output",
        "good-lies": "incomplete",
        "silent": "stuck before banner",
        "vanishing": "timed out",
        "closed": "refused",
        "nameless": "name not found",
        "unknown": "host key unknown",
        "changed": "host key changed",
        "endless-banner": "not an ssh server",
        "old": "no common algorithm",
        "no-shell": "not a shell",
        "denied": "permission denied",
    }
    good = [f"good{number}" for number in range(6)] + ["good-holds", "noisy"]
    ended: dict[str, float] = {}
    began = time.monotonic()

    def save(facts: HostFacts, raw: str | None) -> None:
        ended[facts.server] = time.monotonic() - began

    found = collect(lab, *bad, *good, timeout=2 * SHORT, save=save)
    assert outcomes(found) == bad | dict.fromkeys(good, "ok")
    assert read(found["good1"], HOSTNAME) == "mx1"
    assert all(OUTCOMES[word].remedy for word in bad.values())
    assert all(found[name].try_line and found[name].detail and not found[name].facts for name in bad)
    # one hanging host was first at the door, and it is given way
    assert max(ended[name] for name in good) < 2 * SHORT
    assert max(ended.values()) < 3 * SHORT + 3


def test_the_probe_itself_brings_facts(lab: "Lab", tmp_path: Path) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text('#!/bin/sh\nshift; exec "$@"\n')
    sudo.chmod(0o755)
    found = collect(lab, "good", {"name": "noisy", "ssh": {"become": [str(sudo), "-n"]}}, script=script)
    for facts in found.values():
        assert facts.outcome == "ok", facts.detail
        assert read(facts, HOSTNAME) == os.uname().nodename
        assert facts.host_clock
        assert facts.probe_digest == digest()


def test_a_host_whose_settings_run_something_else_is_asked_all_the_same(lab: "Lab") -> None:
    found = collect(lab, "commanding", "sessionless", "good1")
    assert set(outcomes(found).values()) == {"ok"}, found


def test_each_server_is_saved_as_it_ends_with_its_raw_output(lab: "Lab", tmp_path: Path) -> None:
    def save(facts: HostFacts, raw: str | None) -> None:
        facts_store.save(tmp_path, facts, raw)

    found = collect(lab, "good1", "closed", "good-lies", save=save)
    assert facts_store.load(tmp_path) == found
    assert (tmp_path / "good1.probe").read_text().endswith("@done 1\n")
    assert "0 7" in (tmp_path / "good-lies.probe").read_text()
    assert found["good1"].probe_digest == "0123456789abcdef"
    assert found["good1"].collected_at == NOW


def test_a_save_that_fails_ends_the_run_and_every_ssh(lab: "Lab") -> None:
    def save(facts: HostFacts, raw: str | None) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        collect(lab, "good1", "good-hangs", save=save)
    assert lab.clients() == []


@contextmanager
def logins(lab: "Lab", tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    """An ssh that keeps account of whom it asked, and how to read that."""
    account = tmp_path / "asked"
    account.touch()
    program = tmp_path / "ssh"
    # -G asks nobody
    program.write_text(
        f'#!/bin/sh\ncase $1 in -T) echo "$*" >>{account} ;; esac\nexec {lab.ssh} "$@"\n',
    )
    program.chmod(0o755)
    yield lambda: re.findall(r"-- (\S+)", account.read_text())


def test_a_fleet_that_is_turned_away_everywhere_is_asked_three_times_only(lab: "Lab", tmp_path: Path) -> None:
    names = [f"denied{number}" for number in range(9)]
    with logins(lab, tmp_path) as asked:
        found = collect(lab, *names, ssh=str(tmp_path / "ssh"))
        assert len(asked()) == 3
    words = list(outcomes(found).values())
    assert words.count("permission denied") == 3
    assert words.count("not tried: permission denied, on several servers in a row") == 6


def test_one_login_goes_first_and_the_others_follow_when_it_has_worked() -> None:
    async def passed_before_and_after() -> tuple[list[str], list[str]]:
        door, passed, over = Door(head_start=60), list[str](), asyncio.Event()

        async def login(server: str) -> None:
            async with door.passage(server):
                passed.append(server)
                await over.wait()

        async with asyncio.TaskGroup() as logins:
            for number in range(9):
                logins.create_task(login(f"mx{number}"))
            await asyncio.sleep(0)
            before = list(passed)
            door.answered("mx0")
            await asyncio.sleep(0)
            after = list(passed)
            over.set()
        return before, after

    assert asyncio.run(passed_before_and_after()) == (["mx0"], [f"mx{number}" for number in range(9)])


def test_another_account_is_asked_although_one_is_turned_away(lab: "Lab") -> None:
    found = collect(lab, *[f"denied{number}" for number in range(5)], "good1", "good2")
    assert found["good1"].outcome == found["good2"].outcome == "ok"


def test_a_few_that_turn_away_between_others_stop_nobody(lab: "Lab") -> None:
    names = ["good0", "keyless1", "keyless2", "good3", "keyless4", "good5"]
    found = outcomes(collect(lab, *names, jobs=1))
    assert found == {name: "ok" if name.startswith("good") else "permission denied" for name in names}


def test_an_account_that_is_turned_away_later_is_spared_too(lab: "Lab") -> None:
    found = outcomes(collect(lab, "good0", "keyless1", "keyless2", "keyless3", "good4", jobs=1))
    assert found["keyless3"] == "permission denied"
    assert found["good4"] == "not tried: permission denied, on several servers in a row"


def test_a_sudo_that_refuses_is_not_asked_everywhere(lab: "Lab", tmp_path: Path) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text("#!/bin/sh\necho sudo: a password is required >&2\nexit 1\n")
    sudo.chmod(0o755)
    servers = [{"name": f"good{number}", "ssh": {"become": [str(sudo)]}} for number in range(5)]
    words = list(outcomes(collect(lab, *servers)).values())
    assert words.count("become failed") == 3


def test_dead_hosts_are_no_reason_to_stop(lab: "Lab") -> None:
    words = outcomes(collect(lab, *[f"closed{number}" for number in range(8)], "good1"))
    assert set(words.values()) == {"refused", "ok"}


def test_no_more_are_asked_at_once_than_jobs(lab: "Lab") -> None:
    most = 0

    def progress(standing: Standing) -> None:
        nonlocal most
        most = max(most, len(standing.asking))

    collect(lab, *[f"good{number}" for number in range(6)], jobs=2, progress=progress)
    assert 1 <= most <= 2


def test_a_bastion_is_spared(lab: "Lab") -> None:
    def largest(name: str) -> int:
        most = 0

        def progress(standing: Standing) -> None:
            nonlocal most
            most = max(most, len(standing.asking))

        names = [f"{name}{number}" for number in range(10)]
        found = collect(lab, *names, progress=progress, script=lambda *_: "sleep 0.3\n" + PROBE)
        assert set(outcomes(found).values()) == {"ok"}
        return most

    assert largest("behind") <= fleet.THROUGH_BASTION < largest("good")


def test_few_file_descriptors_mean_fewer_at_once() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (124, before[1]))
        assert fleet.at_once(50) == 10
        assert fleet.at_once(4) == 4
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_time_for_all_ends_the_run(lab: "Lab") -> None:
    began = time.monotonic()
    found = collect(lab, "good-hangs", "good1", jobs=1, run_timeout=SHORT)
    assert outcomes(found) == {"good-hangs": "incomplete", "good1": "not tried: the time limit of the run was reached"}
    assert time.monotonic() - began < LONG / 2


def test_a_missing_ssh_is_told_for_each_server(lab: "Lab", tmp_path: Path) -> None:
    assert set(outcomes(collect(lab, "good1", "good2", ssh=str(tmp_path / "none"))).values()) == {"ssh not found"}


def test_those_to_ask_again_are_the_missing_and_the_failed(lab: "Lab") -> None:
    servers = lab.deployment("good1", "closed", "good2").servers
    found = collect(lab, "good1", "closed")
    assert [server.name for server in fleet.failed(servers, found)] == ["closed", "good2"]


DRIVER = """
import json, sys
from datetime import UTC, datetime
from checker.facts.collect import fleet
from checker.inputs.deployment import Deployment
from test_fleet import tiny
deployment = Deployment.model_validate_json(sys.argv[2])
def save(facts, raw):
    print(facts.server, flush=True)
try:
    fleet.collect(deployment, deployment.servers, progress=lambda standing: None, now=lambda: datetime.now(UTC),
                  save=save, ssh=sys.argv[1], script=tiny)
except fleet.Interrupted as ended:
    print(json.dumps({name: facts.outcome for name, facts in ended.facts.items()}))
    sys.exit(130)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_keeps_what_it_has_and_ends_every_ssh(lab: "Lab", number: signal.Signals) -> None:
    declared = lab.deployment("good1", "good-hangs", "banner-only")
    run = subprocess.Popen(
        [sys.executable, "-c", DRIVER, lab.ssh, declared.model_dump_json()],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stdout.readline() == "good1\n"
    run.send_signal(number)
    said, _ = run.communicate(timeout=10)
    assert run.returncode == 130
    assert json.loads(said) == {
        "good1": "ok",
        "good-hangs": "not tried: interrupted",
        "banner-only": "not tried: interrupted",
    }
    assert lab.clients() == []


def facts(server: str, outcome: str = "ok", **more: Any) -> HostFacts:
    return HostFacts(server=server, via="ssh", outcome=outcome, collected_at=NOW, facts={}, **more)


def test_a_damaged_output_has_no_facts_and_says_why(lab: "Lab") -> None:
    deployment = lab.deployment("good")
    cut = facts_from(
        "@probe 1 0123456789abcdef\n@begin identity.nodename uname -n\n|mx1",
        via="files", server=deployment.servers[0], deployment=deployment, collected_at=NOW,
    )  # fmt: skip
    assert (cut.outcome, cut.facts, cut.detail) == ("incomplete", {}, "it ends inside section identity.nodename")


def test_twelve_servers_fit_one_screen_worst_first() -> None:
    hosts = {f"mx{number}": facts(f"mx{number}") for number in range(10)}
    hosts["db1"] = facts("db1", "refused", detail="Connection refused " * 20, try_line="ssh -- db1 true")
    hosts["db2"] = facts("db2", "not tried: interrupted", try_line="ssh -- db2 true")
    lines = table(hosts, 80).splitlines()
    assert len(lines) <= 24
    assert [line.split()[0] for line in lines[:4]] == ["db1", "db2", "mx0", "mx1"]
    assert all(len(line) <= 80 for line in lines)
    assert "  try: ssh -- db1 true" in lines
    assert "  try: ssh -- db2 true" not in lines
    assert OUTCOMES["refused"].remedy.split()[0] in table(hosts, 80)


def test_of_two_hundred_servers_the_failed_are_all_named_and_the_others_counted() -> None:
    hosts = {f"mx{number}": facts(f"mx{number}", "refused" if number < 40 else "ok") for number in range(200)}
    text = table(hosts, 100)
    assert all(re.search(rf"^mx{number} +refused$", text, re.MULTILINE) for number in range(40))
    assert "… and 160 more, all ok" in text
    assert "160 ok; 40 refused" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_is_redrawn_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    show = shown_on(stream)
    show(Standing(4, {"mx1": "ok", "mx2": "refused"}, {"mx3": 3.0, "db1": 31.2}))
    assert stream.getvalue() == "\r[##########..........] 2/4  1 ok, 1 failed  asking db1 31 …\x1b[K"
    show(Standing(4, dict.fromkeys("abcd", "ok"), {}))
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_bar_names_the_slowest() -> None:
    asked = {f"mx{number}": float(number) for number in range(6)}
    assert bar(Standing(6, {}, asked), 120).endswith("0/6  0 ok  asking mx5 5 s, mx4 4 s, mx3 3 s and 3 more")


def test_without_a_terminal_there_is_a_line_for_each_server_and_no_escape() -> None:
    stream = io.StringIO()
    show = shown_on(stream)
    show(Standing(2, {}, {"mx1": 1.0}))
    show(Standing(2, {"mx1": "refused"}, {}, facts("mx1", "refused", detail="Connection refused")))
    assert stream.getvalue() == "[1/2] mx1: refused: Connection refused\n"
