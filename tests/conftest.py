"""What several test files build: deployments in a few words, and the plans of every pattern of servers.

The patterns are declared last phase first, so that nothing comes out in order by accident.
"""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Generator
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from checker.inputs.deployment import Deployment
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import Words, load_words

# A busy machine is no fault of the product: examples have no time limit.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("product", derandomize=True, max_examples=25, **PATIENT)
hypothesis.settings.register_profile("all", derandomize=True, max_examples=200, **PATIENT)
hypothesis.settings.load_profile("product")

# What is printed, built or started once for many tests: the files of a group are all run by one process, so that it is.
GROUPS = {
    "pages": ("test_board_paper", "test_full_pages", "test_pages", "test_same_content", "test_filled",
              "test_around_rules", "test_read_back", "test_said_once", "test_sheet_rules", "test_timeline_figure"),
    "packages": ("test_approval", "test_moved", "test_package", "test_signed", "test_verify"),
    "plans": ("test_exits", "test_interruptions", "test_nights", "test_notice_texts", "test_notices", "test_plan",
              "test_step_words", "test_writers_guide"),
    "browser": ("test_html_live", "test_html_read"),
    "printing": ("test_pdf", "test_rendering"),
    "probe": ("test_probe", "test_probe_queues", "test_probe_upgraded"),
    # those that mostly wait are not all waited for at once
    **{name: (name,) for name in ("test_end_to_end", "test_fleet", "test_hostile_hosts", "test_probe_harmless",
                                  "test_ssh")},
    **{name: (name,) for name in ("test_ansible", "test_four_ways", "test_kit",
                                  "test_lab", "test_order", "test_volumes", "test_wheel")},
}  # fmt: skip
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}

# A process of the tests keeps all that it built, and going through that again and again took a twentieth of the time.
gc.set_threshold(20_000, 50, 100)


class Together(LoadScopeScheduling):
    """Gives each test to whoever is free, and a group's tests to one."""

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(Path(nodeid.partition("::")[0]).stem, nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are processors: whoever asks hosts waits for most of the time."""
    return len(os.sched_getaffinity(0)) + 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_configure(config: pytest.Config) -> None:
    # nohup and a script's background ignore them, and what the tests start would do so too
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.option.markexpr == "":  # make test-all
        hypothesis.settings.load_profile("all")


def skip_without_tool(error: FileNotFoundError) -> None:
    """Skips the test when a program of TOOLS is what was not found, and is not installed."""
    if error.filename in TOOLS and shutil.which(error.filename) is None:
        pytest.skip(f"needs {error.filename} (the package {TOOLS[error.filename]})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    try:
        return (yield)
    except FileNotFoundError as error:
        skip_without_tool(error)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, object, object]:
    try:
        return (yield)
    except FileNotFoundError as error:
        skip_without_tool(error)
        raise


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.lab)


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
WITHIN = 17  # of the larger patterns; it does not divide the 12 kinds, so each of them is met at each place
TOOLS = {
    "ansible": "ansible-core", "busybox": "busybox", "chromium": "chromium", "ip": "iproute2", "ksh93": "ksh93u+m",
    "pdfinfo": "poppler-utils", "pdftohtml": "poppler-utils", "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils", "ps": "procps",
    "qpdf": "qpdf", "shellcheck": "shellcheck", "ssh": "openssh-client", "ssh-keygen": "openssh-client",
    "strace": "strace",
}  # fmt: skip # and the package that each comes from
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


def _some(patterns: list[tuple[str, ...]], within: int) -> list[tuple[str, ...]]:
    """Every pattern of one and two servers; of the larger ones the first of each `within`."""
    larger = [pattern for pattern in patterns if len(pattern) > 2]
    return [pattern for pattern in patterns if len(pattern) <= 2] + larger[::within]


@pytest.fixture(scope="session")
def deploy() -> Callable[..., Deployment]:
    """A deployment by the roles of its servers, `deploy("database csm", "mta")`: they are called s1, s2 …"""
    return _deployment


@pytest.fixture(scope="session")
def words() -> Words:
    """The words that the product ships."""
    return load_words(resource("templates"))


@pytest.fixture(scope="session", params=[WITHIN, pytest.param(1, marks=pytest.mark.large)], ids=["some", "all"])
def plans(request: pytest.FixtureRequest) -> tuple[tuple[Deployment, Plan], ...]:
    """Patterns of up to four servers with migration in short nights; up to three also without it in one window, and
    up to two with every mail server in several paths. Every pattern of one and two; of more, one in WITHIN or all.

    They are built without words, which decide nothing and take most of the time.
    """
    wordless = Words({}, Path())
    return tuple(
        (deployment, build(deployment, {}, wordless))
        for pattern in _some(_patterns(4), request.param)
        for deployment in (
            _several_nights(*pattern),
            *((_deployment(*pattern, migration={"script": False}),) if len(pattern) < 4 else ()),
            *((_in_paths(*pattern),) if len(pattern) < 3 else ()),
        )
    )


@pytest.fixture(scope="session", params=[WITHIN, pytest.param(1, marks=pytest.mark.large)], ids=["some", "all"])
def worded(request: pytest.FixtureRequest, words: Words) -> tuple[tuple[Deployment, Plan], ...]:
    """Patterns of up to three servers with the words, chosen as above; it is not declared whether data is migrated."""
    return tuple(
        (deployment, build(deployment, {}, words))
        for number, pattern in enumerate(_some(_patterns(3), request.param))
        for deployment in ((_deployment, _several_nights, _in_paths)[number % 3](*pattern),)
    )
