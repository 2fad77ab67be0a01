"""The change that the upgrade runs under, as declared: its windows, its people, and decisions of the night."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from checker.inputs.scalars import CaseNumber, FormField, LocalTime, LongText, Name, Text, Zone
from checker.values import DRIFTS, Value

Audience = Literal[
    "infrastructure", "group-admins", "users", "administrators", "help-desk", "change-board", "mail-partners",
]  # fmt: skip


class Window(Value):
    """One night: from start to end, in the change's time zone. `number`: of its own record, where it has one."""

    start: LocalTime
    end: LocalTime
    number: Annotated[Text | None, DRIFTS] = None


class Contact(Value):
    """Somebody who is called or decides that night."""

    role: Text
    name: Annotated[Text, DRIFTS]
    phone: Annotated[Text | None, DRIFTS] = None
    email: Annotated[Text | None, DRIFTS] = None


class Support(Value):
    """The vendor's support line (V10): how it is reached and on which contract or case."""

    phone: Annotated[Text | None, DRIFTS] = None
    contract: Annotated[Text | None, DRIFTS] = None
    case: Annotated[Text | None, DRIFTS] = None
    hours: Annotated[Text | None, DRIFTS] = None


class Extended(Value):
    """The window that was running is longer than declared: until when, by whose word and on which ticket."""

    until: LocalTime
    by: Text
    ticket: Text


class Deferred(Value):
    """A server that is left for later. `case`: the vendor's, without which no later phase is begun before it (V10)."""

    server: Name
    reason: Text
    by: Text
    ticket: Text
    case: CaseNumber | None = None


class Change(Value):
    """The change record that this upgrade runs under. `channels`: by what each audience is told, where it is not ours.

    `chair` decides at the gates; `deputy` where the chair does not answer within `answer_minutes`. `baseline`: the
    facts id of the approved baseline. `extended` and `deferred` are decisions of the night: they void no printed sheet.
    From `type` to `fields` is what the form of a change record asks for, and no printed page says; `reason` is why the
    change is made, `fields` are the form's own, by the names that it has for them.
    """

    number: Text
    revision: Annotated[int, Field(ge=1)] = 1
    timezone: Zone
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    contacts: tuple[Contact, ...] = ()
    support: Support = Support()
    channels: dict[Audience, Text] = {}
    chair: Annotated[Text | None, DRIFTS] = None
    deputy: Annotated[Text | None, DRIFTS] = None
    answer_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    baseline: Annotated[Annotated[str, Field(pattern="^[0-9a-f]{16}$")] | None, DRIFTS] = None
    type: Annotated[Text | None, DRIFTS] = None
    service: Annotated[Text | None, DRIFTS] = None
    assignment_group: Annotated[Text | None, DRIFTS] = None
    requested_by: Annotated[Text | None, DRIFTS] = None
    approvers: Annotated[tuple[Text, ...], DRIFTS] = ()
    authority: Annotated[Text | None, DRIFTS] = None
    risk: Annotated[Text | None, DRIFTS] = None
    impact: Annotated[Text | None, DRIFTS] = None
    reason: Annotated[LongText | None, DRIFTS] = None
    fields: Annotated[dict[FormField, LongText], DRIFTS] = {}
    extended: Annotated[Extended | None, DRIFTS] = None
    deferred: Annotated[tuple[Deferred, ...], DRIFTS] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def nights(self) -> tuple[tuple[datetime, datetime], ...]:
        """The windows as pairs of times in UTC, first to last."""
        return tuple(
            sorted((instant(window.start, self.zone), instant(window.end, self.zone)) for window in self.windows)
        )

    @property
    def lasting(self) -> tuple[tuple[datetime, datetime], ...]:
        """The windows as they last, in UTC: the one before whose successor `extended` ends, until then."""
        nights = self.nights
        if self.extended is None:
            return nights
        until = instant(self.extended.until, self.zone)
        begun = max((start for start, end in nights if end < until), default=None)
        return tuple((start, until if start == begun else end) for start, end in nights)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """A time of the deployment file in UTC; one written with its own offset keeps it."""
    aware = local if local.tzinfo else local.replace(tzinfo=zone)
    return aware.astimezone(UTC)
