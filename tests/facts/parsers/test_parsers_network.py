"""Addresses, leases, routes and ports, as each platform's own commands print them."""

from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from checker.facts.fact_values import Lease, Listener
from checker.facts.parsers.leases import leases
from checker.facts.parsers.network import Own, own
from checker.facts.parsers.parsed import NotRead
from checker.facts.parsers.routes import default_route
from checker.facts.parsers.sockets import listeners, peers

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
IP = """
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.21/24 brd 192.0.2.255 scope global dynamic eth0\\       valid_lft 3600sec preferred_lft 3600sec
2: eth0    inet 192.0.2.40/24 scope global secondary eth0:1\\       valid_lft forever preferred_lft forever
2: eth0    inet6 2001:db8::21/64 scope global dynamic mngtmpaddr \\       valid_lft 900sec preferred_lft 600sec
2: eth0    inet6 2001:db8::99/64 scope global temporary dynamic \\       valid_lft 900sec preferred_lft 600sec
2: eth0    inet6 2001:db8::7/128 scope global dynamic \\       valid_lft 7200sec preferred_lft 600sec
2: eth0    inet6 fe80::21/64 scope link \\       valid_lft forever preferred_lft forever
3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever preferred_lft forever
4: tun0    inet 198.51.100.1 peer 198.51.100.2/32 scope global tun0\\       valid_lft forever preferred_lft forever
5: veth1@if4    inet 198.51.100.9/30 scope global veth1\\       valid_lft forever preferred_lft forever
"""


def lines(text: str) -> list[str]:
    return dedent(text).strip("\n").split("\n")


def rows(text: str, command: str = "ifconfig -a") -> list[tuple[str, int | None, str, str]]:
    read = own(lines(text), command)
    assert read.unread == ()
    return [(row.address.address, row.address.prefix, row.address.interface, row.address.scope) for row in read.value]


def owned(text: str, command: str = "ifconfig -a") -> tuple[Own, ...]:
    return own(lines(text), command).value


def test_ip_gives_every_address_with_its_scope() -> None:
    assert rows(IP, "ip -o addr show") == [
        ("127.0.0.1", 8, "lo", "loopback"),
        ("::1", 128, "lo", "loopback"),
        ("192.0.2.21", 24, "eth0", "global"),
        ("192.0.2.40", 24, "eth0", "global"),
        ("2001:db8::21", 64, "eth0", "global"),
        ("2001:db8::99", 64, "eth0", "temporary"),
        ("2001:db8::7", 128, "eth0", "global"),
        ("fe80::21", 64, "eth0", "link"),
        ("172.17.0.1", 16, "docker0", "container"),
        ("198.51.100.1", 32, "tun0", "global"),
        ("198.51.100.9", 30, "veth1", "container"),
    ]


def test_a_link_row_of_an_old_ip_is_no_address_and_other_rows_are_reported() -> None:
    read = own(
        ["2: eth0: <BROADCAST,UP> mtu 1500 qdisc pfifo\\    link/ether 00:00:5e:00:53:01", "2: eth0    inet oops"], "ip"
    )
    assert (read.value, read.unread) == ((), ("2: eth0    inet oops",))


def test_a_lease_ends_when_its_lifetime_has_passed_on_the_hosts_own_clock() -> None:
    assert leases(owned(IP, "ip -o addr show"), [], NOW).value == (
        Lease(address="192.0.2.21", interface="eth0", ends=NOW + timedelta(hours=1)),
        Lease(address="2001:db8::7", interface="eth0", ends=NOW + timedelta(hours=2)),
    )


def test_without_the_hosts_clock_the_end_of_a_lease_is_not_known() -> None:
    assert [lease.ends for lease in leases(owned(IP, "ip"), [], None).value] == [None, None]


STATIC = (
    "2: eth0    inet 192.0.2.21/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever preferred_lft forever"
)


