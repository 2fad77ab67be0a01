"""What the first edition's sheets forbid, permit or end stands on each sheet that it is for, however it is said."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

import kept_rules
from kept_rules import (
    digest,
    first_edition,
    harmless,
    missing,
    replaced,
    row_text,
    rows_of,
    rules,
    said,
    sentences,
)
from page_texts import texts
from printed_samples import SAMPLES, book, edition

from checker.inputs.deployment import Deployment, Role, Server, role_names
from checker.inputs.minutes import ProcedureKind
from checker.schedule.mail_flow import paths_of
from checker.schedule.nights import nights_of
from checker.schedule.order import order, phase
from runbook.cli import common_arguments, pipeline
from runbook.pages.night.sheet import sheet
from runbook.pages.page_model import Fields, Paragraph, Part, Signatures, StepRow, Steps
from runbook.pages.sources import Edition
from runbook.plan.plan_model import Step

TABLE = kept_rules.read("sheet_rules.toml")
STANDS: dict[str, list[str]] = TABLE.pop("on")
SENTENCES = (337, 250, "309b9a7363f2ace1")
HARMLESS = {
    "Hold the scheduled jobs and the monitoring of {{ server }}",
    "Write down the counts before the upgrade",
    "Compare the counts after the migration with those before",
    "Decide whether further Mail Filters may be upgraded",
    "Decide whether further Mail Transfer Agents may be upgraded",
    "Disk, tree, name and addresses once more, with facts of this hour.",
    "A new installation may begin with old ones or none.",
    "Log, queue and quarantine: a test message does not show what mail of real senders shows.",
    "The cheapest place to stop or to turn back: from the next server on, going back means going back on every "
    "finished one.",
    "{{ hostname or 'host name not declared' }};",
    "{{ addresses | join(', ') or 'addresses not declared' }}",
    ": {{ count }} point{{ 's are' if count != 1 else ' is' }} open",
    "no facts were collected",
    "Stop and back up",
    "Before",
    "{{ count }} kinds of step do not apply: left out.",
}


@dataclass(frozen=True)
class Of:
    """What a circumstance may depend on: the deployment, its servers in their order, the server, and its step."""

    deployment: Deployment
    ordered: tuple[Server, ...]
    server: Server
    step: Step | None = None

    @property
    def after(self) -> tuple[Server, ...]:
        return self.ordered[self.ordered.index(self.server) + 1 :]

    @property
    def members(self) -> set[str]:
        """Of the step's mail path."""
        paths = self.deployment.mail_paths
        return {name for path in paths if self.step and path.name == self.step.path for name in path.members}

    def line(self, kind: ProcedureKind) -> bool:
        """Whether the site's procedure has a line of a kind for this server."""
        return any(not item.roles or self.server.has(*item.roles) for item in self.deployment.procedure.items(kind))


def holding(role: Role) -> Callable[[Of], bool]:
    return lambda of: of.server.has(role)


def brought(via: str) -> Callable[[Of], bool]:
    return lambda of: any(path.via == via for path in paths_of(of.deployment, of.server))


