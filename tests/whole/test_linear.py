"""Ten servers more cost the same, however many there are: counted in calls, which no busy machine changes."""

import cProfile

import large
import pytest

from checker.inputs.deployment import Deployment
from runbook.cli import pipeline
from runbook.cli.formats import FORMATS, Shown
from runbook.pages.whole_set import compose

MORE = 1.1  # the nights of the third ten are later ones, with a few more to tell of


def calls(count: int) -> dict[str, int]:
    """The calls of functions that a check, its report as JSON, and a plan with its pages take of so many servers."""
    deployment = Deployment.model_validate(large.declared(count))
    found = large.hosts(deployment)
    counted = {}
    with cProfile.Profile() as profile:
        report = pipeline.report(deployment, found, large.NOW, pipeline.Question(stage="server"))
        for form in FORMATS.values():
            "".join(form.write(report, Shown(100, False, deployment.change.zone)))
    counted["check"] = sum(entry.callcount for entry in profile.getstats())
    with cProfile.Profile() as profile:
        compose(pipeline.edition(deployment, found, report))
    counted["plan"] = sum(entry.callcount for entry in profile.getstats())
    return counted


@pytest.fixture(scope="module")
def counted() -> list[dict[str, int]]:
    calls(1)  # what is read and compiled once
    return [calls(count) for count in (11, 21, 31)]


@pytest.mark.parametrize("what", ["check", "plan"])
def test_ten_servers_more_cost_the_same_however_many_there_are(what: str, counted: list[dict[str, int]]) -> None:
    ten, twenty, thirty = (each[what] for each in counted)
    assert thirty - twenty <= MORE * (twenty - ten)
