"""Who misses what, from which step to which: derived from the plan's steps, never written by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from checker.facts.catalogue import FILTER_LINES, MTA
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment, MailPath, Server
from checker.schedule.mail_flow import FATES, Fate, fate, fed_by, relying
from checker.schedule.order import database_server
from checker.schedule.step_catalogue import Form, StepKind
from checker.values import Basis, grouped
from runbook.plan.plan_model import Interruption, Step
from runbook.words import Words

Impact = Literal["down", "reduced", "degraded", "unknown"]
Direction = Literal["inbound", "outbound", "both"]
# What a stopped filter does with mail, as an interruption of filtering, and of the mail of those who rely on it.
FILTERING: dict[Fate, Impact] = {
    "rejected": "down", "unfiltered": "down", "unknown": "unknown", "deferred": "degraded", "queued": "degraded",
}  # fmt: skip
FED: dict[Fate, Impact] = {
    "rejected": "down", "unfiltered": "degraded", "unknown": "unknown", "deferred": "down", "queued": "down",
}  # fmt: skip


@dataclass(frozen=True)
class _Night:
    """The steps at which services go and come back."""

    steps: tuple[Step, ...]
    earliest: Mapping[str, datetime]
    words: Words

    @cached_property
    def own(self) -> dict[str | None, tuple[Step, ...]]:
        """The steps of each server, and under None those of none."""
        return grouped(self.steps, lambda step: step.server)

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each step stands among all, by its id."""
        return {step.id: index for index, step in enumerate(self.steps)}

    def first(self, server: Server, kind: StepKind) -> Step:
        return next(step for step in self.own[server.name] if step.kind == kind)

    def form(self, form: Form) -> Step:
        """The one step of a form that belongs to no server."""
        return next(step for step in self.own[None] if step.form == form)

    def out(self, server: Server, path: MailPath | None = None) -> Step:
        """Where a server leaves a path, or else the mail: its drain, or its stop where it is not drained."""
        own = [step for step in self.own[server.name] if step.kind == "drain"]
        named = [step for step in own if path and step.path == path.name]
        return (named or own or [self.first(server, "stop")])[0]

    def back(self, server: Server) -> Step:
        """Where it is in the mail again, in all its paths; its completion where no step returns it."""
        own = self.own[server.name]
        return next((step for step in own if step.form == "back"), own[-1])

    def verified(self, *servers: Server) -> Step:
        """Where the start of the last of these servers is verified."""
        ends = ([step for step in self.own[server.name] if step.form == "verify"][-1] for server in servers)
        return max(ends, key=lambda step: self.place[step.id])

    def row(
        self, key: str, impact: Impact, begins: Step, ends: Step, basis: Basis, *, says: str | None = None,
        path: str | None = None, server: Server | None = None, **values: Any,
    ) -> Interruption:  # fmt: skip
        """A row; `says` is the field of its words where one impact has several."""
        name = server.name if server else None
        told = says or impact
        mail = self.words.say("notices", "mail", values.pop("direction", "both"))

        def say(field: str) -> str:
            given = {"path": path, "server": name, "told": told, "mail": mail, **values}
            return self.words.say("interruptions", key, field, **given) or ""

        return Interruption(
            key=key,
            service=say("service"), audience=say("audience"), path=path, server=name, impact=impact,
            words=say(told), fate=says, desk=say("desk"), cause=say("cause"), from_step=begins.id, until_step=ends.id,
            starts_at=self.earliest.get(begins.id), ends_at=ends.ends_at,
            basis=basis, demands=basis.refs if basis.kind == "vendor" else (),
        )  # fmt: skip


def direction(path: MailPath) -> Direction:
    """Where a path's mail goes: as declared, or as its name says; both where neither says it."""
    if path.direction:
        return path.direction
    name = path.name.casefold()
    return "inbound" if name == "inbound" else "outbound" if name == "outbound" else "both"


OURS = Basis(kind="ours")


def _vendor(*demands: str) -> Basis:
    return Basis(kind="vendor", refs=demands)


