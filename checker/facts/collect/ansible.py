"""Facts through the site's own Ansible: its inventory, vaults, jump hosts and ways to become root, as they are."""

import contextlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import psutil

from checker.errors import InputError
from checker.facts.collect import from_files, probed
from checker.facts.collect.carried import Piece, pieces
from checker.facts.collect.endings import Ending, sanitised
from checker.facts.collect.outcomes import NOT_TRIED
from checker.facts.collect.playbook import playbook
from checker.facts.host_facts import HostFacts
from checker.facts.probe.script import PROBE_SHARE
from checker.inputs.deployment import Deployment, Server
from checker.signals import after_this, ended_by_signals
from checker.text_file import file_label

SPARE_SECONDS = 10.0  # of Ansible's own work around a host's answer
START_SECONDS = 60.0  # a large inventory, or one that asks a cloud, takes its time before the first host is asked
WORDS = 4 * 1024 * 1024  # bytes of what Ansible prints that are looked at
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FATAL = re.compile(r"^fatal: \[([^]]+)\]: (?:UNREACHABLE|FAILED)! => (\{.*\})$", re.MULTILINE)
ERROR = re.compile(r"^(?:\[ERROR\]|ERROR!|fatal:|\[WARNING\]:? .*(?:parse|inventory)).*", re.MULTILINE)

Save = Callable[[HostFacts, str | None], object]


class Stopped(Exception):
    """A program of Ansible's took longer than it may."""


@ended_by_signals()
def collect(
    deployment: Deployment,
    inventory: Path,
    *,
    now: Callable[[], datetime],
    timeout: float = 60.0,
    jobs: int = 50,
    servers: Sequence[Server] | None = None,
    save: Save = lambda facts, raw: None,
) -> dict[str, HostFacts]:
    """The facts of these servers (default: all) through `ansible-playbook`; of one that failed, Ansible's words.

    `timeout` is the seconds that one server may take. Raises InputError where Ansible is missing or cannot begin.
    """
    wanted = tuple(deployment.servers if servers is None else servers)
    program = find("ansible-playbook")
    check_inventory(inventory)
    part = deployment.model_copy(update={"servers": wanted})
    begun = now()  # nobody's answer is younger than this says
    with tempfile.TemporaryDirectory(prefix="pmx-preflight-") as directory:
        try:
            found, partly = _ask(part, inventory, program, Path(directory), timeout, jobs)
        except Stopped as stopped:
            return {
                server.name: _nothing(server, begun, "the time limit of the run was reached", str(stopped))
                for server in wanted
            }
    facts: dict[str, HostFacts] = {}
    for server in wanted:
        answers = found.get(server.name, [])
        if len(answers) == 1:
            facts[server.name] = from_files.facts_of(answers[0], server, part, begun, "ansible", begun)
            save(facts[server.name], probed.raw(answers[0].raw))
        else:
            facts[server.name] = _not_asked(server, inventory, begun, answers, partly)
    return facts


def _ask(
    deployment: Deployment, inventory: Path, program: str, here: Path, timeout: float, jobs: int
) -> tuple[dict[str, list[Piece]], bool]:
    """The answers to the playbook, by server, and whether Ansible could read only a part of the inventory."""
    text, answers = here / "playbook.yml", here / "answers.txt"
    text.write_text(playbook(deployment, timeout * PROBE_SHARE), encoding="utf-8")
    settings = {"pmx_output": str(answers), "pmx_timeout": max(1, math.ceil(timeout)), "pmx_print": False}
    argv = [program, "-i", str(inventory.absolute()), "-f", str(jobs), "-e", json.dumps(settings), str(text)]
    limit = START_SECONDS + (timeout + SPARE_SECONDS) * math.ceil(len(deployment.servers) / jobs)
    words = run(argv, here / "words", limit)
    if not answers.exists():
        raise InputError(f"{file_label(inventory)}: Ansible returned nothing: {error(words)}")
    found: dict[str, list[Piece]] = {}
    said = _said_of(words)
    # a NUL that a host printed breaks the seal of its own output, and must not break the others'
    for piece in pieces(answers.read_bytes().replace(b"\0", b"\\x00")):
        ending = said.get(piece.alias or "")
        told = replace(piece, failed=ending) if piece.failed and ending else piece
        found.setdefault(piece.server or "", []).append(told)
    return found, "Unable to parse" in words


