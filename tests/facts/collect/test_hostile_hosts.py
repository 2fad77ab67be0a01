"""Hosts that go wrong in every way there is cost themselves alone: the command asks them for real, over ssh."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from lab.hosts import Hostility, HostSpec
from lab.lab import Lab, lab, missing
from lab.namespaces import SECONDS, wait_until

from checker.facts.catalogue import CATALOGUE
from checker.facts.collect.outcomes import remedy

REASON = missing()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(REASON is not None, reason=REASON or "")]

HEALTHY = (HostSpec("db1", roles=("database", "csm")), HostSpec("mta1", roles=("mta",)), HostSpec("filter1"))
HOSTILE = tuple(HostSpec(kind, hostile=kind) for kind in get_args(Hostility))
WORDS = {
    "refused": "refused",
    "unknown-name": "name not found",
    "no-route": "no route",
    "vanish": "timed out",
    "silent": "stuck before banner",
    "drip": "stuck before banner",
    "banner-then-silence": "stuck after banner",
    "endless-banner": "not an ssh server",
    "hang": "incomplete",
    "flood": "too much output",
    "holds-stdout": "ok",  # the answer is whole: nothing is wrong with it, and nothing is waited for
    "changed-key": "host key changed",
    "network-gone": "incomplete",
}
LOST = [name for name, word in WORDS.items() if word != "ok"]
# no place for a backup is declared, the product's own command may not be run, and there is no new tree to look into
NOT_ASKED = {"backup.mount_point", "puremessage.status", "puremessage.queue_new"} | {
    path for path in CATALOGUE if path.startswith(("target.parts.", "target.database_", "target.starters"))
}
TIMEOUT = 9
PROMISE = 3  # seconds after the deadline: the command's own start, the end of every ssh, the table
FLOOD_MAY_COST = 60 * 1024  # KiB, of a hundred times that of a probe's output
MARK = "PMX_TEST_RUN"
MEASURED = """\
import pathlib, sys
from runbook.cli.main import main
try:
    main()
finally:
    print(pathlib.Path("/proc/self/status").read_text(), file=sys.stdout)
"""


class Command:
    """The command in a process of its own. All that it starts inherits a mark, by which it is found."""

    def __init__(self, *arguments: object, program: tuple[str, ...] = ("-m", "runbook"), errors: int | None = None):
        self.mark = f"{MARK}={os.urandom(8).hex()}".encode()
        self._files = [tempfile.TemporaryFile("w+") for _ in range(2)]  # noqa: SIM115, they outlive this
        self._said: list[str] = []
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=self._files[0],
            stderr=self._files[1] if errors is None else errors,
            env={**os.environ, "COLUMNS": "80" if errors else "100", MARK: self.mark.decode().partition("=")[2]},
        )
        self.seconds = 0.0

    @property
    def out(self) -> str:
        return self._told()[0]

    @property
    def err(self) -> str:
        return self._told()[1]

    def end(self, code: int) -> None:
        """Waits for its end: with this exit code, and with nothing left here that it has started."""
        assert self.process.wait(SECONDS) == code, self.out + self.err
        self.seconds = time.monotonic() - self._began
        assert self.running() == []
        assert "Traceback" not in self.err

    def close(self) -> None:
        """Ends it, if it runs; what it has said can still be read."""
        self.process.kill()
        self.process.wait()
        self._said = self._told()
        for file in self._files:
            file.close()

    def _told(self) -> list[str]:
        # not by seeking: the process writes where this descriptor stands
        return self._said or [os.pread(file.fileno(), 1 << 24, 0).decode() for file in self._files]

    def running(self) -> list[str]:
        """The command lines of what bears the mark, in every namespace."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (place / "environ").read_bytes().split(b"\0"):
                    found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it has ended
        return found


@contextmanager
def command(*arguments: object, **more: Any) -> Iterator[Command]:
    begun = Command(*arguments, **more)
    try:
        yield begun
    finally:
        begun.close()


