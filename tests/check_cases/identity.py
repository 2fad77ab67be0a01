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


@case("identity-clones", "not-applicable", sample="eleven")
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
    w.baseline["mx1"]["facts"]["identity.hostname"] = {"unknown": "not seen"}  # type: ignore[index]


@case("identity-unchanged", "fail", on="mx1", stage="after")
def renumbered_in_the_night(w: World) -> None:
    _renumbered(w, "mx1", "192.0.2.121")
