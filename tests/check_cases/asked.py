"""Worlds of what the facts were asked of."""

from worlds import World

from check_cases import case


@case("asked-the-same", "unknown", on="mx1")
def the_target_was_moved_after_collecting(w: World) -> None:
    w.deployment["paths"]["target"] = "/srv/pmx6"


@case("asked-the-same", "unknown", on="mx1")
def facts_of_an_older_edition(w: World) -> None:
    w.facts["mx1"]["asked"] = None


@case("asked-the-same", "unknown", on="mx1")
def facts_of_another_deployment_with_equal_names(w: World) -> None:
    w.facts["mx1"]["asked"]["deployment"] = "the-lab"


@case("asked-the-same", "pass", on="mx1", stage="change")
def a_backup_declared_after_collecting_is_asked_for_two_days_before(w: World) -> None:
    w.deployment["paths"]["backup"] = "/backup"


@case("asked-the-same", "unknown", on="mx1", stage="two-days")
def a_backup_declared_after_collecting(w: World) -> None:
    w.deployment["paths"]["backup"] = "/backup"


@case("asked-the-same", "pass", on="mx1")
def a_part_declared_where_it_stands_anyway(w: World) -> None:
    w.deployment["paths"]["quarantine"] = "/opt/pmx/var/qdir"
