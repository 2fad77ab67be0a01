"""What the operator declares: servers, change, and the site's own answers. Shapes only; see deployment_file."""

import re
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from checker.values import Value

Role = Literal["database", "csm", "mta", "mail-filter", "euwi", "gwi"]
ROLES: tuple[Role, ...] = ("database", "csm", "mta", "mail-filter", "euwi", "gwi")
ProcedureKind = Literal["drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test"]
PROCEDURE_KINDS: tuple[ProcedureKind, ...] = (
    "drain", "stop", "backup", "upgrade", "migrate", "start", "verify", "test",
)  # fmt: skip
Part = Literal["quarantine", "logs", "database", "configuration", "queue"]
PARTS: tuple[Part, ...] = ("quarantine", "logs", "database", "configuration", "queue")

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.|$)){0,62}")
# control characters, and those that turn the direction of the text around them
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


YEARS = "from 2000 to 2099"  # far from where the calendar ends: a time may be moved by any offset
DAY = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
LOCAL_TIME = DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(
            "is not usable as a name: expected letters, digits, '.', '_' and '-', beginning with a letter or digit, "
            "at most 63 characters"
        )
    return text


def _hostname(text: str) -> str:
    if len(text) > 253 or not all(LABEL.fullmatch(label) for label in text.split(".")):
        raise ValueError("is not a host name: expected labels of letters, digits and '-' joined by dots")
    return text


def _address(text: str) -> str:
    try:
        if "%" in text:  # a scope may hold any text and means something on one machine only
            raise ValueError
        return str(ip_address(text))
    except ValueError:
        raise ValueError("is not an IP address: expected one such as 192.0.2.11 or 2001:db8::11") from None


def _name_or_address(text: str) -> str:
    return _address(text) if ":" in text else _name(text)


def _plain(text: str) -> str:
    if UNSEEN.search(text):
        raise ValueError("has control characters: expected plain text")
    if not text.strip():
        raise ValueError("is blank: expected some text")
    return text.strip()


def _line(text: str) -> str:
    return " ".join(_plain(text).split())


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except Exception:
        raise ValueError("is not a known time zone: expected an IANA zone such as Europe/Berlin") from None
    if ("/" not in text and text != "UTC") or text.startswith(("Etc/GMT", "posix/", "right/")):
        raise ValueError("is not the zone of a place: expected an IANA zone such as Europe/Berlin, or UTC")
    return text


def _path(text: str) -> str:
    if not text.startswith("/") or ".." in text.split("/") or "\n" in text or "\t" in text:
        raise ValueError("is not an absolute path: expected one such as /opt/pmx, without '..'")
    return text.rstrip("/") or "/"


def _yes_no(value: object) -> object:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if isinstance(value, str):
        if value.lower() not in words:
            raise ValueError("is not an answer: expected true or false")
        return words[value.lower()]
    return value


