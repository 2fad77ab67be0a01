"""What the operator declares: servers, change, and the site's own answers. Shapes only; see deployment_file."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from checker.inputs.answers import Answers, RehearsalAnswer
from checker.inputs.change import Change
from checker.inputs.minutes import MOST_MOVED, Minutes, ProcedureKind, Rehearsal
from checker.inputs.scalars import (
    Address,
    Day,
    Hostname,
    HostOrAddress,
    Kib,
    LongText,
    Name,
    Path,
    Text,
    YesNo,
)
from checker.inputs.waivers import Waiver
from checker.values import DRIFTS, Value

Role = Literal["database", "csm", "mta", "mail-filter", "euwi", "gwi"]
ROLES: tuple[Role, ...] = ("database", "csm", "mta", "mail-filter", "euwi", "gwi")
# As the vendor's installer and its pages name them: what people read and choose. The file alone has the short ones.
ROLE_NAMES: Mapping[Role, str] = {
    "database": "Database Server",
    "csm": "Central Server Manager (CSM)",
    "mta": "Mail Transfer Agent",
    "mail-filter": "Mail Filter",
    "euwi": "End User Web Interface",
    "gwi": "Groups Web Interface",
}
PROCEDURE_KINDS: tuple[ProcedureKind, ...] = (
    "drain", "dump", "stop", "backup", "upgrade", "migrate", "start", "verify", "test",
)  # fmt: skip
Part = Literal["quarantine", "logs", "database", "configuration", "queue"]
PARTS: tuple[Part, ...] = ("quarantine", "logs", "database", "configuration", "queue")


def role_names(roles: Iterable[Role]) -> tuple[str, ...]:
    """The roles by the vendor's names, for everything that people read outside YAML, JSON and command lines."""
    return tuple(ROLE_NAMES[role] for role in roles)


class Paths(Value):
    """Where things are on every server; absent parts stand at their documented places below the source."""

    source: Path = "/opt/pmx"
    target: Path = "/opt/pmx6"
    quarantine: Path | None = None
    logs: Path | None = None
    database: Path | None = None
    backup: Path | None = None

    def of(self, part: Part) -> str:
        """The absolute path of a part of the 5.6.1 tree (documented places: puremessage man pages, 5.x)."""
        declared = {"quarantine": self.quarantine, "logs": self.logs, "database": self.database}.get(part)
        return declared or f"{self.source}/{PART_PLACES[part]}"


PART_PLACES: dict[Part, str] = {
    "quarantine": "var/qdir",
    "logs": "var/log",
    "database": "postgres",
    "configuration": "etc",
    "queue": "postfix",
}


class MeasuredSizes(Value):
    """KiB that copies of a server's parts of 5.6.1 need, as a person measured them, and who did, and when."""

    quarantine: Kib | None = None
    logs: Kib | None = None
    database: Kib | None = None
    configuration: Kib | None = None
    queue: Kib | None = None
    by: Text
    at: Day

    @model_validator(mode="after")
    def _something(self) -> "MeasuredSizes":
        if all(self.kib(part) is None for part in PARTS):
            raise ValueError(f"name no part: expected KiB of one or more of {', '.join(PARTS)}")
        return self

    def kib(self, part: Part) -> int | None:
        """KiB that a copy of a part needs, or None where nobody measured it."""
        size: int | None = getattr(self, part)
        return size


class Disk(Value):
    """What the vendor does not tell: the installation's size (KiB; one figure or per server) and our headroom.

    `sizes`: by server, what copies of its parts need, where the facts cannot tell. `database_dump`: count room for a
    dump beside the new database. `log_errors_kib_per_hour`: what a Mail Filter logs while the database is away; absent:
    our guess of a busy site (needs.ERRORS_KIB_AN_HOUR).
    """

    installation_kib: Kib | dict[Name, Kib] | None = None
    headroom_percent: Annotated[int, Field(ge=0, le=1000)] = 20
    sizes: dict[Name, MeasuredSizes] = {}
    database_dump: YesNo = True
    log_errors_kib_per_hour: Kib | None = None

    def installation_on(self, server: str) -> int | None:
        """KiB that the installation needs on a server, or None where the site has not measured it."""
        figure = self.installation_kib
        return figure.get(server) if isinstance(figure, dict) else figure


class Probe(Value):
    """What the probe may run beyond reading: only the product's own status command, and only when allowed."""

    pmx_status: YesNo = False


class Migration(Value):
    """Whether the vendor's migration script is used, and which of its options are chosen (V06)."""

    script: YesNo | None = None
    options: tuple[Text, ...] | None = None
    parts: dict[Text, tuple[Part, ...]] = {}


class MailPath(Value):
    """A way that mail takes through the site; what is undeclared is unknown."""

    name: Name
    via: Literal["mx", "lb", "smarthost"]
    members: Annotated[tuple[Name, ...], Field(min_length=1)]
    direction: Literal["inbound", "outbound", "both"] | None = None
    peak_per_hour: Annotated[int, Field(ge=0, le=MOST_MOVED)] | None = None


