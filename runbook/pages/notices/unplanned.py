"""The notices that nobody plans: a night is postponed, on hold or rolled back. Their lines are written on."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from checker.inputs.change import Audience
from checker.inputs.deployment import Deployment
from runbook.pages.notices.sender import Sender, by_mail, joined
from runbook.pages.page_model import Block, Drifting, Heading, Paragraph, SiteText
from runbook.plan.audiences import freeze, noticed_by
from runbook.plan.plan_model import Plan
from runbook.words import Words

Unplanned = Literal["postponed", "on-hold", "rolled-back"]
OUTSIDERS: frozenset[Audience] = frozenset({"users", "group-admins", "mail-partners", "infrastructure"})


@dataclass(frozen=True)
class UnplannedNotice:
    """A notice that no step sends: `when` it is sent, and its text with lines to write on, as Markdown.

    `mailed`: it goes by mail, among others.
    """

    occasion: Unplanned
    title: str
    when: str
    to: str
    channel: str
    mailed: bool
    subject: str
    text: str


def unplanned_notices(deployment: Deployment, plan: Plan, words: Words) -> tuple[UnplannedNotice, ...]:
    """Those for a night that is postponed, on hold or rolled back: one text each for all who were told of it."""
    sender = Sender(deployment, plan, words)
    told = (row for row in (freeze(plan), *plan.interruptions) if OUTSIDERS & {*noticed_by(row)})
    rows = [row for row in told if not sender.covered(row)]
    values = sender.values(rows)
    values["topic"] = words.say("notices", "unplanned", "topic", **values)

    def letter(occasion: Unplanned) -> UnplannedNotice:
        def said(field: str, key: str = occasion) -> str:
            return words.say("notices", key, field, **values) or ""

        lines = sender.lines(dict.fromkeys(sender.outside(row) for row in rows)) if occasion == "on-hold" else ""
        channel = said("channel", "unplanned")
        return UnplannedNotice(
            occasion=occasion, title=said("occasion"), when=said("when"), to=said("to", "unplanned"),
            channel=channel, mailed=by_mail(channel), subject=said("subject"),
            text=joined((said("text"), lines, f"{said('call')} {sender.reference}")),
        )  # fmt: skip

    return tuple(letter(occasion) for occasion in get_args(Unplanned))


def unplanned_blocks(letters: Iterable[UnplannedNotice], words: Words) -> tuple[Block, ...]:
    """The unplanned notices to be read and filled in: to whom and how, then of each when, its subject, its text."""

    def say(field: str, letter: UnplannedNotice) -> str:
        return words.say("notices", "unplanned", field, **asdict(letter)) or ""

    def each(letter: UnplannedNotice) -> tuple[Block, ...]:
        return (
            Heading(say("head", letter), f"notice-{letter.occasion}"),
            Paragraph(Drifting(say("line", letter))),
            SiteText(Drifting(letter.text)),
        )

    made = tuple(letters)
    send = dict.fromkeys(say("send", letter) for letter in made)  # the same of all
    return (*map(Paragraph, send), *(block for letter in made for block in each(letter)))
