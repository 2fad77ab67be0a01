"""The whole set from one edition: front matter, nights with their sheets, appendix."""

from checker import __version__
from checker.report import wording
from runbook.pages.appendix import checks_part, demands_part, facts_part, minutes_part
from runbook.pages.front_matter import blockers, boards, decision, ordering, slip
from runbook.pages.hold_and_back import exits_part, way_back_card
from runbook.pages.night_pages import around, gates_part, hand_over, timeline_part
from runbook.pages.notices import communications
from runbook.pages.page_model import Part, Runbook
from runbook.pages.sheet import sheet
from runbook.pages.sources import Edition


def _stamp(edition: Edition) -> str | None:
    if not edition.facts:
        return edition.say("set", "draft")
    missing = [name for name in edition.plan.order if name not in edition.facts]
    if missing:
        return edition.say("set", "partial", count=len(missing))
    return None if edition.report.verdict == "GO" else edition.say("set", "not-go", verdict=edition.report.verdict)


def compose(edition: Edition) -> Runbook:
    """The frozen page model of an edition: everything that any page says."""
    plan, change = edition.plan, edition.deployment.change
    parts: list[Part | None] = [
        decision(edition), blockers(edition), timeline_part(edition), *boards(edition), slip(edition),
        ordering(edition), gates_part(edition), exits_part(edition), way_back_card(edition), communications(edition),
        around(edition, "P", None),
    ]  # fmt: skip
    for night in plan.nights:
        parts.append(around(edition, "N", night.number))
        for name in night.servers:
            parts += [sheet(edition, name), hand_over(edition, name)]
        parts += [around(edition, "Z", night.number), around(edition, "E", night.number)]
    parts += [facts_part(edition), checks_part(edition), minutes_part(edition), demands_part(edition)]
    return Runbook(
        title=edition.say("set", "title", deployment=edition.deployment.deployment),
        deployment=edition.deployment.deployment,
        verdict=wording(edition.report),
        stamp=_stamp(edition),
        change=change.number,
        revision=str(change.revision),
        plan_digest=plan.digest,
        facts_id=edition.report.facts_id or edition.say("set", "no-facts"),
        made=edition.report.now.strftime("%Y-%m-%d %H:%M UTC"),
        tool=f"pmx-preflight {__version__}",
        language="en",
        parts=tuple(part for part in parts if part is not None),
    )
