"""The command `pmx-preflight`: options in, one of the commands run, an exit code out.

Nothing heavy is imported at the top, so that --version and usage errors are quick.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from checker import __version__
from checker.errors import InputError, OutputError
from runbook import terminal
from runbook.cli import changes, hosts, lookups
from runbook.cli.formats import FORMATS, Shown, by_ending
from runbook.cli.options import (
    ArchiveOption,
    BaselineDir,
    CacheOption,
    DeploymentFile,
    DocumentOption,
    DoneOption,
    FactsDir,
    ForceOption,
    FormatOption,
    InventoryOption,
    JobsOption,
    NowOption,
    PaperOption,
    ServerOption,
    SshOption,
    StageOption,
    TemplatesOption,
    ThroughOption,
    TimeoutOption,
    ViaOption,
    question,
)
from runbook.exit_codes import Ended

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Checks every demand of a PureMessage for UNIX 5.6.1 to 6 upgrade, and writes the runbook for the night.",
)


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """The version has been answered before; the option stands here for the help."""


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(help="The directory to write to.")] = Path("pmx-preflight-demo"),
    force: ForceOption = False,
) -> None:
    """Check a built-in sample of three servers and write its report and its runbook."""
    from runbook.cli.demo import demo as run

    run(directory, force)


@app.command()
def check(
    deployment: DeploymentFile,
    facts: FactsDir = None,
    via: ViaOption = None,
    baseline: BaselineDir = None,
    stage: StageOption = "change",
    server: ServerOption = None,
    done: DoneOption = None,
    done_through: ThroughOption = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this check (repeatable).")] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", help="Leave out this check (repeatable).")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as blockers.")] = False,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="A trial on another day: ignore the calendar; the verdict is never GO.")
    ] = False,
    form: FormatOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write to this file instead of the terminal.")
    ] = None,
    now: NowOption = None,
    inventory: InventoryOption = None,
    ssh: SshOption = "ssh",
    jobs: JobsOption = 50,
    timeout: TimeoutOption = 60.0,
    force: ForceOption = False,
) -> None:
    """Check a deployment against its collected facts. Without --facts, collect them first.

    Exit 0: GO, 1: NO-GO, 3: NOT-CLEARED, 2: wrong usage or input.
    """
    import os
    import shutil

    from checker import files
    from checker.checks.cure import with_cure
    from checker.outputs.console import wants_colour
    from checker.report import EXIT_CODES, wording
    from runbook.cli import common_arguments, pipeline

    declared = common_arguments.read_deployment(deployment)
    if output:
        files.check_apart([output], [deployment, facts, baseline, inventory])
    wanted = FORMATS[form or (by_ending(output) if output else "console")]
    if output:
        files.check_writable(output, wanted.kind, force)
    if facts and via:
        raise InputError("--facts and --via cannot be combined: expected one of them")
    at = common_arguments.parse_time(now, declared)
    seen = pipeline.load_facts(facts)
    before = pipeline.load_facts(baseline) if baseline else None
    asked = question(
        stage, server, common_arguments.finished(declared, done, done_through), only, skip, strict, rehearsal, now
    )
    pipeline.check_question(declared, asked)
    if facts is None:
        from runbook.cli import collecting

        way = collecting.Way(via or "ssh", asked.servers, inventory=inventory, ssh=ssh, jobs=jobs, timeout=timeout)
        seen = collecting.gather_or_say(declared, way, None, force=False)
        at = at if now else common_arguments.parse_time(None, declared)
    said = with_cure(pipeline.report(declared, seen, at, asked, before), declared, seen, before)
    width = shutil.get_terminal_size((100, 24)).columns
    colour = output is None and wants_colour(sys.stdout, os.environ)
    text = wanted.write(said, Shown(width, colour, declared.change.zone))
    if output:
        files.write_whole(output, text, wanted.kind, force=force)
        print(f"{wording(said)}: report written to {output}", file=sys.stderr)
    else:
        (sys.stdout.writelines if wanted.for_people else terminal.write_pieces)(text)
    raise typer.Exit(EXIT_CODES[said.verdict])


@app.command()
def runbook(
    deployment: DeploymentFile,
    output: Annotated[list[Path], typer.Option("-o", "--output", help="FILE.md, .html, .pdf or .json (repeatable).")],
    facts: FactsDir = None,
    baseline: BaselineDir = None,
    stage: StageOption = "change",
    done: DoneOption = None,
    done_through: ThroughOption = None,
    templates: TemplatesOption = None,
    reader: DocumentOption = None,
    slip: Annotated[bool, typer.Option("--slip", help="Print only the one-hour page.")] = False,
    combined: Annotated[bool, typer.Option("--combined", help="One PDF for all servers.")] = False,
    archive: ArchiveOption = False,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="An earlier plan: list the sheets to print again.")
    ] = None,
    cache: CacheOption = True,
    paper: PaperOption = "a4",
    require_go: Annotated[
        bool, typer.Option("--require-go", help="Set the exit code by the verdict, as check does.")
    ] = False,
    now: NowOption = None,
    force: ForceOption = False,
) -> None:
    """Write the runbook. Without --facts, write a complete draft, marked as such, and contact no server."""
    from checker.report import EXIT_CODES, wording
    from runbook import site_check
    from runbook.cli import common_arguments, pipeline
    from runbook.pages.page_model import PRINTED
    from runbook.plan import what_changed
    from runbook.plan.given_files import given_files
    from runbook.render import missing_letters, writing
    from runbook.render.printing import cache_directory

    if reader and slip:
        raise InputError("--slip is one page of the night book: leave --for out")
    declared = common_arguments.read_deployment(deployment)
    form = writing.Form(
        paper, templates, (reader,) if reader else PRINTED, slip, combined, archive,
        cache_directory() if cache else None, force,
        inputs=(deployment, facts, baseline, templates, previous),
    )  # fmt: skip
    site_check.check(templates)
    writing.check_outputs(output, form)
    old = what_changed.earlier_plan(previous) if previous else None
    at = common_arguments.parse_time(now, declared)
    seen = pipeline.load_facts(facts)
    before = pipeline.load_facts(baseline) if baseline else None
    asked = question(stage, None, common_arguments.finished(declared, done, done_through), now=now)
    said = pipeline.report(declared, seen, at, asked, before)
    names = given_files(deployment, facts, baseline, Path.cwd(), {host.via for host in seen.values()})
    made = pipeline.edition(declared, seen, said, templates, old, names)
    changed = what_changed.in_words(what_changed.changes(old, made.plan, made.time), old.digest) if old else ""
    for path in writing.write(made, output, form, terminal.printed):
        print(path)
    sys.stderr.write(changed)
    if any(path.suffix == ".pdf" for path in output):
        sys.stderr.write(missing_letters.warning(declared, templates))
    print(f"{wording(said)} at stage {said.stage}; plan {made.plan.digest}", file=sys.stderr)
    if require_go:
        raise typer.Exit(EXIT_CODES[said.verdict])


@app.command()
def read(
    filled: Annotated[list[Path], typer.Argument(metavar="FILLED.pdf …", help="All volumes of one filled runbook.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write to this file instead of the terminal.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Read the boxes and values of a filled PDF as JSON, and list what is missing."""
    from checker import files
    from checker.legible import several, visible
    from checker.marks import FILLED
    from runbook.cli.collecting import write_output
    from runbook.render import read_back as reading

    if output:
        files.check_apart([output], filled)
        files.check_writable(output, FILLED, force)
    found = reading.read(filled)
    write_output(output, reading.to_json(found), FILLED, force)
    print(
        f"plan {visible(found.plan)}: {len(found.missing)} of {several(len(found.fields), 'field')} missing",
        file=sys.stderr,
    )


