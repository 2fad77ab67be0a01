"""Whatever a command reads: a pipe is not waited for, a device not read, and no file larger than it can rightly be."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from checker.errors import InputError
from checker.text_file import MIB, read_bytes, read_text
from runbook.resources import resource

THREE = resource("samples") / "county-mail"
D, FACTS = str(THREE / "deployment.yaml"), str(THREE / "facts")


def test_a_file_of_the_most_bytes_is_read_and_of_one_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * MIB)
    assert len(read_bytes(path, MIB, "a file")) == MIB
    path.write_bytes(b"x" * (MIB + 1))
    with pytest.raises(InputError, match=rf"is larger than {MIB} bytes \(1 MiB\)"):
        read_bytes(path, MIB, "a file")


def test_a_file_without_a_size_is_read_and_bounded_all_the_same() -> None:
    assert read_bytes(Path("/proc/self/status"), MIB, "a file").startswith(b"Name:")
    with pytest.raises(InputError, match="is larger than 10 bytes"):
        read_bytes(Path("/proc/self/status"), 10, "a file")


def test_what_is_no_file_is_refused_and_said_what_was_expected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    for path in (tmp_path / "pipe", tmp_path / "socket", Path("/dev/zero")):
        with pytest.raises(InputError, match="is a device, pipe or socket: expected a regular file"):
            read_bytes(path, MIB, "a file")
    for path, said in (
        (tmp_path, "is a directory"),
        (tmp_path / "none", "no such file"),
        (Path("a\0"), "not a path"),
    ):
        with pytest.raises(InputError, match=f"{said}: expected a plan"):
            read_bytes(path, MIB, "a plan")


def test_no_descriptor_is_left_open_by_what_is_refused(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path, Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(InputError):
            read_text(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("given", ["pipe", "/dev/zero"])
def test_no_command_waits_for_a_pipe_or_reads_a_device(given: str, tmp_path: Path) -> None:
    path = given
    if given == "pipe":
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    site, facts, out = tmp_path / "site", tmp_path / "facts", str(tmp_path / "out.md")
    (site / "words").mkdir(parents=True)
    facts.mkdir()
    (site / "words" / "steps.toml").symlink_to(path)
    (facts / "db1.json").symlink_to(path)
    commands = [
        ["check", path, "--facts", FACTS],
        ["check", D, "--facts", str(facts)],
        ["diff", path, str(THREE / "facts" / "db1.json")],
        ["diff", str(facts), FACTS],
        ["runbook", D, "--previous", path, "-o", out],
        ["runbook", D, "--templates", str(site), "-o", out],
        ["runbook", D, "--baseline", str(facts), "-o", out],
        ["read", path],
        ["collect", D, "--from-files", path, "-o", str(tmp_path / "new")],
        ["collect", D, "--via", "ansible", "--inventory", path, "-o", str(tmp_path / "new")],
        ["init", "--from-ansible", path, "-o", str(tmp_path / "new.yaml")],
        ["probe", path],
    ]
    # one process for all: what waits for ever is ended by the time-out
    script = (
        "import sys\nfrom runbook.cli.main import main\n"
        "for words in eval(sys.argv[1]):\n"
        "    sys.argv = ['pmx-preflight', *words]\n"
        "    try: main()\n"
        "    except SystemExit as ended: print(ended.code, words[0], flush=True)\n"
    )
    argv = [sys.executable, "-c", script, repr(commands)]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert said.stdout.splitlines() == [f"2 {words[0]}" for words in commands], said.stderr
    assert len(said.stderr.splitlines()) == len(commands)
    assert not (tmp_path / "out.md").exists()
