"""The words of steps and pages, read once from `templates/words`; Python decides what is true, they how it reads."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, StrictUndefined, Template, TemplateError

from checker.errors import Fault, InputError
from checker.text_file import file_label, read_text
from runbook.site_check import WHEN, check, line_of

PAGES = ("html/runbook.html", "html/blocks.html")  # the templates that printed pages are made by
STYLES = ("style/base.css", "style/tables.css", "style/print.css")
TAG, CONTENT = re.compile(r"<[^>]*>"), re.compile(r"\bcontent:([^;}]*)")
NUMBERS = ("three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")  # written as words
TYPED = 3  # finished servers that a person can be asked to type one by one


@dataclass(frozen=True)
class Words:
    """Every sentence by (table, key, field); values are filled in as data, never as template text.

    `own`: where the site's own sentences stand. `around`: what the templates of printed pages write around them.
    `when`: the conditions of a sentence, by (table, key) and field; they hold for a site's sentence in its place too.
    A conditional `FIELD_MORE` is a further sentence of FIELD.
    """

    tables: Mapping[str, Mapping[str, Any]]
    place: Path
    own: Mapping[tuple[str, str, str], tuple[Path, int | None]] = field(default_factory=dict)
    around: str = ""
    when: Mapping[tuple[str, str], Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def say(self, table: str, key: str, field: str, so: Set[str] = frozenset(), /, **values: Any) -> str | None:
        """The sentence with its values, and those further ones whose conditions are `so`; None where there is none.

        InputError when a site's own words are broken.
        """
        own = self.tables.get(table, {}).get(key, {})
        when = self.when.get((table, key))
        if when is None:
            return None if own.get(field) is None else self._fill((table, key, field), own[field], values)
        names = (name for name in self.sentences(table, key, field) if when.get(name, so) <= so)
        return _joined(self._fill((table, key, name), own[name], values) for name in names)

    def sentences(self, table: str, key: str, field: str) -> tuple[str, ...]:
        """The fields that a field is made of, in the order of the file: itself and its further sentences."""
        when = self.when.get((table, key), {})
        own = self.tables.get(table, {}).get(key, {})
        return tuple(name for name in own if name == field or (name in when and name.startswith(f"{field}_")))

    def items(self, table: str, key: str, field: str, /, **values: Any) -> tuple[str, ...]:
        """The sentences of a list; those that come out empty are left out."""
        sources = self.tables.get(table, {}).get(key, {}).get(field, [])
        said = (self._fill((table, key, field), source, values) for source in sources)
        return tuple(sentence for sentence in said if sentence)

    def rows(self, table: str, key: str, field: str, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """The label and the text of each line `label: text` of a list, in their order, an empty text too."""
        where, said = (table, key, field), []
        for source in self.tables.get(table, {}).get(key, {}).get(field, []):
            label, colon, _ = source.partition(":")
            if not colon or "{" in label:
                raise self._fault(where, f"{source!r}: expected a label, a colon and what stands beside it")
            said.append((label.strip(), self._fill(where, source, values).partition(":")[2].strip()))
        return tuple(said)

    def source(self, table: str, key: str, field: str) -> str:
        """The sentence, or the lines of a list, before its values are filled in; nothing where there is none."""
        found = self.tables.get(table, {}).get(key, {}).get(field, "")
        return found if isinstance(found, str) else "\n".join(found)

    def _fill(self, where: tuple[str, str, str], source: str, values: Mapping[str, Any]) -> str:
        if "{" not in source:
            return " ".join(source.split())
        try:
            return " ".join(_template(source).render(values).split())
        except Exception as error:  # a template may raise whatever its author wrote: 1/0
            if where not in self.own and not isinstance(error, TemplateError):
                raise
            raise self._fault(where, str(error)) from None

    def _fault(self, where: tuple[str, str, str], said: str) -> InputError:
        file, line = self.own.get(where, (self.place / f"{where[0]}.toml", None))
        return InputError([Fault(file_label(file), line, None, f"[{where[1]}] {where[2]}: {said}")])


NOTHING = ChainableUndefined(
    "what is not declared, or not asked for, is printed empty, and no value can be computed from it"
)


def shown(declared: Any, lasting: Any) -> Any:
    """What sentences print of declared values (their JSON form), by name: of a field that is not declared, or that
    `lasting` has not, nothing, and of its own fields nothing."""
    if isinstance(declared, dict):
        return {key: shown(own, lasting[key]) if key in lasting else NOTHING for key, own in declared.items()}
    if isinstance(declared, list):
        return [shown(own, kept) for own, kept in zip(declared, lasting, strict=True)]
    return NOTHING if declared is None else declared


def _joined(sentences: Iterable[str]) -> str | None:
    """Sentences one after the other; where one has no stop, as in what to expect, a semicolon stands between them."""
    said = ""
    for sentence in filter(None, sentences):
        said += ("" if not said else " " if said[-1] in '.:?!”"' else "; ") + sentence
    return said or None


def finished(names: Sequence[str]) -> str:
    """The options that name finished servers, in the order of the plan; many by the last of them."""
    if len(names) > TYPED:
        return f" --done-through {names[-1]}"
    return "".join(f" --done {name}" for name in names)


def few(names: Sequence[str], most: int = 8, spare: int = 1) -> str:
    """The first names of a list, and how many more there are, if more than `spare`: a step is read aloud."""
    more = len(names) - most
    return ", ".join(names) if more <= spare else f"{', '.join(names[:most])} and {more} more"


def times(count: int) -> str:
    """How often, as words that end a name: nothing for once."""
    if count < 3:
        return ", twice" if count == 2 else ""
    return f", {NUMBERS[count - 3] if count - 3 < len(NUMBERS) else count} times"


_ENVIRONMENT = Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters |= {"done": finished, "few": few, "times": times}


@cache
def _template(source: str) -> Template:
    template = _ENVIRONMENT.from_string(source)
    template.globals = dict(template.globals)  # else a ChainMap, which Python goes through for each sentence
    return template


def load_words(directory: Path, site: Path | None = None) -> Words:
    """The words below a template directory; a site's own files of the same name replace single fields of ours.

    InputError with every file of the site's that replaces nothing or is broken.
    """
    tables: dict[str, dict[str, Any]] = {}
    own: dict[tuple[str, str, str], tuple[Path, int | None]] = {}
    when: dict[tuple[str, str], Mapping[str, frozenset[str]]] = {}
    check(site)
    for place in (directory, *((site,) if site else ())):
        for file in sorted((place / "words").glob("[!.]*.toml")):
            text = read_text(file, expected="words in TOML")
            ours = tables.setdefault(file.stem, {})
            for key, fields in tomllib.loads(text).items():
                conditions = fields.pop(WHEN) if isinstance(fields.get(WHEN), dict) else {}
                if conditions and place == directory:  # when a sentence is so, no site decides
                    when[file.stem, key] = {name: frozenset(each) for name, each in conditions.items()}
                ours[key] = {**ours.get(key, {}), **fields}
                if place == site:
                    own |= {(file.stem, key, field): (file, line_of(text, key, field)) for field in fields}
    return Words(tables, directory / "words", own, _around(directory, site), when)


def _around(directory: Path, site: Path | None) -> str:
    """The words between the tags of printed pages, those that an expression chooses from, and those of their style."""

    def text(name: str) -> str:
        own = site / name if site else directory / name
        return read_text(own if own.is_file() else directory / name, expected="a template")

    found: list[str] = []
    for name in PAGES:
        tokens = list(_ENVIRONMENT.lex(text(name)))
        found += TAG.sub(" ", "".join(said if kind == "data" else " " for _, kind, said in tokens)).split()
        found += [said for _, kind, said in tokens if kind == "string"]
    found += [said for name in STYLES for said in CONTENT.findall(text(name))]
    return " ".join(found)
