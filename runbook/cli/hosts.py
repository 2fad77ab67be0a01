"""The commands that have to do with hosts: collect, probe, diff and init."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from checker.errors import InputError
from runbook import terminal
from runbook.cli.options import (
    DeploymentFile,
    ForceOption,
    InventoryOption,
    JobsOption,
    ServerOption,
    SshOption,
    TimeoutOption,
    ViaName,
)
from runbook.exit_codes import Ended


def collect(
    deployment: DeploymentFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="The directory to write the facts to.")],
    via: Annotated[ViaName, typer.Option("--via", help="ssh, local (this machine) or ansible.")] = "ssh",
    from_files: Annotated[
        Path | None, typer.Option("--from-files", help="Probe outputs copied by hand: a directory or file.")
    ] = None,
    server: ServerOption = None,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Collect again only from servers without facts.")
    ] = False,
    inventory: InventoryOption = None,
    ssh: SshOption = "ssh",
    jobs: JobsOption = 50,
    timeout: TimeoutOption = 60.0,
    force: ForceOption = False,
) -> None:
    """Collect facts from servers into a directory. Hosts are only read. Exit 3: some servers were not reached."""
    from checker import files
    from runbook.cli import collecting
    from runbook.cli.common_arguments import read_deployment

    declared = read_deployment(deployment)
    way = collecting.Way(
        "files" if from_files else via, tuple(server or ()), only_failed, from_files, inventory, ssh, jobs, timeout
    )
    names = [server.name for server in declared.servers]
    files.check_apart(
        (output / f"{name}{ending}" for name in names for ending in (".json", ".probe")),
        [deployment, from_files, inventory],
    )
    facts = collecting.gather_or_say(declared, way, output, force)
    if any(not host.reached for host in facts.values()):
        raise typer.Exit(Ended.UNREACHED)


def probe(
    deployment: Annotated[
        Path | None, typer.Argument(metavar="[DEPLOYMENT]", help="Exactly as sent to these servers.")
    ] = None,
    about: Annotated[
        bool, typer.Option("--about", help="One page: what the probe reads, runs and never does.")
    ] = False,
    kit: Annotated[Path | None, typer.Option("--kit", metavar="DEPLOYMENT", help="A tar for a bastion.")] = None,
    playbook: Annotated[
        Path | None, typer.Option("--playbook", metavar="DEPLOYMENT", help="A playbook for any Ansible or AWX.")
    ] = None,
    server: Annotated[str | None, typer.Option("--server", help="Exactly as sent to this server.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write to this file instead of the terminal.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Print the probe for review, or write it for a bastion or for Ansible."""
    from checker import files, marks
    from runbook.cli import collecting

    offered = ((marks.ABOUT, about), (marks.KIT, kit), (marks.PLAYBOOK, playbook))
    chosen: list[marks.Kind] = [kind for kind, given in offered if given]
    if len(chosen) > 1:
        raise InputError(f"--{' and --'.join(kind.name for kind in chosen)}: expected one of them")
    if kit and output is None and sys.stdout.isatty():
        raise InputError("--kit writes a tar: name a file with -o")
    kind = chosen[0] if chosen else marks.SCRIPT
    source = kit or playbook or deployment
    if output:
        files.check_apart([output], [source])
        files.check_writable(output, kind, force)
    collecting.write_output(output, collecting.probe_text(source, kind, server), kind, force)


def diff(
    old: Annotated[Path, typer.Argument(help="A fact directory or a report (JSON).")],
    new: Annotated[Path, typer.Argument(help="A later one of the same kind.")],
    form: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """Show the changes between two fact directories or two reports. Exit 1: there are changes."""
    from runbook.cli import collecting

    text, changed = collecting.differences(old, new, form)
    (terminal.write_data if form == "json" else sys.stdout.write)(text)
    if changed:
        raise typer.Exit(Ended.CHANGED)


def init(
    output: Annotated[Path, typer.Option("-o", "--output", help="The deployment file to write.")],
    from_ansible: Annotated[Path, typer.Option("--from-ansible", help="An Ansible inventory.")],
) -> None:
    """Write a commented deployment file from an Ansible inventory. Never overwrites a file."""
    from checker import files
    from runbook.cli import collecting

    if os.path.lexists(output):
        raise InputError(f"{output}: exists, and a deployment file is never overwritten: name another file")
    files.check_writable(output, None)
    collecting.write_output(output, collecting.deployment_from_ansible(from_ansible), None, force=False)