def test_a_lease_that_only_dhclients_file_knows_is_found_and_its_last_word_counts() -> None:
    file = lines("""
    /var/lib/dhclient/dhclient-eth0.leases:  interface "eth0";
    /var/lib/dhclient/dhclient-eth0.leases:  fixed-address 192.0.2.21;
    /var/lib/dhclient/dhclient-eth0.leases:  expire 4 2026/12/03 08:00:00;
    /var/lib/dhclient/dhclient-eth0.leases:  interface "eth0";
    /var/lib/dhclient/dhclient-eth0.leases:  fixed-address 192.0.2.21;
    /var/lib/dhclient/dhclient-eth0.leases:  expire 4 2026/12/03 12:00:00;
    /run/systemd/netif/leases/3:ADDRESS=198.51.100.77
    """)
    read = leases(owned(STATIC, "ip"), file, NOW)
    assert read.value == (Lease(address="192.0.2.21", interface="eth0", ends=datetime(2026, 12, 3, 12, tzinfo=UTC)),)
    assert read.unread == ()


def test_dhcpinfo_of_solaris_names_the_lent_address() -> None:
    assert leases(owned(STATIC, "ip"), ["dhcpinfo:192.0.2.21"], NOW).value == (
        Lease(address="192.0.2.21", interface="eth0", ends=None),
    )


def test_a_lease_that_has_ended_is_history() -> None:
    file = ["/f:fixed-address 192.0.2.21;", "/f:expire 4 2026/12/03 08:00:00;"]
    assert leases(owned(STATIC, "ip"), file, NOW).value == ()


def test_lease_rows_that_are_none_are_reported() -> None:
    file = ["/f:fixed-address 999.0.2.21;", "/f:expire 4 2026/12/03 08:00:00;", "what?"]
    read = leases(owned(STATIC, "ip"), file, NOW)
    assert read.value == ()
    assert "what?" in read.unread
    assert "/f:fixed-address 999.0.2.21;" in read.unread


def test_ifconfig_of_old_linux_writes_addr_and_mask() -> None:
    text = """
    eth0:1    Link encap:Ethernet  HWaddr 00:00:5e:00:53:01
              inet addr:192.0.2.129  Bcast:192.0.2.255  Mask:255.255.255.128
              inet6 addr: 2001:db8::1/64 Scope:Global
              UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
    """
    assert rows(text) == [("192.0.2.129", 25, "eth0:1", "global"), ("2001:db8::1", 64, "eth0:1", "global")]


def test_ifconfig_of_newer_linux_writes_netmask_in_dots() -> None:
    text = """
    ens33: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
            inet 192.0.2.131  netmask 255.255.254.0  broadcast 192.0.3.255
            inet6 fe80::1  prefixlen 64  scopeid 0x20<link>
            RX errors 0  dropped 0  overruns 0  frame 0
    """
    assert rows(text) == [("192.0.2.131", 23, "ens33", "global"), ("fe80::1", 64, "ens33", "link")]


@pytest.mark.parametrize("mask", ["netmask 0xffffff80", "netmask ffffff80"])
def test_a_netmask_in_hexadecimal_is_read_with_and_without_its_prefix(mask: str) -> None:
    text = f"em0: flags=8843<UP,RUNNING> metric 0 mtu 1500\n\tinet 192.0.2.5 {mask} broadcast 192.0.2.127"
    assert rows(text) == [("192.0.2.5", 25, "em0", "global")]


def test_addresses_of_bsd_and_macos_keep_their_prefix_and_lose_their_zone() -> None:
    text = """
    ix0: flags=8843<UP,BROADCAST> metric 0 mtu 9000
            inet 192.0.2.101/26 broadcast 192.0.2.127
            inet6 fe80::1%ix0 prefixlen 64 scopeid 0x2
            inet6 2001:db8::8 prefixlen 64 autoconf temporary
            nd6 options=29<PERFORMNUD,IFDISABLED>
    gif0: flags=8051<UP,POINTOPOINT> metric 0 mtu 1280
            inet 192.0.2.1 --> 192.0.2.2 netmask 0xffffffff
            inet 0.0.0.0 netmask 0xff000000 broadcast 255.255.255.255
    """
    assert rows(text) == [
        ("192.0.2.101", 26, "ix0", "global"),
        ("fe80::1", 64, "ix0", "link"),
        ("2001:db8::8", 64, "ix0", "temporary"),
        ("192.0.2.1", 32, "gif0", "global"),
        ("0.0.0.0", 8, "gif0", "link"),
    ]


