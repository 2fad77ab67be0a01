"""Worlds of the checks that only people can answer."""

from collections.abc import Callable
from typing import Any

from worlds import World

from check_cases import case


def _said(w: World, check: str, **fields: Any) -> None:
    w.deployment["answers"][check] |= fields


def without_answer(check: str) -> Callable[[World], None]:
    """A change that takes an answer away."""

    def change(w: World) -> None:
        del w.deployment["answers"][check]

    return change


for check in ("source-version", "install-media", "support-line", "backup-evidence", "restore-tested", "notices-sent"):
    on = None if check in ("support-line", "notices-sent") else "mx1"
    nobody = without_answer(check)
    nobody.__name__ = "nobody_has_answered"
    case(check, "manual", on=on)(nobody)


@case("source-version", "fail", on="mx1")
def a_version_that_is_not_upgraded(w: World) -> None:
    _said(w, "source-version", servers={"mx1": {"version": "5.5"}})


@case("source-version", "pass", on="mx1")
def a_version_with_its_build(w: World) -> None:
    _said(w, "source-version", servers={"mx1": {"version": "PureMessage 5.6.1 (build 2065439)"}})


@case("source-version", "manual", on="mx1")
def an_answer_of_tomorrow(w: World) -> None:
    _said(w, "source-version", at="2026-12-06")


@case("install-media", "fail", on="mx1")
def media_that_does_not_open(w: World) -> None:
    _said(w, "install-media", servers={"mx1": {"opened": "no"}})


@case("install-media", "fail", on="mx2")
def another_file_than_on_the_others(w: World) -> None:
    _said(w, "install-media", sha256="a" * 64, servers={"mx2": {"sha256": "b" * 64}})


@case("install-media", "fail", on="mx1")
def media_outside_the_declared_place(w: World) -> None:
    w.deployment["media"] = {"path": "/srv/installation"}


@case("install-media", "manual", on="mx1")
def no_checksum_to_compare_with_the_declared_one(w: World) -> None:
    w.deployment["media"] = {"path": "/srv/media", "sha256": "a" * 64}


@case("support-line", "fail")
def the_line_does_not_answer_at_night(w: World) -> None:
    _said(w, "support-line", confirmed="no")


@case("support-line", "pass")
def support_has_ended_for_good(w: World) -> None:
    w.deployment["answers"]["support-line"] = {
        "ended": {"accepted_by": "C. Example", "ticket": "CHG9"}, "by": "A. Example", "at": "2026-12-01",
    }  # fmt: skip


@case("support-line", "manual")
def nobody_knows_the_number(w: World) -> None:
    w.deployment["change"]["support"] = {"hours": "24x7"}


@case("root-access", "fail", on="mx1")
def root_is_refused(w: World) -> None:
    w.deployment["answers"]["root-access"] = {"confirmed": "no", "by": "A. Example", "at": "2026-12-04"}


@case("root-access", "pass", on="mx1")
def a_person_becomes_root(w: World) -> None:
    w.value("mx1", "privilege.euid", 1001)
    w.deployment["answers"]["root-access"] = {
        "confirmed": "yes", "who": "A. Example", "how": "su -", "by": "A. Example", "at": "2026-12-04",
    }  # fmt: skip


@case("backup-evidence", "fail", on="mx1")
def a_backup_that_failed(w: World) -> None:
    _said(w, "backup-evidence", result="failed")


@case("backup-evidence", "fail", on="mx1")
def a_backup_without_the_quarantine(w: World) -> None:
    _said(w, "backup-evidence", of=["database", "logs", "configuration"])


@case("backup-evidence", "fail", on="mx1")
def a_backup_of_last_year(w: World) -> None:
    _said(w, "backup-evidence", finished="2025-12-04T03:00")


@case("backup-evidence", "manual", on="mx1")
def a_backup_that_ends_tomorrow(w: World) -> None:
    _said(w, "backup-evidence", finished="2026-12-06T03:00")


@case("restore-tested", "fail", on="mx1")
def a_restore_that_failed(w: World) -> None:
    _said(w, "restore-tested", result="failed")


@case("restore-tested", "fail", on="mx1")
def a_restore_of_last_year(w: World) -> None:
    _said(w, "restore-tested", finished="2025-11-16T16:00")


def _tried(w: World, **more: Any) -> None:
    w.deployment["rehearsal"] = {"on": "2026-11-20", "by": "A. Example", "result": "complete"} | more


@case("rehearsal", "pass", before="manual")
def a_complete_rehearsal(w: World) -> None:
    _tried(w)


@case("rehearsal", "fail", before="manual")
def a_rehearsal_that_rolled_back(w: World) -> None:
    _tried(w, result="failed")


@case("rehearsal", "fail", before="manual")
def a_rehearsal_of_last_year(w: World) -> None:
    _tried(w, on="2025-11-20")


@case("database-csm-together", "pass")
def apart_on_a_way_that_the_vendor_has_written_down(w: World) -> None:
    w.server("db1")["roles"] = ["database", "euwi", "gwi"]
    w.server("mx2")["roles"] = ["csm", "mta", "mail-filter"]
    w.deployment["answers"]["database-csm-together"] = {
        "case": "01234567", "documented_path": "yes", "by": "A. Example", "at": "2026-12-01",
    }  # fmt: skip


@case("notices-sent", "fail")
def an_earlier_notice_was_forgotten(w: World) -> None:
    _said(w, "notices-sent", which=["1", "3"])
