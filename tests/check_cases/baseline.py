"""Worlds of the baseline: from when it is, of whom, and what it shows."""

import copy
from datetime import timedelta

from worlds import World, hosts

from check_cases import case
from checker.facts.host_facts import facts_id

START = timedelta(minutes=45)  # from the sample's stage `server` to its window


def _taken(w: World, ago: timedelta) -> None:
    assert w.baseline is not None
    for host in w.baseline.values():
        host["collected_at"] = (w.now - ago).isoformat()


@case("baseline-usable", "unknown")
def none_was_given(w: World) -> None:
    w.baseline = None


@case("baseline-usable", "fail")
def the_facts_themselves(w: World) -> None:
    w.baseline = copy.deepcopy(w.facts)


@case("baseline-usable", "fail")
def younger_than_the_facts(w: World) -> None:
    _taken(w, timedelta(minutes=14))


@case("baseline-usable", "pass")
def of_the_same_evening(w: World) -> None:
    _taken(w, timedelta(minutes=16))


def _in_the_night(w: World) -> None:
    w.now += timedelta(hours=2)
    w.collected(w.now - timedelta(minutes=15))


@case("baseline-usable", "fail", base=_in_the_night)
def of_the_moment_the_window_began(w: World) -> None:
    _taken(w, timedelta(hours=2) - START)


@case("baseline-usable", "pass", base=_in_the_night)
def of_a_second_before_the_window_began(w: World) -> None:
    _taken(w, timedelta(hours=2, seconds=1) - START)


@case("baseline-usable", "fail")
def it_shows_version_6(w: World) -> None:
    w.then("mx1", "target.entries", [{"name": "bin", "kind": "directory"}])


@case("baseline-usable", "unknown")
def a_server_is_missing_there(w: World) -> None:
    assert w.baseline is not None
    del w.baseline["mx2"]


@case("baseline-usable", "fail")
def another_one_was_approved(w: World) -> None:
    w.deployment["change"]["baseline"] = "0123456789abcdef"


@case("baseline-usable", "pass")
def the_one_that_was_approved(w: World) -> None:
    assert w.baseline is not None
    w.deployment["change"]["baseline"] = facts_id(hosts(w.baseline))
