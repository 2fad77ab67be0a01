"""Whole servers into windows, by their high minutes. A server is never split, and phase 1 is never split either."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from checker.inputs.deployment import Deployment
from checker.schedule.common_tasks import closing, opening, pause, relief
from checker.schedule.durations import Estimate, total
from checker.schedule.order import database_server, order, phase
from checker.schedule.sizes import UNMEASURED, Sizes
from checker.schedule.tasks import Task, tasks_by_server

SHIFT = 360  # minutes, ours: after six hours of night work people are relieved, between two servers
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Night:
    """One window and the servers placed into it; `minutes` is all that is planned inside it.

    `relieved`: the servers after which people hand over. `begin_by`: for each server the last moment, in UTC, at which
    it may be begun so that its high minutes, and those of what must follow before people leave, end in the window.
    """

    number: int
    start: datetime
    end: datetime
    servers: tuple[str, ...]
    minutes: Estimate
    relieved: tuple[str, ...] = ()
    begin_by: tuple[datetime, ...] = ()

    @property
    def length(self) -> int:
        """Minutes from start to end."""
        return _length((self.start, self.end))

    @property
    def overrun(self) -> int:
        """Minutes by which the high estimate exceeds the window; 0 when it fits."""
        return max(0, self.minutes.high - self.length)


@dataclass(frozen=True)
class Between:
    """What stays down from the end of a night's window to the start of the next one's: the price of a pause (ours).

    Identity and publishing stay frozen through every pause. `web`: servers whose web interfaces nobody can log in to;
    `without_database`: Mail Filters that are not upgraded and go on without the database.
    """

    night: int
    start: datetime
    end: datetime
    web: tuple[str, ...]
    without_database: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Minutes from start to end."""
        return (self.end - self.start) // timedelta(minutes=1)


def _sum(tasks: Iterable[Task]) -> Estimate:
    return total(task.minutes for task in tasks)


def weigh(deployment: Deployment, sizes: Sizes = UNMEASURED) -> dict[str, Estimate]:
    """The minutes of all that is done on each server, by its name, in the order of the upgrade."""
    return weighed(tasks_by_server(deployment, sizes))


def weighed(tasks: Mapping[str, Iterable[Task]]) -> dict[str, Estimate]:
    """The minutes of all that is done on each server, by its name."""
    return {name: _sum(own) for name, own in tasks.items()}


def groups(deployment: Deployment) -> tuple[tuple[str, ...], ...]:
    """The servers in their order, those together that one night must hold: all of phase 1, up to its signed gate."""
    ordered = order(deployment.servers)
    first = tuple(server.name for server in ordered if phase(server) == 1)
    return (*((first,) if first else ()), *((server.name,) for server in ordered if server.name not in first))


def hand_overs(names: Sequence[str], high: Mapping[str, int], begun: int, ends: int) -> tuple[str, ...]:
    """The servers of a night after which people hand over, so that nobody begins what ends beyond his six hours.

    `high` are minutes by server, `begun` those of the night's opening, `ends` those of its end. One server that takes
    longer by itself is finished first. A night of at most six hours has none.
    """
    relieved = []
    worked = begun + high[names[0]]
    for before, minutes in zip(names, [*(high[name] for name in names[1:]), ends], strict=True):
        if worked + minutes > SHIFT:
            relieved.append(before)
            worked = 0
        worked += minutes
    return tuple(relieved)


def nights_of(deployment: Deployment, sizes: Sizes = UNMEASURED) -> tuple[Night, ...]:
    """The nights that are used, first to last, each server in exactly one of them.

    What fits no window goes into the last one, which then has an overrun: the plan stays complete and says so.
    """
    return nights_in(deployment, weigh(deployment, sizes), deployment.change.nights)


def nights_in(deployment: Deployment, weights: Mapping[str, Estimate], windows: Sequence[Window]) -> tuple[Night, ...]:
    """The nights of servers with these minutes in these windows, each filled before the next one is begun.

    No other placement exceeds its windows less: to leave out a window saves at most what a later night needs to open
    again, and every server brings that look and more.
    """
    together = groups(deployment)
    high = {name: weight.high for name, weight in weights.items()}
    opens = [_sum(opening(deployment, night)).high for night in (1, 2)]
    rests, ends = _sum(pause(deployment)).high, _sum(closing(deployment)).high
    relieving = _sum(relief(deployment))

    def held(at: int, until: int) -> tuple[str, ...]:
        return tuple(name for group in together[at:until] for name in group)

    def relieved(at: int, until: int) -> tuple[str, ...]:
        return hand_overs(held(at, until), high, opens[at > 0], ends if until == len(together) else rests)

    def over(at: int, until: int, window: Window) -> int:
        after = ends if until == len(together) else rests
        work = sum(high[name] for name in held(at, until)) + len(relieved(at, until)) * relieving.high
        return opens[at > 0] + work + after - _length(window)

    nights: list[Night] = []
    at = 0
    for window in windows:
        until = len(together) if window == windows[-1] else at
        while until < len(together) and over(at, until + 1, window) <= 0:
            until += 1
        if until > at:
            names, after = held(at, until), closing if until == len(together) else pause
            around = (*opening(deployment, len(nights) + 1), *after(deployment))
            people = relieved(at, until)
            minutes = total((_sum(around), *(weights[name] for name in names), *(relieving for _ in people)))
            latest = tuple(
                begin_by(group, high, name, window[1], ends if group is together[-1] else rests)
                for group in together[at:until]
                for name in group
            )
            nights.append(Night(len(nights) + 1, *window, names, minutes, people, latest))
        at = until
    return tuple(nights)


def _length(window: Window) -> int:
    return int((window[1] - window[0]).total_seconds() // 60)


def begin_by(group: tuple[str, ...], high: Mapping[str, int], name: str, end: datetime, after: int) -> datetime:
    """When a server must be begun so that it and what one night must hold with it end, and people can close up.

    `group`: those that one night must hold (`groups`), as far as they are left; `high`: minutes by server; `after`: the
    minutes that close the night.
    """
    return end - timedelta(minutes=sum(high[each] for each in group[group.index(name) :]) + after)


def further_window(deployment: Deployment, weights: Mapping[str, Estimate]) -> int:
    """Minutes that one more window, after all the others, must have for the whole plan to fit; 0 when it fits now."""
    windows = deployment.change.nights
    end = windows[-1][1]
    if not nights_in(deployment, weights, windows)[-1].overrun:
        return 0
    return nights_in(deployment, weights, (*windows, (end, end)))[-1].overrun


def between(deployment: Deployment, nights: Sequence[Night]) -> tuple[Between, ...]:
    """What each pause keeps down, and from when to when: from the end of a window to the start of the next."""
    found, finished = [], set[str]()
    web = tuple(server.name for server in deployment.holding("euwi", "gwi"))
    filters = deployment.holding("mail-filter") if database_server(deployment) else ()
    for night, following in pairwise(nights):
        finished |= set(night.servers)
        left = tuple(server.name for server in filters if server.name not in finished)
        found.append(Between(night.number, night.end, following.start, web, left))
    return tuple(found)
