"""The same deployment asked at every stage: what is due when, who is asked for what, and no word against another."""

import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, combinations_with_replacement
from typing import Any, get_args

import pytest
from judging import judge

from checker.checks import BY_ID
from checker.facts.catalogue import SOURCE_ENTRIES
from checker.facts.host_facts import HostFacts, known
from checker.inputs.answers import Answers, SavedPart
from checker.inputs.change import Deferred
from checker.inputs.deployment import Deployment, Server
from checker.inputs.deployment_file import load
from checker.outputs import console, todo
from checker.report import OPEN, STAGES, Finding, Report, Stage, held, holds_back, open_items, upcoming, wording
from checker.schedule.nights import nights_of
from checker.schedule.order import could_go, order, phase
from runbook.resources import resource

SAMPLES = resource("samples")
REGENERATE = runpy.run_path(str(SAMPLES / "regenerate.py"))
Facts = dict[str, HostFacts]
collected: Callable[..., Facts] = REGENERATE["collected"]
AGE = timedelta(minutes=15)
NIGHT_ANSWERS = ("support-line", "notices-sent", "install-media", "restore-tested", "backup-evidence")


def sample(name: str) -> Deployment:
    return load(SAMPLES / name / "deployment.yaml")


def names(deployment: Deployment) -> list[str]:
    return [server.name for server in order(deployment.servers)]


def found(report: Report, check: str, server: str | None = None) -> Finding:
    return next(f for f in report.findings if (f.check, f.server) == (check, server))


def holding(report: Report) -> list[tuple[str, str | None, str]]:
    return [(f.check, f.server, f.message) for f in report.findings if holds_back(f, report.strict)]


# ---- which servers could still go


ROLES = ("database csm", "csm", "mta", "mail-filter", "mta mail-filter", "mail-filter euwi", "euwi gwi")


def small_worlds() -> Iterator[tuple[Server, ...]]:
    for count in range(1, 5):
        for pattern in combinations_with_replacement(ROLES, count):
            if pattern.count("database csm") > 1:
                continue
            servers = [
                Server.model_validate({"name": f"s{at}", "roles": roles.split()})
                for at, roles in enumerate(reversed(pattern))
            ]
            yield order(servers)


def subsets(all_names: list[str]) -> Iterator[frozenset[str]]:
    for count in range(len(all_names) + 1):
        yield from map(frozenset, combinations(all_names, count))


def one_after_the_other(ordered: tuple[Server, ...], back: frozenset[str], done: frozenset[str]) -> set[str]:
    """Whoever can be reached by upgrading one free server at a time, each only when its turn has come."""
    finished, gone = set(done), set[str]()
    while True:
        ready = [
            server.name
            for server in ordered
            if server.name not in finished | back
            and all(
                other.name in finished
                for other in ordered
                if other is not server
                and (phase(other) < phase(server) or (other.has("database") and not server.has("database")))
            )
        ]
        if not ready:
            return gone
        finished.add(ready[0])
        gone.add(ready[0])


def test_while_servers_are_held_back_exactly_those_can_go_whose_turn_can_come() -> None:
    worlds = 0
    for ordered in small_worlds():
        every = [server.name for server in ordered]
        for back in subsets(every):
            for done in subsets([name for name in every if name not in back]):
                free = could_go(ordered, back, done)
                assert set(free) == one_after_the_other(ordered, back, done), (ordered, back, done)
                assert list(free) == [name for name in every if name in free], "in the vendor's order"
                worlds += 1
    assert worlds > 15_000


def test_a_held_database_stops_all_and_a_held_filter_lets_the_rest_of_its_phase_go() -> None:
    servers = order(sample("university-mail").servers)
    assert could_go(servers, {"db1"}) == ()
    second = ("mta1", "mta2", "mta3", "mta4", "filter1", "filter2", "filter3", "filter4")
    assert could_go(servers, {"filter2"}) == ("db1", *(name for name in second if name != "filter2"))
    assert could_go(servers, {"filter2"}, {"db1", "mta1"}) == tuple(
        name for name in second if name not in ("filter2", "mta1")
    )
    assert could_go(servers, {"web1"}, {"db1", *second}) == ("web2",)


