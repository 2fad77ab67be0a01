"""The floor plan: which room may know which, how many things stand in a room, and how long a file may be.

Read from the imports themselves, those within functions and those for types alone too.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PACKAGES = ("checker", "runbook")
# From the ground up: each may know those above its line, never one below. A single file is named where
# it stands apart from its room.
FLOORS = (
    "checker",
    "checker.inputs",
    "checker.facts.fact_values",
    "checker.facts.cron_times",
    "checker.facts.parsers",
    "checker.facts",
    "checker.facts.probe",
    "checker.facts.collect",
    "checker.schedule",
    "checker.facts.diff",
    "checker.checks",
    "checker.outputs",
    "runbook",
    "runbook.plan",
    "runbook.pages",
    "runbook.pages.notices",
    "runbook.pages.help_desk",
    "runbook.pages.board",
    "runbook.pages.night",
    "runbook.pages.whole_set",
    "runbook.render",
    "runbook.redaction",
    "runbook.change",
    "runbook.change.proof",
    "runbook.cli",
    "runbook.__main__",
)
# Beyond the order: what follows from deployment and facts asks no host, judges nothing and prints nothing.
UNKNOWN_TO = {
    "checker.schedule": ("checker.facts.probe", "checker.facts.collect", "checker.checks", "checker.outputs"),
    "runbook.plan": ("checker.facts.probe", "checker.facts.collect", "checker.checks", "checker.outputs"),
    "runbook.pages": ("checker.facts.probe", "checker.facts.collect"),
    "runbook.render": ("checker.facts.probe", "checker.facts.collect"),
    "runbook.change": ("checker.facts.probe", "checker.facts.collect"),
}
MOST_ENTRIES = 14  # more than that nobody takes in at a glance
A_FILE_FOR_EACH = ("checker/checks", "checker/facts/probe", "checker/facts/parsers", "checker/facts/collect")
LONGEST = 300  # lines; a page is as long as it is


def _name(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")


@cache
def files() -> dict[str, Path]:
    """The product's files by the names of their modules."""
    return {_name(path): path for package in PACKAGES for path in sorted((HOUSE / package).rglob("*.py"))}


def imported(name: str, source: str, known: frozenset[str]) -> Iterator[str]:
    """The modules that one imports, wherever in it: those of ours by their full names, of others the package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in known else module


@cache
def arrows() -> dict[str, frozenset[str]]:
    """For each file of the product the others that it imports."""
    known = frozenset(files())
    return {
        name: frozenset(imported(name, path.read_text(encoding="utf-8"), known)) & known
        for name, path in files().items()
    }


def room(name: str) -> str:
    """The line of the floor plan on which a file stands."""
    return name if name in FLOORS else name.rpartition(".")[0]


def upwards(knows: dict[str, frozenset[str]]) -> list[str]:
    """The imports that lead from a room to one above it."""
    rank = {floor: number for number, floor in enumerate(FLOORS)}
    return [
        f"{name} knows {other}"
        for name, others in sorted(knows.items())
        for other in sorted(others)
        if rank[room(other)] > rank[room(name)]
    ]


def circles(knows: dict[str, frozenset[str]]) -> list[str]:
    """The files that import themselves by way of others."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [*knows[start]]
        while ahead:
            if (name := ahead.pop()) not in found:
                found.add(name)
                ahead += knows[name]
        return found

    return sorted(name for name in knows if name in reached(name))


def test_every_file_stands_in_a_room_of_the_plan() -> None:
    assert {room(name) for name in files()} == set(FLOORS), "a new room: add its line to FLOORS, where it may stand"


def test_nothing_imports_upwards() -> None:
    assert not upwards(arrows()), "what both need goes to a room that both may know"


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert circles(arrows()) == []


def test_no_two_rooms_know_each_other() -> None:
    between = {floor: frozenset[str]() for floor in FLOORS}
    for name, others in arrows().items():
        between[room(name)] |= {room(other) for other in others} - {room(name)}
    assert circles(between) == []


@pytest.mark.parametrize(("below", "strange"), [(below, name) for below, names in UNKNOWN_TO.items() for name in names])
def test_what_is_computed_asks_no_host_and_judges_nothing(below: str, strange: str) -> None:
    found = [
        f"{name} knows {other}"
        for name, others in arrows().items()
        for other in others
        if f"{name}.".startswith(f"{below}.") and f"{other}.".startswith(f"{strange}.")
    ]
    assert not found


def test_the_checker_knows_nothing_of_the_runbook_and_nothing_imports_the_command_line() -> None:
    for name, others in arrows().items():
        packages = {other.partition(".")[0] for other in others}
        assert name.startswith("runbook") or "runbook" not in packages, name
        outside = not name.startswith("runbook.cli") and name != "runbook.__main__"
        assert not outside or not any(other.startswith("runbook.cli") for other in others), name


def test_the_plan_is_held_to_imports_within_functions_for_types_and_from_beside() -> None:
    known = frozenset({"checker.a", "checker.b", "runbook.cli.main"})
    source = """
from . import b
def late():
    import runbook.cli.main
    from checker import a as other
"""
    assert {*imported("checker.a", source, known)} == {"checker.b", "runbook.cli.main", "checker.a"}
    assert upwards({"checker.a": frozenset({"runbook.cli.main"}), "runbook.cli.main": frozenset({"checker.a"})}) == [
        "checker.a knows runbook.cli.main"
    ]
    assert circles({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b")}) == ["b", "c"]


def test_a_room_is_taken_in_at_a_glance() -> None:
    rooms = {path.parent for path in files().values()}
    counted = {str(each.relative_to(HOUSE)): len([*entries(each)]) for each in rooms}
    too_many = {name: count for name, count in counted.items() if count > MOST_ENTRIES and name not in A_FILE_FOR_EACH}
    assert not too_many, "part it: a room has one question"


def entries(directory: Path) -> Iterator[Path]:
    """What stands in a folder, but for what a run of the tests leaves there."""
    return (path for path in directory.iterdir() if path.name != "__pycache__" and not path.name.startswith("."))


def test_a_file_is_read_in_one_sitting() -> None:
    lengths = {
        str(path.relative_to(HOUSE)): len(path.read_text(encoding="utf-8").splitlines()) for path in files().values()
    }
    too_long = {
        name: lines for name, lines in lengths.items() if lines > LONGEST and not name.startswith("runbook/pages/")
    }
    assert not too_long, "part it where its question ends"
