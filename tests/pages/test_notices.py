"""Who is told what: whoever misses something, before and after, and nobody else; and not by the mail that stops."""

from collections.abc import Callable
from typing import get_args

import pytest

from checker.checks.vendor import DEMANDS
from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from checker.schedule.mail_flow import FATES
from runbook.pages.notices.unplanned import Unplanned
from runbook.plan.audiences import (
    MAIL_STOPS,
    NOTICED,
    TELLINGS,
    Moment,
    all_notices,
    mail_may_stop,
    noticed_by,
)
from runbook.plan.plan_model import Interruption, Plan
from runbook.plan.planning import build
from runbook.words import Words

Plans = tuple[tuple[Deployment, Plan], ...]
Deploy = Callable[..., Deployment]

# Noticed by those who run the system alone; whoever adds a kind of interruption decides who else notices it.
INSIDE = {
    ("database", "degraded"), ("release-by-administrators", "down"), ("reports", "degraded"),
    ("log-search", "degraded"), ("path", "reduced"), ("capacity", "reduced"), ("capacity", "down"),
    ("filtering", "unfiltered"), ("filtering", "unknown"), ("filtering", "deferred"), ("filtering", "queued"),
    ("publishing", "down"), ("emergency-rules", "down"),
}  # fmt: skip
OUTCOMES = {"down", "reduced", "degraded", "unknown", "rejected", "unfiltered", "deferred", "queued"}
PATHS = [{"name": way, "direction": way, "via": "lb", "members": ["s2", "s3"]} for way in ("inbound", "outbound")]
LONELY = [{"name": "inbound", "direction": "both", "via": "mx", "members": ["s2"]}]


@pytest.mark.parametrize(
    ("kind_of_it", "stops"),
    [
        *((("path", impact), impact == "down") for impact in ("down", "reduced")),
        (("undeclared", "unknown"), True),
        *(((key, fate), fate != "unfiltered") for key in ("path-fed", "fed") for fate in FATES),
        # what waits in a queue of the server's own leaves it when its filter is back, minutes later
        *((("filtering", fate), fate in ("rejected", "unknown")) for fate in FATES),
        (("euwi", "down"), False),
        (("database", "degraded"), False),
    ],
)  # fmt: skip
def test_mail_may_stop_wherever_an_interruption_keeps_it_from_its_receivers(
    deploy: Deploy, words: Words, kind_of_it: tuple[str, str], stops: bool
) -> None:
    key, what = kind_of_it
    plan = build(deploy("database csm mta mail-filter"), {}, words)
    row = plan.interruptions[0]
    fate = {"fate": what, "impact": "degraded"} if what in FATES and key != "undeclared" else {"impact": what}
    alone = row.model_copy(update={"key": key, "fate": None} | fate)
    assert mail_may_stop(plan.model_copy(update={"interruptions": (alone,)})) is stops


def audiences(plan: Plan) -> set[Audience]:
    return {each.telling.audience for each in all_notices(plan)}


def test_everybody_who_misses_something_is_told_before_it_begins_and_after_it_has_ended(plans: Plans) -> None:
    for deployment, plan in plans:
        place = {step.id: index for index, step in enumerate(plan.steps)}
        heard: dict[tuple[Audience, str, str], list[int]] = {}
        for each in all_notices(plan):
            for row in each.rows if each.step else ():
                heard.setdefault((each.telling.audience, *span(row)), []).append(place[each.step.id])  # type: ignore[union-attr]
        for row in plan.interruptions:
            for audience in noticed_by(row):
                at = heard[(audience, *span(row))]
                assert min(at) < place[row.from_step], (audience, row.key, deployment.servers)
                assert max(at) > place[row.until_step], (audience, row.key, deployment.servers)


def span(row: Interruption) -> tuple[str, str]:
    return f"{row.key} {row.path} {row.server}", f"{row.from_step} {row.until_step}"


def test_those_who_could_change_names_and_addresses_are_told_of_the_freeze_its_lasting_and_its_end(
    plans: Plans,
) -> None:
    for deployment, plan in plans:
        moments = [each.telling.moment for each in all_notices(plan) if each.telling.audience == "infrastructure"]
        nights = len(plan.nights)
        expected = ["two-weeks", "two-days", "start", *["pause", "start"] * (nights - 1), "finished", "overrun"]
        assert moments == expected, deployment.servers