NIGHT = datetime(2026, 12, 5, 18, 15, tzinfo=UTC)


def eleven_at(now: datetime, stage: Stage, done: tuple[str, ...] = (), **more: Any) -> Report:
    deployment = more.pop("deployment", None) or sample("university-mail")
    facts = more.pop("facts", None) or collected("university-mail", now - AGE, done)
    baseline = collected("university-mail", datetime(2026, 12, 3, 9, tzinfo=UTC))
    return judge(deployment, facts, now, stage, baseline=baseline, done=done, **more)


def test_the_report_says_who_could_go_before_a_server_that_fails() -> None:
    facts = collected("university-mail", NIGHT - AGE)
    absent = dict([known(SOURCE_ENTRIES, None, "changed by this test")])
    lost = facts | {"filter2": facts["filter2"].model_copy(update={"facts": {**facts["filter2"].facts, **absent}})}
    for stage in ("one-hour", "server"):
        report = eleven_at(NIGHT, stage, facts=lost)
        assert report.verdict == "NO-GO" and held(report) == ("filter2",)
        assert report.could_go is not None
        assert set(report.could_go) == set(names(sample("university-mail"))) - {"filter2", "web1", "web2"}
        shown = console.render(report, width=300, colour=False)
        assert "Held back: filter2." in shown and "Could still go before: db1, mta1, mta2" in shown
    assert eleven_at(NIGHT, "change", facts=lost).could_go is None
    assert eleven_at(NIGHT, "server").could_go is None, "nobody is held back"


def test_nobody_goes_while_the_identity_of_one_was_not_seen() -> None:
    facts = collected("university-mail", NIGHT - AGE)
    lost = {name: host for name, host in facts.items() if name != "filter2"}
    report = eleven_at(NIGHT, "server", facts=lost)
    assert report.verdict == "NOT-CLEARED" and report.could_go == ()
    left = {"server": "filter2", "reason": "it is dead", "by": "C. Chair", "ticket": "CHG2", "case": "01234567"}
    change = sample("university-mail").change.model_copy(update={"deferred": (Deferred.model_validate(left),)})
    later = sample("university-mail").model_copy(update={"change": change})
    report = eleven_at(NIGHT, "server", facts=lost, deployment=later)
    assert report.verdict == "GO", holding(report)


def test_nobody_goes_while_the_deployment_itself_is_held_back() -> None:
    deployment = sample("university-mail")
    facts = collected("university-mail", NIGHT - AGE)
    lost = {name: host for name, host in facts.items() if name != "filter2"}
    undecided = deployment.model_copy(update={"migration": deployment.migration.model_copy(update={"script": None})})
    report = eleven_at(NIGHT, "server", facts=lost, deployment=undecided)
    assert report.could_go == ()
    assert "Could still go before: none" in console.render(report, width=300, colour=False)


# ---- finished servers


ALLOWED = ("reachable", "root-access", "after-target-present")


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_of_a_finished_server_only_its_identity_and_its_new_tree_are_asked(stage: Stage) -> None:
    report = eleven_at(NIGHT, stage, done=("db1",))
    for finding in report.findings:
        asked = finding.check in ALLOWED or finding.check.startswith("identity-")
        if finding.server == "db1" and not asked:
            assert (finding.outcome, finding.message) == ("not-applicable", "this server is named as done")
        elif finding.server == "db1":
            assert finding.message != "this server is named as done", finding.check
    present = found(report, "after-target-present", "db1")
    assert present.due and present.outcome == "pass"
    assert found(report, "after-target-present", "mta1").outcome == "not-applicable"


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_server_that_is_called_done_and_is_not_fails_at_every_stage(stage: Stage) -> None:
    now = NIGHT + timedelta(hours=2)
    report = eleven_at(now, stage, done=("db1",), facts=collected("university-mail", now - AGE))
    assert found(report, "after-target-present", "db1").outcome == "fail"
    assert report.verdict == "NO-GO"
    if stage in ("one-hour", "server"):
        assert (held(report), report.could_go) == (("db1",), ())


