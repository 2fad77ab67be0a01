"""Hosts that are as real as one kernel allows, up in a second and gone without a trace:

    with lab([HostSpec("db1", roles=("database", "csm")), HostSpec("filter1")]) as hosts:
        subprocess.run([hosts.ssh, "db1", "hostname"])

Each has its own name, address, host key, machine id, accounts, processes, /opt and sshd. They and the controller, the
place that `hosts.ssh` runs in, see only each other.
"""

import base64
import contextlib
import hashlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import layers, namespaces
from lab.hostile import BEHAVIOURS
from lab.hosts import HostSpec
from lab.namespaces import LabError, Shell, wait_until

NETWORK = "10.77"
CONTROLLER = f"{NETWORK}.255.254"
NOBODY = "02:00:00:00:00:01"  # a link address that no interface has
PACKAGES = Path(__file__).parents[2] / ".venv/lab"  # where base.sh unpacks
SSH_CONFIG = """\
Host *
    User root
    IdentityFile {folder}/key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
"""
WRAPPER = """\
#!/bin/sh
# ssh as the lab's controller runs it
exec nsenter --target {pid} --net --mount -- ssh -F {folder}/ssh_config "$@"
"""
HEAD = """\
deployment: lab
change:
  number: CHG0000001
  timezone: Europe/Berlin
  windows: [{start: 2026-12-05T19:30, end: 2026-12-06T06:00}]
paths: {source: /opt/pmx, target: /opt/pmx6}
"""


@dataclass(frozen=True)
class Host:
    """A host that is up. `process` is the number that the machine knows its first process by."""

    spec: HostSpec
    address: str
    key: str
    process: int

    @property
    def root(self) -> Path:
        """Its root directory, seen from the machine; absolute links in it lead into the machine's own root."""
        return Path(f"/proc/{self.process}/root")

    @property
    def fingerprint(self) -> str:
        """The host key's, as ssh-keygen -l prints it."""
        digest = hashlib.sha256(base64.b64decode(self.key.split()[1])).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class Lab:
    """Hosts that are up, and the way to them."""

    def __init__(self, folder: Path, shell: Shell, specs: Sequence[HostSpec]):
        self.folder, self.shell, self.specs = folder, shell, tuple(specs)
        self.hosts: dict[str, Host] = {}
        self.ssh, self.ssh_config = folder / "ssh", folder / "ssh_config"
        self.addresses = {
            spec.name: spec.address or f"{NETWORK}.{1 + place // 200}.{11 + place % 200}"
            for place, spec in enumerate(specs)
        }

    def run(self, name: str, argv: Sequence[str], **more: object) -> subprocess.CompletedProcess[str]:
        """Runs a command on a host as its root, without ssh."""
        there = [f"--{kind}" for kind in ("mount", "uts", "ipc", "net", "pid", "root")]
        command = ["nsenter", "--target", str(self.hosts[name].process), *there, "--wd=/", "--", *argv]
        options = {"capture_output": True, "text": True, "timeout": 60, "check": True} | more
        return subprocess.run(command, **options)  # type: ignore[call-overload, no-any-return]

    def set_hostname(self, name: str, to: str) -> None:
        """Renames a host while it runs; what a reboot would give stays."""
        self.run(name, ["hostname", to])

    def change_address(self, name: str, to: str) -> None:
        """Gives a host's interface another address; sessions go on, and new ones reach it by the old address still."""
        old = self.addresses[name]
        changes = f"addr del {old}/16 dev eth0\naddr add {to}/16 dev eth0\nroute add local {old} dev eth0 table local\n"
        self.run(name, ["ip", "-batch", "-"], input=changes + f"route add default via {CONTROLLER}\n")

    def unplug(self, name: str) -> None:
        """Takes a host's network away; packets to it vanish."""
        self.shell.run(f"ip link set p{self.specs.index(self.hosts[name].spec)} down")

    def deployment_yaml(self, head: str = HEAD) -> str:
        """A deployment file of these hosts; `head` is all of it before the servers."""
        return head.rstrip() + "\nservers:\n" + "".join(self._server(spec) for spec in self.specs)

    def _server(self, spec: HostSpec) -> str:
        become = ", become: [sudo, -n]" if spec.privilege != "root" else ""
        first = ", first: true" if spec.first else ""
        return (
            f"  - {{name: {spec.name}, hostname: {spec.full_name}, addresses: [{self.addresses[spec.name]}], "
            f"roles: [{', '.join(spec.roles)}]{first}, ssh: {{host: {spec.name}, user: {spec.user}{become}}}}}\n"
        )

    def log(self, name: str) -> str:
        """What a host's start and its sshd have said so far."""
        return (self.folder / f"{name}.log").read_text()


@contextlib.contextmanager
def lab(specs: Sequence[HostSpec]) -> Iterator[Lab]:
    """Builds hosts, waits until their sshd answers, and removes them afterwards, whatever happens."""
    with namespaces.shell() as (shell, folder):
        there = Lab(folder, shell, specs)
        keys = _write(there)
        built = [spec for spec in specs if not spec.hostile or BEHAVIOURS[spec.hostile].exists]
        shell.run(_network(there, built))
        shell.run(_start(there, built))
        deadline = time.monotonic() + namespaces.SECONDS
        for spec in built:
            process = _wait(there, spec, deadline)
            there.hosts[spec.name] = Host(spec, there.addresses[spec.name], keys[spec.name], process)
        yield there


