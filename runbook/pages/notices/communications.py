"""The notices as pages: who is told, when, through which channel, each text once, and those that no step sends."""

from collections.abc import Sequence

from runbook.pages.notices.texts import Notice, alike, notices
from runbook.pages.notices.unplanned import unplanned_blocks, unplanned_notices
from runbook.pages.page_model import Blank, Block, Bullets, Cell, Drifting, Heading, Paragraph, Part, SiteText, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import cited


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
