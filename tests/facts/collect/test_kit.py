"""The kit: what it holds, and that a machine with nothing but ssh and sh can use it."""

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checker.errors import InputError
from checker.facts.collect import carried, from_files
from checker.facts.collect.kit import kit
from checker.facts.host_facts import HostFacts
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SHELLS = [["dash"], ["busybox", "sh"], ["bash", "--posix"]]
FAKE_SSH = """#!/bin/sh
case $1 in -G) printf '%b' "$SSH_SETTINGS"; exit ;; esac
# does what ssh does with its words: the last is a line for the shell of the host before it
echo "$*" >>"$SSH_SEEN"
while [ "$1" != -- ]; do shift; done
case $2 in
refusing) echo "ssh: connect to host refusing port 22: Connection refused" >&2; exit 255 ;;
hanging) echo 'Welcome to this host'; exec sleep 60 ;;
endless) exec yes 'a banner without end' ;;
dying) sed -n 1,2p >/dev/null; printf '@probe 1 0123456789abcdef\\n@begin privilege.euid id\\n|uid'; kill -9 $$ ;;
giving) : >"$MEETING"; exec sh -c "$3" ;;
taking) read -r nothing <"$MEETING"; exec sh -c "$3" ;;
noisy) printf 'Last login: never\\r\\n\\r\\n'; sh -c "$3" | sed 's/$/\\r/'; echo 'bye' ;;
*) exec sh -c "$3" ;;
esac
"""


@pytest.fixture(scope="session")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    def server(name: str, **ssh: object) -> dict[str, object]:
        return {"name": name, "roles": ["mta"], "ssh": ssh}

    names = ("calm", "refusing", "hanging", "endless", "dying", "noisy")
    # `env` stands for sudo: a word before the shell, and one that must reach it as one
    servers = [server("rooted", user="admin", become=["env", "WHO=the administrator's"]), *map(server, names)]
    return deploy(servers=servers)


@pytest.fixture
def unpacked(deployment: Deployment, tmp_path: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(kit(deployment))) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "pmx-preflight-kit"


def run(shell: list[str], kit: Path, *names: str, **settings: str) -> subprocess.CompletedProcess[str]:
    ssh = kit.parent / "bin" / "ssh"
    ssh.parent.mkdir(exist_ok=True)
    ssh.write_text(FAKE_SSH)
    ssh.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{ssh.parent}:{os.environ['PATH']}", "SSH_SEEN": str(kit.parent / "seen"), **settings,
    }  # fmt: skip
    return subprocess.run(
        [*shell, str(kit / "fan-out.sh"), *names], env=environment, capture_output=True, text=True, timeout=300, cwd="/"
    )


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_the_fan_out_brings_back_every_answer_and_every_reason(
    deployment: Deployment, unpacked: Path, shell: list[str]
) -> None:
    assert run(shell, unpacked, "hanging", LIMIT="1").stdout.startswith(
        "  hanging (hanging): no whole answer within 1 s"
    )
    kept = (unpacked / "out" / "hanging.probe").read_text()
    hosts = unpacked / "hosts"
    hosts.write_text("".join(line for line in hosts.read_text().splitlines(True) if "hanging" not in line))
    done = run(shell, unpacked, LIMIT="200", JOBS="4")
    assert done.returncode == 3, done.stderr
    assert "Servers that answered: 3 of 6." in done.stdout
    assert (unpacked / "out" / "hanging.probe").read_text() == kept
    assert "  refusing (refusing): ssh: connect to host refusing port 22: Connection refused\n" in done.stdout
    found = from_files.collect(deployment, unpacked / "out", NOW)
    assert {name: host.outcome for name, host in found.items()} == {
        "rooted": "ok", "calm": "ok", "noisy": "ok", "refusing": "refused", "hanging": "stuck after banner",
        "endless": "too much output", "dying": "incomplete",
    }  # fmt: skip
    assert {len(host.facts) > 40 for host in found.values() if host.reached} == {True}
    assert sum(path.stat().st_size for path in (unpacked / "out").iterdir()) < from_files.LARGEST
    assert {path.suffix for path in (unpacked / "out").iterdir()} == {".probe", ".err"}


def test_the_fan_out_asks_as_many_servers_at_a_time_as_it_is_told(unpacked: Path) -> None:
    (unpacked / "hosts").write_text("calm giving - sh -s\nhanging taking - sh -s\n")
    meeting = unpacked.parent / "meeting"
    os.mkfifo(meeting)  # each of the two goes on when the other one is there as well
    together = run(["dash"], unpacked, LIMIT="200", JOBS="2", MEETING=str(meeting))
    assert "Servers that answered: 2 of 2." in together.stdout and together.returncode == 0
    alone = run(["dash"], unpacked, LIMIT="1", JOBS="1", MEETING=str(meeting))
    assert "Servers that answered: 0 of 2." in alone.stdout and alone.returncode == 3


def test_the_fan_out_uses_this_machines_ssh_and_relaxes_nothing(unpacked: Path) -> None:
    run(["dash"], unpacked, "calm", "rooted", SSH_OPTIONS="-F other -J jump")
    calm, rooted = sorted((unpacked.parent / "seen").read_text().splitlines(), key=lambda line: "-l admin" in line)
    assert "-T -o BatchMode=yes" in calm and "-F other -J jump -- calm sh -s" in calm
    assert rooted.endswith("""-l admin -- rooted env 'WHO=the administrator'"'"'s' sh -s""")
    assert "StrictHostKeyChecking" not in calm + rooted


