"""The product's own traces on a host."""

import pytest

from checker.facts.fact_values import DatabaseTarget, Entry, FilterLine, MailQueue, PartManifest, PathHits
from checker.facts.parsers import puremessage
from checker.facts.parsers.parsed import NotRead

LISTING = [
    "total 24",
    "drwxr-xr-x    9 pmx      pmx           512 Nov 22 08:42 .",
    "drwxr-xr-x.  11 root     root         4096 Nov 22  2025 ..",
    "drwxr-xr-x+   2 pmx      domain users 4096 Nov 22 08:42 etc",
    "lrwxrwxrwx    1 pmx      pmx            25 Nov  2 08:42 postgres -> etc/alternatives/postgres",
    "-rw-r--r--@   1 1004     pmx          1024 Nov 22  2025 READ ME -> first",
    "drwxr-xr-x    3 root     system        256 22 Nov 08:42 var",
    "crw-rw-rw-    1 root     root       1,   3 Nov 22 08:42 null",
    "srwxrwxrwx    1 pmx      pmx             0 Nov 22 08:42 socket",
]


def test_a_listing_gives_every_name_with_its_kind_and_where_a_link_leads() -> None:
    read = puremessage.entries(LISTING, "/opt/pmx", {"/opt/pmx/var"})
    assert read.unread == ()
    assert read.value == (
        Entry(name="READ ME -> first", kind="file"),
        Entry(name="etc", kind="directory"),
        Entry(name="null", kind="other"),
        Entry(name="postgres", kind="link", target="etc/alternatives/postgres"),
        Entry(name="socket", kind="other"),
        Entry(name="var", kind="mount"),
    )


def test_a_mount_point_under_the_root_of_all_is_one_too() -> None:
    read = puremessage.entries(LISTING[7:8], "/", {"/null"})
    assert read.value == (Entry(name="null", kind="mount"),)


def test_an_absent_root_is_not_an_empty_one() -> None:
    assert puremessage.entries(["absent"], "/opt/pmx6", ()).value is None
    assert puremessage.entries(LISTING[:3], "/opt/pmx6", ()).value == ()
    with pytest.raises(NotRead):
        puremessage.entries([], "/opt/pmx6", ())


def test_a_row_of_a_listing_that_cannot_be_read_is_reported() -> None:
    assert puremessage.entries(["ls: x: Permission denied"], "/opt/pmx", ()).unread == ("ls: x: Permission denied",)


def test_the_database_is_where_pmdb_conf_says() -> None:
    rows = ["type = pgsql", "host = db.example.net", 'port "5433"', "dbname: pmx_quarantine"]
    expected = DatabaseTarget(kind="pgsql", host="db.example.net", port=5433, name="pmx_quarantine")
    read = puremessage.database_target(rows)
    assert (read.value, read.unread) == (expected, ())


def test_built_in_values_of_pmdb_conf_say_nothing_and_the_first_of_two_counts() -> None:
    read = puremessage.database_target(["host = __DEFAULT__", "port = 5432", "port = 5433"])
    assert (read.value, read.unread) == (DatabaseTarget(port=5432), ("port: not read",))


def test_a_server_without_pmdb_conf_looks_for_no_database() -> None:
    assert puremessage.database_target(["absent"]).value == DatabaseTarget()


@pytest.mark.parametrize(
    "row",
    ["password = secret", "dsn = dbi:Pg:password=secret", "host = x;password=secret", "host secret word", "=secret"],
)
def test_no_password_of_pmdb_conf_gets_into_the_facts(row: str) -> None:
    assert "secret" not in repr(puremessage.database_target([row]))
    assert puremessage.database_target([row]).unread != ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("INPUT_MAIL_FILTER(`pmx', `S=inet:3366@localhost, F=T, T=S:60s;R:60s;E:5m')", ("pmx", "T")),
        ("/etc/mail/sendmail.mc:INPUT_MAIL_FILTER(`pmx', `F=R, S=inet:3366@localhost')", ("pmx", "R")),
        ("MAIL_FILTER(`pmx', `S=inet:3366@localhost')", ("pmx", "")),
        ("Xpmx, S=inet:3366@localhost, F=R, T=S:60s", ("pmx", "R")),
        ("Xpmx, S=inet:3366@localhost", ("pmx", "")),
        ("/etc/mail/sendmail.cf:Xpmx, S=local:/var/F=T/x, T=C:5m", ("pmx", "")),
    ],
)
def test_a_mail_filter_tells_what_happens_to_mail_without_it(row: str, expected: tuple[str, str]) -> None:
    read = puremessage.filters([row])
    assert [(line.name, line.flags) for line in read.value] == [expected]


