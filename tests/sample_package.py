"""The package of the smallest sample, written once for all test files of a process."""

import atexit
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from printed_samples import NOW, SAMPLES

NAME = "harbour-mail"


def run(command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command on the sample, its facts and its baseline, in a process of its own."""
    sample = SAMPLES / NAME
    given = [sample / "deployment.yaml", "--facts", sample / "facts", "--stage", "server", "--now", NOW[NAME]]
    if (sample / "baseline").is_dir():
        given += ["--baseline", sample / "baseline"]
    return subprocess.run(
        [sys.executable, "-m", "runbook", command, *map(str, given), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def written() -> Path:
    """A package that nobody may change: it stands alone in its directory."""
    place = TemporaryDirectory()
    atexit.register(place.cleanup)
    done = run("package", "-o", Path(place.name) / "package")
    assert done.returncode == 0, done.stderr
    return Path(place.name) / "package"
