"""What `verify` found, for people: what hosts said and what files are called is shown, never obeyed."""

from collections.abc import Iterator

from pydantic import JsonValue

from checker.legible import several, visible
from checker.outputs import difference
from checker.values import canonical
from runbook.change.manifest import NAME
from runbook.change.proof.effect import Effect
from runbook.change.proof.verifying import Compared, Verified
from runbook.change.signed import to_line
from runbook.pages.times import MINUTE, utc

PROVES = "A digest tells whether it was changed since it was written, and never who wrote it."
LONGEST = 200  # characters of a value: two lines of a wide terminal; the JSON has all of it


def to_text(found: Verified, width: int = 100) -> str:
    """What was found, a line each."""
    return "".join(f"{visible(line)}\n" for line in _lines(found, width))


def _lines(found: Verified, width: int) -> Iterator[str]:
    if found.intact:
        yield f"INTACT: {found.name}: {several(found.files, 'file')} as written"
    elif found.changed == (NAME,):
        yield f"NOT INTACT: {found.name}: {NAME} was changed, or is not ours: it proves nothing of the other files"
    else:
        yield f"NOT INTACT: {found.name}"
        for word, names in (("changed", found.changed), ("missing", found.missing), ("added", found.added)):
            yield from (f"  {word}: {name}" for name in names)
    if found.origin:
        of = found.origin
        yield f"Made from deployment {of.deployment} ({of.declared}) and facts {of.facts or 'none'}"
        yield f"  plan {of.plan}, change {of.change}, revision {of.revision}"
        yield f"  by pmx-preflight {of.tool_version}, rules {of.rules_version}"
    yield from _compared("DEPLOYMENT", found.deployment, width)
    yield from _compared("FACTS", found.facts, width)
    if found.effect:
        yield from _effect(found.effect)
    if found.approval:
        yield to_line(found.approval)
    yield PROVES


def _compared(title: str, found: Compared | None, width: int) -> Iterator[str]:
    if found is None:
        return
    if found.same is None:
        yield f"{title}: not compared: {found.untold}"
    elif found.same:
        yield f"{title}: as in the package"
    elif found.untold:
        yield f"{title}: not as in the package; what moved is unknown: {found.untold}"
    else:
        yield f"{title}: not as in the package"
        if found.difference and found.difference.any:
            yield from (f"  {line}" for line in difference.to_text(found.difference, width).splitlines() if line)
        yield from (f"  {each.path}: {_short(each.before)} → {_short(each.after)}" for each in found.moved)


def _effect(found: Effect) -> Iterator[str]:
    before, after = found.verdict
    verdict = f"verdict stays {after}" if before == after else f"verdict {before} → {after}"
    yield f"EFFECT at stage {found.stage}, as of {utc(found.now, MINUTE)} UTC: {verdict}"
    turned = [each for each in found.findings if each.turned]
    for each in turned:
        outcomes = (said.outcome if said else "not checked" for said in (each.before, each.after))
        yield f"  finding: {each.server or 'deployment'} {each.check}: {' → '.join(outcomes)}"
    if len(found.findings) > len(turned):
        yield f"  findings: {len(found.findings) - len(turned)} with the same outcome and other words"
    for step in found.steps:
        if step.what != "moved":
            fields = f" ({', '.join(step.fields).replace('_', ' ')})" if step.fields else ""
            yield f"  step {step.what}: {step.number} {step.title}{fields}"
    moved = sum(step.what == "moved" for step in found.steps)
    if moved:
        yield f"  steps: {moved} at another time or with another number"
    if not found.steps:
        yield "  steps: none changed"


def _short(value: JsonValue) -> str:
    said = "nothing" if value is None else value if isinstance(value, str) else canonical(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
