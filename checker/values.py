"""What every contract value shares: frozen, no unknown fields, and one canonical form to digest."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
BasisKind = Literal["vendor", "documented", "measured", "site", "ours"]


class Value(BaseModel):
    """A frozen value of a contract; unknown fields are refused, so that a misspelling is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Basis(Value):
    """Why a statement may be printed: vendor (V-ids), documented (page), measured (fact), site, or ours."""

    kind: BasisKind
    refs: tuple[str, ...] = ()
    at: str | None = None


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, tuple[Item, ...]]:
    """The items by a key of theirs, each group in their order."""
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return {own: tuple(group) for own, group in found.items()}


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no blanks, so that the same value has the same bytes."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a value's canonical form."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]
