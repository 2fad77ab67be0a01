"""The smallest set of changes that would make a verdict GO, tried on worlds: applied to their files it is GO, and no
part of it is."""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import generated_worlds
import pytest
from invented_reports import finding, report_of
from single_faults import options, people
from worlds import World, changed, healthy, hosts

from checker.checks.cure import with_cure
from checker.outputs import console, page, tables
from checker.outputs.cures import cure_lines
from checker.report import Correction, Cure, NoCure, Report, Stage, holds_back
from runbook.cli.main import main

FILLED: dict[str, Any] = {"path": "/srv/media/pmx6.tar", "case": "01234567"}  # as somebody fills in the blanks
ONE_WRONG = [thing for thing in generated_worlds.WRONG if thing.part not in ("left out", "collected", "windows")]
STAGES: tuple[Stage, ...] = ("two-days", "one-hour", "server")


def cured(world: World) -> Report:
    """The report of a world with its cure, as the command makes it."""
    before = None if world.baseline is None else hosts(world.baseline)
    return with_cure(world.judged(), world.declared(), hosts(world.facts), before)


def cure(world: World) -> Cure:
    """What would make this world GO."""
    found = cured(world).cure
    assert found is not None
    return found


def write(world: World, change: Correction) -> None:
    """What somebody writes into the files for a change, blanks filled in."""
    if change.kind == "fact":
        assert change.server
        world.value(change.server, change.name, change.value)
    elif change.kind == "answer":
        assert isinstance(change.value, dict)
        said = {key: FILLED.get(key, "A. Example") if own == "…" else own for key, own in change.value.items()}
        given = world.deployment["answers"].setdefault(change.name, {"by": said["by"], "at": said["at"]})
        (given.setdefault("servers", {}).setdefault(change.server, {}) if change.server else given).update(said)
    else:
        place = world.server(change.server) if change.server else world.deployment
        *path, last = change.name.split(".")
        for key in path:
            place = place.setdefault(key, {})
        place[last] = "+44 20 7946 0000" if change.value == "…" else change.value


def written(world: World, changes: Sequence[Correction]) -> World:
    return changed(world, *(lambda w, each=each: write(w, each) for each in changes))


def proper_parts(changes: Sequence[Correction]) -> Iterator[tuple[Correction, ...]]:
    return chain.from_iterable(combinations(changes, size) for size in range(len(changes)))


def proved(world: World) -> int:
    """How many changes cure a world, tried on its files; 0 where none is named, and why is said."""
    found = cure(world)
    assert bool(found.changes) != bool(found.nothing_cures or found.why_not)
    if found.changes:
        assert written(world, found.changes).outcome() == "GO", found.changes
        assert [part for part in proper_parts(found.changes) if written(world, part).outcome() == "GO"] == []
        assert found.smallest
    return len(found.changes)


def several_wrong(seed: int) -> World:
    """A world with one to four things wrong, of different parts of the site, each of which a value may cure."""
    dice = random.Random(seed)
    stage = dice.choice(STAGES)
    world = healthy(stage)
    taken: set[str] = set()
    for thing in dice.sample(ONE_WRONG, 4)[: dice.randint(1, 4)]:
        if thing.part not in taken and stage in thing.ends:
            thing.change(world)
            taken.add(thing.part)
    for check in dice.sample(["source-version", "install-media", "support-line"], dice.randint(0, 2)):
        world.deployment["answers"].pop(check, None)
    return world


@pytest.mark.parametrize("seed", [4, 6, 7, 13, 14, 25, 26, 28])
def test_what_is_named_makes_it_go_and_no_part_of_it_does(seed: int) -> None:
    assert proved(several_wrong(seed)) > 0


@pytest.mark.large
def test_what_is_named_makes_300_worlds_go_and_no_part_of_it_does() -> None:
    worlds = (world for world in map(several_wrong, range(100, 2000)) if world.outcome() in ("NO-GO", "NOT-CLEARED"))
    cured = 0
    while cured < 300:
        cured += proved(next(worlds)) > 0


def test_an_answer_that_nobody_gave_is_one_for_all_servers_with_blanks_that_the_file_refuses() -> None:
    world = changed(healthy("change"), lambda w: w.deployment["answers"].pop("source-version"))
    (change,) = cure(world).changes
    assert (change.kind, change.server, change.name) == ("answer", None, "source-version")
    assert change.value == {"version": "5.6.1", "by": "…", "at": "2026-12-04"}
    world.deployment["answers"]["source-version"] = change.value
    assert world.outcome() == "fault"


def test_what_one_server_alone_says_otherwise_is_changed_there() -> None:
    world = changed(healthy("change"), people.said("source-version", servers={"mx2": {"version": "5.5"}}))  # type: ignore[arg-type]
    assert [(each.server, each.name) for each in cure(world).changes] == [("mx2", "source-version")]


