"""The report for a terminal: the verdict first, then what to do about it, then the rest in counts."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import groupby
from typing import TextIO

from checker.legible import deadline, several, stamp
from checker.outputs import by_subject, falls_due_next, not_due, origin, wrap
from checker.outputs.cures import cure_lines
from checker.report import (
    OPEN,
    OUTCOMES,
    Finding,
    Outcome,
    Report,
    Severity,
    Verdict,
    attention,
    held,
    judged_at,
    stops,
    upcoming,
    wording,
)

RED, YELLOW, GREEN = "1;31", "1;33", "1;32"
VERDICT_COLOURS: dict[Verdict, str] = {"GO": GREEN, "NO-GO": RED, "NOT-CLEARED": YELLOW}
OUTCOME_COLOURS: dict[Outcome, str] = {"fail": RED, "unknown": YELLOW, "manual": YELLOW}
NAMED = 8  # servers named in one sentence of the banner: more of them hide the verdict


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: never with NO_COLOR, always with FORCE_COLOR or CLICOLOR_FORCE, else on a real terminal."""
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()


def render(report: Report, *, width: int, colour: bool, zone: tzinfo | None = None) -> str:
    """The report as lines of at most `width` columns, times in `zone`; without colour it has no escape at all."""
    lines = list(_banner(report, width, colour, zone))
    for title, findings in _sections(report):
        lines += ["", *wrap(title, width)]
        for server, group in groupby(findings, key=lambda finding: finding.server):
            lines += wrap(server or "deployment", width, "  ")
            for same in _same_words(group):
                lines += _finding(same, report, width, colour, zone)
    lines += ["", *_matrix(report, width), "", *wrap(origin(report), width), "", *_cure(report, width)]
    lines += wrap(_closing(report, zone), width)
    return "\n".join(lines) + "\n"


def _paint(line: str, word: str, code: str | None) -> str:
    return line.replace(word, f"\x1b[{code}m{word}\x1b[0m", 1) if code else line


def _banner(report: Report, width: int, colour: bool, zone: tzinfo | None) -> Iterator[str]:
    word = wording(report)
    title = wrap(
        f"{word}: {report.deployment}, stage {report.stage}, {stamp(report.now, zone)}{judged_at(report)}", width
    )
    yield _paint(title[0], word, VERDICT_COLOURS[report.verdict] if colour else None)
    yield from title[1:]
    for sentence in _sentences(report, zone):
        yield from wrap(sentence, width, "  ", "    ")


def _sentences(report: Report, zone: tzinfo | None) -> Iterator[str]:
    if report.rehearsal:
        yield "Rehearsal: the calendar is ignored, and the verdict is at best NOT-CLEARED."
    yield f"Blockers due now: {_tally(report, 'blocker')}."
    yield f"Warnings due now{' (counted as blockers)' if report.strict else ''}: {_tally(report, 'warning')}."
    unseen = [finding for finding in report.findings if finding.outcome == "unknown"]
    if report.facts_id is None:
        yield "No facts: no server was checked."
    if unseen:
        subjects = dict.fromkeys(finding.server or "the deployment" for finding in unseen)
        yield f"Unknown: {several(len(unseen), 'finding')}, on {_names(subjects)}."
    if coming := falls_due_next(report):
        still_open = sum(finding.outcome in OPEN for finding in coming)
        at = f", {stamp(coming[0].due_at, zone)}" if coming[0].due_at else ""
        count = several(len(coming), "finding")
        yield f"Falls due next: {count} at stage {coming[0].stages[0]}{at}, {still_open} open."
    if waived := [f"{f.check} ({f.server or 'deployment'})" for f in report.findings if f.outcome == "waived"]:
        yield f"Waived: {', '.join(waived)}."
    for unused in report.unused_waivers:
        where = f" (line {unused.line})" if unused.line else ""
        yield f"Waiver not applied{where}: {unused.check} ({unused.server or 'deployment'}): {unused.why}."
    if report.skipped:
        yield f"Left out on request: {', '.join(report.skipped)}."
    if report.could_go is not None:
        yield f"Held back: {_names(held(report))}."
        yield f"Could still go before: {', '.join(report.could_go) or 'none'} (the vendor's order, V02 and V11)."
    if report.done:
        yield f"Named as done: {_names(report.done)}."
    if report.not_judged:
        yield f"Not checked: {', '.join(report.not_judged)}."


