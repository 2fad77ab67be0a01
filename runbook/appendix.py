"""The appendix: facts with how and when, every check, minutes with their basis, assumptions, the demands."""

import json

from checker.facts import CATALOGUE, Known, Unknown
from checker.rules import served_by
from checker.vendor import DEMANDS
from runbook.edition import Edition, head, speak
from runbook.pages import Bullets, Heading, Paragraph, Part, Table
from runbook.plan import Step
from runbook.rows import basis_words
from runbook.steps import serving
from runbook.times import local

LONGEST = 240  # characters of a fact that help a reader; the whole value stands in the facts file


def _value(seen: Known | Unknown | None) -> tuple[str, str]:
    if seen is None:
        return "not collected", "–"
    if isinstance(seen, Unknown):
        return f"unknown: {seen.unknown}"[:LONGEST], "–"
    text = seen.value if isinstance(seen.value, str) else json.dumps(seen.value, ensure_ascii=False, sort_keys=True)
    cut = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    return f"{cut} {seen.unit or ''}".strip(), seen.how


def facts_part(edition: Edition) -> Part:
    """What each host said, how and when."""
    say = speak(edition, "facts")
    tables: list[Paragraph | Table] = []
    for name in edition.plan.order:
        host = edition.facts.get(name)
        if host is None:
            tables.append(Paragraph(say("none", server=name)))
            continue
        rows = tuple((path, *_value(host.facts.get(path))) for path in CATALOGUE)
        unread = tuple(("unread row", row[:LONGEST], "–") for row in host.unread_rows[:20])
        caption = say("caption", server=name, at=local(host.collected_at, edition.zone), via=host.via)
        tables.append(Table(caption, head(edition, "facts"), (*rows, *unread), "facts"))
    return Part("facts", "appendix", say("title"), (Paragraph(say("text", id=edition.report.facts_id)), *tables))


def checks_part(edition: Edition) -> Part:
    """Every finding, one row each."""
    say = speak(edition, "checks")
    rows = tuple(
        (
            finding.check,
            finding.server or "deployment",
            finding.severity,
            ", ".join(finding.stages) + ("" if finding.due else " (not due)"),
            finding.outcome,
            finding.message,
            basis_words(finding.basis)[:LONGEST],
            ", ".join(finding.demands) or "–",
        )
        for finding in edition.report.findings
    )
    return Part("checks", "appendix", say("title"), (
        Paragraph(say("text", count=len(rows))), Table(say("caption"), head(edition, "checks"), rows, "checks"),
    ))  # fmt: skip


def _minutes(step: Step) -> tuple[str, ...]:
    minutes = step.minutes
    return (
        step.number,
        step.title,
        str(minutes.low),
        str(minutes.likely),
        str(minutes.high),
        basis_words(minutes.basis),
    )


def minutes_part(edition: Edition) -> Part:
    """How each minute was derived, and what we assume where the vendor's page is silent."""
    say = speak(edition, "minutes")
    rows = tuple(_minutes(step) for step in edition.plan.steps)
    return Part("minutes", "appendix", say("title"), (
        Paragraph(say("text")),
        Table(say("caption"), head(edition, "minutes"), rows, "minutes"),
        Heading(say("assumptions"), "assumptions"),
        Bullets(edition.plan.assumptions),
    ))  # fmt: skip


def demands_part(edition: Edition) -> Part:
    """The vendor's demands in our words, and where each is served in this set."""
    say = speak(edition, "demands")
    forms = serving()
    printed = {step.form for step in edition.plan.steps}
    serving_here = {name: demands for name, demands in forms.items() if name.removeprefix("step ") in printed}
    where = served_by(serving_here)
    numbers = {
        demand.id: ", ".join(step.number for step in edition.plan.steps if demand.id in step.demands)
        for demand in DEMANDS
    }
    rows = tuple(
        (
            demand.id,
            demand.text,
            demand.strength,
            ", ".join(name.removeprefix("check ") for name in where[demand.id] if name.startswith("check ")) or "–",
            numbers[demand.id] or say("not-here"),
        )
        for demand in DEMANDS
    )
    return Part("demands", "appendix", say("title"), (
        Paragraph(say("text")),
        Table(say("caption"), head(edition, "demands"), rows, "demands"),
        Heading(say("changes"), "changes"),
        Paragraph(say("no-changes")),
    ))  # fmt: skip
