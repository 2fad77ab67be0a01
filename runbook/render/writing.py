"""The set into files: every form that the outputs' endings name, all rendered before the first is written."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from time import time

from pydantic import BaseModel

from checker import files
from checker.errors import InputError, OutputError
from checker.facts import facts_store
from checker.marks import HTML, MARKDOWN, PDF, PLAN, Kind
from checker.outputs.json_text import escaped, pieces
from checker.signals import ended_by_signals
from runbook.pages.night.cover import slip
from runbook.pages.page_model import PRINTED, Document, Runbook
from runbook.pages.sources import Edition
from runbook.pages.volumes import ALONE, places, volumes
from runbook.pages.whole_set import compose
from runbook.render.escaping import mark
from runbook.render.html import Paper, print_style, shipped, to_html
from runbook.render.markdown import to_markdown
from runbook.render.pdf import Attached, attach, source_date
from runbook.render.printing import Progress, Sheetful, content, print_all, printers, trusted

SCRATCH = "pmx-preflight-"
ENDED = 24 * 3600  # seconds; the longest that any run of ours lasts is one night
KINDS: dict[str, Kind] = {".md": MARKDOWN, ".html": HTML, ".pdf": PDF, ".json": PLAN}


@dataclass(frozen=True)
class Form:
    """How the set is written, `documents` of it.

    `cache` is where printed volumes are kept, if anywhere; `inputs` are never replaced.
    """

    paper: Paper = "a4"
    templates: Path | None = None
    documents: tuple[Document, ...] = PRINTED
    only_slip: bool = False
    combined: bool = False
    archive: bool = False
    cache: Path | None = None
    force: bool = False
    inputs: tuple[Path | None, ...] = ()


def check_outputs(outputs: Sequence[Path], form: Form) -> None:
    """InputError before anything is contacted or made, where an output cannot be written or is not ours."""
    if not outputs:
        raise InputError("nothing to write: name at least one file with -o, ending in .md, .html, .pdf or .json")
    for path in outputs:
        if path.suffix not in KINDS:
            raise InputError(f"{path}: the ending says what is written: expected {', '.join(KINDS)}")
    _check_places(outputs, form)


def write(
    made: Edition,
    outputs: Sequence[Path],
    form: Form,
    progress: Progress = lambda done, total: None,
    beside: Sequence[files.Output] = (),
) -> tuple[Path, ...]:
    """Write the set and what comes beside it, all or nothing, and return the set's files.

    A PDF of more servers than one file holds comes in volumes beside it.
    """

    @cache
    def book() -> Runbook:
        """Composed for the first page that is asked for: a plan alone has none."""
        if form.only_slip:
            return replace(compose(made, ()), parts=(slip(made),))
        return compose(made, form.documents)

    whole = form.only_slip or form.combined or len(made.plan.order) <= ALONE
    pdf = any(path.suffix == ".pdf" for path in outputs)
    several = pdf and not whole
    with ended_by_signals(), printers(several) as by, _kept(form.cache) if pdf else nullcontext(Path()) as place:
        books = () if not pdf else (book(),) if whole else volumes(book())
        files_of = {path: places(path, len(books)) if path.suffix == ".pdf" else (path,) for path in outputs}
        _check_places([file for own in files_of.values() for file in own], form)
        ready = [*beside]
        for path, own in files_of.items():
            if path.suffix == ".pdf":
                pdfs = print_all(_jobs(made, books, form), len(books), place, by, progress)
                ready += (
                    files.Output(file, PDF, partial(content, pdf), form.force)
                    for file, pdf in zip(own, pdfs, strict=True)
                )
            else:
                ready.append(files.Output(path, KINDS[path.suffix], _text(made, book, path, form), form.force))
        files.write_all(ready)
    return tuple(file for own in files_of.values() for file in own)


@contextmanager
def _kept(cache: Path | None) -> Iterator[Path]:
    """Where printed volumes lie until they are put where they belong: the cache, or a directory that goes again."""
    try:
        _clear_scratch(Path(gettempdir()))  # the printer itself needs a place for fonts
        place = trusted(cache)
        directory = nullcontext(str(place)) if place else TemporaryDirectory(prefix=SCRATCH)
    except OSError as error:
        raise OutputError(
            f"no temporary file can be created ({error.strerror}): name a directory for them in TMPDIR"
        ) from None
    with directory as name:
        yield Path(name)


def _clear_scratch(beside: Path) -> None:
    """Takes away the directories of this user's runs that were killed, once they are a day old."""
    with suppress(OSError):
        for path in beside.glob(f"{SCRATCH}*"):
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and status.st_mtime < time() - ENDED:
                rmtree(path, ignore_errors=True)


def _text(made: Edition, book: Callable[[], Runbook], path: Path, form: Form) -> Iterable[str]:
    if path.suffix == ".html":
        return to_html(book(), paper=form.paper, templates=form.templates)
    if path.suffix == ".md":
        return to_markdown(book(), templates=form.templates)
    return pieces(made.plan)


def _check_places(paths: Sequence[Path], form: Form) -> None:
    resolved = [path.resolve() for path in paths]
    for path in paths:
        if resolved.count(path.resolve()) > 1:
            raise InputError(f"{path}: named twice")
        files.check_writable(path, KINDS[path.suffix], form.force)
    files.check_apart(paths, form.inputs)


def _jobs(made: Edition, books: Sequence[Runbook], form: Form) -> Iterator[Sheetful]:
    front, others = (print_style(books[at], form.paper, form.templates) for at in (0, -1))
    for one in books:
        yield Sheetful(
            html=to_html(one, for_print=True, paper=form.paper, templates=form.templates, styled=False),
            style=others if one.volume else front,
            words=mark(one),
            made_at=source_date() if one.volume else made.now,
            archive=form.archive,
            attached=_attached(made) if "evidence" in form.documents and not one.volume else (),
            as_xml=shipped(form.templates),
        )


def _attached(made: Edition) -> tuple[Attached, ...]:
    return (
        attach("facts.json", "What each host said", facts_store.together(made.facts)),
        attach("plan.json", "The plan behind these pages", _in_pieces(made.plan, "steps")),
        attach("report.json", "The report behind these pages", _in_pieces(made.report, "findings")),
    )


def _in_pieces(model: BaseModel, rows: str) -> Iterator[str]:
    """The model as JSON, the rows of its longest list one by one."""
    rest = model.model_dump_json(exclude={rows}).removesuffix("}")
    for piece in _listed(f'{rest},"{rows}":[', (row.model_dump_json() for row in getattr(model, rows)), "]}"):
        yield escaped(piece)


def _listed(opening: str, rows: Iterable[str], closing: str) -> Iterator[str]:
    yield opening
    for number, row in enumerate(rows):
        yield f",\n{row}" if number else row
    yield closing
