"""Plan steps as rows of a page, and as gates."""

import re
from collections.abc import Iterable, Iterator, Sequence

from checker.report import Finding
from checker.values import Basis
from runbook.pages.page_model import Drifting, Gate, StepRow, Steps
from runbook.pages.sources import Edition
from runbook.pages.times import clock, local, low_likely_high
from runbook.plan.plan_model import Step

# How the vendor's line is reached: told anew by telephone, and no page is void for it.
LINE = re.compile(r"\{[{%][^}]*\b(?:phone|contract|case)\b")
BLOCK = 9  # items that people hold in one block (Degani and Wiener; Gawande): more make them lose their place


def basis_words(basis: Basis, edition: Edition) -> str:
    """Whose word a statement is, as people say it; what the vendor demands stands beside it by its id."""
    place = basis.refs[0].split(".")[0] if basis.refs else ""
    said = edition.words.say("pages", "basis", f"{basis.kind}-{place}")
    return said or edition.say("basis", basis.kind)


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
    """A field of a step; where its words name the vendor's line, they alone last.

    With a line of the site's procedure its fields may be the site's, and last as they stand.
    """
    said: str | None = getattr(step, field)
    words = edition.words.source("steps", step.form, field)
    if said is None or step.site_text is not None or not LINE.search(words):
        return said
    return Drifting(said, words)


def step_row(step: Step, edition: Edition) -> StepRow:
    """A step as it is printed."""
    starts = None
    if step.starts_at is not None and step.night is None:
        starts = local(step.starts_at, edition.zone)
    elif step.starts_at is not None:
        starts = edition.say(
            "steps", "starts", at=clock(step.starts_at, edition.zone), latest=clock(step.latest_at, edition.zone)
        )
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
        if_not=_said(step, "if_not", edition),
        repeatable=step.repeatable,
        minutes=low_likely_high(step.minutes),
        starts=starts,
        basis=basis_words(step.basis, edition),
        demands=step.demands,
        options=step.options,
        caution=_said(step, "caution", edition),
    )


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
        minutes=low_likely_high(step.minutes),
        basis=basis_words(step.basis, edition),
        demands=step.demands,
    )


def _minutes(steps: Iterable[Step]) -> str:
    own = tuple(steps)
    return "–".join(str(sum(getattr(s.minutes, key) for s in own)) for key in ("low", "likely", "high")) + " min"


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
        yield Steps(mark, title, _minutes(piece), tuple(step_row(step, edition) for step in piece))
