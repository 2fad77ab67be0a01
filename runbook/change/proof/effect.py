"""What a change does: the verdict and the steps of before and after, both judged and planned anew."""

from typing import Literal

from pydantic import AwareDatetime

from checker.checks.judge import judged_again
from checker.facts.diff import FindingChange, diff_reports
from checker.facts.what_was_asked import still_asked
from checker.report import Report, Stage, Verdict
from checker.values import Value
from runbook.change.proof.made_from import MadeFrom
from runbook.plan.plan_model import Plan, Step
from runbook.plan.planning import build
from runbook.words import Words

What = Literal["new", "gone", "changed", "moved"]
# these alone move where another step takes longer, and say of this one nothing else
PLACED = frozenset({"number", "starts_at", "latest_at", "ends_at"})


class StepChange(Value):
    """A step that is new, gone, another one in these `fields`, or the same at another time or with another number."""

    id: str
    number: str
    title: str
    what: What
    fields: tuple[str, ...] = ()


class Effect(Value):
    """The verdict before and after, at a stage, and the findings and steps that are others.

    Before is judged as of the time of the report, `now` is the time as of which after is: the same, or that of the
    facts where they were collected later.
    """

    stage: Stage
    now: AwareDatetime
    verdict: tuple[Verdict, Verdict]
    findings: tuple[FindingChange, ...]
    steps: tuple[StepChange, ...]


def effect(old: MadeFrom, new: MadeFrom, asked: Report, words: Words) -> Effect:
    """What the change from old to new does to what was asked then."""
    now = max([asked.now, *(host.collected_at for host in new.facts.values())]) if new.facts != old.facts else asked.now
    before, after = (
        judged_again(asked, made.deployment, made.facts, made.baseline, at)
        for made, at in ((old, asked.now), (new, now))
    )
    return Effect(
        stage=asked.stage,
        now=now,
        verdict=(before.verdict, after.verdict),
        findings=diff_reports(before, after).findings,
        steps=step_changes(_planned(old, words), _planned(new, words)),
    )


def step_changes(old: Plan, new: Plan) -> tuple[StepChange, ...]:
    """The steps that are different, those of the new plan in its order, then those that are gone."""
    before, after = ({step.id: step for step in plan.steps} for plan in (old, new))
    found = (_change(before.get(id), step) for id, step in after.items())
    gone = (step for id, step in before.items() if id not in after)
    return (
        *(each for each in found if each),
        *(StepChange(id=step.id, number=step.number, title=step.title, what="gone") for step in gone),
    )


def _change(old: Step | None, new: Step) -> StepChange | None:
    fields = [name for name in Step.model_fields if old and getattr(old, name) != getattr(new, name)]
    if old and not fields:
        return None
    what: What = "changed" if old else "new"
    if old and {*fields} <= PLACED:
        what = "moved"
    return StepChange(id=new.id, number=new.number, title=new.title, what=what, fields=tuple(fields))


def _planned(made: MadeFrom, words: Words) -> Plan:
    return build(made.deployment, still_asked(made.deployment, made.facts), words)
