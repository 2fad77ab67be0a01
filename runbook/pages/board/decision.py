"""The one page that the change board decides on: readiness, impact, the three exits with their last moments, risks."""

from collections.abc import Iterable, Sequence
from typing import Any

from checker.inputs.change import Change
from checker.inputs.deployment import PROCEDURE_KINDS
from checker.report import Finding, wording
from checker.schedule.nights import SHIFT
from runbook.pages.board.backout import exits_until
from runbook.pages.board.impact import impact_lines, spans
from runbook.pages.board.open_items import Alike, few_are_open, open_part, open_rows, open_summary, tally
from runbook.pages.board.risks import risks
from runbook.pages.page_model import Blank, Cell, Drifting, Fields, Paragraph, Part, Signatures
from runbook.pages.sources import Edition, declared_rows, speak
from runbook.pages.times import both, spoken
from runbook.plan.plan_model import NightPlan, Step

NIGHTS = 3  # that are told one by one on a page that stays one page
CREW = 2  # one reads and does, the second person verifies and signs


def evidence(findings: Iterable[Finding], check: str) -> tuple[int, int]:
    """Of how many servers a check that asks for evidence is content, and of how many it asks."""
    own = [found.outcome for found in findings if found.check == check and found.outcome != "not-applicable"]
    return own.count("pass"), len(own)


def crews(steps: Iterable[Step], night: int) -> int:
    """How many pairs of people a night needs: one, and one more after each hand-over."""
    return 1 + sum(step.form == "hand-over" and step.night == night for step in steps)


def decision(edition: Edition) -> tuple[Part, Part | None]:
    """The decision page, and a page of risks and open items where it has no room for them."""
    rows = open_rows(edition.report)
    return _decision(edition, rows), open_part(rows, edition)


def _decision(edition: Edition, rows: Sequence[Alike]) -> Part:
    say, plan, deployment = speak(edition, "decision"), edition.plan, edition.deployment
    migrates = any(deployment.migrates(server) for server in deployment.servers)
    return Part(
        id="decision",
        kind="decision",
        title=say("title"),
        blocks=(
            Paragraph(say("objective", count=len(plan.order), migrates=migrates), "lead"),
            Fields(_readiness(edition), "readiness"),
            *open_summary(rows, edition),
            Fields((*_prepared(edition), *_change(edition))),
            exits_until(edition, edition.report.verdict == "GO"),
            *((risks(edition),) if few_are_open(rows) else ()),
            Signatures(edition.lines("decision", "sign")),
        ),
        one_page=True,
    )


def _readiness(edition: Edition) -> tuple[tuple[str, Cell], ...]:
    say, report, read = speak(edition, "decision"), edition.report, edition.read
    values = {
        "verdict": wording(report), "stage": report.stage, "count": tally(report), "read": len(read),
        "oldest": edition.time(min((host.collected_at for host in read), default=None)),
    }  # fmt: skip
    return ((say("verdict"), say("verdict-value", values, servers=len(edition.plan.order))),)


def _prepared(edition: Edition) -> tuple[tuple[str, Cell], ...]:
    """What of the preparation is there."""
    say, report, deployment = speak(edition, "decision"), edition.report, edition.deployment
    blanks = edition.plan.blanks()
    lacking = sum(step.kind in PROCEDURE_KINDS for step in blanks)
    backups, restores = (evidence(report.findings, check) for check in ("backup-evidence", "restore-tested"))
    return (
        (say("blanks"), say("blanks-value", lacking=lacking, others=len(blanks) - lacking,
                            source=deployment.procedure.source)),
        *declared_rows(edition, "decision"),
        (say("evidence"), say("evidence-value", {"backups": backups, "restores": restores})),
    )  # fmt: skip


def _change(edition: Edition) -> tuple[tuple[str, Cell], ...]:
    """When it is done, what it takes away, and who is needed."""
    say, plan, change = speak(edition, "decision"), edition.plan, edition.deployment.change
    few = len(plan.nights) <= NIGHTS
    longest = max(plan.nights, key=lambda night: (night.overrun, night.high))
    lasts = [_lasts(night) for night in (plan.nights if few else (longest,))]
    needed = [crews(plan.steps, night.number) for night in plan.nights]
    return (
        (say("window"), _windows(edition)),
        (say("lasts"), say("lasts-value", {"nights": lasts}, servers=len(plan.order),
                                           count=len(plan.nights), few=few)),
        (say("impact"), _joined(impact_lines(spans(plan, edition.words), edition))),
        (say("people"), say("people-value", {"crews": needed}, crew=CREW, shift=SHIFT // 60)),
        (say("decides"), _decides(edition, change)),
    )  # fmt: skip


def _decides(edition: Edition, change: Change) -> Cell:
    """Who decides, and who where there is no answer: by name, or lines to write the names on."""
    say = speak(edition, "decision")
    return (
        Drifting(f"{change.chair}.") if change.chair else Blank(width=12),
        say("no-answer", minutes=change.answer_minutes),
        Drifting(f"{change.deputy}.") if change.deputy else Blank(width=12),
        Drifting("" if change.deputy else say("nobody")),
    )


def _windows(edition: Edition) -> str:
    """Every window in a line; of many nights the first and the last one."""
    first, *others = (both(night.start, night.end, edition.zone) for night in edition.plan.nights)
    if len(others) < NIGHTS:
        return "\n".join((first, *others))
    return "\n".join((first, edition.say("decision", "window-more", count=len(others) - 1), others[-1]))


def _joined(lines: tuple[str, ...]) -> Drifting:
    return Drifting("\n".join(lines), "impact")


def _lasts(night: NightPlan) -> dict[str, Any]:
    low, likely, high = (spoken(minutes) for minutes in (night.low, night.likely, night.high))
    over = spoken(night.overrun) if night.overrun else None
    return {"number": night.number, "low": low, "likely": likely, "high": high, "over": over}
