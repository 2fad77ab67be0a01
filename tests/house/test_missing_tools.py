"""A tool that is not installed is a skip that names it, and nothing else is one."""

import subprocess
from pathlib import Path

import pytest
from conftest import TOOLS, skip_without_tool


def test_a_tool_that_is_not_installed_is_a_skip_that_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError) as missing:
        subprocess.run(["qpdf", "--version"], check=True)
    with pytest.raises(pytest.skip.Exception, match="needs qpdf"):
        skip_without_tool(missing.value)


@pytest.mark.parametrize("name", ["/nowhere/deployment.yaml", "no-such-program-of-ours", "sh"])
def test_whatever_else_is_not_found_stays_a_failure(name: str) -> None:
    skip_without_tool(FileNotFoundError(2, "No such file or directory", name))  # and no skip is raised


def test_make_test_installs_every_tool_that_a_test_may_miss() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    assert set(TOOLS.values()) - {"ansible-core"} <= set(makefile.split())
