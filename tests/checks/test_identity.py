"""Identity: who a server is, whether two are the same, and whether anything changed since the baseline (V07)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import ADDRESSES, CONFIGURED_HOSTNAME, DEFAULT_ROUTE, HOST_KEYS, HOSTNAME, LEASES
from checker.facts.fact_values import Address, Lease
from checker.facts.host_facts import HostFacts, known
from checker.inputs.deployment import Deployment
from checker.report import NO_BASELINE

NOW = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)


def deployment(*servers: dict[str, Any]) -> Deployment:
    return Deployment.model_validate(
        {
            "deployment": "d",
            "change": {
                "number": "C1",
                "timezone": "UTC",
                "windows": [{"start": "2026-12-05T22:00", "end": "2026-12-06T04:00"}],
            },
            "servers": [{"roles": ["mta"], **server} for server in servers],
        }
    )


def host(
    name: str = "mx1.example.org",
    addresses: tuple[tuple[str, str], ...] = (("192.0.2.1", "global"),),
    route: tuple[str, ...] = ("192.0.2.1",),
    keys: tuple[str, ...] = ("SHA256:a",),
    configured: str | None = None,
    leases: tuple[Lease, ...] = (),
) -> HostFacts:
    rows = tuple(Address(address=a, interface="eth0", scope=scope) for a, scope in addresses)  # type: ignore[arg-type]
    found = (
        known(HOSTNAME, name, "t"), known(CONFIGURED_HOSTNAME, configured or name, "t"), known(ADDRESSES, rows, "t"),
        known(DEFAULT_ROUTE, route, "t"), known(HOST_KEYS, keys, "t"), known(LEASES, leases, "t"),
    )  # fmt: skip
    return HostFacts(server="x", via="local", outcome="ok", collected_at=NOW, facts=dict(found))


def say(check: str, declared: Deployment, now: HostFacts, before: HostFacts | None = None) -> Word:
    name = declared.servers[0].name
    case = Case(declared, {name: now}, {name: before} if before else None, NOW, "server")
    return ask(BY_ID[check], case, declared.servers[0])


@pytest.mark.parametrize(
    ("declared", "running", "outcome"),
    [
        ("mx1.example.org", "mx1.example.org", "pass"),
        ("mx1.example.org", "MX1", "pass"),
        ("mx1", "mx1.example.org", "pass"),
        ("mx1.example.org", "mx2.example.org", "fail"),
        ("mx1.example.org", "localhost", "fail"),
    ],
)
def test_the_first_label_of_the_running_name_decides(declared: str, running: str, outcome: str) -> None:
    word = say("identity-declared", deployment({"name": "a", "hostname": declared}), host(running))
    assert word.outcome == outcome
    if outcome == "pass" and declared.casefold() != running.casefold():
        assert "short and full form differ" in word.message


def test_a_declared_address_must_stand_on_an_interface() -> None:
    declared = deployment({"name": "a", "addresses": ["192.0.2.1", "192.0.2.9"]})
    word = say("identity-declared", declared, host())
    assert word.outcome == "fail" and "192.0.2.9 declared, but on no interface" in word.message


def test_nothing_declared_is_not_applicable() -> None:
    assert say("identity-declared", deployment({"name": "a"}), host()).outcome == "not-applicable"


def test_a_name_that_a_reboot_would_change_fails() -> None:
    declared = deployment({"name": "a"})
    assert say("identity-persistent", declared, host(configured="mx1")).outcome == "pass"
    assert say("identity-persistent", declared, host(configured="old.example.org")).outcome == "fail"


def test_a_lease_that_ends_inside_the_freeze_is_named_so() -> None:
    ends = datetime(2026, 12, 6, 1, 0, tzinfo=UTC)
    word = say("identity-leased", deployment({"name": "a"}), host(
        leases=(Lease(address="192.0.2.1", interface="eth0", ends=ends),)
    ))  # fmt: skip
    assert word.outcome == "fail" and "INSIDE the freeze" in word.observed[0]
    assert say("identity-leased", deployment({"name": "a"}), host()).outcome == "pass"


DECLARED = deployment({"name": "a", "floating": ["192.0.2.50"]})
BEFORE = host(addresses=(("192.0.2.1", "global"), ("192.0.2.50", "global"), ("fe80::1", "link")))


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        (BEFORE, "pass"),
        (host(addresses=(("192.0.2.1", "global"),)), "pass"),  # the floating and the link-local address went away
        (host(addresses=(("192.0.2.1", "global"), ("172.17.0.1", "container"))), "pass"),
        (host(name="mx9.example.org"), "fail"),
        (host(configured="mx9"), "fail"),
        (host(addresses=(("192.0.2.2", "global"),), route=("192.0.2.2",)), "fail"),
        (host(keys=("SHA256:other",)), "fail"),
        (host(keys=("SHA256:a", "SHA256:added")), "pass"),
    ],
)
def test_what_changed_since_the_baseline_fails_and_what_may_come_and_go_does_not(now: HostFacts, outcome: str) -> None:
    assert say("identity-unchanged", DECLARED, now, BEFORE).outcome == outcome


def test_without_a_baseline_nobody_knows_whether_anything_changed() -> None:
    word = say("identity-unchanged", DECLARED, BEFORE)
    assert (word.outcome, word.message) == ("unknown", NO_BASELINE)


def unique(first: HostFacts, second: HostFacts | None, **more: Any) -> Word:
    declared = deployment({"name": "a", **more}, {"name": "b", **more})
    seen = {"a": first} | ({"b": second} if second else {})
    return ask(BY_ID["identity-unique"], Case(declared, seen, None, NOW, "server"), None)


def test_two_servers_with_one_name_or_one_address_are_found() -> None:
    other = host("mx2.example.org", (("192.0.2.2", "global"),), ("192.0.2.2",))
    assert unique(host(), other).outcome == "pass"
    assert unique(host(), host(addresses=(("192.0.2.2", "global"),), route=("192.0.2.2",))).outcome == "fail"
    assert unique(host(), host("mx2.example.org")).outcome == "fail"


def test_addresses_that_may_repeat_are_not_compared() -> None:
    def with_more(name: str, own: str) -> HostFacts:
        shared = (("127.0.0.1", "loopback"), ("fe80::1", "link"), ("172.17.0.1", "container"))
        return host(name, ((own, "global"), ("192.0.2.50", "global"), *shared), (own, "192.0.2.50"))

    first, second = with_more("mx1.example.org", "192.0.2.1"), with_more("mx2.example.org", "192.0.2.2")
    assert unique(first, second, floating=["192.0.2.50"]).outcome == "pass"
    assert unique(first, second).outcome == "fail"


def test_a_server_that_was_not_seen_leaves_uniqueness_unknown() -> None:
    assert unique(host(), None).outcome == "unknown"
