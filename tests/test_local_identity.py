"""The machine's names and addresses, against what its own commands say of them."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checker.collect.local import collect
from checker.deployment import Paths
from checker.deployment_file import load
from checker.facts import (
    ADDRESSES,
    CONFIGURED_HOSTNAME,
    DEFAULT_ROUTE,
    HOSTNAME,
    HostFacts,
    read,
)

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parent.parent / "samples" / "this-host.yaml"


def output(*argv: str) -> str:
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL
    ).stdout


def facts_at(root: Path | str, timeout: float = 60.0, **paths: str) -> HostFacts:
    """The facts of this machine with the product's trees under a root."""
    places = Paths.model_validate({"source": f"{root}/pmx", "target": f"{root}/pmx6", **paths})
    deployment = load(SAMPLE).model_copy(update={"paths": places})
    return collect(deployment.servers[0], deployment, NOW, timeout)[0]


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
