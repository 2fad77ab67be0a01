"""What every contract value shares: frozen, no unknown fields, and one canonical form to digest."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import chain
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
BasisKind = Literal["vendor", "documented", "measured", "site", "ours"]

DRIFTS = "drifts"  # marks a declared field that may change while what is printed stays good: people, figures, answers
_GIVEN: dict[frozenset[str], set[str]] = {}


class Value(BaseModel):
    """A frozen value of a contract; unknown fields are refused, so that a misspelling is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_post_init(self, _: Any, /) -> None:
        """One set of names for all values that were given the same fields: pydantic's own is 2 KB for each step."""
        given = self.__pydantic_fields_set__
        object.__setattr__(self, "__pydantic_fields_set__", _GIVEN.setdefault(frozenset(given), given))

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


def lasting_values(value: Any, said: Any) -> Any:
    """What of a declared value lasts, as JSON: `said`, its whole JSON form, without the fields that are marked."""
    match value:
        case BaseModel():
            fields = type(value).model_fields.items()
            own = (name for name, each in fields if DRIFTS not in each.metadata)
            return {name: lasting_values(getattr(value, name), said[name]) for name in own}
        case dict():
            return {key: lasting_values(own, said[key]) for key, own in value.items()}
        case tuple():
            return [lasting_values(own, text) for own, text in zip(value, said, strict=True)]
    return said


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
    return digest_of_text([canonical(value)])


def digest_of_text(pieces: Iterable[str]) -> str:
    """The digest of a canonical form that comes in pieces."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece.encode())
    return found.hexdigest()[:16]


def digest_of(items: Iterable[tuple[str, Any]]) -> str:
    """The digest of the mapping that has these items, sorted by their keys, without ever holding all of it as text."""
    rows = (f"{canonical(key)}:{canonical(value)}" for key, value in items)
    return digest_of_text(chain("{", (f"{',' if place else ''}{row}" for place, row in enumerate(rows)), "}"))
