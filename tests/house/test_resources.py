"""Shipped data is found in a checkout and in an installed wheel."""

import shutil
import subprocess
import sys
from pathlib import Path

import runbook.resources
from runbook.resources import resource


def installed(place: Path, *data: str) -> subprocess.CompletedProcess[str]:
    """Lay the loader out as an installation does, with this data, and ask it for the templates."""
    (place / "runbook").mkdir()
    (place / "runbook" / "__init__.py").touch()
    shutil.copy(runbook.resources.__file__, place / "runbook")
    for directory in data:
        (place / directory).mkdir(parents=True)
    program = "from runbook.resources import resource; print(resource('templates'))"
    return subprocess.run([sys.executable, "-c", program], cwd=place, capture_output=True, text=True)


def test_a_checkout_finds_its_own_templates() -> None:
    assert (resource("templates") / "html" / "runbook.html").is_file()
    assert resource("samples").is_dir()


def test_an_installed_wheel_finds_its_own_data_and_not_a_neighbours(tmp_path: Path) -> None:
    done = installed(tmp_path, "runbook/shipped/templates", "templates")
    assert done.stdout.strip() == str(tmp_path / "runbook" / "shipped" / "templates")


def test_an_installation_without_its_data_is_our_own_fault(tmp_path: Path) -> None:
    done = installed(tmp_path)
    assert done.returncode == 1
    assert "RuntimeError: the templates are missing from this installation" in done.stderr
