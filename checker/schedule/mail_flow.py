"""Where mail goes and what becomes of it while a server is out: its paths, who feeds whom, a stopped Mail Filter."""

from collections.abc import Iterable, Sequence
from typing import Literal

from checker.facts.catalogue import FILTER_LINES, MTA
from checker.facts.fact_values import FilterLine
from checker.facts.host_facts import HostFacts, seen
from checker.inputs.deployment import Deployment, MailPath, Server

# What becomes of mail that meets a stopped Mail Filter, worst first.
Fate = Literal["rejected", "unfiltered", "unknown", "deferred", "queued"]
FATES: tuple[Fate, ...] = ("rejected", "unfiltered", "unknown", "deferred", "queued")
# sendmail's flags of a filter: "4" defers as well and also closes the connection
FLAGS: dict[str, Fate] = {"": "unfiltered", "R": "rejected", "T": "deferred", "4": "deferred"}


def paths_of(deployment: Deployment, server: Server) -> tuple[MailPath, ...]:
    """The declared mail paths that a server is a member of."""
    return tuple(path for path in deployment.mail_paths if server.name in path.members)


def fed_by(deployment: Deployment, servers: Iterable[Server]) -> dict[str, tuple[str, ...]]:
    """The Mail Filters that each of the servers hands its mail to, by its name; none where nobody has said.

    They are those declared, else its own, else the only one that there is; none of what is no Mail Transfer Agent.
    """
    filters = tuple(server.name for server in deployment.holding("mail-filter"))
    only = filters if len(filters) == 1 else ()

    def fed(server: Server) -> tuple[str, ...]:
        if not server.has("mta"):
            return ()
        return server.feeds or ((server.name,) if server.has("mail-filter") else only)

    return {server.name: fed(server) for server in servers}


def relying(deployment: Deployment, servers: Iterable[Server]) -> dict[str, list[Server]]:
    """Those of the servers that rely on one other server, by its name, in the order given."""
    found: dict[str, list[Server]] = {}
    agents = tuple(servers)
    fed = fed_by(deployment, agents)
    for agent in agents:
        filters = set(fed[agent.name])
        if len(filters) == 1 and agent.name not in filters:
            found.setdefault(filters.pop(), []).append(agent)
    return found


def uses_sendmail(kinds: Sequence[str]) -> bool:
    """Whether sendmail is among the mail transfer agents of a host."""
    return any("sendmail" in kind.casefold() for kind in kinds)


def without_filter(kinds: Sequence[str], lines: Sequence[FilterLine]) -> Fate:
    """What these mail transfer agents do with mail while the Mail Filter is stopped.

    Postfix queues mail before its filter (documented: "Which mail transfer agent should I use?"); sendmail does as the
    flags of its filter lines say (documented: "Spam is not caught"), the worst of them where they differ.
    """
    if uses_sendmail(kinds) and lines:
        return min((FLAGS.get(line.flags, "unknown") for line in lines), key=FATES.index)
    return "queued" if any("postfix" in kind.casefold() for kind in kinds) else "unknown"


def fate(facts: HostFacts | None) -> Fate:
    """What a host does with mail while its Mail Filter is stopped, by its facts; unknown where they were not seen."""
    kinds = seen(facts, MTA)
    lines = seen(facts, FILTER_LINES) if kinds and uses_sendmail(kinds) else ()
    return "unknown" if kinds is None or lines is None else without_filter(kinds, lines)