class ProcedureItem(Value):
    """One line of the site's own copy of the vendor's procedure."""

    text: LongText
    command: LongText | None = None
    expect: LongText | None = None
    if_not: LongText | None = None
    minutes: Annotated[Minutes | None, DRIFTS] = None
    repeatable: Literal["yes", "no", "unknown"] = "unknown"
    roles: tuple[Role, ...] = ()


class Procedure(Value):
    """The site's own copy of the vendor's commands, one list per kind of step; what is absent is a blank.

    `dump`: of the database, on its own server, while it still runs; `backup` is done after the stop.
    """

    source: Text | None = None
    drain: tuple[ProcedureItem, ...] = ()
    dump: tuple[ProcedureItem, ...] = ()
    stop: tuple[ProcedureItem, ...] = ()
    backup: tuple[ProcedureItem, ...] = ()
    upgrade: tuple[ProcedureItem, ...] = ()
    migrate: tuple[ProcedureItem, ...] = ()
    start: tuple[ProcedureItem, ...] = ()
    verify: tuple[ProcedureItem, ...] = ()
    test: tuple[ProcedureItem, ...] = ()

    def items(self, kind: ProcedureKind) -> tuple[ProcedureItem, ...]:
        found: tuple[ProcedureItem, ...] = getattr(self, kind)
        return found


class Media(Value):
    """Where version 6 is staged on every server, and its SHA-256 (V23)."""

    path: Path
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class Ssh(Value):
    """How a server is reached."""

    host: HostOrAddress | None = None
    user: Name | None = None
    become: tuple[Text, ...] = ()


class ServerMigration(Value):
    """A server's own migration choice; where it differs from the deployment's it is a finding."""

    script: YesNo | None = None
    options: tuple[Text, ...] | None = None


class Server(Value):
    """One server and its roles in the deployment.

    `feeds`: the Mail Filters that a Mail Transfer Agent hands its mail to, where it is not its own. `ci`: what the
    configuration database calls it, for the change record.
    """

    name: Name
    hostname: Hostname | None = None
    addresses: tuple[Address, ...] = ()
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    first: YesNo = False
    floating: tuple[Address, ...] = ()
    migration: ServerMigration = ServerMigration()
    feeds: tuple[Name, ...] = ()
    capacity_per_hour: Annotated[int, Field(ge=0, le=MOST_MOVED)] | None = None
    ci: Annotated[Text | None, DRIFTS] = None
    ssh: Ssh = Ssh()

    def has(self, *roles: Role) -> bool:
        """Whether the server holds any of these roles."""
        return any(role in self.roles for role in roles)


class Deployment(Value):
    """The deployment: its servers and everything declared about this change. The root of the file.

    `minutes`: the site's own figures in place of ours (durations.OURS). `owners`: who answers for a check.
    """

    deployment: Name
    change: Change
    paths: Paths = Paths()
    disk: Annotated[Disk, DRIFTS] = Disk()
    probe: Annotated[Probe, DRIFTS] = Probe()
    migration: Migration = Migration()
    mail_paths: tuple[MailPath, ...] = ()
    procedure: Procedure = Procedure()
    media: Media | None = None
    minutes: Annotated[dict[Name, Minutes], DRIFTS] = {}
    rehearsal: Annotated[Rehearsal | None, DRIFTS] = None
    owners: Annotated[dict[Name, Text], DRIFTS] = {}
    answers: Annotated[Answers, DRIFTS] = Answers()
    waivers: Annotated[tuple[Waiver, ...], DRIFTS] = ()
    servers: Annotated[tuple[Server, ...], Field(min_length=1, max_length=2000)]

    @cached_property
    def rehearsed(self) -> Rehearsal | None:
        """The rehearsal, declared under `rehearsal` or as an answer; None where there is none."""
        said = self.answers.to(RehearsalAnswer)
        if self.rehearsal or said is None:
            return self.rehearsal
        return Rehearsal.model_validate(said.model_dump(exclude={"at"}))

    def server(self, name: str) -> Server:
        """The server of that name; KeyError when there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Server]:
        return {server.name: server for server in self.servers}

    def holding(self, *roles: Role) -> tuple[Server, ...]:
        """The servers that hold any of these roles, as declared."""
        if roles not in self._holders:
            self._holders[roles] = tuple(server for server in self.servers if server.has(*roles))
        return self._holders[roles]

    @cached_property
    def _holders(self) -> dict[tuple[Role, ...], tuple[Server, ...]]:
        return {}

    def migrates(self, server: Server) -> bool | None:
        """Whether the migration script runs on a server; None when nobody has said."""
        own = server.migration.script
        return self.migration.script if own is None else own

    def options_on(self, server: Server) -> tuple[str, ...]:
        """The migration options to tick on a server, as written."""
        own = server.migration.options
        return (self.migration.options or ()) if own is None else own