def run(*arguments: object, code: int, **more: Any) -> Command:
    with command(*arguments, **more) as begun:
        begun.end(code)
    return begun


def collecting(hosts: Lab, place: Path, *more: object, timeout: float = TIMEOUT) -> tuple[object, ...]:
    deployment = place.with_name("deployment.yaml")
    deployment.write_text(hosts.deployment_yaml())
    return ("collect", deployment, "-o", place, "--ssh", hosts.ssh, "--timeout", timeout, *more)


def facts_in(place: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in place.glob("*.json")}


def outcomes_in(place: Path) -> dict[str, str]:
    return {name: seen["outcome"] for name, seen in facts_in(place).items()}


def not_known(seen: dict[str, Any]) -> set[str]:
    return {path for path, fact in seen["facts"].items() if "value" not in fact}


def processes(hosts: Lab, name: str) -> set[str]:
    listing = hosts.run(name, ["ps", "-e", "-o", "pid=,args="]).stdout.splitlines()
    # the hostile host's own: what its forced command leaves, and the session that it hangs in
    own = r"\s*\d+ (?:sleep infinity|sshd: .*|ps -e .*|\[.*)"
    return {line for line in listing if not re.fullmatch(own, line)}


def logins(hosts: Lab, name: str) -> int:
    return hosts.log(name).count("Accepted publickey")


