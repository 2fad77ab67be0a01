"""The same input gives the same bytes, and the digest changes when, and only when, the set of pages does."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from digested_plans import digested_plan

from checker.facts.catalogue import ADDRESSES, HOSTNAME, PART_FILES, PART_KIB
from checker.facts.fact_values import Address
from checker.facts.host_facts import HostFacts, known
from checker.inputs.deployment import Deployment
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.words import Words

Deploy = Callable[..., Deployment]

PRINT_THE_PLAN = """
import sys
from checker.inputs.deployment import Deployment
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import load_words
deployment = Deployment.model_validate_json(sys.stdin.read())
sys.stdout.write(build(deployment, {}, load_words(resource("templates"))).model_dump_json())
"""
DECLARED: dict[str, Any] = {
    "migration": {"script": True, "options": ["Database & Quarantine", "Logs"]},
    "procedure": {
        "upgrade": [{"text": "Install", "command": "install", "minutes": {"low": 5, "likely": 6, "high": 7}}]
    },
    "mail_paths": [{"name": "inbound", "via": "mx", "members": ["s2", "s3"]}],
}
REHEARSAL = {
    "on": "2026-11-01",
    "by": "A",
    "result": "complete",
    "minutes": {"backup": {"low": 1, "likely": 2, "high": 3}},
}
SERVERS = [
    {"name": "s1", "roles": ["database", "csm"], "hostname": "s1.example.net", "addresses": ["192.0.2.1"]},
    {"name": "s2", "roles": ["mta", "mail-filter"]},
    {"name": "s3", "roles": ["mta", "mail-filter"]},
    {"name": "s4", "roles": ["euwi", "gwi"]},
]


def change(*nights: str, hours: tuple[str, str] = ("20:00", "23:59")) -> dict[str, Any]:
    windows = [{"start": f"{day}T{hours[0]}", "end": f"{day}T{hours[1]}"} for day in nights]
    return {"number": "CHG0031337", "timezone": "Europe/Berlin", "windows": windows}


def planned(deploy: Deploy, words: Words, facts: dict[str, HostFacts] | None = None, **changes: Any) -> Plan:
    declared = {"servers": SERVERS, "change": change("2026-12-05")} | DECLARED | changes
    return digested_plan(deploy(**declared), facts or {}, words)


def server(number: int, **changes: Any) -> list[dict[str, Any]]:
    """The servers, one of them changed."""
    return [each | changes if place == number else each for place, each in enumerate(SERVERS, start=1)]


def line(**changes: Any) -> dict[str, Any]:
    """The procedure, its one line changed."""
    return {"upgrade": [DECLARED["procedure"]["upgrade"][0] | changes]}


def seen(files: int) -> dict[str, HostFacts]:
    found = dict(
        [
            known(HOSTNAME, "s1.example.net", "uname()"),
            known(ADDRESSES, (Address(address="192.0.2.1", interface="eth0", scope="global"),), "getifaddrs()"),
            known(PART_FILES["quarantine"], files, "counted"),
            known(PART_KIB["database"], 3 * 1024 * 1024, "du"),
        ]
    )
    now = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    return {"s1": HostFacts(server="s1", via="local", outcome="ok", collected_at=now, facts={**found})}


def test_the_plan_has_the_same_bytes_whatever_the_hash_seed(deploy: Deploy, words: Words) -> None:
    declared = deploy(servers=SERVERS, **DECLARED).model_dump_json()
    printed = {
        subprocess.run(
            [sys.executable, "-c", PRINT_THE_PLAN],
            input=declared,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert printed == {build(deploy(servers=SERVERS, **DECLARED), {}, words).model_dump_json()}


def test_the_digest_is_short_enough_to_be_read_aloud(deploy: Deploy, words: Words) -> None:
    assert re.fullmatch("[0-9a-f]{16}", planned(deploy, words).digest)


def test_facts_add_what_was_measured_and_change_no_digest(deploy: Deploy, words: Words) -> None:
    draft, measured, later = (planned(deploy, words, facts) for facts in (None, seen(815), seen(816)))
    assert {step.id: step.measured for step in measured.steps if step.measured} == {
        "s1.guard": "s1.example.net (192.0.2.1)",
        "s1.counts-before": "quarantine 815 files, database 3.0 GiB",
    }
    assert draft.digest == measured.digest == later.digest
    assert [step.model_copy(update={"measured": None}) for step in measured.steps] == list(draft.steps)


@pytest.mark.parametrize(
    "changes",
    [
        {"procedure": line(minutes={"low": 5, "likely": 60, "high": 700})},
        {"procedure": line(minutes=None)},
        {"rehearsal": REHEARSAL},
        {"disk": {"headroom_percent": 40}},
        {"waivers": [{"check": "c", "observed": "o", "reason": "r", "by": "b", "ticket": "t", "until": "2026-12-31"}]},
        {"answers": {"root-access": {"confirmed": "no", "by": "A", "at": "2026-12-01"}}},
    ],
)  # fmt: skip
def test_minutes_answers_and_waivers_change_no_digest(deploy: Deploy, words: Words, changes: dict[str, Any]) -> None:
    plan, other = planned(deploy, words), planned(deploy, words, **changes)
    assert len(plan.nights) == len(other.nights) == 1
    assert other.digest == plan.digest


def test_minutes_do_change_the_times_that_are_printed(deploy: Deploy, words: Words) -> None:
    slower = planned(deploy, words, procedure=line(minutes={"low": 5, "likely": 60, "high": 700}))
    assert slower.steps[-1].ends_at != planned(deploy, words).steps[-1].ends_at


def test_a_second_night_is_another_set_of_pages(deploy: Deploy, words: Words) -> None:
    two = planned(deploy, words, change=change("2026-12-05", "2026-12-06", hours=("08:00", "20:00")))
    assert len(two.nights) == 2
    assert two.digest != planned(deploy, words).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"deployment": "another"},
        {"change": change("2026-12-12")},
        {"change": change("2026-12-05", hours=("00:00", "23:00"))},
        {"servers": server(2, roles=["mta"])},
        {"servers": server(3, roles=["mail-filter", "mta"])},
        {"servers": server(3, first=True)},
        {"servers": server(4, name="web")},
        {"servers": server(1, hostname="s1.example.org")},
        {"servers": server(1, addresses=["192.0.2.2"])},
        {"servers": server(3, migration={"options": ["Logs"]})},
        {"servers": [SERVERS[0], SERVERS[2], SERVERS[1], SERVERS[3]]},
        {"servers": SERVERS[:3]},
        {"migration": {"script": True, "options": ["Logs"]}},
        {"migration": {"script": False, "options": ["Database & Quarantine", "Logs"]}},
        {"migration": {"options": ["Database & Quarantine", "Logs"]}},
        {"paths": {"target": "/opt/pmx-6"}},
        {"procedure": {}},
        {"procedure": line(command="install --quiet")},
        {"procedure": line(text="Install it")},
        {"procedure": line(expect="Done")},
        {"procedure": line(if_not="Call")},
        {"procedure": line(repeatable="yes")},
        {"procedure": {"source": "our copy"} | line()},
    ],
)
def test_what_is_declared_and_printed_changes_the_digest(deploy: Deploy, words: Words, changes: dict[str, Any]) -> None:
    assert planned(deploy, words, **changes).digest != planned(deploy, words).digest


def test_a_sites_own_words_change_the_digest(deploy: Deploy, words: Words) -> None:
    table = dict(words.tables["steps"])
    table["stop"] = table["stop"] | {"caution": "Ask the night operator first."}
    reworded = Words(dict(words.tables) | {"steps": table}, words.place)
    assert planned(deploy, reworded).digest != planned(deploy, words).digest