def _no_csm(world: World) -> None:
    for server in world.deployment["servers"]:
        server["roles"] = [role for role in server["roles"] if role != "csm"]


@pytest.mark.parametrize(
    ("stage", "change", "check"),
    [
        ("change", _no_csm, "roles-complete"),
        ("server", options._named("mx1"), "order-respected"),
        ("one-hour", options._from_now(timedelta(days=7)), "window-now"),
        ("change", lambda w: w.facts.pop("mx1"), "reachable"),
        ("server", lambda w: setattr(w, "baseline", None), "baseline-usable"),
    ],
)
def test_roles_order_calendar_and_what_was_not_collected_have_no_value_that_cures_them(
    stage: Stage, change: Callable[[World], object], check: str
) -> None:
    found = cure(changed(healthy(stage), change))  # type: ignore[arg-type]
    assert found.changes == ()
    assert "no value cures this" in next(each.why for each in found.nothing_cures if each.check == check)


def test_a_rehearsal_and_checks_that_were_left_out_are_said_to_be_why() -> None:
    assert "rehearsal" in cure(changed(healthy("change"), lambda w: w.more.update(rehearsal=True))).why_not
    assert "left out" in cure(changed(healthy("change"), lambda w: setattr(w, "skip", ("reachable",)))).why_not


def _nothing_is_there(count: int) -> World:
    """A world in which so many things have to be otherwise, none of which has to do with another."""
    world = healthy("server")
    for check in ["source-version", "install-media", "support-line", "backup-evidence"][: max(count - 3, 0)]:
        del world.deployment["answers"][check]
    entry = {"name": "bin", "kind": "directory", "target": None}
    places = [(name, "target.entries", [entry]) for name in ("db1", "mx1", "mx2")] + [("mx1", "source.entries", [])]
    for server, fact, value in places[: count - max(min(count - 3, 4), 0)]:
        world.value(server, fact, value)
    return world


@pytest.mark.parametrize(("count", "smallest"), [(7, True), (8, False)])
def test_of_more_than_seven_changes_it_is_not_said_that_no_fewer_would_do(count: int, smallest: bool) -> None:
    found = cure(_nothing_is_there(count))
    assert (len(found.changes), found.smallest) == (count, smallest)


@pytest.mark.parametrize(("findings", "servers", "is_sought"), [(40, 40, True), (41, 40, False), (40, 41, False)])
def test_of_a_site_with_very_much_open_nobody_looks_for_it(findings: int, servers: int, is_sought: bool) -> None:
    world = changed(healthy("change"), lambda w: w.value("mx1", "source.entries", []))
    said = world.judged()
    (wrong,) = (each for each in said.findings if holds_back(each, strict=False))
    many = said.model_copy(update={"findings": (wrong,) * findings, "servers": tuple(map(str, range(servers)))})
    found = with_cure(many, world.declared(), hosts(world.facts), hosts(world.baseline or {})).cure
    assert found is not None
    assert (len(found.changes) == 1, "too many" in found.why_not) == (is_sought, not is_sought)


def test_a_go_asks_for_no_cure() -> None:
    assert cured(healthy("change")).cure is None


def test_every_format_for_people_names_it_in_at_most_ten_lines() -> None:
    many = tuple(Correction(kind="fact", server="mx1", name="x", value=None, words=f"mx1: x: {n}") for n in range(20))
    report = report_of(finding("reachable", outcome="fail")).model_copy(update={"cure": Cure(changes=many)})
    lines = [*cure_lines(report)]
    assert (len(lines), lines[-1]) == (10, "and 12 more: all are in the report as JSON")
    shown = (
        console.render(report, width=200, colour=False),
        page.to_page(report, zone=None),
        tables.to_markdown(report, zone=None),
    )
    for text in shown:
        assert "Would be GO with these 20 changes (the smallest set that was found):" in text
        assert "mx1: x: 7" in text and "mx1: x: 8" not in text


def test_the_formats_say_that_no_value_cures_it() -> None:
    none = Cure(nothing_cures=(NoCure(check="order-feasible", server=None, why="no value cures this: roles"),))
    report = report_of(finding("order-feasible", outcome="fail")).model_copy(update={"cure": none})
    shown = console.render(report, width=200, colour=False)
    assert "is known that makes it GO:\n  order-feasible (deployment): no value cures this: roles" in shown


def test_the_command_writes_it_into_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = changed(healthy("change"), lambda w: w.value("mx1", "source.entries", []))
    given = generated_worlds.arguments(world, tmp_path / "site")
    monkeypatch.setattr(sys, "argv", ["pmx-preflight", *given, "--format", "json"])
    with pytest.raises(SystemExit):
        main()
    assert [each["name"] for each in json.loads(capsys.readouterr().out)["cure"]["changes"]] == ["source.entries"]
