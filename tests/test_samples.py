"""The samples: their facts are what the script beside them writes, and each shows what it is there to show."""

import runpy
from pathlib import Path

import pytest

from checker import facts_store
from checker.deployment_file import load
from checker.order import collisions, order
from runbook.resources import resource

SAMPLES = resource("samples")


def test_the_committed_facts_are_those_that_the_script_writes() -> None:
    written = list(runpy.run_path(str(SAMPLES / "regenerate.py"))["every"]())
    places = {directory / f"{facts.server}.json": facts for directory, facts in written}
    on_disk = {path for kind in ("facts", "baseline") for path in SAMPLES.glob(f"*/{kind}/*.json")}
    assert set(places) == on_disk
    for path, facts in places.items():
        assert path.read_text() == facts_store.text(facts), path


@pytest.mark.parametrize(
    ("name", "servers", "filters", "nights", "mixed"),
    [
        ("one", 1, 1, 1, False),
        ("two", 2, 1, 1, True),
        ("three", 3, 2, 1, True),
        ("small", 3, 2, 1, True),
        ("eleven", 11, 4, 2, False),
        ("no-go", 5, 3, 1, False),
    ],
)
def test_each_sample_is_the_layout_that_it_is_named_for(
    name: str, servers: int, filters: int, nights: int, mixed: bool
) -> None:
    deployment = load(SAMPLES / name / "deployment.yaml")
    assert len(deployment.servers) == servers
    assert len(deployment.holding("mail-filter")) == filters
    assert len(deployment.change.windows) == nights
    assert bool(collisions(order(deployment.servers))) is mixed


def test_no_sample_invents_a_command_of_the_vendor() -> None:
    for path in SAMPLES.glob("*/deployment.yaml"):
        deployment = load(path)
        for kind in ("drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test"):
            for item in deployment.procedure.items(kind):  # type: ignore[arg-type]
                assert item.command is None or item.command.startswith("site-pmx "), path


def test_every_sample_has_facts_of_every_server() -> None:
    for path in sorted(Path(SAMPLES).glob("*/deployment.yaml")):
        names = {server.name for server in load(path).servers}
        assert set(facts_store.load(path.parent / "facts")) == names
