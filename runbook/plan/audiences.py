"""Who is told, and when: derived from what each audience misses, and from the identity freeze (V07)."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from checker.inputs.change import Audience
from checker.schedule.step_catalogue import FORMS, Sent
from checker.values import Basis
from runbook.plan.plan_model import Interruption, Plan, Step

Moment = Literal[Sent, "overrun"]  # with a step of the plan, or when a night is late
# What people outside the room notice, by the kind of the interruption and what becomes of mail, or else its impact.
# All others are noticed by those who run the system. Partners notice what their servers meet, not what waits at ours.
NOTICED: dict[tuple[str, str], tuple[Audience, ...]] = {
    ("freeze", "down"): ("infrastructure",),
    ("euwi", "down"): ("users",),
    ("digests", "degraded"): ("users",),
    ("release-by-mail", "unknown"): ("users",),
    ("gwi", "down"): ("group-admins",),
    ("undeclared", "unknown"): ("users",),
    ("path", "down"): ("users", "mail-partners"),
    ("path-fed", "rejected"): ("users", "mail-partners"),
    ("path-fed", "deferred"): ("users", "mail-partners"),
    ("path-fed", "queued"): ("users",),
    ("path-fed", "unfiltered"): ("users",),
    ("path-fed", "unknown"): ("users",),
    ("fed", "rejected"): ("users", "mail-partners"),
    ("fed", "deferred"): ("users", "mail-partners"),
    ("fed", "queued"): ("users",),
    ("fed", "unfiltered"): ("users",),
    ("fed", "unknown"): ("users",),
    ("filtering", "rejected"): ("users", "mail-partners", "administrators"),
}
# While one of these lasts, a notice by mail may not arrive.
MAIL_STOPS = frozenset({
    ("undeclared", "unknown"), ("path", "down"),
    ("path-fed", "rejected"), ("path-fed", "deferred"), ("path-fed", "queued"), ("path-fed", "unknown"),
    ("fed", "rejected"), ("fed", "deferred"), ("fed", "queued"), ("fed", "unknown"),
    ("filtering", "rejected"), ("filtering", "unknown"),
})  # fmt: skip


@dataclass(frozen=True)
class Telling:
    """One audience at one moment, and why: by the vendor's demands, or for a reason of ours where there are none."""

    moment: Moment
    audience: Audience
    demands: tuple[str, ...]
    reason: str


TELLINGS: tuple[Telling, ...] = (
    Telling("two-weeks", "infrastructure", ("V07",), "they plan their own changes around the freeze"),
    Telling("two-weeks", "group-admins", ("V14",), "they finish their changes beforehand"),
    Telling("two-weeks", "users", ("V09", "V15"), "they look for what they need beforehand"),
    Telling("two-weeks", "mail-partners", (), "they arrange their own sending around it"),
    Telling("two-days", "infrastructure", ("V07",), "changes approved since are caught"),
    Telling("two-days", "group-admins", ("V14",), "a notice of two weeks ago is forgotten"),
    Telling("two-days", "users", ("V09", "V15"), "a notice of two weeks ago is forgotten"),
    Telling("two-days", "administrators", ("V13", "V17"), "errors that are expected are not taken for faults"),
    Telling("two-days", "help-desk", ("V09", "V13"), "shifts are planned and learn what to say"),
    Telling("two-days", "change-board", (), "they stand by to decide"),
    Telling("one-hour", "group-admins", ("V14",), "they save their work and log out"),
    Telling("one-hour", "administrators", (), "they leave the Manager before the publishing freeze"),
    Telling("one-hour", "help-desk", (), "the shift of that night has it ready"),
    Telling("start", "infrastructure", ("V07",), "the freeze is in force from now on"),
    Telling("start", "group-admins", ("V14",), "they are locked out from now on"),
    Telling("start", "users", ("V09", "V15"), "it has begun as announced"),
    Telling("start", "administrators", ("V13",), "database errors are expected from now on"),
    Telling("start", "help-desk", ("V09",), "calls begin to come in"),
    Telling("start", "mail-partners", (), "deferred mail is no fault of theirs"),
    Telling("pause", "infrastructure", ("V07",), "the freeze goes on between the nights"),
    Telling("pause", "group-admins", ("V09",), "what stays unavailable, and until when"),
    Telling("pause", "users", ("V09",), "what is back, and what stays unavailable"),
    Telling("pause", "administrators", ("V17",), "what is back, and what stays unavailable"),
    Telling("pause", "help-desk", ("V09",), "what is back, and what stays unavailable"),
    Telling("pause", "mail-partners", (), "what is back, and what is still to come"),
    Telling("pause", "change-board", (), "the state in which the deployment is left"),
    Telling("resumed", "group-admins", ("V09",), "they can log in again"),
    Telling("resumed", "users", ("V09",), "what they missed is back"),
    Telling("resumed", "administrators", ("V17", "V20"), "the same errors are a fault from now on"),
    Telling("resumed", "help-desk", ("V20",), "from now on a fault is a fault"),
    Telling("resumed", "mail-partners", (), "what was deferred can be sent again"),
    Telling("finished", "infrastructure", ("V24",), "names and addresses may change again"),
    Telling("finished", "help-desk", (), "the extra sentences end"),
    Telling("finished", "change-board", (), "the change can be closed"),
    Telling("overrun", "infrastructure", ("V07",), "the freeze lasts longer than announced"),
    Telling("overrun", "group-admins", ("V09",), "it lasts longer than announced"),
    Telling("overrun", "users", ("V09",), "it lasts longer than announced"),
    Telling("overrun", "administrators", (), "it lasts longer than announced"),
    Telling("overrun", "help-desk", ("V09",), "it lasts longer than announced"),
    Telling("overrun", "mail-partners", (), "it lasts longer than announced"),
    Telling("overrun", "change-board", (), "they decide whether it goes on"),
)


