"""The report for people and for machines; this file holds the words that the renderings share."""

import unicodedata
from datetime import tzinfo

from checker.legible import stamp, visible
from checker.report import STAGES, Finding, Report, Stage, comes_later


def origin(report: Report) -> str:
    """What the report was made with and from; by this line a written file is known to be ours."""
    facts = f"facts {report.facts_id}" if report.facts_id else "no facts"
    return (
        f"{report.tool} {report.tool_version}, rules {report.rules_version}, "
        f"deployment {report.deployment_digest}, {facts}"
    )


def by_subject(report: Report) -> dict[str | None, list[Finding]]:
    """The findings of the deployment (None) first, then of every server, also of those without any."""
    found: dict[str | None, list[Finding]] = {name: [] for name in (None, *report.servers, *report.not_judged)}
    for finding in report.findings:
        found.setdefault(finding.server, []).append(finding)
    return found


def _place(stage: Stage) -> int:
    return STAGES.index(stage)


def not_due(finding: Finding, report: Report, zone: tzinfo | None) -> str:
    """Why a finding does not count yet, or no longer: `not due until two-days, 2026-12-03 21:00 UTC`."""
    if not comes_later(finding, report):
        return f"not checked at stage {report.stage}"
    moment = f", {stamp(finding.due_at, zone)}" if finding.due_at else ""
    return f"not due until {finding.stages[0]}{moment}"


def falls_due_next(report: Report) -> tuple[Finding, ...]:
    """The blockers and warnings of the next stage at which any falls due, earliest first; empty when none does."""
    later = [f for f in report.findings if comes_later(f, report) and f.severity != "info"]
    asked = [f for f in later if f.outcome != "not-applicable"]
    stage = min((_place(f.stages[0]) for f in asked), default=None)
    coming = [f for f in asked if _place(f.stages[0]) == stage]
    return tuple(sorted(coming, key=lambda f: (f.due_at is None, f.due_at or report.now)))


def cells(text: str) -> int:
    """The terminal columns that a text takes: East Asian wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me") else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text's words in lines of at most `width` columns; only a word too long for any line sticks out.

    `first` indents the first line and `rest` the others (as the first, if not given).
    """
    rest = first if rest is None else rest
    lines: list[str] = []
    line = first
    fresh = True
    for word in visible(text).split():
        if fresh:
            line += word
        elif cells(line) + 1 + cells(word) <= width:
            line += f" {word}"
        else:
            lines.append(line)
            line = rest + word
        fresh = False
    return lines if fresh else [*lines, line]
