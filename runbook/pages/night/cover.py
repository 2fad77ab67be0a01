"""The cover of the night, which the coordinator keeps: bridge, go/no-go slip, and the board of servers in one page."""

from collections.abc import Iterable, Sequence

from checker.report import Finding, Report, attention, judged_at, wording
from checker.schedule.step_catalogue import StepKind
from checker.values import grouped
from runbook.pages.board.decision import crews
from runbook.pages.night.hold_and_back import TOGETHER, go_aloud, last_moments
from runbook.pages.page_model import (
    Blank,
    Box,
    Bullets,
    Cell,
    Drifting,
    Fields,
    Heading,
    Paragraph,
    Part,
    Signatures,
    Table,
)
from runbook.pages.sources import Edition, declared_rows, head, shortened, speak
from runbook.pages.step_rows import places
from runbook.pages.volumes import shares
from runbook.plan.plan_model import Plan

ON_COVER = 14  # servers whose board the cover has room for, on Letter too
BOARD = 25  # servers on one page of a board
# its columns of what is done to a server, each by the kind of step that does it
STATES: tuple[StepKind, ...] = ("drain", "stop", "backup", "upgrade", "migrate", "start", "verify")
SHOWN = 10  # open blockers on the slip, which is one page


def cover(edition: Edition) -> Part:
    """The first page of the night book; of more servers than it has room for, the boards are pages of their own."""
    say, plan = speak(edition, "cover"), edition.plan
    open_ = len(due_blockers(edition.report))
    board = (_board(plan.order, edition),) if len(plan.order) <= ON_COVER else ()
    moments = (last_moments(edition),) if len(plan.order) <= TOGETHER else ()
    return Part("cover", say("title"), (
        Fields((
            (say("bridge"), (Blank(width=24), Blank(say("next"), 24))), *declared_rows(edition, "board"),
            *_people(edition),
            (say("checks"), (Blank(width=24), say("checks-in", {"directory": plan.directory}))),
        ), "bridge"),
        Heading(say("slip"), "cover-slip"),
        Fields(_slip(edition, say("open", {"count": open_}))),
        *_aloud(edition),
        *board,
        *moments,
    ), one_page=True)  # fmt: skip


def slip(edition: Edition) -> Part:
    """The go/no-go slip alone: one page, an hour before, stapled to the approved set."""
    say = speak(edition, "slip")
    open_ = tuple(_open(due_blockers(edition.report), edition)) or (say("none"),)
    return Part("slip", say("title"), (
        Paragraph(say("text"), "lead"),
        Fields((*_slip(edition), _decided(edition))),
        *_aloud(edition),
        Heading(say("open"), "slip-open"),
        Bullets(tuple(map(Drifting, open_))),
        Signatures(edition.lines("slip", "sign")),
    ), one_page=True)  # fmt: skip


def _people(edition: Edition) -> tuple[tuple[str, Cell], ...]:
    """Lines for the phones that nobody declares, and for who is in which crew."""
    say, nights = speak(edition, "cover"), edition.plan.nights
    count = max(crews(edition.plan.steps, night.number) for night in nights)
    phones = (*edition.lines("cover", "phone"), *((say("on-call"),) if len(nights) > 1 else ()))
    pair = tuple(Blank(Drifting(line), 16) for line in edition.lines("cover", "pair"))
    # how many crews are needed follows from the minutes, which void no page
    pairs = ((Drifting(say("crew", number=number, several=count > 1)), pair) for number in range(1, count + 1))
    return ((say("phones"), tuple(Blank(line, 16) for line in phones)), *pairs)


def _slip(edition: Edition, *more: str) -> tuple[tuple[str, Cell], ...]:
    """What is compared an hour before; `more` is told of the check in its row. The first gate decides."""
    say, report, nights = speak(edition, "slip"), edition.report, edition.plan.nights
    return (
        (say("check"), (say("check-value", {"verdict": wording(report), "stage": report.stage,
                                                    "at": edition.time(report.now) + judged_at(report)}), *more)),
        (say("newly"), tuple(map(Blank, edition.lines("slip", "newly-blank"), (10, 24)))),
        (say("support"), (say("support-value", {"support": edition.deployment.change.support}),
                          *(Blank(say("answered", number=night.number, several=len(nights) > 1), 10)
                            for night in nights))),
    )  # fmt: skip


def _decided(edition: Edition) -> tuple[str, Cell]:
    """What the slip alone is signed for; on the cover the first gate is."""
    say = speak(edition, "slip")
    return say("decision"), (Box("GO"), Box("NO-GO"), Blank(say("time"), 10))


def _aloud(edition: Edition) -> tuple[Paragraph, ...]:
    return tuple(map(Paragraph, go_aloud(edition))) if edition.report.verdict == "GO" else ()


def due_blockers(report: Report) -> tuple[Finding, ...]:
    """What blocks now: blockers that are due and open; what is waived blocks nothing."""
    return tuple(
        found for found in attention(report) if found.due and found.severity == "blocker" and found.outcome != "waived"
    )


def _open(found: Iterable[Finding], edition: Edition) -> Sequence[str]:
    """The open blockers, those that read alike in one line; of many the first lines."""
    same = grouped(found, lambda one: (one.check, one.message))
    lines = [f"{places(own, edition)}: {check}: {message}" for (check, message), own in same.items()]
    return shortened(lines, SHOWN, lambda left: edition.say("slip", "more", count=left))


def boards(edition: Edition) -> tuple[Part, ...]:
    """The boards that are pages of their own: none where the cover has it, one of up to 25 servers, else one for each
    volume."""
    order, title = edition.plan.order, speak(edition, "board")
    if len(order) <= ON_COVER:
        return ()
    pages = [order] if len(order) <= BOARD else shares([night.servers for night in edition.plan.nights])
    return tuple(
        Part(
            f"board-{number}" if len(pages) > 1 else "board",
            title("title", page=number, pages=len(pages)),
            (_board(own, edition),),
            "board",
            one_page=True,
        )
        for number, own in enumerate(pages, start=1)
    )


def _board(servers: Sequence[str], edition: Edition) -> Table:
    """Servers by what is done to them, with a blank for the time in each cell that applies."""
    rows = tuple(_server(name, edition.plan) for name in servers)
    return Table(edition.say("board", "caption"), head(edition, "board"), rows, "board", keys=tuple(servers))


def _server(name: str, plan: Plan) -> tuple[Cell, ...]:
    own = plan.of(name)
    cells = [Blank(width=5) if any(step.kind == kind for step in own) else "–" for kind in STATES]
    back = Blank(width=5) if any(step.form == "back" for step in own) else "–"
    return (f"{plan.place[name] + 1} {name}", *cells, back, Blank(width=5))
