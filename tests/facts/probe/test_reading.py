"""From a probe's output to the facts: every fact of the catalogue is known or explained, whatever a host prints."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.facts.catalogue import (
    ADDRESSES,
    BACKUP_MOUNT,
    CATALOGUE,
    DATABASE_LOOKUP,
    DEFAULT_ROUTE,
    HOSTNAME,
    INODES,
    LEASES,
    LISTENERS,
    LOOKUP,
    MOUNTS,
    OWN_ROWS,
    PART_FILES,
    PART_KIB,
    PART_MOUNT,
    PEERS,
    PROCESSES,
    SOURCE_ENTRIES,
    SPACE,
    STARTERS,
    STATUS,
    TARGET_ENTRIES,
    TARGET_MOUNT,
)
from checker.facts.facts_store import text
from checker.facts.host_facts import HostFacts, Known, NotSeen, Unknown, adapter, read
from checker.facts.parsers.protocol import Output, Section
from checker.facts.probe.reading import facts_of
from checker.facts.probe.sections import NAMES
from checker.inputs.deployment import Deployment

DF = "Filesystem 1024-blocks Used Available Capacity Mounted on"
ROOT, OPT = "/dev/sda1 1000 400 550 43% /", "/dev/sdb1 9000 400 8600 5% /opt"
CLOCK = Section("platform.clock", "date -u", 0, ("2026-12-03T09:30:00Z",))
IP = Section(
    "identity.addresses",
    "ip -o addr show",
    0,
    ("2: eth0    inet 192.0.2.21/24 scope global dynamic eth0\\       valid_lft 60sec preferred_lft 60sec",),
)


def section(name: str, *lines: str, status: int | None = 0, command: str = "the command") -> Section:
    return Section(name, command, status, lines)


def facts(deploy: Callable[..., Deployment], *sections: Section, **changes: object) -> HostFacts:
    deployment = deploy("database csm", **changes)
    output = Output("0" * 16, {each.name: each for each in sections})
    found, unread, clock = facts_of(output, deployment, deployment.servers[0])
    return HostFacts(
        server="s1", via="ssh", outcome="ok", collected_at=datetime(2026, 12, 3, tzinfo=UTC), facts=found,
        unread_rows=unread, host_clock=clock,
    )  # fmt: skip


Deploy = Callable[..., Deployment]


def test_a_known_fact_says_by_which_command(deploy: Deploy) -> None:
    host = facts(deploy, section("platform.cpus", "4", command="getconf _NPROCESSORS_ONLN"))
    assert host.facts["platform.cpus"] == Known(value=4, how="getconf _NPROCESSORS_ONLN")


def test_without_any_section_every_fact_is_an_explained_unknown(deploy: Deploy) -> None:
    host = facts(deploy)
    assert set(host.facts) == set(CATALOGUE)
    for seen in host.facts.values():
        assert isinstance(seen, Unknown)
        assert seen.unknown
    assert host.host_clock is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [(3, "`the command` ended with status 3"), (None, "`the command` did not end within its limits")],
)
def test_a_command_that_failed_or_was_stopped_is_no_value_but_its_sum_so_far_a_lower_bound(
    deploy: Deploy, status: int | None, reason: str
) -> None:
    host = facts(deploy, section("parts.quarantine.kib", "partial 4711", status=status))
    assert host.facts["parts.quarantine.kib"] == Unknown(unknown=reason, partial=4711)


def test_a_sum_of_which_something_was_refused_is_a_lower_bound_and_says_what(deploy: Deploy) -> None:
    rows = ("refused du: /opt/pmx/var/qdir/cur: Permission denied", "refused du: x", "partial 12")
    with pytest.raises(NotSeen) as unseen:
        read(facts(deploy, section("parts.quarantine.kib", *rows)), PART_KIB["quarantine"])
    assert "qdir/cur: Permission denied and 1 more" in unseen.value.reason
    assert unseen.value.partial == 12


def test_why_something_was_refused_is_told_before_a_long_command(deploy: Deploy) -> None:
    refused = section("parts.database.kib", "refused /x: a link that leads nowhere", command="du " + "x" * 1000)
    with pytest.raises(NotSeen, match="unknown: /x: a link that leads nowhere"):
        read(facts(deploy, refused), PART_KIB["database"])


def test_starters_of_which_one_place_may_not_be_read_are_a_part(deploy: Deploy) -> None:
    rows = ("refused /var/spool/cron: may not be listed", "/etc/init.d/pmx")
    with pytest.raises(NotSeen, match="may not be listed") as unseen:
        read(facts(deploy, section("starters", *rows)), STARTERS)
    assert unseen.value.partial == ["/etc/init.d/pmx"]


def test_an_absent_part_has_nothing_in_it_and_says_that_it_is_absent(deploy: Deploy) -> None:
    seen = facts(deploy, section("parts.queue.files", "absent", command="find /x/.")).facts["parts.queue.files"]
    assert seen == Known(value=0, unit="files", how="find /x/.: it is absent")


def test_a_crash_in_one_parser_is_that_facts_unknown_alone(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("checker.facts.parsers.storage.inodes", crash)
    host = facts(deploy, section("storage.inodes", "x"), section("platform.cpus", "4"))
    assert host.facts[INODES.path] == Unknown(
        unknown="not readable, a bug of this tool: RuntimeError: a bug of ours (`the command`)"
    )
    assert host.facts["platform.cpus"] == Known(value=4, how="the command")


def test_rows_that_cannot_be_read_are_listed_with_their_section(deploy: Deploy) -> None:
    host = facts(deploy, section("storage.space", DF, ROOT, "???"))
    assert host.unread_rows == ("storage.space: ???",)
    assert [row.mount_point for row in read(host, SPACE)] == ["/"]


def test_the_same_row_unread_twice_is_listed_twice(deploy: Deploy) -> None:
    host = facts(deploy, section("storage.space", DF, "???", ROOT, "???"))
    assert host.unread_rows == ("storage.space: ???",) * 2


def test_of_very_many_unread_rows_the_number_is_told(deploy: Deploy) -> None:
    host = facts(deploy, section("storage.mounts", *(f"row {number}" for number in range(1000))))
    assert host.unread_rows[-1] == "storage.mounts: and 800 more rows that could not be read"
    assert len(host.unread_rows) == 201


def test_control_characters_are_written_as_escapes_and_long_names_cut(deploy: Deploy) -> None:
    rows = (f"1 /usr/local/bin/{'x' * 3000}", "1 /bin/\x1b[31mred\u202e\ud800")
    host = facts(deploy, section("puremessage.old_paths", *rows))
    first, second = [row["path"] for row in host.facts["puremessage.old_paths"].value]  # type: ignore[union-attr,index,call-overload]
    assert isinstance(first, str)
    assert (len(first), first[-1]) == (400, "…")
    assert second == r"/bin/\x1b[31mred\u202e\ud800"


def test_a_list_longer_than_any_hosts_is_not_taken(deploy: Deploy) -> None:
    rows = [f"u{number} x" for number in range(10_001)]
    with pytest.raises(NotSeen, match="10001 rows"):
        read(facts(deploy, section("processes", *rows)), PROCESSES)


def test_the_type_of_a_file_system_comes_from_the_mount_table(deploy: Deploy) -> None:
    table = section("storage.mounts", "/dev/sda1 / ext4 rw 0 0", "/dev/sdb1 /opt ext4 rw 0 0", "nas:/o /opt nfs rw 0 0")
    host = facts(deploy, section("storage.space", DF, ROOT, OPT), table)
    assert [row.type for row in read(host, SPACE)] == ["ext4", "nfs"]


def test_a_place_with_a_limit_of_its_own_keeps_its_own_row_of_df(deploy: Deploy) -> None:
    whole = "/dev/sdb1 9000 1000 8000 12% /opt"
    rows = {"target": "/dev/sdb1 3000 1000 2000 34% /opt", "logs": whole, "queue": "/dev/sdb1 9000 999 8001 12% /opt"}
    host = facts(
        deploy,
        section("storage.space", DF, whole),
        section("target.mount_point", DF, rows["target"]),
        section("parts.logs.mount_point", DF, rows["logs"]),
        section("parts.queue.mount_point", DF, rows["queue"]),
    )
    assert [(row.place, row.total_kib, row.available_kib) for row in read(host, OWN_ROWS)] == [("target", 3000, 2000)]


def test_a_place_where_less_is_left_a_moment_later_keeps_that_row(deploy: Deploy) -> None:
    table = section("storage.space", DF, "/dev/sdb1 9000 1000 8000 12% /opt")
    later = section("target.mount_point", DF, "/dev/sdb1 9000 1001 7999 12% /opt")
    assert [row.available_kib for row in read(facts(deploy, table, later), OWN_ROWS)] == [7999]


def test_bytes_that_were_not_counted_to_the_end_are_a_lower_bound(deploy: Deploy) -> None:
    host = facts(deploy, section("parts.logs.apparent_kib", "partial 12", status=None))
    assert host.facts["parts.logs.apparent_kib"] == Unknown(
        unknown="`the command` did not end within its limits", partial=12
    )


def test_where_mount_names_no_type_another_command_does(deploy: Deploy) -> None:
    table = section("storage.mounts", "/opt on /dev/dsk/c0d0s7 read/write on Thu Nov 12 04:40:01 2026")
    host = facts(deploy, section("storage.space", DF, OPT), table, section("storage.types", "/opt : ufs"))
    assert [row.type for row in read(host, SPACE)] == ["ufs"]
    assert [row.type for row in read(host, MOUNTS)] == ["ufs"]


def test_df_that_failed_on_one_row_is_known_by_the_others(deploy: Deploy) -> None:
    host = facts(deploy, section("storage.space", DF, ROOT, status=1, command="df -Pkl"))
    assert [row.mount_point for row in read(host, SPACE)] == ["/"]
    assert host.unread_rows == ("storage.space: `df -Pkl` ended with status 1",)


def test_a_df_that_hangs_does_not_hide_the_room_where_version_6_lands(deploy: Deploy) -> None:
    host = facts(
        deploy,
        section("storage.space", DF, ROOT, status=None, command="df -Pkl"),
        section("target.mount_point", DF, OPT, command="df -Pk /opt/pmx6"),
    )
    assert read(host, TARGET_MOUNT) == "/opt"
    assert [(row.mount_point, row.available_kib) for row in read(host, SPACE)] == [("/opt", 8600)]
    assert host.unread_rows == ("storage.space: `df -Pkl` did not end within its limits",)


def test_a_df_that_hangs_and_nothing_else_is_no_room(deploy: Deploy) -> None:
    with pytest.raises(NotSeen, match="did not end"):
        read(facts(deploy, section("storage.space", DF, ROOT, status=None)), SPACE)


def test_a_network_mount_that_df_leaves_out_is_there_when_the_data_lies_on_it(deploy: Deploy) -> None:
    host = facts(
        deploy,
        section("storage.space", DF, ROOT, command="df -Pkl"),
        section("parts.quarantine.mount_point", DF, "nas:/q 100 40 60 40% /quarantine", command="df -Pk /quarantine"),
    )
    assert [row.mount_point for row in read(host, SPACE)] == ["/", "/quarantine"]
    assert read(host, PART_MOUNT["quarantine"]) == "/quarantine"


def test_a_table_that_lacks_the_place_that_counts_among_unread_rows_is_not_known(deploy: Deploy) -> None:
    target = section("target.mount_point", DF, OPT)
    whole = facts(deploy, target, section("storage.mounts", "/dev/sdb1 /opt ext4 ro 0 0", "???"))
    assert [row.mount_point for row in read(whole, MOUNTS)] == ["/opt"]
    torn = facts(deploy, target, section("storage.mounts", "/dev/sda1 / ext4 rw 0 0", "???"))
    with pytest.raises(NotSeen, match=r"no row for /opt.*\?\?\?"):
        read(torn, MOUNTS)


def test_a_root_with_a_name_that_could_not_be_read_is_not_called_empty(deploy: Deploy) -> None:
    host = facts(deploy, section("target.entries", "drwxr-xr-x 2 root root 4096 Nov 22 08:42 .", "???"))
    with pytest.raises(NotSeen, match=r"\?\?\?"):
        read(host, TARGET_ENTRIES)


def test_a_mount_point_directly_under_a_root_is_one(deploy: Deploy) -> None:
    host = facts(
        deploy,
        section("source.entries", "drwxr-xr-x 2 root root 4096 Nov 22 08:42 postgres"),
        section("storage.mounts", "/dev/sdb1 /opt/pmx/postgres ext4 rw 0 0"),
    )
    assert [entry.kind for entry in read(host, SOURCE_ENTRIES) or ()] == ["mount"]


def test_a_lease_ends_by_the_hosts_own_clock(deploy: Deploy) -> None:
    host = facts(deploy, IP, CLOCK)
    assert host.host_clock == datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    assert [lease.ends for lease in read(host, LEASES)] == [datetime(2026, 12, 3, 9, 31, tzinfo=UTC)]


IFCONFIG = section(
    "identity.addresses", "en0: flags=1<UP>", "\tinet 192.0.2.5 netmask 0xffffff00", command="ifconfig -a"
)


def test_where_neither_the_interfaces_nor_a_file_can_tell_a_lease_it_is_not_known(deploy: Deploy) -> None:
    with pytest.raises(NotSeen, match="neither the interfaces"):
        read(facts(deploy, IFCONFIG, section("identity.leases"), section("platform.uname", "AIX", "1", "p")), LEASES)
    solaris = facts(deploy, IFCONFIG, section("identity.leases"), section("platform.uname", "SunOS", "5.10", "sun4v"))
    assert read(solaris, LEASES) == ()


def test_the_default_route_is_told_by_the_addresses(deploy: Deploy) -> None:
    route = section(
        "identity.default_route_addresses", "default via 192.0.2.1 dev eth0", command="ip route show default"
    )
    assert read(facts(deploy, IP, route), DEFAULT_ROUTE) == ("192.0.2.21",)
    with pytest.raises(NotSeen):
        read(facts(deploy, route), DEFAULT_ROUTE)


def test_no_address_at_all_is_not_believed(deploy: Deploy) -> None:
    with pytest.raises(NotSeen):
        read(facts(deploy, section("identity.addresses", command="ip -o addr show")), ADDRESSES)


def test_getent_that_finds_nothing_has_answered_and_one_that_was_stopped_has_not(deploy: Deploy) -> None:
    nothing = section("identity.lookup", status=2, command="getent hosts mx1")
    assert read(facts(deploy, nothing), LOOKUP) == ()
    dead = section("puremessage.database_lookup", status=None, command="getent hosts db")
    with pytest.raises(NotSeen, match="did not end"):
        read(facts(deploy, dead), DATABASE_LOOKUP)


def test_the_name_is_told_by_hostname_where_uname_is_missing(deploy: Deploy) -> None:
    assert read(facts(deploy, section("identity.hostname", "mx1", command="hostname")), HOSTNAME) == "mx1"
    both = (section("identity.nodename", "mx1", command="uname -n"), section("identity.hostname", "mx2"))
    with pytest.raises(NotSeen, match="`hostname` says mx2"):
        read(facts(deploy, *both), HOSTNAME)


def test_peers_are_those_of_the_port_that_pmdb_conf_names(deploy: Deploy) -> None:
    rows = ("ESTAB 0 0 192.0.2.11:5433 192.0.2.21:40001", "ESTAB 0 0 192.0.2.11:5432 192.0.2.22:40001")
    peers = section("puremessage.database_peers", *rows, command="ss -tn")
    assert read(facts(deploy, peers), PEERS) == ("192.0.2.22",)
    assert read(facts(deploy, peers, section("puremessage.database_target", "port = 5433")), PEERS) == ("192.0.2.21",)


def test_the_products_own_word_is_unknown_where_it_may_not_be_asked(deploy: Deploy) -> None:
    status = section("puremessage.status", "refused connections: 0", "pmx is up")
    with pytest.raises(NotSeen, match=r"probe\.pmx_status"):
        read(facts(deploy, status), STATUS)
    asked = facts(deploy, status, probe={"pmx_status": True})
    assert read(asked, STATUS) == ("refused connections: 0", "pmx is up")


def test_a_backup_that_is_not_declared_has_no_mount_point(deploy: Deploy) -> None:
    place = section("backup.mount_point", DF, OPT)
    with pytest.raises(NotSeen, match=r"paths\.backup"):
        read(facts(deploy, place), BACKUP_MOUNT)
    assert read(facts(deploy, place, paths={"backup": "/opt/backup"}), BACKUP_MOUNT) == "/opt"


def test_a_probe_that_ran_out_of_time_leaves_unknowns_and_no_zeros(deploy: Deploy) -> None:
    host = facts(deploy, *(section(name, status=None) for name in sorted(NAMES)))
    assert all(isinstance(seen, Unknown) for seen in host.facts.values())
    for fact in (PART_KIB["logs"], PART_FILES["logs"], LISTENERS, STARTERS):
        with pytest.raises(NotSeen):
            read(host, fact)


WORDS = st.sampled_from(
    [
        DF, ROOT, "default via 192.0.2.1 dev eth0", "2: eth0    inet 192.0.2.21/24 scope global eth0", "total 99999",
        "absent", "refused x", "/f:fixed-address 192.0.2.21;", "/f:expire epoch 99999999999999;", "/etc/hostname:mx1",
        "/f:fixed-address 1.2;", "en0: flags=1<UP>", " inet 999.1.1.1 netmask 0xffffff00", "inet6 ::1/999", "uid=0",
        "tcp 0 0 *.99999 *.* LISTEN", "ESTAB 0 0 x:5432 y:1", "port = 99999", "INPUT_MAIL_FILTER(", "X,", "ssh-rsa =",
        "drwxr-xr-x 2 a b 1 Nov 22 08:42 x", "lrwxrwxrwx 1 a b 1 Nov 22 08:42 -> ", "/dev/a on /b type c (rw)",
        "hw.ncpu: 99999999999999999999", "1 /x", "old 9", "2026-99-99T09:30:00Z", "a 1 2 3", "Name: x", "Address: y",
        "9" * 5000, " ", "\t", "\x00", "%", "- - - - /",
    ]
)  # fmt: skip
COMMANDS = st.sampled_from(["", "ip -o addr", "ifconfig -a", "netstat -rn", "nslookup x", "sysctl hw", "x"])
STATUSES = st.sampled_from([0, 0, 0, 1, 2, None])
SECTIONS = st.builds(
    Section,
    st.sampled_from(sorted(NAMES)),
    COMMANDS,
    STATUSES,
    st.lists(st.one_of(WORDS, st.text(max_size=40)), max_size=6).map(tuple),
)


@given(sections=st.lists(SECTIONS, max_size=30))
def test_whatever_a_host_prints_every_fact_is_of_its_type_or_unknown_and_can_be_written(
    deploy: Deploy, sections: list[Section]
) -> None:
    host = facts(deploy, *sections, probe={"pmx_status": True}, paths={"backup": "/b"})
    assert list(host.facts) == list(CATALOGUE)
    for path, seen in host.facts.items():
        if isinstance(seen, Known):
            adapter(CATALOGUE[path]).validate_python(seen.value)
    written = text(host)
    written.encode()
    assert "a bug of this tool" not in written


def test_a_line_made_to_be_slow_is_not(deploy: Deploy) -> None:
    tricks = ("a on / on / type x type (" * 8000, " " * 200_000 + "x", "1 " * 100_000, "/" * 200_000)
    host = facts(deploy, *(section(name, DF, *tricks) for name in sorted(NAMES)))
    assert set(host.facts) == set(CATALOGUE)
