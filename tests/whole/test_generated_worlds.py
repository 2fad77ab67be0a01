"""Generated worlds, healthy and wrong, through the command itself."""

import sys
from pathlib import Path

import pytest
from generated_worlds import arguments, made

from runbook.cli.main import main

FAST, ALL = 12, 240


def judged(seed: int, place: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, frozenset[int]]:
    """The exit code of a world, its name, and the codes that are right."""
    name, world, right = made(seed)
    monkeypatch.setattr(sys, "argv", ["pmx-preflight", *arguments(world, place / str(seed))])
    try:
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, name, right


def wrong(seeds: range, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every world of which something else comes than must."""
    found = [judged(seed, place, monkeypatch) for seed in seeds]
    return [f"{name}: exit {code}, right is {sorted(right)}" for code, name, right in found if code not in right]


def test_a_generated_world_ends_as_it_was_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(range(FAST), tmp_path, monkeypatch) == []


@pytest.mark.large
@pytest.mark.parametrize("begin", range(FAST, ALL, 76))
def test_every_generated_world_ends_as_it_was_made_to(
    begin: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = range(begin, min(begin + 76, ALL))
    found = wrong(seeds, tmp_path, monkeypatch)
    with capsys.disabled():
        print(f"\ngenerated worlds {seeds[0]} to {seeds[-1]}: {len(seeds) - len(found)} of {len(seeds)} are right")
    assert found == []
