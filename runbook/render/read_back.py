"""A filled PDF read back: every box and value by name, and what is missing."""

import io
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.errors import InputError
from checker.legible import listed, several, visible
from checker.outputs.json_text import escaped
from checker.text_file import MIB, SHOWN, file_label, read_bytes

PLAN, VOLUME, DOCUMENT = "plan ", "volume ", "for "
STEP = ("box", "done", "initials")  # what every step needs
SIGNED = ("name", "signature", "time")
SECOND = "/2"  # behind a gate's name: what its second person signs
LARGEST = 256 * MIB  # the PDF of 500 servers is a tenth of it, and a tablet may add ink to every page
OFF = ("", "/Off", "Off")
# what every file of a set of the first edition has, and none of this one: its board, or a sheet's own times and counts
FIRST_EDITION = re.compile(r"board/fields/|gates/gates/|sheet-[^/]+/(actual|counts)/")


@dataclass(frozen=True)
class Filled:
    """What one or several volumes of one plan say."""

    plan: str
    volumes: tuple[str, ...]
    fields: dict[str, bool | str]

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be filled and is empty: a step's box, time and initials; a gate's decision and signature."""
        empty = [name for name, value in self.fields.items() if not value]
        decided = {name.rpartition("/")[0] for name, value in self.fields.items()
                   if value and name.rpartition("/")[2] in ("go", "no-go")}  # fmt: skip
        steps = {name.rpartition("/")[0] for name in self.fields if name.endswith("/box")}
        gates = {name.rpartition("/")[0] for name in self.fields if name.endswith("/go")}
        found = [
            name
            for name in empty
            if (name.rpartition("/")[0] in steps and name.rpartition("/")[2] in STEP)
            or (name.rpartition("/")[0].removesuffix(SECOND) in gates and name.rpartition("/")[2] in SIGNED)
        ]
        return tuple(found + [f"{gate}/go" for gate in sorted(gates - decided)])


def read(paths: Sequence[Path]) -> Filled:
    """The fields of filled PDFs of one plan, in their order; InputError for what is damaged, foreign or mixed."""
    plans: dict[str, Path] = {}
    volumes: list[str] = []
    fields: dict[str, bool | str] = {}
    for path in paths:
        plan, volume, own = _one(path)
        plans.setdefault(plan, path)
        if len(plans) > 1:
            said = ", ".join(f"{file} of plan {visible(digest)}" for digest, file in plans.items())
            raise InputError(f"these belong to different plans: {said}: read them one at a time")
        if volume in volumes:
            raise InputError(f"{path}: volume {visible(volume)} is given twice: name each volume once")
        volumes.append(volume)
        fields |= own
    return Filled(next(iter(plans)), tuple(volumes), fields)


def to_json(filled: Filled) -> str:
    """What was read as JSON, in the order of the pages, ending in a line break."""
    whole = {
        "schema_version": 1,
        "tool": "pmx-preflight",
        "plan": filled.plan,
        "volumes": filled.volumes,
        "missing": filled.missing,
        "fields": filled.fields,
    }
    return escaped(json.dumps(whole, indent=2, ensure_ascii=False)) + "\n"


def _one(path: Path) -> tuple[str, str, dict[str, bool | str]]:
    content = read_bytes(path, LARGEST, "a filled runbook (PDF)")
    try:
        words, found = _parsed(content)
    except Exception as error:  # what a hostile file can make the library raise is not to be listed
        said = f"not a PDF, damaged, or locked ({visible(type(error).__name__)})"
        raise InputError(f"{file_label(path)}: {said}: expected a filled runbook, saved without a password") from None
    plan = next((word.removeprefix(PLAN) for word in words if word.startswith(PLAN)), None)
    if "pmx-preflight" not in words or plan is None:
        raise InputError(f"{file_label(path)}: not a runbook of pmx-preflight: expected a PDF written by `runbook`")
    if not found:
        raise InputError(
            f"{file_label(path)}: has no form fields, as the archive edition or a printed copy: read it by eye"
        )
    strange = next((name for name in found if not isinstance(name, str)), None)
    if strange is not None:
        named = visible(repr(strange))[:SHOWN]
        wrong = f"a form field has a name that is not text ({named}): the file is damaged, or not as `runbook` wrote it"
        raise InputError(f"{file_label(path)}: {wrong}")
    fields = {str(name): value for name, value in found.items()}
    if any(map(FIRST_EDITION.match, fields)):
        raise InputError(f"{file_label(path)}: {_of_the_first_edition(plan, fields)}")
    volume = next((word.removeprefix(VOLUME) for word in words if word.startswith(VOLUME)), "front")
    alone = next((word.removeprefix(DOCUMENT) for word in words if word.startswith(DOCUMENT)), None)
    return plan, f"{alone} {volume}" if alone else volume, fields


def _of_the_first_edition(plan: str, fields: Mapping[str, bool | str]) -> str:
    """What such a set is, what is filled in it, and what to do with it: its gates and sheets have other fields."""
    filled = [visible(name if value is True else f"{name} {value}")[:SHOWN] for name, value in fields.items() if value]
    told = f"{several(len(filled), 'field')} filled ({listed(filled)})" if filled else "no field filled"
    return (
        f"a set of the first edition of pmx-preflight, plan {visible(plan)}, of which the fields have other meanings: "
        f"{told}. Read it by eye, or with the program that printed it; before a night that is still to come, print anew"
    )


def _parsed(content: bytes) -> tuple[list[str], dict[object, bool | str]]:
    """The keywords of a PDF, and its fields by their names, whatever these are; raises whatever the library does."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its advice would stand between our lines
    reader = PdfReader(io.BytesIO(content))
    words = str(reader.metadata.get("/Keywords", "") if reader.metadata else "").split(", ")
    return words, {name: _value(field) for name, field in (reader.get_fields() or {}).items()}


def _value(field: Any) -> bool | str:
    value = field.get("/V")
    if field.get("/FT") == "/Btn":
        return _ticked(field, value)
    if value is None or type(value).__name__ == "NullObject":
        return ""
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def _ticked(field: Any, value: Any) -> bool:
    """Whether a box is ticked: as its widgets show it (/AS), and only where none says so as the field has it (/V)."""
    from pypdf.generic import NameObject

    widget = field.indirect_reference.get_object() if field.indirect_reference else field
    shown = [each.get("/AS") for each in (widget, *(kid.get_object() for kid in widget.get("/Kids", ())))]
    states = [state for state in shown if isinstance(state, NameObject)]
    return any(state not in OFF for state in states or [value] if isinstance(state, NameObject))
