"""The checks on whole deployments: what each fault of a site leads to, and that nothing unseen is ever passed."""

import runpy
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from judging import judge

from checker.checks import BY_ID, CHECKS
from checker.checks.judge import falls_due
from checker.checks.mechanism import Case, Check, Host, Word
from checker.checks.rules import served_by
from checker.checks.vendor import DEMANDS
from checker.facts import facts_store
from checker.facts.catalogue import CATALOGUE, OWN_ROWS, PART_KIB
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, Known, Unknown, adapter, known
from checker.inputs.answers import Answers, RootAccess
from checker.inputs.deployment import Deployment, ProcedureItem, Server, ServerMigration
from checker.inputs.deployment_file import load
from checker.inputs.waivers import Waiver
from checker.report import OUTCOMES, SEVERITIES, STAGES, Finding, Report, Stage, counts, verdict
from checker.values import Basis
from runbook.plan.demands_served import serving
from runbook.resources import resource

SAMPLES = resource("samples")
NIGHT = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
TWO_NIGHTS = datetime(2026, 12, 5, 18, 15, tzinfo=UTC)


def sample(name: str) -> tuple[Deployment, dict[str, HostFacts]]:
    return load(SAMPLES / name / "deployment.yaml"), facts_store.load(SAMPLES / name / "facts")


def upgraded(name: str) -> dict[str, HostFacts]:
    """The sample's hosts as they are once all of them are finished."""
    collected = runpy.run_path(str(SAMPLES / "regenerate.py"))["collected"]
    hosts: dict[str, HostFacts] = collected(name, NIGHT - timedelta(minutes=15), list(sample(name)[1]))
    return hosts


def finding(report: Report, check: str, server: str | None = None) -> Finding:
    return next(f for f in report.findings if f.check == check and f.server == server)


def without(
    facts: dict[str, HostFacts], server: str, path: str, put: Known | Unknown | None = None
) -> dict[str, HostFacts]:
    host = facts[server]
    left = {key: value for key, value in host.facts.items() if key != path}
    return {**facts, server: host.model_copy(update={"facts": {**left, path: put} if put else left})}


def having(facts: dict[str, HostFacts], server: str, fact: Fact[Any], value: Any) -> dict[str, HostFacts]:
    path, seen = known(fact, adapter(fact).validate_python(value), "changed by this test")
    return without(facts, server, path, seen)


def test_every_demand_is_served_by_a_check_or_a_step() -> None:
    nothing = [demand for demand, by in served_by(serving()).items() if not by]
    assert nothing == []


def test_every_kind_of_service_that_a_demand_names_is_there() -> None:
    by = served_by(serving())
    for demand in DEMANDS:
        if "check" in demand.kind:
            assert any(name.startswith("check ") for name in by[demand.id]), demand
        if "step" in demand.kind or "notice" in demand.kind:
            assert any(name.startswith("step ") for name in by[demand.id]), demand


def test_the_catalogue_says_of_each_check_all_that_people_ask() -> None:
    known_demands = {demand.id for demand in DEMANDS}
    for check in CHECKS:
        assert check.title and check.why and check.remedy, check.id
        assert set(check.demands) <= known_demands, check.id
        assert list(check.stages) == sorted(check.stages, key=STAGES.index), check.id


def test_there_is_exactly_one_finding_for_each_check_and_subject() -> None:
    for name in ("harbour-mail", "county-mail", "university-mail", "no-go"):
        deployment, facts = sample(name)
        for seen in (facts, {}):
            report = judge(deployment, seen, NIGHT, "server")
            expected = [
                (check.id, subject)
                for check in CHECKS
                for subject in ([None] if check.subject == "deployment" else [s.name for s in deployment.servers])
            ]
            assert sorted(map(str, expected)) == sorted(str((f.check, f.server)) for f in report.findings)


