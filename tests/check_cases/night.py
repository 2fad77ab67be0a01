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


@case("window-now", "fail", stage="change")
def every_window_is_over(w: World) -> None:
    _windows(w, ("2025-12-05T22:00", "2025-12-06T06:00"))


@case("window-now", "pass", stage="change")
def the_first_of_two_windows_is_over(w: World) -> None:
    _windows(w, ("2025-12-05T22:00", "2025-12-06T06:00"), ("2026-12-06T22:00", "2026-12-07T06:00"))


def _moved(w: World, start: timedelta, end: timedelta) -> None:
    _windows(w, ((w.now + start).isoformat(), (w.now + end).isoformat()))
    w.deployment["change"]["timezone"] = "UTC"


@case("window-now", "pass")
def two_hours_before_the_window(w: World) -> None:
    _moved(w, timedelta(hours=2), timedelta(hours=10))


@case("window-now", "fail")
def more_than_two_hours_before_the_window(w: World) -> None:
    _moved(w, timedelta(hours=2, seconds=1), timedelta(hours=10))


@case("window-now", "fail")
def the_window_is_over(w: World) -> None:
    _moved(w, timedelta(hours=-10), timedelta(seconds=-1))


@case("window-now", "fail")
def too_late_by_the_sites_minutes(w: World) -> None:
    _moved(w, timedelta(hours=-7), timedelta(minutes=30))


@case("window-now", "pass")
def prolonged_that_night(w: World) -> None:
    _moved(w, timedelta(hours=-7), timedelta(hours=1))
    until = (w.now + timedelta(hours=5)).isoformat()
    w.deployment["change"]["extended"] = {"until": until, "by": "C. Chair", "ticket": "CHG3"}


@case("window-now", "unknown")
def too_late_by_our_guesses(w: World) -> None:
    _moved(w, timedelta(hours=-1), timedelta(hours=3))
    del w.deployment["minutes"]
    w.deployment["procedure"] = {}


@case("window-now", "not-applicable")
def a_rehearsal_on_a_wednesday(w: World) -> None:
    w.now -= timedelta(days=3)
    w.collected(w.now - timedelta(minutes=15))
    w.more["rehearsal"] = True


def _clocks(w: World, ahead: timedelta) -> None:
    for host in w.facts.values():
        host["host_clock"] = (w.now - timedelta(minutes=15) + ahead).isoformat()


@case("window-now", "pass")
def hosts_ten_minutes_ahead(w: World) -> None:
    _clocks(w, timedelta(minutes=10))


@case("window-now", "unknown")
def hosts_more_than_ten_minutes_ahead(w: World) -> None:
    _clocks(w, timedelta(minutes=10, seconds=1))


@case("window-now", "unknown")
def hosts_more_than_ten_minutes_behind(w: World) -> None:
    _clocks(w, timedelta(minutes=-10, seconds=-1))


@case("window-now", "pass")
def one_host_of_three_is_an_hour_ahead(w: World) -> None:
    w.facts["mx2"]["host_clock"] = (w.now + timedelta(hours=1)).isoformat()


@case("facts-fresh", "unknown")
def another_server_has_not_been_seen_for_a_day(w: World) -> None:
    w.servers = ("db1",)
    w.collected(w.now - timedelta(days=1), "mx2")


@case("facts-fresh", "unknown")
def a_finished_server_has_not_been_seen_for_a_day(w: World) -> None:
    w.done = ("mx2",)
    w.collected(w.now - timedelta(days=1), "mx2")


@case("facts-fresh", "fail", stage="after")
def old_facts_after_the_upgrade(w: World) -> None:
    w.collected(w.now - timedelta(hours=1, seconds=1), "mx2")


@case("facts-fresh", "fail", stage="after")
def facts_from_the_future_after_the_upgrade(w: World) -> None:
    w.collected(w.now + timedelta(hours=2), "mx2")


@case("facts-fresh", "unknown")
def carried_facts_of_a_clock_that_is_ahead(w: World) -> None:
    w.collected(w.now + timedelta(minutes=10), "mx2")
    w.facts["mx2"]["via"], w.facts["mx2"]["host_clock"] = "files", w.facts["mx2"]["collected_at"]


@case("facts-fresh", "unknown")
def facts_carried_by_hand_from_a_clock_hours_ahead_of_the_carrying(w: World) -> None:
    w.facts["mx2"]["via"] = "files"
    w.facts["mx2"]["host_clock"] = (w.now + timedelta(hours=3)).isoformat()


@case("facts-fresh", "pass")
def facts_that_the_kit_brought_from_a_clock_hours_off(w: World) -> None:
    for name, hours in (("mx1", -3), ("mx2", 3)):
        w.facts[name]["via"] = "kit"
        w.facts[name]["host_clock"] = (w.now + timedelta(hours=hours)).isoformat()
