"""The evidence: facts with how and when, every check, minutes with their basis, assumptions, the demands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from checker.checks import CHECKS
from checker.checks.vendor import DEMANDS
from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import Known, Unknown
from checker.report import Finding
from checker.values import grouped
from runbook.pages.page_model import Bullets, Drifting, Heading, Paragraph, Part, Table
from runbook.pages.sources import Edition, head, speak
from runbook.pages.step_rows import basis_words, places
from runbook.pages.times import local
from runbook.plan.plan_model import Step
from runbook.plan.what_changed import changes, in_words

LONGEST = 240  # characters of a fact that help a reader; the whole value stands in the facts file


def said(value: object) -> str:
    """A fact's value as words: without the quotes and braces of JSON."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {said(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        rows = any(isinstance(one, Mapping) for one in value)
        return ("; " if rows else ", ").join(said(one) for one in value) or "none"
    return "none" if value is None else str(value)


def _value(seen: Known | Unknown | None) -> tuple[str, str]:
    if seen is None:
        return "not collected", "–"
    if isinstance(seen, Unknown):
        return f"unknown: {seen.unknown}"[:LONGEST], "–"
    text = said(seen.value)
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
    text = Paragraph(say("text", id=edition.report.facts_id))
    return Part("facts", say("title"), (text, *tables), drifting=True)


def _ground(finding: Finding, edition: Edition) -> str:
    """What a finding rests on: for a measured one the facts by name, without the servers, which stand beside it."""
    if finding.basis.kind != "measured":
        return basis_words(finding.basis, edition)
    return ", ".join(dict.fromkeys(ref.rpartition(":")[2] for ref in finding.basis.refs))


def checks_part(edition: Edition) -> Part:
    """Every finding; one row where a check says the same of several servers."""
    say = speak(edition, "checks")
    alike: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in edition.report.findings:
        alike[(finding.check, finding.outcome, finding.message)].append(finding)
    rows = tuple(
        (
            found[0].check,
            places(found, edition),
            found[0].severity,
            ", ".join(found[0].stages) + ("" if found[0].due else " (not due)"),
            found[0].outcome,
            found[0].message,
            _ground(found[0], edition),
            ", ".join(found[0].demands) or "–",
        )
        for found in alike.values()
    )
    return Part("checks", say("title"), (
        Paragraph(say("text", count=len(edition.report.findings))),
        Table(say("caption"), head(edition, "checks"), rows, "checks"),
    ), drifting=True)  # fmt: skip


def _some(numbers: Sequence[str], edition: Edition) -> str:
    """The first numbers of steps, and how many more there are."""
    return edition.say("front", "steps", numbers=numbers)


def _minutes(alike: Sequence[Step], edition: Edition) -> tuple[str, ...]:
    first = alike[0]
    figures = (first.minutes.low, first.minutes.likely, first.minutes.high)
    numbers = _some([step.number for step in alike], edition)
    return numbers, first.title, *map(str, figures), basis_words(first.minutes.basis, edition)


def minutes_part(edition: Edition) -> Part:
    """How each minute was derived, and what we assume where the vendor's page is silent."""
    say = speak(edition, "minutes")
    alike = grouped(edition.plan.steps, lambda step: (step.form, step.minutes.model_dump_json()))
    rows = tuple(_minutes(steps, edition) for steps in alike.values())
    return Part("minutes", say("title"), (
        Paragraph(say("text")),
        Table(say("caption"), head(edition, "minutes"), rows, "minutes", drifting=True),
        Heading(say("assumptions"), "assumptions"),
        Bullets(edition.plan.assumptions),
    ))  # fmt: skip


def demands_part(edition: Edition) -> Part:
    """The vendor's demands in our words, and where each is served in this set."""
    say = speak(edition, "demands")
    numbers = {
        demand.id: [step.number for step in edition.plan.steps if demand.id in step.demands] for demand in DEMANDS
    }
    rows = tuple(
        (
            demand.id,
            demand.text,
            demand.strength,
            ", ".join(check.id for check in CHECKS if demand.id in check.demands) or "–",
            _some(numbers[demand.id], edition) or say("not-here"),
        )
        for demand in DEMANDS
    )
    return Part("demands", say("title"), (
        Paragraph(say("text")),
        Table(say("caption"), head(edition, "demands"), rows, "demands"),
        Heading(say("changes"), "changes"),
        _changes(edition),
    ))  # fmt: skip


def _changes(edition: Edition) -> Paragraph | Bullets:
    """What changed since an earlier edition, where one was given to compare with."""
    if edition.previous is None:
        return Paragraph(Drifting(edition.say("demands", "no-changes")))
    found = changes(edition.previous, edition.plan, edition.time)
    return Bullets(tuple(map(Drifting, in_words(found, edition.previous.digest).splitlines())))
