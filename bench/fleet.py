"""What `pmx-preflight collect` costs against xargs and Ansible on a lab of hosts; exits 1 when a promise is broken.

The contenders take turns (A B C D A B C D …), so that a busy machine slows all of them. All use the same ssh program
with the same ssh_config: the same key exchange, known host keys, no ControlMaster. Hosts and contenders share the
machine; CPU and memory are the contenders' own. Root only. Exit 2: not all of it could be measured.
"""

import argparse
import contextlib
import io
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from lab.hosts import HostSpec
from lab.lab import Lab, lab, missing

# the costliest of OpenSSH's key exchanges would hide all else that a contender does
SAME_FOR_ALL = "    KexAlgorithms curve25519-sha256\n    ControlMaster no\n"
WALL_PROMISES = {"xargs": 1.15, "setup": 0.40, "script": 0.30}  # ours divided by theirs
MEMORY_PROMISE = 1 / 3
LIMIT_SECONDS = 900  # of one run of one contender
SAMPLE_SECONDS = 0.05
HUNG, COMPANY = "hung", 19
HUNG_ROUNDS = 3
DEADLINE = 20.0  # of a server in the rounds with the hung one: well above what a healthy one takes on a busy machine
DEADLINE_SLACK = 3.0  # seconds: the start of Python, and TERM before KILL
OTHERS_PROMISE = 1.25  # with the hung host divided by without: a few seconds each, which vary by a fifth
ANSIBLE_CFG = """\
[defaults]
inventory = {folder}/inventory
forks = {at_once}
[ssh_connection]
ssh_executable = {ssh}
sftp_executable = {folder}/sftp
ssh_args = -o ControlMaster=no
"""
INVENTORY = "[all:vars]\nansible_python_interpreter=/usr/bin/python3\n[all]\n"  # spares Ansible looking for it
ANSIBLE_ANSWER = re.compile(r"^\S+ \| (?:SUCCESS|CHANGED) => (\{.*?^\})", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Contender:
    """`whole` counts the hosts whose output is whole in the folder that the command wrote into."""

    name: str
    command: Callable[[Path], Sequence[str]]
    whole: Callable[[Path], int]


@dataclass(frozen=True)
class Cost:
    """One run: seconds on the wall, seconds of CPU with all children's, and the hosts whose output came whole."""

    wall: float
    cpu: float
    whole: int


@dataclass
class Memory:
    """Highest KiB seen: of one process (RSS), and of the whole tree with what is shared counted once (PSS)."""

    process: int = 0
    tree: int = 0

    def look(self, top: int) -> None:
        tree = 0
        for process in family(top):
            with contextlib.suppress(OSError):  # it has ended
                rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
                sizes = {row.split()[0]: int(row.split()[1]) for row in rows}
                self.process = max(self.process, sizes["Rss:"])
                tree += sizes["Pss:"]
        self.tree = max(self.tree, tree)


def main() -> int:
    """Prints the figures and each promise; returns 0 when all are kept, 1 when one is broken, 2 when one is unknown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("hosts", nargs="?", type=int, default=200, choices=range(1, 401), metavar="N")
    parser.add_argument("--at-once", type=int, default=50, choices=range(1, 201), metavar="N")
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 16), metavar="N")
    given = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a run takes minutes
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else what was started would go on
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    names = [f"host{number:03}" for number in range(1, max(given.hosts, COMPANY) + 1)]
    began = time.monotonic()
    with lab([HostSpec(HUNG, hostile="hang"), *map(HostSpec, names)]) as hosts:
        print(f"{len(names) + 1} hosts up in {time.monotonic() - began:.1f} s; {load()}")
        with hosts.ssh_config.open("a") as config:
            config.write(SAME_FOR_ALL)
        contenders = prepare(hosts, names[: given.hosts], given.at_once)
        kept = compare(contenders, hosts.folder, given.hosts, given.rounds)
        kept += hung_host(hosts, names[:COMPANY])
    print(load())
    if len(contenders) == 2:
        print("Ansible is not installed: .venv/bin/pip install -e '.[ansible]'", file=sys.stderr)
        kept.append(None)
    return 1 if False in kept else 2 if None in kept else 0


def prepare(hosts: Lab, names: Sequence[str], at_once: int) -> list[Contender]:
    """The contenders, with the files that they need in the lab's folder; without Ansible the first two."""
    folder, ssh = hosts.folder, hosts.ssh
    deployment, probe = folder / "fleet.yaml", folder / "probe.sh"
    deployment.write_text(deployment_of(hosts, names))
    subprocess.run([*OURS, "probe", deployment, "-o", probe], check=True, stderr=subprocess.DEVNULL)
    (folder / "names").write_text("".join(f"{name}\n" for name in names))
    (folder / "ansible.cfg").write_text(ANSIBLE_CFG.format(folder=folder, ssh=ssh, at_once=at_once))
    (folder / "inventory").write_text(INVENTORY + (folder / "names").read_text())
    (folder / "sftp").write_text(f'#!/bin/sh\nexec sftp -S {ssh} "$@"\n')
    (folder / "sftp").chmod(0o755)
    each = f"exec {ssh} -T -o BatchMode=yes -- {{}} 'sh -s' <{probe} >{{}}.probe 2>{{}}.errors"
    ours = [*OURS, "collect", str(deployment), "--ssh", str(ssh), "--jobs", str(at_once), "-o"]
    xargs = ["xargs", "-a", str(folder / "names"), "-P", str(at_once), "-I", "{}", "sh", "-c", each]
    contenders = [
        Contender("ours", lambda out: [*ours, str(out / "facts")], whole_facts),
        Contender("xargs", lambda out: xargs, whole_probes),
    ]
    if ansible := shutil.which("ansible", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"):
        setup, script = [ansible, "all", "-m", "setup"], [ansible, "all", "-m", "script", "-a", str(probe)]
        contenders += [
            Contender("setup", lambda out: setup, lambda out: whole_answers(out, "ansible_hostname")),
            Contender("script", lambda out: script, lambda out: whole_answers(out, "@done ")),
        ]
    return contenders


OURS = [str(Path(sys.executable).with_name("pmx-preflight"))]


def deployment_of(hosts: Lab, names: Sequence[str]) -> str:
    lines = hosts.deployment_yaml().splitlines(keepends=True)
    named = re.compile(r"  - \{name: ([^,]+),")
    return "".join(line for line in lines if not (server := named.match(line)) or server[1] in names)


def whole_facts(out: Path) -> int:
    facts = [json.loads(path.read_bytes()) for path in (out / "facts").glob("*.json")]
    return sum(host["outcome"] == "ok" and len(host["facts"]) > 0 for host in facts)


def whole_probes(out: Path) -> int:
    return sum(b"\n@done " in path.read_bytes() for path in out.glob("*.probe"))


def whole_answers(out: Path, proof: str) -> int:
    answers = ANSIBLE_ANSWER.findall((out / "stdout").read_text())
    return sum(proof in answer and bool(json.loads(answer)) for answer in answers)


def compare(contenders: Sequence[Contender], folder: Path, hosts: int, rounds: int) -> list[bool | None]:
    """Runs the rounds and one more for memory, prints all figures; what is said of the promises comes back."""
    counting: list[dict[str, Cost]] = []
    for number in range(1, rounds + 1):
        costs = {}
        for contender in contenders:
            costs[contender.name] = cost = run(contender, folder)
            cpu = f"{cost.cpu:6.2f} s CPU ({1000 * cost.cpu / hosts:4.0f} ms a host)"
            print(f"round {number}  {contender.name:6}  {cost.wall:7.2f} s  {cpu}  {cost.whole} of {hosts} whole")
        if all(cost.whole == hosts for cost in costs.values()):
            counting.append(costs)
        else:
            print(f"round {number} does not count: not every output is whole")
    kept: list[bool | None] = []
    for peer in (contender.name for contender in contenders[1:]):
        ratios = [costs["ours"].wall / costs[peer].wall for costs in counting]
        kept.append(promise(f"wall, ours / {peer}", ratios, WALL_PROMISES[peer]))
        promise(f"CPU, ours / {peer}", [costs["ours"].cpu / costs[peer].cpu for costs in counting])
        if peer != "xargs":
            # what is left when the client costs nothing: the hosts' own work, on the same machine
            promise(f"wall, xargs / {peer}", [costs["xargs"].wall / costs[peer].wall for costs in counting])
    # a round of its own: looking takes CPU from the one looked at
    peaks = {}
    for contender in contenders:
        peaks[contender.name] = memory = Memory()
        whole = run(contender, folder, memory).whole
        process, tree = memory.process / 1024, memory.tree / 1024
        print(f"peak memory  {contender.name:6}  {tree:5.0f} MiB in all  {process:4.0f} MiB in one process")
        if whole != hosts:
            print(f"the memory of {contender.name} does not count: {whole} of {hosts} whole")
            del peaks[contender.name]
    for peer in (contender.name for contender in contenders[2:]):
        ratios = [peaks["ours"].tree / peaks[peer].tree] if {"ours", peer} <= peaks.keys() else []
        kept.append(promise(f"peak memory in all, ours / {peer}", ratios, MEMORY_PROMISE))
    return kept


def promise(what: str, ratios: Sequence[float], most: float | None = None) -> bool | None:
    """Prints the ratios, and what is promised of their median; None when no round counted."""
    if not ratios:
        print(f"{what:36}  not measured")
        return None
    median = statistics.median(ratios)
    kept = most is None or median <= most
    word = "" if most is None else f"  promised at most {most:.2f}: {'kept' if kept else 'BROKEN'}"
    print(f"{what:36}  {median:.2f} ({min(ratios):.2f} to {max(ratios):.2f}){word}")
    return kept


def run(contender: Contender, folder: Path, memory: Memory | None = None) -> Cost:
    """One run in an empty folder of its own; `memory` is looked at all the while."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    environ |= {"ANSIBLE_CONFIG": f"{folder}/ansible.cfg", "ANSIBLE_HOME": f"{folder}/ansible", "LC_ALL": "C.UTF-8"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with (
        (out / "stdout").open("wb") as stdout,
        (out / "stderr").open("wb") as stderr,
        started(contender.command(out), cwd=out, env=environ, stdout=stdout, stderr=stderr) as process,
    ):
        while memory and process.poll() is None and time.monotonic() < began + LIMIT_SECONDS:
            memory.look(process.pid)
            time.sleep(SAMPLE_SECONDS)
        with contextlib.suppress(subprocess.TimeoutExpired):  # then its output is not whole
            process.wait(max(0, began + LIMIT_SECONDS - time.monotonic()))
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, contender.whole(out) if process.returncode == 0 else 0)


@contextlib.contextmanager
def started(command: Sequence[str], **more: object) -> Iterator[subprocess.Popen[str]]:
    """A process, of which and of whose descendants nothing is left."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        if process.poll() is None:
            for member in family(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal.SIGKILL)
            process.wait()


def family(top: int) -> list[int]:
    """A process and its descendants."""
    found = [top]
    for process in found:  # grows meanwhile
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def hung_host(hosts: Lab, company: Sequence[str]) -> list[bool | None]:
    """Collects with and without a host that hangs in mid-probe, the first of all: prints what it costs the others."""
    folder = hosts.folder
    (folder / "without.yaml").write_text(deployment_of(hosts, company))
    (folder / "with.yaml").write_text(deployment_of(hosts, [HUNG, *company]))
    ratios, ends = [], []
    for number in range(1, HUNG_ROUNDS + 1):
        alone, hanging = (ending_times(folder / f"{it}.yaml", hosts) for it in ("without", "with"))
        own = hanging.pop(HUNG, None)
        if own is None or not alone.keys() == hanging.keys() == set(company):
            print(f"hung host, round {number} does not count: {len(alone)} and {len(hanging)} of {len(company)} ok")
            continue
        last, before = max(hanging.values()), max(alone.values())
        print(
            f"hung host, round {number}: the others' last {last:.1f} s, {before:.1f} s without it; itself {own:.1f} s"
        )
        ratios.append(last / before)
        ends.append(own / DEADLINE)
    others = promise("the others' last, with / without", ratios, OTHERS_PROMISE)
    return [others, promise("the hung host's end / its deadline", ends, 1 + DEADLINE_SLACK / DEADLINE)]


def ending_times(deployment: Path, hosts: Lab) -> dict[str, float]:
    """The seconds after which each server was done, of those that were ok, and of the hung one, which may not be."""
    out = hosts.folder / "facts"
    limit = ["timeout", f"{10 * DEADLINE}"]
    collect = [*OURS, "collect", str(deployment), "--ssh", str(hosts.ssh), "--timeout", f"{DEADLINE}", "-o", str(out)]
    ends, began = {}, time.monotonic()
    with started([*limit, *collect], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            news = re.match(r"\[\d+/\d+\] ([^:]+): (\S+)", line)
            if news and (news[1] == HUNG) != (news[2] == "ok:"):
                ends[news[1]] = time.monotonic() - began
    return ends


def load() -> str:
    return f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
