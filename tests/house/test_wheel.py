"""The built wheel, away from the checkout: it holds everything that the command needs, and nothing of the tests."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdf
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# Does what `python -m runbook …` does, and writes down every file that it opens.
OPENING = """
import json, runpy, sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(args[0]) if event == "open" and isinstance(args[0], str) else None)
log, *arguments = sys.argv[1:]
sys.argv = ["runbook", *arguments]
status = 0
try:
    runpy.run_module("runbook", run_name="__main__", alter_sys=True)
except SystemExit as done:
    status = done.code or 0
with open(log, "w") as file:
    json.dump(sorted(opened), file)
sys.exit(status)
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_packages_templates_samples_and_licences_and_nothing_else(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == {"checker", "runbook"}
    for folder in ("templates", "samples"):
        ours = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / folder).rglob("*") if path.is_file()}
        assert {f"runbook/shipped/{name}" for name in ours if "__pycache__" not in name} <= set(held)
    assert {Path(name).name for name in held if "/licenses/" in name} == {"LICENSE", "OFL.txt", "OFL-Noto.txt"}


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed: beside the dependencies, but on the path before the editable checkout."""
    place = tmp_path_factory.mktemp("site")
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", place, wheel, cwd=place)
    return place


def test_the_tests_of_the_command_pass_on_the_installed_wheel(site: Path, tmp_path: Path) -> None:
    # -P keeps the working directory off the path, so that only the wheel's packages can be imported.
    where = run(
        sys.executable, "-P", "-c", "import checker; print(checker.__file__)", cwd=tmp_path, PYTHONPATH=str(site)
    )
    assert Path(where.strip()).is_relative_to(site)
    tests = [CHECKOUT / "tests" / name for name in ("cli/test_cli.py", "house/test_resources.py")]
    # what needs the files that are shipped; the rest is the same wherever the code lies, and is tried on the checkout
    fast = ("-k", "resources or promises or explain or rules or version")
    options = ("-p", "no:cacheprovider", "-n0", "-q", "--import-mode=importlib", "-c", os.devnull, *fast)
    said = run(sys.executable, "-P", "-m", "pytest", *options, *tests, cwd=tmp_path, PYTHONPATH=str(site))
    assert " passed" in said and "failed" not in said


@pytest.mark.parametrize("what", ["page", pytest.param("demo", marks=pytest.mark.large)])
def test_the_installed_wheel_writes_its_pages_without_the_checkout(what: str, site: Path, tmp_path: Path) -> None:
    shipped, written = site / "runbook/shipped", tmp_path / "out"
    written.mkdir()
    outputs = [written / f"runbook.{form}" for form in ("md", "html", "pdf")]
    sample = shipped / "samples/harbour-mail"
    page = ["runbook", sample / "deployment.yaml", "--facts", sample / "facts", "--slip",
            *(word for path in outputs for word in ("-o", path))]  # fmt: skip
    command = page if what == "page" else ["demo", written]
    run(sys.executable, "-P", "-c", OPENING, tmp_path / "opened", *command, cwd=tmp_path, PYTHONPATH=str(site))

    assert all(path.is_file() for path in outputs)
    assert pypdf.PdfReader(written / "runbook.pdf").pages[0].extract_text().strip()
    opened = [Path(name) for name in json.loads((tmp_path / "opened").read_text())]
    # the checkout is on the path, behind the wheel: a newer Python looks which names are in it
    from_checkout = [path for path in opened if path.is_relative_to(CHECKOUT) and path != CHECKOUT]
    assert [path for path in from_checkout if not path.is_relative_to(sys.prefix)] == []
    used = [path.relative_to(shipped) for path in opened if path.is_relative_to(shipped)]
    assert {"templates", "samples"} <= {path.parts[0] for path in used}
    assert ".woff2" in {path.suffix for path in used}
