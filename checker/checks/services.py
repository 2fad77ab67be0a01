"""Does 5.6.1 run as it should before it is stopped, and what happens to mail and logs while it is stopped?"""

from checker.checks.disk import LANDS, hours_without_database, landing
from checker.checks.mechanism import Case, Host, Word, check, failed, not_applicable, passed, unseen
from checker.checks.observed import FILTER_PORTS, POSTGRES_SEEN, SMTP, WEB_PORT, postgres_listeners
from checker.facts.catalogue import FILTER_LINES, LISTENERS, MTA, SPACE, STATUS
from checker.facts.host_facts import NotSeen
from checker.inputs.deployment import Role, Server, role_names
from checker.legible import gib, several
from checker.schedule.disk_needs import ERRORS_KIB_AN_HOUR, errors, space_at
from checker.schedule.disk_rooms import rooms, sums
from checker.schedule.mail_flow import FLAGS, uses_sendmail, without_filter

MANAGER_PORT = 18080  # documented: the Manager is installed with every role
PORTS: tuple[tuple[str, tuple[Role, ...], tuple[int, ...]], ...] = (
    ("Manager", (), (MANAGER_PORT,)),
    ("Mail Transfer Agent", ("mta",), (SMTP,)),
    ("Mail Filter", ("mail-filter",), FILTER_PORTS),
    ("web interfaces", ("euwi", "gwi"), (WEB_PORT, 28080)),  # both are documented as defaults of the one service
)
STOPPED = ("not running", "stopped", "is down", "dead")


@check(
    "filter-stop-behaviour",
    "Mail waits while the Mail Filter is stopped",
    subject="server",
    severity="warning",
    stages=("change",),
    demands=("V13",),
    reads=(MTA, FILTER_LINES),
    remedy=(
        "Before the night, have F=T set in sendmail's INPUT_MAIL_FILTER line of PureMessage: mail is then deferred. "
        "Or stop mail to this server before its Mail Filter is stopped.",
    ),
)
def filter_stop_behaviour(case: Case, server: Server, host: Host) -> Word:
    """sendmail's flags of its filters: no flag lets mail pass unfiltered, R rejects it (mail loss), T defers it."""
    if not server.has("mta", "mail-filter"):
        return not_applicable("no mail passes this server")
    if not server.has("mta") and not host[FILTER_LINES]:
        return not_applicable("no mail transfer agent of this deployment on this server")
    kinds = host[MTA]
    lines = host[FILTER_LINES] if uses_sendmail(kinds) else ()
    if without_filter(kinds, lines) == "queued":
        return passed("Postfix queues mail before the filter", *kinds)
    if not uses_sendmail(kinds):
        return unseen(
            f"unknown what {', '.join(kinds) or 'the mail transfer agent'} does with mail while the filter is stopped"
        )
    expected = "F=T: mail is deferred while the filter is down"
    if not lines:
        return unseen("sendmail has no filter line: unknown how mail reaches the filter", *kinds, expected=expected)
    seen = tuple(f"{line.name}: {f'F={line.flags}' if line.flags else 'no F'}" for line in lines)
    words = {
        "unfiltered": "mail passes unfiltered while it is down",
        "rejected": "mail is REJECTED while it is down (mail loss)",
    }
    wrong = [
        f"{line.name}: {words.get(FLAGS.get(line.flags, ''), f'F={line.flags} is not known to us')}"
        for line in lines
        if FLAGS.get(line.flags) != "deferred"
    ]
    if wrong:
        return failed("; ".join(wrong), *seen, expected=expected)
    return passed("mail is deferred while the filter is down", *seen, expected=expected)


def services_of(server: Server) -> dict[str, tuple[int, ...]]:
    """The services of a server's roles that have a default port, and these; the Database is looked for elsewhere."""
    return {service: ports for service, roles, ports in PORTS if not roles or server.has(*roles)}


def services_not_seen(server: Server, host: Host) -> dict[str, str]:
    """The services of a server's roles that no default port shows, and why."""
    open_ports = {row.port for row in host[LISTENERS]}
    return {
        service: f"nothing listens on {' or '.join(map(str, ports))}"
        for service, ports in services_of(server).items()
        if not open_ports & set(ports)
    }


@check(
    "services-running",
    "The services of the server's roles run",
    subject="server",
    severity="warning",
    stages=("one-hour", "server"),
    demands=("V20",),
    reads=(*POSTGRES_SEEN, STATUS),
    remedy=(
        "Find out since when, and why, before anything is upgraded: afterwards it looks like a fault of the upgrade. "
        "A port that your site has changed, or an optional service that is switched off, is fine.",
    ),
)
def services_running(case: Case, server: Server, host: Host) -> Word:
    """By the default ports of each role, and by the product's own status command where the deployment allows it."""
    missing = [f"{service}: {why}" for service, why in services_not_seen(server, host).items()]
    if server.has("database") and not postgres_listeners(host):
        missing.append("Database: no PostgreSQL listens")
    status = host.get(STATUS)
    missing += [
        f"its status says: {line.strip()}" for line in status or () if any(word in line.casefold() for word in STOPPED)
    ]
    how = "default ports" + ("" if status is None else " and pmx status")
    expected = f"by {how}: every service of {', '.join(role_names(server.roles))}"
    if missing:
        return failed("; ".join(missing), *missing, expected=expected)
    return passed(f"by {how} all services run", expected=expected)


@check(
    "log-headroom",
    "The expected database errors fit where the logs are",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V13",),
    reads=LANDS,
    remedy=(
        "Free space there, or rotate the logs more often during the nights. A full log file system stops more than "
        "the log.",
    ),
)
def log_headroom(case: Case, server: Server, host: Host) -> Word:
    """Errors from the first window's start to this server's latest start, in KiB, with all else that lands there."""
    hours = hours_without_database(case, server)
    if not hours:
        return not_applicable("only a Mail Filter on another server than the Database runs without it")
    wanted = errors(case.deployment, server, host, hours)
    row = space_at(host[SPACE], wanted.mount_point)
    per_hour = case.deployment.disk.log_errors_kib_per_hour
    rate = (
        f"{gib(ERRORS_KIB_AN_HOUR)} an hour (our assumption for a busy site)"
        if per_hour is None
        else "the site's own rate"
    )
    expected = f"{gib(wanted.high or 0)} for {several(round(hours), 'hour')} at {rate}"
    available, beside = row.available_kib, 0
    try:
        room = next(room for room in rooms(landing(case, server, host), lambda _: host[SPACE]) if wanted in room.needs)
    except NotSeen:
        pass  # without them disk-space is unknown, and says why
    else:
        point = next(point for point in room.points if wanted in point.needs)
        others = tuple(need for need in room.needs if need != wanted)
        low, high = sums(others, case.deployment.disk.headroom_percent)
        available, beside = min(point.available_kib, room.available_kib), low if high is None else high
    words = f"{gib(available)} available on {wanted.mount_point}, which holds the logs"
    if available < (wanted.high or 0) + beside or available <= 0:
        more = f", in addition to {gib(beside)} for the upgrade" if beside else ""
        return failed(f"{words}; database errors may need {expected}{more}", words, expected=expected)
    return passed(words, expected=expected)
