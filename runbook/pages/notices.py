"""The texts of the notices: what people will notice, from when to when, what to do meanwhile, whom to call."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, get_args

from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from checker.values import grouped
from runbook.pages.page_model import Blank, Block, Bullets, Cell, Drifting, Heading, Paragraph, Part, SiteText, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import cited
from runbook.pages.times import Zone, local, zone_of
from runbook.plan.audiences import Moment, Told, all_notices, freeze, kind, mail_may_stop, noticed_by
from runbook.plan.impacts import impacts
from runbook.plan.interruptions import Direction, direction
from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words

Unplanned = Literal["postponed", "on-hold", "rolled-back"]
BEFOREHAND: frozenset[Moment] = frozenset({"two-weeks", "two-days"})  # an hour before, mail may lie in a queue
OUTLOOK: frozenset[Moment] = BEFOREHAND | {"one-hour", "start"}  # one text, whole in itself, under four subjects
OUTSIDERS: frozenset[Audience] = frozenset({"users", "group-admins", "mail-partners"})
INSIDERS: frozenset[Audience] = frozenset({"administrators", "change-board"})  # they know the parts of the product
MAIL = frozenset({"path", "path-fed", "fed", "undeclared", "filtering"})  # interruptions in which mail itself is missed
NEAR = timedelta(hours=1)  # ours: nobody plans an evening by less, and a notice of five spans is read by nobody
BY_MAIL = re.compile(
    r"(?<!not )(?<!not by )(?<!no )(?<!without )(?<!e-)\b(?:e-?mails?|mails?|mailing|smtp)\b|@", re.IGNORECASE
)


Service = tuple[str, str, tuple[Interruption, ...]]  # its name, what its absence means, the interruptions that say so


@dataclass(frozen=True)
class Notice:
    """One notice as it is sent. `caution`: the channel is the site's own and is mail, while mail may not flow."""

    told: Told
    to: str
    channel: str
    caution: bool
    when: str
    subject: str
    text: str


@dataclass(frozen=True)
class UnplannedNotice:
    """A notice that no step sends: `when` it is sent, and its text with lines to write on, as Markdown."""

    occasion: Unplanned
    title: str
    when: str
    to: str
    channel: str
    subject: str
    text: str


def notices(deployment: Deployment, plan: Plan, words: Words) -> tuple[Notice, ...]:
    """Every notice of a plan by its number; the text is Markdown."""
    sender = _Sender(deployment, plan, words)
    return tuple(_Letter(each, sender).written() for each in all_notices(plan))


def unplanned_notices(deployment: Deployment, plan: Plan, words: Words) -> tuple[UnplannedNotice, ...]:
    """Those for a night that is postponed, on hold or rolled back: one text each for all who were told of it."""
    sender = _Sender(deployment, plan, words)
    rows = [row for row in (freeze(plan), *plan.interruptions) if {*OUTSIDERS, "infrastructure"} & {*noticed_by(row)}]
    values = sender.values(rows)
    values["topic"] = words.say("notices", "unplanned", "topic", **values)

    def letter(occasion: Unplanned) -> UnplannedNotice:
        def said(field: str, key: str = occasion) -> str:
            return words.say("notices", key, field, **values) or ""

        lines = sender.lines(_apart(sender.outside(row) for row in rows)) if occasion == "on-hold" else ""
        return UnplannedNotice(
            occasion=occasion, title=said("occasion"), when=said("when"), to=said("to", "unplanned"),
            channel=said("channel", "unplanned"), subject=said("subject"),
            text=_joined((said("text"), lines, said("call"), sender.reference)),
        )  # fmt: skip

    return tuple(letter(occasion) for occasion in get_args(Unplanned))


def unplanned_blocks(letters: Iterable[UnplannedNotice], words: Words) -> tuple[Block, ...]:
    """The unplanned notices to be read and filled in: when, to whom and how, the subject, the text."""

    def each(letter: UnplannedNotice) -> tuple[Block, ...]:
        values = {"when": letter.when, "to": letter.to, "channel": letter.channel, "subject": letter.subject}
        return (
            Heading(letter.title, f"notice-{letter.occasion}"),
            Paragraph(words.say("notices", "unplanned", "send", **values) or "", "note"),
            Paragraph(Drifting(words.say("notices", "unplanned", "subject", **values) or "")),
            SiteText(Drifting(letter.text)),
        )

    return tuple(block for letter in letters for block in each(letter))


