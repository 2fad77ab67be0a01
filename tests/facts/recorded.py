"""Recorded cases: what a host of a platform printed for a fact, and what is read from it.

`tests/facts/<fact>/<platform>[-more].txt` is the output of the command as the host printed it, its names and addresses
replaced by documentation ones; the `.json` beside it has what its fact then is:

    value     as it stands in a facts file; or `unknown`, a part of the reason why it is not seen
    unread    the rows that could not be read; none where it is left out
    command   of the fact's row the one that printed it; the first of the platform's where it is left out
    beside    other sections that its parser looks at, by their names: lines, or another case as `<fact>/<case>`
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from checker.facts.catalogue import CATALOGUE
from checker.facts.fact import Fact, Platform
from checker.facts.parsers.protocol import Section

FACTS = Path(__file__).parent
PLATFORMS: dict[str, str] = {name.lower(): name for name in get_args(Platform)}
KEYS = {"value", "unknown", "unread", "command", "beside"}


@dataclass(frozen=True)
class Case:
    """A recorded case by its place, `<fact>/<case>`."""

    place: str

    @property
    def fact(self) -> Fact[Any]:
        return CATALOGUE[self.place.partition("/")[0]]

    @property
    def platform(self) -> str:
        """The platform that the case is named after; of several that fit the longest, as of hp-ux."""
        name = self.place.partition("/")[2]
        fitting = [word for word in PLATFORMS if f"{name}-".startswith(f"{word}-")]
        assert fitting, f"{self.place} begins with no platform: {', '.join(PLATFORMS)}"
        return PLATFORMS[max(fitting, key=len)]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((FACTS / f"{self.place}.json").read_text())
        return said

    @property
    def commands(self) -> list[str]:
        """The commands by which its platform is asked for its fact."""
        return [way.words for way in self.fact.commands if not way.on or self.platform in way.on]

    @property
    def command(self) -> str:
        return str(self.said.get("command", self.commands[0]))

    @property
    def text(self) -> str:
        return (FACTS / f"{self.place}.txt").read_text()

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.splitlines())

    def section(self, name: str | None = None) -> Section:
        """What the probe would print of it, as the section of its fact or of that name."""
        return Section(name or self.fact.asked_as[0], self.command, 0, self.lines)

    @property
    def sections(self) -> dict[str, Section]:
        """Its own section, and those beside it."""
        return {self.section().name: self.section()} | {
            name: Case(other).section(name) if isinstance(other, str) else Section(name, "", 0, tuple(other))
            for name, other in self.said.get("beside", {}).items()
        }


def cases(fact: Fact[Any] | None = None) -> list[Case]:
    """Every case that is recorded, of one fact or of all, each found by one of its two files."""
    found = {path.relative_to(FACTS).with_suffix("") for path in FACTS.glob("*/*") if path.suffix in (".txt", ".json")}
    return [Case(str(place)) for place in sorted(found) if fact is None or place.parts[0] == fact.path]
