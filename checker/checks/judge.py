"""Run every check on every subject: exactly one finding per (check, subject), then the verdict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checker import __version__
from checker.checks import CHECKS, waiving
from checker.checks.mechanism import REMEDY_UNREAD, Case, Check, FromTheFuture, Word, asked, not_applicable, unseen
from checker.checks.rules import rules_version
from checker.facts.host_facts import HostFacts, NotSeen, facts_id
from checker.facts.what_was_asked import still_asked
from checker.inputs.answers import KINDS
from checker.inputs.deployment import Deployment, Server
from checker.report import STAGES, UNREAD, Finding, Report, Stage, WaivedBy, counts, holds_back, verdict
from checker.schedule.nights import Night
from checker.schedule.order import could_go, order
from checker.values import Basis, digest

ALWAYS = frozenset({"reachable", "root-access"})  # of a finished server as well, and all that its identity is
PRESENT = "after-target-present"
IDENTITY = "identity-"
REMEDY_BROKEN = (
    "Report this as a bug of pmx-preflight, and verify this point by hand. A check that is not a blocker can be left "
    "out with --skip.",
)


def falls_due(check: Check, stage: Stage) -> bool:
    """Whether a check counts at a stage: from its first stage on, through `server`; at `after` only if it says so."""
    if stage == "after":
        return "after" in check.stages
    return min(STAGES.index(own) for own in check.stages) <= STAGES.index(stage)


def due_times(nights: Sequence[Night], now: datetime) -> dict[Stage, datetime]:
    """When each stage begins, in UTC: before the first window, at the first server, after the last window."""
    first, last = nights[0].start, nights[-1].end
    return {
        "change": min(now, first),
        "two-days": first - timedelta(days=2),
        "one-hour": first - timedelta(hours=1),
        "server": first,
        "after": last,
    }


def _set_aside(check: Check, case: Case, server: Server | None) -> str | None:
    """Why a check is not asked of a server at this stage; None where it is.

    Before its upgrade a server has nothing to show of version 6, and afterwards nothing of 5.6.1 is asked of it.
    """
    if server is None:
        return None
    identity = check.id.startswith(IDENTITY)
    if server.name in case.deferred and server.name not in case.named:
        host = case.facts.get(server.name)
        if not identity or (server.name in case.excused and (host is None or not host.reached)):
            return "this server is deferred (change.deferred)"
    if check.id in ALWAYS or identity:
        return None
    if case.stage == "after":
        return None if "after" in check.stages else "checked before the upgrade of this server"
    if server.name in case.done:
        return None if check.id == PRESENT else "this server is named as done"
    return "checked after the upgrade of this server" if check.stages == ("after",) else None


def ask(declared: Check, case: Case, server: Server | None) -> Word:
    """One check's word on one subject; a fact that was not seen and a crash are both `unknown`."""
    given = case.given_to(declared)
    host = None if server is None else given.host(server.name)
    try:
        return declared.ask(given) if server is None else declared.ask(given, server, host)
    except NotSeen as missing:
        if host is not None and not (host.facts and host.facts.reached):
            return unseen(UNREAD, remedy=REMEDY_UNREAD)
        return unseen(
            f"not checked: {missing}",
            remedy=("Find out why it could not be read, and collect this server's facts again.",),
        )
    except FromTheFuture as early:
        return asked(str(early), expected="an answer about the past, not about what is planned")
    except Exception as crash:
        message = f"the check itself failed ({type(crash).__name__}: {crash})"
        return Word("unknown", message, remedy=REMEDY_BROKEN, crashed=True)


def finding(check: Check, case: Case, server: Server | None, due_at: Mapping[Stage, datetime]) -> Finding:
    """One check's finding on one subject: its word, its waiver if one applies, when it is due and on what basis."""
    case.seen.clear()
    name = server.name if server else None
    aside = _set_aside(check, case, server)
    word = ask(check, case, server) if aside is None else not_applicable(aside)
    waiver = waiving.applied(check, name, word, case.deployment, case.now)
    stages = check.stages
    if server is not None and name in case.done and check.id == PRESENT:
        stages = STAGES
    due = falls_due(check if stages is check.stages else replace(check, stages=stages), case.stage)
    answer = case.deployment.answers.to(KINDS[check.id], name) if check.id in KINDS else None
    if case.seen:
        basis = Basis(kind="measured", refs=tuple(sorted(case.seen)), at=_when(case, name))
    elif answer is not None:
        basis = Basis(kind="site", refs=(f"answers.{check.id}",), at=answer.at.isoformat())
    else:
        basis = Basis(kind="site", refs=("deployment",))
    return Finding(
        check=check.id,
        server=name,
        severity=check.severity,
        stages=check.stages,
        due=due,
        due_at=due_at.get(min(stages, key=STAGES.index)),
        owner=case.deployment.owners.get(check.id),
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
        measure=word.measure,
        to_waive=None if waiver else waiving.to_fill_in(check, name, word, case.deployment.change),
        crashed=word.crashed,
    )


