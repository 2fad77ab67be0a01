"""What all notices of a plan are written from: its times, its people, and what each audience calls a service."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from checker.values import grouped
from runbook.pages.times import Zone, clock, local, zone_of
from runbook.plan.audiences import kind, mail_may_stop, noticed_by
from runbook.plan.impacts import span_of
from runbook.plan.interruptions import Direction, direction
from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words

BY_MAIL = re.compile(
    r"(?<!not )(?<!not by )(?<!no )(?<!without )(?<!e-)\b(?:e-?mails?|mails?|mailing|smtp)\b|@", re.IGNORECASE
)
MAIL = frozenset({"path", "path-fed", "fed", "undeclared", "filtering"})  # interruptions in which mail itself is missed


@dataclass(frozen=True)
class Sender:
    """What all notices of a plan are written from."""

    deployment: Deployment
    plan: Plan
    words: Words

    @cached_property
    def zone(self) -> Zone:
        return zone_of(self.deployment.change.zone, self.plan.nights, self.plan.steps)

    @cached_property
    def mail_stops(self) -> bool:
        return mail_may_stop(self.plan)

    @cached_property
    def mail_lasts(self) -> bool:
        """Whether users can send and receive mail all the time, if later than usual."""
        return not any(row.key in MAIL and "users" in noticed_by(row) for row in self.plan.interruptions)

    @cached_property
    def ways(self) -> dict[str, Direction]:
        """Where the mail of each path goes; what is not declared is named by where it goes."""
        declared = {path.name: direction(path) for path in self.deployment.mail_paths}
        return {"inbound": "inbound", "outbound": "outbound", **declared}

    @property
    def reference(self) -> str:
        return self.words.say("notices", "reference", "text", number=self.deployment.change.number) or ""

    def values(self, rows: Sequence[Interruption]) -> dict[str, Any]:
        """What the words of every notice may speak of; the lists belong to who asks."""
        change, nights = self.deployment.change, self.plan.nights
        kinds = {row.key for row in rows}
        return {
            "deployment": self.deployment.deployment, "number": change.number, "timezone": change.timezone,
            "nights": [_window(night.start, night.end, self.zone) for night in nights],
            "ends": [local(night.end, self.zone) for night in nights],
            "servers": self.plan.order[:], "coordinator": _coordinator(self.deployment),
            "kinds": kinds, "mail": bool(kinds & MAIL), "mail_lasts": self.mail_lasts, **self.span(rows),
        }  # fmt: skip

    def span(self, rows: Iterable[Interruption]) -> dict[str, str]:
        """From the earliest start of some interruptions to their latest end."""
        start, end = span_of(rows)
        said = {"start": local(start, self.zone), "end": local(end, self.zone), "until": local(end, self.zone)}
        days = {at.astimezone(self.zone.info).date() for at in (start, end) if at}
        return said | {"until": clock(end, self.zone)} if len(days) == 1 else said

    @cached_property
    def whole(self) -> frozenset[tuple[str | None, str | None]]:
        """The mail paths of which nothing is left, and the server that is out then."""
        rows = (row for row in self.plan.interruptions if row.key == "path-fed")
        return frozenset((row.path, self.plan.step(row.until_step).server) for row in rows)

    def covered(self, row: Interruption) -> bool:
        """Whether it is told of an agent whose every path is told of as a whole: nobody outside misses more by it."""
        if row.key != "fed":
            return False
        server = self.plan.step(row.until_step).server
        own = [path.name for path in self.deployment.mail_paths if row.server in path.members]
        return bool(own) and all((path, server) in self.whole for path in own)

    def outside(self, row: Interruption, audience: Audience | None = None) -> tuple[str, str]:
        """What an audience outside the room calls a service, and what it notices; the help desk: what it says."""
        if audience == "help-desk":
            return self.words.say("interruptions", row.key, "asked") or row.service, row.desk or row.words
        way = self.ways.get(row.path or "", "both")
        mail = self.words.say("notices", "mail", f"{way}-for-partners" if audience == "mail-partners" else way)
        name = self.words.say("notices", "services", row.key, path=row.path, mail=mail)
        what = self.words.say("notices", "plain", "-".join(kind(row)), path=row.path, mail=mail)
        return name or row.service, what or row.words

    def inside(self, own: Sequence[Interruption], name: str) -> tuple[str, str]:
        """How those who run the system sum up interruptions, and what they mean."""
        first = own[0]
        if len(own) == 1:
            return first.service, first.words
        late = {row.fate or row.impact for row in own} <= {"deferred", "queued"}
        return name, self.words.say("interruptions", first.key, "several", late=late) or ""

    def lines(self, services: Iterable[tuple[str, str]]) -> str:
        """A list of services, each with what it means where that is said; what means the same is one line."""
        alike = grouped(services, lambda service: service[1] or service[0])
        return "\n".join(
            self.words.say("notices", "line", "explained" if what else "named", names=names, what=what) or ""
            for own in alike.values()
            for names, what in [(list(dict.fromkeys(name for name, _ in own)), own[0][1])]
        )


def _window(start: datetime, end: datetime, zone: Zone) -> str:
    """A night as `Sat 05 Dec 22:00 to Sun 06 Dec 06:00 CET (UTC+1)`; where the clocks change each time has its own."""
    said, here = f"{local(start, zone)} to {local(end, zone)}", end.astimezone(zone.info)
    if zone.changes(start):
        return said
    return f"{said} {here:%Z} (UTC{(here.utcoffset() or timedelta()) / timedelta(hours=1):+g})"


def _coordinator(deployment: Deployment) -> str | None:
    """Who is called that night: the coordinator, else the first contact with a telephone."""
    contacts = [contact for contact in deployment.change.contacts if contact.phone]
    contacts.sort(key=lambda contact: "coordinator" not in contact.role.casefold())
    return f"{contacts[0].name}, {contacts[0].phone}" if contacts else None


def by_mail(channel: str) -> bool:
    """Whether a channel, in words, is mail, among others."""
    return BY_MAIL.search(channel) is not None


def joined(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
