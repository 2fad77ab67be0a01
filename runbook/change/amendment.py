"""What a new revision of a package changes: what is printed and sent again, and which fields somebody has to amend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from checker.errors import InputError
from checker.inputs.deployment import Deployment
from checker.legible import cut
from checker.marks import LARGEST
from checker.text_file import read_bytes
from runbook.change.letters import Letter, letters, plain_letter
from runbook.change.manifest import read_manifest
from runbook.change.record import Record
from runbook.change.servicenow import ServiceNow, servicenow
from runbook.pages.page_model import Bullets, Cell, Paragraph, Part, Table
from runbook.pages.sources import speak
from runbook.plan import what_changed
from runbook.plan.plan_model import Plan

# what the usual systems lock once the change is approved
LOCKED = ("start_date", "end_date", "type", "risk", "impact", "implementation_plan", "backout_plan", "test_plan")


@dataclass(frozen=True)
class Earlier:
    """The package that a revision follows: its revision, its plan, its record, and its notices by name."""

    revision: int
    plan: Plan
    record: ServiceNow
    notices: Mapping[str, str]


def earlier(directory: Path) -> Earlier:
    """What an earlier package holds of it; InputError where it is none, or one of another version."""
    manifest = read_manifest(directory)
    try:
        record = ServiceNow.model_validate_json(_content(directory / "change" / "servicenow.json"))
        revision = int(manifest.revision)
    except (ValidationError, ValueError):
        raise InputError(f"{directory}: is of another version of pmx-preflight: make a package elsewhere") from None
    return Earlier(
        revision=revision,
        plan=what_changed.earlier_plan(directory / "plan.json"),
        record=record,
        notices={path.stem: _content(path).decode() for path in sorted((directory / "notices").glob("*.txt"))},
    )


def _content(path: Path) -> bytes:
    return read_bytes(path, LARGEST, "a file of a package")


def revised(deployment: Deployment, revision: int) -> Deployment:
    """The deployment as another revision of its change."""
    return deployment.model_copy(update={"change": deployment.change.model_copy(update={"revision": revision})})


def amendment(record: Record, old: Earlier) -> Part:
    """The amendment as a page: printed again, sent again, to be amended in the change record."""
    made = record.edition
    say = speak(made, "amendment", "change")
    found = what_changed.changes(old.plan, made.plan, made.time)
    told = what_changed.in_words(found, old.plan.digest).splitlines()
    fields = tuple(_fields(old.record, servicenow(record)))
    heads = made.words.items("change", "amendment", "head")
    return Part("amendment", say("title", revision=made.deployment.change.revision, before=old.revision), (
        Paragraph(say("text")),
        Bullets(tuple(line.strip() for line in told)),
        Paragraph(say("again")),
        Bullets(tuple(_again(old.notices, letters(made))) or (say("none"),)),
        Table(say("fields"), heads, fields, empty=say("none")),
    ))  # fmt: skip


def _again(before: Mapping[str, str], now: Iterator[Letter]) -> Iterator[str]:
    """The notices that read differently, and those that there were not before."""
    for letter in now:
        if before.get(letter.name) != plain_letter(letter):
            yield f"{letter.name}: {letter.subject}"


def _fields(old: ServiceNow, new: ServiceNow) -> Iterator[tuple[Cell, ...]]:
    before, now = old.change_request.model_dump(), new.change_request.model_dump()
    for name in LOCKED:
        if before[name] != now[name]:
            yield f"change_request.{name}", _short(before[name]), _short(now[name])
    planned = {task.short_description: task for task in old.change_task}
    for task in new.change_task:
        was = planned.pop(task.short_description, None)
        for name in ("planned_start_date", "planned_end_date"):
            if getattr(was, name, "") != getattr(task, name):
                yield f"{task.short_description}: {name}", getattr(was, name, "") or "–", getattr(task, name) or "–"
    yield from ((f"{name}: change_task", "–", "–") for name in planned)


def _short(text: str) -> str:
    """A field as a line; a long text is named by its first words."""
    return cut(" ".join(text.split()), 60)
