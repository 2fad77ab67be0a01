"""What happens around the servers: timeline, gates, exits, communications, preparation, openings and ends of nights."""

from runbook.edition import Edition, head, speak
from runbook.figure import timeline
from runbook.pages import (
    Blank,
    Bullets,
    Caution,
    Cell,
    Fields,
    Figure,
    Heading,
    Paragraph,
    Part,
    SiteText,
    Table,
)
from runbook.plan import Step
from runbook.rows import basis_words, blocks, cited
from runbook.times import both, local


def timeline_part(edition: Edition) -> Part:
    """The interruption timeline: a drawing and the same data as a table."""
    say = speak(edition, "timeline")
    numbers = {step.id: step.number for step in edition.plan.steps}
    rows = tuple(
        (
            row.service,
            row.audience,
            f"{row.impact}: {row.words}",
            f"{local(row.starts_at, edition.zone)} (step {numbers[row.from_step]})",
            f"{local(row.ends_at, edition.zone)} (step {numbers[row.until_step]})",
            f"{row.cause.removesuffix(' (ours)')} {cited(basis_words(row.basis, edition), row.demands)}",
        )
        for row in edition.plan.interruptions
    )
    return Part("timeline", "timeline", say("title"), (
        Paragraph(say("text")),
        Figure(timeline(edition), say("alt", count=len(rows)), say("figure")),
        Table(say("caption"), head(edition, "timeline"), rows, "timeline"),
    ))  # fmt: skip


def gates_part(edition: Edition) -> Part:
    """Every gate on one list, so that the board sees where the night can stop."""
    say = speak(edition, "gates")
    rows = tuple(
        (step.number, step.title, step.expect or "–", step.if_not or "–", local(step.starts_at, edition.zone),
         Blank(width=8))
        for step in edition.plan.steps if step.gate and step.form != "interlock"
    )  # fmt: skip
    return Part("gates", "gates", say("title"), (
        Paragraph(say("text")), Table(say("caption"), head(edition, "gates"), rows, "gates"),
    ))  # fmt: skip


def exits_part(edition: Edition) -> Part:
    """Hold and back: partial states, triggers, the point of no return, what is lost, and that no way back is known."""
    say = speak(edition, "exits")
    plan, deployment = edition.plan, edition.deployment
    filters = [name for name in plan.order if deployment.server(name).has("mail-filter")]
    later = [name for name in filters if not deployment.server(name).has("database")]
    web = bool(deployment.holding("euwi", "gwi"))
    states = [(say("state-none"), say("works-none"), say("desk-none"))]
    if len(plan.order) > 1:
        states.append((say("state-phase-1"), say("works-phase-1"), say("desk-phase-1", web=web)))
    if len(later) > 1:
        states.append((say("state-some", count=len(filters)), say("works-some"), say("desk-some", web=web)))
    if web and len(plan.order) > 1:
        states.append((say("state-filters"), say("works-filters"), say("desk-filters")))
    gate_ = edition.step(plan.turn_back.gate).number if plan.turn_back.gate else None
    return Part("exits", "exits", say("title"), (
        Paragraph(say("text")),
        Table(say("states"), head(edition, "exits"), tuple(states), "states"),
        Heading(say("triggers"), "triggers"),
        Table(say("trigger-caption"), head(edition, "exits", "trigger-head"),
              tuple((line, Blank(width=10), Blank(width=10)) for line in edition.lines("exits", "trigger-items")),
              "triggers"),
        Heading(say("back"), "way-back"),
        Caution("CAUTION", plan.turn_back.why),
        Paragraph(say("point", gate=gate_)),
        Bullets(plan.turn_back.lost),
        Heading(say("card"), "way-back-card"),
        Paragraph(say("card-text")),
        Fields(tuple((line, Blank(width=40)) for line in edition.lines("exits", "card-items"))),
    ))  # fmt: skip


def communications(edition: Edition) -> Part:
    """Who is told, when, through which channel, and the text."""
    say = speak(edition, "communications")
    contacts = tuple(
        (c.role, c.name, c.phone or Blank(width=14), c.email or Blank(width=14))
        for c in edition.deployment.change.contacts
    )
    nights = "; ".join(both(night.start, night.end, edition.zone) for night in edition.plan.nights)
    rows: list[tuple[Cell, ...]] = []
    texts: list[Heading | SiteText] = []
    for step in (s for s in edition.plan.steps if s.kind == "notice"):
        values = {
            "nights": nights, "deployment": edition.deployment.deployment, "servers": edition.plan.order,
            "until": local(edition.plan.steps[-1].ends_at, edition.zone), "web": _web(edition),
        }  # fmt: skip
        to, channel = (edition.words.say("notices", step.form, field) or "–" for field in ("to", "channel"))
        when = local(step.starts_at, edition.zone)
        rows.append((step.number, to, channel, when, Blank(width=8), Blank(width=8)))
        texts.append(Heading(f"{step.number} {edition.words.say('notices', step.form, 'subject', **values)}",
                             f"notice-{step.id.replace('.', '-')}"))  # fmt: skip
        texts.append(SiteText(edition.words.say("notices", step.form, "text", **values) or ""))
    contact_head = head(edition, "communications", "contact-head")
    return Part("communications", "communications", say("title"), (
        Paragraph(say("text")),
        Table(say("contacts"), contact_head, contacts, "contacts", say("no-contacts")),
        Table(say("caption"), head(edition, "communications"), tuple(rows), "notices"),
        *texts,
    ))  # fmt: skip


def _web(edition: Edition) -> bool:
    return bool(edition.deployment.holding("euwi", "gwi"))


def around(edition: Edition, block: str, night: int | None) -> Part | None:
    """The steps of one moment that belong to no server: preparation, a night's opening, a pause, the end."""
    steps: tuple[Step, ...] = tuple(
        step for step in edition.plan.steps if step.server is None and step.block == block and step.night == night
    )
    if not steps:
        return None
    say = speak(edition, f"night-{block}")
    body = tuple(blocks(steps, block if night is None else steps[0].number.split(".")[0], say("title"), edition))
    id = f"steps-{steps[0].number.split('.')[0].lower()}"
    return Part(id, "night", say("heading", night=night), (Paragraph(say("text")), *body))