def missing() -> str | None:
    """Why no lab can be built here; None where it can."""
    found = any(Path(root, "usr/sbin/sshd").exists() for root in (PACKAGES, "/"))
    return namespaces.missing() or (None if found else f"needs namespaces: no sshd for the hosts in {PACKAGES}")


def _write(there: Lab) -> dict[str, str]:
    """Writes every file of controller and hosts; the hosts' keys come back."""
    folder, private = there.folder, Path(f"/proc/{there.shell.pid}/root{there.folder}/private")
    layers.make_key(folder / "key", "lab")
    client_key = (folder / "key.pub").read_text()
    names = "".join(f"{there.addresses[spec.name]} {spec.full_name} {spec.name}\n" for spec in there.specs)
    hosts = f"127.0.0.1 localhost\n{names}"
    database = next((spec.full_name for spec in there.specs if "database" in spec.roles), "localhost")
    keys, config, known = {}, "", ""
    for spec in there.specs:
        address = there.addresses[spec.name]
        key = layers.write_layer(private / "layers" / spec.name, spec, address, hosts, database, client_key)
        (private / f"{spec.name}.init").write_text(
            layers.init(spec, address, f"{folder}/private", f"{folder}/private/packages:/", _sockets())
        )
        (folder / f"{spec.name}.log").touch()
        keys[spec.name] = key
        target = "nowhere.invalid" if spec.hostile == "unknown-name" else address
        config += f"Host {spec.name} {spec.full_name}\n    HostName {target}\n"
        if spec.user != "root":
            config += f"    User {spec.user}\n"
        known += f"{address} {client_key if spec.hostile == 'changed-key' else key}"
    (folder / "ssh_config").write_text(config + SSH_CONFIG.format(folder=folder))
    (folder / "known_hosts").write_text(known)
    (folder / "deployment.yaml").write_text(there.deployment_yaml())
    (private / "hosts").write_text(hosts)
    (private / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    there.ssh.write_text(WRAPPER.format(pid=there.shell.pid, folder=folder))
    there.ssh.chmod(0o755)
    return keys


def _sockets() -> list[str]:
    # not the environment's: its start would cost more than the host's
    return [str(Path(sys.executable).resolve()), "-I", "-S", str(Path(__file__).with_name("sockets.py"))]


def _network(there: Lab, built: Sequence[HostSpec]) -> str:
    """The script that makes the bridge, a named network for every host, and what leads nowhere."""
    private = f"{there.folder}/private"
    # ip keeps its names in /run/netns: a place of our own there makes them private, and two labs cannot meet
    lines = [
        f"mkdir -p /run/netns {private}/packages",
        "mount -t tmpfs tmpfs /run/netns",
        f"mount --bind {private}/hosts /etc/hosts",
        f"mount --bind {private}/nsswitch.conf /etc/nsswitch.conf",
        # a copy: the layers of an overlay may not lie within each other
        f"[ ! -d {shlex.quote(str(PACKAGES))} ] || cp -a {shlex.quote(str(PACKAGES))}/. {private}/packages/",
        f"chmod -f 4755 {private}/packages/usr/bin/sudo || true",
        "ip -batch - <<'END'",
        "link set lo up",
        "link add lab type bridge",
        f"addr add {CONTROLLER}/16 dev lab",
        "link set lab up",
    ]
    for place, spec in enumerate(there.specs):
        address = there.addresses[spec.name]
        if spec in built:
            lines.append(f"netns add {spec.name}")
            lines.append(f"link add p{place} type veth peer name eth0 netns {spec.name}")
            lines.append(f"link set p{place} master lab up")
        elif spec.hostile == "no-route":
            lines.append(f"route add unreachable {address}")
        elif spec.hostile == "vanish":
            lines.append(f"neigh add {address} lladdr {NOBODY} dev lab nud permanent")
    lines.append("END")
    for spec in built:
        lines += [
            f"ip -n {spec.name} -batch - <<'END'",
            "link set lo up",
            f"addr add {there.addresses[spec.name]}/16 dev eth0",
            "link set eth0 up",
            f"route add default via {CONTROLLER}",
            "END",
        ]
    return "\n".join(lines)


def _start(there: Lab, built: Sequence[HostSpec]) -> str:
    separate = "unshare --uts --mount --pid --ipc --fork sh"
    return "\n".join(
        f"nsenter --net=/run/netns/{spec.name} {separate} {there.folder}/private/{spec.name}.init "
        f">{there.folder}/{spec.name}.log 2>&1 </dev/null & echo $! >{there.folder}/private/{spec.name}.pid"
        for spec in built
    )


def _wait(there: Lab, spec: HostSpec, deadline: float) -> int:
    """Waits until a host is up; its first process comes back."""
    listens = not spec.hostile or BEHAVIOURS[spec.hostile].sshd
    line = "Server listening on" if listens else "lab: process"

    def is_up() -> bool:
        return line in there.log(spec.name)

    try:
        wait_until(is_up, deadline)
    except LabError:
        raise LabError(f"{spec.name} did not come up: {there.log(spec.name)}") from None
    return int(there.log(spec.name).partition("lab: process ")[2].split()[0])
