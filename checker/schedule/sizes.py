"""How much data a server holds, as it was measured, and which of it is moved that night."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from checker.facts.catalogue import PART_FILES, PART_KIB
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, seen
from checker.inputs.deployment import PARTS, Deployment, Part, Server

WORDS: dict[str, tuple[Part, ...]] = {
    "quarantine": ("quarantine",),
    "database": ("database",),
    "report": ("database",),  # report data is kept in PostgreSQL (documented: services, quarantine quick reference)
    "log": ("logs",),
    "config": ("configuration",),
    "polic": ("configuration",),
}


def chosen_parts(deployment: Deployment, server: Server) -> tuple[Part, ...]:
    """The parts of 5.6.1 that the chosen options bring over; an option that names none of them may bring any."""
    if deployment.migrates(server) is False:
        return ()
    parts: set[Part] = set()
    for option in deployment.options_on(server):
        named = deployment.migration.parts.get(option)
        if named is None:
            named = tuple(part for word, parts_ in WORDS.items() if word in option.casefold() for part in parts_)
        parts.update(named or PARTS)
    return tuple(part for part in PARTS if part in parts)


@dataclass(frozen=True)
class Sizes:
    """KiB and files by server and part of the 5.6.1 tree. What was not seen, or only in part, is not in it."""

    kib: Mapping[tuple[str, Part], int] = field(default_factory=dict)
    files: Mapping[tuple[str, Part], int] = field(default_factory=dict)


UNMEASURED = Sizes()


MEASURED = (PART_KIB, PART_FILES)  # what sizes, and all minutes that a rate makes of them, are read from


def measured(facts: Mapping[str, HostFacts]) -> Sizes:
    """The sizes that these facts tell, in KiB and files."""
    return Sizes(_known(facts, PART_KIB), _known(facts, PART_FILES))


def _known(facts: Mapping[str, HostFacts], kinds: Mapping[Part, Fact[int]]) -> dict[tuple[str, Part], int]:
    return {
        (name, part): size
        for name, host in facts.items()
        for part, fact in kinds.items()
        if (size := seen(host, fact)) is not None
    }
