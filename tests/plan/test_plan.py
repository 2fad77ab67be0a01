"""What every plan keeps, whatever the roles: the sequence on a server, the gates, the freezes and the notices."""

from collections.abc import Callable
from itertools import groupby, pairwise

from checker.checks.vendor import DEMANDS
from checker.inputs.deployment import PROCEDURE_KINDS, Deployment, Server
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.words import Words

Plans = tuple[tuple[Deployment, Plan], ...]

EARLIEST = {"database": 1, "csm": 1, "mta": 2, "mail-filter": 2, "euwi": 3, "gwi": 3}
SEQUENCE = {
    "interlock": 0, "guard": 1, "recheck": 2, "carriers": 3, "hold-jobs": 4, "drain-mta": 5, "drain-filter": 5,
    "out-mx": 5, "out-lb": 5, "out-smarthost": 5, "connections": 6, "intake": 7, "product-queue": 8, "flush": 9,
    "queue-empty": 10, "dump": 11, "stop": 12, "counts-before": 13, "backup": 14, "upgrade": 15, "migrate": 16,
    "start-csm": 17, "start-look": 17, "verify": 18, "definitions": 19, "old-queue": 20, "product-queue-after": 21,
    "counts-after": 22, "intake-tester": 23, "test": 24, "test-each": 24, "back": 25, "soak": 26, "release-jobs": 27,
    "gate-phase-1": 28, "gate-first-mail-filter": 29, "gate-first-mta": 29, "complete": 30,
}  # fmt: skip


def said(deployment: Deployment) -> str:
    """The roles of a pattern, for the message of a failure."""
    return " | ".join(f"{server.name}: {' '.join(server.roles)}" for server in deployment.servers)


def forms(plan: Plan, server: Server) -> list[str]:
    return [step.form for step in plan.of(server.name)]


def places(plan: Plan, **wanted: str) -> list[int]:
    """Where steps stand that have these values: `places(plan, server="s1", kind="stop")`."""
    return [
        place
        for place, step in enumerate(plan.steps)
        if all(getattr(step, field) == value for field, value in wanted.items())
    ]


def phase_of(server: Server) -> int:
    return min(EARLIEST[role] for role in server.roles)


def in_order(deployment: Deployment, plan: Plan) -> list[Server]:
    return [deployment.server(name) for name in plan.order]


def test_servers_are_done_one_after_the_other_in_their_order(plans: Plans) -> None:
    for deployment, plan in plans:
        touched = [name for name, _ in groupby(step.server for step in plan.steps if step.server)]
        assert touched == list(plan.order), said(deployment)
        assert sorted(plan.order) == sorted(server.name for server in deployment.servers)
        for server in deployment.servers:
            nights = {night.number for night in plan.nights if server.name in night.servers}
            assert {step.night for step in plan.of(server.name)} == nights, said(deployment)
            assert len(nights) == 1, said(deployment)
            own = places(plan, server=server.name)
            assert own == list(range(own[0], own[-1] + 1)), said(deployment)


def test_the_steps_of_a_server_never_leave_their_sequence(plans: Plans) -> None:
    """Drain, stop, backup, upgrade, migrate, start, verify, back: a form may be missing or have several lines."""
    for deployment, plan in plans:
        for server in deployment.servers:
            ranks = [SEQUENCE[form] for form in forms(plan, server)]
            assert ranks == sorted(ranks), said(deployment)
            assert {"guard", "recheck", "stop", "backup", "upgrade", "verify", "complete"} <= set(forms(plan, server))


def test_no_other_step_comes_between_an_upgrade_and_its_own_migration(plans: Plans) -> None:
    for deployment, plan in plans:
        for server in deployment.servers:
            own = [form for form, _ in groupby(forms(plan, server))]
            if deployment.migration.script is False:
                assert "migrate" not in own, said(deployment)
            else:
                assert own[own.index("upgrade") + 1] == "migrate", said(deployment)


def test_an_mta_closes_its_intake_first_and_its_queue_is_looked_into_before_and_after(plans: Plans) -> None:
    for deployment, plan in plans:
        for server in deployment.servers:
            own = set(forms(plan, server))
            closed = {"drain-mta"} <= own or {"intake", "flush"} <= own
            assert (closed and own >= {"queue-empty", "old-queue"}) == server.has("mta"), said(deployment)
            assert not own & {"drain-mta", "intake", "flush"} or server.has("mta"), said(deployment)
            assert ("drain-filter" in own) <= (server.has("mail-filter") and not server.has("mta")), said(deployment)
            assert ("back" in own) == server.has("mta", "mail-filter"), said(deployment)
            assert own & {"queue-empty", "old-queue"} == set() or server.has("mta"), said(deployment)


