"""The report as tables: Markdown for a ticket, CSV for a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import tzinfo

from checker.legible import stamp, visible
from checker.outputs import not_due, origin
from checker.outputs.cures import cure_lines
from checker.outputs.merged import Row, merged
from checker.report import OPEN, OUTCOMES, Report, judged_at, wording

HEAD = ("Outcome", "Severity", "Check", "Where", "What was found", "What to do")
COLUMNS = (
    "outcome", "severity", "due", "check", "server", "message", "observed", "expected", "remedy", "due_at", "owner",
    "demands",
)  # fmt: skip
FORMULA = tuple("=+-@\t\r")  # what a spreadsheet takes for the begin of a formula
MARKUP = re.compile(r"([\\`*_\[\]<>|~#])")  # what means something in the cell of a table in Markdown


def to_markdown(report: Report, *, zone: tzinfo | None) -> str:
    """What is open or waived as a table, and the others in counts."""
    rows = merged(report.findings, report.strict)
    shown = [row for row in rows if row.finding.outcome in (*OPEN, "waived")]
    lines = [f"# {title(report, zone)}", "", *(f"- {_inline(line)}" for line in summary(report, rows)), ""]
    if shown:
        lines += [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
        lines += [f"| {' | '.join(_inline(cell) for cell in _cells(row, report, zone))} |" for row in shown]
        lines.append("")
    if cured := [_inline(line) for line in cure_lines(report)]:
        lines += [cured[0], "", *(f"- {line}" for line in cured[1:]), ""]
    return "\n".join([*lines, _inline(origin(report))]) + "\n"


def to_csv(report: Report) -> str:
    """Every finding as a row; no cell is a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")  # a terminal shows it too
    rows.writerow(COLUMNS)
    for found in report.findings:
        cells = (
            found.outcome, found.severity, "yes" if found.due else "no", found.check, found.server or "",
            found.message, "; ".join(found.observed), found.expected, " ".join(found.remedy),
            found.due_at.strftime("%Y-%m-%dT%H:%M:%SZ") if found.due_at else "", found.owner or "",
            " ".join(found.demands),
        )  # fmt: skip
        rows.writerow([visible(harmless(cell)) for cell in cells])
    rows.writerow([f"# {visible(f'{title(report, None)}; {origin(report)}')}"])
    return text.getvalue()


def harmless(text: str) -> str:
    """A cell that no spreadsheet computes: what would begin a formula stands behind an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) else text


def title(report: Report, zone: tzinfo | None) -> str:
    """The verdict, of what, at which stage and when."""
    at = f"{stamp(report.now, zone)}{judged_at(report)}"
    return visible(f"{wording(report)}: {report.deployment}, stage {report.stage}, {at}")


def summary(report: Report, rows: tuple[Row, ...]) -> Iterator[str]:
    """What holds the verdict back, and how much else there is, in a few lines."""
    names = [f"{row.finding.check} ({', '.join(row.subjects)})" for row in rows if row.holds]
    yield f"Holds the verdict back: {'; '.join(names) or 'nothing'}."
    for outcome in OUTCOMES:
        count = sum(len(row.subjects) for row in rows if row.finding.outcome == outcome)
        if count:
            yield f"{outcome}: {count}"


def _cells(row: Row, report: Report, zone: tzinfo | None) -> tuple[str, ...]:
    found = row.finding
    said = "; ".join((found.message, *(line for line in found.observed if line not in found.message)))
    later = "" if found.due else f" ({not_due(found, report, zone)})"
    todo = " ".join(found.remedy) or "–"
    return (found.outcome, found.severity + later, found.check, ", ".join(row.subjects), said, todo)


def _inline(text: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(visible(text).split())).replace("://", ":&#47;/")
