"""The change record: what a form asks for, from the pages of the board and from what is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from checker.legible import cut
from checker.outputs.merged import merged
from checker.report import open_items
from checker.schedule.step_catalogue import Form
from runbook.change.plain import plain
from runbook.change.tasks import Task, tasks
from runbook.pages.board.backout import backout_part
from runbook.pages.board.decision import decision
from runbook.pages.board.impact import impact_part
from runbook.pages.board.order_and_gates import order_and_gates
from runbook.pages.board.risks import risks
from runbook.pages.page_model import Block, Bullets, Figure, Paragraph, Part, Runbook, Signatures, Table
from runbook.pages.sources import Edition, speak
from runbook.pages.whole_set import compose
from runbook.render.markdown import to_markdown

TITLE = 160  # characters of a short description, as ServiceNow has it
# forms of step that show whether version 6 does its work
TESTED: frozenset[Form] = frozenset({
    "start-look", "start-csm", "verify", "counts-after", "test", "test-each", "soak", "retry", "recheck-after",
})  # fmt: skip
# what only the site can say, by its name in the file; each in words is a row of change.toml
ASKED = ("type", "service", "assignment_group", "requested_by", "approvers", "authority", "risk", "impact", "reason")


@dataclass(frozen=True)
class Record:
    """The record of one edition: its title, its tasks and its parts, each a page of its own."""

    edition: Edition

    @cached_property
    def title(self) -> str:
        """What is changed, in at most TITLE characters."""
        return cut(self.say("title", count=len(self.edition.plan.order)), TITLE)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        made = self.edition
        return tasks(made.deployment, made.plan, made.words, made.zone)

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """Its parts by name, in the order in which they are read."""
        return {part.id: part for part in self._parts()}

    @cached_property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """What is not declared: where it stands in the deployment file, and what it is."""
        change = self.edition.deployment.change
        lacking = [(f"change.{name}", self.say(name)) for name in ASKED if not getattr(change, name)]
        names = [server.name for server in self.edition.deployment.servers if server.ci is None]
        if names:
            lacking.append(("servers[].ci", self.say("ci", servers=names)))
        return tuple(lacking)

    def text(self, *names: str) -> str:
        """Parts as plain text."""
        return plain(block for name in names if name in self.parts for block in self.parts[name].blocks)

    @cached_property
    def book(self) -> Runbook:
        """The record as pages."""
        parts = tuple(replace(part, document="board") for part in self.parts.values())
        return replace(
            compose(self.edition, ()), title=self.title, parts=parts, documents=(("board", self.say("name")),)
        )

    def page(self, part: Part, templates: Path | None = None) -> str:
        """A page beside the record, as Markdown."""
        own = replace(self.book, title=part.title, parts=(replace(part, document="board"),), documents=())
        return to_markdown(own, templates=templates)

    def say(self, field: str, **values: object) -> str:
        """A sentence of the record."""
        return speak(self.edition, "record", "change")(field, **values)

    def _parts(self) -> Iterator[Part]:
        made = self.edition
        page, rest = decision(made)
        yield replace(page, blocks=_told(page.blocks), one_page=False, kind="page")
        reason = made.deployment.change.reason
        if reason:
            yield Part("justification", self.say("justification"), (Paragraph(reason),))
        if rest is not None:
            yield rest
        impact = impact_part(made)
        yield replace(impact, id="impact", blocks=_told(impact.blocks))
        yield replace(order_and_gates(made), id="order", flows=False)
        yield Part("tasks", self.say("tasks"), (self._tasks(),))
        yield Part("test", self.say("test"), (self._tests(),))
        yield replace(backout_part(made), flows=False)
        yield Part("risks", self.say("risks"), (risks(made),))
        yield Part("people", self.say("people"), tuple(self._people()))
        yield Part("open-items", self.say("open"), (self._open(),))

    def _tasks(self) -> Table:
        rows = tuple(
            (
                self.edition.time(task.starts),
                self.edition.time(task.ends),
                self.say(f"kind-{task.kind}"),
                f"{task.title} ({task.number})" if task.number else task.title,
                task.lines[0],
            )
            for task in self.tasks
        )
        return Table(self.say("tasks"), self._head("task-head"), rows)

    def _tests(self) -> Table:
        rows = tuple(
            (step.number, step.server or "–", step.title, step.expect or "–", step.if_not or "–")
            for step in self.edition.plan.steps
            if step.form in TESTED
        )
        return Table(self.say("test"), self._head("test-head"), rows)

    def _open(self) -> Block:
        report = self.edition.report
        items = tuple(
            self.say("open-item", finding=row.finding, where=row.subjects, at=self.edition.time(row.finding.due_at))
            for row in merged(open_items(report), report.strict)
        )
        return Bullets(items, ticks=True) if items else Paragraph(self.say("nothing"))

    def _people(self) -> Iterator[Block]:
        change = self.edition.deployment.change
        contacts = tuple((c.role, c.name, c.phone or "–", c.email or "–") for c in change.contacts)
        yield Table(self.say("people"), self._head("people-head"), contacts)
        said = [(name, getattr(change, name)) for name in ("requested_by", "authority")]
        said.append(("approvers", ", ".join(change.approvers)))
        yield from (Paragraph(f"{self.say(name)}: {text}") for name, text in said if text)

    def _head(self, field: str) -> tuple[str, ...]:
        return self.edition.words.items("change", "record", field)


def _told(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """What a form can take: nobody signs in it, and a drawing's numbers stand in the table below it."""
    return tuple(block for block in blocks if not isinstance(block, Signatures | Figure))