def test_the_products_own_queue_is_listed_on_every_server_before_the_stop_and_after_the_upgrade(plans: Plans) -> None:
    for deployment, plan in plans:
        for server in deployment.servers:
            own = forms(plan, server)
            before, after = own.index("product-queue"), own.index("product-queue-after")
            assert before < own.index("stop") < own.index("upgrade") < after, said(deployment)
            if server.has("mta"):  # what it injects again comes into this queue
                assert before < own.index("queue-empty"), said(deployment)


def test_every_server_that_carries_mail_is_tested_before_it_carries_mail_again(plans: Plans) -> None:
    for deployment, plan in plans:
        for server in deployment.servers:
            own = forms(plan, server)
            tests = [place for place, form in enumerate(own) if form in ("test", "test-each")]
            assert bool(tests) == server.has("mta", "mail-filter"), said(deployment)
            assert not tests or own.index("verify") < tests[0] <= tests[-1] < own.index("back"), said(deployment)


def test_the_sites_own_test_is_done_on_a_single_server_too_and_no_gate_waits_for_nobody(
    deploy: Callable[..., Deployment], words: Words
) -> None:
    lines = [{"text": "Send the two messages"}, {"text": "Read the log"}]
    plan = build(deploy("database csm mta mail-filter euwi", procedure={"test": lines}), {}, words)
    assert [step.site_text for step in plan.steps if step.kind == "test"] == ["Send the two messages", "Read the log"]
    assert {step.form for step in plan.steps if step.gate} == {"go"}


def test_the_csm_is_started_before_a_server_of_a_later_phase_is_touched(plans: Plans) -> None:
    for deployment, plan in plans:
        starts = places(plan, form="start-csm")
        assert bool(starts) == bool(deployment.holding("csm")), said(deployment)
        for server in deployment.servers:
            if starts and phase_of(server) > 1:
                assert starts[-1] < places(plan, server=server.name)[0], said(deployment)


def test_each_gate_stands_where_something_follows_and_closes_the_server_before_it(plans: Plans) -> None:
    for deployment, plan in plans:
        ordered = in_order(deployment, plan)
        first_filter = next((server.name for server in ordered if server.has("mail-filter")), None)
        first_mta = next((server.name for server in ordered if server.has("mta")), None)
        last_of_phase_1 = [server.name for server in ordered if phase_of(server) == 1][-1:]
        expected = []
        for server in ordered[:-1]:
            if server.name in last_of_phase_1:
                expected.append((server.name, "gate-phase-1"))
            if server.name == first_filter:
                expected.append((server.name, "gate-first-mail-filter"))
            elif server.name == first_mta:
                expected.append((server.name, "gate-first-mta"))
        gates = [(step.server, step.form) for step in plan.steps if step.form.startswith("gate-")]
        assert gates == expected, said(deployment)
        for server in ordered:
            own = forms(plan, server)
            assert own[-1] == "complete", said(deployment)
            assert own.count("interlock") == (own[0] == "interlock") == (server is not ordered[0]), said(deployment)


def test_a_step_is_a_gate_when_people_sign_it(plans: Plans) -> None:
    signed = {"go", "go-again", "interlock", "gate-phase-1", "gate-first-mail-filter", "gate-first-mta"}
    for _, plan in plans:
        assert {step.form for step in plan.steps if step.gate} == {s.form for s in plan.steps} & signed
        assert all(step.gate == (step.kind == "gate") for step in plan.steps)


def test_what_is_gated_as_first_has_been_tested_before_it_is_back_in_the_mail(plans: Plans) -> None:
    for deployment, plan in plans:
        for server in deployment.servers:
            own = forms(plan, server)
            if {"gate-first-mail-filter", "gate-first-mta"} & set(own):
                assert own.index("test") < own.index("back"), said(deployment)


