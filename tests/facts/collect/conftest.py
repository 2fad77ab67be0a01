"""A real sshd on 127.0.0.1 with a port for each kind of host, servers that misbehave, and an `ssh` that knows them.

The sshd is Debian's, installed or only unpacked; as root it runs in namespaces of its own, with its own account file,
so that nothing of this machine is changed or needed and nothing that a test started there outlives it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from checker.inputs.deployment import Deployment, Server

UNPACKED = Path(__file__).parents[3] / ".venv" / "lab"
HOSTS = ("good", "noisy", "no-shell", "speechless", "keyless", "few-tries")
FORCED = {
    "noisy": """printf 'Welcome!\\n@begin nothing\\n\\n'; eval "$SSH_ORIGINAL_COMMAND" """,
    "no-shell": "echo This account is currently not available.; exit 1",
    "speechless": "/bin/false",
}
SSHD = """\
UsePAM no
AuthorizedKeysFile {root}/authorized
HostKey {root}/hostkey
PidFile none
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 200
UseDNS no
{listen}
{matches}
Match LocalPort {few_tries}
    MaxAuthTries 1
Match LocalPort {keyless}
    AuthorizedKeysFile none
"""
CLIENT = """\
Host {name}
    HostName {address}
    Port {port}
    {more}
"""
EVERY = """\
Host * !denied* !few-tries
    IdentityFile {root}/key
