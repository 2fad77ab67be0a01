"""What make installs: exact releases with their hashes, within what pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-lowest.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = [Requirement(line) for line in PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]]
TOOLS = [Requirement(line) for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]


def locked(name: str) -> dict[str, set[Version]]:
    """The releases of each package; several where Pythons differ."""
    pins: dict[str, set[Version]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / name).read_text(), re.M):
        pins.setdefault(canonicalize_name(package), set()).add(Version(version))
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_exact_releases_with_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.sub(r" *#.*\n|\\\n", "", text).splitlines()
    assert len(entries) > 30
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry), entry
    assert "://" not in text and "index" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_is_declared_and_allowed(name: str) -> None:
    pins = locked(name)
    for wanted in RUN if name == "requirements.txt" else RUN + TOOLS:
        versions = pins[canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(version) for version in versions), wanted


def test_the_tools_are_installed_beside_what_the_command_runs_with_and_change_none_of_it() -> None:
    run, tools = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: tools.get(name) for name in run} == run
    assert not {"pytest", "hypothesis", "mypy", "ruff", "ansible-core"} & run.keys()


@pytest.mark.parametrize("wanted", RUN + TOOLS, ids=lambda wanted: str(wanted.name))
def test_the_lowest_release_that_is_allowed_is_the_one_that_is_tried(wanted: Requirement) -> None:
    (floor,) = (Version(limit.version) for limit in wanted.specifier if limit.operator == ">=")
    (tried,) = locked("requirements-lowest.txt")[canonicalize_name(wanted.name)]
    assert tried.release[: len(floor.release)] == floor.release
