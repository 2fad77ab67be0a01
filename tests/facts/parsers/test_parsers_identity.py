"""Names, ids, keys and look-ups: who a host says it is."""

import pytest

from checker.facts.parsers.identity import configured_hostname, euid, host_keys, hostname, looked_up, machine_id
from checker.facts.parsers.parsed import NotRead


def test_the_running_name_is_that_of_uname() -> None:
    assert hostname(["mx1.example.net"], None).value == "mx1.example.net"
    assert hostname(["mx1"], ["mx1"]).value == "mx1"


def test_a_short_and_a_full_name_are_no_contradiction_but_told() -> None:
    read = hostname(["mx1"], ["mx1.example.net"])
    assert read.value == "mx1"
    assert read.unread == ("`uname -n` says mx1, `hostname` says mx1.example.net",)


def test_two_different_names_are_no_name() -> None:
    with pytest.raises(NotRead, match="says mx1, `hostname` says mx2"):
        hostname(["mx1"], ["mx2"])
    with pytest.raises(NotRead):
        hostname([], ["mx2"])


@pytest.mark.parametrize(
    ("system", "release", "rows", "expected"),
    [
        ("Linux", "", ["/etc/hostname:mx1"], "mx1"),
        ("Linux", "", ["/etc/hostname:# not me", "/etc/hostname:mx1"], "mx1"),
        ("Linux", "", ["/etc/hostname:mx1", "/etc/sysconfig/network:HOSTNAME=old"], "mx1"),
        ("Linux", "CentOS release 6.10 (Final)", ["/etc/hostname:x", '/etc/sysconfig/network:HOSTNAME="mx1"'], "mx1"),
        ("Linux", "", ["/etc/HOSTNAME:mx1.example.net"], "mx1.example.net"),
        ("SunOS", "", ["/etc/hostname:x", "/etc/nodename:mx1"], "mx1"),
        ("OpenBSD", "", ["/etc/myname:mx1.example.net"], "mx1.example.net"),
        ("FreeBSD", "", ['/etc/rc.conf:hostname="old"', '/etc/rc.conf.local:hostname="mx1" # new'], "mx1"),
        ("FreeBSD", "", ['/etc/rc.conf:hostname="old"', '/etc/rc.conf:hostname="mx1"'], "mx1"),
        ("HP-UX", "", ['/etc/rc.config.d/netconf:HOSTNAME="mx1"'], "mx1"),
        ("AIX", "", ["lsattr:hostname mx1 Host Name True"], "mx1"),
        ("SunOS", "", ["/etc/nodename:old", "svcprop:mx1"], "mx1"),
    ],
)
def test_the_name_of_the_next_boot_is_read_where_the_system_takes_it_from(
    system: str, release: str, rows: list[str], expected: str
) -> None:
    assert configured_hostname(rows, system, release).value == expected


def test_a_name_that_is_computed_at_boot_is_not_taken_for_a_name() -> None:
    with pytest.raises(NotRead, match="does not state it plainly"):
        configured_hostname(["/etc/rc.conf:hostname=`cat /etc/name`"], "FreeBSD", "")


def test_no_file_that_names_the_host_is_no_name_and_other_rows_are_reported() -> None:
    with pytest.raises(NotRead, match="no file") as refused:
        configured_hostname(["/etc/elsewhere:mx1"], "Linux", "")
    assert refused.value.unread == ("/etc/elsewhere:mx1",)


def test_a_machine_id_is_one_only_when_it_looks_like_one() -> None:
    assert machine_id(["0123456789abcdef0123456789abcdef"]).value == "0123456789abcdef0123456789abcdef"
    with pytest.raises(NotRead):
        machine_id(["uninitialized"])


KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def test_host_keys_are_told_by_the_fingerprint_that_ssh_keygen_prints() -> None:
    # ssh-keygen -lf of this very line
    expected = "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"
    assert host_keys([f"ssh-ed25519 {KEY} root@mx1"]).value == (expected,)
    assert host_keys([f"/etc/ssh/ssh_host_ed25519_key.pub:ssh-ed25519 {KEY}"]).value == (expected,)


def test_a_line_that_is_no_key_is_reported_and_none_at_all_is_not_seen() -> None:
    read = host_keys([f"ssh-ed25519 {KEY}", "ssh-rsa AAA", "what?"])
    assert (len(read.value), read.unread) == (1, ("ssh-rsa AAA", "what?"))
    with pytest.raises(NotRead, match="no public SSH host key"):
        host_keys([])


def test_a_name_resolves_to_the_addresses_that_getent_prints() -> None:
    rows = ["192.0.2.11      db.example.net db", "2001:db8::11    db.example.net", "192.0.2.11 db"]
    assert looked_up(rows, "getent hosts db").value == ("192.0.2.11", "2001:db8::11")
    assert looked_up([], "getent hosts db").value == ()
    assert looked_up(["what?"], "getent hosts db").unread == ("what?",)


NSLOOKUP = ["Server:\t\t192.0.2.53", "Address:\t192.0.2.53", ""]


def test_nslookup_names_its_server_first_which_is_no_answer() -> None:
    answer = [
        "Name:\tdb.example.net",
        "Address: 192.0.2.11",
        "Name:\tdb.example.net",
        "Addresses: 192.0.2.12, 2001:db8::1",
    ]
    assert looked_up(NSLOOKUP + answer, "nslookup db").value == ("192.0.2.11", "192.0.2.12", "2001:db8::1")
    assert looked_up([*NSLOOKUP, "** server can't find db: NXDOMAIN"], "nslookup db").value == ()


@pytest.mark.parametrize("answer", [";; connection timed out; no servers could be reached", "*** it says nothing"])
def test_a_name_server_that_does_not_answer_says_nothing_about_the_name(answer: str) -> None:
    with pytest.raises(NotRead):
        looked_up([*NSLOOKUP, answer], "nslookup db")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uid=0(root) gid=0(root) groups=0(root)", 0),
        ("uid=1000(a) gid=1000(a) groups=1000(a),10(wheel) context=unconfined_u:unconfined_r", 1000),
        ("uid=1000(a) gid=1000(a) euid=0(root) groups=1000(a)", 0),
        ("uid=100(a) gid=1(other)", 100),
    ],
)
def test_the_effective_user_id_is_what_counts(line: str, expected: int) -> None:
    assert euid([line]).value == expected


def test_no_user_id_is_not_root() -> None:
    with pytest.raises(NotRead):
        euid(["id: cannot find name for user ID"])