RULES = rules(TABLE)
WHEN: Mapping[str, Callable[[Of], bool]] = {
    "several": lambda of: len(of.ordered) > 1,
    "alone": lambda of: len(of.ordered) == 1,
    "follows": lambda of: bool(of.after),
    "last": lambda of: not of.after,
    "follows-now": lambda of: any(of.server.name in night.servers[:-1] for night in nights_of(of.deployment)),
    "behind": lambda of: of.server is not of.ordered[0],
    "filter-follows": lambda of: any(other.has("mail-filter") for other in of.after),
    "agent-follows": lambda of: any(other.has("mta") for other in of.after),
    "mail-follows": lambda of: any(other.has("mta", "mail-filter") for other in of.after),
    "other-filters": lambda of: any(other.has("mail-filter") for other in of.ordered if other is not of.server),
    "feeders": lambda of: any(other.feeds == (of.server.name,) for other in of.ordered),
    "has-database": lambda of: any(other.has("database") for other in of.ordered),
    "has-csm": lambda of: any(other.has("csm") for other in of.ordered),
    "uses-database": lambda of: not of.server.has("database") and of.server.has("mta", "mail-filter", "euwi", "gwi"),
    "phase-1": lambda of: phase(of.server) == 1,
    "ends-phase-1": lambda of: phase(of.server) == 1 and all(phase(other) > 1 for other in of.after),
    **{role: holding(role) for role in get_args(Role)},
    "no-csm": lambda of: not of.server.has("csm"),
    "migrates": lambda of: of.deployment.migrates(of.server) is not False,
    "undeclared": lambda of: of.deployment.migrates(of.server) is None,
    "options": lambda of: bool(of.deployment.options_on(of.server)),
    "no-options": lambda of: not of.deployment.options_on(of.server),
    "no-site-line": lambda of: of.step is None or of.step.site_text is None,
    "no-drain-line": lambda of: not of.line("drain"),
    "path-alone": lambda of: of.members == {of.server.name},
    "path-shared": lambda of: of.members > {of.server.name},
    "in-path": lambda of: bool(paths_of(of.deployment, of.server)),
    "no-path": lambda of: not paths_of(of.deployment, of.server),
    "in-mail": lambda of: of.server.has("mta", "mail-filter") or bool(paths_of(of.deployment, of.server)),
    **{f"by-{via}": brought(via) for via in ("mx", "lb", "smarthost")},
    "once": lambda of: of.step is not None and of.step.repeatable == "no",
    "unknown-once": lambda of: of.step is not None and of.step.repeatable == "unknown"
    and of.step.kind in ("upgrade", "migrate"),
}  # fmt: skip


def test_the_table_has_every_sentence_of_the_sheets_of_the_first_edition() -> None:
    steps = first_edition("steps")
    forms = list(steps)[list(steps).index("interlock") :]
    words = {form: steps[form] for form in forms} | {"sheet": first_edition("pages")["sheet"]}
    lost = {
        (form, field): sentences(value)
        for form, fields in words.items() for field, value in fields.items()
        if said(TABLE, form, field) != sentences(value)
    }  # fmt: skip
    assert lost == {}


def test_no_sentence_has_left_the_table() -> None:
    assert digest(TABLE) == SENTENCES


def test_a_sentence_that_guards_nothing_has_no_word_that_guards() -> None:
    assert harmless(TABLE) == HARMLESS


def head_text(part: Part) -> str:
    """What stands around the rows of a sheet: the STOP box's question, its fields, its notes and who signs."""
    pieces: list[object] = []
    for block in part.blocks:
        if isinstance(block, Fields):
            pieces.append(block.rows)
        elif isinstance(block, Paragraph):
            pieces.append(block.text)
        elif isinstance(block, Steps):
            pieces.append(block.title)
        elif isinstance(block, Signatures):
            pieces.append(block.who)
    return " ".join(texts(pieces))


def named(of: Of) -> dict[str, str]:
    """What stands for a name in a pattern."""
    server, at = of.server, of.ordered.index(of.server)
    own = {
        "server": server.name, "hostname": server.hostname or server.name,
        "previous": of.ordered[at - 1].name if at else "", "next": of.after[0].name if of.after else "",
        "source": str(of.deployment.paths.source), "target": str(of.deployment.paths.target),
        "roles": ", ".join(role_names(server.roles)),
    }  # fmt: skip
    return {name: re.escape(value) for name, value in own.items()}


def lacking(made: Edition, name: str, used: set[str]) -> list[str]:
    """The rules that are not found on one server's sheet, and the forms; `used` takes those that were looked for."""
    deployment = made.deployment
    whole = Of(deployment, order(deployment.servers), deployment.server(name))
    part, own, usual = sheet(made, name), named(whole), made.say("sheet", "usual")
    rows = {row.id: row_text(row, usual) for row in rows_of(part)}
    head, steps = head_text(part), [step for step in made.plan.steps if step.id in rows]
    found = [
        f"{name}: no step {form}" for form, when in STANDS.items()
        if all(WHEN[each](whole) for each in when) and form not in {step.form for step in steps}
    ]  # fmt: skip
    for rule in RULES:
        looked: list[tuple[Step | None, str]] = [(None, head)] if rule.stands in ("head", "sheet") else [
            (step, rows[step.id]) for step in steps
            if rule.stands in (step.form, "rows") or (rule.stands == "gates" and step.decides)
        ]  # fmt: skip
        for step, text in looked:
            of = Of(deployment, whole.ordered, whole.server, step)
            if step and rule.form == step.form and replaced(deployment, step, rule.field):
                continue
            if all(WHEN[each](of) for each in rule.when):
                used.add(rule.name)
                lost = missing(rule, text, own)
                found += [f"{step.number if step else name} {rule.name}: {lost}"] if lost else []
    return found


