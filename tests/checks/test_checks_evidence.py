"""What people answer about rehearsal, backup, restore and media: a no, an old day, another file never pass."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from judging import judge

from checker.checks import BY_ID
from checker.checks.evidence import BACKUP_AGE, REHEARSAL_AGE, RESTORE_AGE
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.inputs.answers import SavedPart
from checker.inputs.deployment import Deployment, Migration
from checker.report import Stage
from checker.schedule.common_tasks import opening
from checker.schedule.nights import nights_of

NOW = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
TODAY = date(2026, 12, 5)
ONE, OTHER = "1" * 64, "ab" * 32
Deploy = Callable[..., Deployment]


def word(deployment: Deployment, check: str, server: str | None = "s1", stage: Stage = "server") -> Word:
    case = Case(deployment, {}, None, NOW, stage)
    return ask(BY_ID[check], case, deployment.server(server) if server else None)


COPIED = {"result": "complete", "of": [*get_args(SavedPart)], "where": "bk1:/pmx", "finished": "2026-12-05T03:00"}
STAGED = {"path": "/srv/media/pmx6.tar", "opened": "yes"}
GOOD: dict[str, dict[str, Any]] = {"backup-evidence": COPIED, "restore-tested": COPIED, "install-media": STAGED}


def answered(
    deploy: Deploy, check: str, at: date = TODAY, by_server: dict[str, Any] | None = None, /, **fields: Any
) -> Word:
    answer = GOOD[check] | fields | {"by": "B. Example", "at": at, "servers": by_server or {}}
    said = {name: value for name, value in answer.items() if value is not None}
    return word(deploy("database csm", "mta mail-filter", answers={check: said}), check)


AGED = [("backup-evidence", BACKUP_AGE), ("restore-tested", RESTORE_AGE)]


@pytest.mark.parametrize(("check", "limit"), AGED)
def test_a_copy_counts_until_it_is_older_than_the_limit_and_never_from_the_future(
    deploy: Deploy, check: str, limit: timedelta
) -> None:
    minute = timedelta(minutes=1)
    for age, outcome in ((minute, "pass"), (limit, "pass"), (limit + minute, "fail"), (-minute, "manual")):
        finished = f"{NOW - age:%Y-%m-%dT%H:%MZ}"
        assert answered(deploy, check, finished=finished).outcome == outcome, (age, finished)
    nobody = word(deploy("database csm"), check)
    assert nobody.outcome == "manual" and f"{limit.days} days" in nobody.expected and "our limit" in nobody.expected


@pytest.mark.parametrize("check", ["backup-evidence", "restore-tested"])
def test_only_a_complete_copy_counts_whatever_the_note_says(deploy: Deploy, check: str) -> None:
    for result, outcome in (("complete", "pass"), ("partial", "fail"), ("failed", "fail")):
        for note in ("Backup OK, FD Errors: 0", "ended with exit code 1", "was deleted"):
            assert answered(deploy, check, result=result, note=note).outcome == outcome


@pytest.mark.parametrize("check", ["backup-evidence", "restore-tested", "install-media"])
def test_an_answer_of_tomorrow_is_none(deploy: Deploy, check: str) -> None:
    assert answered(deploy, check).outcome == "pass"
    early = answered(deploy, check, TODAY + timedelta(days=1))
    assert early.outcome == "manual" and "after this check (at: 2026-12-06)" in early.message


def test_a_backup_names_every_part_that_the_way_back_of_its_server_needs(deploy: Deploy) -> None:
    for lacking in get_args(SavedPart):
        rest = [part for part in get_args(SavedPart) if part != lacking]
        said = {**COPIED, "of": rest, "by": "B", "at": TODAY}
        site = deploy("database csm", "mail-filter", "euwi", answers={"backup-evidence": said})
        needs = {"database": ["s1"], "quarantine": ["s1", "s2", "s3"]}.get(lacking, ["s1", "s2", "s3"])
        options = {"script": True, "options": ["Database & Quarantine"]}
        for migration in (options, {"script": False}):
            if lacking == "quarantine" and migration != options:
                needs = ["s2"]
            judged = site.model_copy(update={"migration": Migration.model_validate(migration)})
            failing = [name for name in ("s1", "s2", "s3") if word(judged, "backup-evidence", name).outcome == "fail"]
            assert failing == needs, (lacking, migration)


def test_a_backup_that_is_stale_on_its_servers_own_night_is_asked_for_before(deploy: Deploy) -> None:
    windows = [{"start": f"2026-12-{day:02}T22:00", "end": f"2026-12-{day + 1:02}T05:00"} for day in (5, 8)]
    change = {"number": "C", "timezone": "Europe/Berlin", "windows": windows}
    said = {**COPIED, "finished": "2026-12-05T20:00", "by": "B", "at": TODAY}
    site = deploy(
        "database csm", "mta mail-filter", "mta mail-filter", change=change, answers={"backup-evidence": said}
    )
    later = nights_of(site)[1].servers
    assert later and len(nights_of(site)) == 2
    stages: tuple[tuple[Stage, str], ...] = (("two-days", "manual"), ("one-hour", "manual"), ("server", "pass"))
    for stage, outcome in stages:
        found = word(site, "backup-evidence", later[0], stage)
        assert found.outcome == outcome, stage
        assert outcome == "pass" or "3 days old when night 2 begins (2026-12-08 22:00)" in found.message
        assert word(site, "backup-evidence", "s1", stage).outcome == "pass"
    second = [task.form for task in opening(site, 2)]
    assert second.index("renew-backup") < second.index("recheck-reopen") and "renew-backup" not in (
        task.form for task in opening(site, 1)
    )


def test_a_restore_says_which_part_was_not_tried(deploy: Deploy) -> None:
    assert (
        "not tested: logs, configuration" in answered(deploy, "restore-tested", of=["database", "quarantine"]).observed
    )


def test_a_servers_own_answer_goes_before_the_one_for_all(deploy: Deploy) -> None:
    said = {**COPIED, "by": "B", "at": TODAY, "servers": {"s2": {"result": "failed"}}}
    both = deploy("database csm", "mta mail-filter", answers={"restore-tested": said})
    assert [word(both, "restore-tested", name).outcome for name in ("s1", "s2")] == ["pass", "fail"]


MEDIA = {"path": "/srv/media"}
SUMMED = MEDIA | {"sha256": ONE}


@pytest.mark.parametrize(
    ("media", "fields", "outcome"),
    [
        (None, {}, "pass"),
        (None, {"opened": "no"}, "fail"),
        (MEDIA, {}, "pass"),
        (MEDIA, {"path": "/srv/media"}, "pass"),
        (MEDIA, {"path": "/srv/media-old/pmx6.tar"}, "fail"),
        (MEDIA, {"opened": "no"}, "fail"),
        (SUMMED, {"sha256": ONE}, "pass"),
        (SUMMED, {"sha256": OTHER}, "fail"),
        (SUMMED, {}, "manual"),
        (SUMMED, {"sha256": ONE, "opened": "no"}, "fail"),
        (SUMMED, {"path": "/tmp/pmx6.tar", "sha256": ONE}, "fail"),
    ],
)
def test_the_media_is_the_declared_file_at_the_declared_place_and_was_opened(
    deploy: Deploy, media: dict[str, str] | None, fields: dict[str, str], outcome: str
) -> None:
    said = {**STAGED, **fields, "by": "B. Example", "at": TODAY}
    assert (
        word(deploy("database csm", answers={"install-media": said}, media=media), "install-media").outcome == outcome
    )


def test_a_checksum_is_compared_in_any_case(deploy: Deploy) -> None:
    said = {**STAGED, "sha256": OTHER.upper(), "by": "B", "at": TODAY}
    site = deploy("database csm", answers={"install-media": said}, media=MEDIA | {"sha256": OTHER})
    assert word(site, "install-media").outcome == "pass"


def test_without_a_declared_checksum_all_servers_have_the_file_of_the_first_one(deploy: Deploy) -> None:
    for sums in product((ONE, OTHER, None), repeat=3):
        servers = {f"s{place}": {"sha256": own} if own else {} for place, own in enumerate(sums, start=1)}
        answers = {"install-media": {**STAGED, "by": "B", "at": TODAY, "servers": servers}}
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
    tried = {"on": TODAY - timedelta(days=20), "by": "A", "result": "complete"} | changes
    return word(deploy("database csm", rehearsal=tried), "rehearsal", None)


def test_a_rehearsal_counts_by_its_result_and_its_age(deploy: Deploy) -> None:
    assert rehearsed(deploy, note="rolled back in 20 minutes, as planned").outcome == "pass"
    assert rehearsed(deploy, result="failed").outcome == "fail"
    assert rehearsed(deploy, result="partial").outcome == "fail"
    assert rehearsed(deploy, on=TODAY - REHEARSAL_AGE).outcome == "pass"
    assert rehearsed(deploy, on=TODAY - REHEARSAL_AGE - timedelta(days=1)).outcome == "fail"
    assert rehearsed(deploy, on=TODAY).outcome == "pass"
    assert rehearsed(deploy, on=TODAY + timedelta(days=1)).outcome == "manual"
    assert word(deploy("database csm"), "rehearsal", None).outcome == "manual"


def test_a_rehearsal_may_be_declared_as_the_answer_it_is(deploy: Deploy) -> None:
    figures = {"low": 1, "likely": 2, "high": 3}
    said = {"on": TODAY, "result": "complete", "minutes": {"backup": figures}, "by": "A", "at": TODAY}
    site = deploy("database csm", answers={"rehearsal": said})
    assert word(site, "rehearsal", None).outcome == "pass"
    assert site.rehearsed is not None and site.rehearsed.minutes["backup"].high == 3
    early = deploy("database csm", answers={"rehearsal": said | {"at": TODAY + timedelta(days=1)}})
    assert word(early, "rehearsal", None).outcome == "manual"


def test_what_the_rehearsal_measured_is_told(deploy: Deploy) -> None:
    figures = {"low": 1, "likely": 2, "high": 3}
    told = rehearsed(deploy, minutes={"backup": figures}, rates={"restore": {"files_per_minute": 10}}).observed
    assert "measured: minutes of backup, rate of restore" in told
    assert "no minutes known for: migrate, upgrade" in told
    assert not any("backout" in line for line in told)
    assert any("backout" in line for line in rehearsed(deploy).observed)


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
