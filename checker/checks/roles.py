"""Are the declared roles a deployment that can be upgraded, and in which order?"""

from checker.checks.mechanism import Case, Word, check, failed, not_applicable, passed, said_by
from checker.inputs import answer_text
from checker.inputs.answers import DatabaseCsmTogether
from checker.inputs.deployment import ROLE_NAMES, Role, Server
from checker.legible import several
from checker.schedule.order import collisions, order, reason


def _names(servers: tuple[Server, ...]) -> str:
    return ", ".join(server.name for server in servers) or "none"


@check(
    "roles-complete",
    "Exactly one Database, one CSM and at least one Mail Filter are declared",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V02", "V11"),
    waivable=False,
    remedy=("Declare every server of the deployment with the roles that it holds today.",),
)
def roles_complete(case: Case) -> Word:
    """A forgotten server has no place in the order; a second Database or CSM has none in the vendor's order."""
    asked_for: tuple[Role, ...] = ("database", "csm", "mail-filter")
    found = {role: case.deployment.holding(role) for role in asked_for}
    seen = tuple(f"{ROLE_NAMES[role]}: {_names(servers)}" for role, servers in found.items())
    wrong = [
        f"{ROLE_NAMES[role]} on {several(len(holders), 'server')}"
        for role, holders in found.items()
        if role != "mail-filter" and len(holders) != 1
    ]
    if not found["mail-filter"]:
        wrong.append("no server is declared as Mail Filter")
    expected = "one Database Server, one CSM and at least one Mail Filter"
    if wrong:
        return failed("; ".join(wrong), *seen, expected=expected)
    if len(case.deployment.servers) == 1:
        return passed(
            "all roles are on one server: the vendor's demands for several servers (V02, V08, V11, V19, V22) "
            "do not apply",
            *seen,
            expected=expected,
        )
    return passed(f"complete on {several(len(case.deployment.servers), 'server')}", *seen, expected=expected)


@check(
    "database-csm-together",
    "Database and CSM are on one server",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V12",),
    waivable=False,
    remedy=(
        "Ask Sophos Technical Support how to upgrade a deployment with Database and CSM on different servers.",
        answer_text.remedy("database-csm-together"),
    ),
)
def database_csm_together(case: Case) -> Word:
    """Version 6 needs both on one server and documents no path from two (custom installation, version 6)."""
    database, csm = case.deployment.holding("database"), case.deployment.holding("csm")
    if not database or not csm:
        return not_applicable("a role is missing: see roles-complete")
    seen = (f"{ROLE_NAMES['database']}: {_names(database)}", f"{ROLE_NAMES['csm']}: {_names(csm)}")
    if {server.name for server in database} == {server.name for server in csm}:
        return passed(f"both are on {_names(database)}", *seen)
    answer = case.answer(DatabaseCsmTogether)
    if answer and answer.documented_path:
        return passed(
            f"on different servers, by the written procedure of Sophos Technical Support in case {answer.case}",
            *seen,
            said_by(answer),
        )
    missing = f"their case {answer.case} has none either" if answer else "no support case is named"
    return failed(
        f"Database and CSM are on different servers. The vendor documents no upgrade of these, and {missing}",
        *seen,
        expected="one server with both, or a written procedure of Sophos Technical Support",
    )


@check(
    "order-feasible",
    "The Database server can come first",
    subject="deployment",
    severity="blocker",
    stages=("change",),
    demands=("V02", "V11", "V12"),
    waivable=False,
    remedy=("Correct the roles: exactly one server is the Database Server.",),
)
def order_feasible(case: Case) -> Word:
    """With one Database there is always an order that begins with it; with none or several there is not."""
    ordered = order(case.deployment.servers)
    holders = case.deployment.holding("database")
    if len(holders) != 1:
        return failed(
            f"the Database Server role is on {several(len(holders), 'server')}", _names(holders), expected="exactly one"
        )
    return passed(" → ".join(server.name for server in ordered), expected="the Database server first")


@check(
    "order-collisions",
    "Servers whose roles belong to several phases are named",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V11",),
    remedy=("No action: a server is upgraded once, with its earliest role. See “Order and gates”.",),
)
def order_collisions(case: Case) -> Word:
    """A small site may run the web interfaces on its Database Server; then no order fits every role's phase."""
    ordered = order(case.deployment.servers)
    pairs = collisions(ordered)
    if len(ordered) == 1:
        return not_applicable("a single server has no order")
    if not pairs:
        return passed("every role is upgraded in its own phase")
    mixed = sorted({before for before, _ in pairs})
    return failed(
        f"roles of several phases on {', '.join(mixed)}: each server is upgraded once, in its earliest phase",
        *(f"{before} before {after}" for before, after in pairs),
        *(f"{server.name}: {reason(server, ordered)}" for server in ordered if server.name in mixed),
        expected="no server with a later-phase role before one with an earlier-phase role",
    )
