"""Minutes from what a server holds and what a rehearsal moved, and what they decide: whether the plan fits."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from digested_plans import digested_plan
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import CATALOGUE, PART_FILES, PART_KIB
from checker.facts.host_facts import HostFacts, Unknown, known
from checker.inputs.deployment import PARTS, PROCEDURE_KINDS, Deployment, Part
from checker.inputs.deployment_file import load
from checker.inputs.minutes import OURS, ProcedureKind, Work
from checker.schedule.durations import SPREAD, Estimate, best_documented, by_rate
from checker.schedule.nights import nights_of
from checker.schedule.sizes import UNMEASURED, Sizes, measured
from checker.schedule.tasks import tasks_by_server
from runbook.plan.planning import build
from runbook.words import Words

Deploy = Callable[..., Deployment]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
START = datetime(2026, 12, 5, 20)
REHEARSAL: dict[str, Any] = {"on": "2026-11-01", "by": "A. Example", "result": "complete"}
EVERYTHING = {"script": True, "options": ["Everything"]}


def minutes(low: int, likely: int, high: int) -> dict[str, int]:
    return {"low": low, "likely": likely, "high": high}


def host(name: str, kib: int = 0, files: int = 0, **parts: int) -> HostFacts:
    """Facts of a host: KiB of every part, or of those named, and files of its quarantine."""
    sizes = dict(known(PART_KIB[part], parts.get(part, kib), "written by hand") for part in PARTS)
    counts = dict(known(PART_FILES[part], files if part == "quarantine" else 3, "written by hand") for part in PARTS)
    return HostFacts(server=name, via="local", outcome="ok", collected_at=NOW, facts={**sizes, **counts})


def rated(deploy: Deploy, roles: str = "database csm", **changes: Any) -> Deployment:
    """A server whose backup and migration were rehearsed: 100 KiB, or 10 files, in a minute."""
    rates = {kind: {"kib_per_minute": 100, "files_per_minute": 10} for kind in ("backup", "migrate", "restore")}
    return deploy(*roles.split("/"), **({"migration": EVERYTHING, "rehearsal": REHEARSAL | {"rates": rates}} | changes))


def estimate(deployment: Deployment, kind: ProcedureKind, *hosts: HostFacts) -> Estimate:
    """The minutes of the first server's step of a kind."""
    server = deployment.servers[0]
    sizes = measured({each.server: each for each in hosts})
    tasks = tasks_by_server(deployment, sizes)[server.name]
    return next(task.minutes for task in tasks if task.kind == kind)


@pytest.mark.parametrize("kind", ["backup", "migrate"])
def test_the_nearest_figure_wins_the_line_the_rehearsal_its_rate_the_sites_plan_ours(
    deploy: Deploy, kind: ProcedureKind
) -> None:
    """Each is taken away in turn, and the next one stands in its place."""
    facts = host("s1", kib=1000)
    rates = {kind: {"kib_per_minute": 100}}
    steps: list[tuple[dict[str, Any], tuple[int, ...], str, str]] = [
        ({"procedure": {kind: [{"text": "a", "minutes": minutes(1, 2, 3)}]}},
         (1, 2, 3), "site", f"procedure.{kind}[0]"),
        ({"rehearsal": REHEARSAL | {"minutes": {kind: minutes(4, 5, 6)}, "rates": rates}},
         (4, 5, 6), "site", f"rehearsal.minutes.{kind}"),
        ({"rehearsal": REHEARSAL | {"rates": rates}}, (50, 63, 100), "measured", f"rehearsal.rates.{kind}"),
        ({"minutes": {kind: minutes(7, 8, 9)}}, (7, 8, 9), "site", f"minutes.{kind}"),
        ({}, OURS[kind], "ours", f"durations.{kind}"),
    ]  # fmt: skip
    for at, (_, figures, basis, ref) in enumerate(steps):
        declared: dict[str, Any] = {"migration": EVERYTHING}
        for changes, *_rest in reversed(steps[at:]):
            declared |= changes
        found = estimate(deploy("database csm", **declared), kind, facts)
        assert (found.low, found.likely, found.high) == figures
        assert (found.basis.kind, found.basis.refs[-1]) == (basis, ref)


def test_bytes_or_files_whichever_takes_longer(deploy: Deploy) -> None:
    deployment = rated(deploy)
    by_bytes = estimate(deployment, "backup", host("s1", kib=200, files=90))  # 5 parts: 1000 KiB, 10 min; 9 by files
    by_files = estimate(deployment, "backup", host("s1", kib=200, files=110))
    assert (by_bytes.low, by_bytes.likely, by_bytes.high) == (10, 13, 20)
    assert (by_files.low, by_files.likely, by_files.high) == (11, 14, 22)
    assert SPREAD == (100, 125, 200)


