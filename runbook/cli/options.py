"""The options that several commands share, and the question that they put together. Nothing heavy is imported here."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from runbook.cli.formats import FormatName

if TYPE_CHECKING:
    from runbook.cli.pipeline import Question

DeploymentFile = Annotated[Path, typer.Argument(metavar="DEPLOYMENT", help="The deployment file (YAML).")]
ViaName = Literal["ssh", "local", "ansible"]
ServerOption = Annotated[list[str] | None, typer.Option("--server", help="Only this server (repeatable).")]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite files that are not ours.")]
InventoryOption = Annotated[Path | None, typer.Option("--inventory", help="For --via ansible: your inventory.")]
SshOption = Annotated[str, typer.Option("--ssh", help="The ssh program to use.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="How many hosts at once.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=1, help="Seconds that one host may take.")]
StageName = Literal["change", "two-days", "one-hour", "server", "after"]
FormatOption = Annotated[FormatName, typer.Option("--format", help="How the report is written.")]
FactsDir = Annotated[Path | None, typer.Option("--facts", help="Facts collected earlier: a directory.")]
ViaOption = Annotated[
    ViaName | None, typer.Option("--via", help="Collect the facts now: ssh (the default), local, ansible.")
]
BaselineDir = Annotated[Path | None, typer.Option("--baseline", help="Facts that identities are compared with.")]
StageOption = Annotated[StageName, typer.Option("--stage", help="What is due: see `rules`.")]
DoneOption = Annotated[list[str] | None, typer.Option("--done", help="A server that is finished (repeatable).")]
ThroughOption = Annotated[
    str | None,
    typer.Option("--done-through", help="A server that is finished, and with all before it in the order."),
]
NowOption = Annotated[str | None, typer.Option("--now", help="The time to judge by; default: the clock's.")]


def question(
    stage: StageName, servers: list[str] | None, done: tuple[str, ...], only: list[str] | None = None,
    skip: list[str] | None = None, strict: bool = False, rehearsal: bool = False, now: str | None = None,
) -> "Question":  # fmt: skip
    """What is asked of the facts, from the options as they were given."""
    from runbook.cli.pipeline import Question

    return Question(
        stage, tuple(servers or ()), done, tuple(only or ()), tuple(skip or ()), strict, rehearsal, now is not None
    )
