"""Real hosts asked in every way: over ssh, through Ansible, with the kit from a bastion, and mixed.

The same host gives the same frozen facts whichever way it is asked; drifting ones lie in a bracket.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab.eleven import ELEVEN
from lab.lab import Lab, lab, missing

from checker.facts.catalogue import CATALOGUE

REASON = missing()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(REASON is not None, reason=REASON or "")]

HEAD = """\
deployment: four-ways
change:
  number: CHG0031337
  timezone: Europe/Berlin
  windows: [{start: 2027-01-16T12:00, end: 2027-01-17T22:00}]
migration: {script: false}
"""
BY_HAND = ("mta1", "filter2", "web2")  # sudo, csh, a noisy login
BY_ANSIBLE = ("mta2", "filter1", "web1")
EACH_KIND = tuple(spec for spec in ELEVEN if spec.name in ("db1", "mta1", "filter1", "filter2", "web1"))
FROZEN = sorted(path for path, fact in CATALOGUE.items() if not fact.drifting)
BRACKETS = ("parts.quarantine.kib", "parts.quarantine.files", "puremessage.queue_old")


@pytest.fixture(scope="module", params=[EACH_KIND, pytest.param(ELEVEN, marks=pytest.mark.large)], ids=["5", "11"])
def hosts(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with lab(request.param) as running:
        yield running


@pytest.fixture
def deployment(hosts: Lab, tmp_path: Path) -> Path:
    path = tmp_path / "deployment.yaml"
    path.write_text(hosts.deployment_yaml(HEAD))
    return path


def command(*arguments: object, code: int = 0) -> None:
    argv = [sys.executable, "-m", "runbook", *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def facts(hosts: Lab, place: Path) -> dict[str, dict[str, Any]]:
    found = {path.stem: json.loads(path.read_text()) for path in sorted(place.glob("*.json"))}
    assert {name: seen["outcome"] for name, seen in found.items()} == {spec.name: "ok" for spec in hosts.specs}
    assert {seen["asked"]["paths.source"] for seen in found.values()} == {"/opt/pmx"}
    return {name: seen["facts"] for name, seen in found.items()}


def by_ssh(hosts: Lab, deployment: Path, place: Path) -> dict[str, dict[str, Any]]:
    command("collect", deployment, "-o", place, "--ssh", hosts.ssh)
    return facts(hosts, place)


def inventory_of(hosts: Lab, path: Path) -> Path:
    rows = [
        f"{spec.name} ansible_host={spec.name}" + (" ansible_become=true" if spec.privilege == "sudo" else "")
        for spec in hosts.specs
    ]
    # what Ansible keeps open is kept by the names of the hosts, which are the same in every lab that runs just now
    settings = ["[all:vars]", f"ansible_ssh_executable={hosts.ssh}", "ansible_python_interpreter=/usr/bin/python3",
                "ansible_ssh_args=-o ControlMaster=no"]  # fmt: skip
    path.write_text("\n".join([*rows, *settings]) + "\n")
    return path


def by_ansible(hosts: Lab, deployment: Path, place: Path) -> dict[str, dict[str, Any]]:
    inventory = inventory_of(hosts, place.with_suffix(".ini"))
    command("collect", deployment, "-o", place, "--via", "ansible", "--inventory", inventory)
    return facts(hosts, place)


def by_kit(hosts: Lab, deployment: Path, place: Path) -> dict[str, dict[str, Any]]:
    bastion = place.with_suffix(".bastion")
    bastion.mkdir()
    command("probe", "--kit", deployment, "-o", bastion / "kit.tar")
    with tarfile.open(bastion / "kit.tar") as tar:
        tar.extractall(bastion, filter="data")
    (kit,) = [path for path in bastion.iterdir() if path.is_dir()]
    shell = shutil.which("dash") or "/bin/sh"
    asked = subprocess.run(
        [shell, "fan-out.sh"], cwd=kit, env={**os.environ, "SSH": str(hosts.ssh)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout + asked.stderr
    command("collect", deployment, "-o", place, "--from-files", kit / "out")
    return facts(hosts, place)


def test_the_same_hosts_give_the_same_facts_in_every_way(hosts: Lab, deployment: Path, tmp_path: Path) -> None:
    before = by_ssh(hosts, deployment, tmp_path / "before")
    ways = {
        "ansible": by_ansible(hosts, deployment, tmp_path / "ansible"),
        "kit": by_kit(hosts, deployment, tmp_path / "kit"),
    }
    after = by_ssh(hosts, deployment, tmp_path / "after")
    for way, seen in ways.items():
        for spec in hosts.specs:
            own, first, last = seen[spec.name], before[spec.name], after[spec.name]
            differ = {path: (own[path], first[path]) for path in FROZEN if own[path] != first[path]}
            assert differ == {}, (way, spec.name)
            for path in BRACKETS:
                low, high = sorted((first[path]["value"], last[path]["value"]))
                assert low <= own[path]["value"] <= high, (way, spec.name, path)


@pytest.mark.large  # the same ways as above, one host in one of them
@pytest.mark.parametrize("hosts", [ELEVEN], indirect=True, ids=["11"])
def test_facts_of_mixed_ways_are_judged_together(hosts: Lab, deployment: Path, tmp_path: Path) -> None:
    place = tmp_path / "mixed"
    rest = [spec.name for spec in ELEVEN if spec.name not in (*BY_HAND, *BY_ANSIBLE)]
    command("collect", deployment, "-o", place, "--ssh", hosts.ssh, *named(rest))
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    for name in BY_HAND:
        script = tmp_path / f"{name}.sh"
        command("probe", deployment, "--server", name, "-o", script)
        read = hosts.run(name, ["sh", "-s"], input=script.read_text())
        # as a Windows mail client would carry it
        (by_hand / f"{name}.txt").write_bytes(b"Hello,\r\nhere it is:\r\n" + read.stdout.replace("\n", "\r\n").encode())
    command("collect", deployment, "-o", place, "--from-files", by_hand)
    inventory = inventory_of(hosts, tmp_path / "inventory.ini")
    command("collect", deployment, "-o", place, "--via", "ansible", "--inventory", inventory, *named(BY_ANSIBLE))
    mixed = facts(hosts, place)
    again = by_ssh(hosts, deployment, tmp_path / "ssh")
    for spec in ELEVEN:
        differ = {path for path in FROZEN if mixed[spec.name][path] != again[spec.name][path]}
        assert differ == set(), spec.name
    vias = {path.stem: json.loads(path.read_text())["via"] for path in place.glob("*.json")}
    assert vias == dict.fromkeys(rest, "ssh") | dict.fromkeys(BY_HAND, "files") | dict.fromkeys(BY_ANSIBLE, "ansible")
    report = tmp_path / "report.json"
    command("check", deployment, "--facts", place, "--format", "json", "-o", report, code=3)
    outcomes = {
        f["server"]: f["outcome"] for f in json.loads(report.read_text())["findings"] if f["check"] == "reachable"
    }
    assert outcomes == {spec.name: "pass" for spec in ELEVEN}


def named(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in ("--server", name)]
