"""The machine's names and addresses, against what its own commands say of them."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checker.collect.leases import lease_files
from checker.collect.local import collect
from checker.collect.local_identity import configured_hostname, fingerprint, host_keys, machine_id
from checker.collect.local_network import addresses_of, leases_of, temporary_of
from checker.collect.looking import CouldNotLook
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
    return collect(deployment.servers[0], deployment, NOW, timeout)


def test_the_running_name_is_the_one_that_hostname_prints() -> None:
    assert read(facts_at("/nowhere"), HOSTNAME) == output("hostname").strip()


@pytest.mark.parametrize(
    ("file", "content", "name"),
    [
        ("etc/hostname", "# set by hand\npmx-db1.example.net\n", "pmx-db1.example.net"),
        ("etc/sysconfig/network", 'NETWORKING=yes\nHOSTNAME="mx1.example.net"  # since 2011\n', "mx1.example.net"),
        ("etc/nodename", "sun1\n", "sun1"),
        ("etc/rc.conf", 'hostname="first"\nsshd_enable="YES"\nhostname="second.example.net"\n', "second.example.net"),
        ("etc/conf.d/hostname", "hostname='gentoo1'\n", "gentoo1"),
        ("etc/myname", "puffy.example.net\n", "puffy.example.net"),
    ],
)
def test_the_name_after_a_reboot_is_read_where_each_system_keeps_it(
    tmp_path: Path, file: str, content: str, name: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(content)
    assert configured_hostname(tmp_path) == (name, str(tmp_path / file))


def test_a_name_after_a_reboot_that_is_computed_or_missing_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(CouldNotLook, match="no file"):
        configured_hostname(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "rc.conf").write_text('hostname="$(cat /etc/site/name)"\n')
    with pytest.raises(CouldNotLook, match="not state it plainly"):
        configured_hostname(tmp_path)


def test_the_configured_name_of_this_machine_is_what_its_file_says() -> None:
    if not Path("/etc/hostname").is_file():
        pytest.skip("this machine keeps its name elsewhere")
    assert read(facts_at("/nowhere"), CONFIGURED_HOSTNAME) == Path("/etc/hostname").read_text().strip()


def test_an_uninitialized_machine_id_is_none(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "machine-id").write_text("uninitialized\n")
    with pytest.raises(CouldNotLook):
        machine_id(tmp_path)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen to compare with")
def test_host_key_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    for kind in ("ed25519", "ecdsa"):
        output("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "root@mx 1", "-f", f"{tmp_path}/ssh_host_{kind}_key")
    expected = [output("ssh-keygen", "-lf", str(file)).split()[1] for file in tmp_path.glob("*.pub")]
    assert host_keys(tmp_path)[0] == tuple(sorted(expected))
    assert all(fingerprint(file.read_text()).startswith("SHA256:") for file in tmp_path.glob("*.pub"))


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


@pytest.mark.parametrize(
    ("interface", "row", "scope"),
    [
        ("eth0", {"local": "192.0.2.11"}, "global"),
        ("lo", {"local": "192.0.2.99", "prefixlen": 32}, "global"),  # a load balancer's address is put on lo
        ("lo", {"local": "127.0.0.1"}, "loopback"),
        ("eth0", {"local": "169.254.7.7"}, "link"),
        ("eth0", {"family": "inet6", "local": "fe80::1", "prefixlen": 64}, "link"),
        ("docker0", {"local": "172.17.0.1"}, "container"),
        ("br-0123456789ab", {"local": "172.18.0.1"}, "container"),
        ("br-lan", {"local": "192.0.2.12"}, "global"),
        ("virbr0", {"local": "192.168.122.1"}, "container"),
        ("bond0", {"local": "192.0.2.13"}, "global"),
        ("eth0", {"family": "inet6", "local": "2001:db8::a1", "prefixlen": 64, "temporary": True}, "temporary"),
    ],
)
def test_an_address_is_told_apart_by_what_it_is_for(interface: str, row: dict[str, Any], scope: str) -> None:
    (address,) = addresses_of(ip_addr(interface, **row))
    assert (address.address, address.interface, address.scope) == (row["local"], interface, scope)


def test_output_that_is_no_list_of_addresses_is_refused() -> None:
    for text in ("", "ip: invalid option -- 'j'", "{}x", '[{"addr_info": [{}]}]', "[7]"):
        with pytest.raises(ValueError):
            addresses_of(text)


def test_privacy_addresses_are_known_without_ip_too() -> None:
    table = (
        "20010db8000000000000000000000011 02 40 00 80     eth0\n20010db80000000012345678abcdef01 02 40 00 01     eth0\n"
    )
    assert temporary_of(table) == {"2001:db8::1234:5678:abcd:ef01"}


def test_a_lent_address_ends_when_its_lifetime_does() -> None:
    (lease,) = leases_of(ip_addr("eth0", local="192.0.2.50", dynamic=True, valid_life_time=3600), NOW)
    assert (lease.address, lease.ends) == ("192.0.2.50", NOW + timedelta(hours=1))


def test_an_address_announced_by_a_router_is_not_lent_but_one_of_dhcpv6_is() -> None:
    announced = {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "dynamic": True, "valid_life_time": 86400}
    assert leases_of(ip_addr("eth0", **announced), NOW) == ()
    (lent,) = leases_of(ip_addr("eth0", **{**announced, "prefixlen": 128}), NOW)
    assert lent.address == "2001:db8::1"


def test_a_fixed_address_is_not_lent() -> None:
    assert leases_of(ip_addr("eth0", local="192.0.2.11", valid_life_time=2**32 - 1), NOW) == ()


def test_lease_files_of_the_usual_clients_are_read_and_ended_leases_are_history(tmp_path: Path) -> None:
    def lease(address: str, expire: str) -> str:
        return f'lease {{\n  interface "eth0";\n  fixed-address {address};\n  expire {expire};\n}}\n'

    files = {
        "var/lib/dhcp/dhclient.eth0.leases": lease("192.0.2.50", "4 2026/12/03 09:00:00")
        + lease("192.0.2.50", "4 2026/12/04 09:00:00"),
        "var/lib/dhclient/dhclient-eth1.leases": lease("192.0.2.51", "epoch 1796300000; # Thu Dec"),
        "var/lib/dhclient/dhclient-eth2.leases": lease("192.0.2.52", "4 2026/12/03 09:29:59"),
        "var/lib/dhclient/dhclient-eth3.leases": lease("192.0.2.53", "never"),
        "run/systemd/netif/leases/2": "# private\nADDRESS=192.0.2.54\nNETMASK=255.255.255.0\nLIFETIME=3600\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert lease_files(tmp_path, NOW) == {
        "192.0.2.50": datetime(2026, 12, 4, 9, tzinfo=UTC),
        "192.0.2.51": datetime.fromtimestamp(1796300000, UTC),
        "192.0.2.53": None,
        "192.0.2.54": None,
    }
