"""What an ordinary user may not see is unknown, never small and never absent."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from this_machine import open_place

from checker.facts.catalogue import EUID, PART_FILES, PART_KIB, PART_MOUNT, SOURCE_ENTRIES, TARGET_ENTRIES
from checker.facts.collect.local import collect
from checker.facts.host_facts import HostFacts, NotSeen, Unknown, read
from checker.inputs.deployment import Deployment, Paths
from checker.inputs.deployment_file import load

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "samples" / "this-host.yaml"
NOBODY = 65534

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user"),
    # newer Pythons warn of a fork beside threads; a program of its own is one that nobody may perhaps not read
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


place = pytest.fixture(open_place)


@pytest.fixture
def here(place: Path) -> Deployment:
    """A deployment on this machine with a quarantine of two directories."""
    for folder in ("var/qdir/cur", "var/qdir/tmp", "var/log", "etc"):
        (place / "pmx" / folder).mkdir(parents=True)
        (place / "pmx" / folder / "some").write_bytes(b"m" * 20_000)
    paths = Paths(source=f"{place}/pmx", target=f"{place}/pmx6")
    return load(SAMPLE).model_copy(update={"paths": paths})


def test_a_directory_that_may_not_be_read_gives_a_lower_bound_and_no_value(place: Path, here: Deployment) -> None:
    (place / "pmx" / "var" / "qdir" / "cur").chmod(0o700)
    facts = collected_as_nobody(here)
    quarantine = facts.facts["parts.quarantine.kib"]
    assert isinstance(quarantine, Unknown)
    assert "Permission denied" in quarantine.unknown
    assert isinstance(quarantine.partial, int)
    assert 0 < quarantine.partial < read(collected(here), PART_KIB["quarantine"])
    assert read(facts, EUID) == NOBODY


def test_a_closed_root_is_unknown_and_never_absent(place: Path, here: Deployment) -> None:
    (place / "pmx").chmod(0o700)
    facts = collected_as_nobody(here)
    for fact in (SOURCE_ENTRIES, PART_KIB["quarantine"], PART_FILES["logs"], PART_MOUNT["logs"]):
        with pytest.raises(NotSeen, match="Permission denied"):
            read(facts, fact)
    assert read(facts, TARGET_ENTRIES) is None


def collected(here: Deployment) -> HostFacts:
    return collect(here.servers[0], here, NOW)[0]


def collected_as_nobody(here: Deployment) -> HostFacts:
    """What an ordinary user's own process collects; the facts are handed over through a pipe."""

    def collect_there() -> str:
        become_nobody()
        return collected(here).model_dump_json()

    return HostFacts.model_validate_json(from_child(collect_there))


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def from_child(work: Callable[[], str]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                pipe.write(work())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text
