"""Printed volumes are kept only where nobody else can put one, and what a killed run left does not stay."""

import os
from pathlib import Path

import pytest

from runbook.render.printing import cache_directory, print_all, trusted
from runbook.render.writing import _clear_scratch


@pytest.mark.parametrize(("mode", "kept"), [(0o700, True), (0o755, True), (0o770, False), (0o702, False)])
def test_a_directory_that_others_may_write_is_no_cache(tmp_path: Path, mode: int, kept: bool) -> None:
    place = tmp_path / "cache"
    place.mkdir()
    place.chmod(mode)
    assert (trusted(place) == place) is kept


@pytest.mark.parametrize(("mode", "kept"), [(0o755, True), (0o777, False), (0o775, False), (0o1777, True)])
def test_neither_is_one_that_others_could_put_in_its_place(tmp_path: Path, mode: int, kept: bool) -> None:
    above = tmp_path / "above"
    above.mkdir()
    above.chmod(mode)
    assert (trusted(above / "cache") is not None) is kept


def test_a_link_a_file_and_nothing_are_no_cache(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "file").touch()
    assert trusted(None) is trusted(tmp_path / "link") is trusted(tmp_path / "file") is None
    assert trusted(tmp_path / "file" / "below") is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_no_cache(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    assert trusted(place) is None


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere")
    assert cache_directory() == Path("/somewhere/.cache/pmx-preflight")


def test_what_a_killed_run_left_in_the_cache_goes_even_when_nothing_is_printed(tmp_path: Path) -> None:
    left, kept = tmp_path / ".pmx-preflight-x.tmp", tmp_path / ("0" * 64)
    for path in (left, kept):
        path.write_text("half")
        os.utime(path, (0, 0))
    assert print_all([], 0, tmp_path, lambda job: lambda: b"") == ()
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_the_scratch_of_a_killed_run_goes_after_a_day(tmp_path: Path) -> None:
    now = tmp_path.stat().st_mtime
    old, new, foreign = (tmp_path / name for name in ("pmx-preflight-a", "pmx-preflight-b", "somebody"))
    for path, age in ((old, 86500), (new, 86300), (foreign, 99999)):
        path.mkdir()
        (path / "x").touch()
        os.utime(path, (now - age, now - age))
    _clear_scratch(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pmx-preflight-b", "somebody"]
