"""Worlds of the checks of order: who is done, and who is next."""

from datetime import timedelta

from worlds import World

from check_cases import case

NIGHT = timedelta(hours=3)  # from the moment of the sample's stage `server` into its window


def in_the_night(w: World) -> None:
    w.now += NIGHT
    w.collected(w.now - timedelta(minutes=15))


def _done(w: World, *names: str) -> None:
    w.done = names


def _is_upgraded(w: World, *names: str) -> None:
    for name in names:
        w.value(name, "target.entries", [{"name": "bin", "kind": "directory"}])


@case("order-respected", "manual")
def the_second_server_while_the_first_is_not_done(w: World) -> None:
    w.servers = ("mx1",)


@case("order-respected", "manual", done=["db1"], base=in_the_night)
def the_equal_of_the_one_declared_first(w: World) -> None:
    w.servers = ("mx2",)


@case("order-respected", "manual", done=["db1"], base=in_the_night)
def two_filters_before_one_is_tested(w: World) -> None:
    w.server("mx1")["first"] = "false"
    w.servers = ("mx1", "mx2")


@case("order-respected", "pass", done=["db1"], base=in_the_night)
def another_order_of_equals(w: World) -> None:
    w.server("mx1")["first"] = "false"
    w.servers = ("mx2",)


@case("order-respected", "fail", base=in_the_night)
def done_before_the_database(w: World) -> None:
    _is_upgraded(w, "mx1")
    _done(w, "mx1")


@case("order-respected", "fail", base=in_the_night)
def version_6_on_a_filter_before_the_database(w: World) -> None:
    _is_upgraded(w, "mx2")
    w.servers = ("db1",)


@case("order-respected", "pass", base=in_the_night)
def what_an_earlier_attempt_left_is_accepted(w: World) -> None:
    _is_upgraded(w, "mx2")
    w.deployment["waivers"] = [
        {"check": "target-absent", "server": "mx2", "observed": "/opt/pmx6 already holds bin", "reason": "a trial",
         "by": "C. Example", "ticket": "CHG3", "until": "2026-12-06"}
    ]  # fmt: skip
    w.servers = ("db1",)


@case("order-respected", "fail", base=in_the_night)
def declared_done_against_its_own_facts(w: World) -> None:
    _done(w, "db1")


@case("order-respected", "unknown")
def declared_done_with_facts_from_before_the_window(w: World) -> None:
    _done(w, "db1")


@case("order-respected", "unknown", base=in_the_night)
def declared_done_with_facts_from_before_its_work(w: World) -> None:
    _done(w, "db1")
    w.collected(w.now - timedelta(hours=2), "db1")


@case("order-respected", "unknown", done=["db1"], base=in_the_night)
def declared_done_and_not_looked_at(w: World) -> None:
    w.unknown("db1", "target.entries")


def _left(w: World, server: str, **more: str) -> None:
    w.deployment["change"]["deferred"] = [
        {"server": server, "reason": "its disk is being replaced", "by": "A. Example", "ticket": "CHG2", **more}
    ]


@case("order-respected", "pass", done=["db1"], base=in_the_night)
def the_first_one_is_left_for_later(w: World) -> None:
    _left(w, "mx1")
    w.servers = ("mx2",)


@case("order-respected", "manual")
def the_database_is_left_for_later(w: World) -> None:
    _left(w, "db1")
    w.servers = ("mx1",)


@case("order-respected", "pass")
def the_database_is_left_for_later_by_a_case_of_the_vendors(w: World) -> None:
    _left(w, "db1", case="01234567")
    w.servers = ("mx1",)


@case("order-respected", "manual")
def the_one_that_is_left_for_later_is_named(w: World) -> None:
    _left(w, "mx1", case="01234567")
    w.servers = ("mx1",)


@case("after-target-present", "unknown", on="db1", stage="server", before="not-applicable")
def done_by_facts_from_before(w: World) -> None:
    w.done = ("db1",)


@case("after-target-present", "fail", on="db1", stage="server", before="not-applicable", base=in_the_night)
def not_done_by_its_newer_facts(w: World) -> None:
    w.done = ("db1",)
