"""The main job on a built-in sample: check its facts, print the report, write report and runbook."""

import os
import shutil
import sys
from pathlib import Path

from checker import files
from checker.errors import InputError
from checker.outputs.console import wants_colour
from runbook import terminal
from runbook.cli import common_arguments, pipeline
from runbook.cli.formats import FORMATS, Shown
from runbook.render import writing
from runbook.resources import resource

SAMPLE, NOW = "county-mail", "2026-12-05T20:45+01:00"
FILES = ("report.json", "runbook.md", "runbook.html", "runbook.pdf")


def demo(directory: Path, force: bool) -> None:
    """Write the sample's report and runbook into a directory, made if it is not there, and say where they are."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{directory}: {error.strerror}: name a directory that can be created") from None
    outputs = [directory / name for name in FILES]
    files.check_writable(outputs[0], FORMATS["json"].kind, force)
    writing.check_outputs(outputs[1:], writing.Form(force=force))
    sample = resource("samples") / SAMPLE
    declared = common_arguments.read_deployment(sample / "deployment.yaml")
    facts = pipeline.load_facts(sample / "facts")
    now = common_arguments.parse_time(NOW, declared)
    baseline = pipeline.load_facts(sample / "baseline")
    said = pipeline.report(declared, facts, now, pipeline.Question(stage="server", now_given=True), baseline)
    width = shutil.get_terminal_size((100, 24)).columns
    colour = wants_colour(sys.stdout, os.environ)
    sys.stdout.writelines(FORMATS["console"].write(said, Shown(width, colour, declared.change.zone)))
    report = FORMATS["json"].write(said, Shown(width, False, declared.change.zone))
    made = pipeline.edition(declared, facts, said)
    beside = [files.Output(outputs[0], FORMATS["json"].kind, report, force)]
    writing.write(made, outputs[1:], writing.Form(force=force), terminal.printed, beside)
    print(f"\nReport and runbook of {sample / 'deployment.yaml'}:")
    for path in outputs:
        print(f"  {path}")
