"""What is different between two deployments or two collections, leaf by leaf: what it means, not how it is laid out."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from checker.facts.diff import OUTCOME, Difference
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.values import Value, canonical


class Moved(Value):
    """One value that is another one; null is also what is not there.

    `path` is its way through the file: `change.windows[2].end` is of the second window, and what has a name is called
    by it, as in `servers[mx1].roles[1]`.
    """

    path: str
    before: JsonValue
    after: JsonValue


def moved_deployment(old: Deployment, new: Deployment) -> tuple[Moved, ...]:
    """The values of the deployment file that are others, defaults among them, in the order of the file."""
    return tuple(_moved(old.model_dump(mode="json"), new.model_dump(mode="json"), ""))


def moved_facts(old: Mapping[str, HostFacts], new: Mapping[str, HostFacts], named: Difference) -> tuple[Moved, ...]:
    """What of two collections is other than before and not `named` already: how, when and why, and what was asked.

    Of a server that one side did not read, all that it says; the order of rows is the host's whim.
    """
    facts = {(change.server, change.path) for change in named.facts}
    return tuple(
        each
        for name in sorted(old.keys() & new.keys())
        for own in (frozenset(path for server, path in facts if server == name),)
        for each in _moved(_said(old[name], own), _said(new[name], own), name)
    )


def _said(host: HostFacts, named: frozenset[str]) -> JsonValue:
    said = host.model_dump(mode="json")
    facts = {path: fact for path, fact in said["facts"].items() if path not in named}
    for fact in facts.values():
        if isinstance(fact.get("value"), list):
            fact["value"].sort(key=canonical)
    outcome = None if OUTCOME in named else said["outcome"]
    return {**said, "facts": facts, "outcome": outcome, "unread_rows": sorted(said["unread_rows"])}


def _moved(old: Any, new: Any, path: str) -> Iterator[Moved]:
    if canonical(old) == canonical(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(key for key in new if key not in old)):
            yield from _moved(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        names = _names(old), _names(new)
        if names[0] and names[1] and (len(old) != len(new) or {*names[0]} == {*names[1]}):
            yield from _named(dict(zip(names[0], old, strict=True)), dict(zip(names[1], new, strict=True)), path)
        else:
            for place in range(max(len(old), len(new))):
                was, now = (rows[place] if place < len(rows) else None for rows in (old, new))
                yield from _moved(was, now, f"{path}[{place + 1}]")
    else:
        yield Moved(path=path, before=old, after=new)


def _named(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Moved]:
    for name in (*old, *(name for name in new if name not in old)):
        yield from _moved(old.get(name), new.get(name), f"{path}[{name}]")
    both = [name for name in old if name in new]
    if both != (now := [name for name in new if name in old]):
        yield Moved(path=f"{path}: order", before=[*both], after=[*now])


def _names(rows: list[Any]) -> list[str]:
    """What the rows are called by, where all have a name and no two the same; else none."""
    names = [row["name"] for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]
    return names if len(names) == len(rows) == len({*names}) else []
