"""What is open, counted once for every page: the tally of the checks, and the open items with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from checker.report import Finding, Report, attention
from checker.values import grouped
from runbook.pages.board.risks import risks
from runbook.pages.page_model import Blank, Caution, Cell, Drifting, Part, Table
from runbook.pages.sources import Edition, head, shortened, speak
from runbook.pages.step_rows import places
from runbook.words import few

Alike = tuple[Finding, ...]
FEW = 3  # rows of open items that leave the decision page one page
NAMED = 5  # checks of one kind on the decision page: about one line
LONG = 160  # characters of what was seen, about five lines of its column; the evidence has the rest
SHOWN = 6  # observed lines of one finding: a page of them hides the others


@dataclass(frozen=True)
class Tally:
    """The counts that a decision needs: of due blockers, of the warnings that are open, and of what falls due later."""

    blocking: int
    passed: int
    failed: int
    unseen: int
    waived: int
    warnings: int
    later: int


def tally(report: Report) -> Tally:
    """The counts of a report, each finding once; what does not apply is not among the blocking checks."""
    due = [f.outcome for f in report.findings if f.due and f.severity == "blocker" and f.outcome != "not-applicable"]
    open_ = open_findings(report)
    return Tally(
        blocking=len(due),
        passed=due.count("pass"),
        failed=due.count("fail"),
        unseen=due.count("unknown") + due.count("manual"),
        waived=due.count("waived"),
        warnings=sum(f.due and f.severity == "warning" and f.outcome != "waived" for f in open_),
        later=sum(not f.due for f in open_),
    )


def open_findings(report: Report) -> tuple[Finding, ...]:
    """What is open or waived, due blockers first.

    What is looked at after the upgrade is open only at that stage, and a note that failed asks nobody for anything.
    """
    return tuple(
        found for found in attention(report)
        if found.severity != "info" and (found.stages[0] != "after" or report.stage == "after")
    )  # fmt: skip


def open_rows(report: Report) -> tuple[Alike, ...]:
    """What is open or waived, most pressing first; what reads alike of several servers or checks is together."""
    same = grouped(open_findings(report), lambda f: (f.due, f.check, f.outcome, f.message)).values()

    def alike(own: Alike) -> tuple[object, ...]:
        first = own[0]
        where = tuple(found.server for found in own)
        return first.due, first.outcome, first.severity, first.message, first.remedy, where

    return tuple(tuple(found for own in group for found in own) for group in grouped(same, alike).values())


def open_summary(rows: Sequence[Alike], edition: Edition) -> tuple[Caution | Table, ...]:
    """All open items where they are few; else how many there are of each kind, and which."""
    if few_are_open(rows):
        return (*_left_out(edition), _table(rows, edition, LONG))
    return (*_left_out(edition), _counted(rows, edition))


def open_part(rows: Sequence[Alike], edition: Edition) -> Part | None:
    """The risks, and all open items with what was seen and what to do, where the decision page has no room for them."""
    if few_are_open(rows):
        return None
    return Part("blockers", edition.say("open", "title"), (risks(edition), _table(rows, edition)), drifting=True)


def few_are_open(rows: Sequence[Alike]) -> bool:
    """Whether the decision page shows all open items, and the risks with them."""
    return len(rows) <= FEW


def _left_out(edition: Edition) -> tuple[Caution, ...]:
    """What was not looked at on purpose, and the waivers that waive nothing."""
    say, report = speak(edition, "open"), edition.report
    skipped = (say("skipped", checks=", ".join(report.skipped)),) if report.skipped else ()
    unused = tuple(say("unused-waiver", waiver=waiver) for waiver in report.unused_waivers)
    return tuple(Caution("CAUTION", Drifting(said)) for said in (*skipped, *unused))


def _counted(rows: Sequence[Alike], edition: Edition) -> Table:
    say = speak(edition, "open")
    kinds = grouped(rows, lambda own: (own[0].due, own[0].outcome, own[0].severity))
    cells = tuple(
        (
            say("is", outcome=outcome, severity=severity),
            str(sum(map(len, found))),
            say("now")
            if due
            else edition.time(min((f.due_at for own in found for f in own if f.due_at), default=None)),
            few(list(dict.fromkeys(one.check for own in found for one in own)), NAMED),
        )
        for (due, outcome, severity), found in kinds.items()
    )
    return Table(
        say("caption"),
        tuple(map(Drifting, head(edition, "open", "counted"))),
        cells,
        "open-counted",
        say("none"),
        drifting=True,
    )


def _table(rows: Sequence[Alike], edition: Edition, most: int | None = None) -> Table:
    say = speak(edition, "open")
    keys = tuple(f"{own[0].check}.{own[0].server or 'deployment'}" for own in rows)
    cells = tuple(_row(own, edition, most) for own in rows)
    return Table(
        say("caption"), tuple(map(Drifting, head(edition, "open"))), cells, "findings", say("none"), keys, drifting=True
    )


def _row(own: Alike, edition: Edition, most: int | None) -> tuple[Cell, ...]:
    say, first = speak(edition, "open"), own[0]
    checks = ", ".join(dict.fromkeys(found.check for found in own))
    needed = (say("needed", expected=first.expected),) if first.expected else ()
    seen = "; ".join((first.message, *_observed(first, edition)))
    if most is not None and len(seen) > most:
        seen = shorten(seen, most, placeholder=" …")
    return (
        say("is", outcome=first.outcome, severity=first.severity),
        f"{checks} ({places([found for found in own if found.check == first.check], edition)})",
        "\n".join((seen, *needed)),
        say("waived", waiver=first.waiver) if first.waiver else " ".join(first.remedy) or "–",
        say("now") if first.due else edition.time(first.due_at),
        ", ".join(sorted({found.owner for found in own if found.owner})) or Blank(width=4),
    )


def _observed(finding: Finding, edition: Edition) -> tuple[str, ...]:
    """What was observed beyond the message; of a long list the first lines."""
    lines = tuple(line for line in finding.observed if line not in finding.message)
    return shortened(lines, SHOWN, lambda left: edition.say("open", "more", count=left))
