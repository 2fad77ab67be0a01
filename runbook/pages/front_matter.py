"""The front matter: decision page, blockers and conditions, order, go/no-go slip, coordinator's board."""

from collections import defaultdict
from datetime import timedelta

from checker.facts.host_facts import oldest
from checker.inputs.deployment import PROCEDURE_KINDS
from checker.report import OPEN, Finding, Report, attention, counts, judged_at, wording
from checker.schedule.step_catalogue import StepKind
from runbook.pages.hold_and_back import decision_card
from runbook.pages.page_model import (
    Blank,
    Bullets,
    Caution,
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
from runbook.pages.times import both, duration, local
from runbook.pages.volumes import shares
from runbook.plan.impacts import impacts
from runbook.plan.plan_model import Interruption

BOARD = 25  # servers on one coordinator's board
# its columns of what is done to a server, each by the kind of step that does it
STATES: tuple[StepKind, ...] = ("drain", "stop", "backup", "upgrade", "migrate", "start", "verify")
SHOWN = 6  # lines of a list on a page that must stay one page


def shorten(lines: tuple[str, ...], edition: Edition, most: int = SHOWN) -> tuple[str, ...]:
    """The first lines, and how many are left out."""
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], edition.say("front", "more", count=len(lines) - most + 1))


def tally(report: Report) -> str:
    """The counts that a decision needs, in one line."""
    due = tuple(finding for finding in report.findings if finding.due)
    number = counts(due)
    blocker, warning = number["blocker"], number["warning"]
    open_ = blocker["unknown"] + blocker["manual"]
    return (
        f"{blocker['fail']} blockers fail, {open_} not seen or not answered, {blocker['waived']} waived, "
        f"{blocker['pass']} pass; {warning['fail']} warnings fail, {warning['unknown'] + warning['manual']} not seen; "
        f"{sum(not f.due and f.outcome in OPEN for f in report.findings)} open that fall "
        "due later"
    )


