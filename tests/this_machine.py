"""This machine as a host of a deployment: its facts with the product's trees wherever a test puts them."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from checker.facts.collect.local import collect
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Paths
from checker.inputs.deployment_file import load

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parent.parent / "samples" / "this-host.yaml"


def output(*argv: str) -> str:
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL
    ).stdout


def open_place() -> Iterator[Path]:
    """A directory that others may enter, for a fixture: pytest's own is private to its user."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


def facts_at(root: Path | str, timeout: float = 60.0, **paths: str) -> HostFacts:
    """The facts of this machine with the product's trees under a root."""
    places = Paths.model_validate({"source": f"{root}/pmx", "target": f"{root}/pmx6", **paths})
    deployment = load(SAMPLE).model_copy(update={"paths": places})
    return collect(deployment.servers[0], deployment, NOW, timeout)[0]