def test_after_the_night_nothing_of_the_old_product_is_asked_and_everything_of_the_new_one() -> None:
    deployment = sample("university-mail")
    now = nights_of(deployment)[-1].end
    for done in ((), tuple(names(deployment))):
        facts = collected("university-mail", now - AGE, names(deployment))
        report = eleven_at(now, "after", done=done, facts=facts)
        assert report.verdict == "GO", holding(report)
        for finding in report.findings:
            if finding.server and finding.check.startswith("after-") and finding.check != "after-source-tree":
                assert finding.due and finding.outcome in ("pass", "not-applicable"), finding
        asked = {f.check for f in report.findings if f.server == "mta1" and f.outcome != "not-applicable"}
        assert asked >= {"after-target-present", "after-services", "after-queue", "after-counts", "autostart-after"}
        assert not asked & {"disk-space", "source-version", "target-absent", "queue-depth", "services-running"}


def test_a_server_that_was_forgotten_is_found_afterwards() -> None:
    deployment = sample("university-mail")
    now = nights_of(deployment)[-1].end
    facts = collected("university-mail", now - AGE, [name for name in names(deployment) if name != "filter3"])
    report = eleven_at(now, "after", facts=facts)
    assert report.verdict == "NO-GO"
    assert [f.server for f in report.findings if f.check == "after-target-present" and f.outcome == "fail"] == [
        "filter3"
    ]


@pytest.mark.parametrize("name", ["harbour-mail", "library-mail", "county-mail", "museum-mail", "university-mail"])
def test_finished_servers_raise_no_false_blocker_for_any_prefix_of_the_order(name: str) -> None:
    deployment = sample(name)
    before = judge(deployment, collected(name, NIGHT - AGE), NIGHT, "server")
    opened = {(f.check, f.server) for f in before.findings if f.outcome in OPEN}
    ordered = names(deployment)
    for count in range(1, len(ordered) + 1):
        done = ordered[:count]
        report = judge(deployment, collected(name, NIGHT - AGE, done), NIGHT, "server", done=done)
        assert {(f.check, f.server) for f in report.findings if f.outcome in OPEN} <= opened, done
        assert report.done == tuple(done)


# ---- one server alone


def test_one_server_is_judged_by_its_own_facts_and_the_identity_of_all() -> None:
    deployment = sample("county-mail")
    now = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
    facts = collected("county-mail", now - AGE)
    whole = holding(judge(deployment, facts, now, "server"))
    report = judge(deployment, facts, now, "server", servers=["db1"])
    assert set(holding(report)) <= set(whole)
    assert report.servers == ("db1",) and set(report.not_judged) == {"mx1", "mx2"}
    others = {f.check for f in report.findings if f.server in ("mx1", "mx2")}
    assert others == {check for check in BY_ID if check.startswith("identity-") and BY_ID[check].subject == "server"}
    alone = judge(deployment, {"db1": facts["db1"]}, now, "server", servers=["db1"])
    assert alone.verdict == "NOT-CLEARED", "the identity of the others was not seen (V07)"


def test_one_server_is_still_compared_with_all_facts_at_hand() -> None:
    deployment = sample("county-mail")
    now = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
    facts = collected("county-mail", now - AGE)
    twin = facts["mx2"].model_copy(update={"facts": facts["mx1"].facts})
    report = judge(deployment, {**facts, "mx2": twin}, now, "server", servers=["mx1"])
    assert found(report, "identity-unique").outcome == "fail"


def test_a_failing_server_that_is_judged_alone_lets_nobody_go_whom_nobody_looked_at() -> None:
    deployment = sample("county-mail")
    now = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
    facts = collected("county-mail", now - AGE)
    upgraded = collected("county-mail", now - AGE, ["mx2"])
    report = judge(deployment, facts | {"mx2": upgraded["mx2"]}, now, "server", servers=["mx2"])
    assert found(report, "target-absent", "mx2").outcome == "fail"
    assert report.could_go == ()


# ---- the eleven servers, stage by stage


