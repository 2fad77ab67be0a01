"""What the pages around the sheets forbade, permitted or ended in the first edition stands on those of today."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import kept_rules
from kept_rules import (
    GUARDING,
    Rule,
    digest,
    first_edition,
    missing,
    row_text,
    rows_of,
    rules,
    said,
    sentences,
)
from page_texts import texts
from printed_samples import NOW, book, edition

from checker.inputs.deployment import Deployment, Server
from checker.schedule.order import order
from runbook.cli import pipeline
from runbook.pages.night.cover import slip
from runbook.pages.page_model import Part, Runbook, Table
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose
from runbook.plan.plan_model import Step
from runbook.plan.resting_points import states

TABLE = kept_rules.read("around_rules.toml")
SENTENCES = (272, 177, "4d8524be507bb48d")
RULES = rules(TABLE)
# where the words of a table of the first edition stood, and the tables whose pages have nothing of it
FILES = {"exits-": "exits", "interruptions-": "interruptions"}
ELSEWHERE = {"set", "sheet", "steps", "facts", "checks", "minutes", "demands", "figure", "basis", "timeline"}


@dataclass(frozen=True)
class Of:
    """What a circumstance may depend on: the deployment, and what is finished and left where a step is done."""

    deployment: Deployment
    finished: tuple[Server, ...]
    left: tuple[Server, ...]
    rests: frozenset[str]

    def any(self, *roles: str) -> bool:
        return any(set(roles) & set(server.roles) for server in self.finished + self.left)


def mail(servers: tuple[Server, ...]) -> bool:
    return any(server.has("mta", "mail-filter") for server in servers)


WHEN: Mapping[str, Callable[[Of], bool]] = {
    "several": lambda of: len(of.finished + of.left) > 1,
    "web": lambda of: of.any("euwi", "gwi"),
    "csm": lambda of: of.any("csm"),
    "filter": lambda of: of.any("mail-filter"),
    "agent": lambda of: of.any("mta"),
    "mail": lambda of: of.any("mta", "mail-filter"),
    "database": lambda of: of.any("database"),
    "mail-finished": lambda of: mail(of.finished),
    "mail-both": lambda of: mail(of.finished) and mail(of.left),
    "mail-left": lambda of: not mail(of.finished) and mail(of.left),
    "mail-done": lambda of: mail(of.finished) and not mail(of.left),
    "waiting": lambda of: of.any("database") and any(server.has("mail-filter") for server in of.left),
    "no-deputy": lambda of: of.deployment.change.deputy is None,
    "inside-phase-1": lambda of: "inside-phase-1" in of.rests,
    "before-filters": lambda of: "before-filters" in of.rests,
    "some-filters": lambda of: "some-filters" in of.rests,
}


def test_the_table_has_every_sentence_of_the_steps_around_the_sheets_of_the_first_edition() -> None:
    steps = first_edition("steps")
    forms = list(steps)[: list(steps).index("interlock")]
    lost = {
        (form, field): sentences(value)
        for form in forms for field, value in steps[form].items() if said(TABLE, form, field) != sentences(value)
    }  # fmt: skip
    assert lost == {}


def test_the_table_has_what_may_guard_of_every_other_page_of_the_first_edition() -> None:
    exits, told = first_edition("exits"), first_edition("interruptions")
    pages = {name: words for name, words in first_edition("pages").items() if name not in ELSEWHERE}
    pages |= {f"exits-{name}": words for name, words in exits.items()}
    pages |= {name: {"down": told[name]["down"]} for name in ("publishing", "emergency-rules")}
    lost = [
        (name, field, sentence)
        for name, words in pages.items() for field, value in words.items() for sentence in sentences(value)
        if GUARDING.search(sentence) and sentence not in said(TABLE, name, field)
    ]  # fmt: skip
    assert lost == []


def test_no_sentence_has_left_the_table_of_the_pages_around() -> None:
    assert digest(TABLE) == SENTENCES


def circumstances(made: Edition, step: Step | None = None) -> Of:
    """What is so at a step: at a pause the servers of its night are finished, else those of the nights before."""
    ordered = order(made.deployment.servers)
    nights = [night for night in made.plan.nights if step and step.night]
    done = {name for night in nights for name in night.servers
            if step and step.night and night.number < step.night + (step.block == "Z")}  # fmt: skip
    rests = frozenset(state.key for state in states(made.plan, made.deployment))
    return Of(
        made.deployment, tuple(server for server in ordered if server.name in done),
        tuple(server for server in ordered if server.name not in done), rests,
    )  # fmt: skip


def around(made: Edition, printed: Runbook) -> Iterator[tuple[str, str, Of]]:
    """The places of a set where a rule may stand, each with its text: rows by their form, gates, and parts by id."""
    steps = {step.id: step for step in made.plan.steps}
    whole = circumstances(made)
    for part in (*printed.parts, slip(made)):
        if part.server is None:
            yield part.id, text_of(part), whole
            for row in rows_of(part):
                yield steps[row.id].form, row_text(row, ""), circumstances(made, steps[row.id])
        for row in rows_of(part):
            if steps[row.id].decides:
                yield "gates", row_text(row, ""), whole


def text_of(part: Part) -> str:
    """What a part says, a line for each of its blocks and for each row of a table: a pattern is met in one of them."""
    lines: list[object] = [part.title]
    for block in part.blocks:
        lines += [(block.caption, block.head), *block.rows] if isinstance(block, Table) else [block]
    return "\n".join(" ".join(" ".join(texts(line)).split()) for line in lines)


def place_of(rule: Rule, place: str) -> bool:
    """Whether a rule is for a place; of several openings, pauses and hand-overs it is for each."""
    if rule.stands in ("steps-n", "steps-z", "steps-h"):
        return place.startswith(rule.stands)
    return place == rule.stands


def sets(deploy: Callable[..., Deployment]) -> Iterator[tuple[str, Edition, Runbook]]:
    """Samples, and a draft of nights after the first of which no mail server is finished, and before the last all."""
    for name in NOW:
        yield name, edition(name), book(name)
    windows = [{"start": f"2026-12-{day:02}T18:00", "end": f"2026-12-{day + 1:02}T10:00"} for day in range(5, 11)]
    change = {"number": "1", "timezone": "Europe/Berlin", "windows": windows}
    deployment = deploy("database", "csm", "mail-filter", "mta", "euwi", "gwi", change=change)
    now = deployment.change.nights[0][0] - timedelta(days=20)
    draft = pipeline.edition(deployment, {}, pipeline.report(deployment, {}, now, pipeline.Question()))
    yield "draft", draft, compose(draft)


def test_each_rule_of_the_first_edition_stands_around_the_sheets(deploy: Callable[..., Deployment]) -> None:
    used: set[str] = set()
    lost = []
    for name, made, printed in sets(deploy):
        for place, text, of in around(made, printed):
            for rule in RULES:
                if place_of(rule, place) and all(WHEN[each](of) for each in rule.when):
                    used.add(rule.name)
                    lost += [(name, rule.name, word) for word in missing(rule, text, {})]
    assert lost == []
    assert {rule.name for rule in RULES} == used  # none is looked for nowhere
