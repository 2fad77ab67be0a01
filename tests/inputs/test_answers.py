"""What people answer is typed: each check's own fields, validated with the file, and nothing else decides."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checker.checks import BY_ID, CHECKS
from checker.checks.judge import ask, judge
from checker.checks.mechanism import A, Case, Word
from checker.errors import InputError
from checker.facts.catalogue import EUID
from checker.facts.host_facts import HostFacts, Known, Unknown, known
from checker.inputs.answer_text import to_fill_in
from checker.inputs.answers import KINDS, Answer, Answers, RootAccess, SourceVersion, SupportLine, own_fields
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load, schema
from runbook.pages.board.decision import decision
from runbook.pages.sources import Edition
from runbook.plan.planning import build
from runbook.words import Words

NOW = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
Deploy = Callable[..., Deployment]
BY = {"by": "A. Example", "at": "2026-12-04"}
HEAD = """deployment: acme-mail
change: {number: C1, timezone: Europe/Berlin, windows: [{start: 2026-12-05T22:00, end: 2026-12-06T04:00}]}
servers: [{name: db1, roles: [database, csm]}, {name: mx1, roles: [mta, mail-filter]}]
answers:
"""


def faults(tmp_path: Path, *answers: str) -> list[str]:
    path = tmp_path / "d.yaml"
    path.write_text(HEAD + "".join(f"  {line}\n" for line in answers))
    try:
        load(path, {check.id: check.waivable for check in CHECKS})
    except InputError as wrong:
        return [line.removeprefix(f"{path}:") for line in wrong.lines]
    return []


def host(euid: int | None) -> dict[str, HostFacts]:
    facts: dict[str, Known | Unknown] = dict([known(EUID, euid, "id -u")]) if euid is not None else {}
    return {"s1": HostFacts(server="s1", via="ssh", outcome="ok", collected_at=NOW, facts=facts)}


def word(deployment: Deployment, check: str, facts: dict[str, HostFacts] | None = None) -> Word:
    case = Case(deployment, facts or {}, None, NOW, "server")
    return ask(BY_ID[check], case, deployment.server("s1") if BY_ID[check].subject == "server" else None)


@dataclass(frozen=True)
class Listening(Case):
    """A case that notes which answers were asked for."""

    asked: set[type[Answer]] = field(default_factory=set)

    def answer(self, kind: type[A], server: str | None = None) -> A | None:
        self.asked.add(kind)
        return super().answer(kind, server)


def test_every_answer_is_asked_by_its_own_check_and_by_no_other(deploy: Deploy) -> None:
    apart = deploy("database", "csm mta mail-filter")
    for check in CHECKS:
        case = Listening(apart, host(1001), None, NOW, "after" if check.stages == ("after",) else "server")
        ask(check, case, apart.server("s1") if check.subject == "server" else None)
        own = {KINDS[check.id]} if check.id in KINDS else set()
        # asked only where one fact is missing: see test_checks_after, test_queues, and the cases of identity
        if check.id in ("after-database-reachable", "queue-drained", "identity-persistent", "identity-unchanged"):
            assert case.asked <= own, check.id
        else:
            assert case.asked == own, check.id
    assert all(KINDS[check].by_server == (BY_ID[check].subject == "server") for check in KINDS)


@pytest.mark.parametrize("check", KINDS)
def test_what_is_printed_to_be_filled_in_is_refused_until_it_is(tmp_path: Path, check: str) -> None:
    assert faults(tmp_path, to_fill_in(check)), to_fill_in(check)


@pytest.mark.parametrize("check", KINDS)
def test_the_schema_has_the_fields_of_each_answer(check: str) -> None:
    exported = schema()
    reference = exported["$defs"]["Answers"]["properties"][check]["anyOf"][0]["$ref"]
    given = exported["$defs"][reference.rpartition("/")[2]]
    wanted = {*own_fields(KINDS[check]), "by", "at", "note"} | ({"servers"} if KINDS[check].by_server else set())
    assert given["properties"].keys() == wanted and given["additionalProperties"] is False
    assert {*given["required"]} == {"by", "at"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('source-version: {version: "5.6.1", by: A, at: 2026-12-01}', ()),
        ("source-version: {version: 5.6.1 (build 2065439), by: A, at: 2026-12-01}", ()),
        ("source-version: {version: about 5.6.1, by: A, at: 2026-12-01}",
         ("5:29: version 'about 5.6.1' is not a version",)),
        ("source-version: {version: 5.6.1, at: 2026-12-01}", ("5:19: 'by' is missing",)),
        ("source-version: {version: 5.6.1, by: …, at: 2026-12-01}", ("5:40: by '…' is not filled in",)),
        ("source-version: {by: A, at: 2026-12-01}", ("5:19: 'source-version' is empty: expected version",)),
        ("source-version: {by: A, at: 2026-12-01, servers: {mx1: {version: 5.6.1}}}", ()),
        ("source-version: {by: A, at: 2026-12-01, servers: {mx1: {by: B}}}", ()),
        ("root-access: {confirmed: maybe, by: A, at: 2026-12-01}",
         ("5:28: confirmed 'maybe' is not an answer: expected yes or no",)),
        ("root-access: {confirmed: yes, by: A, at: 2026-12-01}",
         ("5:16: 'root-access' is yes without 'who' and 'how'",)),
        ("root-access: {confirmed: no, by: A, at: 2026-12-01}", ()),
        ("root-access: {confirmed: no, by: A, at: 2026-12-01, servers: {mx1: {confirmed: yes, who: B}}}",
         ("5:16: 'root-access' is yes without 'how' (servers: mx1)",)),
        ("support-line: {by: A, at: 2026-12-01}", ("5:17: 'support-line' is empty",)),
        ("support-line: {confirmed: yes, ended: {accepted_by: A, ticket: C}, by: A, at: 2026-12-01}",
         ("5:17: 'support-line' has both 'confirmed' and 'ended': expected one of them",)),
        ("support-line: {ended: {accepted_by: A}, by: A, at: 2026-12-01}", ("5:25: 'ticket' is missing",)),
        ("support-line: {confirmed: yes, by: A, at: 2026-12-01, servers: {mx1: {confirmed: no}}}",
         ("5:57: unknown key 'servers' in 'support-line'",)),
        ("database-csm-together: {case: 4930 123456, documented_path: yes, by: A, at: 2026-12-01}",
         ("5:33: case '4930 123456' is not a case number",)),
        ("restore-tested: {result: ok, of: [database], where: x, finished: 2026-12-01T03:00, by: A, at: 2026-12-01}",
         ("5:28: result is 'ok': expected one of complete, partial, failed",)),
        ("restore-tested: {result: complete, by: A, at: 2026-12-01}",
         ("5:19: 'restore-tested' lacks 'of', 'where', 'finished'",)),
        ("backup-evidence: {result: complete, of: [], where: x, finished: 2026-12-01T03:00, by: A, at: 2026-12-01}",
         ("5:43: of is a list of 0: expected a list of at least 1 item",)),
        ("queue-drained: {confirmed: yes, left: -1, by: A, at: 2026-12-01}", ("5:41: left is '-1'",)),
        ("notices-sent: {which: [0], acknowledged_by: B, by: A, at: 2026-12-01}", ("5:26: an item of which is '0'",)),
        ("disk-space: {by: A, at: 2026-12-01}", ("5:3: check 'disk-space' takes no answer",)),
    ],
)  # fmt: skip
def test_anything_else_than_the_fields_of_an_answer_is_a_fault_of_the_file(
    tmp_path: Path, answer: str, said: tuple[str, ...]
) -> None:
    found = faults(tmp_path, answer)
    assert len(found) == len(said)
    assert all(line.startswith(words) for line, words in zip(found, said, strict=True)), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('source-version: {value: "5.6.1", by: A, at: 2026-12-01, servers: {mx1: "5.5.4"}}',
         'source-version: {version: "5.6.1", by: A, at: 2026-12-01, servers: {mx1: {version: "5.5.4"}}}'),
        ("root-access: {value: password in the safe, by: A, at: 2026-12-01}",
         "root-access: {confirmed: yes/no, who: …, how: …, note: password in the safe, by: A, at: 2026-12-01}"),
        ("support-line: {value: 24x7, by: A}", 'support-line: {confirmed: yes/no, note: "24x7", by: A, at: "…"}'),
        ("backup-evidence: {value: dump and logs of 2026-12-04, by: A, at: 2026-12-04}",
         "backup-evidence: {result: complete/partial/failed, of: [database, logs], where: …, finished: 2026-12-04THH:MM"
         ", note: dump and logs of 2026-12-04, by: A, at: 2026-12-04}"),
        ("database-csm-together: {value: case 01234567, by: A, at: 2026-12-01}",
         'database-csm-together: {case: "01234567", documented_path: yes/no, '
         "note: case 01234567, by: A, at: 2026-12-01}"),
    ],
)  # fmt: skip
def test_free_text_is_one_fault_that_prints_the_new_line(tmp_path: Path, old: str, new: str) -> None:
    (fault,) = faults(tmp_path, old)
    assert fault.startswith("5:3: ") and fault.endswith(f"expected its fields, as in {new}")


def test_the_new_line_of_free_text_is_read_once_it_is_filled_in(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'source-version: {value: "5.6.1", by: A, at: 2026-12-01, servers: {mx1: "5.5.4"}}')
    assert faults(tmp_path, fault.partition("as in ")[2]) == []


def test_free_text_moves_no_cursor_in_the_fault_that_it_makes(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'root-access: {value: "\\e[2J \\u202e no", by: A, at: 2026-12-01}')
    assert fault.isprintable()


def test_an_exception_takes_over_what_it_does_not_say() -> None:
    given = Answers.model_validate({"root-access": {
        "confirmed": "yes", "who": "A", "how": "su -", **BY, "servers": {"mx1": {"who": "B", "by": "B"}},
    }})  # fmt: skip
    own = given.to(RootAccess, "mx1")
    assert own is not None and (own.who, own.how, own.by) == ("B", "su -", "B")
    others = given.to(RootAccess, "mx2")
    assert others is not None and (others.who, others.by) == ("A", "A. Example")
    only = Answers.model_validate({"source-version": {**BY, "servers": {"mx1": {"version": "5.6.1"}}}})
    assert only.to(SourceVersion, "mx1") and only.to(SourceVersion, "mx2") is None and only.to(SourceVersion) is None


def test_an_answer_survives_being_written_as_json(deploy: Deploy) -> None:
    site = deploy("database csm", answers={"root-access": {"confirmed": "no", **BY}})
    assert Deployment.model_validate_json(site.model_dump_json()) == site
    assert json.loads(site.model_dump_json())["answers"]["root-access"]["confirmed"] is False


@pytest.mark.parametrize(
    ("euid", "fields", "outcome"),
    [
        (0, None, "pass"),
        (1001, None, "manual"),
        (1001, {"confirmed": "yes", "who": "A. Example", "how": "no, root is locked"}, "pass"),
        (1001, {"confirmed": "no", "who": "A. Example", "how": "su -"}, "fail"),
        (0, {"confirmed": "no"}, "fail"),  # a person knows of that night, the facts of today
        (None, None, "unknown"),
        (None, {"confirmed": "yes", "who": "A. Example", "how": "su -"}, "pass"),
        (0, {"confirmed": "yes", "who": "A", "how": "su -", "at": "2026-12-06"}, "manual"),
    ],
)
def test_root_is_proved_by_the_facts_unless_a_person_says_no(
    deploy: Deploy, euid: int | None, fields: dict[str, Any] | None, outcome: str
) -> None:
    answers = {"root-access": BY | fields} if fields else {}
    assert word(deploy("database csm", answers=answers), "root-access", host(euid)).outcome == outcome


REACH = {"phone": "+44 20 7946 0999", "contract": None, "case": None, "hours": None}


@pytest.mark.parametrize(
    ("support", "fields", "outcome"),
    [
        ({}, {"confirmed": "yes"}, "manual"),
        ({"phone": "1"}, {"confirmed": "yes"}, "pass"),
        ({"case": "01234567"}, {"confirmed": "yes", "note": "none, closed at weekends"}, "pass"),
        ({"contract": "EX-4711"}, {"confirmed": "no", "note": "24x7"}, "fail"),
        ({"phone": "1", "hours": "24x7, confirmed"}, None, "manual"),
        ({}, {"ended": {"accepted_by": "C. Example", "ticket": "CHG1"}}, "pass"),
        ({}, {"confirmed": "no", "ended": {"accepted_by": "C. Example", "ticket": "CHG1"}}, "pass"),
    ],
)
def test_support_is_confirmed_by_an_answer_and_reached_by_what_is_declared(
    deploy: Deploy, support: dict[str, str], fields: dict[str, Any] | None, outcome: str
) -> None:
    change = deploy("database csm").change.model_dump(mode="json") | {"support": support}
    answers = {"support-line": BY | fields} if fields else {}
    assert word(deploy("database csm", change=change, answers=answers), "support-line").outcome == outcome


def test_a_yes_and_an_end_of_support_contradict_each_other() -> None:
    with pytest.raises(ValidationError):
        SupportLine.model_validate({**BY, "confirmed": "yes", "ended": {"accepted_by": "C", "ticket": "T"}})


def test_the_rehearsal_is_declared_once(tmp_path: Path) -> None:
    said = "{result: complete, on: 2026-11-14, by: A, "
    path = tmp_path / "d.yaml"
    path.write_text(f"{HEAD}  rehearsal: {said}at: 2026-12-01}}\nrehearsal: {said}minutes: {{}}}}\n")
    with pytest.raises(InputError, match="the rehearsal is declared twice"):
        load(path)


@pytest.mark.parametrize(
    ("fields", "printed"),
    [
        (None, "Not confirmed"),
        ({"ended": {"accepted_by": "C. Example", "ticket": "CHG1"}},
         "Ended for good, accepted by C. Example (CHG1)"),
    ],
)  # fmt: skip
def test_support_that_is_not_there_is_told_on_the_decision_page(
    deploy: Deploy, words: Words, fields: dict[str, Any] | None, printed: str
) -> None:
    site = deploy("database csm", "mta mail-filter", answers={"support-line": BY | fields} if fields else {})
    made = Edition(site, {}, judge(site, {}, NOW), build(site, {}, words), words, None)
    assert printed in str(decision(made)[0].blocks)
