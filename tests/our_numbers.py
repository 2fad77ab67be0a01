"""Every number of ours: the module constants whose comment says so, and the tests that stand at their borders."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parent.parent
OURS = re.compile(r"\bours?\b", re.IGNORECASE)
NOT_SO = re.compile(r"bugs? of ours|(?:file|known|mark)s? (?:as|is|of) ours|one of ours|runs? of ours", re.IGNORECASE)
Test = TypeVar("Test", bound=Callable[..., object])
# those whose border is tried beside what they bound: the file of the test, and its name
AT_THE_BORDER: dict[str, list[str]] = {
    "checker.facts.host_facts.MOST_COUNTED": ["test_a_number_that_no_host_can_count_to_is_a_fault_of_its_fact"],
    "checker.checks.cure.MOST_TRIED": ["test_of_more_than_seven_changes_it_is_not_said_that_no_fewer_would_do"],
    "checker.checks.cure.MOST_FINDINGS": ["test_of_a_site_with_very_much_open_nobody_looks_for_it"],
    "checker.checks.cure.MOST_SERVERS": ["test_of_a_site_with_very_much_open_nobody_looks_for_it"],
}


def border(*constants: str) -> Callable[[Test], Test]:
    """Declare a test to stand at the border of these constants, each as `checker.checks.now.FRESH`."""

    def declare(test: Test) -> Test:
        for constant in constants:
            AT_THE_BORDER.setdefault(constant, []).append(test.__name__)
        return test

    return declare


def our_numbers() -> Iterator[str]:
    """Every upper-case constant of a module that holds a number, and is called ours where it is defined."""
    for package in ("checker", "runbook"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for name in _of(path.read_text(encoding="utf-8")):
                yield f"{module}.{name}"


def _of(source: str) -> Iterator[str]:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        names = _names(node)
        if not names or not any(_is_number(part) for part in ast.walk(node)):
            continue
        if "OURS" in names or OURS.search(
            NOT_SO.sub("", _comments(lines, node.lineno - 1, node.end_lineno or node.lineno))
        ):
            yield from names


def _names(node: ast.stmt) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper()]


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _comments(lines: list[str], first: int, end: int) -> str:
    """The comments in a statement's lines, and those above it and the statements of one line that precede it."""
    own = [line.partition("#")[2] for line in lines[first:end]]
    while first > 0 and lines[first - 1].strip() and lines[first - 1][0] not in " \t)]}":
        first -= 1
        if lines[first].lstrip().startswith("#"):
            own.append(lines[first])
    return "\n".join(own)
