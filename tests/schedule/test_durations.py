"""Minutes land where the site stated them, and each says on what ground it stands."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.inputs.deployment import PARTS, PROCEDURE_KINDS, Deployment
from checker.inputs.minutes import OURS, ProcedureKind
from checker.schedule.common_tasks import closing, opening, pause, preparation, relief
from checker.schedule.durations import (
    DECISIVE,
    NOTHING,
    Estimate,
    best_documented,
    by_rate,
    of_items,
    ours,
    total,
)
from checker.schedule.nights import nights_of
from checker.schedule.sizes import Sizes
from checker.schedule.tasks import items_for, tasks_by_server
from checker.values import Basis

Deploy = Callable[..., Deployment]
REHEARSAL = {"on": "2026-11-01", "by": "A. Example", "result": "complete", "minutes": {}}


def minutes(low: int, likely: int, high: int) -> dict[str, int]:
    return {"low": low, "likely": likely, "high": high}


def estimates(deploy: Deploy, items: list[dict[str, Any]], kind: ProcedureKind, **changes: Any) -> list[list[Any]]:
    """What of_items says of the lines for a Database server, as [low, likely, high, kind of basis, refs …]."""
    deployment = deploy("database csm", procedure={kind: items}, **changes)
    lines = items_for(deployment, deployment.servers[0], kind)
    return [[e.low, e.likely, e.high, e.basis.kind, *e.basis.refs] for e in of_items(deployment, kind, lines)]


@pytest.mark.parametrize("kind", PROCEDURE_KINDS)
def test_a_blank_takes_our_figure_until_somebody_has_rehearsed_it(deploy: Deploy, kind: ProcedureKind) -> None:
    rehearsal = REHEARSAL | {"minutes": {kind: minutes(7, 8, 9)}}
    assert estimates(deploy, [], kind) == [[*OURS[kind], "ours", f"durations.{kind}"]]
    assert estimates(deploy, [], kind, rehearsal=rehearsal) == [[7, 8, 9, "site", f"rehearsal.minutes.{kind}"]]


def test_lines_without_minutes_share_one_figure_that_stands_on_the_first(deploy: Deploy) -> None:
    lines = [{"text": "a"}, {"text": "b"}, {"text": "c"}]
    rehearsal = REHEARSAL | {"minutes": {"upgrade": minutes(7, 8, 9), "migrate": minutes(1, 1, 1)}}
    assert estimates(deploy, lines, "upgrade") == [
        [*OURS["upgrade"], "ours", "durations.upgrade"], [0, 0, 0, "site"], [0, 0, 0, "site"],
    ]  # fmt: skip
    assert estimates(deploy, lines, "upgrade", rehearsal=rehearsal) == [
        [7, 8, 9, "site", "rehearsal.minutes.upgrade"], [0, 0, 0, "site"], [0, 0, 0, "site"],
    ]  # fmt: skip


def test_a_line_with_minutes_keeps_them_and_the_rest_share_the_rehearsals_or_our_figure(deploy: Deploy) -> None:
    lines: list[dict[str, Any]] = [{"text": "a", "minutes": minutes(1, 2, 3)}, {"text": "b"}, {"text": "c"}]
    rehearsal = REHEARSAL | {"minutes": {"upgrade": minutes(7, 8, 9)}}
    stated = [1, 2, 3, "site", "procedure.upgrade[0]"]
    assert estimates(deploy, lines, "upgrade") == [
        stated, [*OURS["upgrade"], "ours", "durations.upgrade"], [0, 0, 0, "site"],
    ]  # fmt: skip
    assert estimates(deploy, lines, "upgrade", rehearsal=rehearsal) == [
        stated, [7, 8, 9, "site", "rehearsal.minutes.upgrade"], [0, 0, 0, "site"],
    ]  # fmt: skip


def test_minutes_name_the_line_of_the_procedure_that_states_them_even_where_others_do_not_apply(
    deploy: Deploy,
) -> None:
    lines = [
        {"text": "a", "roles": ["mta"], "minutes": minutes(9, 9, 9)},
        {"text": "b", "minutes": minutes(1, 2, 3)},
        {"text": "c", "roles": ["csm"], "minutes": minutes(4, 5, 6)},
    ]
    assert estimates(deploy, lines, "start") == [
        [1, 2, 3, "site", "procedure.start[1]"], [4, 5, 6, "site", "procedure.start[2]"],
    ]  # fmt: skip


def test_the_minutes_of_a_line_are_those_of_its_step(deploy: Deploy) -> None:
    lines = [{"text": "a", "minutes": minutes(1, 2, 3)}, {"text": "b", "minutes": minutes(4, 5, 6)}]
    deployment = deploy("database csm", "mta", procedure={"backup": lines})
    for tasks in tasks_by_server(deployment).values():
        found = [(task.item and task.item.text, task.minutes.high) for task in tasks if task.kind == "backup"]
        assert found == [("a", 3), ("b", 6)]


def test_our_figures_rise_from_low_to_high() -> None:
    assert all(0 < low <= likely <= high for low, likely, high in OURS.values())


def test_every_figure_of_ours_is_used_by_some_step(deploy: Deploy) -> None:
    paths = [{"name": "inbound", "via": "mx", "members": ["s2"]}]
    deployment = deploy("database csm", "mta mail-filter", "mail-filter", "euwi", mail_paths=paths)
    tasks = [task for own in tasks_by_server(deployment).values() for task in own]
    tasks += [*preparation(deployment), *opening(deployment, 1), *opening(deployment, 2)]
    tasks += [*pause(deployment), *relief(deployment), *closing(deployment)]
    used = {ref for task in tasks for ref in task.minutes.basis.refs}
    assert used == {f"durations.{key}" for key in OURS}
    assert set(OURS) >= DECISIVE


ESTIMATES = st.builds(
    lambda low, more, most, kind: Estimate(low, low + more, low + more + most, Basis(kind=kind)),
    st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.sampled_from(["site", "ours"]),
)  # fmt: skip


@given(st.lists(ESTIMATES, max_size=6))
def test_a_sum_is_ours_as_soon_as_one_of_its_parts_is(parts: list[Estimate]) -> None:
    whole = total(parts)
    assert (whole.low, whole.likely, whole.high) == tuple(
        sum(getattr(part, field) for part in parts) for field in ("low", "likely", "high")
    )
    assert whole.basis.kind == ("ours" if any(part.basis.kind == "ours" for part in parts) else "site")


def test_nothing_added_changes_nothing() -> None:
    assert ours("stop") + NOTHING == NOTHING + ours("stop") == ours("stop")


@pytest.mark.parametrize(("kib", "high"), [(4999, 9998), (5000, 10_000), (5001, 10_000), (2**50, 10_000)])
def test_what_a_rate_gives_is_bounded_so_that_no_sum_leaves_the_calendar(deploy: Deploy, kib: int, high: int) -> None:
    rehearsal = REHEARSAL | {"rates": {"backup": {"kib_per_minute": 1}}}
    deployment = deploy(*(["mail-filter"] * 30), rehearsal=rehearsal)
    names = [server.name for server in deployment.servers]
    sizes = Sizes({(name, part): kib if part == "quarantine" else 0 for name in names for part in PARTS})
    rated = by_rate(deployment, deployment.servers[0], "backup", sizes)
    assert rated is not None and rated.high == high
    assert nights_of(deployment, sizes)[-1].overrun > 0


def test_a_database_of_any_size_has_a_figure() -> None:
    assert best_documented(1024 * 1024).high == 1
    assert best_documented(10**400).high == 10_000
