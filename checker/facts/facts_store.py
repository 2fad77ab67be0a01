"""The facts directory: one file per server, DIR/<server>.json, with the raw probe output beside it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from sys import intern
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from checker.errors import Fault, InputError
from checker.facts.catalogue import CATALOGUE
from checker.facts.host_facts import HostFacts, adapter
from checker.files import Output, check_writable, write_all
from checker.marks import FACTS, PROBE
from checker.text_file import file_label, read_text

LARGEST = 8 * 1024 * 1024  # bytes; a server with thousands of mounts and processes stays under one MiB


def load(directory: Path) -> dict[str, HostFacts]:
    """The facts of every server in a directory, by server name; InputError with every fault in every file."""
    if not directory.is_dir():
        what = "not a directory" if directory.exists() else "no such directory"
        raise InputError(f"{file_label(directory)}: {what}: expected a directory written by `collect -o`")
    found: dict[str, HostFacts] = {}
    faults: list[Fault] = []
    for path in sorted(directory.glob("[!.]*.json")):
        try:
            found[path.stem] = _load(path)
        except _Damaged as damaged:
            faults += damaged.faults
    if faults:
        raise InputError(faults)
    return found


def save(directory: Path, facts: HostFacts, raw: str | None = None, force: bool = False) -> Path:
    """Writes DIR/<server>.json, and <server>.probe when raw is given; returns the facts file, InputError if refused.

    The directory is made where it is missing, with permissions 0700; a probe output of an earlier collection goes.
    """
    _make(directory)
    target, probe = _places(directory, facts.server)
    check_writable(target, FACTS, force)
    outputs = [Output(target, FACTS, text(facts), force)]
    # raw output may be anything a host prints; it is ours by its first line, or by the facts file that it lies beside
    replaceable = force or target.exists()
    if raw is not None:
        # the facts last: where they are new, the output they were read from is there too
        outputs.insert(0, Output(probe, PROBE, raw.encode("utf-8", "backslashreplace"), replaceable))
    write_all(outputs)
    if raw is None and replaceable and probe.is_file() and not probe.is_symlink():
        probe.unlink()
    return target


def check_places(directory: Path, servers: Iterable[str], force: bool = False) -> None:
    """InputError, with every place in it, where `save` would be refused for one of these servers.

    Nothing is left there, and no directory is made.
    """
    if not directory.exists():
        check_writable(directory, None)
        return
    _make(directory)
    refused: list[str] = []
    for server in servers:
        target, probe = _places(directory, server)
        try:
            check_writable(target, FACTS, force)
            check_writable(probe, PROBE, force or target.exists())
        except InputError as no:
            refused += no.lines
    if refused:
        raise InputError("\n".join(dict.fromkeys(refused)))


def _places(directory: Path, server: str) -> tuple[Path, Path]:
    return directory / f"{server}.json", directory / f"{server}.probe"


def text(facts: HostFacts) -> str:
    """The facts file's text: keys sorted after `tool`, so that the same facts have the same bytes."""
    ordered = json.loads(json.dumps(facts.model_dump(mode="json"), sort_keys=True))
    # `tool` first: by it a later run knows the file as ours, however long the rest is
    return to_json({"tool": facts.tool, **ordered}, indent=2).decode() + "\n"


def together(facts: Mapping[str, HostFacts]) -> Iterator[str]:
    """The facts of several servers as one JSON by their names, in pieces."""
    yield "{\n"
    for number, name in enumerate(sorted(facts)):
        row = f"{json.dumps(name)}: {text(facts[name]).strip()}"
        yield f",\n{row}" if number else row
    yield "\n}\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a facts file, with the type of every fact in the catalogue."""
    paths: list[tuple[str, Literal["serialization"], TypeAdapter[Any]]] = [
        (path, "serialization", adapter(fact)) for path, fact in CATALOGUE.items()
    ]
    types, shared = TypeAdapter.json_schemas(paths, ref_template="#/$defs/{model}")
    whole = HostFacts.model_json_schema(mode="validation")
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["$defs"] |= shared.get("$defs", {})
    whole["properties"]["facts"]["properties"] = {
        path: {
            "description": fact.meaning,
            "anyOf": [
                {"allOf": [{"$ref": "#/$defs/Known"}, {"properties": {"value": types[path, "serialization"]}}]},
                {"$ref": "#/$defs/Unknown"},
            ],
        }
        for path, fact in CATALOGUE.items()
    }
    return whole


class _Damaged(Exception):
    def __init__(self, faults: list[Fault]):
        self.faults = faults


def _fault(path: Path, message: str, line: int | None = None, column: int | None = None) -> _Damaged:
    return _Damaged([Fault(file_label(path), line, column, message)])


def _load(path: Path) -> HostFacts:
    content = _parse(path, _read(path))
    try:
        facts = HostFacts.model_validate(content)
    except ValidationError as error:
        raise _Damaged([Fault(file_label(path), None, None, message) for message in _messages(error)]) from None
    if facts.server != path.stem:
        raise _fault(
            path, f"holds the facts of {facts.server!r}: expected those of {path.stem!r}, as the file is named"
        )
    return facts


def _read(path: Path) -> str:
    try:
        return read_text(path, LARGEST, "a facts file")
    except InputError as error:
        raise _Damaged(list(error.faults)) from None


def _parse(path: Path, content: str) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _fault(path, f"damaged JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise _fault(path, "damaged JSON: nested too deep") from None
    except ValueError as error:
        raise _fault(path, f"damaged JSON: {error}") from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    # the same words from every host are one text in memory: hosts say much alike
    found = {intern(name): intern(value) if isinstance(value, str) else value for name, value in pairs}
    if len(found) < len(names):
        twice = min(name for name, times in Counter(names).items() if times > 1)
        raise ValueError(f"{twice!r} is given twice in one object")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _messages(error: ValidationError) -> list[str]:
    """One line per place; a fact that is neither known nor unknown is one fault, not one per form it could have."""
    lines: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        place = fault["loc"]
        if len(place) > 2 and place[0] == "facts":
            what = "neither a value with how it was seen (value, how) nor an unknown with its reason"
            if fault["type"] == "value_error":
                lines[f"facts: {place[1]}"] = str(fault["ctx"]["error"])
            lines.setdefault(f"facts: {place[1]}", what)
        else:
            lines.setdefault(".".join(map(str, place)) or "the whole file", fault["msg"])
    return [f"at {place}: {message}" for place, message in lines.items()]


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        raise InputError(
            f"{file_label(directory)}: the directory {directory.parent} does not exist: create it first"
        ) from None
    except FileExistsError:
        raise InputError(
            f"{file_label(directory)}: exists and is not a directory: name another place for the facts"
        ) from None
    except OSError as error:
        raise InputError(f"{file_label(directory)}: cannot be created: {error.strerror}") from None
