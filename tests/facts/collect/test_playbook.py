"""The playbook alone, for any Ansible or AWX. All of it is real."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from checker.facts.collect import ansible, from_files
from checker.facts.collect.playbook import playbook
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
# for Ansible's own ssh connection: the last word is the line for the host's shell
TELLING = """#!/bin/sh
for line; do :; done
PATH=%s:$PATH exec /bin/sh -c "$line"
"""
LISTENING = "#!%s\nimport pathlib, sys\npathlib.Path(%r).write_bytes(sys.stdin.buffer.read())\nprint('@done 0')\n"


def play(directory: Path, deployment: Deployment, hosts: str, *options: str) -> subprocess.CompletedProcess[str]:
    (directory / "hosts.ini").write_text(hosts)
    (directory / "playbook.yml").write_text(playbook(deployment))
    ansible_playbook = ansible.find("ansible-playbook")
    return subprocess.run(
        [ansible_playbook, "-i", "hosts.ini", "playbook.yml", *options],
        cwd=directory, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_playbook_alone_writes_what_from_files_reads(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    two = deploy("database csm", "mta")
    done = play(tmp_path, two, "s1 ansible_connection=local\n", "--limit", "s1")
    assert done.returncode == 2 and "Servers without an answer: 1 of 2." in done.stdout
    answers = tmp_path / "pmx-preflight-facts.txt"
    assert oct(answers.stat().st_mode & 0o777) == "0o600"
    found = from_files.collect(two, answers, NOW)
    assert {name: (host.outcome, host.via) for name, host in found.items()} == {"s1": ("ok", "playbook")}
    assert abs(found["s1"].collected_at - datetime.now(UTC)) < timedelta(minutes=5), "by the controller's clock"
    changed = answers.read_text().replace("|uid=", "|uid=1", 1)
    answers.write_text(changed)
    assert from_files.collect(two, answers, NOW)["s1"].outcome == "incomplete"


def test_the_log_of_an_awx_job_is_enough(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    two = deploy("database csm", "mta")
    hosts = "".join(f"{name} ansible_connection=local\n" for name in ("s1", "s2"))
    done = play(tmp_path, two, hosts, "-e", "awx_job_id=17")
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "pmx-preflight-facts.txt").exists()
    (tmp_path / "job_17.txt").write_text(done.stdout.replace("\n", "\r\n"))
    found = from_files.collect(two, tmp_path / "job_17.txt", NOW)
    assert {name: host.outcome for name, host in found.items()} == {"s1": "ok", "s2": "ok"}
    wrapped = "\n".join(line[at : at + 120] for line in done.stdout.splitlines() for at in range(0, len(line), 120))
    (tmp_path / "job_17.txt").write_text(wrapped)
    assert {host.outcome for host in from_files.collect(two, tmp_path / "job_17.txt", NOW).values()} == {"incomplete"}


@pytest.mark.large
def test_the_playbook_feeds_each_host_the_probe_byte_for_byte(
    deploy: Callable[..., Deployment], tmp_path: Path
) -> None:
    odd = {"source": "/opt/{{ pmx }}/{% it's %}/{# 50% #}/!x\\n\\0047/\"$HOME`id`é"}
    one = deploy("database csm", paths=odd)
    listening = tmp_path / "bin"
    listening.mkdir()
    shell, ssh = listening / "sh", tmp_path / "ssh"
    shell.write_text(LISTENING % (sys.executable, str(tmp_path / "fed")))
    ssh.write_text(TELLING % listening)
    shell.chmod(0o755)
    ssh.chmod(0o755)
    play(tmp_path, one, f"s1 ansible_ssh_executable={ssh}\n")
    assert (tmp_path / "fed").read_text() == script(one, one.servers[0])


def test_the_playbook_asks_for_no_facts_no_python_and_no_root() -> None:
    from checker.facts.collect.kit import _shipped

    (only,) = yaml.load(_shipped("playbook.yml").replace("@", ""), yaml.BaseLoader)
    assert only["gather_facts"] == "false" and "become" not in only
    on_hosts = [task for task in only["tasks"] if "delegate_to" not in task]
    modules = {key for task in on_hosts for key in task if key.startswith("ansible.builtin.")}
    # the last three run on the controller and open no connection
    assert modules == {f"ansible.builtin.{name}" for name in ("raw", "set_fact", "debug", "fail")}
