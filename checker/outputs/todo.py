"""The administrator's list: what is open, by when, by whom, with a box to tick."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import groupby

from checker.inputs.answer_text import to_fill_in
from checker.inputs.answers import KINDS
from checker.legible import stamp
from checker.outputs import origin, wrap
from checker.report import SEVERITIES, Finding, Report, judged_at, open_items

BOX = "[ ] "
NOW, DATED, UNDATED = range(3)


def render(report: Report, *, zone: tzinfo | None, width: int = 80) -> str:
    """The open items by the time they fall due (in the zone), earliest first, each with its owner, wrapped to width."""
    found = open_items(report)
    kind = "REHEARSAL: " if report.rehearsal else ""
    at = f"{stamp(report.now, zone)}{judged_at(report)}"
    title = f"{kind}{report.deployment}: {len(found)} open at stage {report.stage}, {at}"
    lines = wrap(title, width)
    for when, group in groupby(sorted(found, key=_order), key=_when):
        lines += ["", *wrap(_heading(when, zone), width)]
        for finding in group:
            lines += _item(finding, width)
    if not found:
        lines += ["", "Nothing is open."]
    if report.unused_waivers:
        lines += ["", *wrap("Waivers that are not applied", width)]
    for unused in report.unused_waivers:
        where = f"line {unused.line}: " if unused.line else ""
        lines += wrap(f"{where}{unused.check} ({unused.server or 'deployment'}): {unused.why}", width, "  ", "    ")
    return "\n".join([*lines, "", *wrap(origin(report), width)]) + "\n"


def _when(finding: Finding) -> tuple[int, datetime | None]:
    if finding.due:
        return NOW, None
    return (DATED, finding.due_at) if finding.due_at else (UNDATED, None)


def _order(finding: Finding) -> tuple[int, float, int, str, str]:
    kind, at = _when(finding)
    moment = at.timestamp() if at else 0.0
    return kind, moment, SEVERITIES.index(finding.severity), finding.server or "", finding.check


def _heading(when: tuple[int, datetime | None], zone: tzinfo | None) -> str:
    kind, at = when
    if at:
        return f"By {stamp(at, zone)}"
    return "Now" if kind == NOW else "No date known"


def _item(finding: Finding, width: int) -> Iterator[str]:
    subject = finding.server or "deployment"
    what = f"{subject}: {finding.check} ({finding.severity}, {finding.outcome}): {finding.message}"
    hang = " " * len(BOX)
    yield from wrap(what, width, BOX, hang)
    if finding.remedy:
        yield from wrap(f"do: {finding.remedy[0]}", width, hang, hang + "    ")
    if finding.outcome == "manual" and finding.check in KINDS:
        yield f"{hang}answer: {to_fill_in(finding.check)}"
    if finding.to_waive and finding.due:
        yield f"{hang}or waive: {finding.to_waive}"
    yield from wrap(f"owner: {finding.owner or '____'}", width, hang, hang + "    ")