def test_a_measured_figure_names_each_fact_behind_it_and_the_rate(deploy: Deploy) -> None:
    deployment = rated(deploy, migration={"script": True, "options": ["Database & Quarantine"]})
    assert estimate(deployment, "migrate", host("s1", kib=1)).basis.refs == (
        "s1:parts.quarantine.kib", "s1:parts.database.kib", "s1:parts.quarantine.files", "rehearsal.rates.migrate",
    )  # fmt: skip


def test_a_backup_saves_every_part_and_a_migration_moves_the_chosen_ones(deploy: Deploy) -> None:
    deployment = rated(deploy, migration={"script": True, "options": ["Logs"]})
    seen = host("s1", logs=500, database=99_500)
    assert estimate(deployment, "backup", seen).low == 1000
    assert estimate(deployment, "migrate", seen).low == 5


def test_a_rate_says_nothing_of_an_upgrade_or_of_another_server(deploy: Deploy) -> None:
    deployment = rated(deploy, "database csm/mta")
    assert estimate(deployment, "upgrade", host("s1", kib=1000)).basis.kind == "ours"
    assert estimate(deployment, "backup", host("s2", kib=1000)).basis.kind == "ours"


UNSEEN = Unknown(unknown="du took too long", partial=77)


@pytest.mark.parametrize("missing", [PART_KIB["logs"].path, PART_FILES["quarantine"].path])
def test_what_was_not_seen_or_only_in_part_makes_no_minutes(deploy: Deploy, missing: str) -> None:
    seen = host("s1", kib=1000)
    for facts in (seen.facts | {missing: UNSEEN}, {k: v for k, v in seen.facts.items() if k != missing}):
        assert estimate(rated(deploy), "backup", seen.model_copy(update={"facts": facts})).basis.kind == "ours"
    assert estimate(rated(deploy), "backup", seen.model_copy(update={"outcome": "refused"})).basis.kind == "ours"
    assert estimate(rated(deploy), "backup", seen).basis.kind == "measured"


def test_files_in_a_minute_alone_tell_nothing_of_a_database(deploy: Deploy) -> None:
    rehearsal = REHEARSAL | {"rates": {"migrate": {"files_per_minute": 10}}}
    seen = host("s1", kib=1000, files=100)
    both, alone = (
        rated(deploy, rehearsal=rehearsal, migration={"script": True, "options": [option]})
        for option in ("Database & Quarantine", "Quarantine")
    )
    assert estimate(both, "migrate", seen).basis.kind == "ours"
    assert estimate(alone, "migrate", seen).low == 10


def test_where_it_is_not_said_what_is_migrated_no_size_counts(deploy: Deploy) -> None:
    assert estimate(rated(deploy, migration={}), "migrate", host("s1", kib=1000)).basis.kind == "ours"


SIZES = st.dictionaries(st.sampled_from(PARTS), st.integers(0, 10**9), min_size=len(PARTS))


@given(kib=SIZES, files=st.integers(0, 10**7), part=st.sampled_from(PARTS), more=st.integers(0, 10**9))
def test_more_data_never_takes_less_time(
    deploy: Deploy, kib: dict[Part, int], files: int, part: Part, more: int
) -> None:
    deployment = rated(deploy)
    server = deployment.servers[0]

    def taken(kib: dict[Part, int], files: int) -> Estimate:
        sizes = Sizes({("s1", each): size for each, size in kib.items()}, {("s1", "quarantine"): files})
        found = by_rate(deployment, server, "restore", sizes)
        assert found is not None and 1 <= found.low <= found.likely <= found.high
        return found

    small = taken(kib, files)
    for large in (taken(kib | {part: kib[part] + more}, files), taken(kib, files + more)):
        assert small.low <= large.low and small.likely <= large.likely and small.high <= large.high


def test_without_facts_no_size_is_known() -> None:
    assert measured({}) == UNMEASURED == Sizes({}, {})


