"""Roles to phases to one order of servers (V02, V11, V12 and, where the page is silent, our own decisions)."""

from collections.abc import Collection, Sequence
from functools import cache
from itertools import combinations

from checker.inputs.change import Deferred
from checker.inputs.deployment import Deployment, Role, Server

PHASES: dict[int, tuple[Role, ...]] = {1: ("database", "csm"), 2: ("mta", "mail-filter"), 3: ("euwi", "gwi")}
PHASE_TITLES = {
    1: "Database and Central Server Manager",
    2: "Mail Transfer Agents and Mail Filters",
    3: "Web interfaces",
}
SHORT = {1: "database", 2: "mail", 3: "web interfaces"}
PHASE_OF: dict[Role, int] = {role: phase for phase, roles in PHASES.items() for role in roles}


@cache
def first_and_last_phase(roles: tuple[Role, ...]) -> tuple[int, int]:
    """The earliest and the latest phase of a set of roles."""
    phases = [PHASE_OF[role] for role in roles]
    return min(phases), max(phases)


def order(servers: Sequence[Server]) -> tuple[Server, ...]:
    """All servers, first to last: the Database, then by earliest and latest phase, `first`, and as declared.

    No order that keeps a Database server first has fewer collisions: for two servers sorted by (earliest, latest)
    phase, a collision one way round is a collision the other way round too.
    """
    place = {server.name: index for index, server in enumerate(servers)}
    ranked = sorted(
        servers, key=lambda server: (*first_and_last_phase(server.roles), not server.first, place[server.name])
    )
    database = next((server for server in ranked if server.has("database")), None)
    return tuple(ranked) if database is None else (database, *(server for server in ranked if server is not database))


def phase(server: Server) -> int:
    """The phase that a server is upgraded in: that of its earliest role, once for all its roles (ours)."""
    return first_and_last_phase(server.roles)[0]


def collisions(ordered: Sequence[Server]) -> tuple[tuple[str, str], ...]:
    """Pairs (a, b) in which a goes before b although a holds a role of a later phase than one of b's."""
    spans = [(server.name, *first_and_last_phase(server.roles)) for server in ordered]
    return tuple(
        (before, after) for (before, _, latest), (after, earliest, _) in combinations(spans, 2) if latest > earliest
    )


def reason(server: Server, ordered: Sequence[Server]) -> str:
    """Why a server stands at its place, in one sentence."""
    earliest, latest = first_and_last_phase(server.roles)
    if len(ordered) == 1:
        return "the only server"
    if server.has("database"):
        why = "the Database goes first"
    elif server.has("csm"):
        why = "the CSM after the Database (ours, no path is documented)"
    else:
        why = f"phase {earliest}, {SHORT[earliest]}"
    if latest > earliest:
        why += f"; roles of phase {latest}, {SHORT[latest]}, go with it"
    if server.first:
        why += "; declared first among its equals"
    return why


def first_tested(ordered: Sequence[Server]) -> tuple[tuple[str, Role], ...]:
    """The servers after which the deployment waits for a test (V21): the first Mail Filter and the first MTA.

    Where one server is both, it is named once, for the Mail Filter.
    """
    found: list[tuple[str, Role]] = []
    roles: tuple[Role, ...] = ("mail-filter", "mta")
    for role in roles:
        name = next((server.name for server in ordered if server.has(role)), None)
        if name is not None and name not in [known for known, _ in found]:
            found.append((name, role))
    return tuple(found)


def goes_before(other: Server, server: Server, database: Server | None) -> str | None:
    """Why one server must be complete before another one is touched; None where it need not be.

    The Database before all, an earlier phase before a later one (V02, V11, V12), and before its equals the one that
    the site declares `first`, which is tested first (V21). Inside a phase the vendor leaves the order to the site.
    """
    if other is server or server is database:
        return None
    if other is database:
        return "the Database goes first (V11, V12)"
    if phase(other) < phase(server):
        return f"phase {phase(other)} goes before phase {phase(server)} (V11)"
    if other.first and not server.first and first_and_last_phase(other.roles) == first_and_last_phase(server.roles):
        return "declared first among its equals, to be tested before them (V21)"
    return None


def missing_before(
    server: Server, ordered: Sequence[Server], done: Collection[str], deferred: Sequence[Deferred] = ()
) -> tuple[tuple[str, str], ...]:
    """The servers that must still be complete before this one is touched, first to last, each with the reason.

    A deferred server is waited for by later phases only, and not by them either under a case of the vendor's.
    """
    database = ordered[0] if ordered[0].has("database") else None
    later = {each.server: each for each in deferred}
    found = []
    for other in ordered:
        if other.name in done or (why := goes_before(other, server, database)) is None:
            continue
        left = later.get(other.name)
        if left is None:
            found.append((other.name, why))
        elif left.case is None and (other is database or phase(other) < phase(server)):
            found.append((other.name, f"{why}; deferred by {left.by}, without a case of the vendor's"))
    return tuple(found)


def could_go(
    ordered: Sequence[Server], held: Collection[str], done: Collection[str] = (), deferred: Sequence[Deferred] = ()
) -> tuple[str, ...]:
    """The names of the servers that may be upgraded while others are held back, first to last.

    A server may when none of those that must be complete before it is held back, or waits for one that is.
    """
    stuck = {*held, *(each.server for each in deferred)} - set(done)
    free: list[str] = []
    for server in ordered:
        if server.name in stuck or server.name in done:
            continue
        missing = {name for name, _ in missing_before(server, ordered, done, deferred)}
        if missing & stuck:
            stuck.add(server.name)
        else:
            free.append(server.name)
    return tuple(free)


def database_server(deployment: Deployment) -> Server | None:
    """The Database server that goes first; None where no server holds the role."""
    first = order(deployment.servers)[0]
    return first if first.has("database") else None
