"""Worlds of the checks of the running product."""

from typing import Any

from worlds import World

from check_cases import case


def _without_port(w: World, server: str, *ports: int) -> None:
    rows: list[dict[str, Any]] = w.seen(server, "ports.listening")
    w.value(server, "ports.listening", [row for row in rows if row["port"] not in ports])


def _sendmail(w: World, flags: str) -> None:
    w.value("mx1", "puremessage.mta", ["sendmail"])
    w.value("mx1", "puremessage.filter_lines", [{"name": "pmx", "flags": flags}])


@case("filter-stop-behaviour", "fail", on="mx1")
def sendmail_lets_mail_pass(w: World) -> None:
    _sendmail(w, "")


@case("filter-stop-behaviour", "fail", on="mx1")
def sendmail_rejects_mail(w: World) -> None:
    _sendmail(w, "R")


@case("filter-stop-behaviour", "pass", on="mx1")
def sendmail_defers_mail(w: World) -> None:
    _sendmail(w, "T")


@case("services-running", "fail", on="mx1")
def the_filter_is_down(w: World) -> None:
    _without_port(w, "mx1", 10025, 10026)


@case("services-running", "fail", on="db1")
def the_database_is_down(w: World) -> None:
    _without_port(w, "db1", 5432)


@case("queue-depth", "fail", on="mx1")
def thousands_of_messages_wait(w: World) -> None:
    w.value("mx1", "puremessage.queue_old", 9000)


@case("queue-depth", "unknown", on="mx1")
def the_queue_was_not_seen(w: World) -> None:
    w.unknown("mx1", "puremessage.queue_old")


@case("queue-depth", "fail", on="mx1")
def thousands_wait_in_the_system_s_own_agent(w: World) -> None:
    w.value("mx1", "puremessage.mta", ["postfix"])
    w.value("mx1", "puremessage.own_queues", [{"kind": "postfix", "path": "/var/spool/postfix", "messages": 9000}])


@case("log-headroom", "fail", on="mx1")
def the_logs_stand_on_a_full_disk(w: World) -> None:
    w.value("mx1", "parts.logs.mount_point", "/")
    w.available("mx1", 100_000, "/")