Host *
    HostKeyAlias lab
    User {user}
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile {root}/known
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking ask
"""
# as root sshd wants an account to drop its rights to, and a directory to be confined in
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
PRIVATE = (
    'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/shadow" /etc/shadow && '
    'mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && exec "$@"'
)


@dataclass
class Lab:
    """The hosts there are, by the names that `ssh` knows them under."""

    root: Path
    ssh: str
    ports: dict[str, int]

    def add(self, name: str, port: int, more: str = "", address: str = "127.0.0.1") -> None:
        """Makes a name known to this lab's `ssh`."""
        with (self.root / "config.d").open("a") as config:
            config.write(CLIENT.format(name=name, address=address, port=port, more=more))

    def clients(self) -> list[str]:
        """The command lines of this lab's ssh programs that still run, those of a jump host among them."""
        found = {
            process: " ".join(process.info["cmdline"])
            for process in psutil.process_iter(["cmdline"])
            if f"-F {self.root}/config" in " ".join(process.info["cmdline"] or ())
        }
        _, left = psutil.wait_procs(found, timeout=2)  # a killed process goes when it is next given the processor
        return [found[process] for process in left if process.status() != psutil.STATUS_ZOMBIE]

    def deployment(self, *servers: str | dict[str, Any]) -> Deployment:
        """A deployment of these servers: names, or more of what is declared."""
        window = {"start": "2026-12-05T22:00", "end": "2026-12-06T04:00"}
        change = {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": [window]}
        declared = [{"roles": ["mta"], **({"name": it} if isinstance(it, str) else it)} for it in servers]
        return Deployment.model_validate({"deployment": "acme-mail", "change": change, "servers": declared})

    def server(self, name: str, **ssh: Any) -> Server:
        """One server."""
        return self.deployment({"name": name, "ssh": ssh}).servers[0]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab with everything in it that is asked for by name."""
    root = tmp_path_factory.mktemp("ssh")
    ports = dict(zip((*HOSTS, "closed"), _free_ports(len(HOSTS) + 1), strict=True))
    _keys(root)
    _accounts(root)
    config = root / "sshd_config"
    config.write_text(
        SSHD.format(
            root=root,
            listen="\n".join(f"ListenAddress 127.0.0.1:{ports[name]}" for name in HOSTS),
            matches="\n".join(f"Match LocalPort {ports[name]}\n    ForceCommand {it}" for name, it in FORCED.items()),
            few_tries=ports["few-tries"],
            keyless=ports["keyless"],
        )
    )
    lab = Lab(root, str(root / "ssh"), ports)
    for name in HOSTS[:-1]:
        lab.add(name, ports[name])
    wrong_key = f"IdentityFile {root}/stranger"
    lab.add("few-tries", ports["few-tries"], f"{wrong_key}\n    IdentityFile {root}/other")
    lab.add("closed", ports["closed"])
    lab.add("nameless", 22, address="no..such")  # refused without a name server being asked
    lab.add("changed", ports["good"], "HostKeyAlias changed")
    lab.add("unknown", ports["good"], "HostKeyAlias unknown")
    lab.add("denied*", ports["good"], wrong_key)
    lab.add("old", ports["good"], "KexAlgorithms diffie-hellman-group1-sha1")
    lab.add("good*", ports["good"])
    lab.add("keyless*", ports["keyless"])
    lab.add("closed*", ports["closed"])
    lab.add("commanding", ports["good"], "RemoteCommand tmux attach")
    lab.add("sessionless", ports["good"], "SessionType none\n    StdinNull yes")
    lab.add("behind*", ports["good"], "ProxyJump good")
    stubborn = "trap '' TERM HUP INT; while :; do sleep 0.2; done"
    lab.add("stubborn*", ports["good"], f'ProxyCommand sh -c "{stubborn}" -F {root}/config')
    with _misbehaving(lab):
        with (root / "config").open("w") as file:
            file.write(f"Include {root}/config.d\n")
            file.write(EVERY.format(root=root, user=pwd.getpwuid(os.getuid()).pw_name))
        (root / "ssh").write_text(f'#!/bin/sh\nexec ssh -F {root}/config "$@"\n')
        (root / "ssh").chmod(0o755)
        sshd = _start(root, config)
        try:
            yield lab
        finally:
            sshd.kill()  # unshare takes no notice of TERM; its child, the whole of that name space, ends with it
            sshd.wait()


def _keys(root: Path) -> None:
    for name in ("hostkey", "key", "other", "stranger"):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(root / name)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    shutil.copy(root / "key.pub", root / "authorized")
    host, stranger = (" ".join((root / f"{it}.pub").read_text().split()[:2]) for it in ("hostkey", "stranger"))
    (root / "known").write_text(f"lab {host}\nchanged {stranger}\n")


def _accounts(root: Path) -> None:
    home = root / "home"
    home.mkdir()
    (root / "passwd").write_text(f"root:x:0:0:root:{home}:/bin/sh\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n")
    (root / "shadow").write_text("root:*:20000:0:99999:7:::\nsshd:!:20000::::::\n")


def _start(root: Path, config: Path) -> subprocess.Popen[str]:
    unpacked = UNPACKED / "usr/sbin/sshd"
    program = str(unpacked) if unpacked.exists() else shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if not program:
        pytest.skip(f"needs OpenSSH's server, installed or unpacked in {UNPACKED}: run `make test`")
    libraries = ":".join(map(str, UNPACKED.glob("usr/lib/*-linux-gnu")))
    argv = [program, "-D", "-e", "-f", str(config)]
    if os.getuid() == 0:
        argv = [*NAMESPACES, "sh", "-c", PRIVATE, str(root), *argv]
    argv = ["setpriv", "--pdeathsig", "KILL", *argv]  # also when the tests are killed
    sshd = subprocess.Popen(
        argv,
        text=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
    )
    assert sshd.stderr is not None
    said: list[str] = []
    while sum("Server listening" in line for line in said) < len(HOSTS):
        said.append(sshd.stderr.readline())
        assert said[-1], "sshd does not start: " + "".join(said)
    threading.Thread(target=_drain, args=(sshd.stderr,), daemon=True).start()
    return sshd


def _drain(pipe: IO[str]) -> None:
    with pipe:
        pipe.read()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _silent(peer: socket.socket, over: threading.Event) -> None:
    over.wait()


def _banner_only(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    over.wait()


def _endless_banner(peer: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        peer.sendall(b"Welcome to this host\r\n" * 100)


def _drip(peer: socket.socket, over: threading.Event) -> None:
    while not over.wait(1.0):
        peer.sendall(b"S")


class _misbehaving:  # noqa: N801
    """A TCP server for each way not to be an ssh server."""

    def __init__(self, lab: Lab) -> None:
        self.over = threading.Event()
        self.sockets: list[socket.socket] = []
        ways = {"silent": _silent, "banner-only": _banner_only, "endless-banner": _endless_banner, "drip": _drip}
        for name, way in ways.items():
            lab.add(name, self._listen(way))
        lab.add("vanishing", self._full())

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for one in self.sockets:
            one.close()

    def _listen(self, way: Callable[[socket.socket, threading.Event], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        self.sockets.append(server)

        def serve() -> None:
            try:
                while True:
                    peer, _ = server.accept()
                    threading.Thread(target=talk, args=[peer], daemon=True).start()
            except OSError:
                return

        def talk(peer: socket.socket) -> None:
            with peer:
                try:
                    way(peer, self.over)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    def _full(self) -> int:
        """A port whose packets vanish: nobody accepts, and the queue is full."""
        server = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.sockets.append(server)
        port: int = server.getsockname()[1]
        for _ in range(2):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
            self.sockets.append(waiting)
        return port