def test_the_fan_out_runs_the_probe_where_ssh_config_would_run_something_else(unpacked: Path) -> None:
    settings = "user admin\\nremotecommand tmux\\nsessiontype none\\nstdinnull yes\\n"
    assert run(["dash"], unpacked, "calm", SSH_SETTINGS=settings).returncode == 0
    (asked,) = (unpacked.parent / "seen").read_text().splitlines()
    assert asked.startswith("-o RemoteCommand=none -o SessionType=default -o StdinNull=no -T -o BatchMode=yes")


def test_only_the_servers_that_are_named_are_asked(unpacked: Path) -> None:
    assert run(["dash"], unpacked, "calm").returncode == 0
    assert [path.name for path in (unpacked / "out").iterdir()] == ["calm.probe"]
    assert run(["dash"], unpacked, "calm", "nobody").returncode == 2


def test_an_answer_of_an_earlier_run_never_stands_for_one_that_did_not_come(
    deployment: Deployment, unpacked: Path
) -> None:
    assert run(["dash"], unpacked, "calm").returncode == 0
    hosts = unpacked / "hosts"
    hosts.write_text(hosts.read_text().replace(" calm ", " refusing "))
    assert run(["dash"], unpacked, "calm").returncode == 3
    assert from_files.collect(deployment, unpacked / "out", NOW)["calm"].outcome == "refused"


def test_a_kit_that_was_changed_on_the_way_asks_nobody(unpacked: Path) -> None:
    probe = unpacked / "probe" / "calm.sh"
    probe.write_text(probe.read_text().replace("uname -n", "uname -s"))
    done = run(["dash"], unpacked, "calm")
    assert done.returncode == 2 and "not as it was made" in done.stderr
    assert not (unpacked.parent / "seen").exists()


def test_what_comes_back_is_sealed_against_a_changed_character(deployment: Deployment, unpacked: Path) -> None:
    run(["dash"], unpacked, "calm")
    answer = unpacked / "out" / "calm.probe"
    answer.write_text(answer.read_text().replace("|uid=", "|uld=", 1))
    found: HostFacts = from_files.collect(deployment, unpacked / "out", NOW)["calm"]
    assert found.outcome == "incomplete" and "checksum" in str(found.detail)


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_what_the_kit_brings_is_as_old_as_the_clock_of_the_machine_that_asked_says(
    deployment: Deployment, unpacked: Path, hours: int
) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    run(["dash"], unpacked, "noisy")
    ended = datetime.now(UTC)
    answer = unpacked / "out" / "noisy.probe"
    lines = answer.read_text().splitlines()[:-1]
    place = next(at for at, line in enumerate(lines) if line.startswith("@begin platform.clock ")) + 1
    wrong = datetime.fromisoformat(lines[place][1:]) + timedelta(hours=hours)
    lines[place] = f"|{wrong:%Y-%m-%dT%H:%M:%SZ}"
    body = "\n".join(lines).encode() + b"\n"
    answer.write_bytes(body + f"@cksum {carried.cksum(body)} {len(body)}\n".encode())
    found = from_files.collect(deployment, answer, datetime.now(UTC) + timedelta(hours=1))["noisy"]
    assert (found.outcome, found.via, found.host_clock) == ("ok", "kit", wrong)
    assert began <= found.collected_at <= ended


def test_an_answer_whose_name_is_not_declared_is_refused(deployment: Deployment, unpacked: Path) -> None:
    run(["dash"], unpacked, "calm")
    answer = unpacked / "out" / "calm.probe"
    answer.write_text(answer.read_text().replace("@host calm", "@host stranger"))
    with pytest.raises(InputError, match="'stranger', which acme-mail does not declare"):
        from_files.collect(deployment, unpacked / "out", NOW)


def test_the_same_deployment_gives_the_same_kit(deployment: Deployment, unpacked: Path) -> None:
    assert kit(deployment) == kit(deployment)
    with tarfile.open(fileobj=io.BytesIO(kit(deployment))) as tar:
        entries = tar.getmembers()
    assert {(entry.uname, entry.gname, entry.uid, entry.gid, entry.mtime) for entry in entries} == {
        ("root", "root", 0, 0, 946684800)
    }
    assert {entry.name.rpartition("/")[2]: oct(entry.mode) for entry in entries if entry.isfile()} == {
        **{f"{server.name}.sh": "0o755" for server in deployment.servers},
        "fan-out.sh": "0o755", "hosts": "0o644", "README": "0o644", "SHA256SUMS": "0o644",
    }  # fmt: skip
    listed = dict(line.split("  ")[::-1] for line in (unpacked / "SHA256SUMS").read_text().splitlines())
    there = {str(path.relative_to(unpacked)): path for path in unpacked.rglob("*") if path.is_file()}
    assert set(there) - set(listed) == {"hosts", "SHA256SUMS"}
    assert {name: hashlib.sha256(there[name].read_bytes()).hexdigest() for name in listed} == listed


def test_the_kits_probe_is_the_one_that_ssh_would_send(deployment: Deployment, unpacked: Path) -> None:
    for server in deployment.servers:
        assert (unpacked / "probe" / f"{server.name}.sh").read_text() == script(deployment, server)
