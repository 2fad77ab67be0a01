"""The texts of the notices: what people will notice, from when to when, what to do meanwhile, whom to call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from checker.values import grouped
from runbook.pages.notices.sender import Sender, by_mail, joined
from runbook.pages.times import local
from runbook.plan.audiences import Moment, Told, all_notices, kind
from runbook.plan.impacts import impacts, span_of
from runbook.plan.plan_model import Interruption, Plan
from runbook.words import Words

BEFOREHAND: frozenset[Moment] = frozenset({"two-weeks", "two-days"})  # an hour before, mail may lie in a queue
OUTLOOK: frozenset[Moment] = BEFOREHAND | {"one-hour", "start"}  # one text, whole in itself, under four subjects
INSIDERS: frozenset[Audience] = frozenset({"administrators", "change-board"})  # they know the parts of the product
NEAR = timedelta(hours=1)  # ours: nobody plans an evening by less, and a notice of five spans is read by nobody


Service = tuple[str, str, tuple[Interruption, ...]]  # its name, what its absence means, the interruptions that say so


@dataclass(frozen=True)
class Notice:
    """One notice as it is sent. `topic`: what it is about, in a few words. `mailed`: it goes by mail, among others.
    `caution`: the channel is the site's own and is mail, while mail may not flow."""

    told: Told
    to: str
    topic: str
    mailed: bool
    channel: str
    caution: bool
    when: str
    subject: str
    text: str


def notices(deployment: Deployment, plan: Plan, words: Words) -> tuple[Notice, ...]:
    """Every notice of a plan by its number; the text is Markdown."""
    sender = Sender(deployment, plan, words)
    return tuple(_Letter(each, sender).written() for each in all_notices(plan))


def alike(letters: Iterable[Notice]) -> tuple[tuple[Notice, ...], ...]:
    """The notices by their text, so that each is printed once and sent as often as it is due."""
    return tuple(grouped(letters, lambda notice: (notice.to, notice.text)).values())


@dataclass(frozen=True)
class _Letter:
    """One notice, and what it is written from."""

    told: Told
    sender: Sender

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
        channel = own or said(self.audience, "channel-without-mail" if without_mail else "channel")
        mailed = by_mail(channel)
        return Notice(
            told=self.told,
            to=said(self.audience, "to"),
            topic=said(self.audience, "topic"),
            mailed=mailed,
            channel=channel,
            caution=bool(own and without_mail and mailed),
            when=local(step.starts_at, self.sender.zone) if step else said("overrun", "when"),
            subject=said(form, "subject"),
            text=joined((*self._paragraphs(form, said), self.sender.reference)),
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
        for own in together(services):
            names = [name for name, _, _ in own]
            span = self.sender.span(row for _, _, found in own for row in found)
            form = "explained" if explained else "missing"
            yield self.sender.words.say("notices", "spans", form, services=names, **span) or ""
            if explained:
                yield self.sender.lines((name, what) for name, what, _ in own)

    def _services(self, rows: Sequence[Interruption]) -> list[Service]:
        """What is unavailable, what that means to an audience, and the interruptions that say so."""
        within = self.audience in INSIDERS
        outside = [row for row in rows if row.key == "freeze" or not (within or self.sender.covered(row))]
        heard: dict[tuple[str, str], tuple[Interruption, ...]] = {}
        for own in grouped(outside, lambda row: (kind(row), row.path, row.desk)).values():
            said = self.sender.outside(own[0], self.audience)
            heard[said] = heard.get(said, ()) + own
        inside = [row for row in rows if within and row.key != "freeze"]
        summed = impacts(inside, self.sender.plan, self.sender.words)
        told = (self.sender.inside(own.rows, own.name) for own in summed)
        return [
            *((name, what, own) for (name, what), own in heard.items()),
            *((name, what, own.rows) for (name, what), own in zip(told, summed, strict=True)),
        ]


def together(services: Iterable[Service]) -> list[list[Service]]:
    """Services that are missing at nearly the same time, together: each as long as all of them."""

    def near(one: datetime | None, other: datetime | None) -> bool:
        return one == other or (one is not None and other is not None and abs(one - other) <= NEAR)

    found: list[list[Service]] = []
    for service in services:
        start, end = span_of(service[2])
        for own in found:
            first, last = span_of(own[0][2])
            if near(start, first) and near(end, last):
                own.append(service)
                break
        else:
            found.append([service])
    return found
