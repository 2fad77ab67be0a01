"""What is really there: the roles a server shows, what starts the product, and which files name its old path."""

import re

from checker.checks.database import is_here
from checker.checks.mechanism import Case, Host, Word, check, failed, passed
from checker.facts.addresses import is_loopback
from checker.facts.catalogue import DATABASE_TARGET, LISTENERS, MTA, OLD_PATHS, PART_FILES, STARTERS
from checker.facts.fact_values import Listener
from checker.facts.host_facts import NotSeen, is_partial_number
from checker.inputs.deployment import ROLE_NAMES, Role, Server, role_names
from checker.legible import listed, several

SMTP = 25
FILTER_PORTS = (10025, 3366)  # documented: Postfix, and sendmail or JSMS, talk to the Mail Filter there (5.x ports)
WEB_PORT = 28443  # documented default of the web interfaces
POSTGRES_PORT = 5432  # PostgreSQL's own default; the product's figure is not known to us, pmdb.conf goes before it
POSTGRES = ("postgres", "postmaster")
POSTGRES_SEEN = (LISTENERS, DATABASE_TARGET)
MAIL_PROGRAMS = ("master", "smtpd", "sendmail")  # Postfix itself on 10025: other scanners hand mail back to it there
# The boot scripts of every Unix; anything else (cron, inittab, units, monitors) may start a stopped product by itself.
AT_BOOT = re.compile(r"/(?:init\.d|rc\.d|rc[0-9S]\.d|rc\.local|rc\.conf(?:\.local|\.d)?|rc\.config\.d)(?:/|$)")


def postgres_listeners(host: Host) -> list[Listener]:
    """The listeners that are a database's: by program, or by the port of a pmdb.conf that means this server."""
    target = host.get(DATABASE_TARGET)
    port = (target.port if target and is_here(target.host) else None) or POSTGRES_PORT
    return [row for row in host[LISTENERS] if row.process in POSTGRES or row.port == port]


def _database_files(host: Host) -> int:
    """Files in the database directory; a count that stopped half-way proves as well that there are some."""
    try:
        return host[PART_FILES["database"]]
    except NotSeen as unread:
        if is_partial_number(unread.partial) and unread.partial > 0:
            return int(unread.partial)
        raise


def _signs(host: Host) -> dict[Role, str]:
    """What shows that a role is there. The CSM shows nothing: the Manager's port is open on every server."""
    listeners = host[LISTENERS]
    found: dict[Role, str] = {}
    files, postgres, target = _database_files(host), postgres_listeners(host), host.get(DATABASE_TARGET)
    # programs and libraries may fill the directory on every server, and a site may run a PostgreSQL of its own
    if files and postgres and (target is None or is_here(target.host)):
        found["database"] = f"{several(files, 'file')} in the database directory, and port {postgres[0].port} is open"
    bundled = [kind for kind in host[MTA] if "bundled" in kind.casefold()]
    outside = [row for row in listeners if row.port == SMTP and not is_loopback(row.address)]
    if bundled and outside:  # every Unix has some mail program for its own cron: only the product's, and open, counts
        found["mta"] = f"{bundled[0]}, and port {SMTP} is open on {outside[0].address}"
    filters = [row for row in listeners if row.port in FILTER_PORTS and row.process not in MAIL_PROGRAMS]
    if filters:
        found["mail-filter"] = f"port {filters[0].port} is open"
    if any(row.port == WEB_PORT for row in listeners):
        found["euwi"] = f"port {WEB_PORT} is open"
    return found


@check(
    "roles-observed",
    "The server shows no role that it does not declare",
    subject="server",
    severity="blocker",
    stages=("change",),
    demands=("V02", "V11"),
    reads=(*POSTGRES_SEEN, MTA, PART_FILES["database"]),
    remedy=(
        "Declare the role, so that the server takes its place in the vendor's order; or find out what causes the "
        "sign, and waive this finding with that reason.",
    ),
)
def roles_observed(case: Case, server: Server, host: Host) -> Word:
    """By database directory, mail transfer agent and open ports; a role without a sign may be stopped or elsewhere."""
    signs = _signs(host)
    declared = set(server.roles) | ({"euwi"} if server.has("gwi") else set())
    seen = tuple(f"{ROLE_NAMES[role]}: {sign}" for role, sign in signs.items())
    expected = f"no sign of a role other than {', '.join(role_names(server.roles))} (the CSM has no sign of its own)"
    wrong = [f"{ROLE_NAMES[role]} is not declared, but {sign}" for role, sign in signs.items() if role not in declared]
    if wrong:
        return failed("; ".join(wrong), *seen, expected=expected)
    confirmed = [role for role in server.roles if role in signs]
    silent = [role for role in server.roles if role not in signs and role not in ("csm", "gwi")]
    words = [f"confirmed: {', '.join(role_names(confirmed))}"] if confirmed else []
    words += [f"no sign of {', '.join(role_names(silent))}: as declared"] if silent else []
    return passed("; ".join(words) or "no sign of an undeclared role", *seen, expected=expected)


@check(
    "autostart-seen",
    "Only boot scripts start the product",
    subject="server",
    severity="info",
    stages=("server",),
    reads=(STARTERS,),
    remedy=("Pause these for the night. While the product is stopped, they may start it again during the upgrade.",),
)
def autostart_seen(case: Case, server: Server, host: Host) -> Word:
    """Cron, inittab, units and monitors may start the product; a boot script does so only at the next reboot."""
    starters = host[STARTERS]
    others = [path for path in starters if not AT_BOOT.search(path)]
    expected = "none besides boot scripts"
    if others:
        return failed(f"may start the product: {', '.join(others)}", *starters, expected=expected)
    if not starters:
        return passed("checked: nothing starts the product", expected=expected)
    return passed(f"only at boot: {', '.join(starters)}", *starters, expected=expected)


@check(
    "old-paths",
    "No file outside the installation names the old path",
    subject="server",
    severity="info",
    stages=("change", "after"),
    reads=(OLD_PATHS,),
    remedy=(
        "List these files with their owners. After the upgrade, change each to the new path. Until then it fails, or "
        "works on the 5.6.1 installation.",
    ),
)
def old_paths(case: Case, server: Server, host: Host) -> Word:
    """Cron jobs, aliases, scripts and monitors that still name the 5.6.1 root fail, or edit the wrong installation."""
    hits = sorted(host[OLD_PATHS], key=lambda hit: hit.path)
    source = case.deployment.paths.source
    if not hits:
        return passed(f"checked: no file outside {source} names it")
    lines = tuple(f"{hit.path} ({several(hit.count, 'line')})" for hit in hits)
    return failed(
        f"files outside {source} that name it: {len(hits)} ({listed(lines, 5)})",
        *lines,
        expected="none, once version 6 is there",
    )
