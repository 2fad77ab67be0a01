"""The site's own Ansible as a way to the hosts. All of it is real."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from checker.errors import InputError
from checker.facts.collect import ansible
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.signals import after_this, ended_by_signals

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
# in place of ssh, for Ansible's own ssh connection
REFUSING = """#!/bin/sh
echo 'ssh: connect to host refusing port 22: Connection refused' >&2
exit 255
"""
HANGING = "#!/bin/sh\nexec sleep 30\n"
HOSTILE = """#!/bin/sh
echo "{{ lookup('ansible.builtin.pipe', 'touch %s/taken') }}" | tee /dev/stderr
exit %d
"""


@pytest.fixture(scope="session")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy(
        servers=[
            {"name": "by-name", "roles": ["database", "csm"]},
            {"name": "by-hostname", "hostname": "mx1.example.net", "roles": ["mta"]},
            {"name": "by-address", "addresses": ["192.0.2.21"], "roles": ["mta"]},
            {"name": "refusing", "roles": ["mta"]},
            {"name": "hanging", "roles": ["mta"]},
            {"name": "hostile", "roles": ["mta"]},
            {"name": "broken", "roles": ["mta"]},
            {"name": "rootless", "roles": ["mta"]},
            {"name": "twice", "hostname": "twice.example.net", "roles": ["euwi"]},
            {"name": "forgotten", "hostname": "forgotten.example.net", "roles": ["gwi"]},
        ]
    )


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def inventory(directory: Path, answering: bool = False, only: str = "") -> Path:
    """An inventory as sites have them: its settings are for the hosts, and must not reach the controller.

    With `only`, it knows that host alone: Ansible starts a process for each host and task.
    """
    local = "ansible_connection=local"
    refusing, hanging = program(directory / "refusing", REFUSING), program(directory / "hanging", HANGING)
    text = f"""
[mail]
by-name {local}
MX1.example.net {local}
strange-name {local} ansible_host=192.0.2.21
refusing ansible_ssh_executable={refusing}
hanging ansible_ssh_executable={refusing if answering else hanging}
hostile ansible_ssh_executable={program(directory / "hostile", HOSTILE % (directory, 255))}
broken ansible_ssh_executable={program(directory / "broken", HOSTILE % (directory, 1))}
rootless {local} ansible_become=true ansible_become_method=su ansible_become_user=nobody-there
twice {local}
twice.example.net {local}
[elsewhere]
never-asked ansible_ssh_executable={program(directory / "touched", f"#!/bin/sh{chr(10)}touch {directory}/asked")}
[all:vars]
ansible_python_interpreter=/nowhere/python
ansible_become_password=Secret-of-the-vault
"""
    rows = [row for row in text.splitlines() if row.startswith(("[", "ansible_", only))]
    (directory / "inventory.ini").write_text("\n".join(rows) + "\n")
    return directory / "inventory.ini"


@dataclass(frozen=True)
class Run:
    """One run over all kinds of hosts, and what it left."""

    facts: dict[str, HostFacts]
    saved: dict[str, str | None]
    asked_others: bool
    taken: bool
    left_behind: list[str]


@pytest.fixture(scope="module")
def run(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    site, temporary = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("temporary")
    saved: dict[str, str | None] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(temporary))
        facts = ansible.collect(
            deployment, inventory(site, answering=True), now=lambda: NOW, timeout=300, jobs=10,
            save=lambda host, raw: saved.__setitem__(host.server, raw),
        )  # fmt: skip
    return Run(
        facts, saved, (site / "asked").exists(), (site / "taken").exists(), [path.name for path in temporary.iterdir()]
    )


@pytest.mark.parametrize("server", ["by-name", "by-hostname", "by-address"])
def test_a_host_of_the_inventory_is_known_by_name_host_name_or_address(run: Run, server: str) -> None:
    host = run.facts[server]
    assert (host.outcome, host.via, host.collected_at) == ("ok", "ansible", NOW)
    assert len(host.facts) > 40 and asdict(host.facts["identity.hostname"])["value"]
    assert str(run.saved[server]).count("@begin ") > 30


def test_a_host_that_ansible_does_not_reach_has_an_outcome_and_ansibles_words(run: Run) -> None:
    assert run.facts["refusing"].outcome == "refused"
    assert "Connection refused" in str(run.facts["refusing"].detail)


def test_a_host_that_hangs_is_given_up_after_its_time(deployment: Deployment, tmp_path: Path) -> None:
    only = [deployment.server("hanging")]
    source = inventory(tmp_path, only="hanging")
    (host,) = ansible.collect(deployment, source, now=lambda: NOW, timeout=1, servers=only).values()
    assert host.outcome == "stuck after banner"
    assert "no answer within 1 s" in str(host.detail)


def test_what_a_host_says_is_never_taken_for_a_template(run: Run) -> None:
    assert not run.taken
    assert "{{ lookup(" in str(run.facts["hostile"].detail)
    assert (run.facts["broken"].outcome, run.facts["broken"].facts) == ("not a shell", {})


def test_a_host_where_nobody_becomes_root_says_so_and_costs_the_others_nothing(run: Run) -> None:
    assert run.facts["rootless"].facts == {}
    assert "nobody-there" in str(run.facts["rootless"].detail)


def test_a_server_that_the_inventory_does_not_know_is_told_with_what_was_looked_for(run: Run) -> None:
    assert run.facts["forgotten"].outcome == "not tried: it is not in the inventory"
    assert "forgotten or forgotten.example.net" in str(run.facts["forgotten"].detail)


def test_a_server_that_is_in_the_inventory_twice_has_no_facts(run: Run) -> None:
    assert run.facts["twice"].outcome == "not tried: several hosts of the inventory match it"
    assert run.facts["twice"].detail == "twice, twice.example.net"


def test_every_server_is_told_in_the_deployments_order(run: Run, deployment: Deployment) -> None:
    assert list(run.facts) == [server.name for server in deployment.servers]


def test_other_hosts_of_the_inventory_are_left_alone_and_nothing_is_left_behind(run: Run) -> None:
    assert not run.asked_others
    assert run.left_behind == []


def test_no_secret_of_the_inventory_is_in_what_was_collected(run: Run) -> None:
    everything = repr(run.facts) + repr(run.saved)
    assert "Secret-of-the-vault" not in everything


def ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to notice, in five seconds."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
    return False


def test_an_ansible_that_does_not_end_is_stopped_with_all_that_it_started(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = f"#!/bin/sh\nsleep 300 & echo $! >{tmp_path}/child\nwait\n"
    program(tmp_path / "ansible-playbook", waiting)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(ansible, "START_SECONDS", 2.0)
    monkeypatch.setattr(ansible, "SPARE_SECONDS", 0.0)
    facts = ansible.collect(deployment, inventory(tmp_path), now=lambda: NOW, timeout=0.5)
    assert {host.outcome for host in facts.values()} == {"not tried: the time limit of the run was reached"}
    assert ended(int((tmp_path / "child").read_text()))


INTERRUPTED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from checker.facts.collect import deployment_from_ansible
from checker.facts.collect import ansible
from checker.inputs.deployment import Deployment
try:
    if sys.argv[1] == "init":
        deployment_from_ansible.deployment_from(Path(sys.argv[2]))
    else:
        deployment = Deployment.model_validate_json(sys.argv[1])
        ansible.collect(deployment, Path(sys.argv[2]), now=lambda: datetime.now(UTC), timeout=300)
except KeyboardInterrupt:
    sys.exit(130)
"""
WRITING = """#!/bin/sh
umask
trap '' TERM HUP
echo secret >"$TMPDIR/inventory.json"
sleep 300 & echo $! >%s/child
wait; wait
"""


