"""Who misses what, from which step to which: derived from the plan's steps, never written by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from checker.deployment import Deployment, Server
from checker.order import database_server
from checker.values import Basis
from runbook.plan import Interruption, Step
from runbook.words import Words

Impact = Literal["down", "reduced", "degraded", "unknown"]


@dataclass(frozen=True)
class _Night:
    """The steps at which services go and come back."""

    steps: tuple[Step, ...]
    earliest: Mapping[str, datetime]
    words: Words

    def first(self, server: Server | None, *kinds: str) -> Step:
        name = server.name if server else None
        return next(step for step in self.steps if step.server == name and step.kind in kinds)

    def out(self, server: Server) -> Step:
        """Where a server leaves the mail: its drain, or its stop where it is not drained."""
        return self.first(server, "drain", "stop")

    def back(self, server: Server) -> Step:
        """Where it is in the mail again: the step that returns it, else its completion."""
        own = [step for step in self.steps if step.server == server.name]
        return next((step for step in own if step.form == "back"), own[-1])

    def verified(self, server: Server) -> Step:
        """Where its own start is verified."""
        return [step for step in self.steps if step.server == server.name and step.form == "verify"][-1]

    def row(
        self, key: str, impact: Impact, begins: Step, ends: Step, demands: tuple[str, ...], *,
        path: str | None = None, server: Server | None = None, **values: Any,
    ) -> Interruption:  # fmt: skip
        name = server.name if server else None

        def say(field: str) -> str:
            return self.words.say("interruptions", key, field, path=path, server=name, **values) or ""

        return Interruption(
            key=key,
            service=say("service"), audience=say("audience"), path=path, server=name, impact=impact,
            words=say(impact), cause=say("cause"), from_step=begins.id, until_step=ends.id,
            starts_at=self.earliest.get(begins.id), ends_at=ends.ends_at,
            basis=Basis(kind="vendor", refs=demands) if demands else Basis(kind="ours"), demands=demands,
        )  # fmt: skip


def interruptions(
    deployment: Deployment,
    ordered: tuple[Server, ...],
    steps: tuple[Step, ...],
    earliest: Mapping[str, datetime],
    words: Words,
) -> tuple[Interruption, ...]:
    """Every interruption of the plan, in the order in which they begin. `earliest` is by low minutes, ends by high."""
    night = _Night(steps, earliest, words)
    rows = [*_web(deployment, ordered, night), *_database(deployment, night), *_paths(deployment, ordered, night)]
    rows += [*_filters(deployment, night), *_publishing(steps, night)]
    place = {step.id: index for index, step in enumerate(steps)}
    return tuple(
        sorted(rows, key=lambda row: (place[row.from_step], place[row.until_step], row.service, row.path or ""))
    )


def _web(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    begins = night.first(database_server(deployment) or ordered[0], "stop")
    ends = night.first(ordered[-1], "complete")
    rows = []
    if deployment.holding("euwi"):
        rows.append(night.row("euwi", "down", begins, ends, ("V09", "V15")))
    if deployment.holding("euwi", "gwi"):
        rows.append(night.row("gwi", "down", begins, ends, ("V09", "V14")))
    return rows


def _database(deployment: Deployment, night: _Night) -> list[Interruption]:
    database = database_server(deployment)
    if database is None:
        return []
    begins = night.first(database, "stop")
    return [
        night.row("database", "degraded", begins, night.verified(server), ("V13", "V17", "V20"), server=server)
        for server in deployment.holding("mail-filter")
    ]


def _paths(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    rows = []
    for path in deployment.mail_paths:
        count = len(path.members)
        for name in path.members:
            server = deployment.server(name)
            rows.append(
                night.row(
                    "path", "reduced" if count > 1 else "down", night.out(server), night.back(server),
                    ("V08", "V20") if count > 1 else ("V20",),
                    path=path.name, server=server, count=count, via=path.via,
                )
            )  # fmt: skip
    declared = {path.direction or path.name.casefold() for path in deployment.mail_paths}
    carriers = [server for server in ordered if server.has("mta")] or [
        server for server in ordered if server.has("mail-filter")
    ]
    for way in ("inbound", "outbound"):
        if carriers and not declared & {way, "both"}:
            begins, ends = night.out(carriers[0]), night.back(carriers[-1])
            rows.append(night.row("undeclared", "unknown", begins, ends, (), path=way))
    return rows


def _filters(deployment: Deployment, night: _Night) -> list[Interruption]:
    filters = deployment.holding("mail-filter")
    rows = []
    for server in filters:
        begins, ends = night.out(server), night.back(server)
        impact: Impact = "reduced" if len(filters) > 1 else "down"
        rows.append(night.row("capacity", impact, begins, ends, ("V08", "V20"), server=server, count=len(filters)))
        stops = night.first(server, "stop")
        rows.append(night.row("filtering", "unknown", stops, ends, (), server=server, mta=server.has("mta")))
    return rows


def _publishing(steps: tuple[Step, ...], night: _Night) -> list[Interruption]:
    begins = next(step for step in steps if step.form == "publishing-freeze")
    ends = next(step for step in steps if step.form == "publishing-free")
    return [night.row("publishing", "down", begins, ends, ())]
