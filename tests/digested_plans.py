"""Plans with their digests, which are taken from the composed pages; composed in process, and nothing is printed."""

from collections.abc import Mapping
from datetime import UTC, datetime

from checker.checks.judge import judge
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from runbook.pages.sources import Edition
from runbook.pages.whole_set import digested
from runbook.plan.given_files import NONE_GIVEN, GivenFiles
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.words import Words

NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)


def composed(
    deployment: Deployment, facts: Mapping[str, HostFacts], words: Words, files: GivenFiles = NONE_GIVEN
) -> Edition:
    """The edition of a deployment, with the digests of its pages."""
    report = judge(deployment, facts, NOW, "change", now_given=True)
    return digested(Edition(deployment, facts, report, build(deployment, facts, words, files), words))


def digested_plan(deployment: Deployment, facts: Mapping[str, HostFacts], words: Words) -> Plan:
    """The plan of a deployment, with the digests of its pages."""
    return composed(deployment, facts, words).plan
