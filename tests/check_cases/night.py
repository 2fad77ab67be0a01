"""Worlds of the checks of windows, ages and clocks."""

from datetime import timedelta

from worlds import World

from check_cases import case


def _windows(w: World, *pairs: tuple[str, str]) -> None:
    w.deployment["change"]["windows"] = [{"start": start, "end": end} for start, end in pairs]


@case("window-fits", "fail")
def a_window_of_an_hour(w: World) -> None:
    _windows(w, ("2026-12-05T22:00", "2026-12-05T23:00"))


@case("window-fits", "unknown")
def nobody_measured_the_upgrade(w: World) -> None:
    del w.deployment["procedure"]["upgrade"][0]["minutes"]


@case("facts-fresh", "fail")
def facts_of_the_day_before(w: World) -> None:
    w.collected(w.now - timedelta(days=1), "mx2")


@case("facts-fresh", "fail")
def facts_of_tomorrow(w: World) -> None:
    w.collected(w.now + timedelta(days=1), "mx2")


@case("facts-fresh", "unknown")
def a_server_without_facts(w: World) -> None:
    del w.facts["mx2"]


@case("clocks-agree", "fail")
def a_clock_an_hour_ahead(w: World) -> None:
    w.facts["mx2"]["host_clock"] = (w.now + timedelta(hours=1)).isoformat()


@case("window-clock-change", "fail", stage="change")
def the_last_sunday_of_march(w: World) -> None:
    _windows(w, ("2027-03-27T22:00", "2027-03-28T06:00"))