def test_only_one_mail_filter_is_out_at_a_time_and_another_is_seen_carrying_mail_first(plans: Plans) -> None:
    for deployment, plan in plans:
        filters = [server for server in in_order(deployment, plan) if server.has("mail-filter")]
        out = []
        for server in filters:
            own = places(plan, server=server.name)
            leaves = next(place for place in own if plan.steps[place].kind in ("drain", "stop"))
            back = next(place for place in own if plan.steps[place].form == "back")
            out.append((leaves, back))
            looks = [place for place in own if plan.steps[place].form == "carriers"]
            assert [place < leaves for place in looks] == [True] * (len(filters) > 1), said(deployment)
        assert all(one[1] < other[0] for one, other in pairwise(out)), said(deployment)


def test_both_freezes_span_every_step_on_every_server(plans: Plans) -> None:
    for deployment, plan in plans:
        own = [place for place, step in enumerate(plan.steps) if step.server]
        for begin, end in (("identity-freeze", "identity-free"), ("publishing-freeze", "publishing-free")):
            (begins,), (ends,) = places(plan, form=begin), places(plan, form=end)
            assert begins < own[0] and own[-1] < ends, said(deployment)


def test_notices_go_out_by_their_date_and_before_the_first_stop(plans: Plans) -> None:
    for deployment, plan in plans:
        stop = plan.steps[places(plan, kind="stop")[0]]
        told = {step.form: step for step in plan.steps if step.night is None and step.kind == "notice"}
        assert list(told) == ["notice-two-weeks", "notice-two-days", "notice-one-hour"], said(deployment)
        times = [step.starts_at for step in (*told.values(), stop) if step.starts_at]
        assert times == sorted(times) and len(times) == 4, said(deployment)


def test_every_night_but_the_last_ends_with_a_pause_and_every_later_one_is_opened_again(plans: Plans) -> None:
    for deployment, plan in plans:
        for night in plan.nights:
            own = [step for step in plan.steps if step.night == night.number and step.block != "H"]
            around = [step.form for step in own if step.server is None]
            opened = ["go", "identity-freeze", "publishing-freeze", "notice-start"]
            closed = [
                "recheck-after", "identity-free", "publishing-free", "notice-resumed", "notice-finished", "finished",
            ]  # fmt: skip
            expected = opened if night.number == 1 else ["renew-backup", "recheck-reopen", "go-again", "notice-start"]
            closed = ["retry", *closed] if deployment.holding("mta", "mail-filter") else closed
            expected = expected + (closed if night is plan.nights[-1] else ["pause", "notice-pause"])
            assert around == expected, said(deployment)


def test_ids_and_numbers_of_steps_are_unique(plans: Plans) -> None:
    for deployment, plan in plans:
        assert len({step.id for step in plan.steps}) == len(plan.steps), said(deployment)
        assert len({step.number for step in plan.steps}) == len(plan.steps), said(deployment)


def test_the_phases_hold_every_server_and_every_step_of_a_server_once_and_in_order(plans: Plans) -> None:
    for deployment, plan in plans:
        standing = [(phase.id, place) for phase in plan.phases for place in phase.servers]
        assert [place.server for _, place in standing] == list(plan.order), said(deployment)
        assert all(number == phase_of(deployment.server(place.server)) for number, place in standing), said(deployment)
        listed = [step for _, place in standing for step in place.steps]
        assert listed == [step.id for step in plan.steps if step.server], said(deployment)


def applying(deployment: Deployment) -> set[str]:
    """The demands that apply to a deployment, read off the vendor's page."""
    ids = {demand.id for demand in DEMANDS} - {"V02", "V06", "V08", "V12", "V14", "V15", "V16", "V18", "V19", "V22"}
    roles = {role for server in deployment.servers for role in server.roles}
    migrated = deployment.migration.script is not False
    ids |= {"V02"} if len(deployment.servers) > 1 else set()
    ids |= {"V06"} if migrated else set()
    ids |= {"V08"} if len(deployment.holding("mail-filter")) > 1 else set()
    ids |= {"V12"} if "database" in roles else set()
    ids |= {"V14", "V15"} if "euwi" in roles else set()
    ids |= {"V16"} if "database" in roles and migrated else set()
    ids |= {"V18"} if "csm" in roles else set()
    ids |= {"V19"} if roles & {"mta", "mail-filter"} else set()
    ids |= {"V22"} if "euwi" in roles else set()
    tested = len(deployment.servers) > 1 and roles & {"mta", "mail-filter"}
    return ids if tested else ids - {"V21"}


