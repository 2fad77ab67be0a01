"""How an answer is written in the deployment file: to be filled in, filled in, or made of the text it once was."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

from checker.inputs import yaml_source
from checker.inputs.answers import KINDS, Answer, own_fields
from checker.inputs.yaml_source import Node, Scalar, child

OPEN = "…"  # refused where it is left in the file
PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9._@-]*(?: [A-Za-z0-9._@-]+)*|/[A-Za-z0-9._/-]*|20[0-9]{2}-[0-9]{2}-[0-9T:-]{2,14}"
)
DAY, TIME = "YYYY-MM-DD", "YYYY-MM-DDTHH:MM"
OFTEN = ("confirmed", "who", "how", "left")  # may be left out, and seldom are
READ_OTHERWISE = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def yaml_text(text: str) -> str:
    """A text as a YAML scalar on one line: quoted unless it can only be itself, nothing in it that moves a cursor."""
    if PLAIN.fullmatch(text) and text.lower() not in READ_OTHERWISE:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\u{min(ord(letter), 0xFFFD):04x}" for letter in quoted)


def written(check: str, fields: Mapping[str, str]) -> str:
    """An answer as one line under `answers`; the fields as they are to be printed."""
    return f"{check}: {{{', '.join(f'{name}: {said}' for name, said in fields.items())}}}"


def to_fill_in(check: str) -> str:
    """The answer to a check as one line under `answers`, with what may be said; as it stands the file refuses it."""
    kind = KINDS[check]
    fields = {name: said for name in own_fields(kind) if (said := _offered(kind, name))}
    return written(check, fields | {"by": OPEN, "at": DAY})


def remedy(check: str) -> str:
    """What to write to answer a check."""
    return f"Answer it: answers: {{{to_fill_in(check)}}}."


def choices(kind: type[Answer], name: str) -> tuple[str, ...]:
    """The words that a field takes, where these are all that it takes."""
    found: list[str] = []
    for arm in _arms(get_type_hints(kind)[name]):
        found += ("yes", "no") if arm is bool else get_args(arm) if get_origin(arm) is Literal else ()
    return tuple(found)


def takes_a_list(kind: type[Answer], name: str) -> bool:
    """Whether a field takes a list."""
    return get_origin(get_type_hints(kind)[name]) is tuple


def _arms(hint: Any) -> Iterator[Any]:
    """The types that a value may have, of a list's items too."""
    if get_origin(hint) in (None, Literal):
        yield hint
    else:
        for arm in get_args(hint):
            yield from _arms(arm)


def _offered(kind: type[Answer], name: str) -> str:
    """What may be written in a field, in a form that the file refuses; nothing for one that is seldom needed."""
    field, arms = kind.model_fields[name], {*_arms(get_type_hints(kind)[name])}
    if not field.is_required() and name not in OFTEN:
        return ""
    form = "/".join(choices(kind, name)) or (TIME if datetime in arms else DAY if date in arms else OPEN)
    return f"[{form}]" if takes_a_list(kind, name) else form


# ---- the form of the first edition: one text for all that was to be said


def is_old_form(answer: Node) -> bool:
    """Whether an answer is one of text, or has servers with one of text."""
    servers = child(answer, "servers")
    exceptions = [node for _, node in servers.entries.values()] if isinstance(servers, yaml_source.Mapping) else []
    return child(answer, "value") is not None or any(isinstance(node, Scalar) for node in exceptions)


def renewed(check: str, answer: Node) -> str:
    """The new line of an answer that is still of text, filled in as far as the text tells."""
    fields = _read(check, child(answer, "value"))
    for name in ("by", "at"):
        fields[name] = yaml_text(_said(child(answer, name)) or OPEN)
    servers = child(answer, "servers")
    if isinstance(servers, yaml_source.Mapping) and servers.entries and KINDS[check].by_server:
        own = [written(yaml_text(name), _read(check, node)) for name, (_, node) in servers.entries.items()]
        fields["servers"] = f"{{{', '.join(own)}}}"
    return written(check, fields)


def _said(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _read(check: str, node: Node | None) -> dict[str, str]:
    text = _said(node)
    if text is None:
        return {}
    fields: dict[str, str] = {}
    for name in own_fields(KINDS[check]):
        told = READ[name](text) if name in READ else ""
        fields |= {name: told} if told else {}
        if not told and (KINDS[check].model_fields[name].is_required() or name in OFTEN):
            fields[name] = _offered(KINDS[check], name)
    return fields if fields.get("version") == yaml_text(text.strip()) else fields | {"note": yaml_text(text)}


def _first(pattern: str) -> Any:
    def look(text: str) -> str:
        found = re.search(pattern, text, re.IGNORECASE)
        return yaml_text(found[0]) if found else ""

    return look


def _parts(text: str) -> str:
    words = {"database": "database", "dump": "database", "quarantine": "quarantine", "log": "logs",
             "config": "configuration"}  # fmt: skip
    found = dict.fromkeys(part for word, part in words.items() if word in text.casefold())
    return f"[{', '.join(found)}]" if found else ""


def _day(text: str) -> str:
    found = re.search(r"20\d\d-\d\d-\d\d", text)
    return f"{found[0]}THH:MM" if found else ""


READ: dict[str, Any] = {
    "version": _first(r"\d+(?:\.\d+)+(?: \(build \d+\))?"),
    "path": _first(r"(?<![\w./:-])/[\w.+/-]+"),
    "sha256": _first(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"),
    "case": _first(r"\b\d{5,}\b"),
    "of": _parts,
    "finished": _day,
    "on": _first(r"20\d\d-\d\d-\d\d"),
}
