"""Which waiver of the deployment file waives a finding, why another does not, and what to write for a new one."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from checker.checks.mechanism import Check, Word
from checker.inputs.answer_text import OPEN, yaml_text
from checker.inputs.change import Change
from checker.inputs.deployment import Deployment
from checker.inputs.waivers import Waiver, folded
from checker.report import Finding, Measure, UnusedWaiver


def applied(check: Check, server: str | None, word: Word, deployment: Deployment, now: datetime) -> Waiver | None:
    """The first waiver of the file that holds for a word on a server; None where the word is no failure."""
    if word.outcome != "fail" or not check.waivable:
        return None
    own = (waiver for waiver in deployment.waivers if (waiver.check, waiver.server) == (check.id, server))
    return next((waiver for waiver in own if not _why_not(waiver, word, deployment.change, now)), None)


def unused(
    deployment: Deployment, findings: Iterable[Finding], checks: Iterable[Check], now: datetime
) -> tuple[UnusedWaiver, ...]:
    """Every waiver that waives nothing, and why."""
    found = {(finding.check, finding.server): finding for finding in findings}
    known = {check.id: check for check in checks}
    told = []
    for waiver in deployment.waivers:
        finding, check = found.get((waiver.check, waiver.server)), known.get(waiver.check)
        if finding is not None:
            why = _why_not(waiver, finding, deployment.change, now)
        elif check is not None and (check.subject == "server") != (waiver.server is not None):
            asks = "each server: name a server" if check.subject == "server" else "the deployment: name no server"
            why = f"this check is for {asks}"
        else:
            why = "it was not checked this time"
        if why:
            told.append(UnusedWaiver(check=waiver.check, server=waiver.server, line=waiver.line, why=why))
    return tuple(told)


def _why_not(waiver: Waiver, said: Word | Finding, change: Change, now: datetime) -> str | None:
    """Why a waiver does not hold for what a check said; None where it does."""
    if said.outcome not in ("fail", "waived"):
        return f"the outcome of the check is {said.outcome}, not fail"
    ends = datetime.combine(waiver.until + timedelta(days=1), time(), change.zone)
    if now >= ends:
        return f"it ended on {waiver.until}"
    if ends < change.nights[-1][1]:
        return f"it ends on {waiver.until}, before the last window ends"
    if waiver.observed is not None:
        lines = {folded(line) for line in (said.message, *said.observed)}
        return None if folded(waiver.observed) in lines else f"the finding is now: {said.message}"
    return _beyond(waiver, said.measure)


def _beyond(waiver: Waiver, measure: Measure | None) -> str | None:
    if measure is None:
        return "this check has no measured value: expected the whole observed line"
    bound, unit = waiver.bound()
    key = "at_most" if measure.worse == "more" else "at_least"
    if (waiver.at_most is None) == (measure.worse == "more"):
        return f"its bound has the wrong direction: expected {key}"
    if folded(unit).removesuffix("s") != folded(measure.unit).removesuffix("s"):
        return f"its bound is in {unit}: expected {measure.unit}"
    is_worse = measure.value > bound if measure.worse == "more" else measure.value < bound
    return f"it is now worse than the bound: {shown(measure)}" if is_worse else None


def shown(measure: Measure) -> str:
    """A measured value with its unit, as it is written into a bound."""
    unit = measure.unit.removesuffix("s") if measure.value == 1 else measure.unit
    return f"{measure.value:.12g} {unit}"


def to_fill_in(check: Check, server: str | None, word: Word, change: Change) -> str | None:
    """The line under `waivers` that would waive a failure; None where the check cannot be waived or has not failed."""
    if word.outcome != "fail" or not check.waivable or check.severity == "info":
        return None
    last = (change.nights[-1][1] - timedelta(microseconds=1)).astimezone(change.zone).date()
    fields = {"check": check.id} | ({"server": yaml_text(server)} if server else {})
    if word.measure:
        fields["at_most" if word.measure.worse == "more" else "at_least"] = shown(word.measure)
    else:
        fields["observed"] = yaml_text(word.message)
    fields |= {"reason": OPEN, "by": OPEN, "ticket": OPEN, "until": last.isoformat()}
    return f"- {{{', '.join(f'{name}: {said}' for name, said in fields.items())}}}"
