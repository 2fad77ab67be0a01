"""The sheet of one server: what two people hold while they stand in front of it."""

from checker.inputs.deployment import role_names
from checker.schedule.order import phase
from checker.schedule.step_catalogue import SHEET, Form, StepKind
from runbook.pages.page_model import Blank, Block, Cell, Drifting, Fields, Paragraph, Part, Signatures
from runbook.pages.sources import Edition, speak
from runbook.pages.step_rows import blocks
from runbook.pages.times import clock
from runbook.plan.plan_model import Step

ENTERING: frozenset[Form] = frozenset({"interlock", "guard"})
NEAR = 2  # roles whose names have room in half a line
STOPPING: frozenset[StepKind] = frozenset({"drain", "stop"})


def _fields(edition: Edition, name: str, steps: tuple[Step, ...]) -> Fields:
    say = speak(edition, "sheet")
    server = edition.deployment.server(name)
    out = next(step for step in steps if step.kind in STOPPING)
    back = next((step for step in reversed(steps) if step.form == "back"), steps[-1])
    roles, media = (say("roles"), ", ".join(role_names(server.roles))), (say("media"), _media(edition))
    near, below = (roles, media) if len(server.roles) <= NEAR else (media, roles)
    return Fields((
        (say("not-expected"), (say("first"), say("usual"), say("foreign"), _called(edition))),
        (say("interrupted"), (Blank(say("resume"), 8), say("begun"))),
        (say("planned"), say("planned-value", {
            "start": clock(steps[0].starts_at, edition.zone), "end": clock(steps[-1].ends_at, edition.zone),
            "out": clock(out.starts_at, edition.zone), "back": clock(back.ends_at, edition.zone),
        })),
        *_errors(edition, name, steps),
        (say("identity"), say("identity-value", hostname=server.hostname, addresses=server.addresses)),
        near,
        below,
    ), beside=(say("errors-label"), near[0]))  # fmt: skip


def _errors(edition: Edition, name: str, steps: tuple[Step, ...]) -> tuple[tuple[str, str], ...]:
    """Until when errors of a database that is another server's are expected here; on its own, from when elsewhere."""
    say, server = speak(edition, "sheet"), edition.deployment.server(name)
    filters = {other.name for other in edition.deployment.holding("mail-filter")}
    follow = filters & set(edition.plan.order[edition.plan.place[name] + 1 :])
    if phase(server) == 1 and follow and edition.deployment.holding("database"):
        number = next(step.number for step in steps if step.kind == "stop") if server.has("database") else None
        return ((say("errors-label"), say("errors-filters", number=number)),)
    if server.has("database") or not server.has("mta", "mail-filter", "euwi", "gwi"):
        return ()
    verified = [step for step in steps if step.form == "verify"][-1]
    return ((say("errors-label"), say("errors", number=verified.number)),)


def _called(edition: Edition) -> Drifting:
    """How support and the coordinator are reached, who may be others by the night."""
    change = edition.deployment.change
    phone = next((one.phone for one in change.contacts if "coordinator" in one.role.casefold()), None)
    return Drifting(edition.say("sheet", "called", support=change.support, phone=phone))


def _media(edition: Edition) -> Cell:
    say, media = speak(edition, "sheet"), edition.deployment.media
    seen = Blank(say("media-sum"), 16)
    if media is None:
        return (Blank(say("media-path"), 24), seen)
    return (say("media-declared", path=media.path, sum=media.sha256), seen)


def steps_before(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps that decide whether this server is entered at all, which stand in the STOP box; and the others."""
    entering = tuple(step for step in steps if step.form in ENTERING)
    return entering, tuple(step for step in steps if step.form not in ENTERING)


def sheet(edition: Edition, name: str) -> Part:
    """One server's sheet: interlock and wrong-host guard, blocks A to D with gates between, signatures."""
    say = speak(edition, "sheet")
    plan = edition.plan
    steps, server, order = plan.of(name), edition.deployment.server(name), plan.order
    at = plan.place[name]
    previous = order[at - 1] if at else None
    body: list[Block] = []
    entering, others = steps_before(steps)
    *doing, last = others
    for letter in SHEET:
        own = tuple(step for step in doing if step.block == letter)
        body += blocks(own, letter, say(f"block-{letter}"), edition)
    return Part(
        id=f"sheet-{name}",
        kind="sheet",
        title=say("title", at=at + 1, server=name),
        server=name,
        sheet=say("label", at=at + 1, count=len(order)),
        hostname=server.hostname or name,
        blocks=(
            *blocks(entering, "STOP", say("guard", previous=previous, hostname=server.hostname or name), edition),
            _fields(edition, name, steps),
            Paragraph(edition.say("steps", "legend"), "note"),
            Paragraph(say("reference", {"digest": plan.sheets.get(name, "")}), "note"),
            *body,
            Signatures(edition.lines("sheet", "sign")),
            *blocks((last,), "E", say("block-end"), edition),
        ),
    )  # fmt: skip
