"""The leaves of what is declared: where each stands, and what stands there."""

from collections.abc import Iterator
from typing import Any

Place = tuple[Any, ...]  # keys of mappings, numbers in lists


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value that is neither mapping nor list, with its way from the top."""
    if isinstance(value, dict | list):
        for key, own in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(own, (*place, key))
    else:
        yield place, value
