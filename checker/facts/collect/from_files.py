"""Facts from probe outputs that somebody carried here: by hand, with the kit, or by Ansible.

A file is named after its server (`mx1.probe`), or holds what the kit and the playbook wrote, which says whose it is.
What is damaged on the way is recognised and gives no facts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from checker.errors import Fault, InputError
from checker.facts.collect import probed
from checker.facts.collect.carried import ANEW, Piece, cause, pieces
from checker.facts.collect.endings import classify
from checker.facts.host_facts import HostFacts
from checker.facts.parsers import protocol
from checker.inputs.deployment import Deployment, Server
from checker.text_file import file_label, nearest, read_bytes

LARGEST = 2 * 1024 * 1024  # bytes; a probe of a busy host prints 100 KiB, and a file may hold a site's
ENDINGS = (".probe", ".txt", ".out")
CLOCK = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")

Save = Callable[[HostFacts, str | None], object]


def collect(
    deployment: Deployment,
    source: Path,
    now: datetime,
    save: Save = lambda facts, raw: None,
) -> dict[str, HostFacts]:
    """The facts of every server whose output lies in a directory (or is in a file), in the deployment's order.

    They are as old as the kit or the playbook says that asked; by hand as the host's own clock says, since nobody else
    knows, and then at the latest of the time they are read; what has no facts has that time too. Raises InputError with
    every file that cannot be used; `save` is called only when all can.
    """
    found = read(deployment, source)
    facts = {
        server.name: facts_of(found[server.name], server, deployment, now)
        for server in deployment.servers
        if server.name in found
    }
    for name, host in facts.items():
        save(host, probed.raw(found[name].raw))
    return facts


def read(deployment: Deployment, source: Path) -> dict[str, Piece]:
    """The output of each server that there is one of; InputError with every file that cannot be used."""
    names = named(deployment)
    found: dict[str, tuple[Piece, Path]] = {}
    faults: list[Fault] = []
    for path in _candidates(source):
        label = file_label(path)
        try:
            there = _pieces(path)
        except InputError as error:
            faults += error.faults
            continue
        except ValueError as error:
            faults.append(Fault(label, None, None, str(error)))
            continue
        for piece in there:
            server, wrong = _whose(piece, path, names, deployment)
            if server is None:
                faults.append(Fault(label, piece.line, None, wrong))
            elif server.name in found and found[server.name][0].raw != piece.raw:
                other = found[server.name]
                faults.append(
                    Fault(
                        label, piece.line, None,
                        f"another output of {server.name} is in {file_label(other[1])}, line {other[0].line}: "
                        "remove the older one",
                    )
                )  # fmt: skip
            else:
                found.setdefault(server.name, (piece, path))
    if faults:
        raise InputError(faults)
    return {name: piece for name, (piece, _) in found.items()}


def named(deployment: Deployment) -> dict[str, Server]:
    """The servers by their names and host names, in small letters; a name goes before another's host name."""
    return {
        **{server.hostname.lower(): server for server in deployment.servers if server.hostname},
        **{server.name.lower(): server for server in deployment.servers},
    }


def _candidates(source: Path) -> list[Path]:
    label = file_label(source)
    try:
        if not source.is_dir():
            return [source]
        paths = sorted(path for path in source.iterdir() if path.suffix.lower() in ENDINGS and path.name[0] != ".")
    except OSError as error:
        raise InputError(f"{label}: cannot be read: {error.strerror}") from None
    if not paths:
        raise InputError(f"{label}: no file in it ends in {', '.join(ENDINGS)}: expected outputs of the probe")
    return paths


def _pieces(path: Path) -> tuple[Piece, ...]:
    return pieces(read_bytes(path, LARGEST, "a file with a probe's output"))


def _whose(piece: Piece, path: Path, names: Mapping[str, Server], deployment: Deployment) -> tuple[Server | None, str]:
    """The server of an output, or what to do where that cannot be told."""
    word = path.name
    while Path(word).suffix.lower() in ENDINGS:
        word = Path(word).stem
    by_file = names.get(word.lower())
    if piece.server is None:
        near = nearest(word, names)
        return by_file, (
            f"no server of {deployment.deployment} has the name {word!r}"
            + (f" (did you mean {near}?)" if near else "")
            + ": name the file after the server whose output it is, such as "
            + f"{deployment.servers[0].name}.probe"
        )
    said = names.get(piece.server.lower())
    if said is None:
        return None, f"names the server {piece.server!r}, which {deployment.deployment} does not declare"
    if by_file is not None and by_file is not said:
        return None, f"has the file name of {by_file.name} but names the server {said.name}: find out which is right"
    return said, ""


def facts_of(
    piece: Piece,
    server: Server,
    deployment: Deployment,
    now: datetime,
    via: str = "files",
    asked_at: datetime | None = None,
) -> HostFacts:
    """The facts of one output; `asked_at` is known where the asking was watched, else what the output says of it."""

    def nothing(outcome: str, detail: str | None) -> HostFacts:
        return HostFacts(server=server.name, via=via, outcome=outcome, collected_at=now, facts={}, detail=detail)

    try:
        return _facts_of(piece, server, deployment, now, via, asked_at, nothing)
    except Exception as error:
        return probed.unreadable(nothing("unreadable", None), error)


def _facts_of(
    piece: Piece,
    server: Server,
    deployment: Deployment,
    now: datetime,
    via: str,
    asked_at: datetime | None,
    nothing: Callable[[str, str | None], HostFacts],
) -> HostFacts:
    if piece.failed:
        # Ansible has its own way to become root, which the deployment does not declare
        verdict = classify(piece.failed, server.ssh.become or ("sudo",))
        return nothing(verdict.word, verdict.detail)
    try:
        output = protocol.parse(piece.text)
    except protocol.Damaged as damaged:
        return nothing("incomplete", f"{damaged}{cause(piece.text)}")
    if piece.damage:
        return nothing("incomplete", piece.damage + (cause(piece.text) or f": {ANEW}"))
    if piece.asked_at and asked_at is None:
        said, by = piece.asked_at
        if asked_at := _moment(said):
            via = by
    clock = _clock(output)
    # nothing can be carried here before it was asked: a host's clock that is ahead makes no facts of the future
    when = asked_at or (clock and min(clock, now))
    if when is None:
        return nothing("incomplete", "the time of the probe is missing (section platform.clock): run the probe again")
    return probed.facts_from(piece.text, via=via, server=server, deployment=deployment, collected_at=when)


def _clock(output: protocol.Output) -> datetime | None:
    section = output.get("platform.clock")
    said = next(_times(section.lines if section else ()), None)
    return _moment(said) if said else None


def _moment(said: str) -> datetime | None:
    try:
        return datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _times(lines: tuple[str, ...]) -> Iterator[str]:
    return (line.strip() for line in lines if CLOCK.fullmatch(line.strip()))
