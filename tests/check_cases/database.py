"""Worlds of the checks of who uses the database."""

from worlds import World

from check_cases import case


@case("undeclared-peer", "fail")
def a_stranger_at_the_database(w: World) -> None:
    w.seen("db1", "puremessage.database_peers").append("198.51.100.77")


@case("undeclared-peer", "fail")
def a_filter_that_looks_elsewhere(w: World) -> None:
    w.value("mx2", "puremessage.database_target", {"host": "db9.example.net", "port": 5432})
    w.value("mx2", "puremessage.database_lookup", ["198.51.100.9"])


@case("undeclared-peer", "fail")
def a_namesake_in_another_domain(w: World) -> None:
    w.value("mx2", "puremessage.database_target", {"host": "db1.example.com", "port": 5432})
    w.value("mx2", "puremessage.database_lookup", ["198.51.100.9"])


@case("undeclared-peer", "pass")
def the_short_name_of_the_database_server(w: World) -> None:
    w.value("mx2", "puremessage.database_target", {"host": "DB1", "port": 5432})
    w.value("mx2", "puremessage.database_lookup", [])


@case("undeclared-peer", "unknown")
def nobody_saw_who_is_connected(w: World) -> None:
    w.unknown("db1", "puremessage.database_peers")


@case("database-name-resolves", "fail", on="mx1")
def the_name_leads_nowhere(w: World) -> None:
    w.value("mx1", "puremessage.database_lookup", [])


@case("database-name-resolves", "unknown", on="mx1")
def nobody_looked_it_up(w: World) -> None:
    w.unknown("mx1", "puremessage.database_lookup")


@case("database-name-resolves", "not-applicable", on="mx1")
def an_address_instead_of_a_name(w: World) -> None:
    w.value("mx1", "puremessage.database_target", {"host": "192.0.2.11", "port": 5432})


@case("database-port", "fail", on="mx1")
def the_database_does_not_answer(w: World) -> None:
    w.value("mx1", "puremessage.database_port", False)
