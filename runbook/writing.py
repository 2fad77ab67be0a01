"""The set into files: every form that the outputs' endings name, all rendered before the first is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checker import facts_store, files
from checker.deployment import Deployment
from checker.errors import InputError
from checker.outputs import machine
from runbook.compose import compose
from runbook.edition import Edition
from runbook.front import slip
from runbook.html import Paper, to_html
from runbook.markdown import to_markdown
from runbook.pages import Runbook
from runbook.pdf import Attached, source_date
from runbook.plan import Plan
from runbook.printing import Progress, Sheetful, print_all
from runbook.rendering import mark
from runbook.volumes import pieces, places, volumes

SUFFIXES = (".md", ".html", ".pdf", ".json")


@dataclass(frozen=True)
class Form:
    """How the set is written. `cache` is where printed volumes are kept, if anywhere."""

    paper: Paper = "a4"
    templates: Path | None = None
    only_slip: bool = False
    combined: bool = False
    archive: bool = False
    cache: Path | None = None
    force: bool = False


def plan_text(plan: Plan) -> str:
    """The plan as JSON, sorted, with a line end."""
    return json.dumps(plan.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def check_outputs(deployment: Deployment, outputs: Sequence[Path], form: Form) -> None:
    """InputError before anything is contacted or made, where an output cannot be written or is not ours."""
    if not outputs:
        raise InputError("nothing to write: name at least one file with -o, ending in .md, .html, .pdf or .json")
    count = 1 if form.only_slip or form.combined else pieces(len(deployment.servers))
    every: list[Path] = []
    for path in outputs:
        if path.suffix not in SUFFIXES:
            raise InputError(f"{path}: the ending says what is written: expected {', '.join(SUFFIXES)}")
        every += places(path, count) if path.suffix == ".pdf" else (path,)
    resolved = [path.resolve() for path in every]
    for path in every:
        if resolved.count(path.resolve()) > 1:
            raise InputError(f"{path}: named twice")
        files.check_writable(path, form.force)


def write(
    made: Edition, outputs: Sequence[Path], form: Form, progress: Progress = lambda done, total: None
) -> tuple[Path, ...]:
    """Write the set, and return its files. A PDF of more servers than one file holds comes in volumes beside it."""
    book = compose(made)
    if form.only_slip:
        book = replace(book, parts=(slip(made),))
    ready: list[tuple[Path, str | bytes]] = []
    for path in outputs:
        if path.suffix == ".pdf":
            pdfs = print_all(_jobs(made, book, form), keep=form.cache, progress=progress)
            ready += zip(places(path, len(pdfs)), pdfs, strict=True)
        elif path.suffix == ".html":
            ready.append((path, to_html(book, paper=form.paper, templates=form.templates)))
        elif path.suffix == ".md":
            ready.append((path, to_markdown(book, templates=form.templates)))
        else:
            ready.append((path, plan_text(made.plan)))
    for path, data in ready:
        files.write_whole(path, data, force=form.force)
    return tuple(path for path, _ in ready)


def _jobs(made: Edition, book: Runbook, form: Form) -> list[Sheetful]:
    books = (book,) if form.only_slip or form.combined else volumes(book)
    return [
        Sheetful(
            html=to_html(one, for_print=True, paper=form.paper, templates=form.templates),
            words=mark(one),
            made_at=source_date() if one.volume else made.now,
            archive=form.archive,
            attached=() if one.volume or form.only_slip else _attached(made),
        )
        for one in books
    ]


def _attached(made: Edition) -> tuple[Attached, ...]:
    facts = {name: json.loads(facts_store.text(made.facts[name])) for name in sorted(made.facts)}
    return (
        Attached("facts.json", "What each host said", json.dumps(facts, indent=1, ensure_ascii=False).encode()),
        Attached("plan.json", "The plan behind these pages", plan_text(made.plan).encode()),
        Attached("report.json", "The report behind these pages", machine.to_json(made.report).encode()),
    )