def _cure(report: Report, width: int) -> Iterator[str]:
    for number, line in enumerate(found := [*cure_lines(report)]):
        yield from wrap(line, width, "  " if number else "", "    ")
    if found:
        yield ""


def _closing(report: Report, zone: tzinfo | None) -> str:
    """The verdict once more, with what falls due at the next stage that has open items, and at the one after."""
    coming = [
        f"{several(due.items, 'item')} due by {deadline(due.at, zone) if due.at else f'stage {due.stage}'}"
        for due in upcoming(report)[:2]
    ]
    return "; ".join([wording(report), *([", then ".join(coming)] if coming else [])])


def _names(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - NAMED
    return ", ".join(known[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _tally(report: Report, severity: Severity) -> str:
    due = [f.outcome for f in report.findings if f.due and f.severity == severity]
    return _counted(due) or "none"


def _counted(outcomes: list[Outcome]) -> str:
    return ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in OUTCOMES if outcome in outcomes)


def _sections(report: Report) -> Iterator[tuple[str, list[Finding]]]:
    titles = {
        (0, "blocker"): "BLOCKERS DUE NOW",
        (0, "warning"): "WARNINGS DUE NOW",
        (1, "blocker"): "BLOCKERS NOT DUE NOW",
        (1, "warning"): "WARNINGS NOT DUE NOW",
        (2, "info"): "FOR INFORMATION",
    }
    by_server = sorted(attention(report), key=lambda finding: finding.server or "")
    for key, title in titles.items():
        if findings := [finding for finding in by_server if _section(finding) == key]:
            yield title, findings


def _section(finding: Finding) -> tuple[int, Severity]:
    return 2 if finding.severity == "info" else int(not finding.due), finding.severity


def _same_words(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one server that say the very same thing, together: a server that was not read says it once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        words = (finding.outcome, finding.message, finding.observed, finding.expected, finding.remedy, finding.waiver)
        groups.setdefault((*words, *finding.stages[:1]) if not finding.due else words, []).append(finding)
    return list(groups.values())


def _finding(same: list[Finding], report: Report, width: int, colour: bool, zone: tzinfo | None) -> Iterator[str]:
    finding = same[0]
    word = "NOTE" if (finding.severity, finding.outcome) == ("info", "fail") else finding.outcome.upper()
    head = wrap(f"{word} {', '.join(each.check for each in same)}", width, "    ", "      ")
    code = OUTCOME_COLOURS.get(finding.outcome) if colour and stops(finding, report.strict) else None
    yield _paint(head[0], word, code)
    yield from head[1:]
    for line in _details(finding, report, zone):
        yield from wrap(line, width, "      ", "        ")


def _details(finding: Finding, report: Report, zone: tzinfo | None) -> Iterator[str]:
    yield finding.message
    yield from (f"observed: {line}" for line in finding.observed if line not in finding.message)
    if finding.expected:
        yield f"expected: {finding.expected}"
    if waiver := finding.waiver:
        yield f"waiver: {waiver.by}, {waiver.ticket}, until {waiver.until}: {waiver.reason}"
    yield from (f"remedy: {line}" for line in finding.remedy)
    if finding.to_waive and stops(finding, report.strict):
        yield f"or waive it: waivers: {finding.to_waive}"
    if not finding.due:
        yield not_due(finding, report, zone)
    if finding.owner and finding.outcome in OPEN:
        yield f"owner: {finding.owner}"


def _matrix(report: Report, width: int) -> Iterator[str]:
    yield "ALL FINDINGS"
    for subject, findings in by_subject(report).items():
        outcomes = [finding.outcome for finding in findings]
        left_out = "not checked" + (f", except its identity (V07): {_counted(outcomes)}" if outcomes else "")
        said = left_out if subject in report.not_judged else _counted(outcomes) or "no findings"
        yield from wrap(f"{subject or 'deployment'}: {said}", width, "  ", "    ")
