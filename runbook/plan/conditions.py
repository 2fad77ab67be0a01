"""What is so where a step is done, as far as a sentence may depend on it: the conditions beside the words (`when`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from checker.inputs.deployment import MailPath, Role, Server

# Of the server: its roles. Of the deployment while it is worked on, all before it on 6 and all after it on 5.6.1:
Circumstance = Literal[
    "several-servers", "server-follows", "filter-follows", "agent-follows", "mail-follows",
    "other-filters", "other-members",  # of the step's mail path
    "has-database", "has-csm", "has-filter", "has-web",  # any server
    "mail-finished",  # a finished server carries mail
    "site-line",  # of its own procedure stands in the step
]  # fmt: skip
NOT = "no-"  # before a condition: that it is not so
KNOWN: tuple[str, ...] = (*get_args(Role), *get_args(Circumstance))


@dataclass(frozen=True)
class Among:
    """What is so of a deployment whose servers are upgraded in an order; each `last` is a place in it, -1 for none."""

    count: int
    roles: frozenset[Role]
    filters: int
    last_filter: int
    last_agent: int
    first_mail: int


def among(ordered: Sequence[Server]) -> Among:
    """What is found once for all steps."""

    def places(*roles: Role) -> list[int]:
        return [place for place, server in enumerate(ordered) if server.has(*roles)]

    filters, agents, mail = places("mail-filter"), places("mta"), places("mta", "mail-filter")
    return Among(
        len(ordered), frozenset(role for server in ordered for role in server.roles), len(filters),
        max(filters, default=-1), max(agents, default=-1), min(mail, default=len(ordered)),
    )  # fmt: skip


def conditions(whole: Among, behind: int, server: Server | None = None) -> frozenset[str]:
    """What is so while a server is worked on, or none: `behind` are finished."""
    so = set(_so(whole, behind, server))
    return frozenset(so | {NOT + each for each in KNOWN if each not in so})


def on_path(so: frozenset[str], server: Server | None, path: MailPath | None) -> frozenset[str]:
    """What is so at a step of one mail path."""
    if path is None or server is None or all(name == server.name for name in path.members):
        return so
    return _holding(so, "other-members")


def with_line(so: frozenset[str], lines: bool) -> frozenset[str]:
    """What is so at a step in which a line of the site's own procedure stands, or none."""
    return _holding(so, "site-line") if lines else so


def _holding(so: frozenset[str], circumstance: Circumstance) -> frozenset[str]:
    return so - {NOT + circumstance} | {circumstance}


def _so(whole: Among, behind: int, server: Server | None) -> Iterator[str]:
    place = behind if server else behind - 1  # the last one that does not follow
    holding: dict[Circumstance, bool] = {
        "several-servers": whole.count > 1,
        "server-follows": place + 1 < whole.count,
        "filter-follows": whole.last_filter > place,
        "agent-follows": whole.last_agent > place,
        "mail-follows": max(whole.last_filter, whole.last_agent) > place,
        "mail-finished": whole.first_mail < behind,
        "has-database": "database" in whole.roles,
        "has-csm": "csm" in whole.roles,
        "has-filter": "mail-filter" in whole.roles,
        "has-web": bool(whole.roles & {"euwi", "gwi"}),
    }
    if server is not None:
        yield from server.roles
        holding |= {
            "other-filters": whole.filters > server.has("mail-filter"),
        }
    yield from (circumstance for circumstance, holds in holding.items() if holds)
