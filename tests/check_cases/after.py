"""Worlds of the checks of a finished server."""

from copy import deepcopy

from worlds import GIB, World

from check_cases import case
from check_cases.services import _without_port


@case("autostart-after", "fail", on="mx1", stage="after")
def a_reboot_starts_the_old_one(w: World) -> None:
    w.value("mx1", "starters", ["/etc/init.d/pmx", "/etc/rc3.d/S99pmx"])


@case("after-services", "fail", on="mx1", stage="after")
def the_agent_is_not_back(w: World) -> None:
    _without_port(w, "mx1", 25)


@case("after-services", "unknown", on="mx1", stage="after")
def the_ports_were_not_seen(w: World) -> None:
    w.unknown("mx1", "ports.listening")


def _its_port_unlike_the_default(w: World) -> None:
    w.value("db1", "ports.listening", [{"address": "0.0.0.0", "port": port} for port in (5432, 19080)])


@case("after-services", "pass", on="db1", stage="after", before="fail", base=_its_port_unlike_the_default)
def nothing_listened_there_before_either_while_the_database_ran(w: World) -> None:
    w.then("db1", "ports.listening", w.seen("db1", "ports.listening"))


@case("after-queue", "fail", on="mx1", stage="after")
def mail_is_left_in_the_old_queue(w: World) -> None:
    w.value("mx1", "puremessage.queue_old", 3)


@case("after-queue", "unknown", on="mx1", stage="after")
def the_old_queue_was_not_seen(w: World) -> None:
    w.unknown("mx1", "puremessage.queue_old")


@case("after-database-reachable", "fail", on="mx1", stage="after")
def the_database_does_not_answer(w: World) -> None:
    w.value("mx1", "target.database_port", False)


@case("after-database-reachable", "unknown", on="mx1", stage="after")
def no_tool_could_tell(w: World) -> None:
    w.unknown("mx1", "target.database_port")


def _no_tool(w: World) -> None:
    w.unknown("mx1", "target.database_port")


@case("after-database-reachable", "pass", on="mx1", stage="after", before="unknown", base=_no_tool)
def a_person_reached_it(w: World) -> None:
    said = {"confirmed": "yes", "how": "psql from mx1", "by": "A. Example", "at": f"{w.now:%Y-%m-%d}"}
    w.deployment["answers"]["after-database-reachable"] = said


@case("after-database-reachable", "fail", on="mx1", stage="after")
def version_6_names_no_database(w: World) -> None:
    w.value("mx1", "target.database_target", {"kind": None, "host": None, "port": None, "name": None})


@case("after-counts", "fail", on="mx1", stage="after")
def messages_are_missing_from_the_quarantine(w: World) -> None:
    w.value("mx1", "target.parts.quarantine.files", 131_000)


@case("after-counts", "fail", on="db1", stage="after")
def a_fifth_of_the_database(w: World) -> None:
    w.value("db1", "target.parts.database.kib", GIB)


def _untouched(w: World) -> None:
    """The old tree stands still from the baseline on."""
    assert w.baseline is not None
    w.facts["mx1"]["facts"]["puremessage.manifest"] = deepcopy(w.baseline["mx1"]["facts"]["puremessage.manifest"])


@case("after-source-tree", "fail", on="mx1", stage="after", base=_untouched)
def a_log_of_the_old_tree_is_gone(w: World) -> None:
    for row in w.seen("mx1", "puremessage.manifest"):
        row["files"] -= row["part"] == "logs"


def _jsms(w: World) -> None:
    for hosts in (w.facts, w.baseline or {}):
        hosts["mx1"]["facts"]["puremessage.mta"]["value"] = ["jsms"]


@case("queue-drained", "manual", on="mx1", stage="after", before="not-applicable")
def an_agent_whose_queue_nobody_can_count(w: World) -> None:
    _jsms(w)


@case("queue-drained", "pass", on="mx1", stage="after", before="manual", base=_jsms)
def a_person_saw_it_empty(w: World) -> None:
    said = {"confirmed": "yes", "left": "0", "by": "A. Example", "at": f"{w.now:%Y-%m-%d}"}
    w.deployment["answers"]["queue-drained"] = said


@case("after-queue", "pass", on="mx1", stage="after", before="unknown", base=_jsms)
def nothing_is_left_as_a_person_saw_it(w: World) -> None:
    a_person_saw_it_empty(w)


@case("after-counts", "pass", on="mx1", stage="after", before="unknown", base=_jsms)
def the_queue_was_counted_by_a_person(w: World) -> None:
    a_person_saw_it_empty(w)


@case("queue-drained", "not-applicable", on="mx1", stage="after", before="manual", base=_jsms)
@case("after-queue", "pass", on="mx1", stage="after", before="unknown", base=_jsms)
@case("after-counts", "pass", on="mx1", stage="after", before="unknown", base=_jsms)
def the_system_s_own_agent_and_its_empty_queue(w: World) -> None:
    for hosts in (w.facts, w.baseline or {}):
        hosts["mx1"]["facts"]["puremessage.mta"]["value"] = ["postfix"]
        hosts["mx1"]["facts"]["puremessage.own_queues"] = {
            "value": [{"kind": "postfix", "path": "/var/spool/postfix", "messages": 0}], "how": "changed by this test",
        }  # fmt: skip


@case("queue-drained", "fail", on="mx1", stage="after", before="manual", base=_jsms)
def a_person_saw_some_mail_left(w: World) -> None:
    said = {"confirmed": "yes", "left": "12", "by": "A. Example", "at": f"{w.now:%Y-%m-%d}"}
    w.deployment["answers"]["queue-drained"] = said
