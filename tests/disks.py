"""Servers whose disks are all that is known of them, for the tests of what fits where."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import BACKUP_MOUNT, OWN_ROWS, PART_APPARENT_KIB, PART_KIB, PART_MOUNT, SPACE, TARGET_MOUNT
from checker.facts.fact_values import OwnRow, Space
from checker.facts.host_facts import HostFacts, Known, Unknown, known
from checker.inputs.deployment import PARTS, Deployment, Part

NOW = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
Facts = dict[str, Known | Unknown]
Table = tuple[str, str, str, int, int]  # mount point, device, type, total and available KiB


def deployment(*names: str, **more: Any) -> Deployment:
    """Servers that each put 1000 KiB of installation and their quarantine on the target; no headroom, no errors."""
    window = {"start": "2026-12-05T22:00", "end": "2026-12-06T04:00"}
    declared = {
        "deployment": "d",
        "change": {"number": "C1", "timezone": "UTC", "windows": [window]},
        "migration": {"script": True, "options": ["Quarantine"]},
        "servers": [{"name": name, "roles": ["mta", "mail-filter"]} for name in names or ("a",)],
    }
    disk = {"installation_kib": 1000, "headroom_percent": 0, "log_errors_kib_per_hour": 0}
    return Deployment.model_validate(declared | more | {"disk": disk | more.get("disk", {})})


def facts(
    *rows: Table,
    target: str = "/opt",
    backup: str = "/backup",
    part: str = "/opt",
    kib: Mapping[Part, int] | None = None,
    apparent: Mapping[Part, int] | None = None,
    own: tuple[tuple[str, str, int, int], ...] = (),
) -> Facts:
    """The facts of disks; 500 KiB of quarantine where no other sizes are given, and as many bytes as it takes."""
    given: Mapping[Part, int] = kib or {"quarantine": 500}
    sizes: dict[Part, int] = {**dict.fromkeys(PARTS, 0), **given}
    table = tuple(
        Space(mount_point=at, device=device, type=kind, total_kib=total, available_kib=left)
        for at, device, kind, total, left in rows
    )
    owns = tuple(OwnRow(place=p, mount_point=at, total_kib=total, available_kib=left) for p, at, total, left in own)
    return dict(
        (
            known(SPACE, table, "t"),
            known(OWN_ROWS, owns, "t"),
            known(TARGET_MOUNT, target, "t"),
            known(BACKUP_MOUNT, backup, "t"),
            *(known(PART_KIB[name], sizes[name], "t") for name in PARTS),
            *(known(PART_APPARENT_KIB[name], (apparent or sizes).get(name, 0), "t") for name in PARTS),
            *(known(PART_MOUNT[name], part, "t") for name in PARTS),
        )
    )


def case(declared: Deployment, found: Mapping[str, Facts], **more: Any) -> Case:
    """The case of these facts; `before`: those of the baseline; `asked`: None for facts of an older edition."""
    before, asked = more.pop("before", None), more.pop("asked", {"deployment": "d"})

    def hosts(known: Mapping[str, Facts]) -> dict[str, HostFacts]:
        return {
            name: HostFacts(server=name, via="ssh", outcome="ok", collected_at=NOW, asked=asked, facts=facts)
            for name, facts in known.items()
        }

    return Case(declared, hosts(found), hosts(before) if before else None, NOW, "server", **more)


def space(found: Facts, declared: Deployment | None = None, before: Facts | None = None) -> Word:
    """What disk-space says of the one server `a`."""
    asked = case(declared or deployment(), {"a": found}, before={"a": before} if before else None)
    return ask(BY_ID["disk-space"], asked, asked.deployment.server("a"))


def shared(found: Mapping[str, Facts], declared: Deployment | None = None, **more: Any) -> Word:
    """What disk-shared says of servers."""
    return ask(BY_ID["disk-shared"], case(declared or deployment(*found), found, **more), None)