def test_the_verdict_follows_its_rule_in_every_small_world() -> None:
    def one(severity: Any, outcome: Any, due: bool) -> Finding:
        return Finding(
            check="x", server=None, severity=severity, stages=("change",), due=due, outcome=outcome, message="",
            basis=Basis(kind="ours"),
        )  # fmt: skip

    worlds = list(product(SEVERITIES, OUTCOMES, (True, False)))
    for first, second in product(worlds, worlds):
        for strict, left_out in product((True, False), (True, False)):
            counting = ("blocker", "warning") if strict else ("blocker",)
            outcomes = {outcome for severity, outcome, due in (first, second) if due and severity in counting}
            if "fail" in outcomes:
                expected = "NO-GO"
            elif left_out or outcomes & {"unknown", "manual"}:
                expected = "NOT-CLEARED"
            else:
                expected = "GO"
            assert verdict((one(*first), one(*second)), strict, left_out) == expected


def test_stages_fall_due_from_the_first_one_through_the_server_and_after_only_by_name() -> None:
    due = {stage: {check.id for check in CHECKS if falls_due(check, stage)} for stage in STAGES}
    assert due["change"] < due["two-days"] < due["one-hour"] <= due["server"]
    assert "disk-space" not in due["change"] and "disk-space" in due["two-days"] and "disk-space" in due["server"]
    assert due["after"] == {
        "identity-unchanged", "old-paths", "autostart-after", "after-target-present", "after-services", "after-queue",
        "after-database-reachable", "after-counts", "after-source-tree", "order-respected", "queue-drained",
        "baseline-usable", "facts-fresh",
    }  # fmt: skip


def test_the_eleven_server_sample_is_go_right_before_the_first_server() -> None:
    deployment, facts = sample("university-mail")
    baseline = facts_store.load(SAMPLES / "university-mail" / "baseline")
    report = judge(deployment, facts, TWO_NIGHTS, "server", baseline=baseline)
    assert report.verdict == "GO"
    assert len(deployment.servers) == 11 and len(deployment.holding("mail-filter")) == 4
    assert finding(report, "identity-unchanged", "filter3").outcome == "pass"


# What a due blocker reads of some servers, and why not of every one.
ASKED_OF_SOME = {
    "parts.": "a part that is not brought over is measured for a backup on the server, or for a rehearsal's rates",
    "backup.mount_point": "only where the backup stays on the server",
    "puremessage.database_lookup": "only where pmdb.conf has a name",
    "puremessage.database_peers": "only of the Database server, where all addresses stand in for those that were used",
}


def decides(found: Finding) -> bool:
    return found.due and found.severity == "blocker"


def due_reads(report: Report) -> set[tuple[str, str]]:
    """Every (server, fact) that a due blocker read."""
    refs = {ref for f in report.findings if decides(f) for ref in f.basis.refs}
    return {(server, path) for server, _, path in (ref.partition(":") for ref in refs) if path in CATALOGUE}


