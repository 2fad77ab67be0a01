"""The rules of writer's guides (DOE-STD-1029, NUREG-0899) over every shipped sentence and over the printed pages."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import large
import pytest
import typer
from jinja2 import meta, nodes
from test_exits import REHEARSAL, on
from test_interruptions import KINDS, mail

from checker.inputs.deployment import PROCEDURE_KINDS, Deployment
from checker.inputs.waivers import Waiver
from checker.report import Stage
from runbook.cli import common_arguments, pipeline
from runbook.cli.main import app
from runbook.pages.notices import BEFOREHAND, BY_MAIL
from runbook.pages.page_model import Caution, Gate, Heading, Runbook, SiteText, Steps, Table
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose
from runbook.plan.audiences import mail_may_stop
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import _ENVIRONMENT, Words, load_words

Plans = tuple[tuple[Deployment, Plan], ...]
Where = tuple[str, str, str]  # file, key, field


def several(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS = several("""
    Bring Call Check Close Compare Confirm Decide Declare Disable Drain End Flush Hand Hold Log List Make Measure
    Migrate Move Point Put Record Release See Send Start Stop Take Test Upgrade Verify Watch Write
""")
# verbs that only begin a sentence below a title: how, and what to do if not
BELOW = several("""
    Agree Ask Begin Change Count Delete Enable Find Give Go Keep Leave Note Open Read Repeat Rest Save Sign Stay Tell
    Touch Undo Wait Work
""")
# what follows "and", "or", a comma or a colon in a title: each joins things or circumstances, none is a second action
JOINED = several("an as database no-go of off policy ports the")
# where the note of the time is a part of the action: an interruption begins or ends at that moment
TIMED = {"stop": "service ends", "back": "service is back"}
# what makes a condition one that can be seen, where it is not a number
STATES = several("""
    GO agree answer answers are arrives began brought carry closed come confirmed explained flows grows has have held
    is listed named names out passed present run runs says shows shrinks
