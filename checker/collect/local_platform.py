"""What the machine is and what runs on it."""

import os
import platform
import resource
from collections import Counter
from pathlib import Path

import psutil

from checker.collect.looking import CouldNotLook, Facts, look, printable
from checker.facts import (
    CPUS,
    DISTRIBUTION,
    LISTENERS,
    MACHINE,
    MEMORY,
    OPEN_FILES,
    PROCESSES,
    RELEASE,
    SYSTEM,
    Limit,
    Listener,
    Process,
)

RELEASE_FILES = ("etc/redhat-release", "etc/SuSE-release", "etc/release", "etc/system-release")
SCAN_SECONDS = 30.0  # a host with tens of thousands of processes takes seconds, not milliseconds


def system() -> Facts:
    """The platform, its memory and limits, what runs and what listens."""
    return {
        **look(SYSTEM, lambda: (os.uname().sysname, "uname()")),
        **look(RELEASE, lambda: (os.uname().release, "uname()")),
        **look(MACHINE, lambda: (os.uname().machine, "uname()")),
        **look(DISTRIBUTION, distribution),
        **look(CPUS, lambda: (os.sysconf("SC_NPROCESSORS_ONLN"), "sysconf(SC_NPROCESSORS_ONLN)")),
        **look(MEMORY, lambda: (psutil.virtual_memory().total // 1024, "psutil.virtual_memory()")),
        **look(OPEN_FILES, _open_files),
        **look(PROCESSES, processes, SCAN_SECONDS),
        **look(LISTENERS, listeners, SCAN_SECONDS),
    }


def distribution(root: Path = Path("/")) -> tuple[str, str]:
    """The distribution's name and version, and the file that says so; CouldNotLook where none does."""
    try:
        release = platform.freedesktop_os_release() if root == Path("/") else {}
    except OSError:
        release = {}
    if "PRETTY_NAME" in release:
        return release["PRETTY_NAME"], "os-release"
    for relative in RELEASE_FILES:
        file = root / relative
        if file.is_file():
            lines = [line.strip() for line in file.read_text(errors="backslashreplace").splitlines()[:20]]
            if any(lines):
                return next(line for line in lines if line), str(file)
    raise CouldNotLook("no os-release or release file names it")


def processes() -> tuple[tuple[Process, ...], str]:
    """The running programs by name and owner, without the kernel's own threads."""
    names = _user_names()
    seen: Counter[tuple[str, str]] = Counter()
    running = list(psutil.process_iter(["pid", "ppid", "name", "uids"]))
    rows = [process.info for process in running]
    if not any(row["pid"] == 1 for row in rows) or any(row["name"] is None or row["uids"] is None for row in rows):
        raise CouldNotLook("this user may not see the processes of others (hidepid)")
    threads = {row["pid"] for row in rows if row["name"] == "kthreadd" and row["pid"] == 2}
    for row in rows:
        if row["pid"] not in threads and row["ppid"] not in threads:
            owner = row["uids"].effective
            seen[printable(row["name"]), names.get(owner, str(owner))] += 1
    found = tuple(Process(name=name, user=user, count=count) for (name, user), count in sorted(seen.items()))
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
    return tuple(
        Listener(address=ip, port=port, process=name) for ip, port, name in ordered
    ), "psutil.net_connections()"


def _open_files() -> tuple[Limit, str]:
    soft, hard = (
        None if limit == resource.RLIM_INFINITY else limit for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    return Limit(soft=soft, hard=hard), "getrlimit(RLIMIT_NOFILE) of this process"


def _user_names() -> dict[int, str]:
    """Names of users by id from /etc/passwd alone: the name service might ask a directory over the network."""
    rows = (line.split(":") for line in Path("/etc/passwd").read_text(errors="backslashreplace").splitlines())
    return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdigit()}


def _program(pid: int | None) -> str | None:
    if pid is None:
        return None
    try:
        return printable(psutil.Process(pid).name())
    except psutil.Error:
        return None