def windows(*hours: int) -> dict[str, Any]:
    nights = [
        {"start": START + timedelta(days=day), "end": START + timedelta(days=day, hours=length)}
        for day, length in enumerate(hours)
    ]
    return {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": nights}


def test_minutes_reach_the_steps_and_leave_the_digest_alone(deploy: Deploy, words: Words) -> None:
    deployment = rated(deploy, change=windows(23))
    plans = [digested_plan(deployment, {"s1": host("s1", kib=kib)}, words) for kib in (20, 40)]
    backups = [next(step for step in plan.steps if step.kind == "backup") for plan in plans]
    assert [step.minutes.high for step in backups] == [2, 4]
    assert all(step.minutes.basis.kind == "measured" for step in backups)
    assert plans[0].digest == plans[1].digest


def test_a_server_that_holds_more_than_a_night_can_move_comes_into_the_next_one(deploy: Deploy, words: Words) -> None:
    deployment = rated(deploy, "database csm/mta mail-filter/mta mail-filter", change=windows(12, 12))
    small, large = (
        digested_plan(
            deployment, {name: host(name, kib=kib if name == "s2" else 1) for name in ("s1", "s2", "s3")}, words
        )
        for kib in (1, 2000)
    )
    assert [night.servers for night in small.nights] == [("s1", "s2"), ("s3",)]
    assert [night.servers for night in large.nights] == [("s1",), ("s2", "s3")]
    assert large.sheets["s3"] == small.sheets["s3"], "a sheet stays good beside others: what is done is the same"
    assert "HOLD until night 2" in small.of("s2")[-1].text
    assert "next is s3" in large.of("s2")[-1].text
    assert large.sheets["s2"] != small.sheets["s2"], "with which words a night goes on is no small thing"


def fits(deployment: Deployment, *hosts: HostFacts) -> Word:
    case = Case(deployment, {each.server: each for each in hosts}, None, NOW, "change")
    return ask(BY_ID["window-fits"], case, None)


REHEARSED = REHEARSAL | {
    "minutes": {"upgrade": minutes(10, 20, 30)},
    "rates": {"backup": {"kib_per_minute": 100}, "migrate": {"kib_per_minute": 100}},
}


def test_a_guess_in_a_decisive_place_leaves_it_open_and_a_size_that_was_seen_closes_it(deploy: Deploy) -> None:
    deployment = rated(deploy, change=windows(8), rehearsal=REHEARSED)
    assert fits(deployment).outcome == "unknown"
    assert "backup, migrate" in fits(deployment).message
    assert fits(deployment, host("s1", kib=1000)).outcome == "pass"


def test_what_does_not_fit_even_without_our_guesses_fails_and_says_by_how_much(deploy: Deploy) -> None:
    declared = {"change": windows(1), "procedure": {"upgrade": [{"text": "a", "minutes": minutes(50, 60, 600)}]}}
    said = fits(deploy("database csm", migration={"script": False}, **declared))
    (night,) = nights_of(deploy("database csm", migration={"script": False}, **declared))
    assert said.outcome == "fail"
    assert "night 1 by 540 minutes or more" in said.message, "600 are the site's, all else is ours"
    assert (
        f"s1 alone needs {600 + 60 + sum(OURS[key][2] for key in OTHERS)} minutes: the longest window has 60"
        in said.observed
    )
    assert f"it would fit if night 1 were longer by {night.overrun} minutes" in said.observed


OTHERS: tuple[Work, ...] = (
    "guard", "recheck", "jobs", "queue", "dump", "stop", "counts", "start", "verify", "queue", "counts", "jobs", "call",
)  # fmt: skip


def test_a_window_that_would_be_enough_is_named_for_the_servers_that_are_left(deploy: Deploy) -> None:
    own = {key: minutes(*figures) for key, figures in OURS.items()}
    declared = {"rehearsal": REHEARSED, "minutes": own | {"definitions": minutes(1, 1, 1)}}
    hosts = [host(name, kib=1000) for name in ("s1", "s2", "s3")]
    roles = "database csm/mail-filter/mail-filter"
    said = fits(rated(deploy, roles, change=windows(6, 6), **declared), *hosts)
    longer = next(line for line in said.observed if line.startswith("or with one more window"))
    needed = int(longer.split(" of ")[1].split()[0])
    assert said.outcome == "fail"
    enough = windows(6, 6, 6)
    enough["windows"][-1]["end"] = enough["windows"][-1]["start"] + timedelta(minutes=needed)
    assert fits(rated(deploy, roles, change=enough, **declared), *hosts).outcome == "pass"
    enough["windows"][-1]["end"] -= timedelta(minutes=1)
    assert fits(rated(deploy, roles, change=enough, **declared), *hosts).outcome == "fail"


@given(
    hours=st.lists(st.integers(2, 12), min_size=1, max_size=3),
    high=st.integers(1, 300),
    more=st.integers(1, 300),
    stated=st.booleans(),
)
def test_a_longer_high_estimate_never_turns_a_word_for_the_better(
    deploy: Deploy, hours: list[int], high: int, more: int, stated: bool
) -> None:
    def word(high: int) -> str:
        upgrade = [{"text": "a", "minutes": minutes(1, 1, high)}]
        rehearsal = REHEARSED if stated else None
        roles = "database csm/mta mail-filter/mail-filter"
        declared = rated(deploy, roles, change=windows(*hours), procedure={"upgrade": upgrade}, rehearsal=rehearsal)
        return fits(declared, *(host(name, kib=500) for name in ("s1", "s2", "s3"))).outcome

    worse = {"pass": 0, "unknown": 1, "fail": 2}
    assert worse[word(high + more)] >= worse[word(high)]


def test_the_pace_of_another_upgrade_is_shown_as_such_and_is_in_no_sum(deploy: Deploy) -> None:
    deployment = rated(deploy, change=windows(23), rehearsal=REHEARSED)
    line = next(line for line in fits(deployment, host("s1", kib=1000)).observed if "another upgrade" in line)
    assert "optimistic and not used in any sum" in line
    assert "GiB" not in next(line for line in fits(deployment).observed if "another upgrade" in line)
    logs = rated(deploy, change=windows(23), migration={"script": True, "options": ["Logs"]})
    assert not any("another upgrade" in line for line in fits(logs).observed)
    assert best_documented(2 * 1024 * 1024).likely == 2  # 80 seconds, a begun minute counts
    assert best_documented(3 * 1024 * 1024).basis.kind == "documented"
    for plan_minutes in (task.minutes for task in tasks_by_server(deployment)[deployment.servers[0].name]):
        assert plan_minutes.basis.kind != "documented"


def test_a_pause_says_how_long_what_stays_down(deploy: Deploy, words: Words) -> None:
    deployment = rated(deploy, "database csm/mta mail-filter/mail-filter/euwi gwi", change=windows(9, 9, 9, 9))
    plan = build(deployment, {}, words)
    first, second = plan.nights[0].pause, plan.nights[1].pause
    assert first is not None and second is not None
    assert (first.minutes, first.web, first.without_database) == (15 * 60, ("s4",), ("s2", "s3"))
    assert (second.minutes, second.web, second.without_database) == (15 * 60, ("s4",), ("s3",))
    assert first.until == plan.nights[1].start
    texts = [step.text for step in plan.steps if step.form == "pause"]
    assert "No web login on s4" in texts[0] and "s2, s3" in texts[0]
    assert "s2" not in texts[1].split("No database until")[1]


def test_the_two_nights_worked_out_by_hand_have_these_minutes_and_this_price(words: Words) -> None:
    """The sums stand beside the site that is worked out."""
    site = Path(__file__).parent.parent / "whole" / "worked" / "two-nights"
    said = tomllib.loads((site / "facts.toml").read_text(encoding="utf-8"))
    facts = {
        name: HostFacts(
            server=name, via="local", outcome="ok", collected_at=NOW,
            facts=dict(known(CATALOGUE[path], value, "written by hand") for path, value in values.items()),
        )
        for name, values in said.items()
    }  # fmt: skip
    first, second = build(load(site / "deployment.yaml"), facts, words).nights
    assert (first.servers, first.high) == (("db1",), 338)
    assert (second.servers, second.high) == (("mx1", "mx2", "web1"), 639)
    assert first.pause is not None
    assert (first.pause.hours, first.pause.minutes) == (160, 160 * 60)
    assert (first.pause.web, first.pause.without_database) == (("web1",), ("mx1", "mx2"))


def test_our_figures_that_decide_leave_it_open_and_the_three_largest_are_named(deploy: Deploy) -> None:
    own = {kind: [{"text": "a", "minutes": minutes(1, 2, 3)}] for kind in PROCEDURE_KINDS}
    roles, declared = ("database csm", "mta mail-filter"), {"migration": {"script": False}, "procedure": own}
    site = deploy(*roles, **declared, change=windows(2))
    said = fits(site)
    assert said.outcome == "unknown" and "by our planning figures" in said.message
    figures = [line for line in said.observed if line.startswith("minutes.")]
    assert len(figures) == 3 and all(line.split(":")[0] in said.message for line in figures)
    assert all(key in " ".join(said.remedy or ()) for key in ("minutes: {", "low: …", "extend the window"))
    assert fits(deploy(*roles, **declared, change=windows(12))).outcome == "pass", "where they fit they decide nothing"


def test_a_rehearsal_counts_only_when_it_is_complete_and_over(deploy: Deploy) -> None:
    measured_ = {kind: minutes(1, 2, 3) for kind in ("backup", "upgrade")}
    for result, on, outcome in (
        ("complete", "2026-11-01", "pass"), ("failed", "2026-11-01", "unknown"), ("partial", "2026-11-01", "unknown"),
        ("complete", "2027-01-01", "unknown"),
    ):  # fmt: skip
        tried = {"on": on, "by": "A", "result": result, "minutes": measured_}
        site = deploy("database csm", change=windows(20), migration={"script": False}, rehearsal=tried)
        assert fits(site).outcome == outcome, (result, on)


@pytest.mark.parametrize("figures", [(0, 1, 1), (0, 0, 0)])
def test_nothing_takes_no_minute(deploy: Deploy, figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValidationError):
        deploy("database csm", minutes={"soak": minutes(*figures)})
