"""What a deployment file may say and no site can mean: one tree inside the other, a line that was never filled in."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from pydantic import TypeAdapter, ValidationError

from checker.inputs import yaml_source
from checker.inputs.deployment import PROCEDURE_KINDS, Paths, Role
from checker.inputs.deployment_rules import Problem
from checker.inputs.minutes import LONGEST, Minutes
from checker.inputs.yaml_source import Mapping, Node, Scalar, Sequence, child, items
from checker.text_file import shown

MINUTES: TypeAdapter[Minutes] = TypeAdapter(Minutes)
CARRIERS: frozenset[Role] = frozenset({"mta", "mail-filter"})
OPEN = re.compile(r"TODO(?![A-Za-z0-9_-])")  # as `init` leaves it; TODO-list may be somebody's word
# What a word processor makes of quotes: YAML takes them for letters.
CURLED = re.compile("[“”„‟‘’‚‛«»‹›].*[“”„‟‘’‚‛«»‹›]", re.DOTALL)


def senseless(root: Node, whole: bool) -> Iterator[Problem]:
    """Every value that cannot be meant. With `whole` false the end of the file is not there, and what it may hold is
    not judged."""
    yield from _left_open(root)
    yield from _trees(root)
    yield from _too_long(root)
    if whole:
        yield from _no_carriers(root)


def _texts(node: Node) -> Iterator[Scalar]:
    """Every key and value, without recursion deeper than the file's."""
    left = [node]
    while left:
        match left.pop():
            case Scalar() as scalar:
                yield scalar
            case Sequence(items=inner):
                left.extend(inner)
            case Mapping(entries=entries):
                for key, value in entries.values():
                    left += [key, value]


def _left_open(root: Node) -> Iterator[Problem]:
    for node in _texts(root):
        if node.text and OPEN.match(node.text):
            yield Problem(node, f"{shown(node.text)} is not filled in: expected your site's value")
        elif node.text and CURLED.fullmatch(node.text.strip()):
            yield Problem(node, f'{shown(node.text)} is in typographic quotes: expected plain ones (") or none')


def _trees(root: Node) -> Iterator[Problem]:
    """The tree of version 6 must be apart from that of 5.6.1, which stays as the way back."""
    nodes = {name: child(root, "paths", name) for name in ("source", "target")}
    said = {name: node.text if isinstance(node, Scalar) else None for name, node in nodes.items()}
    if any(node and not said[name] for name, node in nodes.items()):
        return  # told by the model
    default = Paths()
    source, target = PurePosixPath(said["source"] or default.source), PurePosixPath(said["target"] or default.target)
    place = nodes["target"] or nodes["source"]
    if not place:
        return
    if source == target:
        yield Problem(place, f"source and target are both {source}: expected version 6 in a directory of its own")
    elif source in target.parents:
        yield Problem(place, f"the target is inside the source {source}: expected a directory outside it")
    elif target in source.parents:
        yield Problem(place, f"the source is inside the target {target}: expected a directory outside it")


def _no_carriers(root: Node) -> Iterator[Problem]:
    roles: dict[str | None, set[str]] = {}
    for server in items(child(root, "servers")):
        name = child(server, "name")
        held = {node.text for node in items(child(server, "roles")) if isinstance(node, Scalar) and node.text}
        roles[name.text if isinstance(name, Scalar) else None] = held
    for path in items(child(root, "mail_paths")):
        for member in items(child(path, "members")):
            if isinstance(member, Scalar) and roles.get(member.text) and not roles[member.text] & CARRIERS:
                said = f"{shown(member.text or '')} carries no mail: expected a server with one of the roles"
                yield Problem(member, f"{said} {', '.join(sorted(CARRIERS))}")


def _too_long(root: Node) -> Iterator[Problem]:
    """The lines of one kind of work that together take longer than anything that may be declared."""
    for kind in PROCEDURE_KINDS:
        high = 0
        for line in items(child(root, "procedure", kind)):
            node = child(line, "minutes")
            high += _high(node)
            if high > LONGEST:
                words = f"the lines of {kind} up to this one take {high} minutes: expected at most {LONGEST}, a week"
                yield Problem(node or line, words)
                break


def _high(node: Node | None) -> int:
    try:
        return MINUTES.validate_python(yaml_source.plain(node)).high if node else 0
    except ValidationError:
        return 0  # told by the model