def _said_of(words: str) -> dict[str, Ending]:
    """What Ansible's output says of each host, by the inventory's name, that it could not ask."""
    found: dict[str, Ending] = {}
    for line in FATAL.finditer(words):
        # whatever a host made Ansible say here costs its own words at most
        with contextlib.suppress(ValueError, TypeError, AttributeError, RecursionError):
            result = json.loads(line[2])
            late = (result.get("timedout") or {}).get("period")
            said = str(result.get("msg", "")).replace("via ssh: ", "via ssh:\n")
            found[line[1]] = Ending("deadline", None, "", said, float(late)) if late else Ending("ended", 255, "", said)
    return found


def check_inventory(inventory: Path) -> None:
    """InputError where there is no inventory that Ansible could read to its end: a file, or a directory of them."""
    label = file_label(inventory)
    if not inventory.exists():
        raise InputError(f"{label}: no such inventory")
    files = [inventory] if not inventory.is_dir() else inventory.iterdir()
    if any(not path.is_file() and not path.is_dir() and path.exists() for path in files):
        raise InputError(f"{label}: is or holds a device, pipe or socket: expected an inventory of regular files")


def find(program: str) -> str:
    """The site's own Ansible, or the one that is installed beside us."""
    found = shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))
    if found is None:
        raise InputError(f"{program} is not installed: install it with pip install 'pmx-preflight[ansible]'")
    return found


def run(argv: Sequence[str], log: Path, limit: float, more: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a program of Ansible's printed, in a session of its own, where no question can be asked. Raises Stopped."""
    # what it keeps for itself may hold the inventory's secrets, and goes with the rest, also when it is killed
    own = {"ANSIBLE_LOCAL_TEMP": str(log.parent / "ansible"), "TMPDIR": str(log.parent)}
    environment = {**_environment(), **own, **more}
    process = None
    with log.open("wb") as words:
        try:
            with after_this():
                process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, env=environment,
                    start_new_session=True, umask=0o077,
                )  # fmt: skip
            process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Stopped(f"{Path(argv[0]).name} did not end within {limit:g} s and was stopped") from None
        finally:
            if process:
                _end(process)
    with log.open("rb") as said:
        said.seek(max(0, log.stat().st_size - WORDS))
        return COLOURS.sub("", said.read().decode("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    # each of Ansible's workers leads a session of its own, and not every release ends them when it is ended
    started: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        started = psutil.Process(process.pid).children(recursive=True) if process.returncode is None else []
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        for child in started:
            with contextlib.suppress(psutil.Error):
                child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _environment() -> dict[str, str]:
    # what the site's ansible.cfg would log or keep of this is nobody's but the facts directory's
    return {
        **os.environ,
        "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_LOG_PATH": os.devnull,
        "ANSIBLE_RETRY_FILES_ENABLED": "0", "ANSIBLE_STDOUT_CALLBACK": "default",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_VERBOSITY": "0",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "0",
    }  # fmt: skip


def error(words: str) -> str:
    """What a program of Ansible's complained about, in one line."""
    found = sorted((found[0] for found in ERROR.finditer(words)), key=lambda line: line.startswith("[WARNING]"))
    said = (
        [line for line in found if "no root 'plugin' key" not in line]
        or words.strip().splitlines()[-1:]
        or ["no message"]
    )
    return sanitised(" ".join(said))


def because(words: str) -> str:
    """The same behind a colon; nothing where it complained about nothing."""
    return f": {error(words)}" if ERROR.search(words) else ""


def _not_asked(server: Server, inventory: Path, now: datetime, answers: Sequence[Piece], partly: bool) -> HostFacts:
    if answers:
        hosts = ", ".join(piece.alias or "" for piece in answers)
        return _nothing(server, now, "several hosts of the inventory match it", hosts)
    known = server.name, server.hostname, server.ssh.host, *server.addresses
    words = " or ".join(dict.fromkeys(filter(None, known)))
    detail = f"no host of {file_label(inventory)} has the name or ansible_host {words}"
    if partly:
        detail += " (Ansible could read only part of it)"
    return _nothing(server, now, "it is not in the inventory", detail)


def _nothing(server: Server, now: datetime, why: str, detail: str) -> HostFacts:
    return HostFacts(
        server=server.name, via="ansible", outcome=NOT_TRIED + why, collected_at=now, facts={}, detail=sanitised(detail)
    )
