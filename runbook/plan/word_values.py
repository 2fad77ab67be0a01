"""What the words of steps may speak of: names, places and options, those of a server or of a night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from checker.inputs.deployment import Deployment, Server, role_names
from checker.schedule.mail_flow import paths_of, relying
from checker.schedule.nights import Night
from checker.schedule.order import database_server, phase
from runbook.plan.given_files import GivenFiles


@dataclass(frozen=True)
class Names:
    """The names that steps speak of, gathered once for a plan; `before`: how many Mail Filters come before each place.

    `feeders`: the Mail Transfer Agents that rely on a server, by its name.
    """

    ordered: list[str]
    place: Mapping[str, int]
    web: list[str]
    filters: list[str]
    before: list[int]
    feeders: Mapping[str, Sequence[Server]]
    waits: bool  # for the Database, which goes first


def names_of(deployment: Deployment, ordered: tuple[Server, ...]) -> Names:
    """The names of a deployment's servers, in their order."""
    names = [server.name for server in ordered]
    filtering = [server.has("mail-filter") for server in ordered]
    return Names(
        ordered=names,
        place={name: place for place, name in enumerate(names)},
        web=[server.name for server in deployment.holding("euwi", "gwi")],
        filters=[name for name, filters in zip(names, filtering, strict=True) if filters],
        before=list(accumulate(filtering, initial=0)),
        feeders=relying(deployment, ordered),
        waits=database_server(deployment) is not None,
    )


def values_of(
    deployment: Deployment, names: Names, files: GivenFiles, server: Server | None, night: Night | None
) -> dict[str, Any]:
    """What the words of a server's steps, or of a night's, may speak of.

    The lists belong to who asks: a site's own template may do with them what it likes.
    """
    place = names.place[server.name] if server else 0
    values: dict[str, Any] = {
        "deployment": deployment.deployment,
        "source": deployment.paths.source,
        "target": deployment.paths.target,
        "procedure_source": deployment.procedure.source,
        "phone": deployment.change.support.phone,
        "contract": deployment.change.support.contract,
        "case": deployment.change.support.case,
        "night": night.number if night else None,
        "files": files,
        "done": names.ordered[:place],
        "names": names.ordered[:],
        "web": names.web[:],
    }
    if night is not None and server is None:
        begins, ends = (names.place[night.servers[at]] for at in (0, -1))
        values |= {
            "finished_before": names.ordered[:begins],
            "finished": names.ordered[: ends + 1],
            "left": names.ordered[ends + 1 :],
            "waiting": names.filters[names.before[ends + 1] :] if names.waits else [],
        }
    if server is not None:
        before, until = names.before[place], names.before[place + 1]
        paths = paths_of(deployment, server)
        values |= {
            "server": server.name,
            "hostname": server.hostname or server.name,
            "roles": server.roles,
            "role_names": role_names(server.roles),
            "options": deployment.options_on(server),
            "migrates": deployment.migrates(server),
            "previous": names.ordered[place - 1] if place else None,
            "next": names.ordered[place + 1] if place + 1 < len(names.ordered) else None,
            "others": names.filters[:before] + names.filters[until:],
            "paths": [path.name for path in paths],
            "ways": [(path.name, path.via) for path in paths],
            "feeders": [s.name for s in names.feeders.get(server.name, ())],
            "night_ends": night is not None and server.name == night.servers[-1],
            "before_us": names.filters[:before],
            "phase": phase(server),
        }
    return values
