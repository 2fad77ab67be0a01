"""What people's answers and waivers decide."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from worlds import World

from checker.report import Stage
from single_faults import AFTER, BEFORE, LATER, NEVER, Row, rows

TOMORROW, COPIED = "2026-12-07", ["database", "quarantine", "logs", "configuration"]
SERVER: tuple[Stage, ...] = ("server",)


def said(check: str, **fields: Any) -> Callable[[World], object]:
    """An answer with other fields."""

    def change(w: World) -> None:
        given = w.deployment["answers"].setdefault(check, {"by": "A. Example", "at": "2026-12-04"})
        given |= copy.deepcopy(fields)

    return change


def _root(**fields: Any) -> Callable[[World], object]:
    def change(w: World) -> None:
        w.value("mx1", "privilege.euid", 1001)
        said("root-access", **fields)(w)

    return change


def _apart(**fields: Any) -> Callable[[World], object]:
    def change(w: World) -> None:
        w.server("db1")["roles"] = ["database", "euwi", "gwi"]
        w.server("mx2")["roles"] = ["csm", "mta", "mail-filter"]
        if fields:
            said("database-csm-together", **fields)(w)

    return change


def _unreachable(**fields: Any) -> Callable[[World], object]:
    def change(w: World) -> None:
        w.unknown("mx1", "target.database_port")
        if fields:
            said("after-database-reachable", at="2026-12-06", **fields)(w)

    return change


def answers() -> Iterator[Row]:
    """Each answer in the values that it can have, and in free text as it used to be."""
    area = "answers"
    told: tuple[tuple[str, Callable[[World], object], tuple[Stage, ...], str], ...] = (
        ("version 5.5", said("source-version", version="5.5"), BEFORE, "V05: only 5.6.1 is upgraded"),
        ("version 5.6.10", said("source-version", version="5.6.10"), BEFORE, "V05: only 5.6.1 is upgraded"),
        ("5.6.1 with a build", said("source-version", version="PureMessage 5.6.1 (build 2065439)"), NEVER, "V05"),
        ("one server is of 5.5", said("source-version", servers={"mx2": {"version": "5.5"}}), BEFORE, "V05"),
        ("an answer of tomorrow", said("source-version", at=TOMORROW), BEFORE, "nobody knows tomorrow"),
        ("media not opened", said("install-media", opened="no"), LATER, "V23"),
        ("media not opened on one", said("install-media", servers={"mx2": {"opened": "no"}}), LATER, "V23"),
        ("two files", said("install-media", sha256="a" * 64, servers={"mx2": {"sha256": "b" * 64}}), LATER, "V23"),
        ("one file by its checksum", said("install-media", sha256="a" * 64), NEVER, "V23"),
        ("no support", said("support-line", confirmed="no"), LATER, "V10"),
        ("support confirmed tomorrow", said("support-line", at=TOMORROW), LATER, "V10"),
        ("nobody becomes root", _root(confirmed="no"), LATER, "V01"),
        ("nobody becomes root, read as root", said("root-access", confirmed="no"), LATER, "V01: a person says no"),
        ("who becomes root", _root(confirmed="yes", who="A. Example", how="su -"), NEVER, "V01"),
        ("a failed backup", said("backup-evidence", result="failed"), SERVER, "no way back"),
        ("half a backup", said("backup-evidence", result="partial"), SERVER, "no way back"),
        ("a backup of 2024", said("backup-evidence", finished="2024-01-01T03:00"), SERVER, "no way back"),
        ("a backup of tomorrow", said("backup-evidence", finished=f"{TOMORROW}T03:00"), SERVER, "no way back"),
        *((f"a backup without {part}", said("backup-evidence", of=[each for each in COPIED if each != part]), SERVER,
           "what is lost is lost") for part in COPIED),
        ("a failed restore", said("restore-tested", result="failed"), NEVER, "a warning"),
        ("a rehearsal that failed", lambda w: w.deployment.update(
            rehearsal={"on": "2026-11-20", "by": "A. Example", "result": "failed"}), NEVER, "V21: a warning"),
        ("Database and CSM apart", _apart(), BEFORE, "V12"),
        ("apart, with a case alone", _apart(case="01234567", documented_path="no"), BEFORE, "V12"),
        ("the database cannot be tried", _unreachable(), AFTER, "V17: nobody has looked"),
        ("the database is not reached", _unreachable(confirmed="no"), AFTER, "V17"),
        ("the database is reached", _unreachable(confirmed="yes", how="psql from there"), NEVER, "V17: seen"),
    )  # fmt: skip
    for name, change, ends, why in told:
        yield from rows(area, name, change, ends, why)
    for check in ("source-version", "install-media", "backup-evidence", "restore-tested", "support-line"):
        for name, form in (
            ("as free text", {"value": "it is well"}),
            ("as free text by server", {"servers": {"mx1": "x"}}),
            ("with a field of its own", {"certain": "yes"}),
        ):
            yield from rows(area, f"{check} {name}", _instead(check, form), NEVER, "free text decides nothing",
                            stages=("change",), fault=True)  # fmt: skip
        yield from rows(area, f"{check} with a note that says no", said(check, note="it failed, do not go"), NEVER,
                        "a note decides nothing")  # fmt: skip


def _instead(check: str, form: dict[str, Any]) -> Callable[[World], object]:
    def change(w: World) -> None:
        given = w.deployment["answers"][check]
        kept = {key: given[key] for key in ("by", "at")}
        w.deployment["answers"][check] = kept | form if "certain" not in form else given | form

    return change


def _earlier_attempt(w: World) -> None:
    w.value("mx1", "target.entries", [{"name": "bin", "kind": "directory", "target": None}])


def _too_short(w: World) -> None:
    w.deployment["change"]["windows"] = [{"start": "2026-12-05T22:00", "end": "2026-12-06T00:00"}]


GIVEN = {"reason": "known", "by": "C. Example", "ticket": "CHG9", "until": "2026-12-06"}
HOLDS = {"check": "target-absent", "server": "mx1", "observed": "/opt/pmx6 already holds bin"}


def _waived(**fields: Any) -> Callable[[World], object]:
    said = {key: value for key, value in (GIVEN | HOLDS | fields).items() if value is not None}
    return lambda w: w.deployment.update(waivers=[dict(said)])


def waivers() -> Iterator[Row]:
    """A waiver for the whole observed line holds; any other does not."""
    for name, change, ends in (
        ("none", lambda w: None, LATER),
        ("for the whole line", _waived(), NEVER),
        ("for the whole line in other letters", _waived(observed="/OPT/PMX6 already  holds bin"), NEVER),
        ("for a part of the line", _waived(observed="already holds"), LATER),
        ("for a letter", _waived(observed="e"), LATER),
        ("for more than the line", _waived(observed="/opt/pmx6 already holds bin, etc"), LATER),
        ("for another server", _waived(server="mx2"), LATER),
        ("for no server", _waived(server=None), LATER),
        ("for another check", _waived(check="root-access"), LATER),
        ("to the day before the window's end", _waived(until="2026-12-05"), LATER),
        ("of last year", _waived(until="2025-12-31"), LATER),
        ("to the end of the year", _waived(until="2026-12-31"), NEVER),
        ("for a number that there is not", _waived(observed=None, at_most="80 minutes"), LATER),
    ):  # fmt: skip
        yield from rows("waivers", f"an earlier attempt, waived {name}", change, ends,
                        "a decision for what was seen, until a day", base=_earlier_attempt, stages=BEFORE)  # fmt: skip
    for name, change in (
        ("what cannot be waived", _waived(check="source-present", observed="x")),
        ("two of its forms", _waived(at_most="80 minutes")),
        ("nothing", _waived(observed=None)),
        ("a check that there is not", _waived(check="target")),
        ("a server that there is not", _waived(server="mx9")),
        ("without a ticket", _waived(ticket=None)),
    ):
        yield from rows("waivers", f"a waiver of {name}", change, NEVER, "a slip of the pen", stages=("server",),
                        fault=True)  # fmt: skip


def bounds() -> Iterator[Row]:
    """A bound holds up to the value that was accepted."""
    for name, change, ends in (
        ("10000 minutes", _waived(check="window-fits", server=None, observed=None, at_most="10000 minutes"), NEVER),
        ("1 minute", _waived(check="window-fits", server=None, observed=None, at_most="1 minutes"), BEFORE),
        ("10000 hours", _waived(check="window-fits", server=None, observed=None, at_most="10000 hours"), BEFORE),
        ("at least 1 minute", _waived(check="window-fits", server=None, observed=None, at_least="1 minutes"), BEFORE),
    ):
        yield from rows("waivers", f"a window that is too short, waived to {name}", change, ends,
                        "a worse value ends it", base=_too_short, stages=("change", "two-days"))  # fmt: skip
