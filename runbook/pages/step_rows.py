"""Plan steps as rows of a page, and as gates."""

import re
from collections.abc import Iterator, Sequence

from checker.report import Finding
from checker.schedule.step_catalogue import StepKind
from checker.values import Basis
from runbook.pages.page_model import Blank, Drifting, Gate, StepRow, Steps
from runbook.pages.sources import Edition
from runbook.pages.times import clock, local
from runbook.plan.given_files import asked
from runbook.plan.plan_model import Step

# How the vendor's line is reached, where the files lie, and minutes, as all times: no page is void for it.
DRIFTS = re.compile(r"\{[{%][^}]*\b(?:phone|contract|case|files|unnamed|likely|high)\b")
# what a second run can destroy: where nobody knows whether it may be repeated, support says so
ONCE: frozenset[StepKind] = frozenset({"upgrade", "migrate"})
BLOCK = 9  # items that people hold in one block (Degani and Wiener; Gawande): more make them lose their place


def basis_words(basis: Basis, edition: Edition) -> str:
    """Whose word a statement is, as people say it; what the vendor demands stands beside it by its id."""
    place = basis.refs[0].split(".")[0] if basis.refs else ""
    said = edition.words.say("pages", "basis", f"{basis.kind}-{place}")
    return said or edition.say("basis", basis.kind)


def basis_letter(basis: Basis) -> str:
    """Whose word a step is, as one letter beside its number: V vendor, D documented, M measured, S site, O ours."""
    return basis.kind[0].upper()


def places(findings: Sequence[Finding], edition: Edition) -> str:
    """Where findings were made: the servers by name, or all of them in a word, or the deployment."""
    names = [finding.server for finding in findings if finding.server]
    if len(names) > 3 and set(names) == set(edition.plan.order):
        return edition.say("front", "all", count=len(names))
    return ", ".join(names) or edition.say("front", "deployment")


def cited(basis: str, demands: tuple[str, ...]) -> str:
    """A basis and the ids of the vendor's demands, in brackets, as it ends a sentence."""
    return f"({', '.join((basis, *demands))})"


def _text(step: Step, edition: Edition) -> str:
    """A step's text; a notice's with the numbers of what is sent, and to whom, which its hosts' habits decide."""
    if step.kind != "notice":
        return _said(step, "text", edition) or ""
    own = edition.notices.get(step.id, ())
    names = [f"{each.number} {edition.words.say('notices', each.telling.audience, 'to')}" for each in own]
    return Drifting(f"{step.text} {edition.say('steps', 'notices', told=names)}", step.text)


def _said(step: Step, field: str, edition: Edition) -> str | None:
    """A field of a step; where its words name the vendor's line, or files, they alone last, and what a command asks.

    With a line of the site's procedure its fields may be the site's, and last as they stand.
    """
    said: str | None = getattr(step, field)
    words = edition.words.source("steps", step.form, field)
    if said is None or step.site_text is not None or not DRIFTS.search(words):
        return said
    return Drifting(said, words + asked(said) if field == "command" else words)


def _notes(step: Step, edition: Edition) -> tuple[Blank, ...]:
    """What is written down in a step: counts where they are counted, and who releases what is held."""
    labels = edition.lines(
        "notes", step.form, roles=edition.deployment.server(step.server).roles if step.server else ()
    )
    return tuple(Blank(label, 12) for label in labels)


def _if_not(step: Step, edition: Edition) -> str | None:
    """What is done where it is not as expected; what the head of each sheet says of every step is not said again."""
    said = _said(step, "if_not", edition)
    return None if step.server is not None and said == edition.say("sheet", "usual") else said


def step_row(step: Step, edition: Edition) -> StepRow:
    """A step as it is printed."""
    starts = None
    if step.starts_at is not None and step.night is None:
        starts = local(step.starts_at, edition.zone)
    elif step.starts_at is not None:
        starts = edition.say("steps", "starts", latest=clock(step.latest_at, edition.zone))
    return StepRow(
        id=step.id,
        number=step.number,
        kind=step.kind,
        title=_said(step, "title", edition) or "",
        text=_text(step, edition),
        site_text=step.site_text,
        command=_said(step, "command", edition),
        blank=_said(step, "blank", edition),
        expect=_said(step, "expect", edition),
        measured=step.measured,
        if_not=_if_not(step, edition),
        again=_again(step, edition),
        starts=starts,
        basis=basis_letter(step.basis),
        options=step.options,
        caution=_said(step, "caution", edition),
        notes=_notes(step, edition),
    )


def _again(step: Step, edition: Edition) -> str | None:
    if step.repeatable == "no":
        return edition.say("steps", "once")
    return edition.say("steps", "ask") if step.repeatable == "unknown" and step.kind in ONCE else None


def gate(step: Step, edition: Edition) -> Gate:
    """A gate step as a pause point: its criteria one by one, each with what was measured, if anything."""
    criteria = tuple(
        (part.strip(), Drifting(step.measured or "")) for part in (step.expect or "").split(";") if part.strip()
    )
    return Gate(
        id=step.id,
        number=step.number,
        title=step.title,
        criteria=criteria,
        decider=edition.say("gates", "decider"),
        if_no_go=(step.if_not or "").removeprefix("NO-GO: "),
        signs=edition.lines("gates", "sign"),
        skip=edition.lines("gates", "skip"),
        minutes=_minutes((step,), edition),
        basis=basis_letter(step.basis),
    )


def _minutes(own: Sequence[Step], edition: Edition) -> str:
    """When a block begins and how long it takes; nothing where its steps lie days apart."""
    likely, high = (sum(getattr(step.minutes, key) for step in own) for key in ("likely", "high"))
    first = own[0]
    starts = clock(first.starts_at, edition.zone) if first.night is not None and first.starts_at else None
    return edition.say("steps", "block", starts=starts, likely=likely, high=high, dated=first.night is not None)


def blocks(steps: tuple[Step, ...], letter: str, title: str, edition: Edition) -> Iterator[Steps | Gate]:
    """Steps as blocks of at most nine, evenly filled; a gate stands between blocks and is never inside one."""
    run: list[Step] = []
    runs: list[list[Step] | Step] = []
    for step in steps:
        if step.decides:
            runs += [run, step] if run else [step]
            run = []
        else:
            run.append(step)
    if run:
        runs.append(run)
    pieces: list[list[Step] | Step] = []
    for item in runs:
        if isinstance(item, Step):
            pieces.append(item)
            continue
        count = -(-len(item) // BLOCK)
        size = -(-len(item) // count)
        pieces += [item[at : at + size] for at in range(0, len(item), size)]
    total = sum(isinstance(piece, list) for piece in pieces)
    number = 0
    for piece in pieces:
        if isinstance(piece, Step):
            yield gate(piece, edition)
            continue
        number += 1
        mark = f"{letter}{'-' if letter[-1].isdigit() else ''}{number}" if total > 1 else letter
        yield Steps(mark, title, _minutes(piece, edition), tuple(step_row(step, edition) for step in piece))