def _could_go(case: Case, chosen: Sequence[Check], findings: Sequence[Finding], strict: bool) -> tuple[str, ...] | None:
    """Right before the night and in it, where servers are held back: which others could go before them.

    Nobody can where the deployment itself is held back, asked once more without the servers that are.
    """
    failing = {found.server for found in findings if found.server and holds_back(found, strict)}
    if case.stage not in ("one-hour", "server") or not failing:
        return None
    ordered = order(case.deployment.servers)
    done = case.done - failing
    unknown = {server.name for server in ordered if not case.judges(server.name)} - done
    free = could_go(ordered, failing | unknown, done, case.deployment.change.deferred)
    beside = replace(case, judged=frozenset(free) | done, named=frozenset())
    whole = (finding(check, beside, None, {}) for check in chosen if check.subject == "deployment") if free else ()
    return () if any(holds_back(found, strict) for found in whole) else free


def _subjects(check: Check, case: Case, ordered: Sequence[Server], judged: Sequence[Server]) -> Sequence[Server | None]:
    if check.subject == "deployment":
        return (None,)
    return [server for server in ordered if case.watches(server.name)] if check.id.startswith(IDENTITY) else judged


def _when(case: Case, server: str | None) -> str | None:
    host = None if server is None else case.facts.get(server)
    at = case.oldest if server is None else host.collected_at if host else None
    return at.astimezone(UTC).isoformat() if at else None


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
    rehearsal: bool = False,
    now_given: bool = False,
    checks: Sequence[Check] = CHECKS,
) -> Report:
    """The report of a deployment on these facts at this stage. `now` is the only clock; `now_given`: a person said it.

    A `rehearsal` leaves the calendar out and is never better than NOT-CLEARED.

    Leaving out a blocker that is due (`only`, `skip`) caps the verdict at NOT-CLEARED. `servers` asks for these alone:
    the others are listed as not judged.
    """
    # of these asked-the-same is not asked, which would say that facts are an older edition's or another deployment's
    unsaid = [name for name in facts if stage == "after" or name in done or (servers and name not in servers)]
    case = Case(
        deployment,
        still_asked(deployment, facts, unsaid),
        None if baseline is None else still_asked(deployment, baseline, baseline),
        now, stage, frozenset(done), frozenset(servers), frozenset(servers), rehearsal,
        None if baseline is None else facts_id(baseline),
    )  # fmt: skip
    chosen = [check for check in checks if (not only or check.id in only) and check.id not in skip]
    left_out = [check for check in checks if check not in chosen]
    ordered = order(deployment.servers)
    judged = [server for server in ordered if not servers or server.name in servers]
    due_at = due_times(case.nights, now)
    findings = tuple(
        finding(check, case, subject, due_at) for check in chosen for subject in _subjects(check, case, ordered, judged)
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
        now_given=now_given,
        rehearsal=rehearsal,
        deployment_digest=deployment_digest(deployment, __version__, rules_version()),
        facts_id=facts_id(facts),
        verdict=verdict(findings, strict, capped=blocker_left_out or rehearsal),
        counts=counts(findings),
        servers=tuple(server.name for server in judged),
        done=tuple(server.name for server in ordered if server.name in case.done),
        could_go=_could_go(case, chosen, findings, strict),
        unused_waivers=waiving.unused(deployment, findings, checks, now),
        not_judged=tuple(server.name for server in ordered if servers and server.name not in servers),
        findings=findings,
    )


def judged_again(
    asked: Report,
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    baseline: Mapping[str, HostFacts] | None,
    now: datetime | None = None,
) -> Report:
    """What a report was asked, asked of another deployment and other facts: at its stage, and at its time if no other.

    A server that is no longer declared is left out.
    """
    names = {server.name for server in deployment.servers}
    return judge(
        deployment, {name: host for name, host in facts.items() if name in names}, now or asked.now, asked.stage,
        baseline=baseline, done=[name for name in asked.done if name in names],
        servers=[name for name in asked.servers if name in names] if asked.not_judged else (),
        skip=asked.skipped, strict=asked.strict, rehearsal=asked.rehearsal, now_given=asked.now_given,
    )  # fmt: skip


def deployment_digest(deployment: Deployment, tool: str, rules: str) -> str:
    """The digest of a deployment with the versions of the tool and of the rules by which it is judged."""
    return digest([deployment.model_dump(mode="json"), tool, rules])