def test_every_demand_that_applies_is_served_by_a_step(plans: Plans) -> None:
    known = {demand.id for demand in DEMANDS}
    for deployment, plan in plans:
        served = {demand for step in plan.steps for demand in step.demands}
        assert applying(deployment) <= served <= known, said(deployment)


def test_a_migration_serves_the_vendors_demand_for_every_phase_of_its_server(plans: Plans) -> None:
    for deployment, plan in plans:
        for step in plan.steps:
            if step.form == "migrate" and step.server:
                phases = {EARLIEST[role] for role in deployment.server(step.server).roles}
                expected = {"V06", *({1: "V16", 2: "V19", 3: "V22"}[phase] for phase in phases)}
                assert set(step.demands) == expected, said(deployment)


def test_three_servers_with_a_procedure_as_a_story(deploy: Callable[..., Deployment], words: Words) -> None:
    """A Database server that is also CSM, then a filter that is its own MTA, then the web interfaces."""
    line = {"text": "As in our copy"}
    deployment = deploy(
        "euwi gwi", "mta mail-filter", "database csm",
        migration={"script": True, "options": ["Logs"]},
        procedure={"stop": [line], "upgrade": [line | {"roles": ["database"]}, line, line], "migrate": [line]},
        minutes={
            kind: {"low": 1, "likely": 1, "high": 2}
            for kind in (*PROCEDURE_KINDS, "definitions", "soak", "retry", "counts")
        },
    )  # fmt: skip
    plan = build(deployment, {}, words)
    assert [f"{step.number} {step.form}" for step in plan.steps] == [
        "P.1 measure-space", "P.2 identity-changes", "P.3 notice-two-weeks", "P.4 support", "P.5 notice-two-days",
        "P.6 recheck-two-days", "P.7 recheck-one-hour", "P.8 notice-one-hour",
        "N1.1 go", "N1.2 identity-freeze", "N1.3 publishing-freeze", "N1.4 notice-start",
        "1.1 guard", "1.2 recheck", "1.3 hold-jobs", "1.4 product-queue", "1.5 dump", "1.6 stop", "1.7 counts-before",
        "1.8 backup",
        "1.9 upgrade", "1.10 upgrade", "1.11 upgrade", "1.12 migrate", "1.13 start-csm", "1.14 verify",
        "1.15 product-queue-after", "1.16 counts-after", "1.17 release-jobs", "1.18 gate-phase-1", "1.19 complete",
        "2.1 interlock", "2.2 guard", "2.3 recheck", "2.4 hold-jobs", "2.5 drain-mta", "2.6 product-queue",
        "2.7 queue-empty", "2.8 stop", "2.9 counts-before", "2.10 backup", "2.11 upgrade", "2.12 upgrade",
        "2.13 migrate", "2.14 start-look", "2.15 verify", "2.16 definitions", "2.17 old-queue",
        "2.18 product-queue-after", "2.19 counts-after", "2.20 intake-tester", "2.21 test", "2.22 back", "2.23 soak",
        "2.24 release-jobs", "2.25 gate-first-mail-filter", "2.26 complete",
        "3.1 interlock", "3.2 guard", "3.3 recheck", "3.4 hold-jobs", "3.5 product-queue", "3.6 stop",
        "3.7 counts-before", "3.8 backup", "3.9 upgrade", "3.10 upgrade", "3.11 migrate", "3.12 start-look",
        "3.13 verify", "3.14 product-queue-after", "3.15 counts-after", "3.16 release-jobs", "3.17 complete",
        "E.1 retry", "E.2 recheck-after", "E.3 identity-free", "E.4 publishing-free", "E.5 notice-resumed",
        "E.6 notice-finished", "E.7 finished",
    ]  # fmt: skip
    assert [step.id for step in plan.of("s3") if step.kind == "upgrade"] == [
        "s3.upgrade", "s3.upgrade.2", "s3.upgrade.3",
    ]  # fmt: skip
    assert [(step.server, step.kind) for step in plan.blanks() if step.server == "s1"] == [
        ("s1", "backup"), ("s1", "start"), ("s1", "verify"),
    ]  # fmt: skip
    assert plan.turn_back.gate == "s3.gate-phase-1"
    assert {step.options for step in plan.steps if step.kind == "migrate"} == {("Logs",)}
