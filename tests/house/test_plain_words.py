"""What the program says is plain English: in no text of it a homely word, `1 servers`, or the short word of a role."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from our_numbers import ROOT
from plain_words import not_plain

# The vendor's demands are retold close to his own words; words of the pages stand in templates/.
RETOLD = ROOT / "checker" / "checks" / "vendor.py"
FILES = sorted(path for room in ("checker", "runbook") for path in (ROOT / room).rglob("*.py") if path != RETOLD)


def texts(module: ast.Module) -> Iterator[str]:
    """Every text of several words that is no docstring, the pieces of formatted ones apart."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value if " " in node.value else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_the_program_has_a_homely_word(path: Path) -> None:
    assert not_plain(*texts(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("nobody has read the installed version", False),
        ("could not look: ports.listening", False),
        ("a way back", False),
        ("1 servers", False),
        ("no server holds mta", False),
        ("not recorded: the installed version", True),
        ("1 server, 21 servers, 10.1 minutes", True),
        ("no server is declared as Mail Transfer Agent", True),
    ],
)
def test_a_homely_word_is_found(text: str, plain: bool) -> None:
    assert (not_plain(text) == []) is plain
