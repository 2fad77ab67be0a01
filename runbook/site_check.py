"""A site's own templates before anything is made with them: every file replaces one of ours and can be read."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta

from checker.errors import Fault, InputError
from checker.text_file import MIB, file_label, nearest, read_bytes, read_text
from runbook.resources import resource

MOST = 500  # files, ours; there are 22 to replace, and whoever names his home directory is to be told, not waited for
LARGEST_FONT = 16 * MIB  # a font with every Chinese character takes about ten
LARGEST_LOGO = 4 * MIB  # it is carried inside every HTML file and PDF
FILLED = (".html", ".md", ".css", ".js")  # what is filled in as a template
WHEN = "when"  # the conditions of a table's sentences, a table themselves
LOGO = "style/logo.png"  # in place of logo.svg
AT = re.compile(r" \(at line (\d+), column (\d+)\)")


def check(site: Path | None) -> None:
    """InputError with every file below a site's templates that replaces nothing, is no text, or is broken."""
    if site is None:
        return
    if not site.is_dir():
        what = "is not a directory" if site.exists() else "no such directory"
        raise InputError(f"{file_label(site)}: {what}: expected one with files as `templates` lists them")
    paths = sorted(islice((path for path in site.rglob("*") if _counts(path, site)), MOST + 1))
    if len(paths) > MOST:
        raise InputError(f"{file_label(site)}: holds more than {MOST} files: expected a directory of templates alone")
    faults = list(_faults(site, paths))
    if faults:
        raise InputError(faults)


def _counts(path: Path, site: Path) -> bool:
    """What an editor, or a version control, keeps beside the files is nobody's template."""
    own = path.relative_to(site).parts
    return not path.is_dir() and not any(part.startswith(".") for part in own) and not path.name.endswith("~")


def _faults(site: Path, paths: list[Path]) -> Iterator[Fault]:
    shipped = resource("templates")
    known = {str(path.relative_to(shipped)) for path in shipped.rglob("*") if path.is_file()} | {LOGO}
    called: set[str] = set()  # templates of the site's own that one of these files takes in
    for path in paths:
        try:
            if path.suffix in FILLED:
                text = read_text(path, expected="a template")
                called |= {name for name in meta.find_referenced_templates(Environment().parse(text)) if name}
            elif path.suffix == ".toml":
                yield from _words(path, read_text(path, expected="words in TOML"), shipped / "words" / path.name)
            else:
                read_bytes(path, LARGEST_FONT if path.suffix == ".woff2" else LARGEST_LOGO, "a font or a picture")
        except InputError as error:
            yield from error.faults
        except TemplateSyntaxError as error:
            yield Fault(file_label(path), error.lineno, None, error.message or "wrong template syntax")
    for path in paths:
        name = str(path.relative_to(site))
        if name not in known | called:
            meant = nearest(name, known)
            hint = f"; did you mean {meant}?" if meant else ""
            yield Fault(file_label(path), None, None, f"unknown file {name}: it would replace nothing{hint}")


def _words(path: Path, text: str, ours: Path) -> Iterator[Fault]:
    label = file_label(path)
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = AT.search(str(error))
        line, column = (int(number) for number in place.groups()) if place else (None, None)
        yield Fault(label, line, column, AT.sub("", str(error)))
        return
    shipped = tomllib.loads(ours.read_text(encoding="utf-8")) if ours.is_file() else {}
    known = _kinds(shipped)
    for key, fields in own.items() if shipped else ():
        line = line_of(text, key)
        if key not in shipped:
            meant = nearest(key, shipped)
            hint = f"; did you mean [{meant}]?" if meant else ""
            yield Fault(label, line, None, f"unknown table [{key}]: it would replace nothing{hint}")
        elif not isinstance(fields, dict):
            yield Fault(label, line, None, f"{key} is a value: expected a table [{key}] with fields")
        for field, value in fields.items() if key in shipped and isinstance(fields, dict) else ():
            line = line_of(text, key, field)
            if field == WHEN and isinstance(value, dict):
                if value != shipped[key].get(WHEN):  # a copy of our file has them too
                    yield Fault(label, line, None, f"[{key}] when: conditions cannot be replaced, sentences alone")
                continue
            if field not in known:
                meant = nearest(field, known)
                hint = f"; did you mean {meant}?" if meant else ""
                yield Fault(label, line, None, f"unknown field {field} in [{key}]: it would replace nothing{hint}")
            elif _kind(value) not in known[field]:
                yield Fault(label, line, None, f"[{key}] {field} is {_kind(value)}: expected {known[field][0]}")


def _kinds(tables: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each field is in our words: one sentence, or a list of them."""
    found: dict[str, list[str]] = {}
    for fields in tables.values():
        for field, value in fields.items():
            if field == WHEN and isinstance(value, dict):
                continue
            found.setdefault(field, []).append(_kind(value))
    return found


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "a sentence"
    sentences = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "a list of sentences" if sentences else "neither a sentence nor a list of them"


def line_of(text: str, key: str, field: str | None = None) -> int | None:
    """The line on which a table of a TOML text begins, or a field of it; None where it is written in another way."""
    within = None
    for number, line in enumerate(text.splitlines(), start=1):
        head = re.match(r"""\s*(?:\[\s*["']?([^\]"']+?)["']?\s*\]|["']?([^\s="']+)["']?\s*=)""", line)
        if not head:
            continue
        if head[1] is not None:
            within = head[1]
        if field is None and key in (head[1], head[2] if within is None else None):
            return number
        if field is not None and within == key and head[2] == field:
            return number
    return None
