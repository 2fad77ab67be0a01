"""Hold and back, what someone needs at two in the morning: what to say, when to hold, what works where it stops."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from string import ascii_uppercase
from typing import Any

from runbook.pages.page_model import (
    Blank,
    Cell,
    Drifting,
    Fields,
    Part,
    Table,
)
from runbook.pages.sources import Edition, speak
from runbook.pages.times import DAY, clock, day, local, spoken
from runbook.plan.plan_model import Back, NightPlan, Plan, Step
from runbook.plan.resting_points import State, states

Rests = tuple[tuple[State, ...], ...]

LETTERS = ascii_uppercase  # by which the states are called: there are hardly more than nine
UNLIMITED = ("untouched", "finished")  # states on whose length nobody has to agree
TOGETHER = 11  # servers whose last moments stand below the board, and what is left of this part on one page
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
        return say(
            "go", number=night.number, several=len(plan.nights) > 1, day=day(night.start, zone),
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
    """Hold and back, in the order in which it is looked for: what is read aloud, when to hold, and what works, for how
    long, where the work stops; of many servers the last moments too."""
    say, plan = _speak(edition, "part"), edition.plan
    grouped = rests(states(plan, edition.deployment))
    return Part("exits", say("title"), (
        _aloud(edition),
        _triggers(edition),
        *(() if len(plan.order) <= TOGETHER else (last_moments(edition),)),
        _states(grouped, edition),
        _services(grouped, edition),
    ), flows=True, one_page=len(plan.order) <= TOGETHER)  # fmt: skip


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
        to=last.finished[-1] if last.finished else None,
        alone=len(last.finished) == 1,
        next=first.left[0] if first.left else None,
        done=len(first.filters),
        until=len(last.filters),
        count=len(first.filters) + len(first.waiting),
    )


def _states(grouped: Rests, edition: Edition) -> Table:
    """The states by a letter each: how long each can last, who would go back from it, and what that loses."""
    say = _speak(edition, "states")

    def row(letter: str, group: tuple[State, ...]) -> tuple[Cell, ...]:
        state = group[-1]
        least, most = len(group[0].finished), len(state.finished)
        back = say("back", least=least, count=most, first=state.finished[-1]) if most else say("none")
        lost = [_speak(edition, "lost")(loss) for loss in state.lost]
        agreed = say("none") if state.key in UNLIMITED else Blank(width=5)
        return letter, _name(group, edition), _lasts(group, edition), agreed, back, ", ".join(lost) or say("none")

    rows = tuple(row(letter, group) for letter, group in zip(LETTERS, grouped, strict=False))
    point = edition.step(edition.plan.turn_back.point)
    caption = say("caption", number=point.number, server=point.server, gate=point.gate)
    return Table(caption, _lines(edition, "states", "head"), rows, "states")


def _lasts(group: tuple[State, ...], edition: Edition) -> str:
    say, nights = _speak(edition, "states"), edition.plan.nights
    planned = [
        say("rest", night=state.rest, start=local(nights[state.rest].start, edition.zone))
        for state in group if state.rest
    ]  # fmt: skip
    return " ".join((*planned, _speak(edition, "lasts")(group[0].key)))


def _services(grouped: Rests, edition: Edition) -> Table:
    """Every service that this plan interrupts at some time, and what it is in each state: nothing else is claimed.

    Services that are always alike stand in one row; for whom they are and what is said, the help-desk card has.
    """
    say = _speak(edition, "services")

    def cell(key: str, state: State) -> str:
        rows = state.rows(key)
        if not rows:
            return _speak(edition, "works")(key)
        said = f"{rows[0].impact} ×{len(rows)}" if len(rows) > 1 else rows[0].impact
        return Drifting(said, "missing") if rows[0].fate else said

    same: dict[tuple[str, ...], list[str]] = {}
    for key in _kinds(edition):
        same.setdefault(tuple(cell(key, group[0]) for group in grouped), []).append(say(key))
    rows = tuple((", ".join(names), *cells) for cells, names in same.items())
    head = (*_lines(edition, "services", "head"), *LETTERS[: len(grouped)])
    return Table(say("caption"), head, rows, "services")


def _kinds(edition: Edition) -> tuple[str, ...]:
    """The kinds of interruption of this plan, in the order of the words: mail first."""
    found = {row.key for row in edition.plan.interruptions}
    return tuple(key for key in edition.words.tables["exits"]["works"] if key in found)


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
        return tuple(Blank(label, 4) for label in _lines(edition, "triggers", f"{key}-limit"))

    several = len(plan.order) > 1
    for night in plan.nights:
        last, more = night.servers[-1], night is not plan.nights[-1]
        at = edition.moment(permitted_end(plan, last))
        add("night", say("night-limit", {"at": at}), night=night.number, last=last, more=more)
    add("begin", say("begin-limit"))
    add("unfinished", say("unfinished-limit"), mail=bool(deployment.holding("mta", "mail-filter")))
    add("step", say("step-limit"))
    add("seen", say("seen-limit"))
    add("prompt", say("prompt-limit"))
    if deployment.holding("mta"):
        add("queue", blanks("queue"))
    filters = [name for name in plan.order if deployment.server(name).has("mail-filter")]
    verified = [[step for step in plan.of(name) if step.form == "verify"][-1] for name in filters]
    if verified and any(row.key == "database" for row in plan.interruptions):
        add("errors", say("errors-limit", steps=_numbers(verified)))
    tests = [step for step in plan.steps if step.kind == "test"]
    if tests:
        add("test", blanks("test"), steps=_numbers(tests), several=several)
    people = {"chair": change.chair, "deputy": change.deputy}
    add("chair", say("chair-limit", minutes=change.answer_minutes), people)
    add("support", blanks("support"), several=several)
    add("identity", say("identity-limit"))
    return Table(say("caption"), _lines(edition, "triggers", "head"), tuple(rows), "triggers")


def permitted_end(plan: Plan, server: str) -> datetime:
    """When a server is finished by the longest durations if it is begun at its last possible start, in UTC."""
    begin_by = next(back.begin_by for back in plan.turn_back.servers if back.server == server)
    return begin_by + timedelta(minutes=sum(step.minutes.high for step in plan.of(server)))


def last_moments(edition: Edition) -> Table:
    """Each server's latest start and end as planned, its last possible start; of a backout only what is known."""
    say = _speak(edition, "moments")
    servers = edition.plan.turn_back.servers
    known = any(back.minutes is not None for back in servers)

    def row(back: Back) -> tuple[str, ...]:
        own = edition.plan.of(back.server)
        first, begin, until = own[0].latest_at, edition.moment(back.begin_by), "–"
        if first is not None and back.begin_by < first:
            begin = say("late", by=begin)
        if back.back_by is not None:
            fits = first is None or back.back_by >= first
            until = edition.moment(back.back_by) if fits else say("too-late")
        minutes = say("no-figure") if back.minutes is None else spoken(back.minutes)
        return back.server, *map(Drifting, (edition.moment(first), begin, edition.moment(own[-1].ends_at),
                                            *((minutes, until) if known else ())))  # fmt: skip

    heads = (*_lines(edition, "moments", "head"), *(map(Drifting, _lines(edition, "moments", "back")) if known else ()))
    return Table(say("caption", {"day": edition.day}), heads, tuple(map(row, servers)), "moments", drifting=True)
