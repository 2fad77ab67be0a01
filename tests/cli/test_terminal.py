"""The standard streams: full, closed or of few letters, they never change what an exit code says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from checker import __version__
from runbook.resources import resource

THREE = resource("samples") / "county-mail"
CHECK = ("check", THREE / "deployment.yaml", "--facts", THREE / "facts", "--now", "2026-12-05T20:45+01:00")
FEW_LETTERS = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a shell that has it as "$@", after the word `pmx`."""
    argv = ["bash", "-c", line, "pmx", sys.executable, "-m", "runbook"]
    return subprocess.run(argv, capture_output=True, env={**os.environ, **environment}, timeout=120, check=False)


def arguments(words: tuple[object, ...]) -> str:
    return " ".join(map(str, words))


@pytest.mark.parametrize(
    ("words", "where"),
    [(("--version",), ">/dev/full"), (CHECK, ">/dev/full"), (("schema", "facts"), ">&-")],
    ids=["version", "check", "closed"],
)
def test_an_output_that_cannot_be_written_has_an_exit_code_of_its_own(words: tuple[object, ...], where: str) -> None:
    said = shell(f'"$@" {arguments(words)} {where}')
    assert said.returncode == 74, said.stderr
    assert said.stderr.decode().startswith("standard output: ")
    assert said.stderr.count(b"\n") == 1


def test_a_reader_that_has_gone_ends_the_command_as_it_ends_other_tools() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    argv = [sys.executable, "-m", "runbook", "schema", "facts"]
    said = subprocess.run(argv, stdout=writing, stderr=subprocess.PIPE, timeout=120, check=False)
    os.close(writing)
    assert (said.returncode, said.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
def test_without_anybody_to_tell_the_exit_code_still_says_it(where: str) -> None:
    assert shell(f'"$@" check nowhere.yaml {where}').returncode == 2
    assert shell(f'"$@" --version {where}').stdout.decode() == f"pmx-preflight {__version__}\n"


def test_a_file_is_never_written_into_by_what_was_meant_for_a_closed_stream(tmp_path: Path) -> None:
    said = shell(f'"$@" runbook {THREE / "deployment.yaml"} -o {tmp_path / "plan.json"} >&- 2>&- <&-')
    assert said.returncode == 74
    assert json.loads((tmp_path / "plan.json").read_text())["tool"] == "pmx-preflight"


def test_people_get_what_their_terminal_has_and_machines_get_utf_8() -> None:
    sample = resource("samples") / "no-go"
    check = f'"$@" check {sample / "deployment.yaml"} --facts {sample / "facts"} --now 2026-12-05T20:45+01:00'
    console, junit = (shell(f"{check} --format {form}", **FEW_LETTERS) for form in ("console", "junit"))
    assert (console.returncode, console.stderr) == (junit.returncode, junit.stderr) == (1, b"")
    assert "→" in junit.stdout.decode()
    assert "?" in console.stdout.decode("latin-1") and b"\xe2\x86\x92" not in console.stdout
    assert shell('"$@" probe --about', PYTHONIOENCODING="ascii", PYTHONUTF8="0").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_ended_while_it_writes_leaves_nothing_and_changes_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    output, scratch = tmp_path / "x.json", tmp_path / "scratch"
    scratch.mkdir()
    script = (
        "import os, sys\n"
        f"os.fsync = lambda handle: os.kill(os.getpid(), {int(number)})\n"
        "from runbook.cli.main import main\n"
        f"sys.argv = ['pmx-preflight', 'runbook', {str(THREE / 'deployment.yaml')!r}, '-o', {str(output)!r}]\n"
        "main()\n"
    )
    argv, environment = [sys.executable, "-c", script], {**os.environ, "TMPDIR": str(scratch)}
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
    assert [path.name for path in tmp_path.rglob("*")] == ["scratch"]


def test_no_place_for_temporary_files_is_told_as_such(tmp_path: Path) -> None:
    output = tmp_path / "x.pdf"
    script = (
        "import sys, errno\n"
        "from runbook.render import writing\n"
        "def full(): raise FileNotFoundError(errno.ENOENT, 'No usable temporary directory found')\n"
        "writing.gettempdir = full\n"
        "from runbook.cli.main import main\n"
        f"sys.argv = ['pmx-preflight', 'runbook', {str(THREE / 'deployment.yaml')!r}, '-o', {str(output)!r}]\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (74, "")
    assert ended.stderr == (
        "no temporary file can be created (No usable temporary directory found): name a directory for them in TMPDIR\n"
    )
    assert not output.exists()


def test_a_set_that_the_disk_has_no_room_for_leaves_the_old_one_whole(tmp_path: Path) -> None:
    outputs = [tmp_path / "x.json", tmp_path / "x.html"]
    named = " ".join(f"-o {path}" for path in outputs)
    draft = f'"$@" runbook {resource("samples") / "harbour-mail" / "deployment.yaml"} {named}'
    assert shell(draft).returncode == 0
    before = [path.read_bytes() for path in outputs]
    assert len(before[0]) < 256 * 1024 < len(before[1])
    said = shell(f"ulimit -f 256; {draft} --now 2026-11-20T10:00+01:00")  # KiB that a file may have
    assert (said.returncode, said.stdout) == (74, b"")
    assert said.stderr.decode().endswith("x.html: not written, nothing was changed: File too large\n")
    assert [path.read_bytes() for path in outputs] == before
    assert sorted(tmp_path.iterdir()) == sorted(outputs)
