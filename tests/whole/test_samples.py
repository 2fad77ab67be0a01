"""The samples: their facts are what the script beside them writes, and each shows what it is there to show."""

import re
import runpy
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checker.checks.judge import judge
from checker.facts import facts_store
from checker.inputs.deployment import PROCEDURE_KINDS
from checker.inputs.deployment_file import load
from checker.schedule.order import collisions, order
from runbook.cli import common_arguments, demo, pipeline
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
        ("harbour-mail", 1, 1, 1, False),
        ("library-mail", 2, 1, 1, True),
        ("county-mail", 3, 2, 1, True),
        ("museum-mail", 3, 2, 1, True),
        ("university-mail", 11, 4, 2, False),
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
        for kind in PROCEDURE_KINDS:
            for item in deployment.procedure.items(kind):
                assert item.command is None or item.command.startswith("site-pmx "), path


def test_every_sample_has_facts_of_every_server() -> None:
    for path in sorted(Path(SAMPLES).glob("*/deployment.yaml")):
        names = {server.name for server in load(path).servers}
        assert set(facts_store.load(path.parent / "facts")) == names


def tried(name: str) -> list[str]:
    """The words of a sample's first line, behind the command."""
    first = (SAMPLES / name / "deployment.yaml").read_text().splitlines()[0]
    return shlex.split(first.removeprefix("# try: pmx-preflight "))


@pytest.mark.parametrize("name", ["harbour-mail", "library-mail", "county-mail", "museum-mail", "university-mail"])
def test_the_first_line_of_a_sample_is_go_on_any_day_that_it_is_tried(name: str) -> None:
    words = tried(name)
    options = {word: words[at + 1] for at, word in enumerate(words) if word.startswith("--")}
    assert options.keys() == {"--facts", "--baseline", "--stage", "--now"}
    deployment = common_arguments.read_deployment(SAMPLES.parent / words[1])
    facts, baseline = (pipeline.load_facts(SAMPLES.parent / options[key]) for key in ("--facts", "--baseline"))
    now = common_arguments.parse_time(options["--now"], deployment)
    assert now == datetime.fromisoformat(options["--now"]), "its own time, and no clock's"
    report = judge(deployment, facts, now, options["--stage"], baseline=baseline)  # type: ignore[arg-type]
    assert report.verdict == "GO"


def test_the_demo_has_its_own_time() -> None:
    words = tried(demo.SAMPLE)
    assert words[words.index("--now") + 1] == demo.NOW


def test_the_machine_at_hand_can_be_tried_in_any_year() -> None:
    declared = common_arguments.read_deployment(SAMPLES / "this-host.yaml")
    for year in range(2026, 2090):
        report = judge(declared, {}, datetime(year, 12, 1, tzinfo=UTC), "change", only=["window-now"])
        assert report.findings[0].outcome == "pass", year


def test_every_command_on_a_sample_in_the_readme_says_its_time() -> None:
    text = (SAMPLES.parent / "README.md").read_text()
    commands_there = [line for line in text.splitlines() if re.search(r"pmx-preflight (check|runbook) samples/", line)]
    assert commands_there, "the sample of this host at least"
    assert all("--now" in line or "samples/this-host.yaml --via local" in line for line in commands_there)


def test_a_sample_that_is_tried_without_its_time_says_where_that_stands() -> None:
    declared = common_arguments.read_deployment(SAMPLES / "county-mail" / "deployment.yaml")
    report = judge(declared, {}, datetime(2027, 3, 1, tzinfo=UTC), "change", only=["window-now"])
    assert report.findings[0].outcome == "fail" and "first line" in " ".join(report.findings[0].remedy)
