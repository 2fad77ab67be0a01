"""The change record as the files that change systems take, by their names within the package."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from checker.inputs.deployment import role_names
from checker.outputs.json_text import pieces
from checker.outputs.tables import harmless
from runbook.change.record import Record
from runbook.change.servicenow import servicenow
from runbook.pages.page_model import Blank, Bullets, Fields, Paragraph, Part, Table
from runbook.pages.times import ISO, utc
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown

COLUMNS = (
    "place", "night", "server", "hostname", "addresses", "roles", "ci", "start_utc", "latest_end_utc", "likely_minutes",
    "longest_minutes", "first_step", "last_step",
)  # fmt: skip


def record_files(record: Record, templates: Path | None = None) -> Iterator[tuple[str, str]]:
    """Each file of the record, its name and its text."""
    yield "change/servicenow.json", "".join(pieces(servicenow(record)))
    yield "change/change.md", to_markdown(record.book, templates=templates)
    yield "change/change.html", to_html(record.book, paper="a4", templates=templates)
    yield "change/servers.csv", servers_csv(record)
    yield "change/review.md", record.page(review(record), templates)
    yield "change/TODO.md", record.page(todo(record), templates)


def servers_csv(record: Record) -> str:
    """A row for each server, in the order of the plan; no cell is a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    deployment, plan = record.edition.deployment, record.edition.plan
    for task in record.tasks:
        if task.server is None:
            continue
        server, own = deployment.server(task.server), plan.of(task.server)
        cells = (
            plan.place[server.name] + 1, task.night, server.name, server.hostname, " ".join(server.addresses),
            ", ".join(role_names(server.roles)), server.ci, utc(task.starts, ISO), utc(task.ends, ISO), *task.minutes,
            own[0].number, own[-1].number,
        )  # fmt: skip
        rows.writerow([harmless("" if cell is None else str(cell)) for cell in cells])
    return text.getvalue()


def todo(record: Record) -> Part:
    """What the form still asks for, with a box for each."""
    lines = tuple(f"{place}: {what}" for place, what in record.missing)
    if not lines:
        return Part("todo", record.say("todo"), (Paragraph(record.say("todo-none")),))
    return Part("todo", record.say("todo"), (Paragraph(record.say("todo-caption")), Bullets(lines, ticks=True)))


def review(record: Record) -> Part:
    """What the board reads afterwards, with blanks: the night fills it."""
    edition = record.edition
    head = tuple(record.say(f"review-{name}") for name in ("task", "planned", "actual", "deviation"))
    rows = tuple(
        (task.title, f"{edition.time(task.starts)} – {edition.time(task.ends)}", Blank(width=16), Blank(width=24))
        for task in record.tasks
        if task.kind != "review"
    )
    asked = edition.words.items("change", "record", "review-asked")
    return Part("review", record.say("review"), (
        Paragraph(record.say("review-text")),
        Table(record.say("review-tasks"), head, rows),
        Fields(tuple((label, Blank(width=40)) for label in asked)),
    ))  # fmt: skip
