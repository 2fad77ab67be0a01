"""Findings that say the same of several servers, once: as people read them in a page or a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checker.report import OUTCOMES, SEVERITIES, Finding, holds_back
from checker.values import grouped


@dataclass(frozen=True)
class Row:
    """One check's word on the subjects of which it says the same. `holds`: it holds the verdict back now."""

    finding: Finding
    subjects: tuple[str, ...]
    holds: bool


def merged(findings: Iterable[Finding], strict: bool) -> tuple[Row, ...]:
    """Findings of a report, those of one check that read alike in one row; what holds its verdict back first."""

    def alike(finding: Finding) -> Finding:
        return finding.model_copy(update={"server": None, "measure": None, "to_waive": None})

    rows = [_row(own, strict) for own in grouped(findings, lambda each: repr(alike(each))).values()]
    return tuple(sorted(rows, key=_order))


def _row(own: Sequence[Finding], strict: bool) -> Row:
    return Row(own[0], tuple(each.server or "deployment" for each in own), holds_back(own[0], strict))


def _order(row: Row) -> tuple[object, ...]:
    found = row.finding
    return (
        not row.holds, OUTCOMES.index(found.outcome), not found.due, SEVERITIES.index(found.severity), found.check,
        row.subjects,
    )  # fmt: skip