@contextmanager
def before_all_else() -> Iterator[None]:
    """What begins here has the processor first: a promise in seconds is not kept by what the other tests leave."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def test_thirteen_hostile_hosts_cost_only_themselves(tmp_path: Path) -> None:
    with before_all_else(), lab([*HEALTHY, *HOSTILE]) as hosts:
        before = {name: processes(hosts, name) for name in hosts.hosts}
        said = run(*collecting(hosts, tmp_path / "facts"), code=3)
        assert said.seconds < TIMEOUT + PROMISE

        def all_is_as_before() -> bool:
            return all(processes(hosts, name) == before[name] for name in hosts.hosts)

        wait_until(all_is_as_before, time.monotonic() + SECONDS)
        facts = facts_in(tmp_path / "facts")
        outcomes = {name: seen["outcome"] for name, seen in facts.items()}
        # on a busy machine the deadline may come before ssh has said that it still waits for the banner
        assert outcomes == WORDS | dict.fromkeys([spec.name for spec in HEALTHY], "ok")
        for name, seen in facts.items():
            if seen["outcome"] == "ok":
                assert (name, not_known(seen), seen["unread_rows"]) == (name, NOT_ASKED, [])
            else:
                assert seen["facts"] == {}
        each_failure_is_told(said.err, hosts)
    for stage in ("change", "server", "after"):
        nothing_is_made_up(tmp_path, stage)


def each_failure_is_told(err: str, hosts: Lab) -> None:
    """A word of its own, its remedy, and the line that a person can paste: on stderr, the worst first."""
    flat = " ".join(err.split())
    table = [
        line for line in err.splitlines() if re.match(rf"(?:{'|'.join((*WORDS, 'db1', 'mta1', 'filter1'))})  ", line)
    ]
    assert len(table) == len(HEALTHY) + len(HOSTILE)
    assert {line.split()[0] for line in table[: len(LOST)]} == set(LOST)
    for name in LOST:
        word = WORDS[name]
        sharing = ", ".join(sorted(other for other in LOST if WORDS[other] == word))
        assert f"{word}: {sharing} {remedy(word)}" in flat
        line = f"{hosts.ssh} -o BatchMode=yes -l root -- {name} true"
        assert f"\n  try: {line}\n" in err
    assert len({remedy(WORDS[name]) for name in LOST}) == len({WORDS[name] for name in LOST})
    # what is to be tried is harmless, and shows the same failure
    tried = subprocess.run([hosts.ssh, "-o", "BatchMode=yes", "--", "changed-key", "true"], capture_output=True)
    assert b"HOST IDENTIFICATION HAS CHANGED" in tried.stderr


def nothing_is_made_up(tmp_path: Path, stage: str) -> None:
    """On a host without facts every finding that reads one is unknown; for a healthy host it reads them really."""
    options = ("--facts", tmp_path / "facts", "--stage", stage, "--format", "json")
    with command("check", tmp_path / "deployment.yaml", *options) as checking:
        assert checking.process.wait(SECONDS) in (1, 3)
    report = json.loads(checking.out)
    assert report["verdict"] in ("NO-GO", "NOT-CLEARED")
    findings = {(row["check"], row["server"]): row for row in report["findings"]}
    # filter1 has the role that the hostile hosts have
    reading = {check for (check, name), row in findings.items() if name == "filter1" and measured(row, "filter1")}
    wanted = {"identity-declared"} if stage == "after" else {"roles-observed", "disk-mounted-read-write"}
    assert wanted <= reading
    for name in LOST:
        there = {check for (check, of), row in findings.items() if of == name and measured(row, name)}
        assert reading <= there
        wrong = [check for check in there if findings[check, name]["outcome"] != "unknown"]
        assert (name, wrong) == (name, [])
        assert findings["reachable", name]["outcome"] == "unknown"
    for row in report["findings"]:
        if row["server"] is None and any(measured(row, name) for name in LOST):
            assert row["outcome"] != "pass", row


def measured(finding: dict[str, Any], name: str) -> bool:
    """Whether a finding has asked for a fact of this host."""
    return any(ref == f"{name}:{path}" for path in CATALOGUE for ref in finding["basis"]["refs"])


def test_only_the_failed_are_asked_again_and_the_others_are_left_as_they_are(tmp_path: Path) -> None:
    place = tmp_path / "facts"
    bad = [spec for spec in HOSTILE if spec.name in ("refused", "unknown-name", "changed-key", "no-route")]
    with lab([*HEALTHY, *bad]) as hosts:
        run(*collecting(hosts, place), code=3)
        good = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.iterdir() if is_good(path)}
        assert len(good) == 2 * len(HEALTHY)  # facts and raw outputs
        asked = {spec.name: logins(hosts, spec.name) for spec in HEALTHY}

        # two of them are put right
        hosts.run("refused", ["/usr/sbin/sshd"])
        known = (hosts.folder / "known_hosts").read_text().splitlines(keepends=True)
        address = hosts.addresses["changed-key"]
        right = [line for line in known if not line.startswith(f"{address} ")]
        (hosts.folder / "known_hosts").write_text("".join(right) + f"{address} {hosts.hosts['changed-key'].key}")
        again = run(*collecting(hosts, place, "--only-failed"), code=3)

        assert "[4/4]" in again.err
        assert {spec.name: logins(hosts, spec.name) for spec in HEALTHY} == asked
        assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in good} == good
        healed = dict.fromkeys(("db1", "mta1", "filter1", "refused", "changed-key"), "ok")
        assert outcomes_in(place) == healed | {"unknown-name": "name not found", "no-route": "no route"}
        assert not_known(facts_in(place)["refused"]) == NOT_ASKED


def is_good(path: Path) -> bool:
    return path.stem in {spec.name for spec in HEALTHY}


def test_a_hundred_megabytes_cost_no_memory(tmp_path: Path) -> None:
    with lab([*HEALTHY, HostSpec("flood", hostile="flood")]) as hosts:
        peaks: list[int] = []
        for more in (("--server", "filter1"), ("--server", "filter1", "--server", "flood")):
            place = tmp_path / str(len(peaks)) / "facts"
            place.parent.mkdir()
            with command(*collecting(hosts, place, *more), program=("-c", MEASURED)) as measuring:
                measuring.end(3 if "flood" in more else 0)
            (peak,) = re.findall(r"^VmHWM:\s*(\d+) kB$", measuring.out, re.MULTILINE)
            peaks.append(int(peak))
        assert outcomes_in(place) == {"filter1": "ok", "flood": "too much output"}
        assert peaks[1] - peaks[0] < FLOOD_MAY_COST
        assert sum(path.stat().st_size for path in place.iterdir()) < FLOOD_MAY_COST * 1024


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_interrupted_run_keeps_what_it_has_says_what_it_has_not_and_leaves_nothing_running(
    number: signal.Signals, tmp_path: Path
) -> None:
    place = tmp_path / "facts"
    endless: tuple[Hostility, ...] = ("hang", "banner-then-silence")
    with lab([*HEALTHY, *(HostSpec(kind, hostile=kind) for kind in endless)]) as hosts:
        before = {name: processes(hosts, name) for name in hosts.hosts}
        with command(*collecting(hosts, place, timeout=300)) as collection:

            def the_others_wait() -> bool:
                running = collection.running()
                asked = all(any(f" -- {name} sh -s" in line for line in running) for name in endless)
                return asked and collection.err.count(": ok: ") == len(HEALTHY)

            wait_until(the_others_wait, time.monotonic() + SECONDS)
            collection.process.send_signal(number)
            collection.end(130)
        told = [line for line in collection.err.splitlines() if "not tried: interrupted" in line]
        assert {line.split()[0] for line in told} >= set(endless)
        assert outcomes_in(place) == {spec.name: "ok" for spec in HEALTHY}
        assert all(not_known(seen) == NOT_ASKED for seen in facts_in(place).values())

        def all_is_as_before() -> bool:
            return all(processes(hosts, name) == before[name] for name in hosts.hosts)

        wait_until(all_is_as_before, time.monotonic() + SECONDS)


STUBBORN = """\
#!/bin/sh
trap '' TERM HUP INT PIPE
: >/tmp/runs
while :; do sleep 1; done
"""


def test_a_probe_that_is_cut_off_in_a_command_that_will_not_end_is_soon_gone_from_the_host(tmp_path: Path) -> None:
    with before_all_else(), lab([HostSpec("filter1", privilege="sudo")]) as hosts:
        before = processes(hosts, "filter1")
        stubborn = hosts.hosts["filter1"].root / "usr/bin/du"
        stubborn.unlink()
        stubborn.write_text(STUBBORN)
        stubborn.chmod(0o755)
        with command(*collecting(hosts, tmp_path / "facts", timeout=5)) as collection:
            wait_until((hosts.hosts["filter1"].root / "tmp/runs").exists, time.monotonic() + SECONDS)
            hosts.unplug("filter1")
            collection.end(3)
        assert collection.seconds < 5 + PROMISE
        assert outcomes_in(tmp_path / "facts") == {"filter1": "incomplete"}
        wait_until(lambda: processes(hosts, "filter1") == before, time.monotonic() + SECONDS)


def test_twelve_healthy_hosts_end_in_a_table_that_fits_a_terminal(tmp_path: Path) -> None:
    twelve = [HEALTHY[0], *(HostSpec(f"filter{n}") for n in range(1, 12))]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with lab(twelve) as hosts:
        run(*collecting(hosts, tmp_path / "facts", timeout=60), code=0, errors=theirs)
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 65536):
            shown += more
    except OSError:
        os.close(ours)  # the other end is closed: that was all
    rows = shown.decode().split("\r\n")
    assert len(rows) <= 24
    about = r"(?:db|filter)\d+ +ok +\d+ facts, \d+ unknown, \d+ not yet there \(version 6\)"
    assert all(re.fullmatch(about, row.rpartition("\x1b[K")[2]) for row in rows[:12])
    assert rows[12:] == ["12 ok", ""]
    assert max(len(part) for row in rows for part in row.split("\r")) <= 80 + len("\x1b[K")
