"""What stands above the order of servers: the roles that there are, and one at a time where there are several."""

from collections.abc import Callable
from datetime import UTC, datetime

from checker.inputs.deployment import Deployment
from runbook.cli import pipeline
from runbook.pages.board.order_and_gates import order_and_gates
from runbook.pages.page_model import Paragraph
from runbook.pages.sources import Edition
from runbook.plan.planning import build
from runbook.words import Words

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_the_order_names_the_roles_that_there_are(deploy: Callable[..., Deployment], words: Words) -> None:
    def said(*roles: str) -> str:
        deployment = deploy(*roles)
        report = pipeline.report(deployment, {}, NOW, pipeline.Question(stage="change"))
        part = order_and_gates(Edition(deployment, {}, report, build(deployment, {}, words), words))
        return " ".join(block.text for block in part.blocks if isinstance(block, Paragraph))

    signed = "The coordinator and a second person sign each gate in the night book."
    ahead = " One server at a time. No server is started before the gate ahead of it is signed."
    assert said("database csm mta mail-filter") == signed
    assert said("database", "mta", "gwi") == (
        f"Database Server, then Mail Transfer Agent, then Groups Web Interface. {signed}{ahead}"
    )
    assert said("database csm", "mta euwi", "mta") == signed + ahead, "one server is upgraded with both its phases"
