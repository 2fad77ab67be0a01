"""Fifteen servers more cost the same, however many there are: counted in calls, which no busy machine changes."""

import cProfile

import large
import pytest

from checker.inputs.deployment import Deployment
from runbook.cli import pipeline

SIZES = (26, 41, 56)  # more than one board and one drawing of all nights hold, and three nights apart
MORE = 1.02  # a look at every other server for each server made it 1.04 of a check, and 1.07 of a plan


def calls(count: int) -> dict[str, int]:
    """The calls of functions that a check, and a plan with its pages, take of so many servers."""
    deployment = Deployment.model_validate(large.declared(count))
    found = large.hosts(deployment)
    counted = {}
    with cProfile.Profile() as profile:
        report = pipeline.report(deployment, found, large.NOW, pipeline.Question(stage="server"))
    counted["check"] = sum(entry.callcount for entry in profile.getstats())
    with cProfile.Profile() as profile:
        pipeline.edition(deployment, found, report)
    counted["plan"] = sum(entry.callcount for entry in profile.getstats())
    return counted


@pytest.fixture(scope="module")
def counted() -> list[dict[str, int]]:
    calls(SIZES[0])  # what is read and compiled once
    return [calls(count) for count in SIZES]


@pytest.mark.large
@pytest.mark.parametrize("what", ["check", "plan"])
def test_as_many_servers_more_cost_the_same_however_many_there_are(what: str, counted: list[dict[str, int]]) -> None:
    few, more, most = (each[what] for each in counted)
    assert most - more <= MORE * (more - few)
