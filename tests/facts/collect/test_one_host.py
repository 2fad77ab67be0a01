"""One host's damage costs one host, in whichever way it was asked; and what a run left behind is known as its own."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checker.errors import InputError, OutputError
from checker.facts import facts_store
from checker.facts.collect import carried, fleet, from_files, local
from checker.facts.collect.endings import Ending, classify
from checker.facts.collect.progress import Standing
from checker.facts.host_facts import HostFacts
from checker.facts.probe import reading
from checker.files import Output, write_all
from checker.inputs.deployment import Deployment
from runbook.cli import collecting

Deploy = Callable[..., Deployment]
NOW = datetime(2026, 12, 5, 19, 30, tzinfo=UTC)
WHOLE = (
    "@probe 1 0123456789abcdef\n@begin platform.clock date\n|2026-12-05T19:00:00Z\n@end platform.clock 0 1\n"
    "@begin identity.nodename uname -n\n|mx1\n@end identity.nodename 0 1\n@done 2\n"
)
MANY = "9" * 5000  # more digits than Python will read as a number
DAMAGED = [
    WHOLE.replace("@done 2", f"@done {MANY}"),
    WHOLE.replace("nodename 0 1\n", f"nodename 0 {MANY}\n"),
    WHOLE.replace("nodename 0 1\n", f"nodename 0 1 {MANY}\n"),
    WHOLE + f"@cksum {MANY} {MANY}\n",
    WHOLE.replace("mx1", "m\0x1"),
]


@pytest.mark.parametrize("text", DAMAGED, ids=["done", "lines", "bytes", "seal", "NUL"])
def test_a_damaged_output_among_carried_ones_costs_its_own_server_only(
    deploy: Deploy, tmp_path: Path, text: str
) -> None:
    deployment = deploy("database csm", "mta", "mta")
    first, second, third = (server.name for server in deployment.servers)
    (tmp_path / f"{first}.probe").write_text(WHOLE)
    (tmp_path / f"{second}.probe").write_text(carried.sealed(second, WHOLE).replace(WHOLE, text))
    (tmp_path / f"{third}.probe").write_text(carried.sealed(third, WHOLE))
    found = from_files.collect(deployment, tmp_path, NOW)
    assert {name: host.reached for name, host in found.items()} == {first: True, second: False, third: True}


def test_whatever_is_raised_while_one_output_is_read_costs_its_own_server_only(
    deploy: Deploy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = deploy("database csm", "mta")
    first, second = (server.name for server in deployment.servers)
    for name in (first, second):
        (tmp_path / f"{name}.probe").write_text(WHOLE)
    facts_of = reading.facts_of

    def broken(output: object, deployment: object, server: object) -> object:
        if getattr(server, "name", "") == second:
            raise RuntimeError("of our own")
        return facts_of(output, deployment, server)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "facts_of", broken)
    found = from_files.collect(deployment, tmp_path, NOW)
    assert found[first].reached
    assert (found[second].outcome, found[second].detail) == ("unreadable", "RuntimeError: of our own")


def test_words_of_ssh_that_break_their_own_reading_are_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(str):
        def __contains__(self, part: object) -> bool:
            raise MemoryError("it is too much")

        def replace(self, *_: object) -> str:
            raise MemoryError("it is too much")

    said = classify(Ending("ended", 255, "", Breaking("closed")))
    assert (said.word, said.detail) == ("unreadable", "MemoryError: it is too much")


@pytest.fixture
def answering(tmp_path: Path) -> Path:
    """An ssh that brings a whole output from every server, but a damaged one from the second."""
    (tmp_path / "whole").write_text(WHOLE)
    (tmp_path / "damaged").write_text(DAMAGED[0])
    program = tmp_path / "ssh"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *-G*) exit 1 ;; *"-- s2 "*) exec cat {tmp_path}/damaged ;; esac\n'
        f"echo asked >>{tmp_path}/asked\nexec cat {tmp_path}/whole\n"
    )
    program.chmod(0o755)
    return program


def named(deploy: Deploy, count: int) -> Deployment:
    made = deploy(*["mta"] * count)
    servers = tuple(
        server.model_copy(update={"name": f"s{n}", "hostname": None}) for n, server in enumerate(made.servers, 1)
    )
    return made.model_copy(update={"servers": servers})


def test_a_damaged_output_over_ssh_costs_its_own_server_only(deploy: Deploy, answering: Path) -> None:
    def shown(standing: Standing) -> None:
        pass

    deployment = named(deploy, 3)
    found = fleet.collect(
        deployment, deployment.servers, progress=shown, now=lambda: NOW, ssh=str(answering), timeout=10
    )
    assert {name: host.reached for name, host in found.items()} == {"s1": True, "s2": False, "s3": True}


def test_a_damaged_output_of_this_machine_is_an_outcome(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = deploy("mta")
    said = f"cat <<'END'\n{DAMAGED[0]}\nEND\n"
    monkeypatch.setattr(local, "script", lambda *_: said)
    host, _ = local.collect(deployment.servers[0], deployment, NOW, timeout=10)
    assert not host.reached


def test_raw_output_that_a_killed_run_left_alone_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mx1.probe").write_text(WHOLE)
    host = HostFacts(server="mx1", via="ssh", outcome="ok", collected_at=NOW, facts={})
    facts_store.check_places(tmp_path, ["mx1"])
    facts_store.save(tmp_path, host, WHOLE.replace("mx1", "mx1.example.net"))
    assert "mx1.example.net" in (tmp_path / "mx1.probe").read_text()


@pytest.mark.parametrize(
    "there", ["notes on @probe 1 0123456789abcdef\n", "@probe 1 0123\n", "", "@host mx1\n" + WHOLE]
)
def test_a_file_that_begins_otherwise_is_not_our_output(tmp_path: Path, there: str) -> None:
    (tmp_path / "mx1.probe").write_text(there)
    with pytest.raises(InputError, match=r"mx1\.probe"):
        facts_store.check_places(tmp_path, ["mx1", "mx2"])
    facts_store.check_places(tmp_path, ["mx1", "mx2"], force=True)
    assert (tmp_path / "mx1.probe").read_text() == there


def test_every_place_is_looked_at_before_anybody_is_asked(deploy: Deploy, tmp_path: Path, answering: Path) -> None:
    deployment, facts = named(deploy, 3), tmp_path / "facts"
    facts.mkdir()
    (facts / "s2.json").write_text(json.dumps({"precious": True}))
    (facts / "s3.probe").write_text("notes")
    with pytest.raises(InputError, match=r"s2\.json(.|\n)*s3\.probe"):
        collecting.gather(deployment, collecting.Way(ssh=str(answering)), facts)
    assert not (tmp_path / "asked").exists()


def test_a_directory_that_cannot_be_made_is_told_before_anybody_is_asked(
    deploy: Deploy, tmp_path: Path, answering: Path
) -> None:
    with pytest.raises(InputError, match="does not exist: create it first"):
        collecting.gather(named(deploy, 1), collecting.Way(ssh=str(answering)), tmp_path / "missing" / "facts")
    assert not (tmp_path / "asked").exists()


def test_an_answer_that_cannot_be_kept_loses_no_other(
    deploy: Deploy, tmp_path: Path, answering: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    def full(outputs: Sequence[Output]) -> None:
        if outputs[0].path.name.startswith("s1"):
            raise OutputError("s1.probe: not written, nothing was changed: No space left on device")
        write_all(outputs)

    monkeypatch.setattr(facts_store, "write_all", full)
    with pytest.raises(OutputError, match="collect again"):
        collecting.gather(named(deploy, 3), collecting.Way(ssh=str(answering)), tmp_path / "facts")
    assert "s1.probe: not written" in capsys.readouterr().err
    assert set(facts_store.load(tmp_path / "facts")) == {"s2", "s3"}
