"""Addresses, leases and ports, where the recorded cases do not tell: what is missing, and what cannot be read."""

import pytest
from recorded import Case, cases

from checker.facts.catalogue import PEERS
from checker.facts.parsers.leases import leases
from checker.facts.parsers.network import own
from checker.facts.parsers.sockets import peers


def test_without_the_hosts_clock_the_end_of_a_lease_is_not_known() -> None:
    linux = own(Case("identity.addresses/linux").lines, "ip")
    assert [lease.ends for lease in leases(linux.value, [], None).value] == [None, None]


def test_rows_of_ifconfig_that_cannot_be_read_are_reported() -> None:
    read = own(
        ["ifconfig: no such thing", "        inet 192.0.2.1 netmask ffffff00", "em0: flags=1<UP> mtu 1", "  inet x.y"],
        "ifconfig -a",
    )
    assert read.value == ()
    assert [row.strip() for row in read.unread] == [
        "ifconfig: no such thing",
        "inet 192.0.2.1 netmask ffffff00",
        "inet x.y",
    ]


def test_rows_of_netstat_that_cannot_be_read_are_reported() -> None:
    assert own(["lan0 1500 what is this"], "netstat -in").unread == ("lan0 1500 what is this",)


@pytest.mark.parametrize("case", cases(PEERS), ids=lambda case: case.place)
def test_who_is_connected_to_another_port_is_no_peer(case: Case) -> None:
    assert peers(case.lines, 5432).value == ("192.0.2.21",)
    assert peers(case.lines, 5433).value == ()
