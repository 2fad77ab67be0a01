"""Worlds of the checks of who every server is."""

from typing import Any

from worlds import World

from check_cases import case


def _address(text: str) -> dict[str, Any]:
    return {"address": text, "prefix": 24, "interface": "eth0", "scope": "global"}


def _renumbered(w: World, server: str, address: str) -> None:
    """Another address than the declared one, which is declared as well: only the baseline knows the old one."""
    w.server(server)["addresses"] = [address]
    w.seen(server, "identity.addresses")[1]["address"] = address
    w.value(server, "identity.default_route_addresses", [address])
    w.value(server, "identity.lookup", [address])


@case("identity-unique", "fail")
def two_servers_with_one_name(w: World) -> None:
    w.value("mx2", "identity.hostname", "mx1.example.net")


@case("identity-unique", "fail")
def two_servers_with_one_address(w: World) -> None:
    w.seen("mx2", "identity.addresses").append(_address("192.0.2.21"))
    w.value("mx2", "identity.default_route_addresses", ["192.0.2.22", "192.0.2.21"])


@case("identity-unique", "unknown")
def the_addresses_of_one_were_not_seen(w: World) -> None:
    w.unknown("mx2", "identity.addresses")


@case("identity-clones", "fail")
def a_copied_machine(w: World) -> None:
    w.value("mx2", "identity.machine_id", w.seen("mx1", "identity.machine_id"))


@case("identity-clones", "not-applicable", sample="university-mail")
def systems_without_ids(w: World) -> None:
    for name in w.facts:
        w.value(name, "identity.machine_id", "")
        w.value(name, "identity.host_keys", [])


@case("identity-declared", "fail", on="mx1")
def it_calls_itself_otherwise(w: World) -> None:
    w.value("mx1", "identity.hostname", "relay.example.net")


@case("identity-declared", "fail", on="mx1")
def a_declared_address_is_nowhere(w: World) -> None:
    w.server("mx1")["addresses"].append("192.0.2.121")


@case("identity-declared", "unknown", on="mx1")
def its_name_was_not_seen(w: World) -> None:
    w.unknown("mx1", "identity.hostname")


@case("identity-persistent", "fail", on="mx1")
def a_reboot_would_rename_it(w: World) -> None:
    w.value("mx1", "identity.configured_hostname", "old-mx1.example.net")


@case("identity-persistent", "unknown", on="mx1")
def its_configured_name_was_not_seen(w: World) -> None:
    w.unknown("mx1", "identity.configured_hostname")


@case("identity-leased", "fail", on="mx1")
def an_address_by_dhcp(w: World) -> None:
    w.value("mx1", "identity.leases", [{"address": "192.0.2.21", "interface": "eth0", "ends": None}])


@case("identity-dns", "fail", on="mx1")
def its_own_name_leads_elsewhere(w: World) -> None:
    w.value("mx1", "identity.lookup", ["198.51.100.1"])


@case("identity-unchanged", "fail", on="mx1")
def renumbered_since_the_baseline(w: World) -> None:
    _renumbered(w, "mx1", "192.0.2.121")


@case("identity-unchanged", "fail", on="mx1")
def renamed_since_the_baseline(w: World) -> None:
    w.then("mx1", "identity.hostname", "old-mx1.example.net")
    w.then("mx1", "identity.configured_hostname", "old-mx1.example.net")


@case("identity-unchanged", "fail", on="mx1")
def other_host_keys(w: World) -> None:
    w.value("mx1", "identity.host_keys", ["SHA256:another"])


@case("identity-unchanged", "unknown", on="mx1")
def the_baseline_did_not_see_its_name(w: World) -> None:
    w.baseline["mx1"]["facts"]["identity.hostname"] = {"unknown": "permission denied"}  # type: ignore[index]


@case("identity-unchanged", "fail", on="mx1", stage="after")
def renumbered_in_the_night(w: World) -> None:
    _renumbered(w, "mx1", "192.0.2.121")


def _second_interface(w: World) -> None:
    """mx1 speaks to the database from a second interface."""
    for hosts in (w.facts, w.baseline or {}):
        hosts["mx1"]["facts"]["identity.addresses"]["value"].append(_address("10.0.0.21"))
        hosts["db1"]["facts"]["puremessage.database_peers"]["value"].append("10.0.0.21")


