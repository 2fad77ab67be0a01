"""Who misses what, from which step to which: derived from the plan, for every pattern and every way of mail."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from digested_plans import digested_plan
from hypothesis import given
from hypothesis import strategies as st

from checker.facts.catalogue import FILTER_LINES, MTA
from checker.facts.fact_values import FilterLine
from checker.facts.host_facts import HostFacts, known
from checker.inputs.deployment import Deployment
from checker.schedule.mail_flow import Fate, paths_of, relying
from runbook.plan.plan_model import Interruption, Plan, Step
from runbook.plan.planning import build
from runbook.words import Words

Plans = tuple[tuple[Deployment, Plan], ...]
Deploy = Callable[..., Deployment]


def rows(plan: Plan, key: str) -> list[Interruption]:
    return [row for row in plan.interruptions if row.key == key]


def steps(plan: Plan, row: Interruption) -> tuple[Step, Step]:
    """The steps between which a row lies; StopIteration when it names one that is not there."""
    return tuple(next(step for step in plan.steps if step.id == id) for id in (row.from_step, row.until_step))  # type: ignore[return-value]


def of_kind(plan: Plan, server: str, *kinds: str) -> list[Step]:
    return [step for step in plan.of(server) if step.kind in kinds]


def path(name: str, *members: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "via": "lb", "members": members, **more}


def test_every_interruption_begins_before_it_ends_in_steps_and_in_time(plans: Plans) -> None:
    for deployment, plan in plans:
        for row in plan.interruptions:
            begins, ends = steps(plan, row)
            assert plan.steps.index(begins) < plan.steps.index(ends), (row.key, deployment.servers)
            assert row.starts_at and row.ends_at and row.starts_at <= row.ends_at, (row.key, deployment.servers)
            assert begins.starts_at and row.starts_at <= begins.starts_at, (row.key, deployment.servers)
            assert row.ends_at == ends.ends_at, (row.key, deployment.servers)


def test_interruptions_stand_in_the_order_in_which_they_begin(plans: Plans) -> None:
    for deployment, plan in plans:
        begins = [plan.steps.index(steps(plan, row)[0]) for row in plan.interruptions]
        assert begins == sorted(begins), deployment.servers


def test_the_web_interfaces_are_down_from_the_first_stop_of_the_database_until_the_last_server_is_complete(
    plans: Plans,
) -> None:
    for deployment, plan in plans:
        first = next((name for name in plan.order if deployment.server(name).has("database")), plan.order[0])
        span = (of_kind(plan, first, "stop")[0].id, of_kind(plan, plan.order[-1], "complete")[-1].id)
        assert len(rows(plan, "euwi")) == bool(deployment.holding("euwi")), deployment.servers
        assert len(rows(plan, "gwi")) == bool(deployment.holding("euwi", "gwi")), deployment.servers
        for row in (*rows(plan, "euwi"), *rows(plan, "gwi")):
            assert ((row.from_step, row.until_step), row.impact) == (span, "down"), deployment.servers


def test_each_mail_filter_misses_the_database_until_its_own_last_verification(plans: Plans) -> None:
    for deployment, plan in plans:
        database = next((name for name in plan.order if deployment.server(name).has("database")), None)
        filters = {server.name for server in deployment.holding("mail-filter")} if database else set()
        found = rows(plan, "database")
        assert sorted(row.server or "" for row in found) == sorted(filters), deployment.servers
        for row in found:
            assert database and row.server
            assert row.from_step == of_kind(plan, database, "stop")[0].id, deployment.servers
            verified = [step for step in plan.of(row.server) if step.form == "verify"][-1]
            assert (row.until_step, row.impact) == (verified.id, "degraded"), deployment.servers


def test_each_mail_filter_lacks_while_it_is_out_and_only_a_single_one_is_down(plans: Plans) -> None:
    for deployment, plan in plans:
        filters = [server.name for server in deployment.holding("mail-filter")]
        found = rows(plan, "capacity")
        assert sorted(row.server or "" for row in found) == filters, deployment.servers
        for row in found:
            assert row.impact == ("down" if len(filters) == 1 else "reduced"), deployment.servers
            begins, ends = steps(plan, row)
            assert begins == of_kind(plan, row.server or "", "drain", "stop")[0], deployment.servers
            assert ends == [step for step in plan.of(row.server or "") if step.form == "back"][-1], deployment.servers


def test_without_facts_what_a_stopped_filter_does_with_mail_is_said_to_be_unknown(plans: Plans) -> None:
    for deployment, plan in plans:
        filters = deployment.holding("mail-filter")
        apart = any(server.has("mta") and not server.has("mail-filter") for server in deployment.servers)
        alone = len(filters) == 1 and apart and not filters[0].has("mta")
        found = {row.server: row for row in rows(plan, "filtering")}
        assert set(found) == (set() if alone else {server.name for server in filters}), deployment.servers
        assert all(row.impact == "unknown" and steps(plan, row)[0].kind == "stop" for row in found.values())


def test_agents_without_a_filter_of_their_own_are_seen_to_rely_on_the_only_one(plans: Plans) -> None:
    for deployment, plan in plans:
        filters = [server.name for server in deployment.holding("mail-filter")]
        apart = {server.name for server in deployment.holding("mta") if not server.has("mail-filter")}
        found = rows(plan, "fed")
        assert {row.server for row in found} == (apart if len(filters) == 1 else set()), deployment.servers
        for row in found:
            begins, ends = steps(plan, row)
            assert (begins.server, begins.kind) == (filters[0], "drain"), deployment.servers
            assert (ends.server, ends.form) == (filters[0], "back"), deployment.servers


KINDS: dict[Fate, tuple[list[str], list[str]]] = {  # what the host has, and the flags of its filter lines
    "rejected": (["sendmail"], ["T", "R", ""]),
    "unfiltered": (["sendmail"], ["T", ""]),
    "unknown": (["sendmail"], []),
    "deferred": (["sendmail"], ["T", "4"]),
    "queued": (["bundled-postfix"], []),
}


def mail(name: str, kinds: list[str], flags: list[str]) -> HostFacts:
    """The facts of a host with these mail transfer agents and flags of its filters."""
    lines = tuple(FilterLine(name=f"f{place}", flags=flag) for place, flag in enumerate(flags))
    found = dict((known(MTA, tuple(kinds), "looked"), known(FILTER_LINES, lines, "read")))
    return HostFacts(
        server=name, via="local", outcome="ok", collected_at=datetime(2026, 12, 1, tzinfo=UTC), facts={**found}
    )


@pytest.mark.parametrize(
    ("fate", "filtering", "fed"),
    [
        ("rejected", "down", "down"),
        ("unfiltered", "down", "degraded"),
        ("unknown", "unknown", "unknown"),
        ("deferred", "degraded", "down"),
        ("queued", "degraded", "down"),
    ],
)
def test_what_a_stopped_filter_does_is_told_from_the_hosts_mail_configuration(
    deploy: Deploy, words: Words, fate: Fate, filtering: str, fed: str
) -> None:
    """On the server itself (s2), for an agent that feeds one filter alone (s4), and for a path of such agents."""
    deployment = deploy(
        "database csm", "mta mail-filter", "mail-filter", "mta", mail_paths=[path("inbound", "s4")],
    )  # fmt: skip
    servers = [server.model_copy(update={"feeds": ("s3",)}) if server.name == "s4" else server
               for server in deployment.servers]  # fmt: skip
    deployment = deployment.model_copy(update={"servers": tuple(servers)})
    facts = {name: mail(name, *KINDS[fate]) for name in ("s2", "s4")}
    plan, draft = digested_plan(deployment, facts, words), digested_plan(deployment, {}, words)
    for key, impact, subject, host, span in (
        ("filtering", filtering, "s2", "s2", ("s2.stop", "s2.back")),
        ("fed", fed, "s4", "s4", ("s3.drain-filter", "s3.back")),
        ("path-fed", fed, "inbound", "s4", ("s3.drain-filter", "s3.back")),
    ):
        (row,) = rows(plan, key)
        assert (row.impact, row.path or row.server, (row.from_step, row.until_step)) == (impact, subject, span)
        host_filter = "s2" if key == "filtering" else "s3"
        called = "Incoming mail" if key == "path-fed" else "Mail"
        said = {"path": row.path, "server": row.server, "filter": host_filter, "told": fate, "mail": called}
        assert row.words == words.say("interruptions", key, fate, **said)
        assert row.desk == words.say("interruptions", key, "desk", **said)
        assert row.basis.kind == ("ours" if fate == "unknown" else "measured")
        assert fate == "unknown" or f"{host}:puremessage.mta" in row.basis.refs
    assert plan.digest == draft.digest


def test_an_agent_that_feeds_several_filters_relies_on_none(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mail-filter", "mail-filter", "mta")
    assert rows(build(deployment, {}, words), "fed") == []
    agent = deployment.servers[3].model_copy(update={"feeds": ("s2", "s3")})
    fed = deployment.model_copy(update={"servers": (*deployment.servers[:3], agent)})
    assert {row.key for row in build(fed, {}, words).interruptions} & {"fed", "filtering"} == set()


def test_every_member_of_a_mail_path_has_its_row_and_only_a_single_member_is_down(plans: Plans) -> None:
    """But for a member that all others hand their mail to: of the whole path one row speaks, and no other."""
    for deployment, plan in plans:
        fed = {name: {name, *(each.name for each in agents)}
               for name, agents in relying(deployment, deployment.servers).items()}  # fmt: skip
        members = [(way.name, name, len(way.members)) for way in deployment.mail_paths for name in way.members
                   if len(way.members) == 1 or not fed.get(name, set()) >= set(way.members)]  # fmt: skip
        found = {(row.path, row.server): row.impact for row in rows(plan, "path")}
        expected = {(way, name): "down" if count == 1 else "reduced" for way, name, count in members}
        assert found == expected and len(rows(plan, "path")) == len(members), deployment.servers


def test_a_member_is_missing_from_its_path_from_its_drain_until_it_is_back(plans: Plans) -> None:
    for deployment, plan in plans:
        for row in rows(plan, "path"):
            begins, ends = steps(plan, row)
            drains = of_kind(plan, row.server or "", "drain")
            named = [step for step in drains if step.path]
            assert begins == next((step for step in named if step.path == row.path), drains[0]), deployment.servers
            assert not named or begins.path == row.path, deployment.servers
            assert (ends.server, ends.form) == (row.server, "back"), deployment.servers


def test_a_way_of_mail_that_nobody_declared_is_unknown_from_the_first_carrier_to_the_last(plans: Plans) -> None:
    for deployment, plan in plans:
        ways = {"inbound", "outbound"} - {path.direction for path in deployment.mail_paths}
        role = "mta" if deployment.holding("mta") else "mail-filter"
        carriers = [name for name in plan.order if role in deployment.server(name).roles]
        found = rows(plan, "undeclared")
        assert {row.path for row in found} == (ways if carriers else set()), deployment.servers
        for row in found:
            begins, ends = steps(plan, row)
            assert row.impact == "unknown", deployment.servers
            assert (begins.server, begins.kind, ends.server, ends.form) == (
                carriers[0], "drain", carriers[-1], "back",
            ), deployment.servers  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "unknown"),
    [
        ([], {"inbound", "outbound"}),
        ([path("mx", "s2")], {"inbound", "outbound"}),
        ([path("Inbound", "s2")], {"outbound"}),
        ([path("mx", "s2", direction="outbound")], {"inbound"}),
        ([path("mx", "s2", direction="both")], set()),
        ([path("in", "s2", direction="inbound"), path("out", "s2", direction="outbound")], set()),
    ],
)
def test_the_direction_of_a_path_is_what_is_declared_or_else_its_name(
    deploy: Deploy, words: Words, paths: list[dict[str, Any]], unknown: set[str]
) -> None:
    plan = build(deploy("database csm", "mta mail-filter", mail_paths=paths), {}, words)
    assert {row.path for row in rows(plan, "undeclared")} == unknown


def test_publishing_rests_from_one_end_of_its_freeze_to_the_other(plans: Plans) -> None:
    for deployment, plan in plans:
        for row in (*rows(plan, "publishing"), *rows(plan, "emergency-rules")):
            forms = tuple(step.form for step in steps(plan, row))
            assert forms == ("publishing-freeze", "publishing-free"), deployment.servers
        assert len(rows(plan, "publishing")) == len(rows(plan, "emergency-rules")) == 1


def test_a_member_that_is_no_mail_server_is_taken_out_of_its_path_and_put_back_as_well(
    deploy: Deploy, words: Words
) -> None:
    plan = build(deploy("database csm", "euwi", mail_paths=[path("relay", "s2", direction="both")]), {}, words)
    (row,) = rows(plan, "path")
    assert (row.from_step, row.until_step, row.impact) == ("s2.out-lb", "s2.back", "down")


def test_starts_are_by_low_minutes_and_ends_by_high_ones(deploy: Deploy, words: Words) -> None:
    plan = build(deploy("database csm", "mta mail-filter", "mta mail-filter"), {}, words)
    for row in plan.interruptions:
        begins, ends = steps(plan, row)
        before = plan.steps[: plan.steps.index(begins)]
        low = sum(step.minutes.low for step in before if step.night == 1)
        assert row.starts_at and (row.starts_at - plan.nights[0].start).total_seconds() == low * 60, row.key
        done = plan.steps[: plan.steps.index(ends) + 1]
        high = sum(step.minutes.high for step in done if step.night == 1)
        assert row.ends_at and (row.ends_at - plan.nights[0].start).total_seconds() == high * 60, row.key


def test_every_interruption_says_what_whom_why_and_how(worded: Plans) -> None:
    for deployment, plan in worded:
        for row in plan.interruptions:
            said = (row.service, row.audience, row.cause, row.words, row.desk or "")
            assert all(said), (row.key, row.impact, deployment.servers)
            assert "None" not in " ".join(said), (row.key, deployment.servers)


def test_two_filters_behind_one_balancer_as_a_story(deploy: Deploy, words: Words) -> None:
    deployment = deploy(
        "database csm", "mta mail-filter", "mta mail-filter", "euwi gwi",
        mail_paths=[path("inbound", "s2", "s3"), path("partner", "s3", direction="outbound")],
    )  # fmt: skip
    told = [
        (row.service, row.impact, row.from_step, row.until_step) for row in build(deployment, {}, words).interruptions
    ]
    assert sorted(told) == sorted([
        ("Publishing and policy changes", "down", "night1.publishing-freeze", "end.publishing-free"),
        ("Emergency policy rules", "down", "night1.publishing-freeze", "end.publishing-free"),
        ("Database access of server s2", "degraded", "s1.stop", "s2.verify"),
        ("Database access of server s3", "degraded", "s1.stop", "s3.verify"),
        ("Release by mail", "unknown", "s1.stop", "s3.verify"),
        ("Quarantine release by administrators", "down", "s1.stop", "s3.verify"),
        ("Reports", "degraded", "s1.stop", "s3.verify"),
        ("End User Web Interface", "down", "s1.stop", "s4.complete"),
        ("Groups Web Interface", "down", "s1.stop", "s4.complete"),
        ("Links in quarantine digests", "degraded", "s1.stop", "s4.complete"),
        ("Log search", "degraded", "s1.stop", "s4.complete"),
        ("Mail Filter capacity", "reduced", "s2.out-lb", "s2.back"),
        ("Mail path inbound through server s2", "reduced", "s2.out-lb", "s2.back"),
        ("Filtering of mail that still reaches server s2", "unknown", "s2.stop", "s2.back"),
        ("Mail Filter capacity", "reduced", "s3.out-lb", "s3.back"),
        ("Mail path inbound through server s3", "reduced", "s3.out-lb", "s3.back"),
        ("Mail path partner through server s3", "down", "s3.out-lb.2", "s3.back"),
        ("Filtering of mail that still reaches server s3", "unknown", "s3.stop", "s3.back"),
    ])  # fmt: skip


@st.composite
def sites(draw: st.DrawFn) -> dict[str, Any]:
    """Servers, paths with any of them as members, and who feeds whom; with and without the site's own drain."""
    roles = draw(st.lists(st.sampled_from(("mta", "mail-filter", "mta mail-filter")), min_size=2, max_size=5))
    names = [f"s{place}" for place in range(2, len(roles) + 2)]
    filters = [name for name, held in zip(names, roles, strict=True) if "mail-filter" in held]
    servers: list[dict[str, Any]] = [{"name": "s1", "roles": ["database", "csm"]}]
    for name, held in zip(names, roles, strict=True):
        feeds = draw(st.lists(st.sampled_from(filters), max_size=2, unique=True)) if filters and held == "mta" else []
        servers.append({"name": name, "roles": held.split(), "feeds": feeds})
    members = st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)
    vias = draw(st.lists(st.tuples(st.sampled_from(("mx", "lb", "smarthost")), members), max_size=3))
    paths = [{"name": f"p{place}", "via": via, "members": held} for place, (via, held) in enumerate(vias)]
    line = [{"text": "Ours"}] if draw(st.booleans()) else []
    return {"servers": servers, "mail_paths": paths, "procedure": {"drain": line}}