for command in (
    changes.package, changes.support_bundle, changes.verify, hosts.collect, hosts.probe, hosts.diff, hosts.init,
    lookups.rules, lookups.explain, lookups.answer, lookups.waive, lookups.templates, lookups.schema,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """The command, and the one place where it ends: a line for each fault, and an exit code of README's table."""
    # nearly all that is made lives to the end: to look through it for what died takes a tenth of a short command
    gc.set_threshold(20_000, 50, 100)
    terminal.take_over()
    terminal.leave(_ended())


def _ended() -> int:
    code = 0
    try:
        try:
            if sys.argv[1:] == ["--version"]:
                print(f"pmx-preflight {__version__}")
            else:
                app(prog_name="pmx-preflight")
        except SystemExit as ended:
            code = int(ended.code or 0)
        sys.stdout.flush()
        return code
    except InputError as wrong:
        for line in wrong.lines:
            print(line, file=sys.stderr)
        return Ended.REFUSED
    except OutputError as wrong:
        print(wrong, file=sys.stderr)
        return Ended.NOT_WRITTEN
    except terminal.Closed:
        terminal.end_as_closed()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return Ended.INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in terminal.UNWRITTEN:
            place = error.filename or "a temporary file (in TMPDIR)"
            print(f"{place}: {error.strerror}: the output is incomplete", file=sys.stderr)
            return Ended.NOT_WRITTEN
        import traceback

        traceback.print_exc()
        print("This is a bug of pmx-preflight. Please report it with the lines above.", file=sys.stderr)
        return Ended.BUG
