"""What each field of the deployment file decides: taken away, of a wrong type, beside an unknown key, and changed."""

import copy
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from worlds import World, healthy

from checker.report import Stage
from single_faults import ALWAYS, BEFORE, LATER, NEVER, Row, rows

Path = tuple[str | int, ...]
MISSING = "the file must say it"
GUESS = "minutes of ours decide nothing"
# Which fields may be taken away, and at which stages the GO ends without them; all others are faults of the file.
WITHOUT: tuple[tuple[str, tuple[Stage, ...], str], ...] = (
    (r"change\.revision|change\.contacts|change\.contacts\.\d", NEVER, "nothing is judged by it"),
    (r"change\.contacts\.\d\.(phone|email)", NEVER, "a blank is printed"),
    (r"change\.support", LATER, "V10: how is the vendor called?"),
    (r"change\.support\.(phone|contract|case|hours)", NEVER, "the others lead to the vendor"),
    (r"paths(\.source|\.target)?", NEVER, "the documented places are the same"),
    (r"disk(\.installation_kib|\.headroom_percent)?", NEVER, "V04 is recommended; there is ample room"),
    (r"migration(\.script|\.options)?", BEFORE, "V06: what is migrated must be said"),
    (r"mail_paths(\.\d)?", NEVER, "a warning: it is interrupted, or nobody knows"),
    (r"procedure\.(drain|dump|stop|start|verify|test)(\.0)?", LATER, "V05: a blank on a sheet"),
    (r"procedure\.source", NEVER, "a note"),
    (r"procedure(\.(upgrade|migrate|backup)(\.0)?)?", BEFORE, GUESS),
    (r"procedure\.(upgrade|migrate|backup)\.0\.minutes", BEFORE, GUESS),
    (r"procedure\.\w+\.0\.(command|expect|minutes)", NEVER, "a line of the site without it"),
    (r"minutes(\.\w+)?", NEVER, "with ours it fits as well, and they do not decide"),
    (r"answers\.support-line", LATER, "V10: nobody has confirmed it"),
    (r"answers", BEFORE, "nobody has answered"),
    (r"answers\.source-version", BEFORE, "V05: nobody has read it"),
    (r"answers\.install-media", LATER, "V23: nobody has looked"),
    (r"answers\.restore-tested", NEVER, "a warning"),
    (r"answers\.backup-evidence", ("server",), "no way back"),
    (r"answers\.notices-sent", NEVER, "a warning"),
    (r"answers\.install-media\.sha256", LATER, "V23: the declared file is told by its checksum"),
    (r"media(\.sha256)?|rehearsal(\.note|\.minutes)?", NEVER, "nothing to compare, or to count on"),
    (r"owners(\..+)?|servers\.\d+\.capacity_per_hour|mail_paths\.\d\.(peak_per_hour|direction)", NEVER, "a note"),
    (r"servers\.\d+\.(hostname|addresses|first)", NEVER, "what is not declared is taken from the baseline"),
)


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _walk(inner, (*path, key))


def _at(root: Any, path: Path) -> Any:
    for key in path:
        root = root[key]
    return root


def _roomy(w: World) -> None:
    """Windows in which everything fits with our minutes as well."""
    for window in w.deployment["change"]["windows"]:
        window["end"] = (datetime.fromisoformat(window["end"]) + timedelta(hours=6)).isoformat()


def _without(path: Path) -> Callable[[World], object]:
    return lambda w: _at(w.deployment, path[:-1]).__delitem__(path[-1])


def _set(path: Path, value: Any) -> Callable[[World], object]:
    return lambda w: _at(w.deployment, path[:-1]).__setitem__(path[-1], copy.deepcopy(value))


def taken_away(sample: str = "county-mail") -> Iterator[Row]:
    """Each field and each item of a list, one at a time."""
    for path, _ in _walk(healthy("change", sample).deployment):
        if path[0] == "servers" and len(path) == 2:
            continue  # another deployment: its facts are of a stranger
        name = ".".join(map(str, path))
        known = next((row for row in WITHOUT if re.fullmatch(row[0], name)), None)
        if known is None and isinstance(path[-1], int):
            continue  # one of several values of a list: told by its own rows
        ends, why = known[1:] if known else (NEVER, MISSING)
        yield from rows(
            "fields taken away", name, _without(path), ends, why, sample=sample, stages=BEFORE, fault=known is None,
            base=_roomy,
        )  # fmt: skip


def of_a_wrong_type(sample: str = "county-mail") -> Iterator[Row]:
    """A mapping where a value or a list belongs, a value where more belongs, and an unknown key in each mapping."""
    area, why = "fields of a wrong type", "what is not understood is not taken for something"
    for path, value in _walk(healthy("change", sample).deployment):
        name = ".".join(map(str, path))
        wrong: Any = "nonsense" if isinstance(value, dict | list) else {"nonsense": ["x"]}
        yield from rows(area, name, _set(path, wrong), NEVER, why, sample=sample, stages=("change",), fault=True)
        if isinstance(value, dict):
            yield from rows(
                area,
                f"{name}.nonsense",
                _set((*path, "nonsense"), "x"),
                NEVER,
                why,
                sample=sample,
                stages=("change",),
                fault=True,
            )


