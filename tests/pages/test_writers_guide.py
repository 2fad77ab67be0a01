"""The rules of writer's guides (DOE-STD-1029, NUREG-0899) over every shipped sentence and over the printed pages."""

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from jinja2 import meta, nodes
from test_interruptions import KINDS, mail
from told_worlds import Heard, World, many, rehearsed, rested, shipped_samples, unsupported, waived, world
from writing_rules import (
    BELOW,
    CAPITALS,
    DRAWN,
    JOINED,
    NEVER,
    STATES,
    VENDORS,
    VERBS,
    bare,
    clauses,
    faults,
    first,
    hidden_action,
    joined,
    second_action,
    shipped,
    shouted,
    stateless,
    twice_negated,
)

from checker.inputs.deployment import PROCEDURE_KINDS, Deployment
from checker.inputs.waivers import Waiver
from checker.report import Stage
from runbook.cli import pipeline
from runbook.cli.main import app
from runbook.pages.notices.sender import by_mail
from runbook.pages.notices.texts import BEFOREHAND
from runbook.pages.page_model import Caution, Gate, Heading, Runbook, SiteText, Steps, Table
from runbook.plan.audiences import mail_may_stop
from runbook.plan.given_files import given_files
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import _ENVIRONMENT, Words, load_words

Plans = tuple[tuple[Deployment, Plan], ...]
# a stamp is read across the room, on every page
STAMPS = {("pages", "set", "draft"), ("pages", "set", "partial")}
# what is done in the site's own mail system or the Manager, and needs no command that we would have to ask for
NO_COMMAND = {
    "connections", "queue-empty", "definitions", "old-queue", "back", "soak", "retry", "carriers", "product-queue",
    "product-queue-after", "intake-tester",
}  # fmt: skip
# the manual page of pmx-queue names it, and it only prints
DOCUMENTED = '"pmx-queue list"'
# its key gives a service its row; what it says while nothing is interrupted is never said, the whole upgrade long
ROWS = {("exits", "works", "publishing"), ("exits", "works", "emergency-rules")}


@pytest.fixture(scope="module")
def heard() -> Heard:
    made = load_words(resource("templates"))
    return Heard(made.tables, made.place, when=made.when)


@pytest.fixture(scope="module")
def samples(heard: Heard) -> list[World]:
    """Every shipped sample, as a draft and with its facts, at the moment that its first line names."""
    made = []
    for path, deployment, now in shipped_samples():
        made.append(world(deployment, heard, now))
        before = path.parent / "baseline"
        baseline = pipeline.load_facts(before) if before.is_dir() else None
        facts = pipeline.load_facts(path.parent / "facts")
        made.append(world(deployment, heard, now, facts, "server", baseline=baseline))
    return made


@pytest.fixture(scope="module")
def worlds(heard: Heard, samples: list[World], worded: Plans, deploy: Callable[..., Deployment]) -> list[World]:
    """The samples, patterns of up to three servers, and each thing that a stopped filter can do with mail.

    Of two servers every fifth pattern and of three every twelfth: their pages are those of one, once more.
    """
    some = [each for at, each in enumerate(worded) if at % (1, 5, 12)[len(each[0].servers) - 1] == 0]
    small = [world(deployment, heard, plan.nights[0].start - timedelta(days=20)) for deployment, plan in some]
    roles = [["database", "csm"], ["mta", "mail-filter"], ["mail-filter"], ["mta"]]
    servers = [{"name": f"s{at}", "roles": held} for at, held in enumerate(roles, start=1)]
    servers[3]["feeds"] = ["s3"]
    path = {"name": "inbound", "via": "lb", "direction": "inbound", "members": ["s4"]}
    shared = {"name": "relay", "via": "lb", "members": ["s2", "s4"]}  # of which s4 loses a part alone
    change = {"number": "1", "timezone": "Europe/Berlin", "deputy": "D", "channels": {"users": "e-mail"},
              "support": {"phone": "1"},
              "windows": [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]}  # fmt: skip
    waiver = Waiver(check="log-headroom", server="s2", observed="another line", reason="r", by="A", ticket="T",
                    until=date(2026, 12, 31))  # fmt: skip
    fed = deploy(servers=servers, mail_paths=[path, shared], change=change, waivers=[waiver.from_line(12), waiver])
    now = datetime(2026, 12, 5, tzinfo=UTC)
    stopped = [world(fed, heard, now, {name: mail(name, *kinds) for name in ("s2", "s4")}) for kinds in KINDS.values()]
    for way in ("ansible", "files"):
        build(fed, {}, heard, given_files(Path("a.yaml"), Path("facts"), None, Path("/srv"), [way]))
    return samples + small + stopped + list(rehearsed(heard, deploy)) + [
        many(heard), unsupported(heard, deploy, now), waived(heard), rested(heard, deploy, now),
    ]  # fmt: skip


def of(book: Runbook, kind: type) -> Iterator[Any]:
    return (block for part in book.parts for block in part.blocks if isinstance(block, kind))


