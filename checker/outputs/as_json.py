"""The report as JSON, and the schema that it keeps."""

from collections.abc import Iterator
from typing import Any

from checker.outputs.json_text import escaped, pieces
from checker.report import Report


def to_json(report: Report) -> Iterator[str]:
    """The report as indented JSON with sorted keys, finding by finding; the same report has the same bytes."""
    return map(escaped, pieces(report))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` returns."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema(mode="serialization")}
