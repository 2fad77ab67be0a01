"""What is said more than once in the printed runbook, of which each reader reads every page of his own."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from printed_samples import book, edition

from checker.inputs.deployment import ROLE_NAMES
from runbook.pages.page_model import PRINTED, Block, Bullets, Caution, Fields, Gate, Paragraph, Steps, Table
from runbook.pages.page_model import Part as Page

SHORTEST = 4  # words of a sentence: what is shorter is an order or a name
OFTEN = 0.05  # of the words: readers who meet a sentence again begin to skip
NAMES = set(ROLE_NAMES.values())
LASTS = re.compile(r"(?:\d+ h )?\d+ min")


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for piece in value:
            yield from texts(piece)


def said(block: Block) -> Iterator[str]:
    """The words of ours in a block, but for its labels, heads and commands; a site's own lines are the site's."""
    match block:
        case Paragraph() | Caution():
            yield block.text
        case Bullets():
            yield from block.items
        case Fields():
            yield from texts(tuple(cell for _, cell in block.rows))
        case Table():
            yield from texts(block.rows)
        case Gate():  # what is signed is what the board approved, word for word: it is counted in the board's table
            yield block.decider
        case Steps():
            for row in block.steps:
                yield from texts((row.caution, row.title, row.text, row.expect, row.if_not, row.again, row.options))


def sentences(text: str) -> list[str]:
    """Its sentences, but for lists of roles and durations."""
    found = (part.strip(' “”".:;?!') for part in re.split(r"[.:;?!](?:\s|$)|\n", text))
    return [one for one in found if len(one.split()) >= SHORTEST and not named(one)]


def named(sentence: str) -> bool:
    return set(sentence.split(", ")) <= NAMES or LASTS.fullmatch(sentence) is not None


def repeated(pages: Sequence[tuple[bool, list[str]]]) -> tuple[list[str], float]:
    """The sentences that stand more than once, and their part of all words; on several sheets one counts once."""
    counted, words = Counter[str](), 0
    sheets = set[str]()
    for sheet, own in pages:
        words += sum(len(text.split()) for text in own)
        found = Counter(one for text in own for one in sentences(text))
        counted += Counter({one: count - (sheet and one in sheets) for one, count in found.items()})
        sheets |= set(found) if sheet else set()
    twice = {one: count for one, count in counted.items() if count > 1}
    return sorted(twice), sum(len(one.split()) * count for one, count in twice.items()) / words


def of_each_role(name: str) -> list[tuple[bool, list[str]]]:
    """Whether a page is a sheet, and what it says; of the sheets of servers with the same roles the first."""
    seen, pages = set[object](), list[Page]()
    for part in book(name).parts:
        roles = edition(name).deployment.server(part.server).roles if part.server else None
        if part.document in PRINTED and (roles is None or roles not in seen):
            pages.append(part)
            seen.add(roles)
    return [(bool(page.server), [text for block in page.blocks for text in said(block)]) for page in pages]


def test_hardly_a_sentence_of_the_printed_runbook_stands_there_twice() -> None:
    twice, share = repeated(of_each_role("county-mail"))
    assert share <= OFTEN, twice


def test_a_sentence_that_stands_twice_is_counted_each_time_and_one_of_all_sheets_once() -> None:
    order = "Call the coordinator now."
    assert repeated([(False, [order]), (False, [order])]) == (["Call the coordinator now"], 1.0)
    assert repeated([(True, [order]), (True, [order])]) == ([], 0.0)
    assert repeated([(True, [order]), (True, [order]), (False, [order])])[0] == ["Call the coordinator now"]
    assert repeated([(True, [order, order])]) == (["Call the coordinator now"], 1.0)
    assert repeated([(False, ["Mail Transfer Agent, Mail Filter", "5 h 59 min"] * 2)]) == ([], 0.0)
