"""What the probe tells of a finished server: the new tree is looked into once it is there, and not before."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_probe import at, in_every_shell, output, said, text_of
from this_machine import open_place

from checker.facts.catalogue import (
    NEW_DATABASE_PORT,
    NEW_DATABASE_TARGET,
    NEW_PART_FILES,
    NEW_PART_KIB,
    NEW_PARTS,
    NEW_STARTERS,
    PART_FILES,
)
from checker.facts.host_facts import Known
from checker.facts.parsers.protocol import Output
from checker.facts.probe.reading import facts_of
from checker.facts.probe.sections import NAMES
from checker.inputs.deployment import Deployment

MANIFEST = ("quarantine", "logs", "database", "configuration", "queue")  # of the old tree alone
NEW = {name for name in NAMES if name.startswith("target.")} - {"target.entries", "target.mount_point"}


place = pytest.fixture(scope="module")(open_place)


@pytest.fixture(scope="module")
def upgraded(place: Path) -> Deployment:
    """Both trees side by side, the new database behind the product's own links."""
    root = place / "both"
    for number in range(3):
        message = root / f"pmx/var/qdir/cur/{number}"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_bytes(b"m" * 5000)
    for number in range(5):
        message = root / f"pmx6/var/qdir/cur/{number}"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_bytes(b"m" * 9000)
    data = root / "pmx6/postgres-9.3/var/data"
    data.mkdir(parents=True)
    (data / "base").write_bytes(b"d" * 200_000)
    (root / "pmx6/etc/alternatives").mkdir(parents=True)
    (root / "pmx6/etc/alternatives/postgres").symlink_to("../../postgres-9.3")
    (root / "pmx6/postgres").symlink_to("etc/alternatives/postgres")
    (root / "pmx6/etc/pmx.d").mkdir()
    (root / "pmx6/etc/pmx.d/pmdb.conf").write_text("type = Pg\nhost = 127.0.0.1\nport = 1\npassword = secret\n")
    return at(root)


def facts(of: Output, deployment: Deployment) -> dict[str, Any]:
    return dict(facts_of(of, deployment, deployment.servers[0])[0])


@in_every_shell
def test_every_shell_counts_the_new_tree_as_it_is(name: str, upgraded: Deployment, place: Path) -> None:
    seen = output(name, text_of(upgraded))
    du = subprocess.run(["du", "-skx", f"{place}/both/pmx6/postgres/."], capture_output=True, text=True, check=True)
    assert said(seen, "target.parts.quarantine.files") == ("total 5",)
    assert said(seen, "target.parts.database.kib") == (f"total {du.stdout.split()[0]}",)
    assert said(seen, "parts.quarantine.files") == ("total 3",)
    assert said(seen, "target.database_target") == ("type = Pg", "host = 127.0.0.1", "port = 1")
    assert [row.split()[0] for row in said(seen, "puremessage.manifest")] == list(MANIFEST)
    assert not [section.name for section in seen.sections.values() if section.stopped]
    assert seen.get("target.starters") is not None


def test_the_new_tree_becomes_facts_of_its_own(upgraded: Deployment) -> None:
    found = facts(output("dash", text_of(upgraded)), upgraded)
    assert found[NEW_PART_FILES["quarantine"].path].value == 5
    assert found[NEW_PART_KIB["database"].path].value >= 200
    assert found[PART_FILES["quarantine"].path].value == 3
    assert found[NEW_DATABASE_TARGET.path].value == {"kind": "Pg", "host": "127.0.0.1", "port": 1, "name": None}
    port = found[NEW_DATABASE_PORT.path]
    assert not isinstance(port, Known) or port.value is False, "nothing listens there; without a tool it is unknown"
    assert isinstance(found[NEW_STARTERS.path], Known)


def nothing(root: Path) -> None:
    """No tree at all."""


def empty(root: Path) -> None:
    (root / "pmx6").mkdir()


def fresh(root: Path) -> None:
    (root / "pmx6/lost+found").mkdir(parents=True)


def dangling(root: Path) -> None:
    (root / "pmx6").symlink_to("/not/mounted")


@pytest.mark.parametrize("make", [nothing, empty, fresh, dangling])
def test_nothing_is_looked_for_in_a_tree_that_is_not_there_yet(make: Callable[[Path], None], place: Path) -> None:
    root = place / make.__name__
    (root / "pmx/var/qdir").mkdir(parents=True)
    make(root)
    deployment = at(root)
    seen = output("dash", text_of(deployment))
    assert not NEW & set(seen.sections)
    found = facts(seen, deployment)
    assert all(not isinstance(found[NEW_PART_FILES[part].path], Known) for part in NEW_PARTS)
