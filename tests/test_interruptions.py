"""Who misses what, from which step to which: derived from the plan, for every pattern and every way of mail."""

from collections.abc import Callable
from typing import Any

import pytest

from checker.deployment import Deployment
from runbook.plan import Interruption, Plan, Step
from runbook.planning import build
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
            assert ends.form == "back" and ends.server == row.server, deployment.servers


def test_what_a_stopped_filter_does_with_mail_is_said_to_be_unknown(plans: Plans) -> None:
    for deployment, plan in plans:
        found = {row.server: row for row in rows(plan, "filtering")}
        assert set(found) == {server.name for server in deployment.holding("mail-filter")}, deployment.servers
        assert all(row.impact == "unknown" and steps(plan, row)[0].kind == "stop" for row in found.values())


def test_every_member_of_a_mail_path_has_its_row_and_only_a_single_member_is_down(plans: Plans) -> None:
    for deployment, plan in plans:
        members = [(way.name, name, len(way.members)) for way in deployment.mail_paths for name in way.members]
        found = {(row.path, row.server): row.impact for row in rows(plan, "path")}
        expected = {(way, name): "down" if count == 1 else "reduced" for way, name, count in members}
        assert found == expected and len(rows(plan, "path")) == len(members), deployment.servers


def test_a_member_is_missing_from_its_path_from_its_drain_until_it_is_back(plans: Plans) -> None:
    for deployment, plan in plans:
        for row in rows(plan, "path"):
            begins, ends = steps(plan, row)
            assert begins == of_kind(plan, row.server or "", "drain")[0], deployment.servers
            assert (ends.server, ends.form) == (row.server, "back"), deployment.servers


def test_a_way_of_mail_that_nobody_declared_is_unknown_from_the_first_carrier_to_the_last(plans: Plans) -> None:
    for deployment, plan in plans:
        ways = {"outbound"} if deployment.mail_paths else {"inbound", "outbound"}
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
        (row,) = rows(plan, "publishing")
        forms = tuple(step.form for step in steps(plan, row))
        assert forms == ("publishing-freeze", "publishing-free"), deployment.servers


def test_a_member_that_is_no_mail_server_is_missing_from_its_stop_until_it_is_complete(
    deploy: Deploy, words: Words
) -> None:
    plan = build(deploy("database csm", "euwi", mail_paths=[path("relay", "s2", direction="both")]), {}, words)
    (row,) = rows(plan, "path")
    assert (row.from_step, row.until_step, row.impact) == ("s2.stop", "s2.complete", "down")


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
            said = (row.service, row.audience, row.cause, row.words)
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
    assert told == [
        ("Publishing and policy changes", "down", "night1.publishing-freeze", "end.publishing-free"),
        ("Database access of s2", "degraded", "s1.stop", "s2.verify"),
        ("Database access of s3", "degraded", "s1.stop", "s3.verify"),
        ("End User Web Interface", "down", "s1.stop", "s4.complete"),
        ("Groups Web Interface", "down", "s1.stop", "s4.complete"),
        ("Mail Filter capacity", "reduced", "s2.drain-mta", "s2.back"),
        ("Mail by inbound through s2", "reduced", "s2.drain-mta", "s2.back"),
        ("Filtering of mail that still reaches s2", "unknown", "s2.stop", "s2.back"),
        ("Mail Filter capacity", "reduced", "s3.drain-mta", "s3.back"),
        ("Mail by inbound through s3", "reduced", "s3.drain-mta", "s3.back"),
        ("Mail by partner through s3", "down", "s3.drain-mta", "s3.back"),
        ("Filtering of mail that still reaches s3", "unknown", "s3.stop", "s3.back"),
    ]
