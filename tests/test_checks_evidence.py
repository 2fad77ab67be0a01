"""What people answer about rehearsal, backup, restore and media is read: a no, an old day, another file never pass."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.checks import BY_ID
from checker.checks.evidence import BACKUP_AGE, REHEARSAL_AGE, RESTORE_AGE, days_named, reading
from checker.checks.judge import judge
from checker.checks.mechanism import Case, Word, ask
from checker.deployment import Deployment
from checker.report import Stage

NOW = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
TODAY = date(2026, 12, 5)
ONE, OTHER = "1" * 64, "ab" * 32
Deploy = Callable[..., Deployment]


def word(deployment: Deployment, check: str, server: str | None = "s1", stage: Stage = "server") -> Word:
    case = Case(deployment, {}, None, NOW, stage)
    return ask(BY_ID[check], case, deployment.server(server) if server else None)


def answered(deploy: Deploy, check: str, text: str, at: date = TODAY, **changes: Any) -> Word:
    answer = {"value": text, "by": "B. Example", "at": at}
    return word(deploy("database csm", "mta mail-filter", answers={check: answer}, **changes), check)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("clone of db1 and filter1, finished without an error", "yes"),
        ("restored in 40 minutes, no errors, nothing missing", "yes"),
        ("0 errors, 12 warnings read and understood", "yes"),
        ("dump on tape no. 4711, read back", "yes"),
        ("nobody@example.net was mailed the listing; notes in the wiki", "yes"),
        ("no", "no"),
        ("No, there was no time", "no"),
        ("none", "no"),
        ("n/a", "no"),
        ("never tried", "no"),
        ("it failed at the migration", "no"),
        ("finished with 3 errors", "no"),
        ("not yet done", "no"),
        ("the dump was corrupt", "no"),
        ("hasn't been tested", "no"),
        ("everything, without the quarantine", "open"),
        ("configuration only", "open"),
        ("will be done on Friday", "open"),
        ("planned", "open"),
        ("done?", "open"),
        ("could not be read", "open"),
    ],
)
def test_an_answer_is_read_as_yes_no_or_open(text: str, meant: str) -> None:
    assert reading(text)[0] == meant


@given(
    before=st.sampled_from(["", "the dump of db1, ", "restored 2026-12-01, but "]),
    no=st.sampled_from(["failed", "aborted", "unreadable", "incomplete", "missing", "never tried", "not restored"]),
    after=st.sampled_from(["", " on the spare machine", ", no errors were logged", ". All else is fine"]),
)
def test_no_company_of_good_words_makes_a_no_a_yes(before: str, no: str, after: str) -> None:
    assert reading(f"{before}{no}{after}")[0] == "no"


@given(st.text(max_size=80))
def test_any_text_is_read_and_its_days_are_days(text: str) -> None:
    meant, said = reading(text)
    assert (meant == "yes") == (said == "")
    assert all(2000 <= day.year <= 2099 for day in days_named(text))


def test_days_are_read_in_the_two_writings_that_mean_one_day_everywhere() -> None:
    assert days_named("2026-12-04, 5.12.2026, 12/06/2026, 2026-02-30, build 2026.1") == (TODAY - timedelta(1), TODAY)


AGED = [("backup-evidence", BACKUP_AGE.days), ("restore-tested", RESTORE_AGE.days)]


@pytest.mark.parametrize(("check", "limit"), AGED)
def test_age_counts_from_the_latest_past_day_that_is_named_else_from_the_answers_own(
    deploy: Deploy, check: str, limit: int
) -> None:
    for age, named in product((-3, 0, limit, limit + 1, 900), (True, False)):
        day = TODAY - timedelta(days=age)
        text = "dump and quarantine on the backup host" + (f", of {day}, first one 2020-01-01" if named else "")
        found = answered(deploy, check, text, TODAY if named else day)
        # of days that are named, a future one (kept until …) does not count where a past one stands beside it
        expected = "pass" if 0 <= age <= limit else "fail" if age > limit or named else "manual"
        assert found.outcome == expected, (age, named, found)
    assert answered(deploy, check, "dump on the backup host, to be read on 2026-12-09").outcome == "manual"


@pytest.mark.parametrize(("check", "limit"), AGED)
def test_an_answer_must_name_something_and_nobodys_answer_stays_open(deploy: Deploy, check: str, limit: int) -> None:
    for bare in ("yes", "OK.", "done, 2026-12-05", "tested on 5.12.2026"):
        assert answered(deploy, check, bare).outcome == "manual", bare
    assert answered(deploy, check, "no").outcome == "fail"
    nobody = word(deploy("database csm"), check)
    assert nobody.outcome == "manual" and f"{limit} days" in nobody.expected and "our limit" in nobody.expected


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("product snapshot of today", "fail"),
        ("Snapshot, taken at 18:00 as a backup", "fail"),
        ("snapshots of all machines", "fail"),
        ("database dump, quarantine and logs on bk1, and a snapshot", "pass"),
        ("database dump on bk1, quarantine and logs not in it", "manual"),
        ("full copy of /opt/pmx on bk1, read back", "pass"),
    ],
)
def test_a_snapshot_is_no_backup(deploy: Deploy, text: str, outcome: str) -> None:
    assert answered(deploy, "backup-evidence", text).outcome == outcome


def test_a_servers_own_answer_goes_before_the_one_for_all(deploy: Deploy) -> None:
    answers = {"restore-tested": {"value": "dump to a spare machine", "by": "B", "at": TODAY, "servers": {"s2": "no"}}}
    both = deploy("database csm", "mta mail-filter", answers=answers)
    assert [word(both, "restore-tested", name).outcome for name in ("s1", "s2")] == ["pass", "fail"]


MEDIA = {"path": "/srv/media"}
SUMMED = MEDIA | {"sha256": ONE}


@pytest.mark.parametrize(
    ("media", "text", "outcome"),
    [
        (None, "/srv/media/pmx6.tar", "pass"),
        (None, f"SHA-256 {ONE}", "pass"),
        (None, "yes, it is there", "manual"),
        (None, "no", "fail"),
        (MEDIA, "/srv/media/pmx6.tar", "pass"),
        (MEDIA, "/srv/media", "pass"),
        (MEDIA, "/srv/media-old/pmx6.tar", "fail"),
        (MEDIA, "/tmp/pmx6.tar", "fail"),
        (MEDIA, "there", "manual"),
        (MEDIA, "/srv/media/no/pmx6.tar", "pass"),  # words of a path are no answer
        (SUMMED, ONE, "pass"),
        (SUMMED, f"/srv/media/pmx6.tar {ONE}", "pass"),
        (SUMMED, OTHER, "fail"),
        (SUMMED, ONE[:-1], "manual"),
        (SUMMED, ONE + "1", "manual"),
        (SUMMED, "/srv/media/pmx6.tar", "manual"),
        (SUMMED, f"{ONE}, copy not finished", "fail"),
        (SUMMED, f"/tmp/pmx6.tar {ONE}", "fail"),
        (SUMMED, f"will be copied, {ONE}", "manual"),
    ],
)
def test_the_media_is_the_declared_file_at_the_declared_place(
    deploy: Deploy, media: dict[str, str] | None, text: str, outcome: str
) -> None:
    assert answered(deploy, "install-media", text, media=media).outcome == outcome
    assert answered(deploy, "install-media", text, TODAY + timedelta(days=1), media=media).outcome == "manual"


def test_a_checksum_is_compared_in_any_case(deploy: Deploy) -> None:
    assert answered(deploy, "install-media", OTHER.upper(), media=MEDIA | {"sha256": OTHER}).outcome == "pass"


def test_without_a_declared_checksum_all_servers_have_the_file_of_the_first_one(deploy: Deploy) -> None:
    for sums in product((ONE, OTHER, None), repeat=3):
        servers = {f"s{place}": f"/m/pmx6.tar {own or ''}" for place, own in enumerate(sums, start=1)}
        answers = {"install-media": {"by": "B", "at": TODAY, "servers": servers}}
        site = deploy("database csm", "mta mail-filter", "euwi gwi", answers=answers)
        measure = next((own for own in sums if own), None)
        for name, own in zip(servers, sums, strict=True):
            expected = "pass" if own in (None, measure) else "fail"
            assert word(site, "install-media", name).outcome == expected


@pytest.mark.parametrize("check", ["backup-evidence", "restore-tested", "install-media"])
def test_after_the_upgrade_nobody_is_asked_for_what_was_needed_before(deploy: Deploy, check: str) -> None:
    (after,) = (row for row in judge(deploy("database csm"), {}, NOW, "after").findings if row.check == check)
    assert after.outcome == "not-applicable"
    for stage in set(get_args(Stage)) - {"after"}:
        assert word(deploy("database csm"), check, stage=stage).outcome == "manual"


def rehearsed(deploy: Deploy, **changes: Any) -> Word:
    tried = {"on": TODAY - timedelta(days=20), "by": "A", "result": "finished without an error"} | changes
    return word(deploy("database csm", rehearsal=tried), "rehearsal", None)


def test_a_rehearsal_counts_by_its_result_and_its_age(deploy: Deploy) -> None:
    assert rehearsed(deploy).outcome == "pass"
    assert rehearsed(deploy, result="aborted at the migration").outcome == "fail"
    assert rehearsed(deploy, result="database only").outcome == "manual"
    assert rehearsed(deploy, on=TODAY - REHEARSAL_AGE).outcome == "pass"
    assert rehearsed(deploy, on=TODAY - REHEARSAL_AGE - timedelta(days=1)).outcome == "fail"
    assert rehearsed(deploy, on=TODAY + timedelta(days=1)).outcome == "manual"
    none = deploy("database csm")
    assert word(none, "rehearsal", None).outcome == "manual"
    said = {"rehearsal": {"value": "no, there is no second machine", "by": "A", "at": TODAY}}
    assert word(deploy("database csm", answers=said), "rehearsal", None).outcome == "fail"


def test_what_the_rehearsal_measured_is_told(deploy: Deploy) -> None:
    figures = {"low": 1, "likely": 2, "high": 3}
    told = rehearsed(deploy, minutes={"backup": figures}, rates={"restore": {"files_per_minute": 10}}).observed
    assert "measured: minutes of backup, rate of restore" in told
    assert "no minutes from anywhere: migrate, upgrade" in told
    assert not any("way back" in line for line in told)
    assert any("way back" in line for line in rehearsed(deploy).observed)


def capacity(deploy: Deploy, peak: int | None, *capacities: int | None) -> Word:
    members = [f"s{place}" for place in range(2, 2 + len(capacities))]
    path: dict[str, Any] = {"name": "pool", "via": "lb", "members": members, "peak_per_hour": peak}
    site = deploy("database csm", *["mail-filter"] * len(capacities), mail_paths=[path])
    named = zip(members, capacities, strict=True)
    sized = {name: site.server(name).model_copy(update={"capacity_per_hour": each}) for name, each in named}
    servers = tuple(sized.get(server.name, server) for server in site.servers)
    return word(site.model_copy(update={"servers": servers}), "mail-filter-capacity", None)


def test_capacity_is_judged_for_each_member_out_in_turn_in_every_small_world(deploy: Deploy) -> None:
    for count in (1, 2, 3):
        for peak, *sizes in product((None, 0, 10), *[(None, 0, 5, 10)] * count):
            found = capacity(deploy, peak, *sizes)
            if peak is None or all(size is None for size in sizes):
                assert found.outcome == "not-applicable"
                continue
            worst = [  # the other members with what is not declared as nothing, and as boundless
                [sum(high if s is None else s for s in sizes[:out] + sizes[out + 1 :]) for high in (0, 1000)]
                for out in range(count)
            ]
            if any(most < peak for _, most in worst):
                assert found.outcome == "fail", (peak, sizes)
            elif any(least < peak for least, _ in worst):
                assert found.outcome == "unknown", (peak, sizes)
            else:
                assert found.outcome == "pass", (peak, sizes)


def test_capacity_never_blocks() -> None:
    assert BY_ID["mail-filter-capacity"].severity == "warning"
