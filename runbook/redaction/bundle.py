"""What the vendor's support or an outside board may see: facts, report and plan with pseudonyms, in one directory."""

import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from checker import __version__, files
from checker.errors import InputError
from checker.facts import facts_store
from checker.facts.host_facts import HostFacts
from checker.marks import FACTS, Kind
from checker.report import Report
from runbook.pages.sources import Edition
from runbook.render import writing

README = """Names, addresses, people, phone numbers, tickets, paths and texts are pseudonyms: the same word for the same
name throughout, and in another bundle that was made with the same key. Servers of one network are still in one network.
The key is not in here; whoever made this bundle has it and can say which name a pseudonym stands for. Figures, times,
versions, checks and the order of the servers are real. Verdict and outcomes are those of the real names.

report.json    every finding
plan.json      every step
facts/         what each server said
baseline/      what it said when the change was approved, where that was given
versions.json  what made it
"""


def check_place(directory: Path) -> None:
    """InputError where a bundle cannot be put there: something is there."""
    files.check_directory(directory)
    if directory.exists() and any(directory.iterdir()):
        raise InputError(f"{directory}: holds something already: name a directory that is new or empty")


def write_bundle(
    made: Edition,
    facts: Mapping[str, HostFacts],
    baseline: Mapping[str, HostFacts] | None,
    report: tuple[Kind, Iterable[str]],
    directory: Path,
) -> list[str]:
    """Writes what is redacted already, whole or not at all; returns the names of the files, sorted.

    InputError where the place is refused, OutputError where the system cannot write there; then nothing has changed.
    """
    check_place(directory)
    with files.whole_directory(directory) as place:
        for name, hosts in (("facts", facts), ("baseline", baseline)):
            for host in (hosts or {}).values():
                (place / name).mkdir(mode=0o700, exist_ok=True)
                files.write_whole(place / name / f"{host.server}.json", facts_store.text(host), FACTS)
        kind, text = report
        files.write_whole(place / "report.json", text, kind)
        writing.write(made, [place / "plan.json"], writing.Form())
        files.write_whole(place / "versions.json", json.dumps(_versions(made.report), indent=2) + "\n", None)
        files.write_whole(place / "README.txt", README, None)
        return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def _versions(report: Report) -> dict[str, str]:
    return {
        "tool": __version__,
        "rules": report.rules_version,
        "python": platform.python_version(),
        "system": platform.system(),
    }