def unanswered(deployment: Deployment) -> Deployment:
    """The file as the change board gets it: what people still have to find out is not answered yet."""
    return deployment.model_copy(update={"answers": deployment.answers.model_copy(update=dict.fromkeys(NIGHT_ANSWERS))})


def backed_up(deployment: Deployment, day: datetime) -> Deployment:
    """The file with the evidence of that day's backup."""
    today = day.astimezone(deployment.change.zone).date()
    copied = {"result": "complete", "of": get_args(SavedPart), "where": "bk1", "finished": f"{today}T00:00"}
    given = deployment.answers.model_dump(exclude_none=True)
    given["backup-evidence"] = {**copied, "by": "B. Example", "at": today}
    return deployment.model_copy(update={"answers": Answers.model_validate(given)})


def test_at_change_the_eleven_servers_are_ready_to_schedule_with_a_list_of_what_falls_due() -> None:
    now = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    deployment = unanswered(sample("university-mail"))
    report = judge(deployment, collected("university-mail", now - AGE), now, "change", baseline=None)
    assert wording(report) == "READY TO SCHEDULE", holding(report)
    expected = {
        "support-line": 1,
        "notices-sent": 1,
        "baseline-usable": 1,
        "install-media": 11,
        "restore-tested": 11,
        "backup-evidence": 11,
    }
    listed = [item.check for item in open_items(report)]
    assert {check: listed.count(check) for check in set(listed)} == expected
    assert [(due.stage, due.items) for due in upcoming(report)] == [("two-days", 23), ("one-hour", 2), ("server", 11)]
    closing = console.render(report, width=200, colour=False, zone=deployment.change.zone).splitlines()[-1]
    assert closing == "READY TO SCHEDULE; 23 items due by Thu 3 Dec 19:30, then 2 items due by Sat 5 Dec 18:30"
    shown = todo.render(report, zone=deployment.change.zone)
    assert shown.count("\n[ ] ") == 36
    assert "\nBy 2026-12-03 19:30 CET (18:30 UTC)\n" in shown and "\nBy 2026-12-05 19:30 CET (18:30 UTC)\n" in shown
    assert shown.count("owner: B. Example\n") == 33 and shown.count("owner: A. Example\n") == 1


def test_the_eleven_servers_are_go_at_every_later_stage_once_everything_is_answered() -> None:
    deployment = sample("university-mail")
    nights = nights_of(deployment)
    start = nights[0].start
    two_days = start - timedelta(days=2)
    early = judge(unanswered(deployment), collected("university-mail", two_days - AGE), two_days, "two-days")
    assert early.verdict == "NOT-CLEARED"
    assert {check for check, _, _ in holding(early)} == {"support-line", "install-media"}

    baseline = collected("university-mail", two_days - AGE)
    walk: list[tuple[datetime, Stage, tuple[str, ...]]] = [(start - timedelta(hours=1), "one-hour", ())]
    done: list[str] = []
    for night in nights:
        pace = (night.end - night.start) / len(night.servers)
        for count, name in enumerate(night.servers):
            walk.append((min(night.start + count * pace, night.begin_by[count]), "server", tuple(done)))
            done.append(name)
    assert done == names(deployment)
    walk.append((nights[-1].end, "after", tuple(done)))

    answered = backed_up(deployment, start)
    said: dict[tuple[str, str | None], set[str]] = {}
    at_two_days = judge(deployment, baseline, two_days, "two-days")
    assert at_two_days.verdict == "GO", holding(at_two_days)
    for now, stage, finished in walk:
        if stage == "server":
            answered = backed_up(deployment, now)
        # after the night all are finished, and nobody has to say so
        named = () if stage == "after" else finished
        report = judge(
            answered, collected("university-mail", now - AGE, finished), now, stage, baseline=baseline, done=named
        )
        assert report.verdict == "GO", (stage, now, finished, holding(report))
        for finding in report.findings:
            if finding.severity != "info" and (finding.due or stage != "after"):
                said.setdefault((finding.check, finding.server), set()).add(finding.outcome)
    contradictions = {subject: outcomes for subject, outcomes in said.items() if outcomes - {"pass", "not-applicable"}}
    assert not contradictions
