"""The commands for the change board: its package, and what became of it. Nothing heavy is imported at the top."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from checker.errors import Fault, InputError
from runbook import terminal
from runbook.cli.options import (
    ArchiveOption,
    BaselineDir,
    CacheOption,
    DeploymentFile,
    DoneOption,
    NowOption,
    PaperOption,
    StageOption,
    TemplatesOption,
    ThroughOption,
    question,
)
from runbook.exit_codes import Ended

if TYPE_CHECKING:
    from runbook.cli.formats import FormatName

KeyOption = Annotated[
    Path, typer.Option("--key", help="The key of the pseudonyms: a file, made where it is missing. Send it to nobody.")
]
DEFAULT_KEY = Path("redaction.key")
REPORTS: dict[str, "FormatName"] = {"report.json": "json", "report.xml": "junit", "report.html": "html"}


def package(
    deployment: DeploymentFile,
    facts: Annotated[Path, typer.Option("--facts", help="Facts collected earlier: a directory.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The directory of the package.")],
    baseline: BaselineDir = None,
    stage: StageOption = "change",
    done: DoneOption = None,
    done_through: ThroughOption = None,
    templates: TemplatesOption = None,
    archive: ArchiveOption = False,
    cache: CacheOption = True,
    paper: PaperOption = "a4",
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse where the change record's form lacks something.")
    ] = False,
    revise: Annotated[
        bool, typer.Option("--revise", help="Make the next revision of the package that is there.")
    ] = False,
    sign: Annotated[
        Path | None, typer.Option("--sign", help="Approve it with this OpenSSH key (the public one: by ssh-agent).")
    ] = None,
    signer: Annotated[
        str | None, typer.Option("--signer", help="Who signs: the name in the list of allowed signers.")
    ] = None,
    role: Annotated[str | None, typer.Option("--role", help="The signer's role (default: change authority).")] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="For outsiders: names, addresses, people and texts by pseudonyms.")
    ] = False,
    key: KeyOption = DEFAULT_KEY,
    now: NowOption = None,
) -> None:
    """Write the change package: every document, the report and the plan, whole or not at all."""
    import sys

    from checker.report import wording
    from runbook import site_check
    from runbook.change.amendment import earlier, revised
    from runbook.change.approval import signing
    from runbook.change.package import check_place, write_package
    from runbook.change.proof.made_from import MadeFrom, source_files
    from runbook.change.record import Record
    from runbook.cli import common_arguments, pipeline
    from runbook.cli.formats import FORMATS, Shown
    from runbook.plan.given_files import given_files
    from runbook.render import missing_letters
    from runbook.render.printing import cache_directory
    from runbook.render.writing import Form

    declared = common_arguments.read_deployment(deployment)
    form = Form(paper, templates, archive=archive, cache=cache_directory() if cache else None)
    for path in (deployment, facts, baseline, templates):
        if path and path.resolve().is_relative_to(output.resolve()):
            raise InputError(f"{output}: holds {path}, which this command reads: name another directory")
    if redact and sign:
        raise InputError("--sign: a signature names its signer: approve the package as it is, without --redact")
    if redact and templates:
        raise InputError("--templates: a site's own words are not redacted: leave them out with --redact")
    site_check.check(templates)
    check_place(output)
    old = earlier(output) if revise else None
    if old and declared.change.revision <= old.revision:
        declared = revised(declared, old.revision + 1)
    at = common_arguments.parse_time(now, declared)
    signed = signing(sign, signer, role, at)
    seen = pipeline.load_facts(facts)
    before = pipeline.load_facts(baseline) if baseline else None
    asked = question(stage, None, common_arguments.finished(declared, done, done_through), now=now)
    if redact:
        source, made = pipeline.redacted(_key(key, output), declared, seen, before, at, asked)
    else:
        names = given_files(deployment, facts, baseline, Path.cwd(), {host.via for host in seen.values()})
        source, judged = MadeFrom(declared, seen, before), pipeline.report(declared, seen, at, asked, before)
        made = pipeline.edition(declared, seen, judged, templates, files=names)
    said = made.report
    lacking = Record(made).missing
    if strict and lacking:
        raise InputError(
            [Fault(str(deployment), None, None, f"{place} is not declared: {what}") for place, what in lacking]
        )
    shown = Shown(0, False, declared.change.zone)
    reports = {name: (FORMATS[key].kind, FORMATS[key].write(said, shown)) for name, key in REPORTS.items()}
    sources = {name: (None, text) for name, text in source_files(source)}
    manifest = write_package(made, output, form, {**reports, **sources}, terminal.printed, old, signed)
    for name in sorted(manifest.files):
        print(output / name)
    sys.stderr.write(missing_letters.warning(declared, templates))
    if old:
        print(f"revision {manifest.revision}: declare it in {deployment} as change.revision", file=sys.stderr)
        print(f"what is printed, sent and amended again: {output / 'change/amendment.md'}", file=sys.stderr)
    if lacking:
        print(f"{len(lacking)} fields of the change record are empty: see {output / 'change/TODO.md'}", file=sys.stderr)
    print(f"{wording(said)} at stage {said.stage}; plan {made.plan.digest}, facts {said.facts_id}", file=sys.stderr)


def _key(path: Path, output: Path) -> bytes:
    """The key of the pseudonyms; says where a new one is. InputError where it would lie in the output."""
    import sys

    from runbook.redaction.secret import key_of

    if path.resolve().is_relative_to(output.resolve()):
        raise InputError(f"{path}: would be sent with {output}: name a file outside it by --key")
    key, is_new = key_of(path)
    if is_new:
        words = "a new key. Keep it, or the same name has another pseudonym next time; send it to nobody"
        print(f"{path}: {words}", file=sys.stderr)
    return key


def support_bundle(
    deployment: DeploymentFile,
    facts: Annotated[Path, typer.Option("--facts", help="Facts collected earlier: a directory.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The directory of the bundle, new or empty.")],
    key: KeyOption = DEFAULT_KEY,
    baseline: BaselineDir = None,
    stage: StageOption = "change",
    done: DoneOption = None,
    done_through: ThroughOption = None,
    now: NowOption = None,
) -> None:
    """Write report, plan, facts and versions for outsiders: names by pseudonyms, verdict and order as they are."""
    from runbook.cli import common_arguments, pipeline
    from runbook.cli.formats import FORMATS, Shown
    from runbook.redaction.bundle import check_place, write_bundle

    declared = common_arguments.read_deployment(deployment)
    check_place(output)
    at = common_arguments.parse_time(now, declared)
    seen = pipeline.load_facts(facts)
    before = pipeline.load_facts(baseline) if baseline else None
    finished = common_arguments.finished(declared, done, done_through)
    asked = question(stage, None, finished, now=now)
    source, made = pipeline.redacted(_key(key, output), declared, seen, before, at, asked)
    shown = Shown(0, False, declared.change.zone)
    report = FORMATS["json"].kind, FORMATS["json"].write(made.report, shown)
    for name in write_bundle(made, source.facts, source.baseline, report, output):
        print(output / name)


def verify(
    given: Annotated[Path, typer.Argument(metavar="DIR", help="A package: the directory that `package` wrote.")],
    facts: Annotated[Path | None, typer.Option("--facts", help="Facts to compare with those of the package.")] = None,
    deployment: Annotated[
        Path | None, typer.Option("--deployment", help="A deployment file to compare with that of the package.")
    ] = None,
    signers: Annotated[
        Path | None, typer.Option("--signers", help="Who may approve: OpenSSH's allowed_signers file.")
    ] = None,
    approval: Annotated[
        Path | None, typer.Option("--approval", help="Another statement than the package's, its .sig beside it.")
    ] = None,
    now: NowOption = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """Show whether a package is as it was written, and what has moved since. Exit 1: something did."""
    import shutil
    import sys

    from checker.outputs.json_text import escaped, pieces
    from runbook.change import signed
    from runbook.change.proof import as_text, verifying
    from runbook.cli import common_arguments, pipeline
    from runbook.resources import resource
    from runbook.words import load_words

    if signers is None and (approval or now):
        raise InputError("--approval and --now are for an approval: say who may sign with --signers FILE")
    at = common_arguments.parse_time(now)
    declared = common_arguments.read_deployment(deployment) if deployment else None
    seen = pipeline.load_facts(facts) if facts else None
    found = verifying.verify_package(given, load_words(resource("templates")), declared, seen)
    if signers:
        found = found.model_copy(update={"approval": signed.approval_of(given, signers, at, approval)})
    if form == "json":
        terminal.write_pieces(map(escaped, pieces(found)))
    else:
        sys.stdout.write(as_text.to_text(found, shutil.get_terminal_size((100, 24)).columns))
    if not found.same:
        raise typer.Exit(Ended.CHANGED)
