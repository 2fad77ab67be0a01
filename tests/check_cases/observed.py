"""Worlds of the checks of what is really there."""

from worlds import World

from check_cases import case


@case("roles-observed", "fail", on="db1")
def mail_is_filtered_where_nobody_declared_it(w: World) -> None:
    w.seen("db1", "ports.listening").append({"address": "0.0.0.0", "port": 10025, "process": None})


@case("roles-observed", "unknown", on="db1")
def the_ports_were_not_seen(w: World) -> None:
    w.unknown("db1", "ports.listening")


@case("autostart-seen", "fail", on="mx1")
def a_watchdog_in_cron(w: World) -> None:
    w.value("mx1", "starters", ["/etc/init.d/pmx", "/etc/cron.d/pmx-watch"])


@case("old-paths", "fail", on="mx1")
def a_report_of_the_site_names_the_old_tree(w: World) -> None:
    w.value("mx1", "puremessage.old_paths", [{"path": "/etc/cron.d/report", "count": 2}])


@case("platform-known", "fail", on="mx1")
def another_unix(w: World) -> None:
    w.value("mx1", "platform.system", "AIX")


@case("memory", "fail", on="mx1")
def half_the_memory(w: World) -> None:
    w.value("mx1", "memory.total_kib", 1024 * 1024)


@case("descriptors", "fail", on="mx1")
def few_files_may_be_open(w: World) -> None:
    w.value("mx1", "limits.open_files", {"soft": 256, "hard": 256})