@pytest.fixture(scope="module")
def plans_of_all(samples: list[World], worded: Plans) -> list[tuple[Deployment, Plan]]:
    """The worded plans of all patterns and of the samples."""
    return [(each.deployment, each.plan) for each in samples] + list(worded)


def test_a_title_is_one_short_order(words: Words, plans_of_all: Plans) -> None:
    titles = [bare(sentence) for where, sentence in shipped(words) if where[::2] == ("steps", "title")]
    assert {first(title) for title in titles} == VERBS
    assert {title: second_action(title) for title in titles if second_action(title)} == {}
    assert {word for title in titles for word in joined(title)} >= JOINED
    assert {step.title for _, plan in plans_of_all for step in plan.steps if len(step.title) > 60} == set()


def test_a_caution_hides_no_action(words: Words, worlds: list[World]) -> None:
    """A word STOP is itself an order: what bears it is no caution but a barrier."""
    assert faults(words, hidden_action, "caution") == {}
    boxes = {block for each in worlds for block in of(each.book, Caution)}
    assert {box for box in boxes if box.word != "STOP" and hidden_action(box.text)} == set()
    below = [bare(said) for where, said in shipped(words) if where[0] == "steps" and where[2] in ("text", "if_not")]
    assert {first(part).capitalize() for said in below for part in clauses(said)} >= BELOW


def test_a_block_has_one_to_nine_steps_and_its_minutes_and_a_sheet_ends_with_its_completion_call(
    worlds: list[World], plans: Plans
) -> None:
    for each in worlds:
        for block in of(each.book, Steps):
            assert 1 <= len(block.steps) <= 9, block
            dated = re.fullmatch(r"(?:\d\d:\d\d .*· )?\d+ min, at most \d+", block.minutes)
            assert dated or (block.letter == "P" and not block.minutes), block
        for part in each.book.parts:
            if part.kind == "sheet":
                last = [block for block in part.blocks if isinstance(block, Steps | Gate)][-1]
                assert isinstance(last, Steps) and last.steps[-1].kind == "complete", part.id
    for _, plan in plans:
        for name in plan.order:
            assert [step.kind for step in plan.of(name)].index("complete") == len(plan.of(name)) - 1, name


def test_every_step_says_what_is_expected_as_a_status_or_a_value_and_what_if_not(
    words: Words, plans_of_all: Plans
) -> None:
    assert faults(words, stateless, "expect") == {}
    seen = set(re.findall(r"[\w-]+", " ".join(bare(said) for where, said in shipped(words) if where[2] == "expect")))
    assert seen >= STATES
    for _, plan in plans_of_all:
        assert all(step.expect and step.if_not for step in plan.steps)


def test_a_command_is_the_sites_or_ours_and_where_nobody_told_us_the_vendors_there_is_a_labelled_blank(
    words: Words, plans_of_all: Plans
) -> None:
    for deployment, plan in plans_of_all:
        for step in plan.steps:
            told = step.basis.kind == "site"
            ours = (step.command or "").splitlines() if not told else []
            assert all(line.startswith("pmx-preflight ") for line in ours), step.id
            # the size of the installation may be known already
            known = step.form == "measure-space" and deployment.disk.installation_kib is not None
            asked = "blank" in words.tables["steps"][step.form] and not told and not known
            assert bool(step.blank) == asked, step.id
            vendors = step.kind in PROCEDURE_KINDS and step.form not in NO_COMMAND
            assert asked or told or not vendors, step.id


def test_our_own_commands_are_real_ones(plans_of_all: Plans) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for _, plan in plans_of_all:
        for step in plan.steps:
            if step.command and step.basis.kind != "site":
                asked = [shlex.split(line) for line in step.command.splitlines()]
                assert [words[:2] for words in asked] == [["pmx-preflight", "collect"], ["pmx-preflight", "check"]]
                for _, name, *rest in asked:
                    options = {option for parameter in known[name].params for option in parameter.opts}
                    assert {word for word in rest if word.startswith("-")} <= options, step.id
                check = asked[1]
                assert check[check.index("--stage") + 1] in get_args(Stage), step.id


def test_no_sentence_of_ours_looks_like_a_command_of_the_vendors(words: Words) -> None:
    found = faults(words, lambda said: VENDORS.search(said.replace(DOCUMENTED, "")))
    assert {where for where in found if where[2] != "command"} == set()


def test_no_box_and_no_line_is_drawn_where_no_field_is(words: Words, worlds: list[World]) -> None:
    """In what a step, a gate or a caution says; letters and sentences to be read aloud are written on by hand."""
    assert faults(words, DRAWN.search, files=("steps",)) == {}
    for each in worlds:
        rows = [row for block in of(each.book, Steps) for row in block.steps]
        spoken = {
            said for row in rows for said in (row.title, row.text, row.expect, row.if_not, row.caution, *row.options)
        }
        spoken |= {text for gate in of(each.book, Gate) for text in (gate.title, gate.if_no_go, *dict(gate.criteria))}
        spoken |= {box.text for box in of(each.book, Caution)}
        assert {text for text in spoken if text and DRAWN.search(text)} == set()


