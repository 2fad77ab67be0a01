"""The risks of this change, each with its effect and its control; how likely it is, the board says."""

from typing import Any

from checker.inputs.answers import SupportLine
from checker.inputs.deployment import Deployment
from checker.schedule.durations import complete_rehearsal
from runbook.pages.page_model import Blank, Cell, Drifting, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.times import spoken
from runbook.plan.audiences import mail_may_stop
from runbook.plan.plan_model import Plan

# the check whose owner answers for a risk
CHECKS = {"rehearsal": "rehearsal", "support": "support-line", "overrun": "window-fits", "backout": "restore-tested"}


def found(deployment: Deployment, plan: Plan) -> dict[str, dict[str, Any]]:
    """The risks that this plan has, the main one first, with the values of their sentences."""
    support = deployment.answers.to(SupportLine)
    over = {night.number: spoken(night.overrun) for night in plan.nights if night.overrun}
    steps = {step.id: step.number for step in plan.steps}
    back = plan.turn_back
    kinds = {row.key for row in plan.interruptions}
    every: dict[str, tuple[bool, dict[str, Any]]] = {
        "rehearsal": (complete_rehearsal(deployment) is None, {}),
        "support": (not (support and support.confirmed), {"ended": bool(support and support.ended)}),
        "overrun": (bool(over), {"over": over}),
        "backout": (True, {"point": steps[back.point], "timed": back.last_moment is not None}),
        "mail": (mail_may_stop(plan), {}),
        "versions": (len(plan.order) > 1 and "database" in kinds, {}),
        "policy": ("publishing" in kinds, {}),
    }
    return {key: values for key, (there, values) in every.items() if there}


def risks(edition: Edition) -> Table:
    """The risks as a table; likelihood is left to be written, and an owner where none is declared."""
    say = speak(edition, "risks")
    owners = edition.deployment.owners

    def row(key: str, values: dict[str, Any]) -> tuple[Cell, ...]:
        owner = owners.get(CHECKS.get(key, ""))
        return (
            Drifting(say(key, **values)),
            Blank(width=4),
            Drifting(say(f"{key}-effect", **values)),
            Drifting(say(f"{key}-control", **values)),
            Drifting(owner) if owner else Blank(width=4),
        )

    rows = found(edition.deployment, edition.plan)
    cells = tuple(row(key, values) for key, values in rows.items())
    # with many open items it stands on another page: the table itself comes and goes
    return Table(Drifting(say("caption")), head(edition, "risks"), cells, "risks", keys=tuple(rows), drifting=True)
