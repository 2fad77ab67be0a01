import os
import signal
import stat
from pathlib import Path

import pytest

from checker.errors import InputError
from checker.files import check_writable, is_ours, write_whole

OURS = "pmx-preflight: digest 0123456789abcdef\n"


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_written_with_its_content_and_for_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    before = os.umask(0)
    try:
        write_whole(target, OURS)
    finally:
        os.umask(before)
    assert target.read_text() == OURS
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["report.json"]


def test_a_file_of_ours_is_replaced_and_its_wider_permissions_are_not_kept(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)
    target.chmod(0o644)
    write_whole(target, OURS + "second")
    assert target.read_text() == OURS + "second"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "foreign", [b"", b"somebody's thesis", b"x" * 100_000, b"x" * 5000 + OURS.encode() + b"x" * 5000]
)
def test_a_file_of_somebody_else_is_refused_with_its_name_and_the_way_to_force_it(
    tmp_path: Path, foreign: bytes
) -> None:
    target = tmp_path / "thesis.md"
    target.write_bytes(foreign)
    for attempt in (lambda: check_writable(target), lambda: write_whole(target, OURS)):
        with pytest.raises(InputError, match=r"thesis\.md: .*--force"):
            attempt()
    assert target.read_bytes() == foreign


def test_force_replaces_a_file_of_somebody_else(tmp_path: Path) -> None:
    target = tmp_path / "thesis.md"
    target.write_text("somebody's thesis")
    check_writable(target, force=True)
    write_whole(target, OURS, force=True)
    assert target.read_text() == OURS


def test_a_file_is_known_as_ours_by_either_of_its_ends(tmp_path: Path) -> None:
    at_the_top, at_the_end, in_the_middle = (tmp_path / name for name in ("top", "end", "middle"))
    at_the_top.write_text(OURS + "x" * 100_000)
    at_the_end.write_text("x" * 100_000 + OURS)
    in_the_middle.write_text("x" * 50_000 + OURS + "x" * 50_000)
    assert [is_ours(path) for path in (at_the_top, at_the_end, in_the_middle)] == [True, True, False]


def test_another_mark_can_say_what_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "db1.probe"
    target.write_text("== begin identity ==\nold\n")
    write_whole(target, "== begin identity ==\nnew\n", mark="== begin")
    assert target.read_text().endswith("new\n")


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
    for attempt in (lambda: check_writable(target, force), lambda: write_whole(target, "new", force=force)):
        with pytest.raises(InputError, match=f"is a {kind}"):
            attempt()
    assert precious.read_text() == OURS


def test_a_missing_directory_is_said_and_not_made(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "report.json"
    with pytest.raises(InputError, match=r"reports is not there"):
        check_writable(target)
    assert not target.parent.exists()


def test_asking_whether_a_file_can_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "report.json")
    assert names_in(tmp_path) == []


def test_a_place_where_nothing_can_be_made_is_refused_beforehand() -> None:
    with pytest.raises(InputError, match=r"/proc/report\.json: no file can be made in /proc"):
        check_writable(Path("/proc/report.json"))


def test_a_write_that_the_system_refuses_half_way_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)

    def write_beyond_the_limit() -> int:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
        try:
            write_whole(target, OURS + "x" * 1_000_000)
        except InputError as error:
            return 0 if "report.json: not written" in str(error) else 2
        return 1

    assert in_child(write_beyond_the_limit) == 0
    assert target.read_text() == OURS
    assert names_in(tmp_path) == ["report.json"]


def test_a_run_killed_while_it_writes_leaves_the_old_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text(OURS)

    def be_killed_while_writing() -> int:
        import resource

        # the kernel itself ends the process in the middle of its write
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
        write_whole(target, OURS + "x" * 1_000_000)
        return 0

    assert in_child(be_killed_while_writing) == -signal.SIGXFSZ
    assert target.read_text() == OURS
    (left_behind,) = set(names_in(tmp_path)) - {"report.json"}
    assert left_behind.startswith(".pmx-preflight-")
    assert left_behind.endswith(".tmp")


def test_a_reader_never_sees_a_half_written_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    versions = {OURS + letter * 500_000 for letter in "ab"}
    first, second = sorted(versions)
    write_whole(target, first)
    writer = os.fork()
    if writer == 0:
        for _ in range(20):
            write_whole(target, second)
            write_whole(target, first)
        os._exit(0)
    seen = set()
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        seen.add(target.read_text())
    assert seen <= versions
    assert seen


def in_child(work) -> int:  # type: ignore[no-untyped-def]
    """The exit status of a child process that does the work, negative for a signal, 99 for an exception."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