@case("identity-unchanged", "fail", on="mx1", base=_second_interface)
def the_address_that_the_database_knows_it_by(w: World) -> None:
    w.seen("mx1", "identity.addresses")[-1]["address"] = "10.0.0.99"


@case("identity-unchanged", "pass", on="mx1")
def an_address_that_nobody_uses(w: World) -> None:
    w.seen("mx1", "identity.addresses").append(_address("10.0.0.99"))


def _floating_database(w: World) -> None:
    """The filters look for the database at an address that may stand on two servers."""
    for name in ("db1", "mx1"):
        w.server(name)["floating"] = ["192.0.2.50"]
    for hosts in (w.facts, w.baseline or {}):
        hosts["db1"]["facts"]["identity.addresses"]["value"].append(_address("192.0.2.50"))
        for name in ("mx1", "mx2"):
            hosts[name]["facts"]["puremessage.database_lookup"]["value"] = ["192.0.2.50"]


@case("identity-unchanged", "fail", on="db1", base=_floating_database)
def the_floating_address_of_the_database_has_moved(w: World) -> None:
    w.seen("mx1", "identity.addresses").append(w.seen("db1", "identity.addresses").pop())


@case("identity-unchanged", "pass", on="mx1")
def a_trailing_dot_and_capital_letters(w: World) -> None:
    w.value("mx1", "identity.hostname", "MX1.example.net.")
    w.value("mx1", "identity.configured_hostname", "mx1")


@case("identity-unchanged", "fail", on="mx1")
def the_same_label_in_another_domain(w: World) -> None:
    w.value("mx1", "identity.hostname", "mx1.example.org")


@case("identity-unchanged", "unknown", on="mx1")
def nothing_to_compare_with(w: World) -> None:
    w.baseline = None


@case("identity-unchanged", "unknown", on="mx1")
def its_host_keys_were_not_readable(w: World) -> None:
    w.unknown("mx1", "identity.host_keys")


def _unreadable_keys(w: World) -> None:
    w.unknown("mx1", "identity.host_keys")


def _answered(w: World, check: str, **fields: str) -> None:
    w.deployment["answers"][check] = {"by": "A. Example", "at": w.now.date().isoformat(), **fields}


@case("identity-unchanged", "pass", on="mx1", before="unknown", base=_unreadable_keys)
def somebody_looked_at_the_machine(w: World) -> None:
    _answered(w, "identity-unchanged", confirmed="yes", how="on its console")


def _looked_at(w: World) -> None:
    _unreadable_keys(w)
    somebody_looked_at_the_machine(w)


@case("identity-unchanged", "unknown", on="mx1", base=_looked_at)
def somebody_looked_the_week_before(w: World) -> None:
    w.deployment["answers"]["identity-unchanged"]["at"] = "2026-11-28"


@case("identity-persistent", "pass", on="mx1", before="unknown", base=its_configured_name_was_not_seen)
def somebody_read_the_configured_name(w: World) -> None:
    _answered(w, "identity-persistent", configured="mx1", where="/etc/rc.config")


@case("identity-persistent", "fail", on="mx1", before="unknown", base=its_configured_name_was_not_seen)
def somebody_read_another_configured_name(w: World) -> None:
    _answered(w, "identity-persistent", configured="old-mx1", where="/etc/rc.config")


def _mail_in_two_domains(w: World) -> None:
    for name, domain in (("mx1", "north"), ("mx2", "south")):
        w.value(name, "identity.hostname", "mail")
        w.server(name)["hostname"] = f"mail.{domain}.example.net"


@case("identity-unique", "pass")
def one_short_name_in_two_declared_domains(w: World) -> None:
    _mail_in_two_domains(w)


@case("identity-unique", "fail")
def one_short_name_and_nothing_declared(w: World) -> None:
    _mail_in_two_domains(w)
    for name in ("mx1", "mx2"):
        w.server(name).pop("hostname")


@case("identity-unchanged", "pass", on="mx1")
def another_privacy_address_towards_the_default_route(w: World) -> None:
    row = {"address": "2001:db8::77", "prefix": 64, "interface": "eth0", "scope": "temporary"}
    w.seen("mx1", "identity.addresses").append(row)
    w.seen("mx1", "identity.default_route_addresses").append("2001:db8::77")
