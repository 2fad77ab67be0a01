"""The texts of the notices: what is unavailable, from when to when at worst, what to do meanwhile, whom to call."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from runbook.pages.page_model import Blank, Block, Cell, Drifting, Heading, Paragraph, Part, SiteText, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import cited
from runbook.pages.times import Zone, both, local, zone_of
from runbook.plan.audiences import Moment, Told, all_notices, kind, mail_may_stop
from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words

BEFOREHAND: frozenset[Moment] = frozenset({"two-weeks", "two-days"})  # an hour before, mail may lie in a queue
INSIDERS: frozenset[Audience] = frozenset({"administrators", "help-desk", "change-board"})
BY_MAIL = re.compile(
    r"(?<!not )(?<!not by )(?<!no )(?<!without )(?<!e-)\b(?:e-?mails?|mails?|mailing|smtp)\b|@", re.IGNORECASE
)


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


def notices(deployment: Deployment, plan: Plan, words: Words) -> tuple[Notice, ...]:
    """Every notice of a plan by its number; the text is Markdown, with times in the change's zone and in UTC."""
    zone = zone_of(deployment.change.zone, plan.nights, plan.steps)
    windows = [both(night.start, night.end, zone) for night in plan.nights]
    ends = [local(night.end, zone) for night in plan.nights]
    stops = mail_may_stop(plan)
    letters = (_Letter(each, deployment, plan, words, zone, windows, ends) for each in all_notices(plan))
    return tuple(letter.written(stops) for letter in letters)


@dataclass(frozen=True)
class _Letter:
    """What one notice is written from. `windows` and their `ends`: the nights as they are told."""

    told: Told
    deployment: Deployment
    plan: Plan
    words: Words
    zone: Zone
    windows: list[str]
    ends: list[str]

    @property
    def moment(self) -> Moment:
        return self.told.telling.moment

    @property
    def audience(self) -> Audience:
        return self.told.telling.audience

    def written(self, mail_stops: bool) -> Notice:
        """The notice; where mail stops, and it is sent that night, its channel is another one."""
        own = self.deployment.change.channels.get(self.audience)
        without_mail = mail_stops and self.moment not in BEFOREHAND
        step = self.told.step
        said = self._said()
        return Notice(
            told=self.told,
            to=said(self.audience, "to"),
            channel=own or said(self.audience, "channel-without-mail" if without_mail else "channel"),
            caution=bool(own and without_mail and BY_MAIL.search(own)),
            when=local(step.starts_at, self.zone) if step else said("overrun", "when"),
            subject=said(self.moment, "subject"),
            text="\n\n".join(paragraph for paragraph in self._paragraphs(said) if paragraph),
        )

    def _said(self) -> Callable[[str, str], str]:
        """The words of an audience or a moment, with the values that they may use."""
        step = self.told.step
        number = step.night if step and step.night else 0
        values: dict[str, Any] = {
            "deployment": self.deployment.deployment, "moment": self.moment, "night": number, "nights": self.windows[:],
            "next": self.windows[number] if self.moment == "pause" else None, "servers": self.plan.order,
            "ends": self.ends[:], "coordinator": _coordinator(self.deployment),
            "timezone": self.deployment.change.timezone,
            "kinds": {row.key for row in self.told.rows},
        }  # fmt: skip
        values["topic"] = self.words.say("notices", self.audience, "topic", **values) or ""
        return lambda key, field: self.words.say("notices", key, field, **values) or ""

    def _paragraphs(self, said: Callable[[str, str], str]) -> Iterable[str]:
        yield said(self.moment, "text")
        if self.moment == "finished":
            return
        over = [(row, self._over(row)) for row in self.told.rows]
        yield from self._spans("back", [row for row, back in over if back])
        yield from self._spans("missing", [row for row, back in over if not back])
        if self.moment != "resumed":
            yield said(self.audience, "meanwhile")
        yield said(self.audience, "call")

    def _over(self, row: Interruption) -> bool:
        """Whether an interruption has ended by its plan when the notice is sent."""
        step = self.told.step
        return step is not None and self.plan.at[row.until_step] < self.plan.at[step.id]

    def _spans(self, field: str, rows: Iterable[Interruption]) -> Iterable[str]:
        """A paragraph for each span of time, earliest start to latest end: its services, explained beforehand."""
        groups: dict[tuple[str, str, str | None], list[Interruption]] = defaultdict(list)
        for row in rows:
            groups[(*kind(row), row.path)].append(row)
        spans: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for own in groups.values():
            starts = min((row.starts_at for row in own if row.starts_at), default=None)
            ends = max((row.ends_at for row in own if row.ends_at), default=None)
            late, back = self.moment == "overrun", field == "back"
            span = ("" if late or back else local(starts, self.zone), "" if late else local(ends, self.zone))
            spans[span].append(self._service(own))
        for (start, end), services in spans.items():
            explained = self.moment in BEFOREHAND and self.audience != "change-board"
            form = "explained" if explained else "late" if self.moment == "overrun" else field
            names = list(dict.fromkeys(name for name, _ in services))
            yield self.words.say("notices", "spans", form, start=start, end=end, services=names) or ""
            if explained:
                lines = dict.fromkeys(f"- {name}: {what}" if what else f"- {name}" for name, what in services)
                yield "\n".join(lines)

    def _service(self, own: Sequence[Interruption]) -> tuple[str, str]:
        """What is unavailable and what that means, in an audience's words; the help desk's is what it is to say."""
        first = own[0]
        desk = first.desk if self.audience == "help-desk" else None
        if self.audience not in INSIDERS or first.key == "freeze":
            name = self.words.say("notices", "services", first.key, path=first.path)
            what = self.words.say("notices", "plain", "-".join(kind(first)), path=first.path)
            return name or first.service, what or first.words
        if len(own) > 1:
            name = self.words.say("interruptions", first.key, "summary", rows=len(own))
            return name or first.service, desk or ""
        return first.service, desk or first.words


def _coordinator(deployment: Deployment) -> str | None:
    """Who is called that night: the coordinator, else the first contact with a telephone."""
    contacts = [contact for contact in deployment.change.contacts if contact.phone]
    contacts.sort(key=lambda contact: "coordinator" not in contact.role.casefold())
    return f"{contacts[0].name}, {contacts[0].phone}" if contacts else None


def communications(edition: Edition) -> Part:
    """Who is told, when, through which channel, and the text."""
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
    rows: list[tuple[Cell, ...]] = []
    texts: list[Block] = []
    for notice in notices(edition.deployment, edition.plan, edition.words):
        telling, step = notice.told.telling, notice.told.step
        number = str(notice.told.number)
        channel = f"{notice.channel} ({say('caution')})" if notice.caution else notice.channel
        rows.append((number, step.number if step else "–", notice.to, channel, notice.when,
                     Blank(width=8), Blank(width=8)))  # fmt: skip
        basis = edition.say("basis", "vendor" if telling.demands else "ours")
        texts += [
            Heading(Drifting(say("notice", number=number, to=notice.to, subject=notice.subject)), f"notice-{number}"),
            Paragraph(Drifting(say("why", reason=telling.reason, basis=cited(basis, telling.demands))), "note"),
            SiteText(Drifting(notice.text)),
        ]
    return Part("communications", say("title"), (
        Paragraph(say("text")),
        Table(say("contacts"), head(edition, "communications", "contact-head"), contacts, "contacts",
              say("no-contacts")),
        Table(say("caption"), head(edition, "communications"), tuple(rows), "notices", drifting=True),
        *texts,
    ))  # fmt: skip
