"""The one result object of checking; console, JSON, JUnit and todo are renderings of it."""

from collections import Counter
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from checker.values import Basis, Value

Outcome = Literal["pass", "fail", "unknown", "manual", "not-applicable", "waived"]
OUTCOMES: tuple[Outcome, ...] = ("fail", "unknown", "manual", "waived", "pass", "not-applicable")
Severity = Literal["blocker", "warning", "info"]
OPEN = ("fail", "unknown", "manual")
SEVERITIES: tuple[Severity, ...] = ("blocker", "warning", "info")
Stage = Literal["change", "two-days", "one-hour", "server", "after"]
STAGES: tuple[Stage, ...] = ("change", "two-days", "one-hour", "server", "after")
Verdict = Literal["GO", "NO-GO", "NOT-CLEARED"]
UNREAD = "the server was not read: see reachable"
NO_BASELINE = "no baseline was given: see baseline-usable"
SAID_ELSEWHERE = (UNREAD, NO_BASELINE)  # one thing to do, told where it is done
EXIT_CODES: dict[Verdict, int] = {"GO": 0, "NO-GO": 1, "NOT-CLEARED": 3}


class Measure(Value):
    """What a finding measured, by which it may be waived up to a bound; `worse`: which way it gets worse."""

    value: float
    unit: str
    worse: Literal["more", "less"]


class UnusedWaiver(Value):
    """A waiver of the deployment file that waives nothing, why, and on which line it stands (null: not from a file)."""

    check: str
    server: str | None
    line: int | None
    why: str


class WaivedBy(Value):
    """The waiver that was applied to a finding."""

    by: str
    ticket: str
    reason: str
    until: str


class Finding(Value):
    """One check's word on one server, or on the deployment (server null). `due`: it counts at this stage;
    `due_at`: when it falls due, in UTC. `owner`: who answers for it, where the deployment says so. `to_waive`: the line
    of a waiver that would fit it, to be filled in; null where none can. `crashed`: the check itself broke, which is a
    bug of ours."""

    check: str
    server: str | None
    severity: Severity
    stages: tuple[Stage, ...]
    due: bool
    due_at: AwareDatetime | None = None
    owner: str | None = None
    outcome: Outcome
    message: str
    observed: tuple[str, ...] = ()
    expected: str = ""
    remedy: tuple[str, ...] = ()
    basis: Basis
    demands: tuple[str, ...] = ()
    waiver: WaivedBy | None = None
    measure: Measure | None = None
    to_waive: str | None = None
    crashed: bool = False


class Correction(Value):
    """One fact, answer or declared value that would have to be otherwise: on which server (null: none of its own), its
    name in the file, its value there with "…" where only a person can say what, and the same in words."""

    kind: Literal["fact", "answer", "declared"]
    server: str | None
    name: str
    value: JsonValue
    words: str


class NoCure(Value):
    """A finding that no value cures, and why."""

    check: str
    server: str | None
    why: str


class Cure(Value):
    """What would make the verdict GO, proved by judging again: all `changes` together do, and one fewer does not.

    `smallest`: no smaller set of what is known to cure would do. Where there are no changes, `nothing_cures` or
    `why_not` says why.
    """

    changes: tuple[Correction, ...] = ()
    smallest: bool = False
    nothing_cures: tuple[NoCure, ...] = ()
    why_not: str = ""


class Report(Value):
    """The verdict at a stage and every finding behind it, one per (check, subject).

    `could_go`: the servers that may still be upgraded before those that are held back, in the vendor's order; null
    where that is no question, because no server is held or the night is not near. `now_given`: a person gave the time,
    no clock was read. `rehearsal`: the calendar was left out. `cure`: null where it is GO, or nobody asked.
    """

    schema_version: Literal[1] = 1
    tool: Literal["pmx-preflight"] = "pmx-preflight"
    tool_version: str
    rules_version: str
    deployment: str
    stage: Stage
    strict: bool = False
    skipped: tuple[str, ...] = ()
    now: AwareDatetime
    now_given: bool = False
    rehearsal: bool = False
    deployment_digest: str
    facts_id: str | None
    verdict: Verdict
    counts: dict[Severity, dict[Outcome, int]]
    servers: tuple[str, ...]
    not_judged: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    could_go: tuple[str, ...] | None = None
    unused_waivers: tuple[UnusedWaiver, ...] = ()
    cure: Cure | None = None
    findings: tuple[Finding, ...]


