"""JSON as machines read it from us: indented, keys sorted, the same value in the same bytes.

It comes in pieces: a report of a thousand servers has forty thousand findings, which as one text, and as the lists that
this is made from, take several times the memory that they take one by one.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from checker.legible import DIRECTION_MARKS, HIGH_CONTROLS, LINE_ENDS, TURNED

# JSON leaves these as they are, and a terminal obeys them
OBEYED = re.compile(f"[{HIGH_CONTROLS}{DIRECTION_MARKS}{LINE_ENDS}{TURNED}]")
_plain = json.JSONEncoder(ensure_ascii=False).encode


def pieces(model: BaseModel) -> Iterator[str]:
    """A value of a contract as indented JSON with sorted keys and a closing line break, lists of values by the row."""
    rows = {name for name in type(model).model_fields if _is_rows(getattr(model, name))}
    rest = model.model_dump(mode="json", exclude=rows)
    opening = "{\n  "
    for name in sorted({*rest, *rows}):
        yield f"{opening}{_plain(name)}: "
        opening = ",\n  "
        if name not in rows:
            yield indented(rest[name], 1)
            continue
        before = "[\n    "
        for row in getattr(model, name):
            yield before + indented(row.model_dump(mode="json"), 2)
            before = ",\n    "
        yield "\n  ]"
    yield "\n}\n"


def _is_rows(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(row, BaseModel) for row in value)


def indented(value: Any, depth: int = 0) -> str:
    """JSON data as `json.dumps` with indent=2, sort_keys and without ensure_ascii writes it; `depth`: of its place.

    That does so in Python, for each comma a generator in a generator: five times as slow.
    """
    if not value or not isinstance(value, dict | list):
        return _plain(value)
    line = "\n" + "  " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{_plain(key)}: {indented(value[key], depth + 1)}" for key in sorted(value)]
        return f"{{{line}{f',{line}'.join(rows)}{line[:-2]}}}"
    rows = [indented(each, depth + 1) for each in value]
    return f"[{line}{f',{line}'.join(rows)}{line[:-2]}]"


def escaped(text: str) -> str:
    """JSON that means the same, without a character that a terminal obeys."""
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
