"""What the model refuses, at its place in the file and in an administrator's words."""

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Union, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from checker.inputs import yaml_source
from checker.inputs.answer_text import is_old_form, renewed
from checker.inputs.answers import KINDS, Answers
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_rules import Problem
from checker.inputs.scalars import NAME
from checker.inputs.yaml_source import Mapping, Node, Scalar
from checker.text_file import nearest, shown

WHOLE_NUMBER = "a whole number"
LIST = "a list"
MAPPING = "a mapping (key: value)"

# pydantic's type of error -> what was expected
EXPECTED = {
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "int_type": WHOLE_NUMBER,
    "greater_than_equal": "a whole number of at least {ge}",
    "less_than_equal": "a whole number of at most {le}",
    "string_type": "text",
    "string_unicode": "text",
    "string_too_long": "at most {max_length} characters",
    "bool_type": "true or false",
    "tuple_type": LIST,
    "dict_type": MAPPING,
    "model_type": MAPPING,
    "too_short": "a list of at least {min_length} item",
    "too_long": "a list of at most {max_length} items",
    "literal_error": "one of {choices}",
    "string_pattern_mismatch": "64 hexadecimal digits (a SHA-256)",
    "datetime_type": "a time such as 2026-12-05T22:00",
    "date_type": "a date such as 2026-11-20",
}


@dataclass(frozen=True)
class Place:
    """Where pydantic's path leads: the node there, the key that holds it, how messages call it, and the model's
    type. `arm`: the path ends in one of several types that the value could have had."""

    node: Node
    key: Scalar | None = None
    label: str = "the file"
    kind: Any = Deployment
    arm: bool = False


def refused(root: Node, error: ValidationError) -> Iterator[Problem]:
    """Every refusal of the model as a problem; the possible types of one value are told together."""
    wrongs = error.errors(include_url=False, include_input=False)
    unknown: dict[int, list[str]] = {}
    for wrong in wrongs:
        if wrong["type"] == "extra_forbidden":
            unknown.setdefault(id(_place(root, wrong["loc"][:-1]).node), []).append(str(wrong["loc"][-1]))
    arms: dict[int, Problem] = {}
    yield from _old_answers(root)
    for wrong in wrongs:
        if wrong["loc"][:1] == ("answers",) and _is_old_answer(root, *wrong["loc"][1:2]):
            continue
        loc, kind, context = wrong["loc"], wrong["type"], wrong.get("ctx", {})
        place = _place(root, loc)
        if kind == "missing":
            yield from _missing(place, str(loc[-1]), unknown.get(id(place.node), []))
        elif kind == "extra_forbidden":
            yield _unknown_key(_place(root, loc[:-1]), place.key, str(loc[-1]))
        elif kind == "value_error":
            yield _unfit(place, str(context["error"]))
        elif kind == "too_short" and len(yaml_source.items(place.node)) >= context["min_length"]:
            continue  # pydantic counts the good items only, and the bad ones have their own fault
        else:
            choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            expected = EXPECTED.get(kind, "something else").format(choices=", ".join(choices), **context)
            if not place.arm:
                yield _unexpected(place, expected, choices)
            elif not isinstance(place.node, Mapping):  # a mapping's own entries are judged: no need of the other arm
                before = arms.get(id(place.node))
                if before is None:
                    arms[id(place.node)] = _unexpected(place, expected)
                elif expected not in before.message:
                    arms[id(place.node)] = replace(before, message=f"{before.message} or {expected}")
    yield from arms.values()


def _place(root: Node, loc: tuple[int | str, ...]) -> Place:
    place = Place(root)
    for part in loc:
        if isinstance(place.node, Mapping) and isinstance(part, str) and part in place.node.entries:
            key, node = place.node.entries[part]
            place = Place(node, key, part if re.fullmatch("[a-z_]{1,40}", part) else shown(part), _within(place, part))
        elif isinstance(place.node, yaml_source.Sequence) and isinstance(part, int) and part < len(place.node.items):
            place = Place(place.node.items[part], None, f"an item of {place.label}", _within(place, part))
        elif part == "[key]" and place.key:
            place = Place(place.key, place.key, "key")
        else:
            place = replace(place, arm=True)
    return place


def _within(place: Place, part: int | str) -> Any:
    """The model's type of a part: of a model's field, of a list's items, or of a mapping's values."""
    for kind in _alternatives(place.kind):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            return field.annotation if field else None
        if get_origin(kind) is tuple and isinstance(part, int):
            return get_args(kind)[0]
        if get_origin(kind) is dict and isinstance(part, str):
            return get_args(kind)[1]
    return None


def _alternatives(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, types.UnionType):
        for arm in get_args(kind):
            yield from _alternatives(arm)
    else:
        yield kind


def _fields(kind: Any) -> list[str]:
    for arm in _alternatives(kind):
        if isinstance(arm, type) and issubclass(arm, BaseModel):
            return list(arm.model_fields)
    return []


def _missing(place: Place, field: str, unknown: list[str]) -> Iterator[Problem]:
    if isinstance(place.node, Mapping) and place.node.partial:
        return
    misspelled = any(nearest(key, [field]) for key in unknown[:20])
    if not misspelled:  # else the unknown key says it all
        yield Problem(place.node, f"'{field}' is missing: expected it in {place.label}", missing=True)


def _is_old_answer(root: Node, *check: int | str) -> bool:
    answer = yaml_source.child(root, "answers", *map(str, check)) if check else None
    return answer is not None and check[0] in KINDS and is_old_form(answer)


def _old_answers(root: Node) -> Iterator[Problem]:
    """One problem for each answer that is still of free text, with what is to be written in its place."""
    answers = yaml_source.child(root, "answers")
    for key, answer in answers.entries.values() if isinstance(answers, Mapping) else ():
        if key.text in KINDS and is_old_form(answer):
            words = "is free text, which decides nothing: expected its fields, as in "
            yield Problem(key, f"{shown(key.text)} {words}{renewed(key.text, answer)}")


def _unknown_key(owner: Place, key: Scalar | None, word: str) -> Problem:
    fields = _fields(owner.kind)
    if Answers in _alternatives(owner.kind):
        return Problem(
            key or owner.node, f"check {shown(word)} takes no answer: expected {', '.join(KINDS)}", word, KINDS
        )
    message = f"unknown key {shown(word)} in {owner.label}: expected {', '.join(fields)}"
    return Problem(key or owner.node, message, word, fields)


def _unfit(place: Place, words: str) -> Problem:
    """A value that a validator of ours refused; its words follow the value."""
    if not isinstance(place.node, Scalar) or place.node.text is None:
        return Problem(place.node, f"{place.label} {words}")
    zones = available_timezones() if "time zone" in words else ()
    return Problem(place.node, f"{place.label} {shown(place.node.text)} {words}", place.node.text, zones)


def _unexpected(place: Place, expected: str, choices: list[str] | None = None) -> Problem:
    node = place.node
    if isinstance(node, Scalar):
        found = "is empty" if node.text is None else f"is {shown(node.text)}"
        if expected == LIST and node.text and NAME.fullmatch(node.text):
            expected = f"{LIST} such as [{node.text}]"
        if "characters" in expected:
            found = "is too long"
        return Problem(node, f"{place.label} {found}: expected {expected}", node.text or "", choices or ())
    if isinstance(node, Mapping):
        return Problem(node, f"{place.label} is a mapping: expected {expected}")
    found = f"is a list of {len(node.items)}" if expected.startswith(LIST) else "is a list"
    return Problem(node, f"{place.label} {found}: expected {expected}")