@given(site=sites())
def test_a_path_with_independent_members_is_never_fully_down(deploy: Deploy, site: dict[str, Any]) -> None:
    """At no step are all members out, where no server carries them all; and where one does, a row says so."""
    deployment = deploy(**site)
    plan = build(deployment, {}, Words({}, Path()))
    carried = {server.name: {server.name, *relying(deployment, [server])} for server in deployment.servers}
    spans = {id: place for place, id in enumerate(step.id for step in plan.steps)}
    for way in deployment.mail_paths:
        common = set.intersection(*(carried[name] for name in way.members))
        out = [row for row in plan.interruptions if row.key in ("path", "fed")
               and row.server in way.members and row.path in (None, way.name)]  # fmt: skip
        whole = [row for row in plan.interruptions if row.key == "path-fed" and row.path == way.name]
        worst = 0
        for place in range(len(plan.steps)):
            open_ = [row for row in (*out, *whole) if spans[row.from_step] <= place <= spans[row.until_step]]
            all_out = any(row in whole for row in open_)
            worst = max(worst, len(way.members) if all_out else len({row.server for row in open_}))
        assert not any(
            row.key == "path" and spans[row.from_step] <= spans[one.until_step]
            and spans[one.from_step] <= spans[row.until_step]
            for one in whole for row in out if row.path == way.name
        ), (way, site)  # fmt: skip
        assert (worst < len(way.members)) == (not common), (way, site)
        fully = {row.key for row in plan.interruptions if row.path == way.name and row.impact != "reduced"}
        assert bool(fully) == bool(common), (way, site)