SOLARIS = """
lo0: flags=2001000849<UP,LOOPBACK,RUNNING,MULTICAST,IPv4,VIRTUAL> mtu 8232 index 1
        inet 127.0.0.1 netmask ff000000
bge0: flags=1004843<UP,BROADCAST,RUNNING,MULTICAST,DHCP,IPv4> mtu 1500 index 2
        inet 192.0.2.67 netmask ffffff00 broadcast 192.0.2.255
        ether 0:0:5e:0:53:1
bge0:1: flags=1000843<UP,BROADCAST,RUNNING,MULTICAST,IPv4> mtu 1500 index 2
        zone web
        inet 192.0.2.68 netmask ffffff00 broadcast 192.0.2.255
bge0:2: flags=1000843<UP,BROADCAST,RUNNING,MULTICAST,IPv4> mtu 1500 index 2
        inet 192.0.2.69 netmask ffffff00 broadcast 192.0.2.255
"""


def test_the_address_of_another_zone_of_solaris_is_not_the_hosts_own() -> None:
    assert rows(SOLARIS) == [
        ("127.0.0.1", 8, "lo0", "loopback"),
        ("192.0.2.67", 24, "bge0", "global"),
        ("192.0.2.68", 24, "bge0:1", "container"),
        ("192.0.2.69", 24, "bge0:2", "global"),
    ]


def test_solaris_flags_an_address_that_dhcp_lends() -> None:
    assert leases(owned(SOLARIS), [], NOW).value == (Lease(address="192.0.2.67", interface="bge0", ends=None),)


def test_ifconfig_of_aix_has_two_groups_of_flags() -> None:
    text = """
    en0: flags=1e080863,480<UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST>
            inet 192.0.2.5 netmask 0xffffff00 broadcast 192.0.2.255
             tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1
    lo0: flags=e08084b,c0<UP,BROADCAST,LOOPBACK,RUNNING>
            inet6 ::1%1/0
    """
    assert rows(text) == [("192.0.2.5", 24, "en0", "global"), ("::1", 0, "lo0", "loopback")]


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


def test_netstat_names_the_addresses_where_ifconfig_cannot_list_all() -> None:
    text = """
    Name      Mtu  Network         Address         Ipkts   Ierrs Opkts   Oerrs Coll
    lan0      1500 192.0.2.0       192.0.2.30      162325  0     60252   0     0
    lan1*     1500 none            none            0       0     0       0     0
    en0       1500 link#2          0.0.5e.0.53.1   162325  0     60252   0     0
    em0       1500 192.0.2.0/25    192.0.2.31      162325  0     60252   0     0
    lo0       16896 ::1%1                          36891   0     36891   0     0
    """
    assert rows(text, "netstat -in") == [
        ("192.0.2.30", None, "lan0", "global"),
        ("192.0.2.31", 25, "em0", "global"),
        ("::1", None, "lo0", "loopback"),
    ]
    assert own(["lan0 1500 what is this"], "netstat -in").unread == ("lan0 1500 what is this",)


def route(text: str, command: str, addresses: tuple[Own, ...] | None = None) -> tuple[str, ...]:
    return default_route(lines(text), command, owned(SOLARIS) if addresses is None else addresses).value