def interrupted(tmp_path: Path, number: signal.Signals, *arguments: str) -> int:
    """The exit status of a run that is sent a signal once it waits for what it has started."""
    with tempfile.TemporaryDirectory() as temporary:  # Ansible listens on a socket there: 107 bytes, and no more
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TMPDIR": temporary, "HOME": str(tmp_path)}
        run = subprocess.Popen([sys.executable, "-c", INTERRUPTED, *arguments], env=environment)
        until = time.monotonic() + 60
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text().strip():
            assert time.monotonic() < until and run.poll() is None
            time.sleep(0.05)
        run.send_signal(number)
        run.send_signal(signal.SIGHUP)  # one more, while it puts things in order
        status = run.wait(60)
        assert list(Path(temporary).iterdir()) == []
    assert ended(int((tmp_path / "child").read_text()))
    return status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_ansible_lists_an_inventory_leaves_no_process_and_no_secret(
    tmp_path: Path, number: signal.Signals
) -> None:
    program(tmp_path / "ansible-inventory", WRITING % tmp_path)
    assert interrupted(tmp_path, number, "init", str(inventory(tmp_path))) == 130


def test_a_signal_that_comes_while_a_program_is_started_waits_until_the_program_is_known() -> None:
    known: list[str] = []
    with pytest.raises(KeyboardInterrupt), ended_by_signals(), after_this():
        signal.raise_signal(signal.SIGTERM)
        known.append("started")
    assert known == ["started"]


def test_a_signal_while_ansible_asks_ends_it_with_its_ssh_and_leaves_nothing(
    deployment: Deployment, tmp_path: Path
) -> None:
    source = inventory(tmp_path, only="hanging")
    program(tmp_path / "hanging", f"#!/bin/sh\necho $$ >{tmp_path}/child\nexec sleep 300\n")
    assert interrupted(tmp_path, signal.SIGTERM, deployment.model_dump_json(), str(source)) == 130


def test_without_ansible_the_way_to_get_it_is_told(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pip install 'pmx-preflight\[ansible\]'"):
        ansible.find("ansible-that-nobody-has")
