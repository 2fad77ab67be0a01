"""What changed between two fact directories, or between two reports: a frozen value, the same for the same input."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import JsonValue

from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import HostFacts, Known, Unknown
from checker.report import Finding, Outcome, Report, Severity, Verdict
from checker.values import Value, canonical

Kind = Literal["frozen", "drifting"]
OUTCOME = "outcome"  # not a fact of the host but of its collection: whether it was read, and why not


class Side(Value):
    """What a fact was on one side: a value, or the reason why it was not seen."""

    value: JsonValue = None
    unknown: str | None = None


class FactChange(Value):
    """One fact of one server; a side is None where that fact was not collected at all."""

    server: str
    path: str
    kind: Kind
    unit: str | None = None
    before: Side | None
    after: Side | None


class Said(Value):
    """What a finding said in one report."""

    outcome: Outcome
    message: str


class FindingChange(Value):
    """One check's word on one subject; a side is None where that report has no such finding."""

    check: str
    server: str | None
    severity: Severity
    before: Said | None
    after: Said | None

    @property
    def turned(self) -> bool:
        """Whether the outcome is another one, and not only the words."""
        return (self.before and self.before.outcome) != (self.after and self.after.outcome)


class Difference(Value):
    """All that is different; nothing of it when both are the same."""

    tool: Literal["pmx-preflight"] = "pmx-preflight"
    schema_version: Literal[1] = 1
    of: Literal["facts", "reports"]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    verdict: tuple[Verdict, Verdict] | None = None
    facts: tuple[FactChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the two are different at all."""
        return bool(self.added or self.removed or self.verdict or self.facts or self.findings)


def diff_facts(old: Mapping[str, HostFacts], new: Mapping[str, HostFacts]) -> Difference:
    """The changed facts of every server in both: frozen ones before drifting ones, then by server and path."""
    changes = [change for name in old.keys() & new.keys() for change in _host(name, old[name], new[name])]
    return Difference(
        of="facts",
        **_servers(old, new),
        facts=tuple(sorted(changes, key=lambda change: (change.kind != "frozen", change.server, change.path))),
    )


def diff_reports(old: Report, new: Report) -> Difference:
    """The changed findings on every subject in both: other outcomes before other words, then by subject and check."""
    servers = _servers((*old.servers, *old.not_judged), (*new.servers, *new.not_judged))
    before, after = _findings(old), _findings(new)
    severity = {key: finding.severity for found in (before, after) for key, finding in found.items()}
    changes = [
        FindingChange(check=key[0], server=key[1], severity=severity[key], before=was, after=now)
        for key in severity
        if key[1] not in servers["added"] + servers["removed"]
        and (was := _said(before.get(key))) != (now := _said(after.get(key)))
    ]
    return Difference(
        of="reports",
        **servers,
        verdict=None if old.verdict == new.verdict else (old.verdict, new.verdict),
        findings=tuple(sorted(changes, key=lambda change: (not change.turned, change.server or "", change.check))),
    )


def _servers(old: Iterable[str], new: Iterable[str]) -> dict[str, Any]:
    before, after = set(old), set(new)
    return {"added": tuple(sorted(after - before)), "removed": tuple(sorted(before - after))}


def _host(server: str, old: HostFacts, new: HostFacts) -> list[FactChange]:
    """A server that one side did not read is one change: what it would have said then is not known."""
    if old.outcome != new.outcome:
        before, after = Side(value=old.outcome), Side(value=new.outcome)
        outcome = [FactChange(server=server, path=OUTCOME, kind="frozen", before=before, after=after)]
    else:
        outcome = []
    if not (old.reached and new.reached):
        return outcome
    return outcome + [
        FactChange(server=server, path=path, kind=_kind(path), unit=_unit(path), before=_side(was), after=_side(now))
        for path in old.facts.keys() | new.facts.keys()
        if _compared(was := old.facts.get(path)) != _compared(now := new.facts.get(path))
    ]


def _kind(path: str) -> Kind:
    """Of a fact that this version does not know nobody can say that it may change by itself."""
    return "drifting" if path in CATALOGUE and CATALOGUE[path].drifting else "frozen"


def _unit(path: str) -> str | None:
    return CATALOGUE[path].unit if path in CATALOGUE else None


def _side(fact: Known | Unknown | None) -> Side | None:
    if isinstance(fact, Unknown):
        return Side(unknown=fact.unknown)
    return Side(value=fact.value) if fact else None


def _compared(fact: Known | Unknown | None) -> str | None:
    """What must be equal: the order of rows is the host's whim, and reasons for not seeing tell nothing of it."""
    if fact is None or isinstance(fact, Unknown):
        return None
    value = fact.value
    return canonical([sorted(map(canonical, value))] if isinstance(value, list) else value)


def _findings(report: Report) -> dict[tuple[str, str | None], Finding]:
    return {(finding.check, finding.server): finding for finding in report.findings}


def _said(finding: Finding | None) -> Said | None:
    return Said(outcome=finding.outcome, message=finding.message) if finding else None
