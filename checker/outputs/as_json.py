"""The report as JSON, and the schema that it keeps."""

import json
import re
from typing import Any

from checker.legible import DIRECTION_MARKS, HIGH_CONTROLS, LINE_ENDS, TURNED
from checker.report import Report

# JSON leaves these as they are, and a terminal obeys them
OBEYED = re.compile(f"[{HIGH_CONTROLS}{DIRECTION_MARKS}{LINE_ENDS}{TURNED}]")


def to_json(report: Report) -> str:
    """The report as indented JSON with sorted keys and a closing line break; the same report has the same bytes."""
    return escaped(json.dumps(report.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False)) + "\n"


def escaped(text: str) -> str:
    """JSON that means the same, without a character that a terminal obeys."""
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` returns."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema(mode="serialization")}
