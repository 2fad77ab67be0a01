"""Worlds of the checks of what the site chose and wrote down: migration, procedure, support."""

from worlds import World

from check_cases import case


@case("migration-options-consistent", "fail")
def one_server_lacks_an_option(w: World) -> None:
    w.server("mx2")["migration"] = {"options": ["Database & Quarantine", "Logs"]}


@case("migration-options-consistent", "fail")
def one_server_does_without_the_script(w: World) -> None:
    w.server("mx2")["migration"] = {"script": "false"}


@case("migration-options-consistent", "unknown")
def nobody_said_whether_data_is_migrated(w: World) -> None:
    del w.deployment["migration"]


@case("migration-options-consistent", "unknown")
def the_options_are_not_named(w: World) -> None:
    w.deployment["migration"] = {"script": "true"}


@case("migration-options-consistent", "pass")
def none_migrates_anywhere(w: World) -> None:
    w.deployment["migration"] = {"script": "false"}


@case("procedure-complete", "fail")
def no_line_for_the_stop(w: World) -> None:
    del w.deployment["procedure"]["stop"]


@case("procedure-lint", "fail")
def a_line_for_one_server_on_the_sheets_of_two(w: World) -> None:
    w.deployment["procedure"]["stop"][0]["command"] = "ssh mx1 site-pmx stop-old"
