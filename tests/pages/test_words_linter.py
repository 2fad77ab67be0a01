"""The style sheet of the words, rule by rule, over the shipped sentences as the samples say them.

A site's own lines, commands and answers are its own, and no rule is asked of them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from our_numbers import ROOT
from plain_words import BETTER, OF_PEOPLE, TECHNICAL, banned
from told_worlds import shipped_samples, world
from writing_rules import BELOW, VERBS, bare, first, shipped

from checker.checks import CHECKS
from checker.checks.vendor import DEMANDS
from runbook.cli import pipeline
from runbook.pages.notices.texts import notices
from runbook.pages.notices.unplanned import unplanned_notices
from runbook.pages.page_model import Block, Caution, Fields, Gate, Paragraph, Part, Steps, Table
from runbook.plan.plan_model import Step
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import Words, load_words

Where = tuple[str, str, str]  # file, key, field
Said = Mapping[Where, set[str]]

# the files of words that keep the rules: all of them
COVERED = ("exits", "interruptions", "notices", "pages", "plan", "steps")
NIGHT = ("interruptions", "notices", "plan", "steps")  # those whose sentences are short: read at night, or aloud

TITLE, SENTENCE, TEXT = 60, 20, 190  # characters of a title, words of a sentence, two lines of a page
FRONT = ("cover", "exits", "way-back")  # of the night book
REPEATED = 5  # words from which on a sentence that stands twice is read twice
JOINED_LINES = {("notices", "line"), ("notices", "spans")}
NAMES = 2  # of a list: how many servers, roles and paths there are is the site's

# what an order in "If not" may begin with, beside a verb
ACTS = {"STOP", "HOLD", "NO-GO"}
ALONE = re.compile(r"\blatest\b(?! (?:start|end|time)s?\b)", re.IGNORECASE)
INTERNAL = re.compile(r"\bV\d\d\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Short(Words):
    """The shipped words, which note what is said of each sentence, with lists of names cut to their first ones."""

    said: dict[Where, set[str]] = field(default_factory=dict)

    def _fill(self, where: Where, source: str, values: Mapping[str, Any]) -> str:
        few = {name: value[:NAMES] if isinstance(value, list | tuple) else value for name, value in values.items()}
        told = super()._fill(where, source, few)
        self.said.setdefault(where, set()).add(told)
        return told


@pytest.fixture(scope="module")
def told_of_samples() -> tuple[Said, tuple[Step, ...]]:
    """What is said of each sentence in the plans and the notices of the samples, and their steps."""
    made = load_words(resource("templates"))
    words = Short(made.tables, made.place, when=made.when)
    steps: list[Step] = []
    for _, deployment, _ in shipped_samples():
        plan = build(deployment, {}, words)
        steps += plan.steps
        notices(deployment, plan, words)
        unplanned_notices(deployment, plan, words)
    return words.said, tuple(steps)


@pytest.fixture(scope="module")
def said(told_of_samples: tuple[Said, tuple[Step, ...]]) -> Said:
    return told_of_samples[0]


@dataclass(frozen=True)
class Page:
    """A part of a sample's runbook, and what of ours is read out from it."""

    sample: str
    part: Part
    texts: list[str]


@pytest.fixture(scope="module")
def read(words: Words) -> list[Page]:
    """The parts of every sample's runbook."""
    found = []
    for path, deployment, now in shipped_samples():
        book = world(deployment, words, now, pipeline.load_facts(path.parent / "facts"), "server").book
        for part in book.parts:
            found.append(Page(path.parent.name, part, [text for block in part.blocks for text in aloud(block)]))
    return found


def aloud(block: Block) -> Iterator[str]:
    """What is read out from a block, but for lines of the site's, commands, and a sheet's foot."""
    match block:
        case Caution() | Paragraph(style="plain" | "lead"):
            yield block.text
        case Gate():
            yield from (block.title, block.if_no_go, *dict(block.criteria))
        case Steps():
            for row in block.steps:
                ours = () if row.site_text else (row.text, row.expect or "", row.if_not or "")
                yield from (row.title, row.caution or "", *row.options, *ours)


def covered(words: Words) -> Iterator[tuple[Where, str]]:
    """The shipped sentences that the rules are asked of, with all their alternatives."""
    for where, source in shipped(words):
        if where[0] in COVERED:
            yield where, bare(source)


def sentences(said: str) -> list[str]:
    """What is said in one breath: up to a full stop, a question mark or a semicolon."""
    parts = re.split(r"(?<=[.?!;])[\"”]?\s+", said)
    return [part.strip().rstrip('.;?!"”') for part in parts if part.strip()]


def told(said: Said, files: tuple[str, ...], *fields: str) -> Iterator[tuple[Where, str]]:
    for where, texts in said.items():
        own = not fields or any(where[2] == name or where[2].startswith(f"{name}_") for name in fields)
        if where[0] in files and where[2] != "command" and own:
            yield from ((where, text) for text in texts)


def long(text: str) -> list[str]:
    return [each for each in sentences(text) if len(each.split()) > SENTENCE]


def idle(if_not: str) -> bool:
    """Whether what is done if not begins with anything but an order."""
    return first(if_not) not in ACTS and first(if_not).capitalize() not in VERBS | BELOW


def twice(texts: list[str]) -> list[str]:
    counted = Counter(each for text in texts for each in sentences(text) if len(each.split()) >= REPEATED)
    return [each for each, count in counted.items() if count > 1]


