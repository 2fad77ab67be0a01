"""Which queues the probe finds, and that one that is not there, or may not be read, is never an empty one."""

import os
from pathlib import Path

import pytest
from test_probe import NOBODY, at, in_every_shell, output, said, text_of
from this_machine import open_place

place = pytest.fixture(scope="module")(open_place)
OWN = {"/etc/postfix/main.cf": "main.cf", "/etc/mail/sendmail.cf": "sendmail.cf", "/etc/sendmail.cf": "none.cf",
       "/var/spool/postfix": "spool/postfix", "/var/spool/mqueue": "spool/mqueue"}  # fmt: skip


def wrote(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def queued(queue: Path, *messages: str) -> Path:
    """A queue of a postfix with these messages, as paths below it."""
    for name in ("maildrop", "incoming", "active", "deferred", "hold", "corrupt"):
        (queue / name).mkdir(parents=True, exist_ok=True)
    for message in messages:
        wrote(queue / message)
    return queue


def asked(place: Path, section: str, name: str = "dash", user: int | None = None) -> tuple[str, ...]:
    """What the probe says of the queues, on a host whose own files all stand below the place."""
    text = text_of(at(place))
    for path, instead in OWN.items():
        text = text.replace(path, f"{place}/{instead}")
    return said(output(name, text, user=user), section)


@in_every_shell
def test_queues_are_counted_apart_in_every_shell(name: str, place: Path) -> None:
    here = place / "active" / name.replace(" ", "_")  # a place with the name of a queue's directory in it
    queued(here / "pmx/postfix/var/spool/postfix", "deferred/A/A1", "active/B2", "hold/C3", "corrupt/D4", "pid/master")
    wrote(here / "pmx/postfix/sbin/postqueue")
    queued(here / "spool/postfix", "incoming/E5")
    wrote(here / "main.cf", "# queue_directory = /elsewhere\nmyhostname = mx1\n")
    wrote(here / "sendmail.cf", f"O QueueDirectory={here}/spool/mqueue/q*\n")
    for message in ("q1/qfA1", "q1/dfA1", "q2/qf/qfB2", "q2/df/dfB2", "q2/xf/xfB2", "q2/tfC3"):
        wrote(here / "spool/mqueue" / message)
    assert asked(here, "puremessage.queues", name) == (f"old 3 {here}/pmx/postfix", f"new absent {here}/pmx6/postfix")
    assert asked(here, "puremessage.own_queues", name) == (
        f"postfix 1 {here}/spool/postfix", f"sendmail 2 {here}/spool/mqueue",
    )  # fmt: skip


def test_an_empty_queue_is_told_from_one_that_is_not_there(place: Path) -> None:
    here = place / "empty"
    queued(here / "pmx6/postfix/spool")
    wrote(here / "pmx/postfix/sbin/postqueue")
    (here / "spool/mqueue").mkdir(parents=True)
    wrote(here / "main.cf")
    wrote(here / "sendmail.cf", "O MaxMessageSize=0\n")
    assert asked(here, "puremessage.queues") == (f"old absent {here}/pmx/postfix", f"new 0 {here}/pmx6/postfix")
    assert asked(here, "puremessage.own_queues") == (
        f"postfix absent {here}/spool/postfix", f"sendmail 0 {here}/spool/mqueue",
    )  # fmt: skip


def test_a_host_without_an_mta_of_its_own_names_none(place: Path) -> None:
    assert asked(place / "none", "puremessage.own_queues") == ()


def test_the_queue_is_looked_for_where_its_own_configuration_says(place: Path) -> None:
    here = place / "moved"
    queued(here / "mail", "deferred/A1", "deferred/A2")
    wrote(here / "pmx/postfix/etc/main.cf", f"queue_directory = /nowhere\nqueue_directory\t= {here}/mail \n")
    queued(here / "pmx/postfix/spool")  # what an earlier configuration left
    wrote(here / "main.cf", f"queue_directory={here}/gone\n")
    assert asked(here, "puremessage.queues")[0] == f"old 2 {here}/mail"
    assert asked(here, "puremessage.own_queues") == (f"postfix absent {here}/gone",)


@pytest.mark.parametrize(
    "lines",
    ["queue_directory = $mail_spool/q", "queue_directory = spool", "queue_directory = /a/b; secret",
     "multi_instance_directories = /etc/postfix-out"],
)  # fmt: skip
def test_a_queue_whose_place_is_not_plainly_named_is_refused(place: Path, lines: str) -> None:
    here = place / "unclear"
    queued(here / "spool/postfix")
    wrote(here / "main.cf", f"{lines}\n")
    (row,) = asked(here, "puremessage.own_queues")
    assert row.startswith("refused ") and "secret" not in row


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_queue_that_may_not_be_read_is_refused_and_not_empty(place: Path) -> None:
    here = place / "closed"
    queued(here / "pmx/postfix/spool", "active/A1")
    (here / "pmx/postfix/spool/active").chmod(0o700)
    wrote(here / "spool/mqueue/qfA1")
    (here / "spool/mqueue").chmod(0o700)
    wrote(here / "sendmail.cf")
    assert asked(here, "puremessage.queues", user=NOBODY)[0].startswith("refused ")
    assert asked(here, "puremessage.own_queues", user=NOBODY)[0].startswith("refused ")
    (here / "sendmail.cf").chmod(0o600)
    assert asked(here, "puremessage.own_queues", user=NOBODY)[0].startswith("refused ")
