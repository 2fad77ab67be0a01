"""The probe as it is sent: the packaged script with a deployment's parameters; and a page that tells what it does."""

import hashlib
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from checker.facts.fact import by_platform
from checker.facts.probe.sections import ASKED, SectionAsked
from checker.inputs.deployment import Deployment, Server

PARAMETERS = "#@parameters\n"
PROBE_SHARE = 0.8  # of a server's time is the probe's own limit, so that it ends by itself and tells what it has
# A shell that hands over has read ahead, a Bourne shell by 512 bytes, tcsh by 8 KiB: what it took must end in here.
BANK = ("#" * 127 + "\n") * 128

NEVER = (
    "write a file, not even a temporary one, or change any setting",
    "run a command of the product, except `pmx status` where the deployment allows it (`probe: {pmx_status: true}`)",
    "give `hostname`, `uname`, `ifconfig`, `ip`, `date` or `mount` an argument that could set something",
    "call `sudo`, or become another user",
    "open a mail, a quarantined message or a log: files there are counted and added up, never read",
    "send on a password, a login or a data source: of the product's configuration only the named keys "
    "leave the host, of sendmail.cf names and flags of filters, of mount sources and links no login",
    "contact another machine, except its own name servers and, to see whether it answers, the port of its database",
    "walk into another file system, or read a network mount that holds no declared path and no mail queue",
    "leave anything running: what does not answer is stopped, and the whole probe ends at its deadline",
)


@cache
def template() -> str:
    """The script as it is packaged, before a deployment's parameters stand in it."""
    return (Path(__file__).parent / "probe.sh").read_text(encoding="utf-8")


@cache
def digest() -> str:
    """The first 16 hexadecimal digits of the packaged script's SHA-256: which probe a host was asked by."""
    return hashlib.sha256(template().encode()).hexdigest()[:16]


def script(deployment: Deployment, server: Server, deadline: float = 50) -> str:
    """The script for one server of a deployment, to be streamed to `sh -s` or run as a file.

    `deadline` is the seconds after which it ends by itself, with what it has.
    """
    assert server in deployment.servers
    paths = deployment.paths
    parameters = {
        "DEPLOYMENT": deployment.deployment,
        "SOURCE": paths.source,
        "TARGET": paths.target,
        "BACKUP": paths.backup or "",
        "QUARANTINE": paths.quarantine or "",
        "LOGS": paths.logs or "",
        "DATABASE": paths.database or "",
        "CONFIGURATION": paths.of("configuration"),
        "QUEUE": paths.of("queue"),
        "STATUS": "1" if deployment.probe.pmx_status else "",
        "DEADLINE": str(max(1, math.floor(deadline))),
        "DIGEST": digest(),
    }
    assignments = "".join(f"PMX_{name}={quoted(value)}\n" for name, value in parameters.items())
    sent = hashlib.sha256((template() + assignments).encode()).hexdigest()[:16]
    assignments += f"PMX_SCRIPT={quoted(sent)}\n"
    return template().replace(PARAMETERS, BANK + assignments, 1)


def quoted(text: str) -> str:
    """A text as one word of a POSIX shell, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"


def about() -> str:
    """One page of Markdown for whoever must allow the probe: what it reads, what it runs, what it never does."""
    return "\n".join(
        [
            "# What the probe reads, what it runs, what it never does",
            "",
            "One POSIX shell script, streamed to each server over ssh and read by its own shell. It prints what these "
            "commands say and does nothing else; all judging happens elsewhere. Of several commands the first that "
            "the server has is run.",
            "",
            *(line for heading, asked in ASKED for line in _table(heading, asked)),
            "## What it never does",
            "",
            "It does not",
            "",
            *(f"- {never};" for never in NEVER[:-1]),
            f"- {NEVER[-1]}.",
            "",
            f"Digest of the script: `{digest()}` (the first 16 digits of its SHA-256; every answer carries it).",
            "",
        ]
    )


def _table(heading: str, asked: Iterable[SectionAsked]) -> list[str]:
    rows = [f"| {row.purpose} | {by_platform(row.commands)} |" for row in asked]
    return [f"## {heading}", "", "| what it tells | by |", "|---|---|", *rows, ""]
