"""Worlds of the checks of declared roles and their order."""

from worlds import World

from check_cases import case


@case("roles-complete", "fail")
def no_mail_filter(w: World) -> None:
    for name in ("mx1", "mx2"):
        w.server(name)["roles"] = ["mta"]


@case("roles-complete", "fail")
def two_databases(w: World) -> None:
    w.server("mx2")["roles"] = ["database", "mta", "mail-filter"]


@case("roles-complete", "fail")
def no_csm(w: World) -> None:
    w.server("db1")["roles"] = ["database", "euwi", "gwi"]


@case("database-csm-together", "fail")
def the_csm_is_elsewhere(w: World) -> None:
    w.server("db1")["roles"] = ["database", "euwi", "gwi"]
    w.server("mx2")["roles"] = ["csm", "mta", "mail-filter"]


@case("order-feasible", "fail")
def two_that_would_come_first(w: World) -> None:
    w.server("mx2")["roles"] = ["database", "mta", "mail-filter"]


@case("order-feasible", "fail")
def none_that_could_come_first(w: World) -> None:
    w.server("db1")["roles"] = ["csm", "euwi", "gwi"]


@case("order-collisions", "fail", sample="university-mail")
def the_database_has_the_web_interface(w: World) -> None:
    w.server("db1")["roles"] = ["database", "csm", "euwi", "gwi"]
