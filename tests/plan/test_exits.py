"""The three exits: where the work can rest, when to hold, how far back it is, for every prefix of small deployments."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from digested_plans import digested_plan
from judging import judge

from checker.facts.catalogue import PART_FILES, PART_KIB
from checker.facts.host_facts import HostFacts, known
from checker.inputs.deployment import Deployment
from checker.report import Report
from checker.schedule.order import phase
from runbook.pages.board.backout import backout_part, exits_until, latest_start
from runbook.pages.board.decision import decision
from runbook.pages.help_desk import help_desk_card
from runbook.pages.night.backout_card import way_back_card
from runbook.pages.night.hold_and_back import EACH, exits_part, last_moments, permitted_end, rests
from runbook.pages.page_model import Blank, Caution, Cell, Fields, Paragraph, Part, Signatures, Table
from runbook.pages.sources import Edition
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.plan.resting_points import State, states
from runbook.words import Words

Plans = tuple[tuple[Deployment, Plan], ...]
Deploy = Callable[..., Deployment]
NIGHT = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]
CHANGE = {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": NIGHT}
RATE = {"kib_per_minute": 1000, "files_per_minute": 100}
REHEARSAL: dict[str, Any] = {"on": "2026-11-01", "by": "A. Example", "result": "complete", "rates": {"restore": RATE}}
NOBODY, WITHIN = "No name: HOLD.", "Deputy after 7 minutes without answer:"
SIZES = {
    "quarantine": (4000, 900),
    "logs": (1000, 2),
    "database": (3000, 5),
    "configuration": (100, 9),
    "queue": (0, 0),
}


def on(server: str, **sizes: tuple[int, int] | None) -> HostFacts:
    """What a server says of the size of its parts: KiB and files; None where a part was not seen."""
    facts: dict[str, Any] = {}
    for part, amount in (SIZES | sizes).items():
        if amount is not None:
            facts |= dict([known(PART_KIB[part], amount[0], "du"), known(PART_FILES[part], amount[1], "find")])  # type: ignore[index]
    at = datetime.fromisoformat("2026-12-05T18:00+01:00")
    return HostFacts(server=server, via="files", outcome="ok", collected_at=at, facts=facts)


def edition(deployment: Deployment, words: Words, facts: dict[str, HostFacts] | None = None) -> Edition:
    """An edition for the exits, which look at no report."""
    plan = build(deployment, facts or {}, words)
    return Edition(deployment, facts or {}, cast(Report, None), plan, words)


def table(part: Part, kind: str) -> Table:
    return next(block for block in part.blocks if isinstance(block, Table) and block.kind == kind)


def names(deployment: Deployment, servers: tuple[str, ...], role: str) -> tuple[str, ...]:
    return tuple(name for name in servers if role in deployment.server(name).roles)


def test_every_number_of_finished_servers_has_exactly_one_state(plans: Plans) -> None:
    for deployment, plan in plans:
        found = states(plan, deployment)
        assert [state.finished for state in found] == [plan.order[:count] for count in range(len(plan.order) + 1)]
        assert all(state.finished + state.left == plan.order for state in found)


def test_a_state_is_named_for_what_is_left(plans: Plans) -> None:
    for deployment, plan in plans:
        for state in states(plan, deployment):
            left = {
                "untouched": not state.finished,
                "finished": not state.left,
                "inside-phase-1": any(phase(deployment.server(name)) == 1 for name in state.left),
                "before-filters": bool(state.waiting) and not state.filters,
                "some-filters": bool(state.waiting) and bool(state.filters),
                "before-mtas": not state.waiting and bool(names(deployment, state.left, "mta")),
                "before-web": not state.waiting and not names(deployment, state.left, "mta"),
            }
            assert next(key for key, holds in left.items() if holds) == state.key, (deployment.servers, state.finished)


def test_what_a_state_says_of_the_web_interfaces_agrees_with_the_open_interruptions(plans: Plans) -> None:
    for deployment, plan in plans:
        for state in states(plan, deployment):
            unfinished = bool(state.finished) and bool(state.left)
            assert bool(state.rows("euwi")) == (unfinished and bool(deployment.holding("euwi"))), deployment.servers
            assert bool(state.rows("gwi")) == (unfinished and bool(deployment.holding("euwi", "gwi")))


def test_exactly_the_filters_that_wait_miss_the_database_once_it_was_stopped(plans: Plans) -> None:
    for deployment, plan in plans:
        for state in states(plan, deployment):
            assert state.filters == names(deployment, state.finished, "mail-filter")
            assert state.waiting == names(deployment, state.left, "mail-filter")
            stopped = bool(names(deployment, state.finished, "database"))
            missing = {row.server for row in state.rows("database")}
            assert missing == (set(state.waiting) if stopped else set()), (deployment.servers, state.finished)


def test_between_two_servers_none_is_out_of_the_mail(plans: Plans) -> None:
    for deployment, plan in plans:
        for state in states(plan, deployment):
            for key in ("path", "capacity", "filtering", "fed", "path-fed"):
                assert state.rows(key) == (), (key, deployment.servers, state.finished)


def test_each_service_of_each_state_is_said_to_work_exactly_while_no_interruption_of_it_is_open(
    worded: Plans, words: Words
) -> None:
    for deployment, plan in worded:
        shown = table(exits_part(Edition(deployment, {}, cast(Report, None), plan, words)), "services")
        grouped = rests(states(plan, deployment))
        cells = {name: row[1:] for row in shown.rows for name in str(row[0]).split(", ")}
        kinds = [key for key in words.tables["exits"]["works"] if any(row.key == key for row in plan.interruptions)]
        assert sorted(cells) == sorted(str(words.say("exits", "services", key)) for key in kinds)
        for key in kinds:
            works = words.say("exits", "works", key)
            for group, said in zip(grouped, cells[str(words.say("exits", "services", key))], strict=True):
                impacts = {interruption.impact for interruption in group[0].rows(key)}
                assert (said == works) == (not impacts), (key, deployment.servers)
                assert not impacts or str(said).split(" ")[0] in impacts, (key, deployment.servers)


def test_states_that_share_a_row_are_no_worse_than_the_one_that_is_printed(plans: Plans) -> None:
    for deployment, plan in plans:
        for group in rests(states(plan, deployment)):
            for state in group:
                worst, own = Counter(row.key for row in group[0].open), Counter(row.key for row in state.open)
                assert own.keys() <= worst.keys() and own <= worst, deployment.servers


def test_what_is_open_at_rest_has_a_sentence_on_the_help_desk_card(worded: Plans, words: Words) -> None:
    for deployment, plan in worded:
        shown = table(help_desk_card(Edition(deployment, {}, cast(Report, None), plan, words)), "desk")
        said = " ".join(str(row[3]) for row in shown.rows)
        for group in rests(states(plan, deployment)):
            assert all(row.desk in said for row in group[0].open if row.desk), deployment.servers


def test_every_kind_of_interruption_has_words_for_the_time_in_which_it_is_not_open(words: Words) -> None:
    kinds = set(words.tables["interruptions"])
    assert set(words.tables["exits"]["works"]) == kinds
    assert set(words.tables["exits"]["services"]) - {"caption", "head"} == kinds
    keys = {"untouched", "inside-phase-1", "before-filters", "some-filters", "before-mtas", "before-web", "finished"}
    assert set(words.tables["exits"]["lasts"]) == keys
    assert keys <= set(words.tables["exits"]["states"])


@pytest.mark.parametrize("count", [1, 2, 4, 5, 11])
def test_of_few_filters_each_number_has_a_row_and_of_many_the_first_the_middle_and_the_last(
    deploy: Deploy, words: Words, count: int
) -> None:
    made = edition(deploy("database csm", *["mail-filter"] * count, "euwi"), words)
    found = states(made.plan, made.deployment)
    groups = [[len(state.filters) for state in group] for group in rests(found) if group[0].key == "some-filters"]
    each = [[number] for number in range(1, count)]
    assert groups == (each if count <= EACH else [[1], list(range(2, count - 1)), [count - 1]])
    assert [row[0] for row in table(exits_part(made), "states").rows] == list("ABCDEFGHIJ"[: len(rests(found))])
    assert [state for group in rests(found) for state in group] == list(found)


def test_what_is_lost_grows_with_what_is_finished(plans: Plans) -> None:
    for deployment, plan in plans:
        before: State | None = None
        for state in states(plan, deployment):
            assert before is None or set(before.lost) <= set(state.lost), deployment.servers
            held = {role for name in state.finished for role in deployment.server(name).roles}
            assert ("quarantine" in state.lost) == ("mail-filter" in held)
            assert ("queue" in state.lost) == bool(held & {"mta", "mail-filter"})
            assert ("database" in state.lost) == bool(held & {"database", "csm"})
            assert ("web" in state.lost) == (not state.left and bool(held & {"euwi", "gwi"}))
            before = state
        assert len(plan.turn_back.lost) >= len(before.lost) if before else False


def test_no_server_that_carries_mail_is_upgraded_before_the_point_of_no_return(plans: Plans) -> None:
    for deployment, plan in plans:
        index = {step.id: place for place, step in enumerate(plan.steps)}
        point = next(step for step in plan.steps if step.id == plan.turn_back.point)
        carriers = {server.name for server in deployment.holding("mta", "mail-filter")}
        upgraded = [step for step in plan.steps if step.kind == "upgrade" and step.server in carriers]
        assert all(index[point.id] <= index[step.id] for step in upgraded), deployment.servers
        assert point.form == "gate-phase-1" or point in upgraded or not upgraded, deployment.servers
        if point.form != "gate-phase-1" and plan.turn_back.gate and upgraded:
            assert index[point.id] < index[plan.turn_back.gate], deployment.servers


def test_a_server_begun_by_its_last_moment_ends_in_its_window_by_high_minutes(plans: Plans) -> None:
    for deployment, plan in plans:
        assert [back.server for back in plan.turn_back.servers] == list(plan.order)
        for back in plan.turn_back.servers:
            night = plan.nights[back.night - 1]
            assert back.server in night.servers
            high = timedelta(minutes=sum(step.minutes.high for step in plan.of(back.server)))
            assert back.begin_by + high <= night.end, deployment.servers


def test_a_night_that_fits_begins_each_server_before_its_last_moment(plans: Plans) -> None:
    for deployment, plan in plans:
        for back in plan.turn_back.servers:
            begins = plan.of(back.server)[0].latest_at
            if not plan.nights[back.night - 1].overrun:
                assert begins and begins <= back.begin_by, deployment.servers


def test_the_last_moments_of_a_server_are_told_up_to_the_minute_at_which_it_may_begin(
    deploy: Deploy, words: Words
) -> None:
    made = edition(
        deploy("database csm", "mta mail-filter", rehearsal=REHEARSAL), words, {n: on(n) for n in ("s1", "s2")}
    )
    latest = made.plan.of("s2")[0].latest_at
    assert latest

    def said(**moments: datetime) -> tuple[str, str]:
        first, second = made.plan.turn_back.servers
        back = made.plan.turn_back.model_copy(update={"servers": (first, second.model_copy(update=moments))})
        plan = made.plan.model_copy(update={"turn_back": back})
        row = last_moments(replace(made, plan=plan)).rows[1]
        return str(row[2]), str(row[5])

    minute = timedelta(minutes=1)
    alone = made.moment(latest)
    assert said(begin_by=latest)[0] == alone
    assert said(begin_by=latest - minute)[0] != made.moment(latest - minute)
    assert said(back_by=latest)[1] == alone
    assert said(back_by=latest - minute)[1] == "too late for this night"


def test_without_a_rehearsed_rate_or_a_size_no_figure_is_printed_anywhere(deploy: Deploy, words: Words) -> None:
    unrehearsed = deploy("database csm", "mta mail-filter", "mta mail-filter")
    rehearsed = deploy("database csm", "mta mail-filter", "mta mail-filter", rehearsal=REHEARSAL)
    all_seen = {name: on(name) for name in ("s1", "s2", "s3")}
    for deployment, facts in ((unrehearsed, all_seen), (rehearsed, {}), (rehearsed, {"s1": on("s1", database=None)})):
        made = edition(deployment, words, facts)
        back = made.plan.turn_back
        assert {(server.minutes, server.back_by) for server in back.servers} == {(None, None)}
        assert back.last_moment is None and "No last moment" in back.why
        moments = last_moments(made)
        assert {len(row) for row in moments.rows} == {len(moments.head)} == {4}, "no column for what is not known"
        assert back.why in str(exits_until(made, True).rows[2][2])


def test_the_way_back_adds_up_over_the_finished_servers_with_high_minutes(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mta mail-filter", "mta mail-filter", rehearsal=REHEARSAL)
    facts = {"s1": on("s1"), "s2": on("s2", quarantine=(4000, 2000)), "s3": on("s3", logs=None)}
    plan = build(deployment, facts, words)
    again = {name: sum(step.minutes.high for step in plan.of(name) if step.kind in ("stop", "start", "verify"))
             for name in plan.order}  # fmt: skip
    # 8100 KiB at 1000 a minute and 900 files at 100: 9 minutes, 18 at the high end; then 2000 files: 20 and 40
    first, second = 18 + again["s1"], 18 + again["s1"] + 40 + again["s2"]
    assert [back.minutes for back in plan.turn_back.servers] == [first, second, None]
    end = plan.nights[0].end
    assert plan.turn_back.servers[1].back_by == end - timedelta(minutes=second)
    assert plan.turn_back.last_moment == end - timedelta(minutes=first)
    assert "s3" in plan.turn_back.why


def test_a_measured_size_and_a_rate_change_no_plan_digest(deploy: Deploy, words: Words) -> None:
    roles = ("database csm", "mta mail-filter")
    facts = {"s1": on("s1"), "s2": on("s2")}
    digests = {
        digested_plan(deploy(*roles, rehearsal=rehearsal), seen, words).digest
        for rehearsal in (None, REHEARSAL)
        for seen in ({}, facts)
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("chair", "deputy", "said"),
    [
        ("A. Example", "B. Example", ("A. Example.", WITHIN, "B. Example.", "")),
        ("A. Example", None, ("A. Example.", WITHIN, Blank(width=12), NOBODY)),
        (None, None, (Blank(width=12), WITHIN, Blank(width=12), NOBODY)),
    ],
)
def test_the_board_reads_who_decides_and_who_when_there_is_no_answer(
    deploy: Deploy, words: Words, chair: str | None, deputy: str | None, said: Cell
) -> None:
    change = CHANGE | {"chair": chair, "deputy": deputy, "answer_minutes": 7}
    made = edition(deploy("database csm", "mta mail-filter", change=change), words)
    judged = replace(made, report=judge(made.deployment, {}, made.plan.nights[0].start))
    fields = [row for block in decision(judged)[0].blocks if isinstance(block, Fields) for row in block.rows]
    assert dict(fields)["Change chair"] == said
    assert [row[0] for row in exits_until(made, True).rows] == ["Go", "Hold", "Back"]
    then = next(row for row in table(exits_part(made), "triggers").rows if "does not answer" in str(row[0]))
    assert then[1] == "7 min after the first call"
    assert ("HOLD" in str(then[2])) == (deputy is None)


def test_a_night_begun_at_its_latest_start_ends_in_its_window_and_one_that_does_not_fit_has_none(
    plans: Plans, words: Words
) -> None:
    none = 0
    for deployment, plan in plans:
        for night in plan.nights:
            at, own = latest_start(plan, night), [step for step in plan.steps if step.night == night.number]
            first = plan.of(night.servers[0])[0]
            rest = sum(step.minutes.high for step in own[own.index(first) :])
            if at is None:
                none += 1
                assert night.overrun, deployment.servers
            else:
                assert at + timedelta(minutes=rest) == night.end, deployment.servers
                assert first.latest_at and at >= first.latest_at, deployment.servers
    assert none


def test_nothing_is_told_to_go_where_the_verdict_is_not_go(deploy: Deploy, words: Words) -> None:
    made = edition(deploy("database csm", "mta mail-filter"), words)
    assert "Begin server s1" in str(exits_until(made, True).rows[0]) and "Not released" in str(
        exits_until(made, False).rows[0]
    )
    assert not any("Begin server" in str(cell) for cell in exits_until(made, False).rows[0])


def test_every_trigger_has_a_limit_printed_or_to_be_written(worded: Plans, words: Words) -> None:
    for deployment, plan in worded:
        made = Edition(deployment, {}, cast(Report, None), plan, words)
        rows = table(exits_part(made), "triggers").rows
        assert sum(str(row[0]).startswith("Night ") for row in rows) == len(plan.nights)
        (stopped,) = (str(row[2]) for row in rows if "begun, not finished" in str(row[0]))
        assert ("out of mail" in stopped) == bool(deployment.holding("mta", "mail-filter")) and "Call" in stopped
        for what, limit, then, seen in rows:
            assert what and then and isinstance(seen, Blank), deployment.servers
            assert limit if isinstance(limit, str) else isinstance(limit, tuple) and {*map(type, limit)} == {Blank}, (
                what
            )


def test_a_night_overruns_only_after_the_latest_end_of_a_start_that_is_permitted(worded: Plans, words: Words) -> None:
    for deployment, plan in worded:
        made = Edition(deployment, {}, cast(Report, None), plan, words)
        overruns = [row for row in table(exits_part(made), "triggers").rows if str(row[0]).startswith("Night ")]
        for night, (_, limit, then, _) in zip(plan.nights, overruns, strict=True):
            last, end = night.servers[-1], permitted_end(plan, night.servers[-1])
            assert limit == made.moment(end) and end <= night.end, deployment.servers
            planned = plan.of(last)[-1].ends_at
            assert night.overrun or (planned and end >= planned), deployment.servers
            assert ("no other server" in str(then)) == (last != plan.order[-1]), deployment.servers


def test_no_word_of_the_exits_is_torn(worded: Plans, words: Words) -> None:
    for deployment, plan in worded:
        made = Edition(deployment, {}, cast(Report, None), plan, words)
        for part in (
            exits_part(made),
            way_back_card(made),
            backout_part(made),
            Part("card", "", (exits_until(made, True),)),
        ):
            for torn in ("None", "Undefined", "[]", "()", "{", "}", " ,", " ;", ", ,"):
                assert torn not in " ".join(texts(part)), (torn, deployment.servers)


def test_every_row_of_the_exits_has_a_cell_for_each_head(worded: Plans, words: Words) -> None:
    for deployment, plan in worded:
        made = Edition(deployment, {}, cast(Report, None), plan, words)
        for block in (*exits_part(made).blocks, *way_back_card(made).blocks, exits_until(made, True)):
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} <= {len(block.head)}, block.caption


def texts(part: Part) -> list[str]:
    found = [block.text for block in part.blocks if isinstance(block, Paragraph | Caution)]
    rows = (row for block in part.blocks if isinstance(block, Table | Fields) for row in block.rows)
    return found + [cell for row in rows for cell in row if isinstance(cell, str)]


def test_the_backout_card_is_reached_from_any_gate_or_step_and_has_a_line_for_each_who_signs(
    deploy: Deploy, words: Words
) -> None:
    card = way_back_card(edition(deploy("database csm", "mta mail-filter", "euwi"), words))
    first, signed = card.blocks[:2]
    assert isinstance(first, Caution) and first.word == "STOP" and "any gate or step" in first.text
    assert signed == Signatures(("Change chair", "Coordinator")) and "both lines" in first.text
    assert [row[0] for row in table(card, "way-back").rows] == ["s3", "s2", "s1"]


def test_last_moments_are_printed_as_what_they_are(deploy: Deploy, words: Words) -> None:
    """A latest start is a start: when a server must be finished by stands beside it."""
    made = edition(deploy("database csm", "mta mail-filter"), words)
    moments = last_moments(made)
    assert moments.head == ("Server", "Latest start as planned", "Last possible start", "Latest end as planned")
    for name, start, hold, end in moments.rows:
        own, back = made.plan.of(str(name)), next(one for one in made.plan.turn_back.servers if one.server == name)
        assert (start, hold, end) == tuple(map(made.moment, (own[0].latest_at, back.begin_by, own[-1].ends_at)))
