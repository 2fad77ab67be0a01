"""Go, hold and back for the board: the last moment of each or why none is known, and the backout in one block."""

from datetime import datetime

from checker.inputs.answers import SupportLine
from runbook.pages.page_model import Fields, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.times import spoken
from runbook.plan.plan_model import NightPlan, Plan, Step

TOLD = 3  # nights whose latest start stands on the decision page, which stays one page


def latest_start(plan: Plan, night: NightPlan) -> datetime | None:
    """When a night's first server must be begun at the latest so that the whole night ends in its window by the
    longest durations, in UTC; None where it does not even when it begins on time."""
    first = plan.of(night.servers[0])[0].latest_at
    return None if first is None or night.overrun else first + (night.end - night.ends)


def gate_and_point(plan: Plan) -> tuple[Step | None, Step]:
    """The gate after phase 1, where there is one, and the point of no return."""
    back = plan.turn_back
    return (plan.step(back.gate) if back.gate else None), plan.step(back.point)


def exits_until(edition: Edition, cleared: bool) -> Table:
    """The three exits with the last moment of each, or why none is known; `cleared`: the verdict is GO."""
    say, plan, time = speak(edition, "go-hold-back"), edition.plan, edition.time
    (gate, point), several = gate_and_point(plan), len(plan.order) > 1
    starts = [(night.number, night.servers[0], time(at) if (at := latest_start(plan, night)) else None)
              for night in plan.nights[:TOLD]]  # fmt: skip
    back = plan.turn_back
    rows = (
        (say("go"), say("go-what", {"cleared": cleared}, first=plan.order[0]),
         say("go-until", {"starts": starts}, more=len(plan.nights) > TOLD)),
        (say("hold"), say("hold-what", several=several), say("hold-until", gate=gate.number if gate else None)),
        (say("back"), say("back-what", several=several),
         say("back-until", {"at": time(back.last_moment) if back.last_moment else None, "why": back.why},
             step=(gate or point).number)),
    )  # fmt: skip
    return Table(say("caption"), head(edition, "go-hold-back"), rows, "exits")


def backout_part(edition: Edition) -> Part:
    """The backout in one block: from where it costs what, who does it, how long it takes as far as that is known."""
    say, plan = speak(edition, "backout"), edition.plan
    _, point = gate_and_point(plan)
    support = edition.deployment.answers.to(SupportLine)
    several, longest = len(plan.order) > 1, plan.turn_back.servers[-1].minutes
    return Part(
        id="backout",
        title=say("title"),
        blocks=(
            Fields((
                (say("point"), say("point-value", number=point.number, server=point.server, gate=point.gate)),
                (say("how"), say("how-value", supported=not (support and support.ended))),
                (say("lost"), " ".join(plan.turn_back.lost)),
                (say("lasts"), say("lasts-value", {"longest": spoken(longest) if longest else None}, several=several)),
            )),
        ),
        flows=True,
    )  # fmt: skip