class Due(Value):
    """How many open items fall due with a stage that is still to come, and when it begins, in UTC."""

    stage: Stage
    at: AwareDatetime | None
    items: int


def stops(finding: Finding, strict: bool) -> bool:
    """Whether a finding can hold the verdict back at this stage."""
    return finding.due and (finding.severity == "blocker" or (strict and finding.severity == "warning"))


def holds_back(finding: Finding, strict: bool) -> bool:
    """Whether a finding does hold the verdict back: it can, and it is open."""
    return stops(finding, strict) and finding.outcome in OPEN


def verdict(findings: tuple[Finding, ...], strict: bool = False, capped: bool = False) -> Verdict:
    """NO-GO when a due blocker fails; NOT-CLEARED when one was not seen or awaits a person; else GO.

    It is at best NOT-CLEARED where it is `capped`, and where a check broke: a tool that breaks clears nobody.
    """
    due = [finding for finding in findings if stops(finding, strict)]
    if any(finding.outcome == "fail" for finding in due):
        return "NO-GO"
    broke = any(finding.crashed for finding in findings)
    if capped or broke or any(finding.outcome in ("unknown", "manual") for finding in due):
        return "NOT-CLEARED"
    return "GO"


def open_items(report: Report) -> tuple[Finding, ...]:
    """What somebody has to do or to answer, now or later: open blockers and warnings, in the order of the findings.

    A server that was not read is one thing to do, not one for each check that needs its facts.
    """
    wanted = (f for f in report.findings if f.due or comes_later(f, report))
    return tuple(f for f in wanted if f.outcome in OPEN and f.severity != "info" and f.message not in SAID_ELSEWHERE)


def comes_later(finding: Finding, report: Report) -> bool:
    """Whether a finding that is not due at the report's stage falls due at a later one."""
    stage = STAGES.index(report.stage)
    return not finding.due and bool(finding.stages) and STAGES.index(finding.stages[0]) > stage


def upcoming(report: Report) -> tuple[Due, ...]:
    """The later stages with open items, the next one first, each with the number of its items."""
    later = [finding for finding in open_items(report) if comes_later(finding, report)]
    found = []
    for stage in STAGES:
        own = [finding for finding in later if finding.stages[0] == stage]
        if own:
            times = [finding.due_at for finding in own if finding.due_at]
            found.append(Due(stage=stage, at=min(times, default=None), items=len(own)))
    return tuple(found)


def held(report: Report) -> tuple[str, ...]:
    """The servers that a due finding of their own holds back, in the order of the report."""
    back = {finding.server for finding in report.findings if holds_back(finding, report.strict)}
    return tuple(name for name in report.servers if name in back)


def counts(findings: tuple[Finding, ...]) -> dict[Severity, dict[Outcome, int]]:
    """How many findings of each severity have each outcome, zeros included."""
    number = Counter((finding.severity, finding.outcome) for finding in findings)
    return {severity: {outcome: number[severity, outcome] for outcome in OUTCOMES} for severity in SEVERITIES}


def wording(report: Report) -> str:
    """The verdict as it is said aloud: a GO for the change board is READY TO SCHEDULE; a rehearsal is stamped so."""
    if report.rehearsal:
        return f"{report.verdict} (REHEARSAL)"
    return "READY TO SCHEDULE" if report.verdict == "GO" and report.stage == "change" else report.verdict


def judged_at(report: Report) -> str:
    """What is printed behind the time of a report: nothing, or that a person gave it."""
    return ", the time given with --now" if report.now_given else ""


def attention(report: Report) -> tuple[Finding, ...]:
    """What failed, was not seen, awaits a person or is waived; due blockers first, then by server."""
    rank = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    wanted = [f for f in report.findings if f.outcome in (*OPEN, "waived")]
    return tuple(
        sorted(
            wanted,
            key=lambda f: (
                not f.due, SEVERITIES.index(f.severity), f.server or "", rank[f.outcome], f.check,
            ),
        )
    )  # fmt: skip