def drafts(deploy: Callable[..., Deployment]) -> Iterator[Edition]:
    """Every sample, and what none has: no line of the site's, ways out of the mail of each kind, nothing declared."""
    several = ("database", "csm", "mta", "mta mail-filter", "mail-filter", "euwi gwi")
    everything = "database csm mta mail-filter euwi gwi"
    ways, alone = (
        [{"name": f"by-{via}", "via": via, "members": held} for via in ("mx", "lb", "smarthost")]
        for held in (["s3", "s4", "s5"], ["s1"])
    )
    migration = {"script": True, "options": ["Logs", "Reports"]}
    line = [{"text": "Our line", "command": "ours", "repeatable": "no"}]
    fed = [{"name": "s1", "roles": ["database", "csm"]}, {"name": "s2", "roles": ["mail-filter"]},
           {"name": "s3", "roles": ["mta"], "feeds": ["s2"]}]  # fmt: skip
    for deployment in (
        *(common_arguments.read_deployment(place) for place in sorted(SAMPLES.glob("*/deployment.yaml"))),
        deploy(*several),
        deploy(*several, mail_paths=ways, migration=migration),
        deploy(everything, mail_paths=alone),
        deploy(everything, migration=migration, procedure={"upgrade": line, "migrate": line, "backup": line}),
        deploy(servers=fed),
    ):
        now = deployment.change.nights[0][0] - timedelta(days=20)
        yield pipeline.edition(deployment, {}, pipeline.report(deployment, {}, now, pipeline.Question()))


def test_each_rule_of_the_first_edition_stands_on_each_sheet_that_it_is_for(
    deploy: Callable[..., Deployment],
) -> None:
    used: set[str] = set()
    lost = {
        (made.deployment.deployment, name): found
        for made in drafts(deploy) for name in made.plan.order
        if (found := lacking(made, name, used))
    }  # fmt: skip
    assert lost == {}
    assert {rule.name for rule in RULES} == used  # none is looked for nowhere
    assert {form for form in STANDS if form not in TABLE} == set()


def test_a_sheet_says_of_which_step_the_errors_of_the_database_end() -> None:
    for made in map(edition, ("county-mail", "university-mail")):
        for name in made.plan.order:
            head = head_text(sheet(made, name))
            found = re.search(r"until step (\S+)\. After it a database error is a fault", head)
            assert bool(found) == (not made.deployment.server(name).has("database")), name
            if found:
                verify = next(step for step in made.plan.steps if step.number == found[1])
                assert (verify.form, verify.server) == ("verify", name)


def test_the_answer_at_the_head_of_a_sheet_is_the_one_that_an_upgrade_gives_and_stands_once() -> None:
    made = edition("county-mail")
    usual = made.say("sheet", "usual")
    assert {step.if_not for step in made.plan.steps if step.kind in ("upgrade", "migrate")} == {usual}
    for part in book("county-mail").parts:
        if part.server:
            text = " ".join([head_text(part), *(row_text(row, "") for row in rows_of(part))])
            assert text.count(usual) == 1, part.server


def test_the_size_of_the_database_is_counted_where_it_is() -> None:
    made = edition("county-mail")
    for part in book("county-mail").parts:
        if part.server:
            labels = [note.label for row in rows_of(part) if isinstance(row, StepRow) for note in row.notes]
            assert labels.count("Quarantine files") == 2, part.server
            assert labels.count("Database size") == 2 * made.deployment.server(part.server).has("database")


def test_the_last_server_of_a_night_is_followed_by_a_hold_and_by_no_other_server() -> None:
    made = edition("university-mail")
    last = [night.servers[-1] for night in made.plan.nights]
    said = {step.server: step.text for step in made.plan.steps if step.form == "complete"}
    assert len(last) == 2
    assert said[last[0]].endswith(f'"Server {last[0]} is complete. HOLD until night 2."')
    assert said[last[1]].endswith(f'"Server {last[1]} is complete."')
    assert all("next is" in said[name] for name in made.plan.order if name not in last)