def test_the_default_route_leaves_from_its_source_else_from_the_first_address_of_its_interface() -> None:
    addresses = owned(IP, "ip")
    assert route("default via 192.0.2.1 dev eth0 src 192.0.2.40 metric 100", "ip route", addresses) == ("192.0.2.40",)
    assert route("default via 192.0.2.1 dev eth0 proto static", "ip route", addresses) == ("192.0.2.21",)
    assert route("default via fe80::1 dev eth0", "ip route", addresses) == ("2001:db8::21",)


def test_a_secondary_address_is_not_the_one_that_traffic_leaves_from() -> None:
    second, first = reversed(lines(IP)[2:4])
    assert route("default via 192.0.2.1 dev eth0", "ip route", owned(f"{second}\n{first}", "ip")) == ("192.0.2.21",)


def test_of_two_default_routes_the_lower_metric_counts_and_hops_of_one_count_together() -> None:
    addresses = owned(IP, "ip")
    two = "default via 198.51.100.2 dev tun0 metric 600\ndefault via 192.0.2.1 dev eth0 metric 100"
    assert route(two, "ip route", addresses) == ("192.0.2.21",)
    hops = (
        "default proto static\n\tnexthop via 192.0.2.1 dev eth0 weight 1\n\tnexthop via 198.51.100.2 dev tun0 weight 1"
    )
    assert route(hops, "ip route", addresses) == ("192.0.2.21", "198.51.100.1")


def test_no_default_route_is_seen_as_none() -> None:
    assert default_route([], "ip route show default", ()).value == ()
    table = "Destination  Gateway  Flags Refs Use If\n127/8 127.0.0.1 U 1 2 lo0"
    assert route(table, "netstat -rn") == ()


@pytest.mark.parametrize(
    "row",
    [
        "0.0.0.0         192.0.2.1       0.0.0.0         UG        0 0          0 bge0",
        "default              192.0.2.1            UG        1      12345 bge0",
        "default          192.0.2.1        UG        1    123456 bge0      -      -",
        "default               192.0.2.1          UG    0    bge0      1500",
        "default            192.0.2.1          UGS         0      123   bge0",
        "default            192.0.2.1          UGS        bge0",
    ],
)
def test_the_interface_of_the_default_route_is_found_in_every_netstat(row: str) -> None:
    assert route(row, "netstat -rn") == ("192.0.2.67",)


def test_a_route_of_solaris_without_interface_is_told_by_its_gateway_only_where_that_leaves_one_address() -> None:
    row = "default              192.0.2.1            UG        1      12345           "
    one = tuple(each for each in owned(SOLARIS) if each.address.interface != "bge0:2")
    assert route(row, "netstat -rn", one) == ("192.0.2.67",)
    with pytest.raises(NotRead, match="which interface"):
        route(row, "netstat -rn")
    with pytest.raises(NotRead, match="which interface"):
        route(row.replace("192.0.2.1 ", "203.0.113.1"), "netstat -rn")


@pytest.mark.parametrize(
    "row",
    [
        "default via fe80::1 dev eth0 proto ra metric 100 expires 1795sec hoplimit 64 pref medium",
        "default dev tun6 metric 1024 pref medium",
        "default dev ppp0 scope link",
        "default via 192.0.2.1 dev eth9",
        "default via fe80::1 dev eth0 src fe80::21 metric 100 pref medium",
    ],
)
def test_a_route_over_an_interface_without_a_global_address_is_an_unread_row_and_the_other_family_stands(
    row: str,
) -> None:
    addresses = owned("2: eth0    inet 192.0.2.21/24 brd 192.0.2.255 scope global eth0\n"
                      "2: eth0    inet6 fe80::21/64 scope link", "ip")  # fmt: skip
    seen = default_route(lines(f"{row}\ndefault via 192.0.2.1 dev eth0 metric 50"), "ip route", addresses)
    assert (seen.value, seen.unread) == (("192.0.2.21",), (row,))
    alone = default_route(lines(row), "ip route", addresses)
    assert (alone.value, alone.unread) == ((), (row,))


