"""The package of a change: every document, the report and the plan in one directory, whole or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from checker import __version__, files
from checker.errors import InputError
from checker.marks import MANIFEST, Kind
from runbook.change import approval
from runbook.change.amendment import Earlier, amendment
from runbook.change.calendars import calendars
from runbook.change.letters import letter_files
from runbook.change.manifest import NAME, Altered, Manifest, altered, read_manifest, sum_of, sums
from runbook.change.record import Record
from runbook.change.record_files import record_files
from runbook.pages.page_model import Document
from runbook.pages.sources import Edition
from runbook.render import writing
from runbook.render.printing import Progress

PAPERS: tuple[tuple[str, Document], ...] = (
    ("change.pdf", "board"),
    ("night.pdf", "night"),
    ("help-desk.pdf", "help-desk"),
    ("evidence.pdf", "evidence"),
)
WHOLE = ("runbook.html", "runbook.md", "plan.json")


def check_place(directory: Path) -> None:
    """InputError where a package cannot be put there: something is there that is no untouched package of ours."""
    files.check_directory(directory)
    if not directory.exists() or not any(directory.iterdir()):
        return
    if not (directory / NAME).is_file():
        raise InputError(f"{directory}: is there, and is no package of ours: name another directory, or move it away")
    found = altered(directory, read_manifest(directory))
    if found:
        raise InputError(f"{directory}: {in_words(found)}: keep it under another name, or name another directory")


def in_words(found: Altered) -> str:
    """What is no longer as it was written, in a line."""
    said = (
        f"{name} {what}"
        for names, what in (
            (found.changed, "was changed"),
            (found.missing, "is missing"),
            (found.added, "was put there by somebody else"),
        )
        for name in names
    )
    return "; ".join(said)


def write_package(
    made: Edition,
    directory: Path,
    form: writing.Form,
    beside: Mapping[str, tuple[Kind | None, Iterable[str]]],
    progress: Progress = lambda done, total: None,
    old: Earlier | None = None,
    signing: approval.Signing | None = None,
) -> Manifest:
    """Writes the package with what comes beside the documents, whole or not at all, and returns its manifest.

    With the `old` one that it follows it holds the amendment too.
    InputError where the place is refused or the key cannot sign, OutputError where the system cannot write there; then
    nothing has changed.
    """
    check_place(directory)
    with files.whole_directory(directory) as place:
        for name, document in PAPERS:
            writing.write(made, [place / name], replace(form, documents=(document,)), progress)
        others = [files.Output(place / name, kind, text) for name, (kind, text) in beside.items()]
        writing.write(made, [place / name for name in WHOLE], form, progress, others)
        record = Record(made)
        for name, content in (
            *record_files(record, form.templates),
            *letter_files(record, form.templates),
            *calendars(made, record.tasks),
            *((("change/amendment.md", record.page(amendment(record, old), form.templates)),) if old else ()),
        ):
            (place / name).parent.mkdir(exist_ok=True)
            files.write_whole(place / name, content if isinstance(content, bytes) else [content], None)
        report, change = made.report, made.deployment.change
        manifest = Manifest(
            deployment=made.deployment.deployment,
            change=change.number,
            revision=str(change.revision),
            plan=made.plan.digest,
            facts=report.facts_id or "",
            declared=report.deployment_digest,
            tool=__version__,
            rules=report.rules_version,
            files=sums(place),
        )
        if signing:
            manifest = approve(place, manifest, signing)
        files.write_whole(place / NAME, [manifest.text()], MANIFEST)
    return manifest


def approve(place: Path, manifest: Manifest, signing: approval.Signing) -> Manifest:
    """Puts the board's approval of all other files into a package that is being written; the manifest with both files.

    InputError where the key cannot sign.
    """
    names = approval.files_of("board")
    statement = approval.statement_of("board", manifest, signing).content()
    signed = approval.sign(statement, signing.key, approval.namespace("board"))
    (place / names[0]).parent.mkdir()
    files.write_all(
        files.Output(place / name, None, content) for name, content in zip(names, (statement, signed), strict=True)
    )
    return replace(manifest, files={**manifest.files, **{name: sum_of(place / name) for name in names}})
