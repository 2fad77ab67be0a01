"""The page of facts says what the catalogue says."""

from pathlib import Path

from checker.facts.catalogue import CATALOGUE
from checker.outputs.facts_page import facts_page

HOUSE = Path(__file__).parents[2]


def test_the_page_of_facts_is_the_one_that_the_catalogue_gives() -> None:
    page = HOUSE / "docs" / "facts.md"
    assert page.read_text() == facts_page(), "write it anew: make docs"


def test_every_fact_is_brought_by_commands_and_read_by_a_parser_or_follows_from_others() -> None:
    assert [path for path, fact in CATALOGUE.items() if not (fact.commands and fact.parse)] == ["storage.own_rows"]


def test_every_fact_has_its_row() -> None:
    rows = [line.split("|")[1].strip() for line in facts_page().splitlines() if line.startswith("| `")]
    assert rows == [f"`{path}`" for path in CATALOGUE]
