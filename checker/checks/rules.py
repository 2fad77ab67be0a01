"""The demands, the checks and the facts, both ways: who serves which demand, who reads which fact; their version."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from checker.checks import CHECKS
from checker.checks.mechanism import Check
from checker.checks.reads import PROVENANCE
from checker.checks.vendor import DEMANDS
from checker.facts.catalogue import CATALOGUE
from checker.values import digest


def served_by(steps: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """For each demand the checks and steps that serve it. `steps` maps what the runbook prints to its demands."""
    servers = {f"check {check.id}": check.demands for check in CHECKS} | dict(steps)
    return {demand.id: tuple(name for name, demands in servers.items() if demand.id in demands) for demand in DEMANDS}


def readings(check: Check) -> tuple[str, ...]:
    """What a check reads: the paths of facts in the catalogue's order, then what collections say of themselves."""
    return tuple(path for path in (*CATALOGUE, *PROVENANCE) if path in check.reads)


def read_by() -> dict[str, tuple[str, ...]]:
    """For each fact, by its path, the checks that read it."""
    return {path: tuple(check.id for check in CHECKS if path in check.reads) for path in CATALOGUE}


def rules(steps: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The contract of `rules --format json`."""
    serving = served_by(steps)
    return {
        "schema_version": 1,
        "rules_version": rules_version(),
        "demands": [demand.model_dump(mode="json") | {"served_by": list(serving[demand.id])} for demand in DEMANDS],
        "checks": [
            {
                "id": check.id,
                "title": check.title,
                "subject": check.subject,
                "severity": check.severity,
                "stages": list(check.stages),
                "demands": list(check.demands),
                "waivable": check.waivable,
                "reads": list(readings(check)),
            }
            for check in CHECKS
        ],
    }


@cache
def rules_version() -> str:
    """A digest over every demand and every check's declaration: it changes when the rules do."""
    declared = [
        [c.id, c.title, c.subject, c.severity, c.stages, c.demands, c.remedy, c.waivable, c.why] for c in CHECKS
    ]
    return digest([[demand.model_dump(mode="json") for demand in DEMANDS], declared])
