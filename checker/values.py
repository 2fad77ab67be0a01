"""What every contract value shares: frozen, no unknown fields, and one canonical form to digest."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
BasisKind = Literal["vendor", "documented", "measured", "site", "ours"]


class Value(BaseModel):
    """A frozen value of a contract; unknown fields are refused, so that a misspelling is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values, without what was derived once from the old ones (cached properties)."""
        copied = super().model_copy(update=update, deep=deep)
        for derived in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[derived]
        return copied


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


def digest_of(items: Iterable[tuple[str, Any]]) -> str:
    """The digest of the mapping that has these items, sorted by their keys, without ever holding all of it as text."""
    found = hashlib.sha256()
    opening = "{"
    for key, value in items:
        found.update(f"{opening}{canonical(key)}:{canonical(value)}".encode())
        opening = ","
    found.update(b"}" if opening == "," else b"{}")
    return found.hexdigest()[:16]
