import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.errors import InputError
from checker.files import Output, check_apart, check_writable, clear, write_all, write_whole
from checker.marks import MARKDOWN

TEXT = "what we say\n"
OURS = MARKDOWN.sealed(TEXT.encode()).decode()
# the begin of a program of its own: a fork of a process with threads may never end
PROGRAM = """
import resource, signal, sys
from pathlib import Path
from checker.errors import OutputError
from checker.files import Output, write_all, write_whole
from checker.marks import MARKDOWN
first, *others = map(Path, sys.argv[1:])
"""


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_written_with_its_content_and_for_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    before = os.umask(0)
    try:
        write_whole(target, TEXT, MARKDOWN)
    finally:
        os.umask(before)
    assert target.read_text() == OURS
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["report.json"]


def test_a_file_of_ours_is_replaced_and_its_wider_permissions_are_not_kept(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)
    target.chmod(0o644)
    write_whole(target, "second\n", MARKDOWN)
    assert target.read_bytes() == MARKDOWN.sealed(b"second\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"somebody's thesis",
        b"about pmx-preflight\n",
        OURS.encode() + b"and what I saw\n",
        OURS.replace("say", "see").encode(),
        OURS.replace("markdown", "html").encode(),
    ],
    ids=["empty", "thesis", "names-us", "longer", "edited", "other-kind"],
)
def test_a_file_of_somebody_else_is_refused_with_its_name_and_the_way_to_force_it(
    tmp_path: Path, foreign: bytes
) -> None:
    target = tmp_path / "thesis.md"
    target.write_bytes(foreign)
    attempts: list[Callable[[], object]] = [
        lambda: check_writable(target, MARKDOWN),
        lambda: write_whole(target, TEXT, MARKDOWN),
    ]
    for attempt in attempts:
        with pytest.raises(InputError, match=r"thesis\.md: .*--force"):
            attempt()
    assert target.read_bytes() == foreign


def test_force_replaces_a_file_of_somebody_else(tmp_path: Path) -> None:
    target = tmp_path / "thesis.md"
    target.write_text("somebody's thesis")
    check_writable(target, MARKDOWN, force=True)
    write_whole(target, TEXT, MARKDOWN, force=True)
    assert target.read_text() == OURS


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["symbolic link", "directory", "named pipe", "device"])
def test_only_a_regular_file_is_ever_replaced(tmp_path: Path, kind: str, force: bool) -> None:
    precious = tmp_path / "precious"
    precious.write_text(OURS)
    target = tmp_path / "target"
    if kind == "symbolic link":
        target.symlink_to(precious)
    elif kind == "directory":
        target.mkdir()
    elif kind == "named pipe":
        os.mkfifo(target)
    else:
        target = Path("/dev/null")
    attempts: list[Callable[[], object]] = [
        lambda: check_writable(target, MARKDOWN, force),
        lambda: write_whole(target, "new", MARKDOWN, force=force),
    ]
    for attempt in attempts:
        with pytest.raises(InputError, match=f"is a {kind}"):
            attempt()
    assert precious.read_text() == OURS


def test_a_missing_directory_is_said_and_not_made(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "report.json"
    with pytest.raises(InputError, match=r"reports does not exist"):
        check_writable(target, MARKDOWN)
    assert not target.parent.exists()


def test_asking_whether_a_file_can_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "report.json", MARKDOWN)
    assert names_in(tmp_path) == []


def test_a_place_where_nothing_can_be_made_is_refused_beforehand() -> None:
    with pytest.raises(InputError, match=r"/proc/report\.json: no file can be created in /proc"):
        check_writable(Path("/proc/report.json"), MARKDOWN)


def test_a_write_that_the_system_refuses_half_way_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)

    write_beyond_the_limit = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
try:
    write_whole(first, "x" * 1_000_000, MARKDOWN)
except OutputError as error:
    sys.exit(0 if "report.json: not written" in str(error) else 2)
sys.exit(1)
"""
    assert in_child(write_beyond_the_limit, target) == 0
    assert target.read_text() == OURS
    assert names_in(tmp_path) == ["report.json"]


def test_a_run_killed_while_it_writes_leaves_the_old_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)

    be_killed_while_writing = """
