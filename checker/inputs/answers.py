"""What a person found out where no machine can look: for each check that asks one, the fields of the answer.

The fields are declared here, once: the file is validated by them, the schema exports them, `explain`, `answer` and the
list of what to do print them. Free text is a note, and decides nothing.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar, Union, get_type_hints
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, create_model, model_validator

from checker.inputs.minutes import Minutes, ProcedureKind, Rate, RateKind, Result
from checker.inputs.scalars import CaseNumber, Day, Filled, Hostname, LocalTime, Name, Path, Sha256, Version, YesNo
from checker.values import Value

SavedPart = Literal["database", "quarantine", "logs", "configuration"]
A = TypeVar("A", bound="Answer")


class Answer(Value):
    """Who says it, since which day it is so, and a note that decides nothing. The fields of each check follow."""

    check: ClassVar[str]
    by_server: ClassVar[bool] = True  # whether the check is asked of each server

    by: Annotated[Filled, Field(description="Who says it", examples=["A. Example"])]
    at: Annotated[Day, Field(description="The day on which it was verified", examples=["2026-12-05"])]
    note: Annotated[Filled, Field(description="A note, which decides nothing")] | None = None

    def after(self, now: datetime, zone: ZoneInfo) -> str | None:
        """The field whose day or time is later than `now`, with its value; None where none is. Times without an
        offset are of the zone."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, datetime):
                later = (value if value.tzinfo else value.replace(tzinfo=zone)) > now
            else:
                later = isinstance(value, date) and value > now.astimezone(zone).date()
            if later:
                return f"{name}: {value.isoformat()}"
        return None


class SourceVersion(Answer):
    """The version that is installed, read as the site's documentation says."""

    check: ClassVar[str] = "source-version"

    version: Annotated[Version, Field(description="The version that was read on the server", examples=["5.6.1"])]


class InstallMedia(Answer):
    """The installation media is on the server, and opens."""

    check: ClassVar[str] = "install-media"

    path: Annotated[Path, Field(description="Where the file is on the server", examples=["/srv/media/pmx6.tar"])]
    sha256: Annotated[Sha256, Field(description="Its SHA-256, taken on the server")] | None = None
    opened: Annotated[YesNo, Field(description="Was it opened and listed there?")]


def _stands_for_it(answer: A) -> A:
    """A yes needs who stands for it, and how; a no needs nothing. Raises ValueError."""
    lacking = [repr(name) for name in ("who", "how") if getattr(answer, name, "") is None]
    if getattr(answer, "confirmed", False) and lacking:
        raise ValueError(f"is yes without {' and '.join(lacking)}")
    return answer


class RootAccess(Answer):
    """Who becomes root on the server during the window, and how."""

    check: ClassVar[str] = "root-access"

    confirmed: Annotated[YesNo, Field(description="Can somebody become root there during the window?")]
    who: Annotated[Filled, Field(description="Who", examples=["A. Example"])] | None = None
    how: Annotated[Filled, Field(description="How", examples=["su -, password in the safe"])] | None = None

    _who_and_how = model_validator(mode="after")(_stands_for_it)


class AfterDatabaseReachable(Answer):
    """The finished server reaches its database, where no tool of the host can tell."""

    check: ClassVar[str] = "after-database-reachable"

    confirmed: Annotated[YesNo, Field(description="Does the server reach the database?")]
    how: Annotated[Filled, Field(description="How it was verified", examples=["psql from this server"])] | None = None

    _how = model_validator(mode="after")(_stands_for_it)


class QueueDrained(Answer):
    """The 5.6.1 queues are empty, where no machine can count them."""

    check: ClassVar[str] = "queue-drained"

    confirmed: Annotated[YesNo, Field(description="Are the 5.6.1 queues of this server empty?")]
    left: Annotated[int, Field(ge=0, description="Messages that remain", examples=["0"])] | None = None


class Ended(Value):
    """The vendor's support has ended for good, and who accepts to go on without it."""

    accepted_by: Annotated[Filled, Field(description="Who accepts it", examples=["A. Example"])]
    ticket: Annotated[Filled, Field(description="The ticket", examples=["CHG0031337"])]


class SupportLine(Answer):
    """The vendor's support line is confirmed for the window, or support has ended for good."""

    check: ClassVar[str] = "support-line"
    by_server: ClassVar[bool] = False

    confirmed: Annotated[YesNo, Field(description="Is the line confirmed for the window?")] | None = None
    ended: Annotated[Ended, Field(description="If support has ended for good")] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "SupportLine":
        if self.confirmed is None and self.ended is None:
            raise ValueError("lacks 'confirmed' or 'ended'")
        if self.confirmed and self.ended:
            raise ValueError("has both 'confirmed' and 'ended': expected one of them")
        return self


class DatabaseCsmTogether(Answer):
    """The vendor's procedure for Database and CSM on different servers."""

    check: ClassVar[str] = "database-csm-together"
    by_server: ClassVar[bool] = False

    case: Annotated[CaseNumber, Field(description="The case number of Sophos Technical Support", examples=["01234567"])]
    documented_path: Annotated[
        YesNo, Field(description="Does the vendor have a written procedure for this deployment?")
    ]


class _Copied(Answer):
    """Whether parts of the server were copied, which, where to and when."""

    result: Annotated[Result, Field(description="The result")]
    of: Annotated[
        tuple[SavedPart, ...],
        Field(min_length=1, description="The parts", examples=["[database, quarantine, logs, configuration]"]),
    ]
    where: Annotated[Filled, Field(description="Where it is", examples=["bk1:/backup/pmx"])]
    finished: Annotated[LocalTime, Field(description="When it finished", examples=["2026-12-04T03:00"])]


