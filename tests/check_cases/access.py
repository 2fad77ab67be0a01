"""Worlds of the checks of access and of the two trees."""

from typing import Any

from worlds import World

from check_cases import case


def _entries(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "kind": "directory", "target": None} for name in names]


@case("reachable", "unknown", on="mx1")
def a_server_that_refuses(w: World) -> None:
    w.facts["mx1"] |= {"outcome": "connection refused", "facts": {}, "host_clock": None}


@case("reachable", "unknown", on="mx1")
def a_server_that_was_not_asked(w: World) -> None:
    del w.facts["mx1"]


@case("root-access", "manual", on="mx1")
def read_without_root(w: World) -> None:
    w.value("mx1", "privilege.euid", 1001)


@case("root-access", "unknown", on="mx1")
def nobody_saw_the_user_id(w: World) -> None:
    w.unknown("mx1", "privilege.euid")


@case("source-present", "fail", on="mx1")
def no_old_tree(w: World) -> None:
    w.value("mx1", "source.entries", None)


@case("source-present", "fail", on="mx1")
def an_empty_old_tree(w: World) -> None:
    w.value("mx1", "source.entries", _entries("lost+found"))


@case("source-present", "unknown", on="mx1")
def the_old_tree_was_not_looked_at(w: World) -> None:
    w.unknown("mx1", "source.entries")


@case("target-absent", "fail", on="mx1")
def an_earlier_attempt(w: World) -> None:
    w.value("mx1", "target.entries", _entries("bin", "etc"))


@case("target-absent", "unknown", on="mx1")
def the_new_place_was_not_looked_at(w: World) -> None:
    w.unknown("mx1", "target.entries")


@case("target-absent", "pass", on="mx1")
def a_fresh_file_system_for_room(w: World) -> None:
    w.value("mx1", "target.entries", _entries("lost+found"))


@case("after-target-present", "fail", on="mx1", stage="after")
def done_without_a_new_tree(w: World) -> None:
    w.value("mx1", "target.entries", None)


@case("after-target-present", "unknown", on="mx1", stage="after")
def done_and_not_looked_at(w: World) -> None:
    w.unknown("mx1", "target.entries")


@case("tree-links", "fail", on="mx1")
def a_moved_directory(w: World) -> None:
    w.seen("mx1", "source.entries").append({"name": "data", "kind": "link", "target": "/data"})
