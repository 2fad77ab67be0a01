"""The words that stand anywhere in a piece of the page model."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass


def texts(value: object) -> Iterator[str]:
    """Every text of a cell, a row, a block or a part, or of several of them, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for piece in value:
            yield from texts(piece)
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
