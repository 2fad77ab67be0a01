"""The commands that say what is known and print lines to paste: rules, explain, schema, templates, answer, waive."""

import sys
from typing import Annotated, Literal

import typer

from runbook import terminal
from runbook.cli.options import BaselineDir, DeploymentFile, FactsDir, NowOption, StageOption, question


def rules(form: Annotated[Literal["text", "json"], typer.Option("--format")] = "text") -> None:
    """List the vendor's demands and our checks, in both directions."""
    from runbook.cli import explaining

    if form == "json":
        terminal.write_data(explaining.rules_json())
    else:
        sys.stdout.write(explaining.rules_text())


def explain(id: Annotated[str, typer.Argument(metavar="ID", help="A check, a demand (V01 …) or a step.")]) -> None:
    """Explain a check, a demand or a step, and what serves it."""
    from runbook.cli import explaining

    sys.stdout.write(explaining.explain(id))


def answer(
    check: Annotated[str, typer.Argument(metavar="CHECK", help="A check that a person answers.")],
    server: Annotated[str | None, typer.Option("--server", help="For this server alone.")] = None,
) -> None:
    """Ask for the fields of an answer and print the lines for the deployment file."""
    from runbook.cli import answering

    def ask(question: str) -> str | None:
        print(question, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline() or None

    sys.stdout.write(answering.answer(check, server, ask, lambda words: print(words, file=sys.stderr)))


def waive(
    check: Annotated[str, typer.Argument(metavar="CHECK", help="A check that fails and may be waived.")],
    deployment: DeploymentFile,
    facts: FactsDir = None,
    baseline: BaselineDir = None,
    stage: StageOption = "change",
    server: Annotated[str | None, typer.Option("--server", help="For this server alone.")] = None,
    now: NowOption = None,
) -> None:
    """Print the waiver for a failing check, with its bound, to fill in and paste into the deployment file."""
    from runbook.cli import answering, common_arguments, pipeline

    answering.known_check(check, {})
    declared = common_arguments.read_deployment(deployment)
    common_arguments.known_names("--server", (server,) if server else (), [each.name for each in declared.servers])
    before = pipeline.load_facts(baseline) if baseline else None
    asked = question(stage, None, (), [check])
    said = pipeline.report(
        declared, pipeline.load_facts(facts), common_arguments.parse_time(now, declared), asked, before
    )
    sys.stdout.write(answering.waivers(check, said, server))


def templates() -> None:
    """List what a site may replace with --templates DIR, and what each template is given."""
    from runbook.cli.templates import listing

    sys.stdout.write(listing())


def schema(
    name: Annotated[
        Literal["deployment", "facts", "report", "plan", "difference", "servicenow", "verified"],
        typer.Argument(metavar="NAME"),
    ],
) -> None:
    """Print the JSON Schema of a contract: README lists them."""
    from runbook.cli import explaining

    terminal.write_data(explaining.schema(name))
