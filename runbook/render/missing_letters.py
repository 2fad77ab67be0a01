"""The letters that no font of ours has: in a PDF they are boxes wherever no other font has them, and nobody is told."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from checker.inputs.deployment import Deployment
from checker.legible import visible
from checker.text_file import shown
from runbook.render.html import fonts

MOST = 10  # values that are told one by one
UNDRAWN = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # they choose a form of the sign before them


def missing(text: str, templates: Path | None = None) -> str:
    """The characters of a text, each once, that are in none of the fonts with which a set is printed."""
    if text.isascii():
        return ""
    have = _covered(fonts(templates))
    found = dict.fromkeys(char for char in text if ord(char) not in have and not _undrawn(char))
    return "".join(found)


def warning(deployment: Deployment, templates: Path | None = None) -> str:
    """Every value of the deployment file that cannot be printed with our fonts, for stderr; "" where there is none."""
    found = [
        (place, text, lacking)
        for place, text in _texts(deployment.model_dump(mode="json"), "")
        if (lacking := missing(text, templates))
    ]
    if not found:
        return ""
    lines = [f"  {place}: {shown(visible(text))} (without {visible(lacking)})" for place, text, lacking in found[:MOST]]
    lines += [f"  and {len(found) - MOST} more"] if len(found) > MOST else []
    lines.append("  write them in other letters too, or add a font that has them (see `pmx-preflight templates`)")
    return "\n".join(["the PDF may show boxes, because its fonts lack letters of:", *lines]) + "\n"


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{number}]")


def _undrawn(char: str) -> bool:
    return unicodedata.category(char) in UNDRAWN or char in SELECTORS


@cache
def _covered(paths: tuple[Path, ...]) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    have: set[int] = set()
    for path in paths:
        try:
            with path.open("rb") as file:
                have |= set(TTFont(file, lazy=True).getBestCmap() or ())
        except (TTLibError, OSError, AssertionError):  # a site's own file that is no font: the printer says so
            continue
    return frozenset(have)
