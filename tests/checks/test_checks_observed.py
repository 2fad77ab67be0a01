"""What the hosts show of roles, database, mail and clocks, against what is declared and needed that night."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.facts.catalogue import (
    ADDRESSES,
    DATABASE_LOOKUP,
    DATABASE_PORT,
    DATABASE_TARGET,
    DISTRIBUTION,
    FILTER_LINES,
    HOST_KEYS,
    HOSTNAME,
    LISTENERS,
    LOOKUP,
    MACHINE_ID,
    MTA,
    OLD_PATHS,
    PART_FILES,
    PART_MOUNT,
    PEERS,
    QUEUE_OLD,
    RELEASE,
    SPACE,
    STARTERS,
    STATUS,
    SYSTEM,
)
from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, Unknown, adapter, known
from checker.inputs.deployment import Deployment

NOW = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
FILES = PART_FILES["database"]
NO_TARGET: dict[str, Any] = {"kind": None, "host": None, "port": None, "name": None}
# a Mail Filter as it stands: it looks for the database elsewhere, and nothing of it is odd
PLAIN: dict[Fact[Any], Any] = {
    FILES: 0, MTA: ["bundled-postfix"], FILTER_LINES: [], QUEUE_OLD: 12, DATABASE_PORT: True,
    DATABASE_TARGET: NO_TARGET | {"host": "db.example.net"}, DATABASE_LOOKUP: ["192.0.2.11"], PEERS: [],
    ADDRESSES: [{"address": "192.0.2.21", "interface": "eth0", "scope": "global"}], HOSTNAME: "a.example.net",
    LOOKUP: ["192.0.2.21"], PART_MOUNT["logs"]: "/",
}  # fmt: skip


def ports(*numbers: int, address: str = "0.0.0.0", process: str | None = None) -> list[dict[str, Any]]:
    return [{"address": address, "port": number, "process": process} for number in numbers]


def host(facts: dict[Fact[Any], Any], **more: Any) -> HostFacts:
    found = dict(known(fact, adapter(fact).validate_python(value), "t") for fact, value in facts.items())
    return HostFacts(**{"server": "x", "via": "ssh", "outcome": "ok", "collected_at": NOW, "facts": found, **more})


def deployment(*servers: dict[str, Any], **more: Any) -> Deployment:
    window = {"start": "2026-12-05T22:00", "end": "2026-12-06T06:00"}
    change = {"number": "C1", "timezone": "UTC", "windows": [window]}
    return Deployment.model_validate({"deployment": "d", "change": change, "servers": list(servers)} | more)


MAIL = {"name": "a", "roles": ["mta", "mail-filter"]}
DATABASE = {"name": "db", "hostname": "db.example.net", "addresses": ["192.0.2.11"], "roles": ["database", "csm"]}


def say(
    check: str,
    facts: dict[Fact[Any], Any] | None = None,
    *,
    roles: str = "mta mail-filter",
    done: tuple[str, ...] = (),
    without: Fact[Any] | None = None,
    unknown: tuple[Fact[Any], Any] | None = None,
) -> Word:
    """What a check says of server a, beside a Database server that is not looked at."""
    declared = deployment(DATABASE, MAIL | {"roles": roles.split()})
    seen = host({fact: value for fact, value in (PLAIN | (facts or {})).items() if fact is not without})
    if unknown:
        seen.facts[unknown[0].path] = Unknown(unknown="stopped", partial=unknown[1])
    case = Case(declared, {"a": seen}, None, NOW, "server", frozenset(done))
    return ask(BY_ID[check], case, declared.server("a"))


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        ("roles-observed", (FILES, LISTENERS, MTA)),
        ("database-name-resolves", (DATABASE_TARGET, DATABASE_LOOKUP)),
        ("database-port", (DATABASE_TARGET, DATABASE_PORT)),
        ("filter-stop-behaviour", (MTA,)),
        ("autostart-seen", (STARTERS,)),
        ("old-paths", (OLD_PATHS,)),
        ("services-running", (LISTENERS,)),
        ("queue-depth", (MTA, QUEUE_OLD)),
        ("log-headroom", (SPACE, PART_MOUNT["logs"])),
        ("identity-dns", (HOSTNAME, LOOKUP, ADDRESSES)),
        ("platform-known", (SYSTEM, RELEASE)),
    ],
)
def test_what_was_not_seen_stays_unknown(check: str, facts: tuple[Fact[Any], ...]) -> None:
    rows = [{"mount_point": "/", "device": "d", "type": "t", "total_kib": 2**40, "available_kib": 2**40}]
    whole = {
        LISTENERS: ports(25, 10025, 18080), STARTERS: [], OLD_PATHS: [], SYSTEM: "Linux", RELEASE: "6", SPACE: rows,
    }  # fmt: skip
    assert say(check, whole).outcome == "pass"
    for fact in facts:
        assert say(check, whole, without=fact).outcome == "unknown", fact.path


POPULATED = {FILES: 1200, LISTENERS: ports(5432), DATABASE_TARGET: NO_TARGET | {"host": "localhost", "port": 5432}}


@pytest.mark.parametrize(
    ("roles", "facts", "outcome", "words"),
    [
        ("mta", POPULATED, "fail", "Database Server is not declared, but 1200 files in the database directory"),
        ("database csm", POPULATED, "pass", "confirmed: Database Server"),
        (
            "mta",
            {FILES: 1200, LISTENERS: []},
            "pass",
            "no sign of Mail Transfer Agent",
        ),  # its own libraries fill the directory
        ("mta", {FILES: 0, LISTENERS: ports(5432)}, "pass", ""),  # some other PostgreSQL
        ("mta", {FILES: 9, LISTENERS: ports(5432)}, "pass", ""),  # both, and yet its database is elsewhere
        ("mta", POPULATED | {LISTENERS: ports(6543, process="postmaster")}, "fail", "port 6543 is open"),
        ("mta", {LISTENERS: ports(10025)}, "fail", "Mail Filter is not declared"),
        ("mta", {LISTENERS: ports(3366)}, "fail", "Mail Filter is not declared"),
        ("mta", {LISTENERS: ports(10025, process="master")}, "pass", ""),  # Postfix, for another scanner
        (
            "mail-filter",
            {LISTENERS: ports(25, 10025)},
            "fail",
            "Mail Transfer Agent is not declared, but bundled-postfix",
        ),
        ("mail-filter", {LISTENERS: ports(25, address="127.0.0.1")}, "pass", ""),
        ("mail-filter", {LISTENERS: ports(25), MTA: ["postfix"]}, "pass", ""),  # the system's own
        ("mta", {LISTENERS: ports(28443)}, "fail", "End User Web Interface is not declared"),
        ("gwi", {LISTENERS: ports(28443), MTA: []}, "pass", "no sign of an undeclared role"),
        ("mta", {LISTENERS: ports(18080)}, "pass", "no sign of Mail Transfer Agent: as declared"),
    ],
)
def test_a_role_that_shows_and_is_not_declared_fails(
    roles: str, facts: dict[Fact[Any], Any], outcome: str, words: str
) -> None:
    word = say("roles-observed", facts, roles=roles)
    assert (word.outcome, words in word.message) == (outcome, True), word.message


def test_a_count_that_stopped_half_way_proves_a_populated_database_and_none_proves_nothing() -> None:
    assert say("roles-observed", POPULATED, unknown=(FILES, 7)).outcome == "fail"
    assert say("roles-observed", POPULATED, unknown=(FILES, 0)).outcome == "unknown"


@pytest.mark.parametrize(
    ("target", "lookup", "outcome"),
    [
        ("db.example.net", ["192.0.2.11"], "pass"),
        ("db.example.net", [], "fail"),
        ("192.0.2.11", [], "not-applicable"),
        ("2001:db8::1", [], "not-applicable"),
        ("LocalHost", [], "not-applicable"),
        ("/var/run/postgres", [], "not-applicable"),
        (None, [], "not-applicable"),
    ],
)
def test_only_a_name_must_resolve(target: str | None, lookup: list[str], outcome: str) -> None:
    facts = {DATABASE_TARGET: NO_TARGET | {"host": target}, DATABASE_LOOKUP: lookup}
    assert say("database-name-resolves", facts).outcome == outcome


def test_a_port_that_is_closed_fails_only_while_the_old_database_should_answer() -> None:
    closed = {DATABASE_PORT: False}
    assert say("database-port", closed).outcome == "fail"
    assert say("database-port", closed, done=("db",)).outcome == "not-applicable", "announced by the vendor (V17)"
    assert say("database-port", closed | {DATABASE_TARGET: NO_TARGET}).outcome == "not-applicable"


@pytest.mark.parametrize(
    ("kinds", "flags", "outcome", "words"),
    [
        (["sendmail"], [""], "fail", "passes unfiltered"),
        (["sendmail"], ["R"], "fail", "REJECTED"),
        (["sendmail"], ["T"], "pass", "deferred"),
        (["sendmail"], ["T", ""], "fail", "f1: mail passes unfiltered"),
        (["sendmail"], ["X"], "fail", "F=X is not known to us"),
        (["sendmail"], [], "unknown", "unknown how mail reaches"),
        (["bundled-postfix", "sendmail"], [], "pass", "Postfix queues"),
        (["bundled-postfix"], [], "pass", "Postfix queues"),
        (["jsms"], [], "unknown", "jsms"),
        ([], [], "unknown", "unknown what the mail transfer agent does with mail"),
    ],
)
def test_what_sendmail_does_when_its_filter_is_stopped_is_in_its_flags(
    kinds: list[str], flags: list[str], outcome: str, words: str
) -> None:
    lines = [{"name": f"f{number}", "flags": flag} for number, flag in enumerate(flags)]
    word = say("filter-stop-behaviour", {MTA: kinds, FILTER_LINES: lines})
    assert (word.outcome, words in word.message) == (outcome, True), word.message


def test_servers_without_mail_are_not_asked_what_a_stopped_filter_does() -> None:
    assert say("filter-stop-behaviour", roles="euwi").outcome == "not-applicable"
    assert say("filter-stop-behaviour", {MTA: []}, roles="mail-filter").outcome == "not-applicable"
    assert say("filter-stop-behaviour", {MTA: ["sendmail"]}, without=FILTER_LINES).outcome == "unknown"
    assert say("filter-stop-behaviour", {MTA: []}, roles="mail-filter", without=FILTER_LINES).outcome == "unknown"


@pytest.mark.parametrize(
    ("starters", "outcome"),
    [
        ([], "pass"),
        (["/etc/init.d/pmx", "/etc/rc.d/rc3.d/S90pmx", "/sbin/init.d/pmx", "/usr/local/etc/rc.d/pmx"], "pass"),
        (["/etc/init.d/pmx", "/etc/cron.d/watch"], "fail"),
        (["/var/spool/cron/pmx"], "fail"),
        (["/etc/inittab"], "fail"),
        (["/etc/systemd/system/pmx.service"], "fail"),
    ],
)
def test_what_may_start_a_stopped_product_by_itself_is_named(starters: list[str], outcome: str) -> None:
    word = say("autostart-seen", {STARTERS: starters})
    assert word.outcome == outcome and all(path in word.observed for path in starters)


def test_files_that_name_the_old_path_are_counted_before_and_after() -> None:
    word = say("old-paths", {OLD_PATHS: [{"path": f"/etc/cron.d/{name}", "count": 2} for name in "gfedcba"]})
    assert word.outcome == "fail" and "files outside /opt/pmx that name it: 7 (/etc/cron.d/a (2 lines)" in word.message
    assert "and 2 more" in word.message and len(word.observed) == 7
    assert BY_ID["old-paths"].stages == ("change", "after")


@pytest.mark.parametrize(
    ("roles", "open_ports", "outcome", "words"),
    [
        ("mta mail-filter", (25, 10025, 18080), "pass", "default ports"),
        ("mta mail-filter", (25, 3366, 18080), "pass", ""),
        ("mta mail-filter", (25, 18080), "fail", "Mail Filter: nothing listens on 10025 or 3366"),
        ("mta", (18080,), "fail", "Mail Transfer Agent"),
        ("mta", (25,), "fail", "Manager"),
        ("euwi", (18080, 28080), "pass", ""),
        ("euwi", (18080,), "fail", "web interfaces"),
        ("database csm", (18080,), "fail", "no PostgreSQL listens"),
        ("database csm", (18080, 5432), "pass", ""),
    ],
)
def test_each_role_has_its_port(roles: str, open_ports: tuple[int, ...], outcome: str, words: str) -> None:
    word = say("services-running", {LISTENERS: ports(*open_ports)}, roles=roles)
    assert (word.outcome, words in word.message) == (outcome, True), word.message


def test_the_databases_port_is_that_of_its_own_configuration() -> None:
    facts = {LISTENERS: ports(18080, 6543), DATABASE_TARGET: NO_TARGET | {"host": "localhost", "port": 6543}}
    assert say("services-running", facts, roles="database csm").outcome == "pass"


def test_the_products_own_word_counts_where_it_was_allowed() -> None:
    good, bad = ["Milter (Policy) running (pid 4711)"], ["Queue Runner not running"]
    facts = {LISTENERS: ports(25, 10025, 18080)}
    assert say("services-running", facts | {STATUS: good}).outcome == "pass"
    word = say("services-running", facts | {STATUS: bad})
    assert word.outcome == "fail" and "Queue Runner not running" in word.message


def logs(available: int, roles: str = "mta mail-filter", **more: Any) -> Word:
    row = {"mount_point": "/", "device": "d", "type": "ext4", "total_kib": 2**30, "available_kib": available}
    declared = deployment({"name": "a", "roles": roles.split()}, **more)
    case = Case(declared, {"a": host(PLAIN | {SPACE: [row]})}, None, NOW, "server")
    return ask(BY_ID["log-headroom"], case, declared.server("a"))


def test_the_logs_have_room_for_errors_until_the_latest_start_of_the_server() -> None:
    long = {"number": "C1", "timezone": "UTC", "windows": [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]}
    night = Case(deployment(MAIL, change=long), {}, None, NOW, "server").nights[0]
    assert not night.overrun and night.begin_by[0] < night.end
    minutes = (night.begin_by[0] - night.start).total_seconds() / 60
    assert logs(int(minutes * 2000), change=long).outcome == "pass", "120,000 KiB an hour"
    assert logs(int(minutes * 2000) - 1, change=long).outcome == "fail"
    assert logs(0, roles="mta").outcome == "not-applicable"
    assert logs(0, roles="mail-filter database").outcome == "not-applicable"


def test_the_site_says_itself_what_is_logged_in_an_hour() -> None:
    assert logs(1, disk={"log_errors_kib_per_hour": 0}).outcome == "pass"
    assert logs(0, disk={"log_errors_kib_per_hour": 0}).outcome == "fail", "no room left is never enough"
    assert logs(120_000, disk={"log_errors_kib_per_hour": 120_000}).outcome == "fail"


def test_of_a_night_that_does_not_fit_every_hour_counts_for_the_logs() -> None:
    short = {"number": "C1", "timezone": "UTC", "windows": [{"start": "2026-12-05T22:00", "end": "2026-12-05T23:00"}]}
    assert logs(120_000, change=short).outcome == "pass"
    assert logs(119_999, change=short).outcome == "fail"


def test_a_filter_of_the_second_night_writes_errors_since_the_first() -> None:
    windows = [{"start": f"2026-12-0{day}T22:00", "end": f"2026-12-0{day + 1}T03:00"} for day in (5, 6)]
    declared = deployment(
        DATABASE, MAIL, change={"number": "C1", "timezone": "UTC", "windows": windows}, migration={"script": False}
    )
    row = {"mount_point": "/", "device": "d", "type": "ext4", "total_kib": 2**30, "available_kib": 2**30}
    case = Case(declared, {"a": host({PART_MOUNT["logs"]: "/", SPACE: [row]})}, None, NOW, "two-days")
    assert "29 hours" in ask(BY_ID["log-headroom"], case, declared.server("a")).expected


@pytest.mark.parametrize(
    ("lookup", "outcome"),
    [
        (["192.0.2.21"], "pass"),
        (["198.51.100.9", "192.0.2.21"], "pass"),
        (["127.0.1.1"], "pass"),
        (["192.0.2.50"], "pass"),  # floating
        (["198.51.100.9"], "fail"),
        ([], "fail"),
    ],
)
def test_a_server_finds_itself_under_its_own_name(lookup: list[str], outcome: str) -> None:
    declared = deployment(MAIL | {"floating": ["192.0.2.50"]})
    case = Case(declared, {"a": host(PLAIN | {LOOKUP: lookup})}, None, NOW, "server")
    word = ask(BY_ID["identity-dns"], case, declared.server("a"))
    assert word.outcome == outcome and BY_ID["identity-dns"].severity == "info"


@pytest.mark.parametrize(
    ("system", "outcome"), [("Linux", "pass"), ("SunOS", "pass"), ("FreeBSD", "pass"), ("AIX", "fail")]
)
def test_a_system_that_the_vendor_does_not_name_is_a_note(system: str, outcome: str) -> None:
    word = say("platform-known", {SYSTEM: system, RELEASE: "5.10", DISTRIBUTION: "x"})
    assert word.outcome == outcome and f"{system} 5.10 (x)" in word.message
    assert BY_ID["platform-known"].severity == "info"


def whole(check: str, facts: dict[str, HostFacts], *servers: dict[str, Any], **case: Any) -> Word:
    declared = deployment(*(servers or (DATABASE, MAIL)))
    return ask(BY_ID[check], Case(declared, facts, None, NOW, "server", **case), None)


def peers(*addresses: str, **target: Any) -> Word:
    facts = PLAIN | {PEERS: addresses}
    own = [{"address": "192.0.2.11", "interface": "eth0", "scope": "global"}]
    database = host(facts | {DATABASE_TARGET: NO_TARGET | {"host": "localhost"}, ADDRESSES: own})
    mail = host(PLAIN | {DATABASE_TARGET: NO_TARGET | target} if target else PLAIN)
    moving = DATABASE | {"floating": ["192.0.2.99"]}
    return whole("undeclared-peer", {"db": database, "a": mail}, moving, MAIL | {"hostname": "a.example.net"})


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("192.0.2.21", "pass"),  # measured on a
        ("::ffff:192.0.2.21", "pass"),
        ("192.0.2.11", "pass"),
        ("192.0.2.99", "pass"),  # floating
        ("127.0.0.1", "pass"),
        ("::1", "pass"),
        ("192.0.2.77", "fail"),
        ("2001:db8::77", "fail"),
    ],
)
def test_a_client_of_the_database_that_no_server_declares_is_found(address: str, outcome: str) -> None:
    word = peers(address)
    assert word.outcome == outcome, word.message
    assert outcome == "pass" or f"{address} is connected to the database port of db" in word.message


@pytest.mark.parametrize(
    ("target", "outcome", "words"),
    [
        ("db.example.net", "pass", ""),
        ("DB", "pass", ""),
        ("192.0.2.11", "pass", ""),
        ("192.0.2.99", "pass", ""),
        ("quarantine.example.net", "pass", ""),  # an alias that resolves to the declared server
        ("192.0.2.66", "fail", "192.0.2.66, which no server declares"),
        ("a.example.net", "fail", "a, which is not declared as Database Server"),
    ],
)
def test_a_database_that_no_server_declares_is_found(target: str, outcome: str, words: str) -> None:
    word = peers(host=target)
    assert (word.outcome, words in word.message) == (outcome, True), word.message


def test_a_peer_that_may_be_a_server_which_was_not_read_is_unknown_and_not_a_fault() -> None:
    database = host(PLAIN | {PEERS: ["192.0.2.77"], DATABASE_TARGET: NO_TARGET})
    assert whole("undeclared-peer", {"db": database}).outcome == "unknown"
    declared = MAIL | {"addresses": ["192.0.2.21"]}
    assert whole("undeclared-peer", {"db": database}, DATABASE, declared).outcome == "fail"
    quiet = host(PLAIN | {DATABASE_TARGET: NO_TARGET})
    assert whole("undeclared-peer", {"db": quiet}, DATABASE, declared).outcome == "unknown"


def clones(first: dict[Fact[Any], Any], second: dict[Fact[Any], Any] | None) -> Word:
    return whole("identity-clones", {"db": host(first)} | ({} if second is None else {"a": host(second)}))


def test_copied_machines_are_found_by_machine_id_or_host_key() -> None:
    one, two = {MACHINE_ID: "1" * 32, HOST_KEYS: ["SHA256:a"]}, {MACHINE_ID: "2" * 32, HOST_KEYS: ["SHA256:b"]}
    assert clones(one, two).outcome == "pass"
    assert clones(one, two | {HOST_KEYS: ["SHA256:c", "SHA256:a"]}).outcome == "fail"
    assert clones(one, two | {MACHINE_ID: "1" * 32}).outcome == "fail"
    assert clones({HOST_KEYS: ["SHA256:a"]}, {HOST_KEYS: ["SHA256:b"]}).outcome == "pass", (
        "no machine id on that system"
    )
    assert clones({HOST_KEYS: []}, {HOST_KEYS: []}).outcome == "not-applicable"
    assert clones(one, {MACHINE_ID: "2" * 32}).outcome == "unknown", "its host keys could not be read"
    assert clones(one, None).outcome == "unknown"
    assert whole("identity-clones", {"a": host(one)}, MAIL).outcome == "not-applicable"


def clocks(ahead: timedelta | None, via: str = "ssh", **case: Any) -> Word:
    right = host({}, host_clock=NOW)
    other = host({}, host_clock=None if ahead is None else NOW + ahead, via=via)
    return whole("clocks-agree", {"db": right, "a": other}, **case)


def test_clocks_are_compared_only_where_two_were_read_at_one_moment() -> None:
    assert clocks(timedelta(minutes=5)).outcome == "pass"
    assert clocks(timedelta(minutes=5, seconds=1)).outcome == "fail"
    behind = clocks(timedelta(minutes=-20))
    assert behind.outcome == "fail" and "a: 20 minutes behind" in behind.message
    assert clocks(None).outcome == "unknown"
    assert clocks(timedelta(), via="local").outcome == "unknown", "a host's clock beside itself proves nothing"
    assert clocks(timedelta(seconds=2), via="local").outcome == "unknown", "the seconds of the probe are no other clock"
    for ahead in (timedelta(), timedelta(minutes=5)):
        assert clocks(ahead, via="files").outcome == "unknown", "so far ahead at the least: it was carried later"
    assert clocks(timedelta(minutes=5, seconds=1), via="files").outcome == "fail"
    assert clocks(timedelta(hours=9), judged=frozenset({"db"})).outcome == "pass"