@dataclass(frozen=True)
class Told:
    """One notice to be sent: its number in the set, to whom, with which step (none: only when a night is late).

    `rows`: the interruptions that it speaks of.
    """

    number: int
    telling: Telling
    step: Step | None
    rows: tuple[Interruption, ...]


def kind(row: Interruption) -> tuple[str, str]:
    """The kind of an interruption: its key, and what becomes of mail where that is said, or else its impact."""
    return row.key, row.fate or row.impact


def noticed_by(row: Interruption) -> tuple[Audience, ...]:
    """Who misses what an interruption takes away; the help desk and the change board hear of every service."""
    own = NOTICED.get(kind(row), ("administrators",))
    return ("change-board", *own) if row.key == "freeze" else ("help-desk", "change-board", *own)


def mail_may_stop(plan: Plan) -> bool:
    """Whether mail is down somewhere during the upgrade, or nobody knows whether it is."""
    return any(kind(row) in MAIL_STOPS for row in plan.interruptions)


def all_notices(plan: Plan) -> tuple[Told, ...]:
    """Every notice of a plan, in the order of its steps, then those for a night that is late.

    An audience hears of a night what it misses in it, and nothing where it misses nothing.
    """
    night = {step.id: step.night or 0 for step in plan.steps}
    noticed: dict[Audience, list[Interruption]] = defaultdict(list)
    that_night: dict[tuple[Audience, int], list[Interruption]] = defaultdict(list)
    for row in (freeze(plan), *plan.interruptions):
        for audience in noticed_by(row):
            noticed[audience].append(row)
            for number in range(night[row.from_step], night[row.until_step] + 1):
                that_night[audience, number].append(row)
    steps: tuple[Step | None, ...] = (*(step for step in plan.steps if step.kind == "notice"), None)
    found: list[Told] = []
    for step in steps:
        moment = FORMS[step.form].notice if step else "overrun"
        for telling in TELLINGS:
            if telling.moment == moment:
                own = noticed[telling.audience]
                if step and step.night is not None and moment != "finished":
                    own = that_night[telling.audience, step.night]
                    if moment == "resumed":
                        own = [row for row in own if night[row.until_step] == step.night]
                if own:
                    found.append(Told(len(found) + 1, telling, step, tuple(own)))
    return tuple(found)


def freeze(plan: Plan) -> Interruption:
    """The identity freeze, as what it takes from those who run the infrastructure."""
    begins = next(step for step in plan.steps if step.form == "identity-freeze")
    ends = next(step for step in plan.steps if step.form == "identity-free")
    return Interruption(
        key="freeze", service="", audience="", impact="down", words="", cause="",
        from_step=begins.id, until_step=ends.id, starts_at=plan.nights[0].start, ends_at=ends.ends_at,
        basis=Basis(kind="vendor", refs=("V07",)), demands=("V07",),
    )  # fmt: skip
