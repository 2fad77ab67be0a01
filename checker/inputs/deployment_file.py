"""Reads a deployment file: a Deployment, or every fault at once, each where an editor can jump to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from checker.errors import Fault, InputError
from checker.inputs import yaml_source
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_faults import refused
from checker.inputs.deployment_rules import Problem, problems
from checker.inputs.deployment_sense import senseless
from checker.inputs.yaml_source import Node, Scalar, Source, child, items
from checker.text_file import file_label, nearest, read_text, shown

SUGGESTIONS = 50  # comparing thousands of misspellings with thousands of names would take minutes


def load(path: Path, known_checks: Mapping[str, bool] | None = None) -> Deployment:
    """The deployment that a file declares. Raises InputError with all faults, by line. `known_checks`: the id of
    each check and whether it may be waived; with None the ids in waivers and answers are not judged."""
    name = file_label(path)
    source = yaml_source.parse(read_text(path), name)
    if source.root is None:
        raise InputError(source.faults)
    deployment, unfit = _judged(source.root)
    whole = not source.cut
    found = chain(senseless(source.root, whole), unfit, problems(source.root, known_checks, whole))
    faults = _told(found, source, name)
    if faults or deployment is None:
        raise InputError(sorted(faults, key=_order))
    lines = [node.line for node in items(child(source.root, "waivers"))]
    waivers = (waiver.from_line(line) for waiver, line in zip(deployment.waivers, lines, strict=True))
    return deployment.model_copy(update={"waivers": tuple(waivers)})


def schema() -> dict[str, Any]:
    """The JSON Schema of the deployment file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Deployment.model_json_schema(),
        "title": "pmx-preflight deployment file",
    }


def _judged(root: Node) -> tuple[Deployment | None, Iterator[Problem]]:
    try:
        return Deployment.model_validate(yaml_source.plain(root)), iter(())
    except ValidationError as error:
        return None, refused(root, error)


def _told(found: Iterable[Problem], source: Source, name: str) -> set[Fault]:
    """All faults: those of the source, and of the problems the first at each place that is not taken yet.
    Several keys may be missing at one place. What follows a cut was not read as it was meant."""
    faults = set(source.faults)
    doubtful = _doubtful(source)
    taken = {_order(fault)[:2] for fault in faults}
    suggestions = 0
    for problem in found:
        place = (problem.node.line, problem.node.column)
        if (place in taken and not problem.missing) or doubtful(problem):
            continue
        message = problem.message
        if problem.choices and suggestions < SUGGESTIONS:
            suggestions += 1
            meant = nearest(problem.word, problem.choices)
            message += f"; did you mean {shown(meant)}?" if meant else ""
        faults.add(Fault(name, *place, message))
        taken |= set() if problem.missing else {place}
    return faults


def _doubtful(source: Source) -> Callable[[Problem], bool]:
    """Whether a problem may only be there because the reading was cut: it lies behind the cut, or it is that
    something misses its end, or a text took in the lines before the cut."""
    if not source.cut or source.root is None:
        return lambda problem: False
    end = _order(source.faults[-1])[:2]
    unfinished = {id(node) for node in yaml_source.last_nodes(source.root)}

    def may_be_whole(node: Node) -> bool:
        return isinstance(node, Scalar) and node.text is not None and " " not in node.text

    return lambda problem: (
        (problem.node.line, problem.node.column) >= end
        or (id(problem.node) in unfinished and not may_be_whole(problem.node))
    )


def _order(fault: Fault) -> tuple[int, int, str]:
    return fault.line or 0, fault.column or 0, fault.message
