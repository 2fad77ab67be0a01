"""The sheet of one server: what two people hold while they stand in front of it."""

from checker.report import EXIT_CODES, OPEN, Verdict, verdict
from checker.schedule.step_catalogue import FORMS, SHEET, StepKind
from runbook.pages.page_model import Blank, Block, Box, Caution, Cell, Fields, Paragraph, Part, Signatures, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import blocks
from runbook.pages.times import clock, local
from runbook.plan.plan_model import Step

STOPPING: frozenset[StepKind] = frozenset({"drain", "stop"})


def _server_verdict(edition: Edition, server: str) -> Verdict:
    return verdict(edition.findings.get(server, ()), edition.report.strict)


def _left_out(steps: tuple[Step, ...]) -> int:
    """How many forms of step exist for servers and do not apply to this one."""
    possible = {form for form, row in FORMS.items() if row.block in SHEET}
    return len(possible - {step.form for step in steps})


def _fields(edition: Edition, name: str, steps: tuple[Step, ...]) -> Fields:
    say = speak(edition, "sheet")
    server = edition.deployment.server(name)
    host = edition.facts.get(name)
    out = next(step for step in steps if step.kind in STOPPING)
    back = next((step for step in steps if step.form == "back"), steps[-1])
    outcome = _server_verdict(edition, name)
    open_ = sum(f.due and f.outcome in OPEN for f in edition.findings.get(name, ()))
    ticks = tuple(Box(option) for option in edition.deployment.options_on(server))
    stops = [row.service for step in steps for row in edition.begun_by.get(step.id, ())]
    return Fields((
        (say("roles"), tuple(Box(role) for role in server.roles)),
        (say("identity"), (say("identity-value", hostname=server.hostname, addresses=server.addresses),
                           Blank(say("prompt"), 24))),
        (say("verdict"), say("verdict-value", {
            "verdict": outcome, "count": open_, "stage": edition.report.stage, "clear": EXIT_CODES[outcome] == 0,
            "via": host.via if host else None, "at": local(host.collected_at, edition.zone) if host else None,
        })),
        (say("planned"), say("planned-value", {
            "start": local(steps[0].starts_at, edition.zone), "end": clock(steps[-1].ends_at, edition.zone),
            "out": clock(out.starts_at, edition.zone), "back": clock(back.ends_at, edition.zone),
        }, stops=tuple(dict.fromkeys(stops)))),
        *(((say("options"), ticks),) if ticks and edition.deployment.migrates(server) else ()),
        (say("media"), _media(edition)),
        (say("interrupted"), (Blank(say("resume"), 8), Blank(say("foreign"), 16))),
    ))  # fmt: skip


def _media(edition: Edition) -> Cell:
    say, media = speak(edition, "sheet"), edition.deployment.media
    seen = Blank(say("media-sum"), 16)
    if media is None:
        return (Blank(say("media-path"), 24), seen)
    return (say("media-declared", path=media.path, sum=media.sha256), seen)


def sheet(edition: Edition, name: str) -> Part:
    """One server's sheet: interlock, wrong-host guard, blocks A to D with gates between, counts, signatures."""
    say = speak(edition, "sheet")
    plan = edition.plan
    steps, server, order = plan.of(name), edition.deployment.server(name), plan.order
    at = plan.place[name]
    previous = order[at - 1] if at else None
    body: list[Block] = []
    for letter in SHEET:
        own = tuple(step for step in steps if step.block == letter)
        body += blocks(own, letter, say(f"block-{letter}"), edition)
    errors: tuple[Caution, ...] = ()
    if server.has("mta", "mail-filter", "euwi", "gwi") and not server.has("database"):
        verified = [step for step in steps if step.form == "verify"][-1]
        errors = (Caution("NOTE", say("errors", number=verified.number)),)
    counts = tuple(
        (line, Blank(width=10), Blank(width=10), Blank(width=10)) for line in edition.lines("sheet", "counts")
    )
    return Part(
        id=f"sheet-{name}",
        kind="sheet",
        title=say("title", at=at + 1, server=name),
        server=name,
        sheet=say("label", at=at + 1, count=len(order)),
        hostname=server.hostname or name,
        blocks=(
            Caution("STOP", say("guard", previous=previous, hostname=server.hostname or name)),
            _fields(edition, name, steps),
            *errors,
            *body,
            Table(say("counts-caption"), head(edition, "sheet"), counts, "counts"),
            Fields((
                (say("actual"), (Blank(say("actual-stop"), 8), Blank(say("actual-back"), 8), Blank(say("held"), 24))),
            ), "actual"),
            Paragraph(say("left-out", {"count": _left_out(steps), "digest": plan.sheets.get(name, "")}), "note"),
            Signatures(edition.lines("sheet", "sign")),
        ),
    )  # fmt: skip