def test_no_word_stands_where_the_field_has_a_better_one(words: Words) -> None:
    found = {where: [(each, BETTER[each]) for each in banned(said) if each not in OF_PEOPLE]
             for where, said in covered(words)}  # fmt: skip
    assert {where: phrases for where, phrases in found.items() if phrases} == {}


def test_what_the_checks_and_the_demands_say_has_the_better_words_too() -> None:
    told = {check.id: (check.title, *check.remedy) for check in CHECKS}
    told |= {demand.id: (demand.text,) for demand in DEMANDS}
    found = {id: {each for text in texts for each in banned(text)} - OF_PEOPLE for id, texts in told.items()}
    assert {id: phrases for id, phrases in found.items() if phrases} == {}


def test_the_documentation_has_the_better_words_too() -> None:
    """Where commands and files are meant, some words of the page are the right ones."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
        assert set(banned(prose)) <= TECHNICAL, page.name


def test_a_sentence_of_the_night_has_at_most_twenty_words(said: Said) -> None:
    """A line of a notice is a name and a sentence, and both are read where they come from."""
    read = [(where, text) for where, text in told(said, NIGHT) if where[:2] not in JOINED_LINES]
    assert {(where, each) for where, text in read for each in long(text)} == set()


def test_a_title_has_at_most_sixty_characters_and_a_text_two_lines(
    told_of_samples: tuple[Said, tuple[Step, ...]],
) -> None:
    fields = [(step.form, said) for step in told_of_samples[1] for said in (step.text, step.caution, step.if_not)]
    assert {(form, said) for form, said in fields if said and len(said) > TEXT} == set()
    assert {step.title for step in told_of_samples[1] if len(step.title) > TITLE} == set()


def test_what_is_done_if_not_begins_with_the_act(told_of_samples: tuple[Said, tuple[Step, ...]]) -> None:
    ours = [step for step in told_of_samples[1] if step.site_text is None and step.if_not]
    assert ours and {(step.form, step.if_not) for step in ours if idle(step.if_not or "")} == set()


def test_latest_says_of_what(words: Words) -> None:
    assert {where for where, said in covered(words) if ALONE.search(said)} == set()


def test_no_id_of_ours_and_no_digest_stands_in_running_text(said: Said) -> None:
    assert {(where, text) for where, text in told(said, COVERED) if INTERNAL.search(text)} == set()


def test_no_sentence_stands_twice_on_one_sheet(read: list[Page]) -> None:
    sheets = [page for page in read if page.part.server]
    assert sheets and {(page.sample, page.part.id): twice(page.texts) for page in sheets if twice(page.texts)} == {}


def front(page: Page) -> list[str]:
    """All that a page of the front matter says, its tables too; what checks and gates say is theirs, row by row."""
    found = list(page.texts)
    for block in page.part.blocks:
        if isinstance(block, Fields) or (
            isinstance(block, Table) and block.kind not in ("findings", "order", "order-nights")
        ):
            cells = [cell for row in block.rows for cell in row]
            found += [text for cell in cells if isinstance(cell, str) for text in cell.split("\n") if "." in text]
    said = (one.strip("“”.?! ") for text in found for one in re.split(r"(?<=[.?!])”?\s+", text))
    return [one for one in said if len(one.split()) >= REPEATED]


def test_nothing_is_said_twice_in_the_front_matter(read: list[Page]) -> None:
    for sample in {page.sample for page in read}:
        pages = [page for page in read if page.sample == sample]
        ours = [page for page in pages if page.part.document == "board" or page.part.id in FRONT]
        counted = Counter(one for page in ours for one in set(front(page)))
        assert len(ours) >= 6 and [one for one, count in counted.items() if count > 1] == [], sample


def test_no_sentence_stands_twice_in_the_board_paper(read: list[Page]) -> None:
    for sample in {page.sample for page in read}:
        board = [text for page in read if (page.sample, page.part.document) == (sample, "board") for text in page.texts]
        assert board and twice(board) == [], sample


def test_what_is_read_at_night_is_short_and_names_no_id(read: list[Page]) -> None:
    night = [page for page in read if page.part.document == "night"]
    for rule in (long, INTERNAL.findall, ALONE.findall):
        assert {(page.part.id, text) for page in night for text in page.texts if rule(text)} == set()


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (banned, "The intake is closed", "The listener is closed"),
        (banned, "Nothing is touched", "An untouched server"),
        (long, " ".join(["word"] * 21), "; ".join(["word " * 12, "word " * 12])),
        (long, f"Short. {'word ' * 21}", "Short. Shorter."),
        (idle, "Nobody answers", "HOLD, and call"),
        (idle, "The coordinator decides", "Call the coordinator"),
        (ALONE.search, "done at the latest by 22:00", "latest start 22:00, latest end 23:00"),
        (INTERNAL.search, "Its name stays (V07)", "version 6"),
        (INTERNAL.search, "plan 0a1b2c3d4e", "case 01234567, effaced"),
    ],
)
def test_each_rule_of_the_words_finds_what_it_forbids_and_nothing_else(
    rule: Callable[[str], object], bad: str, good: str
) -> None:
    assert rule(bad) and not rule(good)


def test_a_sentence_that_stands_twice_is_found() -> None:
    assert twice(["Do not start on the server. Call.", "Call. Do not start on the server"]) == [
        "Do not start on the server"
    ]
    assert twice(["Call the vendor. Call the vendor."]) == []
