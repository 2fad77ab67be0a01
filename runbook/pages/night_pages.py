"""What happens around the servers: timeline, gates, exits, communications, preparation, openings and ends of nights."""

from checker.schedule.step_catalogue import Block
from runbook.pages.page_model import Blank, Drifting, Figure, Paragraph, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import basis_words, blocks, cited
from runbook.pages.timeline_figure import at_once, timeline
from runbook.pages.times import local
from runbook.plan.plan_model import Interruption


def timeline_part(edition: Edition) -> Part:
    """The interruption timeline: a drawing and the same data as a table."""
    say = speak(edition, "timeline")
    numbers = {step.id: step.number for step in edition.plan.steps}
    rows = tuple(
        (
            row.service,
            row.audience,
            _impact(row),
            Drifting(f"{local(row.starts_at, edition.zone)} (step {numbers[row.from_step]})", numbers[row.from_step]),
            Drifting(f"{local(row.ends_at, edition.zone)} (step {numbers[row.until_step]})", numbers[row.until_step]),
            _cause(row, edition),
        )
        for row in edition.plan.interruptions
    )
    whole = at_once(edition.plan)
    drawing = (
        Figure(timeline(edition, edition.plan.nights), say("alt", count=len(rows)), say("figure")) if whole else None
    )
    return Part("timeline", say("title"), (
        Paragraph(say("text")),
        drawing or Paragraph(say("drawings")),
        Table(say("caption"), head(edition, "timeline"), rows, "timeline"),
    ))  # fmt: skip


def _impact(row: Interruption) -> str:
    """How bad it is; what becomes of mail while a filter is stopped is seen on the hosts, and drifts."""
    said = f"{row.impact}: {row.words}"
    return said if row.fate is None else Drifting(said)


def _cause(row: Interruption, edition: Edition) -> str:
    said = f"{row.cause.removesuffix(' (ours)')} {cited(basis_words(row.basis, edition), row.demands)}"
    return said if row.fate is None else Drifting(said, row.cause)


def gates_part(edition: Edition) -> Part:
    """Every gate on one list, so that the board sees where the night can stop."""
    say = speak(edition, "gates")
    rows = tuple(
        (step.number, step.title, step.expect or "–", step.if_not or "–",
         Drifting(local(step.starts_at, edition.zone)), Blank(width=8))
        for step in edition.gates
    )  # fmt: skip
    keys = tuple(row[0] for row in rows)
    return Part("gates", say("title"), (
        Paragraph(say("text")), Table(say("caption"), head(edition, "gates"), rows, "gates", keys=keys),
    ))  # fmt: skip


def around(edition: Edition, block: Block, night: int | None) -> Part | None:
    """The steps of one moment that belong to no server: preparation, a night's opening, a pause, the end."""
    steps = edition.around.get((block, night), ())
    if not steps:
        return None
    say = speak(edition, f"night-{block}")
    body = tuple(blocks(steps, block if night is None else steps[0].number.split(".")[0], say("title"), edition))
    id = f"steps-{steps[0].number.split('.')[0].lower()}"
    pause = next((each.pause for each in edition.plan.nights if each.number == night), None)
    until = local(pause.until, edition.zone) if pause else None
    text = say("text", hours=pause.hours if pause else None, until=until)
    shown = (Paragraph(text), *_drawing(edition, block, night), *body)
    return Part(id, say("heading", night=night), shown, opens=block == "N")


def _drawing(edition: Edition, block: Block, night: int | None) -> tuple[Figure, ...]:
    """What is interrupted in a night, at its opening, where there are too many nights or servers for one drawing."""
    if block != "N" or at_once(edition.plan):
        return ()
    say = speak(edition, "timeline")
    own = [each for each in edition.plan.nights if each.number == night]
    return (Figure(timeline(edition, own), say("alt-night", night=night), say("figure")),)


def hand_over(edition: Edition, server: str) -> Part | None:
    """The hand-over to other people between a server and the next one, where there is one."""
    plan = edition.plan
    step = plan.steps[plan.at[plan.of(server)[-1].id] + 1]
    if step.form != "hand-over":
        return None
    say = speak(edition, "night-H")
    body = tuple(blocks((step,), step.number.split(".")[0], say("title"), edition))
    id = f"steps-{step.number.replace('.', '-').lower()}"
    blocks_ = (Paragraph(say("text")), *body)
    return Part(id, say("heading", server=server), blocks_, drifting=True)  # where it is, the minutes decide
