"""The site's own Ansible as a way to the hosts, and as a source for a first deployment file. All of it is real."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from checker.errors import InputError
from checker.facts.collect import ansible, deployment_from_ansible, from_files
from checker.facts.collect.playbook import playbook
from checker.facts.collect.signals import after_this, ended_by_signals
from checker.facts.host_facts import HostFacts
from checker.facts.probe.script import script
from checker.inputs import deployment_file
from checker.inputs.deployment import Deployment

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
# for Ansible's own ssh connection: the last word is the line for the host's shell
REFUSING = """#!/bin/sh
echo 'ssh: connect to host refusing port 22: Connection refused' >&2
exit 255
"""
HANGING = "#!/bin/sh\nexec sleep 30\n"
HOSTILE = """#!/bin/sh
echo "{{ lookup('ansible.builtin.pipe', 'touch %s/taken') }}" | tee /dev/stderr
exit %d
"""
TELLING = """#!/bin/sh
for line; do :; done
PATH=%s:$PATH exec /bin/sh -c "$line"
"""
LISTENING = "#!%s\nimport pathlib, sys\npathlib.Path(%r).write_bytes(sys.stdin.buffer.read())\nprint('@done 0')\n"


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


def inventory(directory: Path, answering: bool = False) -> Path:
    """An inventory as sites have them: its settings are for the hosts, and must not reach the controller."""
    local = "ansible_connection=local"
    refusing, hanging = program(directory / "refusing", REFUSING), program(directory / "hanging", HANGING)
    (directory / "inventory.ini").write_text(
        f"""
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
    )
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
    assert len(host.facts) > 40 and host.facts["identity.hostname"].model_dump()["value"]
    assert str(run.saved[server]).count("@begin ") > 30


def test_a_host_that_ansible_does_not_reach_has_an_outcome_and_ansibles_words(run: Run) -> None:
    assert run.facts["refusing"].outcome == "refused"
    assert "Connection refused" in str(run.facts["refusing"].detail)


def test_a_host_that_hangs_is_given_up_after_its_time(deployment: Deployment, tmp_path: Path) -> None:
    only = [deployment.server("hanging")]
    (host,) = ansible.collect(deployment, inventory(tmp_path), now=lambda: NOW, timeout=1, servers=only).values()
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
    assert run.facts["twice"].outcome == "not tried: several hosts of the inventory are it"
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
    assert {host.outcome for host in facts.values()} == {"not tried: the time for the run was over"}
    assert ended(int((tmp_path / "child").read_text()))


INTERRUPTED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
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
    source = inventory(tmp_path)
    program(tmp_path / "hanging", f"#!/bin/sh\necho $$ >{tmp_path}/child\nexec sleep 300\n")
    assert interrupted(tmp_path, signal.SIGTERM, deployment.model_dump_json(), str(source)) == 130


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
    assert done.returncode == 2 and "1 of 2 servers did not answer" in done.stdout
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


def test_the_playbook_feeds_each_host_the_probe_byte_for_byte(
    deploy: Callable[..., Deployment], tmp_path: Path
) -> None:
    odd = {"source": "/opt/{{ pmx }}/{% it's %}/{# 50% #}/!x\\n\\0047/\"$HOME`id`é"}
    one = deploy("database csm", paths=odd)
    listening = tmp_path / "bin"
    listening.mkdir()
    program(listening / "sh", LISTENING % (sys.executable, str(tmp_path / "fed")))
    ssh = program(tmp_path / "ssh", TELLING % listening)
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


