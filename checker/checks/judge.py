"""Run every check on every subject: exactly one finding per (check, subject), then the verdict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checker import __version__
from checker.checks import CHECKS
from checker.checks.mechanism import Case, Check, Word, ask, not_applicable
from checker.deployment import Deployment, Server, Waiver
from checker.facts import HostFacts, facts_id
from checker.nights import place
from checker.order import order
from checker.report import STAGES, Finding, Report, Stage, WaivedBy, counts, verdict
from checker.rules import rules_version
from checker.values import Basis, digest

AFTER_DONE = frozenset({"reachable", "root-access", "after-target-present"})


def falls_due(check: Check, stage: Stage) -> bool:
    """Whether a check counts at a stage: from its first stage on, through `server`; at `after` only if it says so."""
    if stage == "after":
        return "after" in check.stages
    return min(STAGES.index(own) for own in check.stages) <= STAGES.index(stage)


def due_times(deployment: Deployment, now: datetime) -> dict[Stage, datetime]:
    """When each stage begins, in UTC: before the first window, at the first server, after the last window."""
    nights = place(deployment)
    first, last = nights[0].start, nights[-1].end
    return {
        "change": min(now, first),
        "two-days": first - timedelta(days=2),
        "one-hour": first - timedelta(hours=1),
        "server": first,
        "after": last,
    }


def _waiver(case: Case, check: Check, server: str | None, word: Word) -> Waiver | None:
    said = " ".join((word.message, *word.observed)).casefold()
    for waiver in case.deployment.waivers:
        fits = waiver.check == check.id and waiver.server == server and waiver.observed.casefold() in said
        if fits and case.now.astimezone(case.deployment.change.zone).date() <= waiver.until:
            return waiver
    return None


def _applies(check: Check, case: Case, server: Server | None) -> bool:
    finished = server is not None and server.name in case.done
    return not finished or check.id in AFTER_DONE or check.id.startswith("identity-")


def finding(check: Check, case: Case, server: Server | None, due_at: Mapping[Stage, datetime]) -> Finding:
    """One check's finding on one subject: its word, its waiver if one applies, when it is due and on what basis."""
    case = replace(case, seen=set())
    name = server.name if server else None
    if _applies(check, case, server):
        word = ask(check, case, server)
    else:
        word = not_applicable("this server is declared done")
    waiver = _waiver(case, check, name, word) if word.outcome == "fail" and check.waivable else None
    stages = check.stages
    if server is not None and name in case.done and check.id == "after-target-present":
        stages = STAGES
    due = falls_due(replace(check, stages=stages), case.stage)
    answer = case.answer(check.id, name)
    if case.seen:
        basis = Basis(kind="measured", refs=tuple(sorted(case.seen)), at=_when(case, name))
    elif answer is not None:
        basis = Basis(kind="site", refs=(f"answers.{check.id}",), at=answer[0].at.isoformat())
    else:
        basis = Basis(kind="site", refs=("deployment",))
    return Finding(
        check=check.id,
        server=name,
        severity=check.severity,
        stages=check.stages,
        due=due,
        due_at=due_at[min(stages, key=STAGES.index)],
        outcome="waived" if waiver else word.outcome,
        message=word.message,
        observed=word.observed,
        expected=word.expected,
        remedy=() if word.outcome in ("pass", "not-applicable") else word.remedy or check.remedy,
        basis=basis,
        demands=check.demands,
        waiver=WaivedBy(by=waiver.by, ticket=waiver.ticket, reason=waiver.reason, until=waiver.until.isoformat())
        if waiver
        else None,
        crashed=word.crashed,
    )


def _when(case: Case, server: str | None) -> str | None:
    times = [host.collected_at for name, host in case.facts.items() if server in (None, name)]
    return min(times).astimezone(UTC).isoformat() if times else None


def judge(
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    now: datetime,
    stage: Stage = "change",
    *,
    baseline: Mapping[str, HostFacts] | None = None,
    done: Collection[str] = (),
    servers: Collection[str] = (),
    only: Collection[str] = (),
    skip: Collection[str] = (),
    strict: bool = False,
    checks: Sequence[Check] = CHECKS,
) -> Report:
    """The report of a deployment on these facts at this stage. `now` is the only clock.

    Leaving out a blocker that is due (`only`, `skip`) caps the verdict at NOT-CLEARED. `servers` asks for these alone:
    the others are listed as not judged.
    """
    case = Case(deployment, facts, baseline, now, stage, frozenset(done), frozenset(servers))
    chosen = [check for check in checks if (not only or check.id in only) and check.id not in skip]
    left_out = [check for check in checks if check not in chosen]
    ordered = order(deployment.servers)
    judged = [server for server in ordered if not servers or server.name in servers]
    due_at = due_times(deployment, now)
    findings = tuple(
        finding(check, case, subject, due_at)
        for check in chosen
        for subject in ((None,) if check.subject == "deployment" else judged)
    )
    counting = ("blocker", "warning") if strict else ("blocker",)
    blocker_left_out = any(check.severity in counting and falls_due(check, stage) for check in left_out)
    return Report(
        tool_version=__version__,
        rules_version=rules_version(),
        deployment=deployment.deployment,
        stage=stage,
        strict=strict,
        skipped=tuple(check.id for check in left_out),
        now=now.astimezone(UTC),
        deployment_digest=digest([deployment.model_dump(mode="json"), __version__, rules_version()]),
        facts_id=facts_id(facts),
        verdict=verdict(findings, strict, blocker_left_out),
        counts=counts(findings),
        servers=tuple(server.name for server in judged),
        not_judged=tuple(server.name for server in ordered if server not in judged),
        findings=findings,
    )
