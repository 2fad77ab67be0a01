"""Deployments of one to eight servers by chance, one or two nights, some of them nights in which the clocks change."""

import random
from collections.abc import Callable
from typing import Any

from checker.inputs.deployment import Deployment

KINDS = ("csm", "mta", "mail-filter", "mta mail-filter", "mail-filter euwi", "euwi gwi", "gwi")
FIRST = ("database csm", "database", "database csm mta mail-filter euwi gwi")
# the evening on which a night begins; behind two of them the clocks change
EVENINGS = ("2026-12-05", "2026-10-24", "2027-03-27")


def random_site(deploy: Callable[..., Deployment], seed: int) -> Deployment:
    """A deployment by chance; its windows are long enough for all of its servers by the longest minutes."""
    dice = random.Random(seed)
    held = [dice.choice(FIRST), *dice.choices(KINDS, k=dice.randint(0, 7))]
    dice.shuffle(held)
    day = dice.choice(EVENINGS)
    month, at = day[:8], int(day[8:])
    windows: list[dict[str, Any]] = [
        {"start": f"{month}{at + night:02}T{20 - night}:00", "end": f"{month}{at + night + 1:02}T17:30"}
        for night in range(dice.choice((1, 2, 3)))
    ]
    if dice.random() < 0.5:
        windows[0]["number"] = "CTASK0001"
    dice.shuffle(windows)
    zone = dice.choice(("Europe/Berlin", "America/New_York", "UTC"))
    change = {"number": "CHG0031337", "timezone": zone, "windows": windows, "fields": {"u_site": "north"}}
    return deploy(*held, change=change, migration=dice.choice(({}, {"script": False})))
