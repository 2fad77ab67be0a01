"""What the collecting commands do: facts from hosts in each of the ways, the probe for review, and what changed."""

import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from checker import files
from checker.errors import InputError, OutputError
from checker.facts import facts_store
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment, Server
from checker.legible import several
from checker.marks import ABOUT, KIT, PLAYBOOK, Kind
from checker.report import Report
from checker.text_file import MIB, read_bytes
from runbook import terminal
from runbook.cli.common_arguments import known_names, read_deployment

LARGEST_REPORT = 64 * MIB  # a report takes 26 KiB a server: 52 MiB for as many as one deployment may have
Via = Literal["ssh", "local", "ansible", "files"]
Save = Callable[[HostFacts, str | None], object]


@dataclass(frozen=True)
class Way:
    """How facts are collected: by which way, from which servers, with which limits."""

    via: Via = "ssh"
    servers: tuple[str, ...] = ()
    only_failed: bool = False
    from_files: Path | None = None
    inventory: Path | None = None
    ssh: str = "ssh"
    jobs: int = 50
    timeout: float = 60.0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def gather(
    deployment: Deployment, way: Way, directory: Path | None = None, force: bool = False
) -> dict[str, HostFacts]:
    """The facts of the servers asked, each saved into the directory (if any) as soon as it is there.

    Raises fleet.Interrupted, with what was collected, when the run is ended by a signal.
    """

    servers = _asked(deployment, way, directory)
    if directory:
        facts_store.check_places(directory, [server.name for server in servers], force)
    refused: list[str] = []

    def save(facts: HostFacts, raw: str | None) -> None:
        # a disk that is full for one answer may have room for the next, and none is lost for another's sake
        try:
            if directory:
                facts_store.save(directory, facts, raw, force=force)
        except (InputError, OutputError) as no:
            refused.append(str(no))

    try:
        found = _gathered(deployment, way, servers, save)
    finally:
        for line in refused:
            sys.stderr.write(f"{line}\n")
    if refused:
        raise OutputError("some answers were not saved (see above): free space, and collect again")
    return found


def _asked(deployment: Deployment, way: Way, directory: Path | None) -> tuple[Server, ...]:
    """The servers that will be asked; none where what was carried here says whose it is."""
    if way.via == "files":
        return ()
    if way.via == "local":
        from checker.facts.collect import local

        if len(way.servers) > 1:
            raise InputError("--via local reads this machine alone: expected at most one --server")
        return (local.choose_server(deployment, way.servers[0] if way.servers else None, platform.node()),)
    known_names("--server", way.servers, [server.name for server in deployment.servers])
    if way.via == "ansible" and way.inventory is None:
        raise InputError("--via ansible needs --inventory FILE")
    servers = tuple(s for s in deployment.servers if not way.servers or s.name in way.servers)
    if not way.only_failed:
        return servers
    from checker.facts.collect import fleet

    there = facts_store.load(directory) if directory and directory.is_dir() else {}
    return fleet.failed(servers, there)


def _gathered(deployment: Deployment, way: Way, servers: tuple[Server, ...], save: Save) -> dict[str, HostFacts]:
    if way.via == "files":
        from checker.facts.collect import from_files as carried

        assert way.from_files is not None
        return carried.collect(deployment, way.from_files, _now(), save)
    if way.via == "local":
        from checker.facts.collect import local

        facts, raw = local.collect(servers[0], deployment, _now(), way.timeout)
        save(facts, raw)
        return {facts.server: facts}
    if way.via == "ansible":
        from checker.facts.collect import ansible

        assert way.inventory is not None
        return ansible.collect(
            deployment, way.inventory, now=_now, save=save, timeout=way.timeout, jobs=way.jobs, servers=servers
        )
    from checker.facts.collect import fleet
    from checker.facts.collect.progress import shown_on

    return fleet.collect(
        deployment, servers, progress=shown_on(sys.stderr), now=_now, save=save,
        jobs=way.jobs, timeout=way.timeout, ssh=way.ssh,
    )  # fmt: skip


def gather_or_say(deployment: Deployment, way: Way, directory: Path | None, force: bool) -> dict[str, HostFacts]:
    """As gather, and the closing table on stderr, also when the run is interrupted: what is there is kept."""
    from checker.facts.collect.fleet import Interrupted

    try:
        facts = gather(deployment, way, directory, force)
    except Interrupted as ended:
        tell(ended.facts)
        sys.stderr.write("interrupted: the facts of servers listed as ok are kept\n")
        raise
    tell(facts)
    return facts


def deployment_from_ansible(inventory: Path) -> str:
    """A commented deployment file from an Ansible inventory."""
    from checker.facts.collect.deployment_from_ansible import deployment_from

    return deployment_from(inventory)


def tell(facts: dict[str, HostFacts]) -> None:
    """The closing table on stderr: worst first, a remedy and a line to try for what failed."""
    from checker.facts.collect.progress import table

    sys.stderr.write(table(facts, shutil.get_terminal_size((100, 24)).columns))


def probe_text(deployment: Path | None, kind: Kind, server: str | None) -> str | bytes:
    """The probe for review (as it is, or as one server would get it), its page, the kit, or the playbook."""
    from checker.facts.probe import script

    if kind == ABOUT:
        return script.about()
    if deployment is None:
        return script.template()
    declared = read_deployment(deployment)
    if kind == KIT:
        from checker.facts.collect.kit import kit

        return kit(declared)
    if kind == PLAYBOOK:
        from checker.facts.collect.playbook import playbook

        return playbook(declared)
    known_names("--server", (server,) if server else (), [s.name for s in declared.servers])
    return script.script(declared, declared.server(server) if server else declared.servers[0])


def differences(old: Path, new: Path, form: Literal["text", "json"]) -> tuple[str, bool]:
    """What changed between two fact directories or two reports, as text, and whether anything did."""
    from checker.facts import diff
    from checker.outputs import difference

    if old.is_dir() != new.is_dir():
        raise InputError(f"{old} and {new}: expected two fact directories, or two reports")
    if old.is_dir():
        changed = diff.diff_facts(facts_store.load(old), facts_store.load(new))
    else:
        changed = diff.diff_reports(_report(old), _report(new))
    width = shutil.get_terminal_size((100, 24)).columns
    return difference.to_json(changed) if form == "json" else difference.to_text(changed, width), changed.any


def _report(path: Path) -> Report:
    from pydantic import ValidationError

    content = read_bytes(path, LARGEST_REPORT, "a report written by `check --format json`")
    try:
        return Report.model_validate_json(content)
    except ValidationError as error:
        words = (
            f"not a report of pmx-preflight ({several(error.error_count(), 'fault')}): expected `check --format json`"
        )
        raise InputError(f"{path}: {words}") from None


def write_output(path: Path | None, data: str | bytes, kind: Kind | None, force: bool) -> None:
    """Data to a file, whole and private, or to stdout."""
    if path:
        files.write_whole(path, data, kind, force=force)
        print(path, file=sys.stderr)
    elif kind == ABOUT and isinstance(data, str):
        sys.stdout.write(data)
    else:
        terminal.write_data(data)
