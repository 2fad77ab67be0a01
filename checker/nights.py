"""Whole servers into windows, by their high minutes. A server is never split, and phase 1 is never split either."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from checker.around import closing, opening, pause
from checker.deployment import Deployment
from checker.durations import Estimate, total
from checker.order import order, phase
from checker.work import Task, server_tasks


@dataclass(frozen=True)
class Night:
    """One window and the servers placed into it; `minutes` is all that is planned inside it."""

    number: int
    start: datetime
    end: datetime
    servers: tuple[str, ...]
    minutes: Estimate

    @property
    def length(self) -> int:
        """Minutes from start to end."""
        return int((self.end - self.start).total_seconds() // 60)

    @property
    def overrun(self) -> int:
        """Minutes by which the high estimate exceeds the window; 0 when it fits."""
        return max(0, self.minutes.high - self.length)


def _sum(tasks: Iterable[Task]) -> Estimate:
    return total(task.minutes for task in tasks)


def place(deployment: Deployment) -> tuple[Night, ...]:
    """The nights that are used, first to last, each server in exactly one of them.

    What fits no window goes into the last one, which then has an overrun: the plan stays complete and says so.
    """
    ordered = order(deployment.servers)
    windows = deployment.change.nights
    weights = {server.name: _sum(server_tasks(deployment, server, ordered)) for server in ordered}
    first = [server.name for server in ordered if phase(server) == 1]
    groups = ([first] if first else []) + [[server.name] for server in ordered if server.name not in first]
    nights: list[list[str]] = [[] for _ in windows]
    at = 0
    for index, group in enumerate(groups):
        ends = _sum(closing(deployment) if index == len(groups) - 1 else pause(deployment)).high
        while at < len(windows) - 1:
            begun = next((number for number, names in enumerate(nights) if names), at)
            high = _sum(opening(deployment, 1 if begun == at else 2)).high + ends
            high += sum(weights[name].high for name in (*nights[at], *group))
            if high <= (windows[at][1] - windows[at][0]).total_seconds() / 60:
                break
            at += 1
        nights[at] += group
    used = [(number, names) for number, names in enumerate(nights) if names]
    result = []
    for night, (number, names) in enumerate(used, start=1):
        around = (*opening(deployment, night), *(closing(deployment) if night == len(used) else pause(deployment)))
        minutes = total((_sum(around), *(weights[name] for name in names)))
        result.append(Night(night, *windows[number], tuple(names), minutes))
    return tuple(result)
