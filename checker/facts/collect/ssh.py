"""One server asked over the administrator's own `ssh`: what works by hand works here, and nothing else does.

All of ssh_config, known_hosts, agents and jump hosts apply as they are; nothing of them is relaxed, and no question
is ever answered. The probe goes in on stdin; what came back is judged by `outcomes`.
"""

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections.abc import Callable, Sequence

from checker.facts.collect.endings import Ending, Why
from checker.facts.collect.ssh_config import files_read
from checker.inputs.deployment import Server

CONNECT_SECONDS = 10  # ssh's own limit for connecting and the banner; the key exchange it does not cover
OUTPUT_LIMIT = 1024 * 1024  # a probe of a busy host prints 100 KiB
ERRORS_LIMIT = 64 * 1024
GOODBYE_SECONDS = 0.5  # between the last line and ssh's own end there is one round trip
TERM_SECONDS = 1.0
DRAIN_SECONDS = 0.3  # what ssh had still written is read; a program that inherited its pipes is not waited for
SETTINGS_SECONDS = 5.0  # `ssh -G` contacts nobody, but a `Match exec` of the administrator's may hang

# INFO because at ERROR ssh hides why it failed; no forwarding, because fifty at once would fight for the same ports
OPTIONS = (
    "BatchMode=yes",
    "LogLevel=INFO",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ClearAllForwardings=yes",
)
BEGUN = re.compile(rb"^@probe 1 [0-9a-f]{16}\r?\n", re.MULTILINE)
DONE = re.compile(rb"^@done \d+\r?\n", re.MULTILINE)


def host_of(server: Server) -> str:
    """The name by which ssh knows a server."""
    host = server.ssh.host or server.hostname or server.name
    if host.startswith("-"):
        raise ValueError(f"{host!r} would be read as an option of ssh")
    return host


def command(server: Server, ssh: str = "ssh", timeout: float = 60.0, plain: Sequence[str] = ()) -> list[str]:
    """The argv that runs a script from stdin on a server, through the declared way to become root.

    `plain` are the options that its settings need so that this is what runs (`ssh_config.plain`).
    """
    connect = max(1, min(CONNECT_SECONDS, int(timeout / 3)))
    options = [word for option in (*OPTIONS, f"ConnectTimeout={connect}", *plain) for word in ("-o", option)]
    return [ssh, "-T", *options, *_user(server), "--", host_of(server), shlex.join((*server.ssh.become, "sh", "-s"))]


def try_line(server: Server, ssh: str = "ssh", plain: Sequence[str] = ()) -> str:
    """The line by which a person sees the same failure, to be pasted into a shell."""
    harmless = shlex.join((*server.ssh.become, "true"))
    options = [word for option in ("BatchMode=yes", *plain) for word in ("-o", option)]
    return shlex.join([ssh, *options, *_user(server), "--", host_of(server), harmless])


async def settings(server: Server, ssh: str = "ssh") -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """What ssh_config says for a server (`ssh -G`), and the files that say it; nothing where this ssh cannot tell."""
    ending = await ask([ssh, "-v", "-G", *_user(server), "--", host_of(server)], "", SETTINGS_SECONDS)
    found: dict[str, tuple[str, ...]] = {}
    for line in ending.output.splitlines() if ending.status == 0 else ():
        key, _, value = line.partition(" ")
        found[key] = (*found.get(key, ()), value)
    return found, files_read(ending.errors)


async def ask(argv: Sequence[str], probe: str, timeout: float, answered: Callable[[], None] = lambda: None) -> Ending:
    """Runs one ssh with the probe on its stdin until the probe's last line, its end, or the deadline.

    `answered` is called once when the probe's first line is there: from then on the login has worked. Whatever
    happens, also when this is cancelled, nothing of the ssh's process group is left.
    """
    loop = asyncio.get_running_loop()
    # One group to end, and nobody to ask: only a session of its own has no terminal where there is one. Elsewhere a
    # group is enough, and cheaper: Linux deals out its processors by sessions.
    apart = _has_terminal()
    try:
        transport, heard = await loop.subprocess_exec(
            lambda: _Heard(answered),
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
            start_new_session=apart,
            process_group=None if apart else 0,
        )
    except OSError as error:
        return Ending("not started", None, "", f"{argv[0]}: {error.strerror}")
    try:
        _feed(transport, probe)
        async with asyncio.timeout(timeout):
            await asyncio.shield(heard.over)
    except TimeoutError:
        heard.stop("deadline")
    finally:
        await _end(transport, heard)
    status = transport.get_returncode() if heard.over.result() == "ended" else None
    return Ending(heard.over.result(), status, _text(heard.output), _text(heard.errors), timeout)


class _Heard(asyncio.SubprocessProtocol):
    """What ssh has said so far. `over` says why listening ended, `exited` that the process is gone."""

    def __init__(self, answered: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.over: asyncio.Future[Why] = self.loop.create_future()
        self.exited: asyncio.Future[None] = self.loop.create_future()
        self.output, self.errors = bytearray(), bytearray()
        self._answered = answered
        self._begun = False
        self._looked = 0  # where the first line begins that was not yet whole
        self._open = {1, 2}

    def stop(self, why: Why) -> None:
        if not self.over.done():
            self.over.set_result(why)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self.over.done():
            return
        kept, limit = (self.output, OUTPUT_LIMIT) if fd == 1 else (self.errors, ERRORS_LIMIT)
        kept += data[: limit - len(kept) + 1]
        if fd == 1:
            self._look()
        if len(kept) > limit:
            self.stop("too much output")

    def _look(self) -> None:
        if not self._begun and (first := BEGUN.search(self.output, self._looked)):
            self._begun, self._looked = True, first.end()
            self._answered()
        if self._begun and DONE.search(self.output, self._looked):
            self.stop("whole")
        self._looked = max(self._looked, self.output.rfind(b"\n") + 1)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        self._settle()

    def process_exited(self) -> None:
        self.exited.set_result(None)
        self.loop.call_later(DRAIN_SECONDS, self.stop, "ended")
        self._settle()

    def _settle(self) -> None:
        if self.exited.done() and not self._open:
            self.stop("ended")


def _feed(transport: asyncio.SubprocessTransport, probe: str) -> None:
    stdin = transport.get_pipe_transport(0)
    assert isinstance(stdin, asyncio.WriteTransport)
    stdin.write(probe.encode())
    stdin.write_eof()


async def _end(transport: asyncio.SubprocessTransport, heard: _Heard) -> None:
    """Ends the process group, gently first; the leader's own end is not the end of a ProxyCommand's."""
    heard.stop("ended")
    group = transport.get_pid()
    try:
        if heard.over.result() == "whole":
            await asyncio.wait([heard.exited], timeout=GOODBYE_SECONDS)
        if not heard.exited.done():
            _signal(group, signal.SIGTERM)
            await asyncio.wait([heard.exited], timeout=TERM_SECONDS)
    finally:
        _signal(group, signal.SIGKILL)
        transport.close()
        await asyncio.wait([heard.exited], timeout=TERM_SECONDS)


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _has_terminal() -> bool:
    """Whether this process has a terminal that a program it starts could ask its questions on."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _user(server: Server) -> list[str]:
    return ["-l", server.ssh.user] if server.ssh.user else []


def _environment() -> dict[str, str]:
    # an ssh before 8.4 does not know SSH_ASKPASS_REQUIRE and would run its built-in program
    return {**os.environ, "LC_ALL": "C", "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "never"}


def _text(data: bytearray) -> str:
    return data.decode("utf-8", "backslashreplace")