class RestoreTested(_Copied):
    """A backup of the server was restored somewhere else."""

    check: ClassVar[str] = "restore-tested"


class BackupEvidence(_Copied):
    """The server is backed up, outside its installation."""

    check: ClassVar[str] = "backup-evidence"


class RehearsalAnswer(Answer):
    """The upgrade was rehearsed; the same may stand under `rehearsal`."""

    check: ClassVar[str] = "rehearsal"
    by_server: ClassVar[bool] = False

    result: Annotated[Result, Field(description="The result")]
    on: Annotated[Day, Field(description="The day", examples=["2026-11-14"])]
    minutes: Annotated[dict[ProcedureKind, Minutes], Field(description="How long it took", examples=["{}"])] = {}
    rates: Annotated[dict[RateKind, Rate], Field(description="What was moved in a minute", examples=["{}"])] = {}


class IdentityPersistent(Answer):
    """The name that a reboot would give the server, where no machine can read it."""

    check: ClassVar[str] = "identity-persistent"

    configured: Annotated[
        Hostname, Field(description="The name that a reboot would give", examples=["mx1.example.net"])
    ]
    where: Annotated[Filled, Field(description="Where it was read on the server", examples=["/etc/rc.config"])]


class IdentityUnchanged(Answer):
    """The server is the same machine as in the baseline, where its host keys could not be read."""

    check: ClassVar[str] = "identity-unchanged"

    confirmed: Annotated[YesNo, Field(description="Is it the same machine, with the same name and addresses?")]
    how: Annotated[Filled, Field(description="How it was verified", examples=["on its console"])] | None = None

    _how = model_validator(mode="after")(_stands_for_it)


class NoticesSent(Answer):
    """Which notices were sent, and who has acknowledged the identity freeze."""

    check: ClassVar[str] = "notices-sent"
    by_server: ClassVar[bool] = False

    which: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(min_length=1, description="The numbers of the notices that were sent", examples=["[1, 2, 3]"]),
    ]
    acknowledged_by: Annotated[Filled, Field(description="Who has acknowledged the freeze", examples=["B. Example"])]


KINDS: dict[str, type[Answer]] = {
    kind.check: kind
    for kind in (
        SourceVersion, InstallMedia, RootAccess, SupportLine, DatabaseCsmTogether, RestoreTested, BackupEvidence,
        RehearsalAnswer, QueueDrained, NoticesSent, AfterDatabaseReachable, IdentityPersistent, IdentityUnchanged,
    )
}  # fmt: skip


def own_fields(kind: type[Answer]) -> tuple[str, ...]:
    """The names of the fields by which a check judges, as they are printed."""
    return tuple(name for name in kind.model_fields if name not in Answer.model_fields)


class _Given(Answer):
    """An answer as the file has it: for all servers, with exceptions by server, which may leave out what is alike."""

    kind: ClassVar[type[Answer]]

    def to(self, server: str | None) -> Answer | None:
        """The answer for a server (None: for all the others); None where nothing is said. Raises ValidationError."""
        said = _values(self, self.kind) | _values(getattr(self, "servers", {}).get(server), self.kind)
        return self.kind.model_validate(said) if said.keys() & {*own_fields(self.kind)} else None

    @model_validator(mode="after")
    def _whole(self) -> "_Given":
        servers = getattr(self, "servers", {})
        for server in (None, *servers):
            try:
                said = self.to(server)
            except ValidationError as error:
                where = f" (servers: {server})" if server else ""
                raise ValueError(f"{_lacking(error)}{where}: expected {', '.join(own_fields(self.kind))}") from None
            if said is None and not servers:
                raise ValueError(f"is empty: expected {', '.join(own_fields(self.kind))}")
        return self


def _lacking(error: ValidationError) -> str:
    wrongs = error.errors(include_url=False, include_input=False)
    lacking = [repr(wrong["loc"][-1]) for wrong in wrongs if wrong["type"] == "missing"]
    said = next((str(wrong["ctx"]["error"]) for wrong in wrongs if "error" in wrong.get("ctx", {})), "does not fit")
    return f"lacks {', '.join(lacking)}" if lacking else said


def _values(said: Value | None, kind: type[Answer]) -> dict[str, Any]:
    """What is said in an answer or an exception; what is left out is not in it."""
    return {name: value for name in kind.model_fields if (value := getattr(said, name, None)) is not None}


def _optional(kind: type[Answer], names: tuple[str, ...]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: (Union[hints[name], None], None) for name in names}  # noqa: UP007 – Annotated has no `|` in 3.11


def _form(kind: type[Answer]) -> type[_Given]:
    """The model of a check's answer in the file."""
    fields = _optional(kind, own_fields(kind))
    if kind.by_server:
        exception = create_model(f"{kind.__name__}OnAServer", __base__=Value, **_optional(kind, (*kind.model_fields,)))
        fields["servers"] = (dict[Name, exception], {})  # type: ignore[valid-type]
    form: type[_Given] = create_model(f"{kind.__name__}Given", __base__=_Given, __doc__=kind.__doc__, **fields)
    form.kind = kind
    return form


class _Answers(Value):
    """The answers of a deployment, one field for each check that asks a person."""

    def to(self, kind: type[A], server: str | None = None) -> A | None:
        """What was answered to a check on a server; None where nobody did."""
        given = getattr(self, kind.check, None)
        said = given.to(server) if given is not None else None
        return said if isinstance(said, kind) else None


if TYPE_CHECKING:
    Answers = _Answers
else:
    Answers = create_model(
        "Answers", __base__=_Answers, **{check: (_form(kind) | None, None) for check, kind in KINDS.items()}
    )
