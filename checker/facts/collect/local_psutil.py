"""What this machine's own calls say beside the probe: better for programs, ports and memory, and a second opinion."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from checker.facts.catalogue import ADDRESSES, CPUS, EUID, HOSTNAME, LISTENERS, MEMORY, PROCESSES
from checker.facts.collect.guarded_look import CouldNotLook, Facts, look, printable
from checker.facts.fact import Fact
from checker.facts.fact_values import Listener, Process
from checker.facts.host_facts import Known

SCAN_SECONDS = 30.0  # a busy server has ten thousand programs
PREFERRED: tuple[Fact[Any], ...] = (PROCESSES, LISTENERS, MEMORY)
MEMORY_TOLERANCE = 0.01  # what a kernel sets aside for itself is counted by one and not by the other


def seen() -> Facts:
    """The facts that this machine's own calls can see."""
    return {
        **look(HOSTNAME, lambda: (os.uname().nodename, "uname()")),
        **look(EUID, lambda: (os.geteuid(), "geteuid()")),
        **look(CPUS, lambda: (psutil.cpu_count() or 0, "psutil.cpu_count()")),
        **look(MEMORY, lambda: (psutil.virtual_memory().total // 1024, "psutil.virtual_memory()")),
        **look(PROCESSES, processes, SCAN_SECONDS),
        **look(LISTENERS, listeners, SCAN_SECONDS),
    }


def disagreements(probe: Facts, own: Facts) -> tuple[str, ...]:
    """Where the probe and the machine's own calls tell different things, a sentence each: both are then suspect."""
    pairs = [(fact.path, _value(probe, fact), _value(own, fact)) for fact in (HOSTNAME, EUID, CPUS, MEMORY)]
    rows = _value(probe, ADDRESSES)
    if isinstance(rows, list):
        pairs.append((ADDRESSES.path, ", ".join(sorted(row["address"] for row in rows)), _addresses()))
    return tuple(
        f"the probe and this machine's own calls disagree on {path}: {one} against {other}"
        for path, one, other in pairs
        if one is not None and other is not None and not _agree(path, one, other)
    )


def _value(facts: Facts, fact: Fact[Any]) -> Any:
    seen = facts.get(fact.path)
    return seen.value if isinstance(seen, Known) else None


def _agree(path: str, one: Any, other: Any) -> bool:
    if path == MEMORY.path:
        return bool(abs(one - other) <= MEMORY_TOLERANCE * max(one, other))
    return bool(one == other)


def _addresses() -> str:
    """Every address of this machine; not a fact of its own, since these calls cannot tell which are temporary."""
    rows = [row for interface in psutil.net_if_addrs().values() for row in interface]
    return ", ".join(
        sorted(row.address.partition("%")[0] for row in rows if row.family.name in ("AF_INET", "AF_INET6"))
    )


def processes() -> tuple[tuple[Process, ...], str]:
    """The running programs by name and owner, without the kernel's own threads."""
    names = _user_names()
    counted: Counter[tuple[str, str]] = Counter()
    rows = [process.info for process in psutil.process_iter(["pid", "ppid", "name", "uids"])]
    if not any(row["pid"] == 1 for row in rows) or any(row["name"] is None or row["uids"] is None for row in rows):
        raise CouldNotLook("this user may not see the processes of others (hidepid)")
    threads = {row["pid"] for row in rows if row["name"] == "kthreadd" and row["pid"] == 2}
    for row in rows:
        if row["pid"] not in threads and row["ppid"] not in threads:
            owner = row["uids"].effective
            counted[printable(row["name"]), names.get(owner, str(owner))] += 1
    found = tuple(Process(name=name, user=user, count=count) for (name, user), count in sorted(counted.items()))
    return found, "psutil.process_iter(); owners by /etc/passwd"


def listeners() -> tuple[tuple[Listener, ...], str]:
    """The TCP ports that something listens on; the program is None where this user may not see it."""
    try:
        rows = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        raise CouldNotLook("this user may not list the listening ports") from None
    found = {
        (row.laddr.ip, row.laddr.port, _program(row.pid))
        for row in rows
        if row.laddr and row.status == psutil.CONN_LISTEN
    }
    ordered = sorted(found, key=lambda row: (row[1], row[0], row[2] or ""))
    return (
        tuple(Listener(address=ip, port=port, process=name) for ip, port, name in ordered),
        "psutil.net_connections()",
    )


def _user_names() -> dict[int, str]:
    """Names of users by id from /etc/passwd alone: the name service might ask a directory over the network."""
    rows = (line.split(":") for line in Path("/etc/passwd").read_text(errors="backslashreplace").splitlines())
    return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdigit()}


def _program(pid: int | None) -> str | None:
    try:
        return None if pid is None else printable(psutil.Process(pid).name())
    except psutil.Error:
        return None
