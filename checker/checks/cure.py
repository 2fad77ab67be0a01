"""The smallest set of changes that would make a verdict GO, found by judging again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from checker.checks import BY_ID
from checker.checks.cures import BLANK, no_cure, offers
from checker.checks.judge import finding, judged_again
from checker.checks.mechanism import Case
from checker.facts.host_facts import HostFacts, Known
from checker.facts.what_was_asked import still_asked
from checker.inputs.answers import KINDS, Answers
from checker.inputs.deployment import Deployment
from checker.report import SAID_ELSEWHERE, Correction, Cure, Finding, NoCure, Report, holds_back
from checker.values import grouped

# Ours: a large site, or one with most of it open, has its list of what to do; looking for more would take minutes.
MOST_FINDINGS = 40
MOST_SERVERS = 40
MOST_TRIED = 127  # ours: every part of seven changes, in some seconds on a slow machine
SOMEBODY = ["A. Example"]  # fills a blank that has no example of its own, while it is judged


@dataclass(frozen=True)
class Asked:
    """What was judged, to be judged again as it was but for some changes."""

    said: Report
    deployment: Deployment
    facts: Mapping[str, HostFacts]
    baseline: Mapping[str, HostFacts] | None

    def again(self, changes: Collection[Correction]) -> Report:
        """The report that these changes would make."""
        return judged_again(self.said, *applied(changes, self.deployment, self.facts), self.baseline)

    def case(self, changes: Collection[Correction]) -> Case:
        """What a check would look at."""
        said = self.said
        deployment, facts = applied(changes, self.deployment, self.facts)
        servers = frozenset(said.servers if said.not_judged else ())
        before = None if self.baseline is None else still_asked(deployment, self.baseline, self.baseline)
        return Case(
            deployment, still_asked(deployment, facts), before, said.now, said.stage, frozenset(said.done), servers,
            servers, said.rehearsal,
        )  # fmt: skip

    def any_held(self, findings: Sequence[Finding], changes: Collection[Correction]) -> bool:
        """Whether any of these findings still holds the verdict back: known sooner than the whole verdict."""
        case = self.case(changes)
        servers = {server.name: server for server in case.deployment.servers}
        return any(
            holds_back(
                finding(BY_ID[each.check], case, servers[each.server] if each.server else None, {}), self.said.strict
            )
            for each in findings
        )


def with_cure(
    said: Report,
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    baseline: Mapping[str, HostFacts] | None,
) -> Report:
    """The report with what would make it GO; the report itself where it is GO."""
    if said.verdict == "GO":
        return said
    return said.model_copy(update={"cure": _cure(Asked(said, deployment, facts, baseline))})


def _cure(asked: Asked) -> Cure:
    said = asked.said
    held = [each for each in said.findings if holds_back(each, said.strict)]
    if said.rehearsal:
        return Cure(why_not="a rehearsal is never GO")
    if said.skipped:
        return Cure(why_not="checks were left out")
    if len(held) > MOST_FINDINGS or len(said.servers) > MOST_SERVERS:
        return Cure(why_not=f"not searched for: {len(held)} findings on {len(said.servers)} servers are too many")
    if hopeless := [each for each in held if not offers(asked.case(()), each)]:
        return _nothing(hopeless)
    found, left = _all_together(asked, held)
    if left:
        return _nothing(left)
    if not found:
        return Cure(why_not="a check broke")
    return _smallest(asked, found, held)


def _nothing(findings: Sequence[Finding]) -> Cure:
    """That no value cures these; a server that was not read is named once."""
    own = [each for each in findings if each.message not in SAID_ELSEWHERE] or findings
    return Cure(nothing_cures=tuple(NoCure(check=each.check, server=each.server, why=no_cure(each)) for each in own))


def _all_together(asked: Asked, held: Sequence[Finding]) -> tuple[list[Correction], list[Finding]]:
    """Everything that is offered, until it is GO together; and the findings that hold it back all the same."""
    chosen: dict[tuple[object, ...], Correction] = {}
    left = [*held]
    for _ in range(len(held) + 1):  # what was read at last may itself have to be otherwise
        case = asked.case(chosen.values())
        new = {_place(each): each for finding in left for each in offers(case, finding)}
        if all(chosen.get(at) == each for at, each in new.items()):
            break
        chosen |= new
        again = asked.again(chosen.values())
        if again.verdict == "GO":
            return [*chosen.values()], []
        left = [each for each in again.findings if holds_back(each, again.strict)]
    return [], left


def _place(change: Correction) -> tuple[object, ...]:
    return change.kind, change.server, change.name


def _smallest(asked: Asked, offered: Sequence[Correction], held: Sequence[Finding]) -> Cure:
    """A set of which each is needed; then every part of it, and every smaller set that has something for each finding
    that nothing else cures, as far as the limit lets us look."""

    def is_go(changes: Collection[Correction]) -> bool:
        return not asked.any_held(held, changes) and asked.again(changes).verdict == "GO"

    needed = [*offered]
    for change in sorted(offered, key=_least_wanted(held)):
        fewer = [each for each in needed if each != change]
        if is_go(fewer):
            needed = fewer
    least, tried = _at_least(_needed_groups(asked, offered, held, needed)), 0
    for size in range(len(needed)):
        for some in combinations(needed if size < least else offered, size):
            tried += 1
            if tried > MOST_TRIED:
                return Cure(changes=tuple(needed))
            if is_go(some):
                return Cure(changes=some, smallest=True)
    return Cure(changes=tuple(needed), smallest=True)


def _at_least(groups: Sequence[Sequence[Correction]]) -> int:
    """How many changes there are at least, one of each of some groups that have none in common."""
    apart: list[Sequence[Correction]] = []
    for group in sorted(groups, key=len):
        if not any(each in other for other in apart for each in group):
            apart.append(group)
    return len(apart)


def _needed_groups(
    asked: Asked, offered: Sequence[Correction], held: Sequence[Finding], needed: Sequence[Correction]
) -> tuple[tuple[Correction, ...], ...]:
    """For each needed change itself with what may stand in for it: without any of these all the others do not do."""
    case = asked.case(())
    together = [{_place(offer) for offer in offers(case, each)} for each in held]

    def is_held(without: Sequence[Correction]) -> bool:
        return asked.any_held(held, [offer for offer in offered if offer not in without])

    groups = []
    for change in needed:
        near = set().union(*(places for places in together if _place(change) in places))
        group = [change, *(each for each in offered if each not in needed and _place(each) in near)]
        for other in group[1:]:
            fewer = [each for each in group if each != other]
            if is_held(fewer):
                group = fewer
        if is_held(group):
            groups.append(tuple(group))
    return tuple(groups)


def _least_wanted(held: Sequence[Finding]) -> Callable[[Correction], bool]:
    """Which are left out first: an answer for all servers where one lacks it, and one for each where several do."""
    lacking = {check: len(own) for check, own in grouped(held, lambda each: each.check).items()}

    def later(change: Correction) -> bool:
        several = lacking.get(change.name, 0) > 1
        return change.kind != "answer" or (change.server is None) == several

    return later


# ---- a deployment and facts with changes


def applied(
    changes: Collection[Correction], deployment: Deployment, facts: Mapping[str, HostFacts]
) -> tuple[Deployment, Mapping[str, HostFacts]]:
    """A deployment and facts in which these things are so; what is left blank is filled in by the field's example."""
    hosts = dict(facts)
    answers = deployment.answers.model_dump(mode="json", exclude_none=True)
    for change in changes:
        if change.kind == "fact" and change.server in hosts:
            host = hosts[change.server]
            known = Known(value=change.value, how="supposed")
            hosts[change.server] = host.model_copy(update={"facts": {**host.facts, change.name: known}})
        elif change.kind == "answer":
            _answer(answers, change)
        elif change.kind == "declared":
            deployment = _declare(deployment, change)
    if any(change.kind == "answer" for change in changes):
        deployment = deployment.model_copy(update={"answers": Answers.model_validate(answers)})
    return deployment, hosts


def _answer(answers: dict[str, Any], change: Correction) -> None:
    value = dict(change.value) if isinstance(change.value, dict) else {}
    fields = KINDS[change.name].model_fields
    filled = {name: (fields[name].examples or SOMEBODY)[0] if own == BLANK else own for name, own in value.items()}
    given = answers.get(change.name, {})
    servers = given.get("servers", {})
    if change.server is None:
        answers[change.name] = filled | ({"servers": servers} if servers else {})
    else:
        said = {name: filled[name] for name in ("by", "at")}
        answers[change.name] = said | given | {"servers": {**servers, change.server: filled}}


def _declare(deployment: Deployment, change: Correction) -> Deployment:
    value = tuple(change.value) if isinstance(change.value, list) else change.value
    if change.server is None:
        whole: Deployment = _set(deployment, change.name.split("."), value)
        return whole
    servers = tuple(
        _set(each, change.name.split("."), value) if each.name == change.server else each for each in deployment.servers
    )
    return deployment.model_copy(update={"servers": servers})


def _set(model: Any, path: Sequence[str], value: object) -> Any:
    own = value if len(path) == 1 else _set(getattr(model, path[0]), path[1:], value)
    return model.model_copy(update={path[0]: own})