@pytest.mark.parametrize(
    ("server", "times"),  # one of each kind, each fact missing in one way; or every server, in all three
    [(s.name, 1) for s in sample("university-mail")[0].servers if s.name.endswith("1")]
    + [pytest.param(s.name, 3, marks=pytest.mark.large) for s in sample("university-mail")[0].servers],
)
def test_no_fact_of_a_due_blocker_can_be_missing_and_the_verdict_still_be_go(server: str, times: int) -> None:
    deployment, facts = sample("university-mail")
    baseline = facts_store.load(SAMPLES / "university-mail" / "baseline")
    whole = judge(deployment, facts, TWO_NIGHTS, "server", baseline=baseline)
    reads = {path for found in whole.findings if decides(found) for path in BY_ID[found.check].reads} & CATALOGUE.keys()
    looked_at = {path for name, path in due_reads(whole) if name == server}
    assert looked_at <= reads and len(looked_at) >= 14
    broken = Known(value={"not": ["of", "its", "type"]}, how="damaged by this test")
    missing = (None, Unknown(unknown="permission denied"), broken)
    for place, path in enumerate(sorted(looked_at)):
        # what no check of these reads cannot change another's word, and more checks make no GO
        asked = [check for check in CHECKS if path in check.reads or check.id == "disk-space"]
        for put in (missing * 2)[place % 3 :][:times]:
            damaged = without(facts, server, path, put)
            report = judge(deployment, damaged, TWO_NIGHTS, "server", baseline=baseline, checks=asked)
            if report.verdict == "GO":
                # Only disk-space may let another fact decide: the part's own file system, or a bound of ours.
                space = finding(report, "disk-space", server)
                if path == OWN_ROWS.path:
                    assert put is None, "an older edition did not ask for it"
                elif path.endswith(".mount_point"):
                    assert finding(report, "log-headroom", server).outcome == "unknown"
                else:
                    nothing = facts[server].facts[path] == known(PART_KIB["logs"], 0, "invented for this sample")[1]
                    ways = ("bytes not counted", "storage.space", "the baseline's figure")
                    assert path.startswith("parts.") and space.outcome == "pass", path
                    assert nothing or any(way in space.message for way in ways), path
    blind = facts
    for path in sorted(reads - looked_at):
        assert path.startswith(tuple(ASKED_OF_SOME)), f"{path} is read, and nobody says why not of {server}"
        blind = without(blind, server, path)
    report = judge(deployment, blind, TWO_NIGHTS, "server", baseline=baseline)
    now, then = ({(f.check, f.server): f.outcome for f in each.findings if decides(f)} for each in (report, whole))
    assert now == then, "it is asked of this server after all"


def test_a_server_that_was_not_read_is_never_go() -> None:
    deployment, facts = sample("university-mail")
    for name in (name for name in facts if name.endswith("1")):  # one of each kind
        missing = {key: value for key, value in facts.items() if key != name}
        assert judge(deployment, missing, TWO_NIGHTS, "server").verdict != "GO"
        refused = {**facts, name: facts[name].model_copy(update={"outcome": "connection refused"})}
        report = judge(deployment, refused, TWO_NIGHTS, "server")
        assert report.verdict != "GO"
        assert "connection refused" in finding(report, "reachable", name).message


@cache
def well(stage: Stage) -> tuple[Deployment, dict[str, HostFacts], Report]:
    """The sample of three, before or after, and what is found in it."""
    deployment, before = sample("county-mail")
    facts = upgraded("county-mail") if stage == "after" else before
    return deployment, facts, judge(deployment, facts, NIGHT, stage)


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_a_crash_inside_any_check_is_never_go_and_leaves_the_others_alone(check: Check) -> None:
    def crash(*_: object) -> Word:
        raise ZeroDivisionError("a bug of ours")

    # of version 6 only a finished server is asked, and of a finished server little else
    stage: Stage = "after" if check.stages == ("after",) else "server"
    deployment, facts, whole = well(stage)
    assert whole.verdict == "GO"
    checks = [replace(each, ask=crash) if each is check else each for each in CHECKS]
    report = judge(deployment, facts, NIGHT, stage, checks=checks)
    assert report.verdict == "NOT-CLEARED"
    own = [f for f in report.findings if f.check == check.id]
    assert own and all(f.outcome == "unknown" and "a bug of ours" in f.message for f in own)
    assert [f for f in report.findings if f.check != check.id] == [f for f in whole.findings if f.check != check.id]


def test_the_no_go_sample_has_a_fault_of_each_family() -> None:
    deployment, facts = sample("no-go")
    report = judge(deployment, facts, datetime(2026, 12, 5, 20, 45, tzinfo=UTC), "server")
    assert report.verdict == "NO-GO"
    expected = tomllib.loads((Path(__file__).parent / "no_go.toml").read_text())
    for outcome, checks in expected.items():
        for check, subjects in checks.items():
            found = [f.server or "deployment" for f in report.findings if f.check == check and f.outcome == outcome]
            assert sorted(found) == sorted(subjects), (outcome, check)
    failed = {f.check for f in report.findings if f.outcome == "fail"}
    assert failed == set(expected["fail"]), "a check that fails in the sample stands in no_go.toml too"