def test_what_is_chosen_at_a_step_is_a_box_of_the_form(plans_of_all: Plans, words: Words) -> None:
    chosen = {"queue-empty": tuple(words.tables["steps"]["queue-empty"]["options"])}
    assert {where[1] for where, _ in shipped(words) if where[2] == "options" and where[0] == "steps"} == set(chosen)
    assert all(len(set(boxes)) == len(boxes) > 1 for boxes in chosen.values())
    for deployment, plan in plans_of_all:
        for step in plan.steps:
            if step.form == "migrate" and step.server:
                assert step.options == tuple(deployment.options_on(deployment.server(step.server))), step.id
            else:
                assert step.options == chosen.get(step.form, ()), step.id


def test_words_are_plain(words: Words) -> None:
    """What is said to people outside, in a letter or by the help desk, may ask them and say what they must do."""
    assert faults(words, NEVER.search) == {}
    assert faults(words, twice_negated) == {}
    loud = {where: found for where, found in faults(words, shouted).items() if where[2] != "command"}
    assert set(loud) == STAMPS
    used = " ".join(bare(sentence) for where, sentence in shipped(words) if where[2] != "command")
    assert {word for word in CAPITALS if not re.search(rf"(?<![\w-]){word}(?![\w-])", used)} == set()
    blunt = faults(words, re.compile(r"\b(?:must|please)\b", re.IGNORECASE).search)
    assert {where for where in blunt if where[0] != "notices" and where[2] != "desk"} == set()


def test_a_gate_is_decided_by_somebody_on_what_can_be_seen_and_says_what_is_done_if_not(worlds: list[World]) -> None:
    for each in worlds:
        for gate in of(each.book, Gate):
            assert gate.criteria and re.match(r"[A-Z]\w+, with a second person\b", gate.decider), gate.id
            assert {criterion: stateless(criterion) for criterion, _ in gate.criteria if stateless(criterion)} == {}
            orders = {first(part).capitalize() for part in clauses(gate.if_no_go)}
            assert gate.if_no_go.startswith("HOLD") or orders & (VERBS | BELOW), gate.if_no_go


def test_a_notice_says_what_for_whom_from_when_to_when_whom_to_call_and_not_only_by_mail(worlds: list[World]) -> None:
    for each in worlds:
        (part,) = (part for part in each.book.parts if part.id == "communications")
        (table,) = (block for block in part.blocks if isinstance(block, Table) and block.kind == "notices")
        heads = [block.text for block in part.blocks if isinstance(block, Heading)]
        texts = [block.text for block in part.blocks if isinstance(block, SiteText)]
        moments = {step.number: step.form.removeprefix("notice-") for step in each.plan.steps}
        read: dict[str, tuple[str, str]] = {}  # by its number, under which heading each notice stands and how it reads
        for head, text in zip(heads, texts, strict=True):
            if one := re.fullmatch(r"Notices? ([\d, ]+), to (.+)", head):
                read |= dict.fromkeys(one[1].split(", "), (one[2], text))
        assert len(texts) == len(set(texts)) and [number for number, *_ in table.rows] == sorted(read, key=int)
        for number, step, to, channel, when, *_ in table.rows:
            moment = moments.get(str(step), "overrun")
            said, text = read[str(number)]
            assert to == said and channel and when
            spans = re.findall(r"From .*\d\d:\d\d.* to .*\d\d:\d\d|Available again since ____", text)
            assert spans or moment in ("finished", "overrun"), text
            assert moment == "finished" or re.search(r"\b[Cc]all\b|Questions: ", text), text
            late = mail_may_stop(each.plan) and moment not in BEFOREHAND
            assert not late or "CAUTION" in str(channel) or not by_mail(str(channel)), channel


def test_every_shipped_sentence_and_every_alternative_in_it_is_said_somewhere(
    heard: Heard, worlds: list[World]
) -> None:
    assert worlds
    silent = set()
    of = {(file, key, name): field for (file, key, field) in {where for where, _ in shipped(heard)}
          for name in heard.sentences(file, key, field)}  # fmt: skip
    told_by: defaultdict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for (place, where, source), told in heard.said.items():
        if place == heard.place:
            told_by[*where[:2], of[where], source] |= told
    for (file, key, name), source in shipped(heard):
        said = told_by[file, key, name, source]
        for data in _ENVIRONMENT.parse(source).find_all(nodes.TemplateData):
            if not any(" ".join(data.data.split()) in told for told in said):
                silent.add((file, key, name))
        if not said:
            silent.add((file, key, name))
    assert silent == ROWS


def test_every_name_in_a_sentence_is_given_each_time_that_it_is_said(heard: Heard, worlds: list[World]) -> None:
    assert worlds
    for (place, where, source), given_names in heard.given.items():
        asked = meta.find_undeclared_variables(_ENVIRONMENT.parse(source))
        assert all(asked <= names for names in given_names), (place, where, asked)