""")
NO_STATE = re.compile(r"\b(?:checked|done|ok|okay|fine|correct|normal|verified|successful)\b", re.IGNORECASE)
# the fixed words, and names: of products, protocols, units and places of the set
CAPITALS = several("STOP HOLD GO NO-GO CAUTION CSM DHCP DNS IP MX UNIX")
# a stamp is read across the room, on every page
STAMPS = {("pages", "set", "draft"), ("pages", "set", "partial")}
NEVER = re.compile(
    r"\b(?:should|shall|ensure|make sure|kindly|obviously|simply|just)\b|\bverify that\b.*\bis checked\b"
    r"|(?<![*\w])\*(?![*\s])|(?<!\w)_[^\W_]", re.IGNORECASE
)  # fmt: skip
DRAWN = re.compile(r"\[ ?\]|[☐☑□]|_{2,}|\.{4,}|__:__")
NEGATION = re.compile(r"\b(?:not|no|never|nothing|nobody|none|neither|cannot|without)\b", re.IGNORECASE)
UNDONE = re.compile(r"\bun(?!der|i|less\b|til\b)\w+", re.IGNORECASE)
VENDORS = re.compile(r"\bpmx[-_][\w-]+|\bpmx [a-z]|/opt/pmx\S*|(?<!\S)--?[a-z][\w-]*")
# what is done in the site's own mail system or the Manager, and needs no command that we would have to ask for
NO_COMMAND = {
    "connections", "queue-empty", "definitions", "old-queue", "back", "soak", "retry", "carriers", "product-queue",
    "product-queue-after",
}  # fmt: skip
# the manual page of pmx-queue names it, and it only prints
DOCUMENTED = '"pmx-queue list"'
# its key gives a service its row; what it says while nothing is interrupted is never said, the whole upgrade long
ROWS = {("exits", "works", "publishing"), ("exits", "works", "emergency-rules")}


def clauses(text: str) -> list[str]:
    """The parts of a sentence that could each be said alone."""
    return [part.strip() for part in re.split(r"[.;:,?]+(?:\s+|$)|[()|–“”]+", text) if part.strip()]


def first(text: str) -> str:
    return re.split(r"[^\w-]", text.lstrip("\"'“*"), maxsplit=1)[0]


def pieces(text: str) -> list[str]:
    """The clauses, and what "and" or "or" joins in them."""
    return [piece for part in clauses(text) for piece in re.split(r"\b(?:and|or|but|then)\b ", part)]


def second_action(title: str) -> list[str]:
    """The words in a title that may begin another action than its first; what is called out is not done."""
    own = re.sub(r'"[^"]*"', "", title)
    return [word for word in joined(own) if word not in JOINED] + re.findall(r";|\bthen\b", own)


def joined(title: str) -> list[str]:
    return re.findall(r"(?:\b(?:and|or)|[,:–]) +([\w-]+)", title)


def hidden_action(caution: str) -> list[str]:
    """What a caution orders: any part that begins with a verb which steps begin with; "No …" and "Do not …" forbid."""
    return [part for part in pieces(caution) if first(part).capitalize() in VERBS | BELOW]


def stateless(condition: str) -> list[str]:
    """The parts of a condition that name neither a number nor a state, or that only say that somebody has looked."""
    parts = [part.strip() for part in condition.split(";")]
    return [
        part for part in parts
        if NO_STATE.search(part) or first(part) in VERBS | BELOW
        or not (re.search(r"\d", part) or STATES & set(re.findall(r"[\w-]+", part)))
    ]  # fmt: skip


def twice_negated(text: str) -> list[str]:
    """The parts that say no to a no: what "and" joins may each be negated."""
    found = [(part, list(NEGATION.finditer(part))) for part in pieces(text)]
    return [part for part, negated in found if len(negated) > 1 or (negated and UNDONE.search(part, negated[0].end()))]


def shouted(text: str) -> list[str]:
    """Words in capitals that are neither fixed words nor names."""
    words = re.findall(r"(?<![\w-])[A-Z][A-Z-]*[A-Z](?![\w-])", re.sub(r"{.*?}", "", text))
    return [word for word in words if word not in CAPITALS]


@dataclass(frozen=True)
class Heard(Words):
    """The shipped words, which note what is said of each sentence, and what each is given."""

    said: dict[tuple[Path, tuple[str, str, str], str], set[str]] = field(default_factory=dict)
    given: dict[tuple[Path, tuple[str, str, str], str], set[frozenset[str]]] = field(default_factory=dict)

    def _fill(self, where: tuple[str, str, str], source: str, values: Mapping[str, Any]) -> str:
        told = super()._fill(where, source, values)
        self.said.setdefault((self.place, where, source), set()).add(told)
        self.given.setdefault((self.place, where, source), set()).add(frozenset(values))
        return told


@dataclass(frozen=True)
class World:
    """One deployment, its plan and its pages."""

    deployment: Deployment
    plan: Plan
    book: Runbook


def shipped(words: Words) -> Iterator[tuple[Where, str]]:
    """Every shipped sentence as it stands in its file, lists one by one."""
    for file, table in words.tables.items():
        for key, fields in table.items():
            for name, value in fields.items():
                for sentence in value if isinstance(value, list) else [value]:
                    yield (file, key, name), sentence


def bare(source: str) -> str:
    """A sentence with its alternatives one after the other, and for each value what it falls back to."""
    said = re.sub(r"{{(.*?)}}", lambda value: " ".join(re.findall(r"'([^']*)'", value[1])) or "X", source)
    return " ".join(re.sub(r"{%.*?%}", "", re.sub(r"{% el.*?%}", " | ", said)).split())


@pytest.fixture(scope="module")
def heard() -> Heard:
    made = load_words(resource("templates"))
    return Heard(made.tables, made.place)


@pytest.fixture(scope="module")
def samples(heard: Heard) -> list[World]:
    """Every shipped sample, as a draft and with its facts, at the moment that its first line names."""
    made = []
    for path in sorted(resource("samples").glob("*/deployment.yaml")):
        deployment = common_arguments.read_deployment(path)
        now = common_arguments.parse_time(path.read_text().split("\n")[0].split()[-1], deployment)
        made.append(world(deployment, heard, now))
        before = path.parent / "baseline"
        baseline = pipeline.load_facts(before) if before.is_dir() else None
        facts = pipeline.load_facts(path.parent / "facts")
        made.append(world(deployment, heard, now, facts, "server", baseline=baseline))
    return made


@pytest.fixture(scope="module")
def worlds(heard: Heard, samples: list[World], worded: Plans, deploy: Callable[..., Deployment]) -> list[World]:
    """The samples, patterns of up to three servers, and each thing that a stopped filter can do with mail.

    Of two servers every third pattern and of three every twelfth: their pages are those of one, once more.
    """
    some = [each for at, each in enumerate(worded) if at % (1, 3, 12)[len(each[0].servers) - 1] == 0]
    small = [world(deployment, heard, plan.nights[0].start - timedelta(days=20)) for deployment, plan in some]
    roles = [["database", "csm"], ["mta", "mail-filter"], ["mail-filter"], ["mta"]]
    servers = [{"name": f"s{at}", "roles": held} for at, held in enumerate(roles, start=1)]
    servers[3]["feeds"] = ["s3"]
    path = {"name": "inbound", "via": "lb", "direction": "inbound", "members": ["s4"]}
    change = {"number": "1", "timezone": "Europe/Berlin", "deputy": "D", "channels": {"users": "e-mail"},
              "support": {"phone": "1"},
              "windows": [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]}  # fmt: skip
    waiver = Waiver(check="log-headroom", server="s2", observed="another line", reason="r", by="A", ticket="T",
                    until=date(2026, 12, 31))  # fmt: skip
    fed = deploy(servers=servers, mail_paths=[path], change=change, waivers=[waiver.from_line(12), waiver])
    now = datetime(2026, 12, 5, tzinfo=UTC)
    stopped = [world(fed, heard, now, {name: mail(name, *kinds) for name in ("s2", "s4")}) for kinds in KINDS.values()]
    return samples + small + stopped + list(rehearsed(heard, deploy)) + [many(heard), unsupported(heard, deploy, now)]


def rehearsed(heard: Heard, deploy: Callable[..., Deployment]) -> Iterator[World]:
    """A site that has rehearsed going back: quickly, or too slowly for the night, and with one server not seen."""
    now = datetime(2026, 12, 5, tzinfo=UTC)
    for rate in (100, 3):
        rates = {"restore": {"kib_per_minute": rate, "files_per_minute": rate}}
        rehearsal = REHEARSAL | {"rates": rates, "minutes": {"stop": {"low": 1, "likely": 2, "high": 3}}}
        deployment = deploy("database csm", "mta mail-filter", rehearsal=rehearsal)
        for unseen in ((), ("s2",)):
            facts = {name: on(name) for name in ("s1", "s2") if name not in unseen}
            yield world(deployment, heard, now, facts, skip=("window-fits",))


def unsupported(heard: Heard, deploy: Callable[..., Deployment], now: datetime) -> World:
    """A site whose support has ended for good, and somebody has accepted that."""
    ended = {"by": "A", "at": date(2026, 12, 1), "ended": {"accepted_by": "C", "ticket": "T"}}
    return world(deploy("database csm", "mta mail-filter", answers={"support-line": ended}), heard, now)


def many(heard: Heard) -> World:
    """More servers than one board holds, and more lines of a test than a cell does."""
    lines = [{"text": f"Test {number}"} for number in range(8)]
    declared = large.declared(30)
    deployment = Deployment.model_validate(declared | {"procedure": declared["procedure"] | {"test": lines}})
    return world(deployment, heard, large.NOW, large.hosts(deployment), "server")


def world(
    deployment: Deployment, words: Words, now: datetime, facts: Mapping[str, Any] = {}, stage: Stage = "change",
    skip: tuple[str, ...] = (), baseline: Mapping[str, Any] | None = None,
) -> World:  # fmt: skip
    plan = build(deployment, facts, words)
    report = pipeline.report(deployment, facts, now, pipeline.Question(stage=stage, skip=skip), baseline)
    return World(deployment, plan, compose(Edition(deployment, facts, report, plan, words)))


def of(book: Runbook, kind: type) -> Iterator[Any]:
    return (block for part in book.parts for block in part.blocks if isinstance(block, kind))


@pytest.fixture(scope="module")
def plans_of_all(samples: list[World], worded: Plans) -> list[tuple[Deployment, Plan]]:
    """The worded plans of all patterns and of the samples."""
    return [(each.deployment, each.plan) for each in samples] + list(worded)


def faults(
    words: Words, rule: Callable[[str], object], *fields: str, files: tuple[str, ...] = ()
) -> dict[Where, object]:
    """What a rule finds in the shipped sentences of some fields or files, all alternatives of each."""
    return {
        where: found for where, sentence in shipped(words)
        if (not files or where[0] in files) and (not fields or where[2] in fields)
        if (found := rule(bare(sentence)))
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (second_action, "Stop the product and remove the tree", "Stop publishing and policy editing"),
        (second_action, "Drain mx1, close its intake", "Make a backup, off the tree"),
        (second_action, "Close it; wait", 'Call out "a; b"'),
        (second_action, "Close it then wait", "Close it before mail comes"),
        (hidden_action, "From here no way back. Call the coordinator.", "No reboot; do not call it done."),
        (hidden_action, "The same options, and write them down.", "The same options, and no others."),
        (stateless, "Everything is checked", "Every service runs"),
        (stateless, "GO; OK", "GO; 0 messages"),
        (stateless, "Look at the log", "0 errors in the log"),
        (stateless, "A good feeling", "The queue shrinks"),
        (twice_negated, "Nothing passes unfiltered", "Nothing is lost, and nobody waits"),
        (twice_negated, "It is not unlikely", "No name and no address changes"),
        (shouted, "Mail is REJECTED", "HOLD: the CSM is NO-GO"),
        (NEVER.search, "The queue should be empty", "The queue is empty"),
        (NEVER.search, "the *new* tree", "the **new** tree, a * b"),
        (DRAWN.search, "Tick one: [ ] yes", "[OK] is a log line"),
        (DRAWN.search, "Held until ____", "out_lb"),
        (VENDORS.search, "run pmx-qman", "PureMessage runs"),
        (VENDORS.search, "the script with -f", "a follow-up"),
    ],
)  # fmt: skip
def test_each_rule_finds_what_it_forbids_and_nothing_else(rule: Callable[[str], object], bad: str, good: str) -> None:
    assert rule(bad) and not rule(good)


def test_a_title_is_one_short_order(words: Words, plans_of_all: Plans) -> None:
    titles = {where[1]: bare(sentence) for where, sentence in shipped(words) if where[::2] == ("steps", "title")}
    noted = " and write down the time"
    untimed = {form: title.removesuffix(noted) for form, title in titles.items()}
    assert {form for form, title in titles.items() if title.endswith(noted)} == set(TIMED)
    assert {first(title) for title in untimed.values()} == VERBS
    assert {form: second_action(title) for form, title in untimed.items() if second_action(title)} == {}
    assert {word for title in untimed.values() for word in joined(title)} >= JOINED
    assert {step.title for _, plan in plans_of_all for step in plan.steps if len(step.title) > 90} == set()


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
            assert re.fullmatch(r"\d+–\d+–\d+ min", block.minutes), block
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
            assert told or step.command is None or step.command.startswith("pmx-preflight "), step.id
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
                program, name, *rest = shlex.split(step.command)
                options = {option for parameter in known[name].params for option in parameter.opts}
                assert program == "pmx-preflight" and {word for word in rest if word.startswith("-")} <= options, (
                    step.id
                )
                assert rest[rest.index("--stage") + 1] in get_args(Stage), step.id


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
        (part,) = (part for part in each.book.parts if part.kind == "communications")
        (table,) = (block for block in part.blocks if isinstance(block, Table) and block.kind == "notices")
        heads = [block.text for block in part.blocks if isinstance(block, Heading)]
        texts = [block.text for block in part.blocks if isinstance(block, SiteText)]
        moments = {step.number: step.form.removeprefix("notice-") for step in each.plan.steps}
        for (number, step, to, channel, when, *_), head, text in zip(table.rows, heads, texts, strict=True):
            moment = moments.get(str(step), "overrun")
            assert to and channel and when and re.fullmatch(rf"Notice {number}, to {to}: .+: .+", head), head
            spans = re.findall(r"(?:From .+ to|planned by) .*\d\d:\d\d.* at the latest", text)
            assert spans or moment in ("finished", "overrun"), text
            assert moment == "finished" or re.search(r"\b[Cc]all\b|Questions: ", text), text
            late = mail_may_stop(each.plan) and moment not in BEFOREHAND
            assert not late or "CAUTION" in str(channel) or not BY_MAIL.search(str(channel)), channel


def test_every_shipped_sentence_and_every_alternative_in_it_is_said_somewhere(
    heard: Heard, worlds: list[World]
) -> None:
    assert worlds
    silent = set()
    for (file, key, name), source in shipped(heard):
        said = heard.said.get((heard.place, (file, key, name), source), set())
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
