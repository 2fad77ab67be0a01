"""What a collection as a whole decides: its outcome, its age, its clock, what it was asked; and the baseline."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from worlds import World

from checker.facts.collect.outcomes import OUTCOMES
from checker.report import Stage
from single_faults import AFTER, ALWAYS, BEFORE, LATER, NEVER, NIGHT, Row, rows

SEEN = "V01: a server that was not looked at is never passed"
YOUNG = "what was measured must still be so when it decides"
FROZEN = "V07: every server's identity against the one before the night"
LIMITS = {
    "two-days": timedelta(days=2),
    "one-hour": timedelta(hours=2),
    "server": timedelta(hours=1),
    "after": timedelta(hours=1),
}
SECOND = timedelta(seconds=1)


def transport(sample: str = "county-mail") -> Iterator[Row]:
    """Every way in which a server was not read, for each server."""
    world = {"county-mail": ("db1", "mx1", "mx2"), "library-mail": ("db", "mx"), "harbour-mail": ("mail",)}[sample]
    for server in world:
        for outcome in sorted(set(OUTCOMES) - {"ok"}):
            yield from rows(
                "transport outcomes", f"{server}: {outcome}", _not_read(server, outcome), ALWAYS, SEEN, sample=sample
            )
        yield from rows(
            "transport outcomes",
            f"{server}: no facts at all",
            lambda w, s=server: w.facts.pop(s),  # type: ignore[misc] # no lambda with a default is inferred
            ALWAYS,
            SEEN,
            sample=sample,
        )


def _not_read(server: str, outcome: str) -> Callable[[World], object]:
    return lambda w: w.facts[server].update(outcome=outcome, facts={}, host_clock=None)


def ages() -> Iterator[Row]:
    """Each server's facts one second beyond what each stage accepts, and just within it; before and after now."""
    for server in ("db1", "mx1", "mx2"):
        for stage, limit in LIMITS.items():
            stages: tuple[Stage, ...] = (stage,)  # type: ignore[assignment]

            def old(w: World, age: timedelta) -> None:
                w.collected(w.now - age, server)  # noqa: B023

            for name, age, ends in (
                ("too old", limit + SECOND, stages),
                ("as old as may be", limit, NEVER),
                ("of tomorrow", -timedelta(days=1), stages),
            ):
                yield from rows("age of facts", f"{server} {name}", _age(old, age), ends, YOUNG, stages=stages)
        yield from rows(
            "age of facts",
            f"{server} a year old",
            _age(_all_of(server), timedelta(days=365)),
            (*LATER, *AFTER),
            YOUNG,
            stages=(*LATER, *AFTER),
        )


def _age(old: Callable[[World, timedelta], None], age: timedelta) -> Callable[[World], object]:
    return lambda w: old(w, age)


def _all_of(server: str) -> Callable[[World, timedelta], None]:
    return lambda w, age: w.collected(w.now - age, server)


def _asked(key: str, value: Any) -> Callable[[World], object]:
    return lambda w: w.facts["mx1"]["asked"].update({key: value})


def other_places() -> Iterator[Row]:
    """Facts that were asked about another place than is declared now."""
    area, why = "facts of other places", "V03, V05: an answer about a place where nobody looked is none"
    for key, value in (
        ("paths.source", "/opt/other"),
        ("paths.target", "/srv/pmx6"),
        ("paths.quarantine", "/q"),
        ("paths.logs", "/l"),
        ("paths.database", "/d"),
    ):
        yield from rows(area, f"mx1 was asked for {key} {value}", _asked(key, value), ALWAYS, why, stages=BEFORE)
    yield from rows(
        area,
        "mx1 was asked for another target",
        _asked("paths.target", "/srv/pmx6"),
        AFTER,
        "V20: whether version 6 is there was looked for elsewhere",
        stages=AFTER,
    )
    yield from rows(area, "mx1 was asked of another deployment", _asked("deployment", "the-lab"), ALWAYS, why)
    yield from rows(
        area,
        "mx1 by a first edition",
        lambda w: w.facts["mx1"].update(asked=None),
        ALWAYS,
        "nobody can tell what it was asked",
    )
    yield from rows(
        area,
        "mx1 was asked for a backup that is declared no longer",
        _asked("paths.backup", "/backup"),
        NEVER,
        "nothing lands there now",
    )
    for key, value in (("target", "/srv/pmx6"), ("source", "/opt/other")):
        yield from rows(
            area,
            f"paths.{key} was edited after collecting",
            lambda w, k=key, v=value: w.deployment["paths"].update({k: v}),  # type: ignore[misc] # no lambda with a default is inferred
            ALWAYS,
            why,
            stages=BEFORE,
        )
    yield from rows(
        area,
        "the probe's own digest is another",
        lambda w: w.facts["mx1"].update(probe_digest="0" * 64),
        NEVER,
        "a note: another edition",
    )


def _baseline(change: Callable[[dict[str, Any]], object]) -> Callable[[World], object]:
    return lambda w: change(w.baseline or {})


def _shifted(w: World, by: timedelta) -> None:
    baseline = w.baseline
    assert baseline is not None
    for host in baseline.values():
        for key in ("collected_at", "host_clock"):
            host[key] = (w.now + by).isoformat()


def _refused(baseline: dict[str, Any]) -> None:
    baseline["mx2"] |= {"outcome": "connection refused", "facts": {}}


def _without(path: str) -> Callable[[dict[str, Any]], object]:
    return lambda baseline: baseline["mx1"]["facts"].update({path: {"unknown": "permission denied"}})


def baselines() -> Iterator[Row]:
    """The facts that identities are compared with."""
    area, ends = "baseline", (*NIGHT, *AFTER)
    yield from rows(area, "none", lambda w: setattr(w, "baseline", None), ends, FROZEN)
    yield from rows(area, "the facts themselves", _facts_themselves, ends, FROZEN)
    yield from rows(area, "without mx2", _baseline(lambda b: b.pop("mx2")), ends, FROZEN)
    yield from rows(
        area,
        "mx2 was not read",
        _baseline(_refused),
        ends,
        FROZEN,
    )
    yield from rows(area, "younger than the facts", lambda w: _shifted(w, timedelta()), ends, FROZEN)
    yield from rows(area, "of the day after", lambda w: _shifted(w, timedelta(days=1)), ends, FROZEN)
    for path in (
        "identity.hostname",
        "identity.addresses",
        "identity.host_keys",
        "identity.default_route_addresses",
    ):
        yield from rows(area, f"{path} of mx1 unknown", _baseline(_without(path)), ends, FROZEN)
    yield from rows(
        area, "the configured name of mx1 unknown", _baseline(_without("identity.configured_hostname")), NEVER,
        "the running name is compared with it, and both are seen now",
    )  # fmt: skip
    yield from rows(
        area,
        "shows version 6 on mx1",
        _baseline(
            lambda b: b["mx1"]["facts"].update(
                {"target.entries": {"value": [{"name": "bin", "kind": "directory"}], "how": "t"}}
            )
        ),
        ends,
        FROZEN,
    )
    yield from rows(area, "a year old", lambda w: _shifted(w, -timedelta(days=365)), NEVER, "a warning")
    yield from rows(
        area,
        "of the same afternoon",
        lambda w: _shifted(w, -timedelta(hours=1)),
        NEVER,
        "before the window: valid",
        stages=NIGHT,
    )


def _facts_themselves(w: World) -> None:
    w.baseline = {name: {**host} for name, host in w.facts.items()}