# the kernel itself ends the process in the middle of its write
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
write_whole(first, "x" * 1_000_000, MARKDOWN)
"""
    assert in_child(be_killed_while_writing, target) == -signal.SIGXFSZ
    assert target.read_text() == OURS
    (left_behind,) = set(names_in(tmp_path)) - {"report.json"}
    assert left_behind.startswith(".pmx-preflight-")
    assert left_behind.endswith(".tmp")


def test_a_set_of_which_one_file_cannot_be_written_changes_none_of_its_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    first.write_text(OURS)
    second.write_text(OURS)

    write_beyond_the_limit = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
try:
    write_all([Output(first, MARKDOWN, "new\\n"), Output(others[0], MARKDOWN, "x" * 1_000_000)])
except OutputError as error:
    sys.exit(0 if "second.md: not written, nothing was changed" in str(error) else 2)
sys.exit(1)
"""
    assert in_child(write_beyond_the_limit, first, second) == 0
    assert first.read_text() == second.read_text() == OURS
    assert names_in(tmp_path) == ["first.md", "second.md"]


def test_a_set_of_which_one_place_is_refused_changes_none_of_its_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    first.write_text(OURS)
    second.write_text("somebody's thesis")
    with pytest.raises(InputError, match=r"second\.md"):
        write_all([Output(first, MARKDOWN, "new\n"), Output(second, MARKDOWN, "new\n")])
    assert first.read_text() == OURS
    assert names_in(tmp_path) == ["first.md", "second.md"]


def test_what_a_killed_run_left_is_cleared_and_what_another_run_may_be_writing_is_not(tmp_path: Path) -> None:
    now = tmp_path.stat().st_mtime
    left, writing, theirs = (tmp_path / name for name in (".pmx-preflight-a.tmp", ".pmx-preflight-b.tmp", "c.tmp"))
    for path, age in ((left, 3700), (writing, 3500), (theirs, 99999)):
        path.write_text("half")
        os.utime(path, (now - age, now - age))
    clear(tmp_path)
    assert names_in(tmp_path) == [".pmx-preflight-b.tmp", "c.tmp"]
    os.utime(writing, (0, 0))
    write_whole(tmp_path / "report.md", TEXT, MARKDOWN)
    assert names_in(tmp_path) == ["c.tmp", "report.md"]


@pytest.mark.parametrize("way", ["same", "dotted", "symbolic link", "hard link", "in a directory", "linked directory"])
def test_an_output_that_the_command_reads_is_refused_however_it_is_spelled(tmp_path: Path, way: str) -> None:
    (tmp_path / "facts").mkdir()
    read = tmp_path / "facts" / "db1.json"
    read.write_text("{}")
    linked = tmp_path / "linked"
    spelled = {
        "same": read,
        "dotted": tmp_path / "facts" / ".." / "facts" / "db1.json",
        "in a directory": read,
    }.get(way, linked)
    if way == "symbolic link":
        linked.symlink_to(read)
    elif way == "hard link":
        linked.hardlink_to(read)
    elif way == "linked directory":
        linked.symlink_to(tmp_path / "facts")
        spelled = linked / "db1.json"
    given = tmp_path / "facts" if "directory" in way else read
    with pytest.raises(InputError, match=r"is an input of this command \(.*db1\.json\): name another file"):
        check_apart([tmp_path / "new.json", spelled], [None, tmp_path / "not-there", given])
    check_apart([tmp_path / "new.json"], [given])


def test_a_reader_never_sees_a_half_written_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    first, second = (letter * 500_000 for letter in "ab")
    versions = {MARKDOWN.sealed(text.encode()).decode() for text in (first, second)}
    write_whole(target, first, MARKDOWN)
    write_in_turn = """
for _ in range(20):
    write_whole(first, "b" * 500_000, MARKDOWN)
    write_whole(first, "a" * 500_000, MARKDOWN)
"""
    seen = set()
    with subprocess.Popen([sys.executable, "-c", PROGRAM + write_in_turn, target]) as writer:
        while writer.poll() is None:
            seen.add(target.read_text())
    assert writer.returncode == 0
    assert seen <= versions
    assert seen


def in_child(work: str, *paths: Path) -> int:
    """The exit status of a process that does the work on these paths, negative for a signal."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM + work, *paths], check=False, stderr=subprocess.DEVNULL
    ).returncode
