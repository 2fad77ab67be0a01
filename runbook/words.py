"""The words of steps and pages, read once from `templates/words`; Python decides what is true, they how it reads."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError

from checker.errors import InputError

TYPED = 3  # finished servers that a person can be asked to type one by one


@dataclass(frozen=True)
class Words:
    """Every sentence by (table, key, field); values are filled in as data, never as template text."""

    tables: Mapping[str, Mapping[str, Any]]
    place: Path

    @cached_property
    def _compiled(self) -> dict[str, Template]:
        return {}

    def say(self, table: str, key: str, field: str, /, **values: Any) -> str | None:
        """The sentence with its values; None where there is none. InputError when a site's own words are broken."""
        source = self.tables.get(table, {}).get(key, {}).get(field)
        return None if source is None else self._fill(f"{table}.toml [{key}] {field}", source, values)

    def items(self, table: str, key: str, field: str, /, **values: Any) -> tuple[str, ...]:
        """The sentences of a list; those that come out empty are left out."""
        sources = self.tables.get(table, {}).get(key, {}).get(field, [])
        said = (self._fill(f"{table}.toml [{key}] {field}", source, values) for source in sources)
        return tuple(sentence for sentence in said if sentence)

    def _fill(self, where: str, source: str, values: Mapping[str, Any]) -> str:
        try:
            template = self._compiled.get(source)
            if template is None:
                template = self._compiled[source] = _ENVIRONMENT.from_string(source)
            return " ".join(template.render(values).split())
        except TemplateError as error:
            raise InputError(f"{self.place}/{where}: {error}") from None


def finished(names: Sequence[str]) -> str:
    """The options that name finished servers, in the order of the plan; many by the last of them."""
    if len(names) > TYPED:
        return f" --done-through {names[-1]}"
    return "".join(f" --done {name}" for name in names)


def few(names: Sequence[str], most: int = 8, spare: int = 1) -> str:
    """The first names of a list, and how many more there are, if more than `spare`: a step is read aloud."""
    more = len(names) - most
    return ", ".join(names) if more <= spare else f"{', '.join(names[:most])} and {more} more"


_ENVIRONMENT = Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters |= {"done": finished, "few": few}


def load(directory: Path, site: Path | None = None) -> Words:
    """The words below a template directory; a site's own files of the same name replace single fields of ours."""
    tables: dict[str, dict[str, Any]] = {}
    for place in (directory, *((site,) if site else ())):
        for file in sorted((place / "words").glob("*.toml")):
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{file}: {error}") from None
            ours = tables.setdefault(file.stem, {})
            for key, fields in table.items():
                ours[key] = {**ours.get(key, {}), **fields}
    return Words(tables, directory / "words")
