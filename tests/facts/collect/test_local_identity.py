"""The machine's names and addresses, against what its own commands say of them."""

import json
import shutil
from pathlib import Path

import pytest
from this_machine import facts_at, output

from checker.facts.catalogue import ADDRESSES, CONFIGURED_HOSTNAME, DEFAULT_ROUTE, HOSTNAME
from checker.facts.host_facts import read


def test_the_running_name_is_the_one_that_hostname_prints() -> None:
    assert read(facts_at("/nowhere"), HOSTNAME) == output("hostname").strip()


def test_the_configured_name_of_this_machine_is_what_its_file_says() -> None:
    if not Path("/etc/hostname").is_file():
        pytest.skip("this machine keeps its name elsewhere")
    assert read(facts_at("/nowhere"), CONFIGURED_HOSTNAME) == Path("/etc/hostname").read_text().strip()


@pytest.mark.skipif(shutil.which("ip") is None, reason="no ip to compare with")
def test_the_addresses_are_those_that_ip_shows() -> None:
    shown = {
        (link["ifname"], row["local"], row["prefixlen"])
        for link in json.loads(output("ip", "-j", "addr"))
        for row in link["addr_info"]
        if "local" in row
    }
    assert {(row.interface, row.address, row.prefix) for row in read(facts_at("/nowhere"), ADDRESSES)} == shown
    assert all(row.scope == "loopback" for row in read(facts_at("/nowhere"), ADDRESSES) if row.address == "127.0.0.1")


@pytest.mark.skipif(shutil.which("ip") is None, reason="no ip to compare with")
def test_the_default_route_leaves_from_the_address_that_ip_route_names() -> None:
    routes = json.loads(output("ip", "-j", "-4", "route", "show", "default") or "[]")
    own = read(facts_at("/nowhere"), DEFAULT_ROUTE)
    addresses = {row.address: row.interface for row in read(facts_at("/nowhere"), ADDRESSES)}
    assert {addresses[address] for address in own if "." in address} == {route["dev"] for route in routes[:1]}


def ip_addr(interface: str, **row: object) -> str:
    return json.dumps([{"ifname": interface, "addr_info": [{"family": "inet", "prefixlen": 24, **row}, {}]}])
