"""Worlds of the checks of the ways that mail takes."""

from worlds import World

from check_cases import case


@case("mail-paths-declared", "fail")
def no_outbound_path(w: World) -> None:
    del w.deployment["mail_paths"][1]


@case("mail-paths-declared", "fail")
def an_agent_that_no_path_uses(w: World) -> None:
    for path in w.deployment["mail_paths"]:
        path["members"] = ["mx1"]


@case("database-mail-filter-apart", "fail")
def the_database_filters_too(w: World) -> None:
    w.server("db1")["roles"] = ["database", "csm", "mail-filter"]


@case("single-mail-filter", "fail")
def one_filter_of_two(w: World) -> None:
    w.server("mx2")["roles"] = ["mta"]


@case("single-mta", "fail")
def one_agent_of_two(w: World) -> None:
    w.server("mx2")["roles"] = ["mail-filter"]


def _loads(w: World, peak: str, *each: str | None) -> None:
    w.deployment["mail_paths"][0]["peak_per_hour"] = peak
    for name, load in zip(("mx1", "mx2"), each, strict=True):
        if load:
            w.server(name)["capacity_per_hour"] = load


@case("mail-filter-capacity", "pass", before="not-applicable")
def each_carries_the_peak_alone(w: World) -> None:
    _loads(w, "1000", "1000", "1000")


@case("mail-filter-capacity", "fail", before="not-applicable")
def one_lacks_a_message_an_hour(w: World) -> None:
    _loads(w, "1000", "1000", "999")


@case("mail-filter-capacity", "unknown", before="not-applicable")
def the_load_of_one_is_not_declared(w: World) -> None:
    _loads(w, "1000", "1000", None)


def _feeds(w: World, *filters: str) -> None:
    for name in ("mta1", "mta2", "mta3", "mta4"):
        w.server(name)["feeds"] = list(filters)


@case("filter-fed-by-several", "pass", sample="university-mail", before="unknown")
def every_agent_feeds_two(w: World) -> None:
    _feeds(w, "filter1", "filter2")


@case("filter-fed-by-several", "fail", sample="university-mail", before="unknown")
def every_agent_feeds_one(w: World) -> None:
    _feeds(w, "filter1")
