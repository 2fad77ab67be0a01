"""Does mail have another route while one server is out? Nothing here can be changed now: roles are retained."""

from checker.checks.mechanism import Case, Word, check, failed, not_applicable, passed, unseen
from checker.legible import several
from checker.schedule.mail_flow import fed_by, relying


@check(
    "mail-paths-declared",
    "The mail routes are declared",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V08", "V09"),
    remedy=(
        "Declare mail_paths, inbound and outbound: name, via (mx, lb or smarthost), members, direction. "
        "Two Mail Filters alone do not mean that mail has two routes.",
    ),
)
def mail_paths_declared(case: Case) -> Word:
    """Whether mail flows throughout depends on MX records, balancers and smart hosts, which no server shows."""
    paths = case.deployment.mail_paths
    directions = {path.direction or path.name.casefold() for path in paths}
    missing = [way for way in ("inbound", "outbound") if not directions & {way, "both"}]
    carried = {member for path in paths for member in path.members}
    idle = [server.name for server in case.deployment.holding("mta") if server.name not in carried]
    seen = tuple(f"{path.name} via {path.via}: {', '.join(path.members)}" for path in paths)
    if missing:
        return failed(
            f"no path is declared for {' and '.join(missing)} mail: unknown whether it is interrupted",
            *seen,
            expected="an inbound and an outbound path, each with its members",
        )
    if idle:
        return failed(f"no declared path uses {', '.join(idle)}, declared as Mail Transfer Agent", *seen)
    return passed(f"{several(len(paths), 'path')} declared", *seen)


@check(
    "database-mail-filter-apart",
    "The Database server is not a Mail Filter",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=("No action before the upgrade: roles are retained. Announce the interruption that the plan names.",),
)
def database_mail_filter_apart(case: Case) -> Word:
    """Both on one server is not recommended (custom installation, version 6): its mail stops with the Database."""
    both = [s.name for s in case.deployment.holding("database") if s.has("mail-filter")]
    if both:
        return failed(f"Database Server and Mail Filter are both on {', '.join(both)}: its mail waits during phase 1")
    return passed("Database Server and Mail Filter are on different servers")


@check(
    "single-mail-filter",
    "There is more than one Mail Filter",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=("No action before the upgrade: roles are retained. Announce the interruption that the plan names.",),
)
def single_mail_filter(case: Case) -> Word:
    """The vendor promises uninterrupted mail only where a second Mail Filter keeps running."""
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
    remedy=("No action before the upgrade: roles are retained. Announce the interruption that the plan names.",),
)
def single_mta(case: Case) -> Word:
    """With one Mail Transfer Agent, mail waits at its senders while that server is out."""
    agents = case.deployment.holding("mta")
    if len(agents) == 1:
        return failed(f"{agents[0].name} is the only Mail Transfer Agent: while it is out, mail waits at its senders")
    return passed(
        several(len(agents), "Mail Transfer Agent") if agents else "no server is declared as Mail Transfer Agent"
    )


@check(
    "mail-filter-capacity",
    "The others carry the mail while one is out",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V08",),
    remedy=(
        "Upgrade the named server outside the peak hours, or accept a delay: the senders queue their mail and deliver "
        "it later.",
    ),
)
def mail_filter_capacity(case: Case) -> Word:
    """Messages an hour, for each path with its declared peak and each of its members out in turn, one at a time."""
    capacity = {server.name: server.capacity_per_hour for server in case.deployment.servers}
    paths = [
        (path, path.peak_per_hour)
        for path in case.deployment.mail_paths
        if path.peak_per_hour is not None and any(capacity[name] is not None for name in path.members)
    ]
    if not paths:
        return not_applicable("no path has both a peak and members whose capacity is declared")
    expected = "the other members' messages an hour at least the path's peak"
    short, unclear, seen = [], [], []
    for path, peak in paths:
        each = (f"{name} {'not declared' if capacity[name] is None else capacity[name]}" for name in path.members)
        seen.append(f"{path.name}: peak {peak}; {', '.join(each)}")
        for out in path.members:
            others = [capacity[name] for name in path.members if name != out]
            left = sum(figure for figure in others if figure is not None)
            if left < peak and None in others:
                unclear.append(f"{path.name} without {out}: {left} known of {peak}, not every capacity is declared")
            elif left < peak:
                short.append(f"{path.name} without {out}: {left} of {peak}")
    if short:
        return failed(
            f"the capacity is below the peak in {several(len(short), 'case')}", *short, *unclear, expected=expected
        )
    if unclear:
        return unseen("not every member's capacity is declared", *unclear, expected=expected)
    return passed("with any one member out, the others carry the peak", *seen, expected=expected)


@check(
    "filter-fed-by-several",
    "No Mail Transfer Agent relies on one other server for filtering",
    subject="deployment",
    severity="info",
    stages=("change",),
    demands=("V08",),
    remedy=(
        "No action before the upgrade: announce the interruption that the plan names. If an agent can pass its mail to "
        "another Mail Filter for that time, declare both under its feeds.",
    ),
)
def filter_fed_by_several(case: Case) -> Word:
    """While a Mail Filter is out, the mail of agents that feed it alone waits, is rejected or passes unfiltered."""
    deployment = case.deployment
    apart = [agent for agent in deployment.holding("mta") if agent.feeds or not agent.has("mail-filter")]
    if not apart or not deployment.holding("mail-filter"):
        return not_applicable("every Mail Transfer Agent has its own Mail Filter")
    fed = fed_by(deployment, apart)
    seen = tuple(f"{name} feeds {', '.join(names) or 'unknown Mail Filters'}" for name, names in fed.items())
    expected = "each agent passes its mail to several Mail Filters, or has its own"
    only = relying(deployment, apart)
    alone = [
        f"{server.name} is the only one for {', '.join(agent.name for agent in only[server.name])}"
        for server in deployment.servers
        if server.name in only
    ]
    silent = [name for name, names in fed.items() if not names]
    if alone:
        return failed(f"{'; '.join(alone)}: while it is out, their mail is interrupted or unfiltered", *seen,
                      expected=expected)  # fmt: skip
    if silent:
        return unseen(f"not declared: the Mail Filters of {', '.join(silent)} (feeds)", *seen, expected=expected)
    return passed("every agent has another Mail Filter to use", *seen, expected=expected)
