"""The help-desk card: what is missing, for whom, until when, what to say; on its back whom to call, what to send."""

from collections.abc import Sequence

from checker.inputs.change import Change
from checker.values import grouped
from runbook.pages.notices.unplanned import unplanned_blocks, unplanned_notices
from runbook.pages.page_model import Blank, Cell, Drifting, Paragraph, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.plan.impacts import Impact, impacts, span_of
from runbook.plan.plan_model import Interruption

CALLED = 3  # lines of the phone list to write on where nobody is declared


def help_desk_card(edition: Edition) -> Part:
    """The front of the card: a row for each sentence that the help desk says."""
    say, plan = speak(edition, "help-desk"), edition.plan
    found = impacts(plan.interruptions, plan, edition.words)
    asked = list(edition.words.tables["exits"]["works"])  # mail first, then as callers ask
    said = sorted((each for each in found if _sentence(each)), key=lambda each: asked.index(each.rows[0].key))
    same = grouped(said, _sentence)
    rows = tuple(_row(own, sentence, edition) for sentence, own in same.items())
    return Part("help-desk", say("title"), (
        Paragraph(say("text")),
        Table(say("caption", {"day": edition.day}), head(edition, "help-desk"), rows, "desk", say("none"),
              drifting=True),
    ), one_page=True)  # fmt: skip


def _sentence(impact: Impact) -> str:
    """What the help desk says of it; of several servers or paths each sentence once."""
    return " ".join(dict.fromkeys(row.desk for row in impact.rows if row.desk))


def _row(own: Sequence[Impact], sentence: str, edition: Edition) -> tuple[Cell, ...]:
    rows = [row for impact in own for row in impact.rows]
    starts, ends = span_of(rows)
    return (
        "; ".join(dict.fromkeys(_asked(row, edition) for row in rows)),
        ", ".join(dict.fromkeys(row.audience for row in rows)),
        f"{edition.moment(starts)}–{edition.moment(ends)}",
        sentence,
        Blank(width=5),
    )


def _asked(row: Interruption, edition: Edition) -> str:
    """What callers ask about: they do not know the parts of the product."""
    return edition.words.say("interruptions", row.key, "asked") or row.service


def help_desk_back(edition: Edition) -> Part:
    """What goes on below or on the back of the card: the phone list, and the three notices that nobody plans."""
    say = speak(edition, "help-desk")
    letters = unplanned_notices(edition.deployment, edition.plan, edition.words)
    return Part("help-desk-back", say("back"), (
        Table(say("phones"), head(edition, "help-desk", "phone-head"), _phones(edition.deployment.change), "phones"),
        *unplanned_blocks(letters, edition.words),
    ), flows=True, one_page=True)  # fmt: skip


def _phones(change: Change) -> tuple[tuple[Cell, ...], ...]:
    """Whom to call, as declared; lines to write on where nobody is."""
    if not change.contacts:
        return tuple((Blank(width=16), Blank(width=24), Blank(width=16)) for _ in range(CALLED))
    return tuple(
        (each.role, Drifting(each.name), Drifting(each.phone) if each.phone else Blank(width=16))
        for each in change.contacts
    )