@given(site=sites())
def test_every_interruption_opens_before_it_closes_and_at_a_step_that_causes_it(
    deploy: Deploy, site: dict[str, Any]
) -> None:
    plan = build(deploy(**site), {}, Words({}, Path()))
    for row in plan.interruptions:
        begins, ends = steps(plan, row)
        assert plan.steps.index(begins) < plan.steps.index(ends), row
        assert begins.kind in ("drain", "stop") or begins.form == "publishing-freeze", row
        assert ends.form in ("back", "verify", "complete", "publishing-free"), row
        assert row.server is None or row.key in ("database", "fed") or begins.server == ends.server == row.server, row


@given(site=sites())
def test_nothing_is_stranded_on_any_agent(deploy: Deploy, site: dict[str, Any]) -> None:
    """Out of every path, no connection left, intake closed, flushed, seen empty, stopped; then the old queue again."""
    deployment = deploy(**site)
    plan = build(deployment, {}, Words({}, Path()))
    for server in deployment.servers:
        own = [step.form for step in plan.of(server.name)]
        paths: list[str | None] = [way.name for way in paths_of(deployment, server)]
        back = [step for step in plan.of(server.name) if step.form == "back"]
        assert len(back) == bool(paths or server.has("mta", "mail-filter")), "one step, into all paths"
        left = [step.path for step in plan.of(server.name) if step.form.startswith("out-")]
        drained = site["procedure"]["drain"] and server.has("mta", "mail-filter")
        assert left == ([] if drained else paths), site
        assert ("connections" in own) == bool(paths), site
        wanted = [form for form in own if form in ("intake", "flush", "drain-mta", "queue-empty", "stop", "old-queue")]
        if server.has("mta"):
            closed = ["drain-mta"] if drained or not paths else ["intake", "flush"]
            assert wanted == [*closed, "queue-empty", "stop", "old-queue"], site
        else:
            assert wanted == ["stop"], site
