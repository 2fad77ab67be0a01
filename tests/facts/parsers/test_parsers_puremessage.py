"""The product's own traces, where the recorded cases do not tell: what is no answer, and what must not leave."""

import pytest
from recorded import Case

from checker.facts.fact_values import Entry
from checker.facts.parsers import puremessage
from checker.facts.parsers.parsed import NotRead

LISTING = Case("source.entries/linux").lines


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


@pytest.mark.parametrize(
    "row",
    ["password = secret", "dsn = dbi:Pg:password=secret", "host = x;password=secret", "host secret word", "=secret"],
)
def test_no_password_of_pmdb_conf_gets_into_the_facts(row: str) -> None:
    assert "secret" not in repr(puremessage.database_target([row]))
    assert puremessage.database_target([row]).unread != ()


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


def test_a_row_that_neither_queue_can_read_is_told_once() -> None:
    rows = ["old 12 /opt/pmx/postfix", "mailq: bad option", "new 0 /opt/pmx6/postfix"]
    read = [puremessage.queue(rows, "old"), puremessage.queue(rows, "new")]
    assert [row for each in read for row in each.unread] == ["mailq: bad option"]


def test_the_port_answers_or_not_and_nothing_between() -> None:
    assert puremessage.port_answers(["open"]).value is True
    assert puremessage.port_answers(["closed"]).value is False
    with pytest.raises(NotRead):
        puremessage.port_answers(["nc: bad option"])
