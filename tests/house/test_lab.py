"""The lab itself: its hosts are what they say, go wrong as they should, and leave nothing behind."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from lab import lab as building
from lab.hostile import FIRST_BYTES, FLOOD
from lab.hosts import DOMAIN, PASSWORD, Disk, Hostility, HostSpec, Listener, Tree
from lab.lab import Lab, lab
from lab.namespaces import SECONDS, wait_until
from lab.trees import CANARIES

REASON = building.missing()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(REASON is not None, reason=REASON or "")]

HEALTHY = (
    HostSpec("db1", roles=("database", "csm")),
    HostSpec("mta1", roles=("mta",), privilege="sudo", shell="/bin/csh", noisy=True),
    HostSpec("filter1", privilege="sudo-password", banner="Keep out\n"),
    HostSpec("filter2", privilege="none", tree=Tree(mta="sendmail", filter_flags="", target="populated")),
    HostSpec("web1", roles=("euwi", "gwi"), replay={"uname -s": "SunOS\n"}, absent=("ip", "ss")),
)


@pytest.fixture(scope="module")
def healthy() -> Iterator[Lab]:
    with lab(HEALTHY) as hosts:
        yield hosts


@pytest.fixture(scope="module")
def hostile() -> Iterator[Lab]:
    with lab([HostSpec(kind, hostile=kind) for kind in get_args(Hostility)]) as hosts:
        yield hosts


def ssh(hosts: Lab, *words: str) -> list[str]:
    return [str(hosts.ssh), "-o", "BatchMode=yes", *words]


def said(hosts: Lab, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(ssh(hosts, *words), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)


def asking(hosts: Lab, *words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(ssh(hosts, *words), stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_every_host_has_a_name_an_address_a_machine_id_and_a_key_of_its_own(healthy: Lab) -> None:
    for name, host in healthy.hosts.items():
        look = "hostname; cat /etc/hostname /etc/machine-id; cat /etc/ssh/*.pub; hostname -I"
        running, configured, machine_id, key, addresses = said(healthy, name, look).stdout.splitlines()[-5:]
        assert running == configured == f"{name}.{DOMAIN}"
        assert machine_id == host.spec.machine_id
        assert addresses.split() == [host.address]
        assert key + "\n" == host.key
        listing = healthy.run(name, ["ssh-keygen", "-l", "-f", "/etc/ssh/ssh_host_ed25519_key.pub"]).stdout
        assert host.fingerprint in listing
    for seen in ("address", "key", "fingerprint", "process"):
        assert len({getattr(host, seen) for host in healthy.hosts.values()}) == len(HEALTHY)


def test_a_host_sees_its_own_processes_listeners_and_files_and_nothing_of_the_machine(healthy: Lab) -> None:
    names = healthy.run("db1", ["ps", "-e", "-o", "comm="]).stdout.split()
    assert {"sshd", "postgres", "pmx-manager"} <= set(names)
    assert "pytest" not in " ".join(names)
    ports = healthy.run("db1", ["ss", "-Hltn"]).stdout
    assert {int(port) for port in re.findall(r":(\d+)\s", ports)} == {22, 5432, 18080}
    assert healthy.run("db1", ["ls", "/home", "/root"]).stdout.split() == ["/home:", "admin", "/root:"]
    assert (healthy.hosts["db1"].root / "opt/pmx/postgres").is_dir()
    assert not (healthy.hosts["web1"].root / "opt/pmx/postgres").exists()
    mounts = healthy.run("db1", ["cat", "/proc/mounts"]).stdout
    assert {line.split()[1] for line in mounts.splitlines()} == {"/", "/proc", "/sys", "/dev", "/dev/pts", "/opt"}


def test_hosts_reach_each_other_by_name(healthy: Lab) -> None:
    greeting = healthy.run("filter1", ["bash", "-c", f"read -r line </dev/tcp/db1.{DOMAIN}/22; echo $line"]).stdout
    assert greeting.startswith("SSH-2.0-OpenSSH")


def test_the_four_privileges(healthy: Lab) -> None:
    assert said(healthy, "db1", "id -u").stdout == "0\n"
    assert said(healthy, "mta1", "id -u; sudo -n id -u").stdout.split("\n")[-3:] == ["1000", "0", ""]
    asks = said(healthy, "filter1", f"sudo -n id -u; echo {PASSWORD} | sudo -S -p '' id -u")
    assert (asks.stdout, "a password is required" in asks.stderr) == ("0\n", True)
    never = said(healthy, "filter2", f"echo {PASSWORD} | sudo -S -p '' id -u")
    assert (never.stdout, "admin is not in the sudoers file" in never.stderr) == ("", True)


def test_login_shell_banner_and_noise(healthy: Lab) -> None:
    csh = said(healthy, "mta1", "echo $version")
    assert csh.stdout.startswith("You have mail.\n@done 0\ntcsh ")
    assert said(healthy, "filter1", "true").stderr == "Keep out\n"


def test_commands_are_replaced_or_taken_away(healthy: Lab) -> None:
    assert said(healthy, "web1", "uname -s").stdout == "SunOS\n"
    assert said(healthy, "web1", "uname -a").returncode == 2
    assert "not found" in said(healthy, "web1", "ip addr").stderr
    assert said(healthy, "db1", "uname -s").stdout == "Linux\n"


def test_the_tree_holds_what_a_careless_reader_would_give_away(healthy: Lab) -> None:
    places = ("/opt", "/etc/cron.d", "/var/spool")
    found = "".join(healthy.run("db1", ["grep", "-rhoE", "canary-[a-z0-9-]+", *places]).stdout)
    assert set(found.split()) == set(CANARIES)
    assert "F=" not in healthy.run("filter2", ["cat", "/etc/mail/sendmail.cf"]).stdout
    assert healthy.run("filter2", ["ls", "/opt/pmx6"]).stdout.split() == ["bin", "etc"]


def test_disks_that_are_full_out_of_inodes_or_read_only() -> None:
    disks = {
        "full": Disk(size_kib=4096, full=True),
        "inodes": Disk(inodes=300, inodes_used_up=True),
        "ext4": Disk(kind="ext4", inodes=300, inodes_used_up=True, size_kib=16384),
        "readonly": Disk(kind="ext4", read_only=True, size_kib=16384),
    }
    with lab([HostSpec(name, disk=disk) for name, disk in disks.items()]) as hosts:
        for name in ("full", "inodes", "ext4"):
            refused = said(hosts, name, "echo x >/opt/one-more")
            assert (refused.returncode, "No space left" in refused.stderr) == (1, True), name
        assert "Read-only" in said(hosts, "readonly", "touch /opt/one-more").stderr
        assert said(hosts, "full", "df -k --output=size,avail /opt | tail -1").stdout.split() == ["4096", "0"]
        for name in ("inodes", "ext4"):
            figures = said(hosts, name, "df --output=itotal,iavail,avail /opt | tail -1")
            total, inodes, kib = (int(word) for word in figures.stdout.split())
            assert 250 < total <= 320
            assert (inodes, kib > 1000) == (0, True)
        assert said(hosts, "ext4", "df --output=fstype /opt | tail -1").stdout == "ext4\n"


def test_a_name_and_an_address_change_while_a_session_runs() -> None:
    look = "uname -n; hostname -I; echo end\n"
    with lab([HostSpec("filter1", listeners=(Listener(10025, "pmx-milter"),))]) as hosts:
        with asking(hosts, "filter1", "sh -s") as session:
            assert session.stdin and session.stdout

            def seen() -> list[str]:
                assert session.stdin and session.stdout
                session.stdin.write(look)
                session.stdin.flush()
                return [line.strip() for line in iter(session.stdout.readline, "end\n")]

            assert seen() == [f"filter1.{DOMAIN}", hosts.addresses["filter1"]]
            hosts.set_hostname("filter1", "localhost")
            hosts.change_address("filter1", "10.77.9.9")
            assert seen() == ["localhost", "10.77.9.9"]
            session.stdin.close()
            assert session.wait(10) == 0
        assert said(hosts, "filter1", "hostname -I; cat /etc/hostname").stdout == f"10.77.9.9 \nfilter1.{DOMAIN}\n"


AT_ONCE = {
    "refused": "Connection refused",
    "unknown-name": "Name or service not known",
    "no-route": "No route to host",
    "vanish": "port 22: Connection timed out",
    "silent": "timed out during banner exchange",
    "endless-banner": "kex_exchange_identification",
    "changed-key": "REMOTE HOST IDENTIFICATION HAS CHANGED",
}


@pytest.mark.parametrize("kind", AT_ONCE)
def test_a_host_that_lets_nobody_in(kind: str, hostile: Lab) -> None:
    answer = said(hostile, "-o", "ConnectTimeout=1", kind, "true")
    assert answer.returncode == 255
    assert AT_ONCE[kind] in answer.stderr


@pytest.mark.parametrize(("kind", "limit"), (("drip", 10), ("banner-then-silence", 1)))
def test_a_host_that_keeps_one_waiting(kind: str, limit: int, hostile: Lab) -> None:
    with asking(hostile, "-v", "-o", f"ConnectTimeout={limit}", kind, "true") as session:
        assert session.stderr
        assert any("Connection established" in line for line in iter(session.stderr.readline, ""))
        with pytest.raises(subprocess.TimeoutExpired):
            session.wait(2.5)
        session.kill()


def test_a_host_that_hangs_in_the_midst_of_its_answer(hostile: Lab) -> None:
    with asking(hostile, "hang", "seq 100000; echo whole") as session:
        assert session.stdout
        assert len(session.stdout.read(FIRST_BYTES)) == FIRST_BYTES
        assert not more_within(session, 0.3)
        session.kill()


def test_a_background_job_that_holds_stdout(hostile: Lab) -> None:
    with asking(hostile, "holds-stdout", "echo whole") as session:
        assert session.stdout
        assert session.stdout.readline() == "whole\n"
        assert not more_within(session, 0.3)
        session.kill()


def more_within(session: subprocess.Popen[str], seconds: float) -> bool:
    """Whether more output or its end comes: a hang can only be seen by waiting for what does not come."""
    assert session.stdout
    readable, _, _ = select.select([session.stdout], [], [], seconds)
    return bool(readable)


def test_a_hundred_megabytes(hostile: Lab) -> None:
    with asking(hostile, "flood", "true") as session:
        assert session.stdout
        size = 0
        while block := session.stdout.read(1 << 20):
            size += len(block)
    assert size == FLOOD
    assert session.returncode == 0


def test_the_network_goes_in_the_midst_of_an_answer(hostile: Lab) -> None:
    keep_alive = ("-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1")
    answer = said(hostile, *keep_alive, "network-gone", "seq 100000; echo whole")
    assert answer.returncode == 255
    assert "not responding" in answer.stderr
    assert "whole" not in answer.stdout


def test_a_host_whose_network_is_pulled(healthy: Lab) -> None:
    with lab([HostSpec("filter1")]) as hosts:
        hosts.unplug("filter1")
        assert "timed out" in said(hosts, "-o", "ConnectTimeout=1", "filter1", "true").stderr
    assert said(healthy, "filter1", "echo reached").stdout == "reached\n"  # the same name in another lab


def of_the_machine() -> tuple[str, ...]:
    """What a careless lab would leave: named networks, interfaces, mounts, loop devices in use."""
    commands = (["ip", "netns"], ["ip", "-o", "link"], ["cat", "/proc/self/mounts"], ["losetup", "--all"])
    return tuple(subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in commands)


def processes_of(folder: Path) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environ = (place / "environ").read_bytes()
        except OSError:
            continue
        if f"PMX_LAB={folder}\0".encode() in environ:
            found.append(int(place.name))
    return found


def test_five_hosts_are_quickly_up_and_leave_nothing() -> None:
    before = of_the_machine()[:3]
    began = time.monotonic()
    with lab([HostSpec(f"filter{number}") for number in range(5)]) as hosts:
        assert len(processes_of(hosts.folder)) > 10
        assert of_the_machine()[:3] == before  # all of it is private, even while it is up
    assert time.monotonic() - began < 10  # half a second on an idle machine
    assert of_the_machine()[:3] == before
    assert processes_of(hosts.folder) == []
    assert not hosts.folder.exists()


def test_nothing_is_left_when_a_test_fails_in_the_midst() -> None:
    with pytest.raises(ZeroDivisionError), lab([HostSpec("filter1", disk=Disk(kind="ext4", size_kib=16384))]) as hosts:
        device = hosts.run("filter1", ["df", "--output=source", "/opt"]).stdout.split()[-1]
        (loop,) = (line for line in of_the_machine()[3].splitlines() if line.startswith(f"{device}:"))
        raise ZeroDivisionError
    assert loop not in of_the_machine()[3]
    assert processes_of(hosts.folder) == []
    assert not hosts.folder.exists()


@pytest.mark.parametrize("end", (signal.SIGKILL, signal.SIGINT, signal.SIGTERM))
def test_a_lab_that_is_killed_leaves_nothing(end: signal.Signals) -> None:
    script = subprocess.Popen(
        [sys.executable, "-m", "lab", "2"],
        env=os.environ | {"PYTHONPATH": str(Path(building.__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with script:
        assert script.stdout
        line = next(line for line in script.stdout if line.startswith("deployment "))
        folder = Path(line.split()[1]).parent
        assert next(line for line in script.stdout if "removes them" in line)
        assert processes_of(folder)
        script.send_signal(end)
    wait_until(lambda: not processes_of(folder) and not folder.exists(), time.monotonic() + SECONDS)


def test_what_a_lab_left_whose_shell_was_killed_too_is_swept_by_the_next(tmp_path: Path) -> None:
    with lab([HostSpec("filter1")]) as other:
        left = other.folder.with_name(f"pmx-lab-{tmp_path.name}")
        shutil.copytree(other.folder, left, ignore=shutil.ignore_patterns("private"))
        with lab([]):
            assert not left.exists()
            assert said(other, "filter1", "echo reached").stdout == "reached\n"  # it is in use, and is not swept