def judged(change: Callable[[Deployment], Deployment], check: str, server: str | None = None) -> Finding:
    deployment, facts = sample("county-mail")
    return finding(judge(change(deployment), facts, NIGHT, "server"), check, server)


def with_server(deployment: Deployment, name: str, **update: Any) -> Deployment:
    servers = tuple(s.model_copy(update=update) if s.name == name else s for s in deployment.servers)
    return deployment.model_copy(update={"servers": servers})


def with_answer(deployment: Deployment, check: str, **fields: Any) -> Deployment:
    given = deployment.answers.model_dump(exclude_none=True)
    answer = {"by": "A. Example", "at": "2026-12-01", **fields}
    return deployment.model_copy(update={"answers": Answers.model_validate(given | {check: answer})})


def test_database_and_csm_apart_are_closed_only_by_a_written_path_of_the_vendor() -> None:
    def apart(deployment: Deployment) -> Deployment:
        return with_server(
            with_server(deployment, "db1", roles=("database",)), "mx1", roles=("csm", "mta", "mail-filter")
        )

    def answered(path: str) -> Callable[[Deployment], Deployment]:
        answer = {"case": "01234567", "documented_path": path, "note": "Database first, phone 4930123456"}
        return lambda deployment: with_answer(apart(deployment), "database-csm-together", **answer)

    assert judged(apart, "database-csm-together").outcome == "fail"
    assert judged(answered("no"), "database-csm-together").outcome == "fail"
    assert judged(answered("yes"), "database-csm-together").outcome == "pass"


@pytest.mark.parametrize(
    ("own", "outcome", "words"),
    [
        (("logs", "REPORTS", "database  &  quarantine"), "pass", "the same 3 options"),
        (("Logs", "Reports"), "fail", "lacks 'Database & Quarantine'"),
        (("Logs", "Reports", "Database & Quarantaine"), "fail", "a spelling of 'Database & Quarantine'?"),
    ],
)
def test_migration_options_are_compared_without_order_case_and_blanks(
    own: tuple[str, ...], outcome: str, words: str
) -> None:
    found = judged(
        lambda d: with_server(d, "mx2", migration=ServerMigration(options=own)), "migration-options-consistent"
    )
    assert found.outcome == outcome
    assert words in " ".join((found.message, *found.observed))


def test_the_script_on_some_servers_only_is_inconsistent_and_on_none_is_consistent() -> None:
    some = judged(
        lambda d: with_server(d, "mx2", migration=ServerMigration(script=False)), "migration-options-consistent"
    )
    assert some.outcome == "fail"
    none = judged(
        lambda d: d.model_copy(update={"migration": d.migration.model_copy(update={"script": False, "options": None})}),
        "migration-options-consistent",
    )
    assert none.outcome == "pass"
    undeclared = judged(
        lambda d: d.model_copy(update={"migration": d.migration.model_copy(update={"script": None})}),
        "migration-options-consistent",
    )
    assert undeclared.outcome == "unknown"


def test_an_answer_is_evaluated_and_not_believed() -> None:
    def answered(**servers: str) -> Callable[[Deployment], Deployment]:
        own = {name: {"version": version} for name, version in servers.items()}
        return lambda d: with_answer(d, "source-version", version="5.6.1", servers=own)

    assert judged(answered(mx2="5.5.4"), "source-version", "mx2").outcome == "fail"
    assert judged(answered(mx2="5.5.4"), "source-version", "mx1").outcome == "pass"
    assert judged(lambda d: d.model_copy(update={"answers": Answers()}), "source-version", "mx1").outcome == "manual"
    for version in ("5.6.10", "5.6", "6.0", "5.6.10 (build 1)", "v5.5.4", "5.6.11.2065439"):
        assert judged(answered(mx1=version), "source-version", "mx1").outcome == "fail", version
    for version in ("5.6.1.2065439", "5.6.1 (build 2065439)", "PureMessage 5.6.1 build 2065439", "v5.6.1", "5.6.1-20"):
        assert judged(answered(mx1=version), "source-version", "mx1").outcome == "pass", version


