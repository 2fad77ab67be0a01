"""Names, ids, keys and look-ups: who a host says it is."""

import pytest

from checker.facts.parsers.identity import configured_hostname, euid, host_keys, hostname, looked_up, machine_id
from checker.facts.parsers.parsed import NotRead


def test_two_different_names_are_no_name() -> None:
    with pytest.raises(NotRead, match="says mx1, `hostname` says mx2"):
        hostname(["mx1"], ["mx2"])
    with pytest.raises(NotRead):
        hostname([], ["mx2"])


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


@pytest.mark.parametrize("answer", [";; connection timed out; no servers could be reached", "*** it says nothing"])
def test_a_name_server_that_does_not_answer_says_nothing_about_the_name(answer: str) -> None:
    with pytest.raises(NotRead):
        looked_up([*NSLOOKUP, answer], "nslookup db")


def test_no_user_id_is_not_root() -> None:
    with pytest.raises(NotRead):
        euid(["id: cannot find name for user ID"])