def test_without_ansible_the_way_to_get_it_is_told(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pip install 'pmx-preflight\[ansible\]'"):
        ansible.find("ansible-that-nobody-has")


@pytest.mark.parametrize(
    ("content", "words"),
    [("not: [an inventory", "Ansible"), ("", "Ansible"), (None, "there is no such inventory")],
)
def test_an_inventory_that_ansible_cannot_read_is_refused_in_ansibles_words(
    deployment: Deployment, tmp_path: Path, content: str | None, words: str
) -> None:
    broken = tmp_path / "inventory.yml"
    if content is not None:
        broken.write_text(content)
    with pytest.raises(InputError, match=words):
        deployment_from_ansible.deployment_from(broken)


INVENTORY = {
    "all": {
        "children": {
            "puremessage": {
                "children": {
                    "pmx_database": {"hosts": {"db1.example.net": {"ansible_host": "192.0.2.11"}}},
                    "csm": {"hosts": {"db1.example.net": {}}},
                    "pmx-mail_filter": {
                        "hosts": {"mx1": {"ansible_host": "mx1.example.net"}, "mx2": {"ansible_user": "admin"}},
                        "vars": {"ansible_become": True, "ansible_become_password": "Secret-of-the-vault"},
                    },
                    "postfix": {"hosts": {"mx1": {}}},
                    "web": {"hosts": {"web1": {"ansible_host": "2001:db8::41", "ansible_port": 2222}}},
                    "spares": {"hosts": {"spare1": {}}},
                }
            },
            "oracle_db": {"hosts": {"ora1": {}}},
        }
    }
}


def written(directory: Path, content: object) -> str:
    source = directory / "inventory.yml"
    source.write_text(json.dumps(content))
    return deployment_from_ansible.deployment_from(source)


def filled(text: str) -> str:
    for line, value in (
        ("deployment: TODO", "deployment: acme-mail"),
        ("number: TODO", "number: CHG1"),
        ("timezone: TODO", "timezone: Europe/Berlin"),
        ("start: TODO, end: TODO", "start: 2026-12-05T22:00, end: 2026-12-06T04:00"),
        ("roles: [TODO]", "roles: [mta]"),
    ):
        text = text.replace(line, value)
    return text


def test_a_deployment_made_from_an_inventory_loads_when_its_todos_are_filled(tmp_path: Path) -> None:
    text = written(tmp_path, INVENTORY)
    (tmp_path / "deployment.yaml").write_text(filled(text))
    made = deployment_file.load(tmp_path / "deployment.yaml")
    assert {server.name: server.roles for server in made.servers} == {
        "db1.example.net": ("database", "csm"), "mx1": ("mta", "mail-filter"), "mx2": ("mail-filter",),
        "web1": ("euwi", "gwi"),
    }  # fmt: skip
    assert made.server("db1.example.net").hostname == "db1.example.net"
    assert made.server("db1.example.net").addresses == ("192.0.2.11",)
    assert made.server("mx1").hostname == "mx1.example.net"
    assert (made.server("mx2").ssh.user, made.server("mx2").ssh.become) == ("admin", ("sudo", "-n"))
    assert made.server("web1").addresses == ("2001:db8::41",)


def test_what_an_inventory_says_and_was_not_understood_is_told_in_comments(tmp_path: Path) -> None:
    text = written(tmp_path, INVENTORY)
    comments = "".join(line for line in text.splitlines() if line.startswith("#"))
    assert "ora1, spare1" in comments and "spares" in comments
    assert "port 2222" in text
    assert "roles: [database, csm]   # from csm, pmx_database" in text


def test_an_inventory_that_ansible_reads_only_in_part_is_a_fault(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "01.ini").write_text("[database]\ndb1\n[csm]\ndb1\n")
    (sources / "02").write_text("[mta]\nmx1\nmx2 ansible_host=\n  - broken\n")
    with pytest.raises(InputError, match=r"Completely failed to parse inventory source .*02"):
        deployment_from_ansible.deployment_from(sources)


def test_how_a_host_is_reached_that_no_deployment_can_say_is_a_todo_without_its_value(tmp_path: Path) -> None:
    ways = {
        "templates": {"ansible_host": "{{ secret }}", "ansible_user": "{{ secret }}", "ansible_port": "{{ secret }}",
                      "ansible_become": "{{ secret }}"},
        "vault": {"ansible_user": {"__ansible_vault": "secret"}},
        "by-su": {"ansible_become": True, "ansible_become_method": "su"},
        "another": {"ansible_become": True, "ansible_become_user": "pmx"},
        "here": {"ansible_connection": "local", "ansible_ssh_common_args": "-J secret"},
        "plain": {"ansible_become": True, "ansible_become_method": "sudo", "ansible_become_user": "root"},
        "no-root": {"ansible_become": False, "ansible_become_method": "su"},
    }  # fmt: skip
    text = written(tmp_path, {"all": {"children": {"mta": {"hosts": ways}}}})
    assert "secret" not in text
    of = {block.split("\n")[0]: block for block in text.split("  - name: ")[1:]}
    assert [word in of["templates"] for word in ("ansible_host", "ansible_user", "ansible_port", "ansible_become")]
    assert of["templates"].count("# TODO") == 4
    assert "ansible_user" in of["vault"] and of["vault"].count("# TODO") == 1
    for name in ("by-su", "another"):
        assert "without a question" in of[name] and "become: [sudo" not in of[name]
    assert "ansible_connection" in of["here"] and "ansible_ssh_common_args" in of["here"]
    assert "become: [sudo, -n]" in of["plain"] and "TODO" not in of["plain"] + of["no-root"]


def test_no_secret_of_an_inventory_gets_into_the_deployment_file(tmp_path: Path) -> None:
    assert "Secret-of-the-vault" not in written(tmp_path, INVENTORY)


def test_an_inventory_without_a_known_group_still_gives_every_host(tmp_path: Path) -> None:
    hosts: dict[str, Any] = {name: {} for name in ("no", "10", "café", "UPPER", "upper", "x" * 70)}
    text = written(tmp_path, {"all": {"hosts": hosts}})
    (tmp_path / "deployment.yaml").write_text(filled(text))
    made = deployment_file.load(tmp_path / "deployment.yaml")
    assert [server.name for server in made.servers] == ["no", "10", "UPPER"]
    assert text.count("not taken over") == 3


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        ("databases", ["database"]), ("pmx-db", ["database"]), ("DB01", ["database"]), ("postgresql", ["database"]),
        ("csm", ["csm"]), ("database_csm", ["database", "csm"]), ("mta", ["mta"]), ("sendmail", ["mta"]),
        ("mail_filter", ["mail-filter"]), ("mailfilters", ["mail-filter"]), ("euwi", ["euwi"]), ("gwi", ["gwi"]),
        ("web", ["euwi", "gwi"]), ("web_euwi", ["euwi"]), ("mail", []), ("dbus", []), ("webproxy", []), ("linux", []),
    ],
)  # fmt: skip
def test_the_names_of_groups_say_roles(group: str, roles: list[str]) -> None:
    assert list(deployment_from_ansible.roles_of(group)) == roles