def interruptions(
    deployment: Deployment,
    ordered: tuple[Server, ...],
    steps: tuple[Step, ...],
    earliest: Mapping[str, datetime],
    words: Words,
    facts: Mapping[str, HostFacts],
) -> tuple[Interruption, ...]:
    """Every interruption of the plan, in the order in which they begin. `earliest` is by low minutes, ends by high.

    Of the facts only the hosts' mail configuration is looked at: what they do with mail while their filter is stopped.
    """
    night = _Night(steps, earliest, words)
    rows = [
        *_web(deployment, ordered, night),
        *_database(deployment, night),
        *_quarantine(deployment, ordered, night),
        *_logs(deployment, ordered, night),
        *_paths(deployment, ordered, night),
        *_capacity(deployment, night),
        *_filtering(deployment, night, facts),
        *_relying(deployment, ordered, night, facts),
        *_publishing(night),
    ]
    place = night.place
    return tuple(sorted(rows, key=lambda row: (place[row.from_step], place[row.until_step], row.key, row.path or "")))


def _whole(deployment: Deployment, ordered: Sequence[Server], night: _Night) -> tuple[Step, Step]:
    """From the first stop of the Database to the end of the last server: as long as the vendor's own list lasts."""
    return night.first(database_server(deployment) or ordered[0], "stop"), night.first(ordered[-1], "complete")