def test_comments_are_no_filters_and_other_rows_are_reported() -> None:
    rows = [
        "dnl INPUT_MAIL_FILTER(`old', `S=inet:1@localhost')",
        "#Xold, S=inet:1@localhost",
        "define(`confINPUT_MAIL_FILTERS', `pmx')",
        "what?",
        "Xpmx, S=inet:3366@localhost, F=T",
    ]
    read = puremessage.filters(rows)
    assert read.value == (FilterLine(name="pmx", flags="T"),)
    assert read.unread == ("what?",)


def test_the_queues_are_counted_apart() -> None:
    rows = ["old 12 /opt/pmx/postfix", "new 0 /opt/pmx6/my queue"]
    assert puremessage.queue(rows, "old").value == 12
    assert puremessage.queue(rows, "new").value == 0
    with pytest.raises(NotRead):
        puremessage.queue(["old 12 /opt/pmx/postfix", "new ?"], "new")


def test_a_queue_that_is_not_there_or_not_counted_whole_has_no_number() -> None:
    for row in ("old absent /opt/pmx/postfix", "old 0"):  # the second: an older probe, which took one for the other
        with pytest.raises(NotRead):
            puremessage.queue([row], "old")
    rows = ["old 3 /opt/pmx/postfix"]
    with pytest.raises(NotRead, match="/opt/pmx/postfix/spool is mounted in the queue"):
        puremessage.queue(rows, "old", {"/opt", "/opt/pmx/postfix/spool"})
    assert puremessage.queue(rows, "old", {"/opt", "/opt/pmx/postfix", "/opt/pmx/postfix2"}).value == 3


def test_the_systems_own_queues_are_named_with_their_place() -> None:
    read = puremessage.own_queues(["postfix absent /var/spool/postfix", "sendmail 2 /var/spool/mqueue", "?"])
    assert read.value == (
        MailQueue(kind="postfix", path="/var/spool/postfix"),
        MailQueue(kind="sendmail", path="/var/spool/mqueue", messages=2),
    )
    assert read.unread == ("?",)


def test_a_row_that_neither_queue_can_read_is_told_once() -> None:
    rows = ["old 12 /opt/pmx/postfix", "mailq: bad option", "new 0 /opt/pmx6/postfix"]
    read = [puremessage.queue(rows, "old"), puremessage.queue(rows, "new")]
    assert [row for each in read for row in each.unread] == ["mailq: bad option"]


def test_a_part_that_was_not_counted_has_no_row_in_the_manifest_and_is_reported() -> None:
    read = puremessage.manifest(["logs 12 345 2026-11-20T10:00:00Z", "queue 3 4 -", "quarantine - 17 -"])
    assert read.value == (
        PartManifest(part="logs", files=12, kib=345, newest="2026-11-20T10:00:00Z"),
        PartManifest(part="queue", files=3, kib=4),
    )
    assert read.unread == ("quarantine - 17 -",)


def test_the_port_answers_or_not_and_nothing_between() -> None:
    assert puremessage.port_answers(["open"]).value is True
    assert puremessage.port_answers(["closed"]).value is False
    with pytest.raises(NotRead):
        puremessage.port_answers(["nc: bad option"])


def test_files_that_name_the_old_path_keep_their_blanks() -> None:
    read = puremessage.old_paths(["3 /usr/local/bin/my report", "what?"])
    assert read.value == (PathHits(path="/usr/local/bin/my report", count=3),)
    assert read.unread == ("what?",)
