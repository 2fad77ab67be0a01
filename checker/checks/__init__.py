"""The catalogue of checks, in the order in which they are run and listed. Adding a check: its family's file."""

from checker.checks import (
    access,
    after,
    asked,
    baseline,
    clock_change,
    database,
    disk,
    done,
    evidence,
    identity,
    machine_size,
    mail,
    migration,
    now,
    observed,
    procedure_lint,
    queues,
    roles,
    services,
    unchanged,
    windows,
)
from checker.checks.mechanism import REGISTERED, Check

FAMILIES = (
    roles, mail, migration, procedure_lint, windows, now, done, baseline, clock_change, evidence, access, asked,
    observed, disk, identity, unchanged, database, services, queues, machine_size, after,
)  # fmt: skip
CHECKS: tuple[Check, ...] = tuple(
    check for family in FAMILIES for check in REGISTERED.values() if check.ask.__module__ == family.__name__
)
BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}
