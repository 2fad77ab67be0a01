"""What happens around the servers: preparation, openings and ends of nights, hand-overs."""

from checker.schedule.step_catalogue import Block
from runbook.pages.page_model import Blank, Fields, Figure, Paragraph, Part
from runbook.pages.sources import Edition, speak
from runbook.pages.step_rows import blocks
from runbook.pages.timeline_figure import at_once, timeline
from runbook.pages.times import local, spoken


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
    length = spoken(pause.minutes) if pause and pause.minutes else None
    text = (Paragraph(say("text", length=length, until=until)),) if block == "Z" else ()
    legend = (Paragraph(edition.say("steps", "legend"), "note"),) if block == "P" else ()  # and on each sheet
    texts = (Fields(((say("texts"), Blank(say("place"), 24)),)),) if block == "P" else ()
    return Part(
        id,
        say("heading", night=night),
        (*text, *_drawing(edition, block, night), *body, *texts, *legend),
        opens=block == "N",
        one_page=block == "N",
        flows=block == "N" or (block == "P" and len(edition.plan.order) == 1),
    )


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
    # where it is, the minutes decide
    return Part(id, say("heading", server=server), body, drifting=True, flows=True)
