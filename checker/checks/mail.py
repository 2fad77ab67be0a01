"""Does mail have another way while one server is out? Nothing here can be cured now: roles are retained."""

from checker.checks.mechanism import Case, Word, check, failed, passed, several


@check(
    "mail-paths-declared",
    "The ways that mail takes are declared",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V08", "V09"),
    remedy=(
        "Declare mail_paths, inbound and outbound: name, via (mx, lb or smarthost), members, direction. "
        "Two Mail Filters alone do not mean that mail has two ways.",
    ),
)
def mail_paths_declared(case: Case) -> Word:
    """Whether mail flows throughout depends on MX records, balancers and smart hosts, which no server can tell."""
    paths = case.deployment.mail_paths
    directions = {path.direction or path.name.casefold() for path in paths}
    missing = [way for way in ("inbound", "outbound") if not directions & {way, "both"}]
    carried = {member for path in paths for member in path.members}
    idle = [server.name for server in case.deployment.holding("mta") if server.name not in carried]
    seen = tuple(f"{path.name} via {path.via}: {', '.join(path.members)}" for path in paths)
    if missing:
        return failed(
            f"no path is declared for {' and '.join(missing)} mail: whether it is interrupted is unknown",
            *seen,
            expected="an inbound and an outbound path, each with its members",
        )
    if idle:
        return failed(f"{', '.join(idle)}: a Mail Transfer Agent that no declared path uses", *seen)
    return passed(f"{several(len(paths), 'path')} declared", *seen)


@check(
    "database-mail-filter-apart",
    "The Database server is not a Mail Filter",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=("Nothing to do now: roles are retained. Announce the interruption that the plan names.",),
)
def database_mail_filter_apart(case: Case) -> Word:
    """Both on one server is not recommended (custom installation, version 6): mail stops with the Database there."""
    both = [s.name for s in case.deployment.holding("database") if s.has("mail-filter")]
    if both:
        return failed(f"{', '.join(both)} holds Database and Mail Filter: its mail waits through phase 1")
    return passed("they are on different servers")


@check(
    "single-mail-filter",
    "There is more than one Mail Filter",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=("Nothing to do now: roles are retained. Announce the interruption that the plan names.",),
)
def single_mail_filter(case: Case) -> Word:
    """The vendor promises uninterrupted mail only where a second Mail Filter goes on."""
    filters = case.deployment.holding("mail-filter")
    if len(filters) == 1:
        return failed(f"{filters[0].name} is the only Mail Filter: while it is out, no mail is filtered")
    return passed(several(len(filters), "Mail Filter"))


@check(
    "single-mta",
    "There is more than one Mail Transfer Agent",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=("Nothing to do now: roles are retained. Announce the interruption that the plan names.",),
)
def single_mta(case: Case) -> Word:
    """With one Mail Transfer Agent, mail waits at its senders while that server is out."""
    agents = case.deployment.holding("mta")
    if len(agents) == 1:
        return failed(f"{agents[0].name} is the only Mail Transfer Agent: mail waits outside while it is out")
    return passed(several(len(agents), "Mail Transfer Agent") if agents else "no server of the deployment holds mta")
