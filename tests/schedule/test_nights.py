"""Servers into windows, and the times of the steps in them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations, combinations_with_replacement, groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.inputs.deployment import Deployment
from checker.inputs.minutes import OURS, Work
from checker.schedule.common_tasks import closing, opening, pause, relief
from checker.schedule.nights import SHIFT, Night, between, further_window, nights_of, weigh
from checker.schedule.order import order
from checker.schedule.tasks import Task, tasks_by_server
from runbook.plan.plan_model import Plan

Plans = tuple[tuple[Deployment, Plan], ...]
Deploy = Callable[..., Deployment]
PARTLY_PHASE_1 = {"database", "csm"}
START = datetime(2026, 12, 1, 20)
ROLES = ("database csm", "csm", "database mta", "mta mail-filter", "mail-filter", "mta euwi", "euwi gwi")


def windowed(
    deploy: Deploy, roles: Iterable[str], hours: Iterable[int], upgrade: dict[str, int], planned: dict[str, int]
) -> Deployment:
    """A deployment with one window each day, as long as given, and high minutes of the upgrade by role.

    `planned` are the site's own high minutes in place of ours.
    """
    windows = [
        {"start": START + timedelta(days=day), "end": START + timedelta(days=day, hours=length)}
        for day, length in enumerate(hours)
    ]
    lines = [
        {"text": role, "roles": [role], "minutes": {"low": 1, "likely": 1, "high": high}}
        for role, high in upgrade.items()
    ]
    change = {"number": "CHG0031337", "timezone": "UTC", "windows": windows}
    minutes = {key: {"low": 1, "likely": 1, "high": high} for key, high in planned.items()}
    return deploy(*roles, change=change, procedure={"upgrade": lines}, minutes=minutes)


@st.composite
def declared(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "roles": draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=6)),
        "hours": draw(st.lists(st.integers(1, 16), min_size=1, max_size=4)),
        "upgrade": {role: draw(st.integers(1, 600)) for role in ("database", "csm", "mta", "mail-filter", "euwi")},
        "planned": draw(st.dictionaries(st.sampled_from(sorted(OURS)), st.integers(1, 300), max_size=8)),
    }


def overruns(nights: tuple[Night, ...]) -> int:
    return sum(night.overrun for night in nights)


@given(declared=declared())
def test_every_server_is_in_exactly_one_night_and_nights_keep_the_order(
    deploy: Deploy, declared: dict[str, Any]
) -> None:
    deployment = windowed(deploy, **declared)
    nights = nights_of(deployment)
    assert [name for night in nights for name in night.servers] == [s.name for s in order(deployment.servers)]
    assert [night.number for night in nights] == list(range(1, len(nights) + 1))
    assert {(night.start, night.end) for night in nights} <= set(deployment.change.nights)
    assert all(one.end <= other.start for one, other in pairwise(nights))


@given(declared=declared())
def test_the_servers_of_phase_1_share_one_night(deploy: Deploy, declared: dict[str, Any]) -> None:
    deployment = windowed(deploy, **declared)
    first = {server.name for server in deployment.servers if PARTLY_PHASE_1 & set(server.roles)}
    assert len([night for night in nights_of(deployment) if first & set(night.servers)]) == bool(first)


@given(declared=declared())
def test_a_night_has_an_overrun_exactly_when_its_high_minutes_exceed_its_window(
    deploy: Deploy, declared: dict[str, Any]
) -> None:
    for night in nights_of(windowed(deploy, **declared)):
        length = (night.end - night.start) / timedelta(minutes=1)
        assert (night.overrun > 0) == (night.minutes.high > length)
        assert night.overrun in (0, night.minutes.high - length)


@given(declared=declared())
def test_only_the_last_declared_window_can_be_exceeded(deploy: Deploy, declared: dict[str, Any]) -> None:
    deployment = windowed(deploy, **declared)
    for night in nights_of(deployment):
        assert not night.overrun or (night.start, night.end) == deployment.change.nights[-1]


@given(declared=declared(), more=st.integers(1, 600), role=st.sampled_from(("database", "csm", "mta", "mail-filter")))
def test_a_longer_high_estimate_never_makes_an_overrun_smaller(
    deploy: Deploy, declared: dict[str, Any], more: int, role: str
) -> None:
    longer = declared | {"upgrade": declared["upgrade"] | {role: declared["upgrade"][role] + more}}
    assert overruns(nights_of(windowed(deploy, **longer))) >= overruns(nights_of(windowed(deploy, **declared)))


@given(declared=declared(), more=st.integers(1, 600), key=st.sampled_from(sorted(OURS)))
def test_a_longer_high_estimate_of_any_kind_never_makes_a_plan_fit_that_did_not(
    deploy: Deploy, declared: dict[str, Any], more: int, key: Work
) -> None:
    """What is done around the servers counts too: a later night may open more slowly than the first one."""
    longer = declared["planned"] | {key: declared["planned"].get(key, OURS[key][2]) + more}
    before, after = (windowed(deploy, **declared | {"planned": planned}) for planned in (declared["planned"], longer))
    assert overruns(nights_of(after)) >= overruns(nights_of(before))


@given(declared=declared(), more=st.integers(1, 8), last=st.booleans())
def test_a_longer_window_never_makes_an_overrun_appear(
    deploy: Deploy, declared: dict[str, Any], more: int, last: bool
) -> None:
    hours = declared["hours"]
    longer = [*hours[:-1], hours[-1] + more] if last else [hours[0] + more, *hours[1:]]
    if not overruns(nights_of(windowed(deploy, **declared))):
        assert not overruns(nights_of(windowed(deploy, **declared | {"hours": longer})))


def high(tasks: Iterable[Task]) -> int:
    return sum(task.minutes.high for task in tasks)


def fits(deployment: Deployment, placed: tuple[int, ...], weights: list[list[int]]) -> bool:
    """Whether groups of servers with these minutes fit when each is placed into the window of that index."""
    used = sorted(set(placed))
    for night, number in enumerate(used, start=1):
        start, end = deployment.change.nights[number]
        after = closing(deployment) if number == used[-1] else pause(deployment)
        inside = [weight for own, at in zip(weights, placed, strict=True) if at == number for weight in own]
        pieces = [high(opening(deployment, night)) + inside[0], *inside[1:], high(after)]
        if sum(pieces) + fewest_hand_overs(pieces) * high(relief(deployment)) > (end - start) / timedelta(minutes=1):
            return False
    return True


def fewest_hand_overs(pieces: list[int]) -> int:
    """How often people must be relieved between pieces of work, so that only one piece by itself takes too long."""
    for count in range(len(pieces)):
        for cuts in combinations(range(1, len(pieces)), count):
            shifts = [pieces[begun:ended] for begun, ended in pairwise((0, *cuts, len(pieces)))]
            if all(len(shift) == 1 or sum(shift) <= SHIFT for shift in shifts):
                return count
    raise AssertionError("one piece in each shift is always a way")


@given(declared=declared())
def test_a_plan_that_can_fit_its_windows_is_made_to_fit(deploy: Deploy, declared: dict[str, Any]) -> None:
    """Tried against every placement of the servers, in their order, into the windows."""
    deployment = windowed(deploy, **declared)
    ordered = order(deployment.servers)
    groups = groupby(ordered, key=lambda server: PARTLY_PHASE_1.isdisjoint(server.roles) and server.name)
    tasks = tasks_by_server(deployment)
    weights = [[high(tasks[server.name]) for server in group] for _, group in groups]
    placements = combinations_with_replacement(range(len(deployment.change.nights)), len(weights))
    possible = any(fits(deployment, placed, weights) for placed in placements)
    assert (overruns(nights_of(deployment)) == 0) == possible


@pytest.mark.parametrize("night", [0, 1, 2])
def test_a_window_is_used_to_its_last_minute(deploy: Deploy, night: int) -> None:
    """Three nights of exactly the minutes that they need; then one of them is a minute shorter."""
    roles = ("database csm", "mail-filter", "euwi")
    deployment = deploy(*roles)
    weights = [high(tasks) for tasks in tasks_by_server(deployment).values()]
    first, later = opening(deployment, 1), opening(deployment, 2)
    around = [(*first, *pause(deployment)), (*later, *pause(deployment)), (*later, *closing(deployment))]
    exact = [high(tasks) + weight for tasks, weight in zip(around, weights, strict=True)]
    exact = [length + (length > SHIFT) * high(relief(deployment)) for length in exact]

    def placed(lengths: list[int]) -> tuple[Night, ...]:
        starts = [START + timedelta(days=day) for day in range(3)]
        windows = [
            {"start": start, "end": start + timedelta(minutes=length)}
            for start, length in zip(starts, lengths, strict=True)
        ]
        return nights_of(deploy(*roles, change={"number": "C", "timezone": "UTC", "windows": windows}))

    assert [each.servers for each in placed(exact)] == [("s1",), ("s2",), ("s3",)]
    assert overruns(placed(exact)) == 0
    assert overruns(placed([length - (at == night) for at, length in enumerate(exact)])) > 0


def test_what_fits_no_window_goes_into_the_last_one_and_says_so(deploy: Deploy) -> None:
    deployment = windowed(deploy, ["database csm", "mta mail-filter"], [1, 2], {"database": 9000}, {})
    (night,) = nights_of(deployment)
    assert (night.number, night.servers) == (1, ("s1", "s2"))
    assert night.start == datetime(2026, 12, 2, 20, tzinfo=UTC)
    assert night.overrun == night.minutes.high - 120 > 9000


def test_windows_are_taken_in_the_order_of_time_and_not_of_the_file(deploy: Deploy) -> None:
    windows = [{"start": f"2026-12-{day}T08:00", "end": f"2026-12-{day}T20:00"} for day in ("08", "05")]
    change = {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": windows}
    nights = nights_of(deploy("database csm", "mail-filter", "mail-filter", "euwi", change=change))
    assert [night.start.day for night in nights] == [5, 8]
    assert nights[0].start == datetime(2026, 12, 5, 7, tzinfo=UTC)


def test_a_window_over_the_change_of_the_clocks_has_its_true_length(deploy: Deploy) -> None:
    change = {
        "number": "CHG0031337",
        "timezone": "Europe/Berlin",
        "windows": [{"start": "2026-10-24T22:00", "end": "2026-10-25T04:00"}],
    }
    assert nights_of(deploy("euwi", change=change))[0].length == 7 * 60


@given(declared=declared())
def test_people_hand_over_in_every_night_of_more_than_six_hours_and_in_no_other(
    deploy: Deploy, declared: dict[str, Any]
) -> None:
    deployment = windowed(deploy, **declared)
    nights = nights_of(deployment)
    weights = weigh(deployment)
    for night in nights:
        after = closing(deployment) if night is nights[-1] else pause(deployment)
        first, *others = (weights[name].high for name in night.servers)
        pieces = [high(opening(deployment, night.number)) + first, *others, high(after)]
        assert len(night.relieved) == fewest_hand_overs(pieces)
        assert bool(night.relieved) == (sum(pieces) > SHIFT)
        assert night.minutes.high == sum(pieces) + len(night.relieved) * high(relief(deployment))
        assert set(night.relieved) <= set(night.servers)


@given(declared=declared())
def test_a_server_begun_by_its_last_moment_ends_in_its_window(deploy: Deploy, declared: dict[str, Any]) -> None:
    deployment = windowed(deploy, **declared)
    nights, weights = nights_of(deployment), weigh(deployment)
    last = order(deployment.servers)[-1].name
    first = {server.name for server in deployment.servers if PARTLY_PHASE_1 & set(server.roles)}
    for night in nights:
        for name, latest in zip(night.servers, night.begin_by, strict=True):
            with_it = [each for each in night.servers[night.servers.index(name) :] if {name, each} <= first] or [name]
            after = closing(deployment) if with_it[-1] == last else pause(deployment)
            left = sum(weights[each].high for each in with_it) + high(after)
            assert latest + timedelta(minutes=left) == night.end


@given(declared=declared())
def test_a_further_window_of_the_named_length_is_enough_and_a_minute_less_is_not(
    deploy: Deploy, declared: dict[str, Any]
) -> None:
    deployment = windowed(deploy, **declared)
    needed = further_window(deployment, weigh(deployment))
    assert bool(needed) == bool(overruns(nights_of(deployment)))
    start = START + timedelta(days=20)

    def with_one_more(minutes: int) -> Deployment:
        windows = deployment.model_dump(mode="json")["change"]["windows"]
        windows.append({"start": start, "end": start + timedelta(minutes=minutes)})
        return Deployment.model_validate(
            deployment.model_dump(mode="json")
            | {"change": deployment.model_dump(mode="json")["change"] | {"windows": windows}}
        )

    if needed:
        assert not overruns(nights_of(with_one_more(needed)))
        assert needed == 1 or overruns(nights_of(with_one_more(needed - 1)))


@given(declared=declared())
def test_the_last_window_longer_by_its_overrun_is_enough(deploy: Deploy, declared: dict[str, Any]) -> None:
    deployment = windowed(deploy, **declared)
    over = overruns(nights_of(deployment))
    *windows, last = deployment.change.windows
    longer = last.model_copy(update={"end": last.end + timedelta(minutes=over)})
    change = deployment.change.model_copy(update={"windows": (*windows, longer)})
    assert not overruns(nights_of(deployment.model_copy(update={"change": change})))


def test_the_minutes_of_a_night_are_those_of_its_steps(plans: Plans) -> None:
    for deployment, plan in plans:
        for night in plan.nights:
            own = [step.minutes for step in plan.steps if step.night == night.number]
            sums = tuple(sum(getattr(minutes, name) for minutes in own) for name in ("low", "likely", "high"))
            assert sums == (night.low, night.likely, night.high), deployment.servers
            assert night.overrun == max(0, night.high - (night.end - night.start) / timedelta(minutes=1))


def test_times_never_go_back_and_the_latest_is_never_before_the_likely_one(plans: Plans) -> None:
    for deployment, plan in plans:
        times = [(step.starts_at, step.latest_at, step.ends_at) for step in plan.steps]
        assert all(start and latest and end and start <= latest <= end for start, latest, end in times)
        for _, steps in groupby(plan.steps, key=lambda step: step.night):
            for one, other in pairwise(steps):
                assert one.starts_at and other.starts_at and one.starts_at <= other.starts_at, deployment.servers
                assert one.latest_at and other.latest_at and one.latest_at <= other.latest_at, deployment.servers


def test_each_night_begins_when_its_window_does_and_the_preparation_before_the_first(plans: Plans) -> None:
    for _, plan in plans:
        for night in plan.nights:
            first = next(step for step in plan.steps if step.night == night.number)
            assert first.starts_at == first.latest_at == night.start
            last = [step for step in plan.steps if step.night == night.number][-1]
            assert last.ends_at == night.start + timedelta(minutes=night.high)
        prepared = [step for step in plan.steps if step.night is None]
        assert prepared == list(plan.steps[: len(prepared)])
        assert all(step.ends_at and step.ends_at < plan.nights[0].start for step in prepared)


def test_patterns_are_planned_over_several_nights_too(plans: Plans) -> None:
    """The other tests say nothing of nights if the windows are never too short."""
    assert {len(plan.nights) for _, plan in plans} >= {1, 2, 3}


KEPT_DOWN = ("euwi", "gwi", "database", "publishing")


def test_the_price_of_a_pause_is_what_the_interruptions_say_that_span_it(plans: Plans) -> None:
    """Hour by hour: an interruption lasts as long as its share of each night and the pauses between them."""
    for deployment, plan in plans:
        night_of = {step.id: step.night for step in plan.steps}
        for night in plan.nights[:-1]:
            assert night.pause is not None
            across = [
                row for row in plan.interruptions
                if row.key in KEPT_DOWN
                and (night_of[row.from_step] or 0) <= night.number < (night_of[row.until_step] or 0)
            ]  # fmt: skip
            keys = {row.key for row in across}
            web = deployment.holding("euwi", "gwi")
            assert night.pause.web == tuple(server.name for server in web)
            assert ("gwi" in keys, "euwi" in keys) == (bool(web), bool(deployment.holding("euwi")))
            assert set(night.pause.without_database) == {row.server for row in across if row.key == "database"}
            assert "publishing" in keys
        assert plan.nights[-1].pause is None


def test_an_interruption_over_several_nights_lasts_their_pauses_and_its_shares_of_the_nights(plans: Plans) -> None:
    for deployment, plan in plans:
        if any(night.overrun for night in plan.nights):
            continue
        priced = {each.night: each for each in between(deployment, nights_of(deployment))}
        night_of = {step.id: step.night for step in plan.steps}
        for row in plan.interruptions:
            assert row.starts_at and row.ends_at
            first, last = night_of[row.from_step], night_of[row.until_step]
            assert first is not None and last is not None
            pauses = sum((priced[n].end - priced[n].start for n in range(first, last)), timedelta())
            inside = sum(
                (
                    max(timedelta(), min(row.ends_at, night.end) - max(row.starts_at, night.start))
                    for night in plan.nights
                ),
                timedelta(),
            )
            assert row.ends_at - row.starts_at == pauses + inside, (deployment.servers, row.key)
