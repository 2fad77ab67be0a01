"""The three exits as pages: the decision card, where the work can rest, when to hold, last moments, the way back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import groupby
from string import ascii_uppercase
from typing import Any

from runbook.pages.page_model import (
    Blank,
    Box,
    Bullets,
    Caution,
    Cell,
    Drifting,
    Fields,
    Heading,
    Paragraph,
    Part,
    Table,
)
from runbook.pages.sources import Edition, speak
from runbook.pages.times import clock, local
from runbook.plan.plan_model import Back, NightPlan, Step
from runbook.plan.resting_points import State, states

Rests = tuple[tuple[State, ...], ...]

LETTERS = ascii_uppercase  # by which the states are called: there are hardly more than nine
DAY = 24 * 60  # minutes, after which a clock time alone names no moment
EACH = 4  # of more Mail Filters than these the first number, the middle and the last have a row each


def _speak(edition: Edition, key: str) -> Callable[..., str]:
    return speak(edition, key, "exits")


def _lines(edition: Edition, key: str, field: str) -> tuple[str, ...]:
    return edition.words.items("exits", key, field)


def go_aloud(edition: Edition) -> tuple[str, ...]:
    """What is read aloud when a night begins: from when to when. It is no sentence of a set whose verdict is not GO."""
    say, plan, zone = _speak(edition, "aloud"), edition.plan, edition.zone

    def said(night: NightPlan) -> str:
        tell = clock if night.high < DAY else local
        likely, first = night.start + timedelta(minutes=night.likely), night.servers[0]
        day = f"{night.start.astimezone(zone.info):%a %d %b}"
        return say(
            "go", number=night.number, several=len(plan.nights) > 1, day=day,
            first=first, at=tell(plan.of(first)[0].starts_at, zone), likely=tell(likely, zone),
            end=tell(night.ends, zone),
        )  # fmt: skip

    return tuple(Drifting(said(night)) for night in plan.nights)


def _aloud(edition: Edition) -> Fields:
    """What is read aloud at the two other exits."""
    say = _speak(edition, "aloud")
    phone = edition.deployment.change.support.phone
    return Fields((
        (say("hold"), say("hold-aloud")),
        (say("back"), say("back-aloud", {"phone": phone}, several=len(edition.plan.order) > 1)),
    ), "aloud")  # fmt: skip


def exits_part(edition: Edition) -> Part:
    """Hold and back: the partial states, the triggers, the last moments, the point of no return and what is lost."""
    say, back = _speak(edition, "part"), _speak(edition, "back")
    turn_back = edition.plan.turn_back
    point = edition.step(turn_back.point)
    what = back("gate") if point.gate else back("upgrade", server=point.server)
    grouped = rests(states(edition.plan, edition.deployment))
    return Part("exits", say("title"), (
        _aloud(edition),
        _states(grouped, edition),
        _services(grouped, edition),
        _desk(grouped, edition),
        Heading(_speak(edition, "triggers")("title"), "triggers"),
        _triggers(edition),
        Heading(_speak(edition, "moments")("title"), "last-moments"),
        _moments(edition),
        Heading(back("title"), "going-back"),
        Caution("CAUTION", Drifting(turn_back.why, edition.words.source("plan", "turn-back", "why"))),
        Paragraph(back("point", number=point.number, what=what, gate=point.gate)),
        _lost(grouped, edition),
        Bullets(edition.words.items("plan", "turn-back", "lost", count=len(edition.plan.order))),
    ))  # fmt: skip


def rests(found: tuple[State, ...]) -> Rests:
    """States that read alike, together: by kind, what is open, what is lost and how many Mail Filters are finished."""

    def alike(state: State) -> tuple[object, ...]:
        done, count = len(state.filters), len(state.filters) + len(state.waiting)
        number = min(done, 2) if count > EACH and done < count - 1 else done
        return state.key, number, frozenset(row.key for row in state.open), state.lost

    return tuple(tuple(group) for _, group in groupby(found, alike))


def _name(group: tuple[State, ...], edition: Edition) -> str:
    """What a group of states is called."""
    first, last = group[0], group[-1]
    return _speak(edition, "states")(
        first.key,
        last=first.finished[-1] if first.finished else None,
        next=first.left[0] if first.left else None,
        done=len(first.filters),
        until=len(last.filters),
        count=len(first.filters) + len(first.waiting),
    )


def _states(grouped: Rests, edition: Edition) -> Table:
    """The states by a letter each: how long each is bearable, and who would go back from it."""
    say = _speak(edition, "states")

    def row(letter: str, group: tuple[State, ...]) -> tuple[str, ...]:
        state = group[-1]
        least, most = len(group[0].finished), len(state.finished)
        back = say("back", least=least, count=most, first=state.finished[-1]) if most else say("none")
        return letter, _name(group, edition), _bearable(group, edition), _speak(edition, "desk")(state.key), back

    rows = tuple(row(letter, group) for letter, group in zip(LETTERS, grouped, strict=False))
    return Table(say("caption"), _lines(edition, "states", "head"), rows, "states")


def _bearable(group: tuple[State, ...], edition: Edition) -> str:
    say, nights = _speak(edition, "states"), edition.plan.nights
    planned = [
        say("rest", night=state.rest, start=local(nights[state.rest].start, edition.zone))
        for state in group if state.rest
    ]  # fmt: skip
    return " ".join((*planned, _speak(edition, "bearable")(group[0].key)))


def _services(grouped: Rests, edition: Edition) -> Table:
    """Every service that this plan interrupts at some time, and what it is in each state: nothing else is claimed."""
    say = _speak(edition, "services")
    audience = {row.key: row.audience for row in reversed(edition.plan.interruptions)}
    filters = len(edition.deployment.holding("mail-filter"))

    def cell(key: str, state: State) -> str:
        rows = state.rows(key)
        if not rows:
            return _speak(edition, "works")(key, filters=filters)
        times = f" ×{len(rows)}" if len(rows) > 1 else ""
        said = f"{rows[0].impact}{times}"
        return Drifting(said, f"missing{times}") if rows[0].fate else said

    rows = tuple(
        (say(key), audience[key], *(cell(key, group[0]) for group in grouped)) for key in _kinds(edition)
    )  # fmt: skip
    head = (*_lines(edition, "services", "head"), *LETTERS[: len(grouped)])
    return Table(say("caption"), head, rows, "services")


def _kinds(edition: Edition) -> tuple[str, ...]:
    """The kinds of interruption of this plan, in the order of the words: mail first."""
    found = {row.key for row in edition.plan.interruptions}
    return tuple(key for key in edition.words.tables["exits"]["works"] if key in found)


def _desk(grouped: Rests, edition: Edition) -> Table:
    """What the help desk says in a state of a service that is missing, by kind of interruption."""
    say = _speak(edition, "desk-says")
    rows = []
    for key in _kinds(edition):
        open_ = [(letter, group[0].rows(key)) for letter, group in zip(LETTERS, grouped, strict=False)]
        said = dict.fromkeys(row.desk for _, rows_ in open_ for row in rows_ if row.desk)
        if said:
            letters = ", ".join(letter for letter, rows_ in open_ if rows_)
            words = " ".join(filter(None, said))
            fated = any(row.fate for _, rows_ in open_ for row in rows_)
            rows.append((_speak(edition, "services")(key), Drifting(words) if fated else words, letters))
    return Table(say("caption"), _lines(edition, "desk-says", "head"), tuple(rows), "desk", say("none"))


def _numbers(steps: Iterable[Step]) -> list[str]:
    return [step.number for step in steps]


def _triggers(edition: Edition) -> Table:
    """Each with a metric, a limit and a time: printed where the plan knows it, else a blank to agree on."""
    say = _speak(edition, "triggers")
    plan, change, deployment = edition.plan, edition.deployment.change, edition.deployment
    rows: list[tuple[Cell, ...]] = []

    def add(key: str, limit: Cell, people: Mapping[str, Any] | None = None, **values: Any) -> None:
        rows.append((say(key, people, **values), limit, say(f"{key}-then", people, **values), Blank(width=8)))

    def blanks(key: str) -> Cell:
        return tuple(Blank(label, 6) for label in _lines(edition, "triggers", f"{key}-limit"))

    for night in plan.nights:
        last = plan.of(night.servers[-1])[-1]
        add(
            "night", say("night-limit", {"at": local(last.ends_at, edition.zone)}), night=night.number, last=last.server
        )
    add("begin", say("begin-limit"))
    add("step", say("step-limit"))
    if deployment.holding("mta"):
        add("queue", blanks("queue"))
    filters = [name for name in plan.order if deployment.server(name).has("mail-filter")]
    verified = [[step for step in plan.of(name) if step.form == "verify"][-1] for name in filters]
    if verified and any(row.key == "database" for row in plan.interruptions):
        add("errors", say("errors-limit", steps=_numbers(verified)))
    tests = [step for step in plan.steps if step.kind == "test"]
    if tests:
        add("test", blanks("test"), steps=_numbers(tests))
    people = {"chair": change.chair, "deputy": change.deputy}
    add("chair", say("chair-limit", minutes=change.answer_minutes), people)
    add("support", blanks("support"))
    add("identity", say("identity-limit"))
    add("prompt", say("prompt-limit"))
    return Table(say("caption"), _lines(edition, "triggers", "head"), tuple(rows), "triggers")


def _moments(edition: Edition) -> Table:
    say = _speak(edition, "moments")
    zone = edition.zone

    def row(back: Back) -> tuple[str, ...]:
        first = edition.plan.of(back.server)[0]
        begin, until = local(back.begin_by, zone), "–"
        if first.latest_at is not None and back.begin_by < first.latest_at:
            begin = say("late", by=begin)
        if back.back_by is not None:
            fits = first.latest_at is None or back.back_by >= first.latest_at
            until = local(back.back_by, zone) if fits else say("too-late")
        minutes = say("no-figure") if back.minutes is None else say("minutes", minutes=back.minutes)
        return str(back.night), back.server, *map(Drifting, (local(first.latest_at, zone), begin, minutes, until))

    rows = tuple(row(back) for back in edition.plan.turn_back.servers)
    return Table(say("caption"), _lines(edition, "moments", "head"), rows, "moments")


def _lost(grouped: Rests, edition: Edition) -> Table:
    say = _speak(edition, "back")
    losses = dict.fromkeys(loss for group in grouped for loss in group[-1].lost)
    rows = tuple(
        (
            edition.words.say("plan", "lost", loss) or "",
            ", ".join(letter for letter, group in zip(LETTERS, grouped, strict=False) if loss in group[-1].lost),
        )
        for loss in losses
    )
    return Table(say("caption"), _lines(edition, "back", "head"), rows, "lost")


def way_back_card(edition: Edition) -> Part:
    """The way back: a card of its own, which only a NO-GO box leads to."""
    say = _speak(edition, "way-back")
    minutes = {back.server: back.minutes for back in edition.plan.turn_back.servers}
    write = tuple((line, Blank(width=40)) for line in _lines(edition, "way-back", "items"))
    done = tuple((line, Blank(width=40)) for line in _lines(edition, "way-back", "done"))
    rows: list[tuple[Cell, ...]] = []
    for name in reversed(edition.plan.order):
        figure = minutes[name]
        rows.append((
            name, Box(say("begun")), *(Blank(width=5) for _ in range(4)),
            Blank(width=5) if figure is None else Drifting(str(figure)),
        ))  # fmt: skip
    queue = (Caution("CAUTION", say("queue")),) if edition.deployment.holding("mta") else ()
    caption = say("caption", several=len(rows) > 1)
    return Part("way-back", say("title"), (
        Caution("STOP", say("stop")),
        Paragraph(say("text", {"chair": edition.deployment.change.chair})),
        Fields(write),
        *queue,
        Table(caption, _lines(edition, "way-back", "head"), tuple(rows), "way-back", keys=edition.plan.order[::-1]),
        Fields(done, "done"),
    ))  # fmt: skip
