"""What the coordinator holds: the go/no-go slip and the board of servers by what is done to them."""

from collections import defaultdict

from checker.report import Finding, attention, judged_at, wording
from checker.schedule.step_catalogue import StepKind
from runbook.pages.hold_and_back import go_aloud
from runbook.pages.page_model import (
    Blank,
    Bullets,
    Drifting,
    Fields,
    Heading,
    Paragraph,
    Part,
    Signatures,
    Table,
)
from runbook.pages.sources import Edition, declared_rows, head, speak
from runbook.pages.step_rows import places
from runbook.pages.times import local
from runbook.pages.volumes import shares

BOARD = 25  # servers on one coordinator's board
# its columns of what is done to a server, each by the kind of step that does it
STATES: tuple[StepKind, ...] = ("drain", "stop", "backup", "upgrade", "migrate", "start", "verify")
SHOWN = 6  # lines of a list on a page that must stay one page


def shorten(lines: tuple[str, ...], edition: Edition, most: int = SHOWN) -> tuple[str, ...]:
    """The first lines, and how many are left out."""
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], edition.say("front", "more", count=len(lines) - most + 1))


def slip(edition: Edition) -> Part:
    """The go/no-go slip: one page, an hour before, stapled to the approved set."""
    say = speak(edition, "slip")
    deployment, report = edition.deployment, edition.report
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for found in attention(report):
        if found.due and found.severity == "blocker":
            groups[(found.check, found.message)].append(found)
    due = tuple(f"{places(same, edition)}: {check}: {message}" for (check, message), same in groups.items())
    rows = (
        (say("plan"), Drifting(edition.plan.digest)),
        (say("facts"), Drifting(report.facts_id or say("no-facts"))),
        (say("check"), say("check-value", {"verdict": wording(report), "stage": report.stage,
                                           "at": local(report.now, edition.zone) + judged_at(report)})),
        (say("moved"), Blank(width=60)),
        (say("newly"), Blank(width=60)),
        (say("support"), (say("support-value", {"support": deployment.change.support}), Blank(say("answered"), 10))),
        (say("decision"), (Blank("GO", 8), Blank("NO-GO", 8), Blank(say("time"), 10))),
    )  # fmt: skip
    aloud = tuple(map(Paragraph, go_aloud(edition))) if report.verdict == "GO" else ()
    return Part("slip", say("title"), (
        Paragraph(say("text"), "lead"),
        Fields(rows),
        *aloud,
        Heading(say("open"), "slip-open"),
        Bullets(tuple(map(Drifting, shorten(due, edition, 10) or (say("none"),)))),
        Signatures(edition.lines("slip", "sign")),
    ), one_page=True)  # fmt: skip


def boards(edition: Edition) -> tuple[Part, ...]:
    """The coordinator's board: servers by states, with a time in each cell that applies.

    Of more servers than one page has rows for, a page for each volume.
    """
    say = speak(edition, "board")
    rows = {}
    for number, name in enumerate(edition.plan.order, start=1):
        own = edition.plan.of(name)
        cells = [Blank(width=5) if any(s.kind == kind for s in own) else "–" for kind in STATES]
        back = Blank(width=5) if any(s.form == "back" for s in own) else "–"
        rows[name] = (f"{number} {name}", *cells, back, Blank(width=5))
    fields = Fields((
        (say("bridge"), Blank(width=30)), *declared_rows(edition, "board"), (say("next"), Blank(width=20)),
    ))  # fmt: skip
    pages = [edition.plan.order] if len(rows) <= BOARD else shares([night.servers for night in edition.plan.nights])
    return tuple(
        Part(
            "board" if len(pages) == 1 else f"board-{number}",
            say("title", page=number, pages=len(pages)),
            (
                Paragraph(say("text")),
                fields,
                Table(
                    say("caption"), head(edition, "board"), tuple(rows[name] for name in own), "board", keys=tuple(own)
                ),
            ),
            "board",
            one_page=True,
        )
        for number, own in enumerate(pages, start=1)
    )