def _joined(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _apart(lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is said of each service, once."""
    return list(dict.fromkeys(lines))


@dataclass(frozen=True)
class _Sender:
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
        start, end = _span(rows)
        return {"start": local(start, self.zone), "end": local(end, self.zone)}

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
        return name, self.words.say("interruptions", first.key, "several") or ""

    def lines(self, services: Iterable[tuple[str, str]]) -> str:
        """A list of services, each with what it means where that is said."""
        return "\n".join(
            self.words.say("notices", "line", "explained" if what else "named", name=name, what=what) or ""
            for name, what in services
        )


@dataclass(frozen=True)
class _Letter:
    """One notice, and what it is written from."""

    told: Told
    sender: _Sender

    @property
    def moment(self) -> Moment:
        return self.told.telling.moment

    @property
    def audience(self) -> Audience:
        return self.told.telling.audience

    def written(self) -> Notice:
        """The notice; where mail stops, and it is sent that night, its channel is another one."""
        own = self.sender.deployment.change.channels.get(self.audience)
        without_mail = self.sender.mail_stops and self.moment not in BEFOREHAND
        step = self.told.step
        said = self._said()
        form = "outlook" if self.moment in OUTLOOK else self.moment
        return Notice(
            told=self.told,
            to=said(self.audience, "to"),
            channel=own or said(self.audience, "channel-without-mail" if without_mail else "channel"),
            caution=bool(own and without_mail and BY_MAIL.search(own)),
            when=local(step.starts_at, self.sender.zone) if step else said("overrun", "when"),
            subject=said(form, "subject"),
            text=_joined((*self._paragraphs(form, said), self.sender.reference)),
        )

    def _said(self) -> Callable[[str, str], str]:
        """The words of an audience or a moment, with the values that they may use."""
        step, words = self.told.step, self.sender.words
        night = step.night if step and step.night else 0
        values = self.sender.values(self.told.rows)
        nights, starts = values["nights"], [local(each.start, self.sender.zone) for each in self.sender.plan.nights]
        values |= {
            "moment": self.moment, "audience": self.audience, "night": night,
            "begun": night > 1 or self.moment in ("pause", "overrun"), "ahead": self.moment in OUTLOOK,
            "next": nights[night] if self.moment == "pause" else None,
            "next_start": starts[night] if self.moment == "pause" else None,
            "occasion": words.say("notices", self.moment, "occasion", night=night) or "",
        }  # fmt: skip
        for field in ("topic", "state"):
            values[field] = words.say("notices", self.audience, field, **values) or ""
        return lambda key, field: words.say("notices", key, field, **values) or ""

    def _paragraphs(self, form: str, said: Callable[[str, str], str]) -> Iterable[str]:
        yield said(form, "text")
        if self.moment == "finished":
            yield said(self.audience, "finished")
            return
        over = [(row, self._over(row)) for row in self.told.rows]
        if back := self._services([row for row, ended in over if ended]):
            names = list(dict.fromkeys(self._again(service) for service in back))
            yield self.sender.words.say("notices", "spans", "back", services=names) or ""
        yield from self._missing([row for row, ended in over if not ended])
        yield said(self.audience, "resumed" if self.moment == "resumed" else "meanwhile")
        yield said(self.audience, "call")

    def _again(self, service: Service) -> str:
        """What is back, by its own name where those inside had heard of a loss."""
        name, _, own = service
        inside = self.audience in INSIDERS
        return (self.sender.words.say("notices", "again", own[0].key) if inside else None) or name

    def _over(self, row: Interruption) -> bool:
        """Whether an interruption has ended by its plan when the notice is sent."""
        step, at = self.told.step, self.sender.plan.at
        return step is not None and at[row.until_step] < at[step.id]

    def _missing(self, rows: Sequence[Interruption]) -> Iterable[str]:
        """What is missing in each span of time and what that means; the board reads that in its own paper."""
        explained = self.audience != "change-board"
        services = self._services(rows)
        if self.moment == "overrun":
            names = [name for name, _, _ in services]
            late = self.sender.words.say("notices", "spans", "late", services=names) or ""
            yield self.sender.lines((name, what) for name, what, _ in services) if explained else late
            return
        for own in _near(services):
            names = [name for name, _, _ in own]
            span = self.sender.span(row for _, _, found in own for row in found)
            form = "explained" if explained else "missing"
            yield self.sender.words.say("notices", "spans", form, services=names, **span) or ""
            if explained:
                yield self.sender.lines((name, what) for name, what, _ in own)

    def _services(self, rows: Sequence[Interruption]) -> list[Service]:
        """What is unavailable, what that means to an audience, and the interruptions that say so."""
        inside = [row for row in rows if self.audience in INSIDERS and row.key != "freeze"]
        heard = grouped((row for row in rows if row not in inside), lambda row: self.sender.outside(row, self.audience))
        summed = impacts(inside, self.sender.plan, self.sender.words)
        told = (self.sender.inside(own.rows, own.name) for own in summed)
        return [
            *((name, what, own) for (name, what), own in heard.items()),
            *((name, what, own.rows) for (name, what), own in zip(told, summed, strict=True)),
        ]


def _span(rows: Iterable[Interruption]) -> tuple[datetime | None, datetime | None]:
    """The earliest start of some interruptions and their latest end, where times are known."""
    found = tuple(rows)
    starts = min((row.starts_at for row in found if row.starts_at), default=None)
    return starts, max((row.ends_at for row in found if row.ends_at), default=None)


def _near(services: Iterable[Service]) -> list[list[Service]]:
    """Services that are missing at nearly the same time, together: each as long as all of them."""

    def near(one: datetime | None, other: datetime | None) -> bool:
        return one == other or (one is not None and other is not None and abs(one - other) <= NEAR)

    found: list[list[Service]] = []
    for service in services:
        start, end = _span(service[2])
        for own in found:
            first, last = _span(own[0][2])
            if near(start, first) and near(end, last):
                own.append(service)
                break
        else:
            found.append([service])
    return found


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


def communications(edition: Edition) -> Part:
    """Who is told, when, through which channel, and each text once; then those that no step sends."""
    say = speak(edition, "communications")
    contacts = tuple(
        (
            c.role,
            Drifting(c.name),
            Drifting(c.phone) if c.phone else Blank(width=14),
            Drifting(c.email) if c.email else Blank(width=14),
        )
        for c in edition.deployment.change.contacts
    )
    letters = notices(edition.deployment, edition.plan, edition.words)
    rows: list[tuple[Cell, ...]] = []
    for notice in letters:
        step, number = notice.told.step, str(notice.told.number)
        channel = f"{notice.channel} ({say('caution')})" if notice.caution else notice.channel
        rows.append((number, step.number if step else "–", notice.to, channel, notice.when,
                     Blank(width=8), Blank(width=8)))  # fmt: skip
    unplanned = unplanned_notices(edition.deployment, edition.plan, edition.words)
    return Part("communications", say("title"), (
        Paragraph(say("text")),
        Table(say("contacts"), head(edition, "communications", "contact-head"), contacts, "contacts",
              say("no-contacts")),
        Table(say("caption"), head(edition, "communications"), tuple(rows), "notices", drifting=True),
        *(block for same in alike(letters) for block in _printed(same, edition)),
        *unplanned_blocks(unplanned, edition.words),
    ))  # fmt: skip


def alike(letters: Iterable[Notice]) -> tuple[tuple[Notice, ...], ...]:
    """The notices by their text, so that each is printed once and sent as often as it is due."""
    return tuple(grouped(letters, lambda notice: (notice.to, notice.text)).values())


def _printed(same: Sequence[Notice], edition: Edition) -> tuple[Block, ...]:
    """A text with the numbers it is sent under, the subject of each and the reason."""
    say = speak(edition, "communications")
    numbers = [str(notice.told.number) for notice in same]

    def subject(notice: Notice) -> str:
        telling = notice.told.telling
        basis = cited(edition.say("basis", "vendor" if telling.demands else "ours"), telling.demands)
        number, reason = str(notice.told.number), telling.reason
        return Drifting(say("subject", number=number, subject=notice.subject, reason=reason, basis=basis))

    return (
        Heading(Drifting(say("notice", numbers=numbers, to=same[0].to)), f"notice-{numbers[0]}"),
        Bullets(tuple(subject(notice) for notice in same)),
        SiteText(Drifting(same[0].text)),
    )
