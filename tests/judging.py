"""Judging in tests as a site does on the night: against a baseline of three days before, where none else is named."""

import functools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worlds import BEFORE, COLLECTED, SAMPLES

from checker.checks.judge import judge as judged
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.report import Report, Stage


@functools.cache
def _baseline(sample: str) -> dict[str, HostFacts] | None:
    return COLLECTED(sample, BEFORE) if (SAMPLES / sample / "facts").is_dir() else None


def judge(
    deployment: Deployment, facts: Mapping[str, HostFacts], now: datetime, stage: Stage = "change", **more: Any
) -> Report:
    """The report, as `checker.checks.judge.judge` gives it; a sample that is given no baseline has its own."""
    more.setdefault("baseline", _baseline(deployment.deployment))
    return judged(deployment, facts, now, stage, **more)