def test_a_procedure_without_a_line_for_a_role_leaves_counted_blanks() -> None:
    def only_database(deployment: Deployment) -> Deployment:
        items = (ProcedureItem(text="x", roles=("database",)),)
        procedure = deployment.procedure.model_copy(update={"upgrade": items})
        return deployment.model_copy(update={"procedure": procedure})

    found = judged(only_database, "procedure-complete")
    assert (found.outcome, found.message) == ("fail", "2 commands missing from the procedure")


def test_servers_without_a_command_are_counted_and_not_their_steps(deploy: Callable[..., Deployment]) -> None:
    paths = [{"name": name, "via": "lb", "members": ["s2", "s3"]} for name in ("in", "out")]
    deployment = deploy("database csm", "mta", "mta", mail_paths=paths)
    (found,) = judge(
        deployment, {}, datetime(2026, 12, 1, tzinfo=UTC), "two-days", checks=(BY_ID["procedure-complete"],)
    ).findings
    assert "drain: missing on 2 servers" in found.observed


def test_a_waiver_closes_only_what_it_was_given_for() -> None:
    deployment, facts = sample("no-go")
    now = datetime(2026, 12, 5, 20, 45, tzinfo=UTC)

    def judged_with(**changes: Any) -> Finding:
        waiver = Waiver(
            check="target-absent", server="db1", observed="/opt/pmx6  already HOLDS bin, etc", reason="left over",
            by="B. Example", ticket="CHG1", until=date(2026, 12, 6),
        ).model_copy(update=changes)  # fmt: skip
        waived = deployment.model_copy(update={"waivers": (waiver,)})
        return finding(judge(waived, facts, now, "server"), changes.get("check", "target-absent"), "db1")

    good = judged_with()
    assert good.outcome == "waived" and good.waiver is not None and good.waiver.ticket == "CHG1"
    assert judged_with(until=date(2026, 12, 4)).outcome == "fail"
    assert judged_with(observed="already holds bin, etc").outcome == "fail"
    assert judged_with(server="mx1").outcome == "fail"
    assert judged_with(check="disk-space", observed="available").outcome == "fail", "never waivable"


@pytest.mark.parametrize("check", [check for check in CHECKS if not check.waivable], ids=lambda check: check.id)
def test_a_check_that_is_never_waived_stays_failed(check: Check) -> None:
    def fail(*_: object) -> Word:
        return Word("fail", "seen")

    deployment, facts = sample("county-mail")
    subject = None if check.subject == "deployment" else "mx1"
    waiver = Waiver(
        check=check.id, server=subject, observed="seen", reason="r", by="b", ticket="t", until=date(2027, 1, 1)
    )
    waived = deployment.model_copy(update={"waivers": (waiver,)})
    stage: Stage = "after" if check.stages == ("after",) else "server"
    report = judge(waived, facts, NIGHT, stage, checks=[replace(check, ask=fail)])
    assert finding(report, check.id, subject).outcome == "fail"


@pytest.mark.parametrize(
    ("age", "stage", "outcome"),
    [
        (timedelta(minutes=50), "server", "pass"),
        (timedelta(minutes=70), "server", "fail"),
        (timedelta(minutes=70), "one-hour", "pass"),
        (timedelta(hours=3), "one-hour", "fail"),
        (timedelta(hours=30), "two-days", "pass"),
        (timedelta(days=3), "two-days", "fail"),
        (timedelta(minutes=-2), "server", "pass"),
        (timedelta(minutes=-20), "server", "fail"),
    ],
)
def test_facts_that_are_old_or_from_the_future_do_not_count(age: timedelta, stage: Stage, outcome: str) -> None:
    deployment, facts = sample("county-mail")
    collected = next(iter(facts.values())).collected_at
    assert finding(judge(deployment, facts, collected + age, stage), "facts-fresh").outcome == outcome