def falling_due(report: Report, edition: Edition) -> tuple[str, ...]:
    """What falls due later and is open, grouped by check, earliest first."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if not finding.due and finding.outcome in OPEN and finding.severity != "info":
            if finding.stages[0] == "after":
                continue
            groups[(finding.due_at.isoformat() if finding.due_at else "", finding.check)].append(finding)
    return tuple(
        edition.say("front", "due", at=local(found[0].due_at, edition.zone), check=check, count=len(found),
                    severity=found[0].severity, message=found[0].message if len(found) == 1 else "",
                    owner=found[0].owner or "____")
        for (_, check), found in sorted(groups.items())
    )  # fmt: skip


def _length(row: Interruption, edition: Edition) -> timedelta:
    """How long an interruption lasts at worst: in one night every step before it is as late as those in it."""
    begins, ends = edition.step(row.from_step), edition.step(row.until_step)
    start = begins.latest_at if begins.night == ends.night else begins.starts_at
    return ends.ends_at - start if start and ends.ends_at else timedelta()


def interruption_summary(edition: Edition) -> tuple[tuple[str, ...], ...]:
    """What is interrupted, from, to and how long at worst: one row for all that is missing alike in the same time."""
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for each in impacts(edition.plan.interruptions, edition.plan, edition.words):
        service, rows = each.name, each.rows
        starts = min((row.starts_at for row in rows if row.starts_at), default=None)
        ends = max((row.ends_at for row in rows if row.ends_at), default=None)
        worst = duration(max(_length(row, edition) for row in rows))
        when = (rows[0].impact, local(starts, edition.zone), local(ends, edition.zone), worst)
        alike[when].append((service, rows[0].audience))
    return tuple(
        (
            "; ".join(service for service, _ in found),
            ", ".join(dict.fromkeys(audience for _, audience in found)),
            *when,
        )
        for when, found in alike.items()
    )


def decision(edition: Edition) -> Part:
    """The one page that the change board decides on."""
    deployment, report, plan = edition.deployment, edition.report, edition.plan
    say = speak(edition, "decision")
    seen = oldest(edition.facts)
    procedural = [step for step in plan.blanks() if step.kind in PROCEDURE_KINDS]
    nights = tuple(both(night.start, night.end, edition.zone) for night in plan.nights)
    rows = (
        (say("verdict"), say("verdict-value", {"verdict": wording(report), "stage": report.stage,
                                               "tally": tally(report)})),
        (say("window"), "; ".join(nights)),
        (say("plan"), say("plan-value", {"nights": plan.nights}, servers=len(plan.order))),
        (say("facts"), say("facts-value", {"count": len(edition.facts), "id": report.facts_id,
                                           "at": local(seen, edition.zone) if seen else None},
                           servers=len(plan.order))),
        (say("blanks"), say("blanks-value", count=len(plan.blanks()), procedural=len(procedural),
                            source=deployment.procedure.source)),
        *declared_rows(edition, "decision"),
    )  # fmt: skip
    notes = tuple(
        f.message for f in report.findings if f.severity == "info" and f.outcome == "fail" and f.server is None
    )
    due = shorten((*notes, *falling_due(report, edition)), edition) or (say("nothing-due"),)
    return Part(
        id="decision",
        kind="decision",
        title=say("title", deployment=deployment.deployment, count=len(plan.order)),
        blocks=(
            Paragraph(say("objective", count=len(plan.order)), "lead"),
            Fields(rows),
            Table(
                say("interrupted"),
                head(edition, "decision"),
                interruption_summary(edition),
                "interruptions",
                drifting=True,
            ),
            *decision_card(edition),
            Heading(say("conditions"), "conditions"),
            Bullets(tuple(map(Drifting, due))),
            Signatures(edition.lines("decision", "sign")),
        ),
        one_page=True,
    )


def _seen(finding: Finding, edition: Edition) -> tuple[str, ...]:
    """What was observed beyond the message; of a long list the first lines."""
    lines = tuple(line for line in finding.observed if line not in finding.message)
    if len(lines) <= SHOWN:
        return lines
    return (*lines[: SHOWN - 1], edition.say("blockers", "more", count=len(lines) - SHOWN + 1))


def blockers(edition: Edition) -> Part:
    """Only what failed, was not seen, awaits a person or is waived; the same word on many servers in one row."""
    say = speak(edition, "blockers")
    by_check: dict[tuple[bool, str, str, str], list[Finding]] = defaultdict(list)
    for found in attention(edition.report):
        if found.stages[0] != "after" or edition.report.stage == "after":
            by_check[(found.due, found.check, found.outcome, found.message)].append(found)
    groups: dict[tuple[object, ...], list[list[Finding]]] = defaultdict(list)
    for same in by_check.values():
        first, where = same[0], tuple(f.server for f in same)
        groups[(first.due, first.outcome, first.severity, first.message, first.remedy, where)].append(same)
    tables = []
    for due in (True, False):
        rows, keys = [], []
        for alike in groups.values():
            first = alike[0][0]
            if first.due is not due:
                continue
            keys.append(f"{first.check}.{first.server or 'deployment'}")
            waiver = first.waiver
            action = f"{waiver.reason} ({waiver.by}, {waiver.ticket}, until {waiver.until})" if waiver else ""
            rows.append(
                (
                    f"{first.outcome} · {first.severity}",
                    ", ".join(same[0].check for same in alike),
                    places(alike[0], edition),
                    "; ".join((first.message, *_seen(first, edition))),
                    "; ".join(dict.fromkeys(same[0].expected for same in alike if same[0].expected)) or "–",
                    action or " ".join(first.remedy) or "–",
                    ", ".join(sorted({same[0].owner for same in alike if same[0].owner})) or Blank(width=4),
                )
            )
        caption = say("due" if due else "later", {"stage": edition.report.stage})
        tables.append(
            Table(caption, head(edition, "blockers"), tuple(rows), "findings", say("none"), tuple(keys), drifting=True)
        )
    left_out = ", ".join(edition.report.skipped)
    notes = (
        *((Caution("CAUTION", Drifting(say("skipped", checks=left_out))),) if left_out else ()),
        *(
            Caution("CAUTION", Drifting(say("unused-waiver", waiver=unused)))
            for unused in edition.report.unused_waivers
        ),
    )
    return Part("blockers", say("title"), (*notes, *tables))


def ordering(edition: Edition) -> Part:
    """Order and why: phase, server, roles, and the reason for its place."""
    say = speak(edition, "order")
    nights = {name: f"{night.number}" for night in edition.plan.nights for name in night.servers}
    rows = tuple(
        (
            str(edition.plan.place[place.server] + 1),
            f"{part.id} {part.title}",
            place.server,
            ", ".join(place.roles),
            place.reason,
            nights.get(place.server, "–"),
        )
        for part in edition.plan.phases
        for place in part.servers
    )
    rows = tuple(sorted(rows, key=lambda row: int(row[0])))
    pairs = tuple(say("collision", before=a, after=b) for a, b in edition.plan.collisions)
    notes = (Heading(say("collisions"), "collisions"), Bullets(pairs)) if pairs else ()
    return Part("order", say("title"), (
        Paragraph(say("text")), Table(say("caption"), head(edition, "order"), rows, "order"), *notes,
    ))  # fmt: skip


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
    return Part("slip", say("title"), (
        Paragraph(say("text"), "lead"),
        Fields(rows),
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
