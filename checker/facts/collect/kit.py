"""The kit: a tar for a machine that has ssh and sh but no Python, to ask the servers from there."""

import hashlib
import io
import shlex
import tarfile
from importlib.resources import files
from pathlib import PurePosixPath

from checker.facts.collect.ssh import host_of
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment, Server

TOP = PurePosixPath("pmx-preflight-kit")
MADE_AT = 946684800  # 2000-01-01: the same deployment gives the same bytes, and tar warns of a time near 1970


def kit(deployment: Deployment) -> bytes:
    """A tar with the probe of each server, the list of hosts, the loop that asks them, checksums and a README."""
    runnable = {
        "fan-out.sh": _shipped("fan-out.sh"),
        **{f"probe/{server.name}.sh": script(deployment, server) for server in deployment.servers},
    }
    readable = {"README": _shipped("README").replace("@DEPLOYMENT@", deployment.deployment)}
    checked = {**runnable, **readable}
    sums = "".join(f"{hashlib.sha256(checked[name].encode()).hexdigest()}  {name}\n" for name in sorted(checked))
    whole = {**checked, "SHA256SUMS": sums, "hosts": hosts(deployment)}
    made = io.BytesIO()
    # ustar: the tar of an old Solaris knows no newer form
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for directory in (TOP, TOP / "probe"):
            tar.addfile(_entry(directory, 0o755, tarfile.DIRTYPE))
        for name in sorted(whole):
            data = whole[name].encode()
            entry = _entry(TOP / name, 0o755 if name in runnable else 0o644)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def hosts(deployment: Deployment) -> str:
    """The list of hosts: name, host, user (`-`: as ssh_config says), and the command that takes the probe on stdin."""
    rows = [(server.name, host_of(server), server.ssh.user or "-", _command(server)) for server in deployment.servers]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join((*(word.ljust(width) for word, width in zip(row, widths, strict=False)), row[3])) for row in rows
    ]
    return "\n".join(("# name  host  user  remote command", *lines)) + "\n"


def _command(server: Server) -> str:
    return shlex.join((*server.ssh.become, "sh", "-s"))


def _shipped(name: str) -> str:
    return (files("checker.facts.collect") / "kit_files" / name).read_text(encoding="utf-8")


def _entry(path: PurePosixPath, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(str(path))
    entry.type, entry.mode, entry.mtime = kind, mode, MADE_AT
    entry.uname = entry.gname = "root"
    return entry