def _local_time(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(LOCAL_TIME, value):
            raise ValueError(f"is not a time: expected YYYY-MM-DDTHH:MM, for example 2026-12-05T22:00, {YEARS}")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a time: there is no such day or hour; expected YYYY-MM-DDTHH:MM") from None
    return value


def _day(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(DAY, value):
            raise ValueError(f"is not a date: expected YYYY-MM-DD, for example 2026-11-20, {YEARS}")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a date: there is no such day; expected YYYY-MM-DD") from None
    return value


Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(_line)]
LongText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_name)]
Hostname = Annotated[str, StringConstraints(max_length=300), AfterValidator(_hostname)]
Address = Annotated[str, StringConstraints(max_length=200), AfterValidator(_address)]
HostOrAddress = Annotated[str, StringConstraints(max_length=300), AfterValidator(_name_or_address)]
Path = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_plain), AfterValidator(_path)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
LocalTime = Annotated[
    datetime, BeforeValidator(_local_time), WithJsonSchema({"type": "string", "pattern": f"^{LOCAL_TIME}$"})
]
Zone = Annotated[str, StringConstraints(max_length=100), AfterValidator(_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Kib = Annotated[int, Field(ge=0, le=2**53)]


class Window(Value):
    """One night: from start to end, in the change's time zone."""

    start: LocalTime
    end: LocalTime


class Contact(Value):
    """Somebody who is called or decides that night."""

    role: Text
    name: Text
    phone: Text | None = None
    email: Text | None = None


class Support(Value):
    """The vendor's support line (V10): how it is reached and on which contract or case."""

    phone: Text | None = None
    contract: Text | None = None
    case: Text | None = None
    hours: Text | None = None


class Change(Value):
    """The change record that this upgrade runs under."""

    number: Text
    revision: Annotated[int, Field(ge=1)] = 1
    timezone: Zone
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    contacts: tuple[Contact, ...] = ()
    support: Support = Support()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def nights(self) -> tuple[tuple[datetime, datetime], ...]:
        """The windows as pairs of times in UTC, first to last."""
        return tuple(
            sorted((instant(window.start, self.zone), instant(window.end, self.zone)) for window in self.windows)
        )


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


class Disk(Value):
    """What the vendor does not tell: the installation's size (KiB; one figure or per server) and our headroom."""

    installation_kib: Kib | dict[Name, Kib] | None = None
    headroom_percent: Annotated[int, Field(ge=0, le=1000)] = 20

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


class Minutes(Value):
    """A duration in minutes as low, likely and high estimates."""

    low: Annotated[int, Field(ge=0, le=10_000)]
    likely: Annotated[int, Field(ge=0, le=10_000)]
    high: Annotated[int, Field(ge=0, le=10_000)]

    @model_validator(mode="after")
    def _rising(self) -> "Minutes":
        if not self.low <= self.likely <= self.high:
            raise ValueError("do not rise: expected low <= likely <= high")
        return self


class ProcedureItem(Value):
    """One line of the site's own copy of the vendor's procedure."""

    text: LongText
    command: LongText | None = None
    expect: LongText | None = None
    if_not: LongText | None = None
    minutes: Minutes | None = None
    repeatable: Literal["yes", "no", "unknown"] = "unknown"
    roles: tuple[Role, ...] = ()


class Procedure(Value):
    """The site's own copy of the vendor's commands, one list per kind of step; what is absent is a blank."""

    source: Text | None = None
    drain: tuple[ProcedureItem, ...] = ()
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


class Rehearsal(Value):
    """A try of the upgrade away from production."""

    on: Day
    by: Text
    result: Text
    minutes: dict[ProcedureKind, Minutes] = {}


class Answer(Value):
    """What a person found out where no machine can look; evaluated by its check, never simply believed."""

    value: Text | None = None
    by: Text
    at: Day
    servers: dict[Name, Text] = {}

    def on(self, server: str | None) -> str | None:
        """The answer for a server: its own where it has one, else the one for all."""
        return self.servers.get(server, self.value) if server is not None else self.value


class Waiver(Value):
    """A named person's decision to go on although a waivable check fails, for what was observed then."""

    check: Name
    server: Name | None = None
    observed: Text
    reason: Text
    by: Text
    ticket: Text
    until: Day


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
    """One server and its roles in the deployment."""

    name: Name
    hostname: Hostname | None = None
    addresses: tuple[Address, ...] = ()
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    first: YesNo = False
    floating: tuple[Address, ...] = ()
    migration: ServerMigration = ServerMigration()
    ssh: Ssh = Ssh()

    def has(self, *roles: Role) -> bool:
        """Whether the server holds any of these roles."""
        return any(role in self.roles for role in roles)


class Deployment(Value):
    """The deployment: its servers and everything declared about this change. The root of the file."""

    deployment: Name
    change: Change
    paths: Paths = Paths()
    disk: Disk = Disk()
    probe: Probe = Probe()
    migration: Migration = Migration()
    mail_paths: tuple[MailPath, ...] = ()
    procedure: Procedure = Procedure()
    rehearsal: Rehearsal | None = None
    answers: dict[Name, Answer] = {}
    waivers: tuple[Waiver, ...] = ()
    servers: Annotated[tuple[Server, ...], Field(min_length=1, max_length=2000)]

    def server(self, name: str) -> Server:
        """The server of that name; KeyError when there is none."""
        for server in self.servers:
            if server.name == name:
                return server
        raise KeyError(name)

    def holding(self, *roles: Role) -> tuple[Server, ...]:
        """The servers that hold any of these roles, as declared."""
        return tuple(server for server in self.servers if server.has(*roles))

    def migrates(self, server: Server) -> bool | None:
        """Whether the migration script runs on a server; None when nobody has said."""
        own = server.migration.script
        return self.migration.script if own is None else own

    def options_on(self, server: Server) -> tuple[str, ...]:
        """The migration options to tick on a server, as written."""
        own = server.migration.options
        return (self.migration.options or ()) if own is None else own


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """A time of the deployment file in UTC; one written with its own offset keeps it."""
    aware = local if local.tzinfo else local.replace(tzinfo=zone)
    return aware.astimezone(UTC)
