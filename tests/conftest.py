"""What several test files build: deployments in a few words, and the plans of every pattern of servers.

The patterns are declared last phase first, so that nothing comes out in order by accident.
"""

from collections.abc import Callable
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from checker.deployment import Deployment
from runbook.plan import Plan
from runbook.planning import build
from runbook.resources import resource
from runbook.words import Words
from runbook.words import load as load_words

hypothesis.settings.register_profile("product", deadline=None, derandomize=True)
hypothesis.settings.load_profile("product")

PATTERNS = (
    "gwi",
    "euwi gwi",
    "mail-filter euwi",
    "mta",
    "mail-filter",
    "mta mail-filter",
    "csm",
    "database",
    "database mail-filter",
    "database csm euwi gwi",
    "database csm",
    "database csm mta mail-filter euwi gwi",
)
LINES = [
    {"text": "The first line", "command": "first", "minutes": {"low": 1, "likely": 2, "high": 3}},
    {"text": "A line for some", "expect": "An end", "if_not": "Begin to think", "roles": ["database", "mta"]},
]


def _deployment(*roles: str, **changes: Any) -> Deployment:
    window = {"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}
    change = {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": [window]}
    servers = [{"name": f"s{place}", "roles": held.split()} for place, held in enumerate(roles, start=1)]
    return Deployment.model_validate({"deployment": "acme-mail", "change": change, "servers": servers} | changes)


def _in_paths(*roles: str) -> Deployment:
    """Every mail server in a path of each kind, and no procedure, so that each way out of a path is a step."""
    agents = [f"s{place}" for place, held in enumerate(roles, start=1) if "mta" in held or "mail-filter" in held]
    ways = [
        {"name": f"by-{via}", "direction": direction, "via": via, "members": agents}
        for via, direction in (("mx", "inbound"), ("smarthost", "outbound"), ("lb", "both"))
    ]
    return _deployment(*roles, mail_paths=ways if agents else [])


def _several_nights(*roles: str) -> Deployment:
    """With migration, several lines of procedure for each kind, short nights, and one mail path of two declared."""
    windows = [{"start": f"2026-12-{day:02}T20:00", "end": f"2026-12-{day + 1:02}T04:00"} for day in (5, 8, 11, 14)]
    members = [f"s{place}" for place, held in enumerate(roles, start=1) if "mta" in held or "mail-filter" in held]
    paths = [{"name": "to-us", "direction": "inbound", "via": "mx", "members": members}]
    return _deployment(
        *roles,
        change={"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": windows},
        migration={"script": True, "options": ["Database & Quarantine", "Logs"]},
        procedure={"source": "our licensed copy"}
        | dict.fromkeys(("drain", "upgrade", "migrate", "start", "verify"), LINES),
        mail_paths=paths if members else [],
    )


def _patterns(most: int) -> list[tuple[str, ...]]:
    """Every multiset of patterns; of four servers those with one Database, as the vendor has it, and nothing odd."""
    return [
        pattern
        for count in range(1, most + 1)
        for pattern in combinations_with_replacement(PATTERNS, count)
        if count < 4 or (sum("database" in held for held in pattern) == 1 and not {"csm", "gwi"} & set(pattern))
    ]


@pytest.fixture(scope="session")
def deploy() -> Callable[..., Deployment]:
    """A deployment by the roles of its servers, `deploy("database csm", "mta")`: they are called s1, s2 …"""
    return _deployment


@pytest.fixture(scope="session")
def words() -> Words:
    """The words that the product ships."""
    return load_words(resource("templates"))


@pytest.fixture(scope="session")
def plans() -> tuple[tuple[Deployment, Plan], ...]:
    """Every pattern of up to four servers with migration in short nights; up to three also without it in one window,
    and up to two with every mail server in several paths.

    They are built without words, which decide nothing and take most of the time.
    """
    wordless = Words({}, Path())
    return tuple(
        (deployment, build(deployment, {}, wordless))
        for pattern in _patterns(4)
        for deployment in (
            _several_nights(*pattern),
            *((_deployment(*pattern, migration={"script": False}),) if len(pattern) < 4 else ()),
            *((_in_paths(*pattern),) if len(pattern) < 3 else ()),
        )
    )


@pytest.fixture(scope="session")
def worded(words: Words) -> tuple[tuple[Deployment, Plan], ...]:
    """Every pattern of up to three servers with the words; it is not declared whether data is migrated."""
    return tuple(
        (deployment, build(deployment, {}, words))
        for number, pattern in enumerate(_patterns(3))
        for deployment in ((_deployment, _several_nights, _in_paths)[number % 3](*pattern),)
    )