def test_leaving_a_due_blocker_out_is_never_go() -> None:
    deployment, facts = sample("county-mail")
    assert judge(deployment, facts, NIGHT, "server", skip=["disk-space"]).verdict == "NOT-CLEARED"
    assert judge(deployment, facts, NIGHT, "server", only=["disk-space"]).verdict == "NOT-CLEARED"
    assert judge(deployment, facts, NIGHT, "server", skip=["memory"]).verdict == "GO"
    assert judge(deployment, facts, NIGHT, "change", skip=["disk-space"]).verdict == "GO", "not due yet"


def test_a_done_server_must_really_be_done_and_is_not_asked_for_its_old_tree() -> None:
    deployment, facts = sample("county-mail")
    window = NIGHT + timedelta(hours=3)
    newer = {name: host.model_copy(update={"collected_at": window}) for name, host in facts.items()}
    untrue = judge(deployment, newer, window, "server", done=["db1"])
    assert finding(untrue, "after-target-present", "db1").outcome == "fail"
    assert untrue.verdict == "NO-GO"
    from checker.facts.catalogue import TARGET_ENTRIES

    upgraded = having(facts, "db1", TARGET_ENTRIES, [{"name": "bin", "kind": "directory"}])
    assert finding(judge(deployment, upgraded, NIGHT, "server"), "target-absent", "db1").outcome == "fail"
    true = judge(deployment, upgraded, NIGHT, "server", done=["db1"])
    assert true.verdict == "GO"
    assert finding(true, "disk-space", "db1").outcome == "not-applicable"


def test_judging_one_server_lists_the_others_as_not_judged() -> None:
    deployment, facts = sample("county-mail")
    then = {"collected_at": NIGHT - timedelta(days=1), "host_clock": NIGHT - timedelta(days=1)}
    old = {name: host.model_copy(update=then) for name, host in facts.items()}
    seen = {**old, "db1": facts["db1"]}
    report = judge(deployment, seen, NIGHT, "server", servers=["db1"])
    assert (report.servers, report.not_judged) == (("db1",), ("mx1", "mx2"))
    told = {(f.check, f.server, f.outcome) for f in report.findings if f.server != "db1" and f.outcome != "pass"}
    assert ("facts-fresh", None, "unknown") in told and report.verdict == "NOT-CLEARED", "V07 speaks of every server"
    assert all(check.startswith("identity-") for check, server, _ in told if server), "and of nothing else of theirs"


def test_strict_counts_warnings_as_blockers() -> None:
    deployment, facts = sample("county-mail")
    undeclared = deployment.model_copy(update={"mail_paths": ()})
    assert judge(undeclared, facts, NIGHT, "server").verdict == "GO"
    assert judge(undeclared, facts, NIGHT, "server", strict=True).verdict == "NO-GO"


def test_counts_agree_with_the_findings() -> None:
    deployment, facts = sample("no-go")
    report = judge(deployment, facts, NIGHT, "server")
    assert report.counts == counts(report.findings)
    assert sum(sum(row.values()) for row in report.counts.values()) == len(report.findings)


def test_a_check_cannot_be_declared_twice() -> None:
    from checker.checks.mechanism import check

    with pytest.raises(ValueError, match="disk-space"):
        check("disk-space", "again", subject="server", severity="info", stages=("change",))(
            lambda case, server, host: Word("pass", "")
        )
    assert BY_ID["disk-space"].severity == "blocker"


def test_a_finding_names_the_facts_that_it_stands_on() -> None:
    deployment, facts = sample("county-mail")
    report = judge(deployment, facts, NIGHT, "server")
    assert finding(report, "identity-persistent", "mx1").basis.refs == (
        "mx1:identity.configured_hostname",
        "mx1:identity.hostname",
    )
    assert finding(report, "source-version", "mx1").basis == Basis(
        kind="site", refs=("answers.source-version",), at="2026-12-01"
    )


def test_a_check_sees_only_what_it_is_given() -> None:
    server = Server(name="x", roles=("mta",))
    case = Case(sample("county-mail")[0], {}, None, NIGHT, "server")
    assert isinstance(case.host("x"), Host) and case.answer(RootAccess, server.name) is None