def _field(name: str, value: Any) -> Callable[[World], object]:
    return _set(tuple(int(part) if part.isdigit() else part for part in name.split("/")), value)


def _window(start: str, end: str) -> Callable[[World], object]:
    return _field("change/windows", [{"start": start, "end": end}])


def said_otherwise() -> Iterator[Row]:
    """Fields that say something else: what ends the GO, what does not, and what is a fault of the file."""
    area = "fields that say otherwise"
    ending: tuple[tuple[str, Callable[[World], object], tuple[Stage, ...], str], ...] = (
        ("a window of an hour", _window("2026-12-05T22:00", "2026-12-05T23:00"), BEFORE, "it does not fit"),
        ("another host name", _field("servers/1/hostname", "relay.example.net"), BEFORE, "V07"),
        ("an address that it does not have", _field("servers/1/addresses", ["192.0.2.77"]), BEFORE, "V07"),
        ("two databases", _field("servers/1/roles", ["database", "mta", "mail-filter"]), BEFORE, "V11"),
        ("no database", _field("servers/0/roles", ["csm", "euwi", "gwi"]), BEFORE, "V11"),
        ("no CSM", _field("servers/0/roles", ["database", "euwi", "gwi"]), BEFORE, "V12"),
        ("the web interface is not declared", _field("servers/0/roles", ["database", "csm"]), BEFORE, "V02"),
        ("other options on one server", _field("servers/1/migration", {"options": ["Logs"]}), BEFORE, "V06"),
        ("no script on one server", _field("servers/2/migration", {"script": "false"}), BEFORE, "V06"),
        ("an installation of 100 GiB", _field("disk/installation_kib", str(100 * 1024**2)), LATER, "V04"),
        ("a headroom of 1000 percent", _field("disk/headroom_percent", "1000"), LATER, "the site's own demand"),
        ("an option that nobody knows", _field("migration/options", ["Everything"]), NEVER, "it may bring any part"),
        (
            "the migration is left out",
            _field("migration", {"script": "false"}),
            NEVER,
            "chosen, and the same everywhere",
        ),
        ("another place for the backup", lambda w: w.path("backup", "/opt/save"), NEVER, "it fits"),
        (
            "one path alone",
            _field("mail_paths", [{"name": "in", "via": "lb", "members": ["mx1", "mx2"]}]),
            NEVER,
            "a warning",
        ),
        ("another deployment's name", _field("deployment", "other"), BEFORE, "the facts are not of this one"),
    )
    for name, change, ends, why in ending:
        yield from rows(area, name, change, ends, why, stages=BEFORE)
    faults: tuple[tuple[str, Callable[[World], object]], ...] = (
        ("a window that ends before it begins", _window("2026-12-06T06:00", "2026-12-05T22:00")),
        ("a window on a day that is not there", _window("2026-02-30T22:00", "2026-12-06T06:00")),
        ("no such time zone", _field("change/timezone", "Europe/Atlantis")),
        ("the target is the source", _field("paths/target", "/opt/pmx")),
        ("the target lies in the source", _field("paths/target", "/opt/pmx/v6")),
        ("a path that is not absolute", _field("paths/target", "opt/pmx6")),
        ("two servers of one name", _field("servers/2/name", "mx1")),
        ("two servers of one host name", _field("servers/2/hostname", "mx1.example.net")),
        ("one address twice", _field("servers/2/addresses", ["192.0.2.21"])),
        ("no such role", _field("servers/2/roles", ["mailfilter"])),
        ("no role", _field("servers/2/roles", [])),
        ("two that come first", _field("servers/2/first", "true")),
        ("a path with a stranger", _field("mail_paths/0/members", ["mx1", "mx9"])),
        ("a path over a server that carries no mail", _field("mail_paths/0/members", ["mx1", "db1"])),
        ("minutes that fall", _field("minutes/soak", {"low": "9", "likely": "5", "high": "7"})),
        ("an answer to no check", _field("answers/backup", {"by": "A. Example", "at": "2026-12-01"})),
        ("an owner of no check", _field("owners", {"backup": "A. Example"})),
        (
            "a waiver of what cannot be waived",
            _field(
                "waivers",
                [
                    {
                        "check": "identity-unique",
                        "observed": "x",
                        "reason": "r",
                        "by": "A. Example",
                        "ticket": "C",
                        "until": "2026-12-31",
                    }
                ],
            ),
        ),
        ("an upgrade of 0 minutes", _field("procedure/upgrade/0/minutes", {"low": "0", "likely": "0", "high": "0"})),
    )
    for name, change in faults:
        yield from rows(area, name, change, ALWAYS, "a slip of the pen", stages=("change", "server"), fault=True)
