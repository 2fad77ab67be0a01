"""What the options decide: who is named, who is done, what is left out, and when it is."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from worlds import AGE, World, healthy, hosts

from checker.checks import CHECKS
from checker.checks.judge import falls_due
from checker.report import STAGES, Stage
from runbook.cli import common_arguments
from single_faults import AFTER, ALWAYS, BEFORE, LATER, NEVER, NIGHT, Row, rows

ORDER = "V02, V11, V12, V19, V21, V22: who comes first"
CALENDAR = "a change is approved for its windows alone"


def _named(*servers: str) -> Callable[[World], object]:
    return lambda w: setattr(w, "servers", servers)


def into_the_night(w: World) -> None:
    """Three hours on: two hours into the first window, when the first server is finished."""
    w.now += timedelta(hours=3)
    w.collected(w.now - AGE)


def _finished(*servers: str, named: tuple[str, ...] = (), sample: str = "county-mail") -> Callable[[World], object]:
    """These servers are upgraded and declared done, by facts of a quarter of an hour ago."""

    def change(w: World) -> None:
        into_the_night(w)
        done = healthy("server", sample, done=servers)
        for name in servers:
            w.facts[name]["facts"] = done.facts[name]["facts"]
        w.done, w.servers = servers, named

    return change


def _through(last: str, *named: str) -> Callable[[World], object]:
    """This server and all before it are upgraded, and `--done-through` declares them done."""

    def change(w: World) -> None:
        done = common_arguments.finished(w.declared(), (), last)
        _finished(*done, named=named)(w)

    return change


def _only_through(last: str) -> Callable[[World], object]:
    return lambda w: setattr(w, "done", common_arguments.finished(w.declared(), (), last))


def _done(*servers: str) -> Callable[[World], object]:
    return lambda w: setattr(w, "done", servers)


def _equals(change: Callable[[World], object]) -> Callable[[World], object]:
    """Without a server that is declared first among its equals."""

    def both(w: World) -> None:
        w.server("mx1").pop("first")
        change(w)

    return both


def servers() -> Iterator[Row]:
    """`--server`, `--done`: every position of the night, and the worlds in which somebody goes too early."""
    area = "--server, --done and --done-through"
    yield from rows(area, "--server db1", _named("db1"), NEVER, "it comes first", stages=BEFORE)
    for wrong in (("mx1",), ("mx2",), ("mx1", "mx2")):
        name = " ".join(f"--server {each}" for each in wrong)
        yield from rows(area, name, _named(*wrong), NIGHT, ORDER, stages=BEFORE)
    for server in ("db1", "mx1", "mx2"):
        yield from rows(area, f"--server {server}", _named(server), NEVER, "all are done", stages=AFTER)
    go: tuple[Stage, ...] = ("server",)
    ends = NEVER
    yield from rows(area, "--done db1 --server mx1", _finished("db1", named=("mx1",)), ends, ORDER, stages=go)
    yield from rows(area, "--done db1", _finished("db1"), ends, ORDER, stages=go)
    yield from rows(
        area, "--done db1 --done mx1 --server mx2", _finished("db1", "mx1", named=("mx2",)), ends, ORDER, stages=go
    )
    yield from rows(area, "all are done", _finished("db1", "mx1", "mx2"), ends, ORDER, stages=go)
    yield from rows(
        area, "--done db1 --server mx2, where mx1 is first", _finished("db1", named=("mx2",)), go, ORDER, stages=go
    )
    yield from rows(
        area,
        "--done db1 --server mx2 of equals",
        _equals(_finished("db1", named=("mx2",))),
        ends,
        "inside a phase the site chooses",
        stages=go,
    )
    yield from rows(
        area,
        "--done db1 --done mx2 --server mx1 of equals",
        _equals(_finished("db1", "mx2", named=("mx1",))),
        ends,
        "the site has chosen",
        stages=go,
    )
    through = "--done-through: the servers before it are done as well"
    yield from rows(area, "--done-through mx1 --server mx2", _through("mx1", "mx2"), ends, through, stages=go)
    yield from rows(area, "--done-through db1 --server mx2, where mx1 is first", _through("db1", "mx2"), go, ORDER,
                    stages=go)  # fmt: skip
    yield from rows(area, "--done-through mx1 by facts from before", _only_through("mx1"), go, "V20: it is not seen",
                    stages=go)  # fmt: skip
    yield from rows(area, "--done-through of nobody's name", _only_through("nobody"), go, "a slip of the pen",
                    stages=go, fault=True)  # fmt: skip
    for wrong in (("mx1",), ("mx2",), ("mx1", "mx2")):
        name = f"{' and '.join(wrong)} done before the Database"
        yield from rows(area, name, _finished(*wrong), go, ORDER, stages=go)
    for server in ("db1", "mx1", "mx2"):
        yield from rows(
            area, f"--done {server} by facts from before", _done(server), (*LATER,), "V20: it is not seen", stages=NIGHT
        )
    yield from rows(area, "--done db1 against its newer facts", _against, go, "it is not upgraded", stages=go)
    for field in ("done", "servers", "only", "skip"):
        yield from rows(
            area if field in ("done", "servers") else "--only and --skip",
            f"{field}: a name that is not there",
            lambda w, f=field: setattr(w, f, ("nobody",)),  # type: ignore[misc] # no lambda with a default is inferred
            NEVER,
            "a slip of the pen",
            fault=True,
        )
    for wrong, done in ((("web1",), ("db1",)), (("filter1",), ()), (("mta1",), ())):
        yield from rows(
            area,
            f"--server {wrong[0]} with {done or 'nothing'} done",
            _finished(*done, named=wrong, sample="university-mail"),
            go,
            ORDER,
            sample="university-mail",
            stages=go,
        )


def _against(w: World) -> None:
    into_the_night(w)
    w.done = ("db1",)


def left_out() -> Iterator[Row]:
    """`--only`, `--skip`, `--strict`: leaving out a blocker that is due is no GO; a note may be left out."""
    area = "--only and --skip"
    for check in CHECKS:
        due = tuple(stage for stage in STAGES if check.severity == "blocker" and falls_due(check, stage))
        yield from rows(
            area,
            f"--skip {check.id}",
            lambda w, c=check.id: setattr(w, "skip", (c,)),  # type: ignore[misc] # no lambda with a default is inferred
            due,
            "a blocker that was left out is not cleared",
        )
    for check in CHECKS[:: len(CHECKS) // 6]:
        yield from rows(
            area,
            f"--only {check.id}",
            lambda w, c=check.id: setattr(w, "only", (c,)),  # type: ignore[misc] # no lambda with a default is inferred
            ALWAYS,
            "all other blockers are left out",
        )
    yield from rows(
        "--strict",
        "the rehearsal is not answered",
        lambda w: setattr(w, "strict", True),
        BEFORE,
        "a warning that is due counts",
        stages=BEFORE,
    )


def _window(w: World, start: datetime, end: datetime) -> None:
    zone = ZoneInfo(w.deployment["change"]["timezone"])
    w.deployment["change"]["windows"] = [
        {"start": f"{start.astimezone(zone):%Y-%m-%dT%H:%M}", "end": f"{end.astimezone(zone):%Y-%m-%dT%H:%M}"}
    ]


def _from_now(start: timedelta, length: timedelta = timedelta(hours=8)) -> Callable[[World], object]:
    return lambda w: _window(w, w.now + start, w.now + start + length)


def _extended(w: World) -> None:
    _window(w, w.now - timedelta(hours=10), w.now - timedelta(minutes=5))
    until = w.now.astimezone(ZoneInfo("Europe/Berlin")) + timedelta(hours=8)
    w.deployment["change"]["extended"] = {"until": f"{until:%Y-%m-%dT%H:%M}", "by": "A. Example", "ticket": "CHG2"}


def calendar() -> Iterator[Row]:
    """`--now` against the windows."""
    area, hour, day = "--now", timedelta(hours=1), timedelta(days=1)
    for name, start, ends in (
        ("a window of last year", -365 * day, BEFORE),
        ("a window that ended a minute ago", -8 * hour - timedelta(minutes=1), BEFORE),
        ("a window that ends in a minute", -8 * hour + timedelta(minutes=1), NIGHT),
        ("a window in a week", 7 * day, NIGHT),
        ("a window in three hours", 3 * hour, NIGHT),
        ("a window in an hour", hour, NEVER),
        ("a window that began an hour ago", -hour, NEVER),
    ):
        yield from rows(area, name, _from_now(start), ends, CALENDAR, stages=BEFORE)
    yield from rows(
        area, "a window that was extended", _extended, NEVER, "by a named person and a ticket", stages=NIGHT
    )
    yield from rows(
        area,
        "a collector twenty minutes behind its hosts",
        _apart(timedelta(minutes=20)),
        NIGHT,
        "nobody knows what time it is",
        stages=NIGHT,
    )
    yield from rows(
        area,
        "a collector four minutes behind its hosts",
        _apart(timedelta(minutes=4)),
        NEVER,
        "clocks of old hosts",
        stages=NIGHT,
    )


def _apart(by: timedelta) -> Callable[[World], object]:
    def change(w: World) -> None:
        for name, host in hosts(w.facts).items():
            w.facts[name]["host_clock"] = (host.collected_at + by).isoformat()

    return change


def rehearsed() -> Iterator[Row]:
    """`--rehearsal`: 3 at the best, and the calendar is left out."""
    ends: Any = ALWAYS
    yield from rows("--rehearsal", "a healthy trial", lambda w: w.more.update(rehearsal=True), ends, "it is no change")