def test_the_gateway_of_bsd_by_router_advertisement_is_an_unread_row() -> None:
    addresses = owned("2: em0    inet 192.0.2.21/24 scope global em0\n2: em0    inet6 fe80::21/64 scope link", "ip")
    rows = "default            192.0.2.1          UGS        em0\ndefault            fe80::1%em0        UGS        em0"
    seen = default_route(lines(rows), "netstat -rn", addresses)
    assert (seen.value, seen.unread) == (("192.0.2.21",), (rows.splitlines()[1],))


def test_without_addresses_no_route_tells_where_traffic_leaves_from() -> None:
    with pytest.raises(NotRead, match="addresses on interfaces were not seen"):
        default_route(["default via 192.0.2.1 dev eth0"], "ip route show default", ())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("LISTEN 0      100          0.0.0.0:25         0.0.0.0:*", ("0.0.0.0", 25)),
        ("LISTEN 0      100             [::]:25            [::]:*", ("::", 25)),
        ("LISTEN     0      128                       :::25                      :::*", ("::", 25)),
        ("LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*", ("127.0.0.53", 53)),
        ("tcp        0      0 127.0.0.1:10025         0.0.0.0:*               LISTEN", ("127.0.0.1", 10025)),
        ("tcp6       0      0 :::18080                :::*                    LISTEN", ("::", 18080)),
        ("      *.25                 *.*                0      0 49152      0 LISTEN", ("*", 25)),
        ("127.0.0.1.25         *.*                0      0 49152      0 LISTEN", ("127.0.0.1", 25)),
        ("tcp4       0      0  0.0.0.0.25             *.*                    LISTEN", ("0.0.0.0", 25)),
        ("tcp46      0      0  *.443                  *.*                    LISTEN", ("*", 443)),
        ("tcp6       0      0  ::1.25                 *.*                    LISTEN", ("::1", 25)),
        ("LISTEN 0 5 [::ffff:127.0.0.1]:25 *:*", ("127.0.0.1", 25)),
    ],
)
def test_the_listeners_of_each_platform_are_read(row: str, expected: tuple[str, int]) -> None:
    read = listeners([row])
    assert [(each.address, each.port) for each in read.value] == [expected]
    assert read.unread == ()


def test_a_listeners_program_is_named_where_the_host_tells_it() -> None:
    row = 'LISTEN 0 100 0.0.0.0:25 0.0.0.0:* users:(("master",pid=812,fd=13))'
    assert listeners([row]).value == (Listener(address="0.0.0.0", port=25, process="master"),)


def test_other_states_are_no_listeners_and_a_listener_without_port_is_reported() -> None:
    read = listeners(
        [
            "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
            "tcp        0      0 192.0.2.5:5432          192.0.2.21:40001        ESTABLISHED",
            "unix  2      [ ACC ]     STREAM     LISTENING     12345    /var/run/x",
            "      *.*                  *.*                0      0 49152      0 LISTEN",
        ]
    )
    assert read.value == ()
    assert len(read.unread) == 1


@pytest.mark.parametrize(
    "row",
    [
        "ESTAB 0      0      192.0.2.11:5432    192.0.2.21:40001",
        "tcp        0      0 192.0.2.11:5432         192.0.2.21:40001        ESTABLISHED",
        "192.0.2.11.5432      192.0.2.21.40001     49640      0 49640      0 ESTABLISHED",
        "tcp4       0      0  192.0.2.11.5432        192.0.2.21.40001       ESTABLISHED",
        "ESTAB 0 0 [::ffff:192.0.2.11]:5432 [::ffff:192.0.2.21]:40001",
    ],
)
def test_the_peers_are_those_connected_to_the_port_here_and_not_those_that_this_host_connects_to(row: str) -> None:
    outward = "ESTAB 0 0 192.0.2.11:40002 192.0.2.99:5432"
    assert peers([row, outward], 5432).value == ("192.0.2.21",)
    assert peers([row, outward], 5433).value == ()