def test_nobody_is_told_who_misses_nothing(plans: Plans) -> None:
    for deployment, plan in plans:
        assert all(each.rows for each in all_notices(plan)), deployment.servers
        missed = {audience for row in plan.interruptions for audience in noticed_by(row)}
        assert audiences(plan) == missed | {"infrastructure"}, deployment.servers
        assert ("group-admins" in missed) == bool(deployment.holding("euwi", "gwi")), deployment.servers


def test_a_night_is_told_to_those_who_miss_something_in_it(plans: Plans) -> None:
    for deployment, plan in plans:
        night = {step.id: step.night for step in plan.steps}
        for each in all_notices(plan):
            if each.step and each.step.night and each.telling.moment != "finished":
                for row in each.rows:
                    begins, ends = night[row.from_step], night[row.until_step]
                    assert begins and ends and begins <= each.step.night <= ends, (row.key, deployment.servers)


def test_partners_are_told_only_where_mail_is_down_or_refused(deploy: Deploy, words: Words) -> None:
    roles = ("database csm", "mta mail-filter", "mta mail-filter", "euwi")
    assert "mail-partners" not in audiences(build(deploy(*roles, mail_paths=PATHS), {}, words))
    assert "mail-partners" not in audiences(build(deploy(*roles), {}, words))
    assert "mail-partners" in audiences(build(deploy(*roles, mail_paths=LONELY), {}, words))


def test_users_without_a_web_interface_are_told_of_their_mail_alone(deploy: Deploy, words: Words) -> None:
    plan = build(deploy("database csm", "mta mail-filter", mail_paths=LONELY), {}, words)
    rows = {row.key for each in all_notices(plan) if each.telling.audience == "users" for row in each.rows}
    assert "path" in rows and not rows & {"euwi", "gwi", "digests"}


def test_numbers_rise_with_the_steps_and_what_is_for_a_late_night_stands_last(plans: Plans) -> None:
    for _, plan in plans:
        each = all_notices(plan)
        assert [one.number for one in each] == list(range(1, len(each) + 1))
        places = [plan.steps.index(one.step) if one.step else len(plan.steps) for one in each]
        assert places == sorted(places)
        assert all((one.step is None) == (one.telling.moment == "overrun") for one in each)
        late = {one.telling.audience for one in each if one.step is None}
        assert late == audiences(plan)


def test_every_notice_step_sends_something(plans: Plans) -> None:
    for deployment, plan in plans:
        sent = {each.step.id for each in all_notices(plan) if each.step}
        assert sent == {step.id for step in plan.steps if step.kind == "notice"}, deployment.servers


def test_each_row_of_the_table_stands_once_with_a_reason_and_real_demands() -> None:
    pairs = [(row.moment, row.audience) for row in TELLINGS]
    assert len(set(pairs)) == len(pairs)
    assert {row.moment for row in TELLINGS} == set(get_args(Moment))
    assert {row.audience for row in TELLINGS} == set(get_args(Audience))
    assert all(row.reason for row in TELLINGS)
    assert {demand for row in TELLINGS for demand in row.demands} <= {demand.id for demand in DEMANDS}
    assert {"V07", "V09", "V13", "V14", "V15", "V17", "V24"} <= {d for row in TELLINGS for d in row.demands}


def test_it_is_decided_of_every_kind_of_interruption_who_notices_it(words: Words) -> None:
    kinds = {(key, field) for key, fields in words.tables["interruptions"].items() for field in OUTCOMES & set(fields)}
    assert kinds == (set(NOTICED) - {("freeze", "down")}) | INSIDE
    assert not set(NOTICED) & INSIDE
    assert set(NOTICED) | INSIDE > MAIL_STOPS


def test_what_people_outside_notice_has_words_of_its_own_and_none_are_left_over(words: Words) -> None:
    outside = {pair for pair, who in NOTICED.items() if set(who) - {"administrators"}}
    assert set(words.tables["notices"]["plain"]) == {"-".join(pair) for pair in outside}
    assert set(words.tables["notices"]["services"]) == {key for key, _ in outside}
    assert set(words.tables["notices"]) == {
        *get_args(Audience), *get_args(Moment), *get_args(Unplanned), "outlook", "unplanned", "spans", "line", "again",
        "reference", "mail", "services", "plain",
    }  # fmt: skip
