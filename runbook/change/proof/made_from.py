"""What a package was made from, as files in it: the deployment as it was understood, the facts and the baseline."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from checker.errors import InputError
from checker.facts import facts_store
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.marks import LARGEST
from checker.outputs.json_text import pieces
from checker.report import Report
from checker.text_file import read_bytes

DEPLOYMENT, FACTS, BASELINE, REPORT = "deployment.json", "facts.json", "baseline.json", "report.json"
Read = TypeVar("Read", Deployment, Report)
OF_ALL = (DEPLOYMENT, FACTS, REPORT)


@dataclass(frozen=True)
class MadeFrom:
    """A deployment, the facts and, where one was given, the baseline from which something is made."""

    deployment: Deployment
    facts: Mapping[str, HostFacts]
    baseline: Mapping[str, HostFacts] | None = None


def source_files(made: MadeFrom) -> Iterator[tuple[str, Iterable[str]]]:
    """The files, by their names, that say what a package was made from; the comments of the YAML are not kept."""
    yield DEPLOYMENT, pieces(made.deployment)
    yield FACTS, facts_store.together(made.facts)
    if made.baseline is not None:
        yield BASELINE, facts_store.together(made.baseline)


def read_sources(directory: Path, with_baseline: bool) -> tuple[MadeFrom, Report]:
    """What a package was made from, and its report; InputError where a file is none that this version reads."""
    return MadeFrom(
        _of(Deployment, directory / DEPLOYMENT),
        _facts(directory / FACTS),
        _facts(directory / BASELINE) if with_baseline else None,
    ), _of(Report, directory / REPORT)


def _of(kind: type[Read], path: Path) -> Read:
    try:
        return kind.model_validate_json(read_bytes(path, LARGEST, "a file of a package"))
    except ValidationError as error:
        raise InputError(f"{path}: not as this version writes it ({_first(error)})") from None


def _facts(path: Path) -> dict[str, HostFacts]:
    try:
        hosts = json.loads(read_bytes(path, LARGEST, "a file of a package"))
        return {name: HostFacts.model_validate(host) for name, host in hosts.items()}
    except ValidationError as error:
        raise InputError(f"{path}: not as this version writes it ({_first(error)})") from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
