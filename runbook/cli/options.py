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
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite files this tool did not create.")]
InventoryOption = Annotated[Path | None, typer.Option("--inventory", help="For --via ansible: your inventory.")]
SshOption = Annotated[str, typer.Option("--ssh", help="The ssh program to use.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="The number of hosts to ask at once.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=1, help="The seconds allowed for one host.")]
StageName = Literal["change", "two-days", "one-hour", "server", "after"]
FormatOption = Annotated[
    FormatName | None, typer.Option("--format", help="The format of the report (default: by the ending of -o).")
]
FactsDir = Annotated[Path | None, typer.Option("--facts", help="Facts collected earlier: a directory.")]
ViaOption = Annotated[
    ViaName | None, typer.Option("--via", help="Collect the facts now: ssh (the default), local, ansible.")
]
BaselineDir = Annotated[
    Path | None, typer.Option("--baseline", help="Facts from before, to compare identities with: a directory.")
]
StageOption = Annotated[
    StageName, typer.Option("--stage", help="The stage of the change: it decides which checks are due (see `rules`).")
]
DoneOption = Annotated[list[str] | None, typer.Option("--done", help="A finished server (repeatable).")]
ThroughOption = Annotated[
    str | None,
    typer.Option("--done-through", help="A finished server, with all servers before it in the order."),
]
DocumentName = Literal["board", "night", "help-desk", "evidence", "notices"]
DocumentOption = Annotated[
    DocumentName | None,
    typer.Option("--for", help="One document (default: board, night and help-desk)."),
]
TemplatesOption = Annotated[Path | None, typer.Option("--templates", help="A site's own templates.")]
ArchiveOption = Annotated[bool, typer.Option("--archive", help="PDF/A-3a, without form fields.")]
CacheOption = Annotated[bool, typer.Option("--cache/--no-cache", help="Reuse printed volumes that have not changed.")]
PaperOption = Annotated[Literal["a4", "letter"], typer.Option("--paper", help="The paper size.")]
NowOption = Annotated[str | None, typer.Option("--now", help="Evaluate as of this time (default: now).")]


def question(
    stage: StageName, servers: list[str] | None, done: tuple[str, ...], only: list[str] | None = None,
    skip: list[str] | None = None, strict: bool = False, rehearsal: bool = False, now: str | None = None,
) -> "Question":  # fmt: skip
    """What is asked of the facts, from the options as they were given."""
    from runbook.cli.pipeline import Question

    return Question(
        stage, tuple(servers or ()), done, tuple(only or ()), tuple(skip or ()), strict, rehearsal, now is not None
    )