def _web(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    span = _whole(deployment, ordered, night)
    rows = []
    if deployment.holding("euwi"):
        rows.append(night.row("euwi", "down", *span, _vendor("V09", "V15")))
        rows.append(night.row("digests", "degraded", *span, OURS))
    if deployment.holding("euwi", "gwi"):
        rows.append(night.row("gwi", "down", *span, _vendor("V09", "V14")))
    return rows


def _database(deployment: Deployment, night: _Night) -> list[Interruption]:
    database = database_server(deployment)
    if database is None:
        return []
    begins = night.first(database, "stop")
    return [
        night.row("database", "degraded", begins, night.verified(server), _vendor("V13", "V17", "V20"), server=server)
        for server in deployment.holding("mail-filter")
    ]


def _quarantine(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    """Until its own server is verified a message that lies there cannot be reached through the database (V17, V20)."""
    filters = deployment.holding("mail-filter")
    if not filters:
        return []
    span = _whole(deployment, ordered, night)[0], night.verified(*filters)
    return [
        night.row("release-by-mail", "unknown", *span, OURS),
        night.row("release-by-administrators", "down", *span, OURS),
    ]


def _logs(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    """Log lines reach the database by scheduled jobs; the search index is off after an upgrade until it is put on."""
    mail = deployment.holding("mta", "mail-filter")
    if not mail:
        return []
    begins, ends = _whole(deployment, ordered, night)
    reports, search = (Basis(kind="documented", refs=(page,)) for page in ("Logs and Reports", "Searching the logs"))
    return [
        night.row("reports", "degraded", begins, night.verified(*mail), reports),
        night.row("log-search", "degraded", begins, ends, search),
    ]


def _paths(deployment: Deployment, ordered: tuple[Server, ...], night: _Night) -> list[Interruption]:
    """A server that is out of its path, but where all that is left of the path feeds it: `_relying` tells of those."""
    rows = []
    feeders = relying(deployment, ordered)
    one_of_several = len(deployment.holding("mail-filter")) > 1  # of these V08 speaks
    for path in deployment.mail_paths:
        count = len(path.members)
        for name in path.members:
            server = deployment.server(name)
            if count > 1 and _whole_path(path, server, feeders.get(name, ())):
                continue
            rows.append(
                night.row(
                    "path", "reduced" if count > 1 else "down", night.out(server, path), night.back(server),
                    _vendor("V08", "V20") if count > 1 and one_of_several else _vendor("V20"),
                    path=path.name, server=server, count=count, via=path.via, direction=direction(path),
                )
            )  # fmt: skip
    declared = {path.direction or path.name.casefold() for path in deployment.mail_paths}
    carriers = [server for server in ordered if server.has("mta")] or [
        server for server in ordered if server.has("mail-filter")
    ]
    for way in ("inbound", "outbound"):
        if carriers and not declared & {way, "both"}:
            begins, ends = night.out(carriers[0]), night.back(carriers[-1])
            rows.append(night.row("undeclared", "unknown", begins, ends, OURS, path=way, direction=way))
    return rows


def _whole_path(path: MailPath, server: Server, feeders: Sequence[Server]) -> bool:
    """Whether nothing of a path is left while a server is out: the others hand their mail to it alone."""
    return {agent.name for agent in feeders} | {server.name} >= set(path.members)


def _capacity(deployment: Deployment, night: _Night) -> list[Interruption]:
    filters = deployment.holding("mail-filter")
    impact: Impact = "reduced" if len(filters) > 1 else "down"
    basis = _vendor("V08", "V20") if len(filters) > 1 else _vendor("V20")  # V08 asks for one at a time of several
    return [
        night.row(
            "capacity", impact, night.out(server), night.back(server), basis, server=server, count=len(filters)
        )
        for server in filters
    ]  # fmt: skip


def _filtering(deployment: Deployment, night: _Night, facts: Mapping[str, HostFacts]) -> list[Interruption]:
    """What becomes of mail that still reaches a server whose filter is stopped.

    Where no Mail Transfer Agent runs beside the filter, it is those that feed it who decide; see `_relying`.
    """
    feeding = fed_by(deployment, deployment.holding("mta"))
    fed = {name for agent, filters in feeding.items() for name in filters if name != agent}
    rows = []
    for server in deployment.holding("mail-filter"):
        if server.has("mta") or server.name not in fed:
            agents = [server] if server.has("mta") else []
            rows.append(_stopped("filtering", agents, server, night, facts, server=server))
    return rows


def _relying(
    deployment: Deployment, ordered: tuple[Server, ...], night: _Night, facts: Mapping[str, HostFacts]
) -> list[Interruption]:
    """Mail Transfer Agents whose only Mail Filter is another server, and paths that have nothing else."""
    rows, feeders = [], relying(deployment, ordered)
    for server in ordered:
        agents = feeders.get(server.name, [])
        rows += [_stopped("fed", [agent], server, night, facts, server=agent) for agent in agents]
        for path in deployment.mail_paths:
            members = [agent for agent in agents if agent.name in path.members]
            if members and _whole_path(path, server, members):
                rows.append(_stopped("path-fed", members, server, night, facts, path=path))
    return rows


def _stopped(
    key: str, agents: Iterable[Server], filter_: Server, night: _Night, facts: Mapping[str, HostFacts], *,
    server: Server | None = None, path: MailPath | None = None,
) -> Interruption:  # fmt: skip
    """Until a filter is back: the worst of what these agents do without it.

    Mail that comes to its own server meets a stopped filter; agents elsewhere miss it as soon as it is taken out.
    """
    names = sorted(agent.name for agent in agents)
    worst: Fate = min((fate(facts.get(name)) for name in names), key=FATES.index, default="unknown")
    refs = tuple(f"{name}:{fact.path}" for name in names for fact in (MTA, FILTER_LINES))
    basis = OURS if worst == "unknown" else Basis(kind="measured", refs=refs)
    own = key == "filtering"
    left = path if path and filter_.name in path.members else None  # when it leaves this path itself, and returns
    begins = night.first(filter_, "stop") if own else night.out(filter_, left)
    impact = (FILTERING if own else FED)[worst]
    return night.row(
        key, impact, begins, night.back(filter_), basis, says=worst, path=path.name if path else None,
        server=server, filter=filter_.name, direction=direction(path) if path else "both",
    )  # fmt: skip


def _publishing(night: _Night) -> list[Interruption]:
    span = night.form("publishing-freeze"), night.form("publishing-free")
    return [night.row(key, "down", *span, OURS) for key in ("publishing", "emergency-rules")]
