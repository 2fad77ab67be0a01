"""What the parser of one section has to know of a host's other sections, and of what was declared for it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from checker.facts.parsers import mounts, network, platform, puremessage, storage
from checker.facts.parsers.parsed import REFUSED
from checker.facts.parsers.protocol import Output, Section
from checker.inputs.deployment import Deployment

T = TypeVar("T")

POSTGRESQL = 5432  # PostgreSQL's own; which port the product uses is known only where pmdb.conf says so


@dataclass(frozen=True)
class WholeOutput:
    """All that one host printed. What cannot be read of it here is empty: the fact of that section says why."""

    output: Output
    deployment: Deployment

    @functools.cached_property
    def spoken(self) -> Sequence[str] | None:
        """The name as the command hostname says it, beside `uname -n`; None where it did not."""
        names = self.output.get("identity.hostname")
        return names.lines if names and names.status == 0 else None

    @functools.cached_property
    def system(self) -> str:
        """What `uname -s` prints."""
        return self._text("platform.uname").partition("\n")[0]

    @functools.cached_property
    def release(self) -> str:
        """The whole file that names the distribution."""
        return self._text("platform.distribution")

    @functools.cached_property
    def clock(self) -> datetime | None:
        """The host's time."""
        said = self._ended("platform.clock")
        return self._read(said, lambda lines: platform.clock(lines).value, None)

    @functools.cached_property
    def own(self) -> tuple[network.Own, ...]:
        """The addresses on all interfaces."""
        said = self.output.get("identity.addresses")
        return self._read(said, lambda lines: network.own(lines, said.command if said else "").value, ())

    @functools.cached_property
    def types(self) -> Mapping[str, str]:
        """The type of the file system at each mount point, by whichever command says it."""
        nothing: dict[str, str] = {}
        by_df = self._read(self.output.get("storage.types"), lambda lines: storage.types_of(lines).value, nothing)
        table = self.output.get("storage.mounts")
        by_mount = self._read(table, lambda lines: storage.types_by_point(mounts.mounts(lines).value), nothing)
        return by_df | by_mount

    @functools.cached_property
    def mount_points(self) -> frozenset[str]:
        """Where file systems are mounted."""
        table = self.output.get("storage.mounts")
        return self._read(
            table, lambda lines: frozenset(row.mount_point for row in mounts.mounts(lines).value), frozenset()
        )

    @functools.cached_property
    def database_port(self) -> int:
        """The port of the database that pmdb.conf names, else PostgreSQL's own."""
        said = self._ended("puremessage.database_target")
        return self._read(said, lambda lines: puremessage.database_target(lines).value.port, None) or POSTGRESQL

    def _text(self, name: str) -> str:
        section = self.output.get(name)
        return section.text if section else ""

    def _ended(self, name: str) -> Section | None:
        """A section that says all it was asked for: its command ended well, and nothing was refused."""
        section = self.output.get(name)
        if section is None or section.status != 0 or any(line.startswith(REFUSED) for line in section.lines):
            return None
        return section

    @staticmethod
    def _read(section: Section | None, parse: Callable[[Sequence[str]], T], nothing: T) -> T:
        try:
            return parse(section.lines) if section else nothing
        except Exception:
            return nothing
