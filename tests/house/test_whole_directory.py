"""A directory of ours appears whole or not at all: at each moment what stands under its name is one edition."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checker.errors import InputError, OutputError
from checker.files import check_directory, whole_directory

FILES = 20
# writes one edition after the other until it is killed: each file holds the number of its edition
WRITER = """
import sys
from itertools import count
from pathlib import Path
from checker.files import whole_directory
target = Path(sys.argv[1])
for edition in count(1):
    with whole_directory(target) as made:
        (made / "below").mkdir()
        for number in range({files}):
            (made / "below" / str(number)).write_text(str(edition))
    if edition == 1:
        print("begun", flush=True)
"""


def editions_in(directory: Path) -> list[str]:
    return [path.read_text() for path in sorted((directory / "below").iterdir())]


def test_a_run_killed_at_any_moment_leaves_one_whole_edition(tmp_path: Path) -> None:
    target, seed = tmp_path / "package", random.Random(7)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER.format(files=FILES), target], stdout=subprocess.PIPE
        ) as run:
            assert run.stdout is not None
            run.stdout.readline()
            deadline = time.monotonic() + seed.uniform(0, 0.03)
            while time.monotonic() < deadline:
                pass
            run.kill()
        found = editions_in(target)
        assert len(found) == FILES
        assert len(set(found)) == 1


def test_what_goes_wrong_half_way_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "package"
    target.mkdir()
    (target / "old").write_text("old")
    with pytest.raises(ZeroDivisionError), whole_directory(target) as made:
        (made / "new").write_text(str(1 / 0))
    assert [path.name for path in tmp_path.iterdir()] == ["package"]
    assert [path.name for path in target.iterdir()] == ["old"]


def test_an_edition_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "package"
    for name in ("first", "second"):
        with whole_directory(target) as made:
            (made / name).write_text(name)
    assert [path.name for path in tmp_path.iterdir()] == ["package"]
    assert [path.name for path in target.iterdir()] == ["second"]


def test_where_no_directory_can_be_made_it_is_said_and_nothing_is_left() -> None:
    with pytest.raises(InputError, match=r"/proc/package: no directory can be created in /proc"):
        check_directory(Path("/proc/package"))
    with (
        pytest.raises(OutputError, match=r"/proc/package: not written, nothing was changed"),
        whole_directory(Path("/proc/package")),
    ):
        pass


@pytest.mark.parametrize("kind", ["file", "link"])
def test_only_a_directory_is_ever_replaced(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "package"
    if kind == "file":
        target.write_text("somebody's thesis")
    else:
        target.symlink_to(tmp_path)
    with pytest.raises(InputError, match="is no directory: name another place"):
        check_directory(target)


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_directory_without_a_name_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="name the directory itself"):
        check_directory(Path(name))


def test_a_missing_parent_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the directory .*there does not exist: create it first"):
        check_directory(tmp_path / "there" / "package")
    assert list(tmp_path.iterdir()) == []
