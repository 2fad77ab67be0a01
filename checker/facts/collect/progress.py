"""What the person who started a collection sees: a bar or lines while it runs, and a table with remedies at its end."""

import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TextIO

from checker.facts.catalogue import QUEUE_NEW, TARGET_ENTRIES
from checker.facts.collect.outcomes import NOT_TRIED, OK, remedy
from checker.facts.host_facts import HostFacts, Known, Unknown
from checker.legible import several

SLOWEST = 3  # servers named beside the bar
ROWS = 16  # of the table: with its heading and the remedies' beginning that is one screen
TO_TRY = 3  # lines to try for one outcome: they differ by the host only


@dataclass(frozen=True)
class Standing:
    """Where a collection stands: outcomes of the servers that have ended, seconds of those being asked."""

    total: int
    outcomes: Mapping[str, str]
    asking: Mapping[str, float]
    news: HostFacts | None = None


Progress = Callable[[Standing], None]


def shown_on(stream: TextIO) -> Progress:
    """A bar on a terminal that can redraw a line; elsewhere a line for each server that has ended."""
    if stream.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return lambda standing: _redraw(stream, standing)
    return lambda standing: _line(stream, standing)


def bar(standing: Standing, width: int) -> str:
    """The bar with counts and the slowest servers, in one line that is shorter than the terminal."""
    ended = len(standing.outcomes)
    filled = 20 * ended // max(1, standing.total)
    good = sum(outcome == OK for outcome in standing.outcomes.values())
    line = f"[{'#' * filled}{'.' * (20 - filled)}] {ended}/{standing.total}  {good} ok"
    if ended > good:
        line += f", {ended - good} failed"
    slowest = sorted(standing.asking.items(), key=lambda item: -item[1])
    names = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in slowest[:SLOWEST])
    if names:
        line += f"  asking {names}" + (f" and {len(slowest) - SLOWEST} more" if len(slowest) > SLOWEST else "")
    return _cut(line, width - 1)


def table(facts: Mapping[str, HostFacts], width: int) -> str:
    """One line for each server, worst first; then, for what failed, its remedy and the line to try."""
    hosts = sorted(facts.values(), key=_badness)
    bad = sum(not host.reached for host in hosts)
    # of many servers the good ones are only counted
    shown = hosts if len(hosts) <= ROWS else hosts[: max(ROWS, bad)]
    name = max((len(host.server) for host in shown), default=0)
    word = max((len(host.outcome) for host in shown if not host.outcome.startswith(NOT_TRIED)), default=0)
    lines = [_cut(f"{host.server:<{name}}  {host.outcome:<{word}}  {_about(host)}".rstrip(), width) for host in shown]
    if len(shown) < len(hosts):
        lines.append(f"… and {len(hosts) - len(shown)} more, all ok")
    counts = Counter(host.outcome for host in hosts)
    lines.append("; ".join(f"{number} {outcome}" for outcome, number in counts.most_common()))
    return "\n".join([*lines, *_remedies(hosts, width)]) + "\n"


def _remedies(hosts: list[HostFacts], width: int) -> Iterator[str]:
    for outcome, group in groupby((host for host in hosts if not host.reached), key=lambda host: host.outcome):
        same = list(group)
        names = ", ".join(host.server for host in same)
        yield ""
        yield from textwrap.wrap(f"{outcome}: {names}", width, subsequent_indent="  ", break_on_hyphens=False)
        # a command in it is not parted at its hyphens
        words = remedy(outcome) or ""
        yield from textwrap.wrap(words, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
        if not outcome.startswith(NOT_TRIED):
            # never wrapped: they are there to be copied
            yield from (f"  try: {host.try_line}" for host in same[:TO_TRY] if host.try_line)


def _badness(host: HostFacts) -> tuple[int, str, int, str]:
    kind = 2 if host.reached else 1 if host.outcome.startswith(NOT_TRIED) else 0
    return kind, host.outcome, -_unknown(host), host.server


def _unknown(host: HostFacts) -> int:
    """The facts that are unknown, without those that a server gets with version 6."""
    return sum(isinstance(fact, Unknown) for fact in host.facts.values()) - _not_yet(host)


def _not_yet(host: HostFacts) -> int:
    """The facts that are unknown because version 6 is not installed yet, as on every server before its upgrade."""
    entries = host.facts.get(TARGET_ENTRIES.path)
    if not isinstance(entries, Known) or entries.value:
        return 0
    own = (fact for path, fact in host.facts.items() if path.startswith("target.") or path == QUEUE_NEW.path)
    return sum(isinstance(fact, Unknown) for fact in own)


def _about(host: HostFacts) -> str:
    if not host.reached:
        return host.detail or ""
    unknown, later = _unknown(host), _not_yet(host)
    known = several(len(host.facts) - unknown - later, "fact")
    return f"{known}, {unknown} unknown" + (f", {later} not yet there (version 6)" if later else "")


def _line(stream: TextIO, standing: Standing) -> None:
    if host := standing.news:
        about = f": {_about(host)}" if _about(host) else ""
        stream.write(f"[{len(standing.outcomes)}/{standing.total}] {host.server}: {host.outcome}{about}\n")
        stream.flush()


def _redraw(stream: TextIO, standing: Standing) -> None:
    # once nobody is asked any more the line belongs to whatever is printed next
    line = bar(standing, shutil.get_terminal_size((80, 24)).columns) if standing.asking else ""
    stream.write(f"\r{line}\x1b[K")
    stream.flush()


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"
