"""What the renderings share: text that can do no harm, templates that escape by default, the mark of our files."""

import re
import traceback
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from markupsafe import Markup

from checker.errors import Fault, InputError
from checker.legible import (
    CONTROLS,
    DIRECTION_MARKS,
    HALVES,
    HIGH_CONTROLS,
    LINE_ENDS,
    NO_CHARACTERS,
    TURNED,
    WITHOUT_WIDTH,
)
from runbook.pages.page_model import Runbook
from runbook.resources import resource

Model = TypeVar("Model")

LINE_END = re.compile(f"\r\n|[{LINE_ENDS}]")
LEFT_OUT = re.compile(f"[{CONTROLS}{HIGH_CONTROLS}{DIRECTION_MARKS}{TURNED}{WITHOUT_WIDTH}]")
NO_CHARACTER = re.compile(f"[{HALVES}{NO_CHARACTERS}]")  # the metadata of a PDF may hold none


def mark(book: Runbook) -> str:
    """Return the words by which a file of ours is recognised and tied to its plan; safe in any comment."""
    return "pmx-preflight plan " + re.sub(r"[^A-Za-z0-9_:.]", "", book.plan_digest)


def cleaned(value: Model) -> Model:
    """Return the value with every text inside it free of control characters (newlines stay)."""
    if isinstance(value, str):
        return _cleaned_text(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(cleaned(item) for item in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: cleaned(getattr(value, field.name)) for field in fields(value)})
    return value


def _cleaned_text(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return LEFT_OUT.sub("", NO_CHARACTER.sub("\ufffd", LINE_END.sub("\n", text).expandtabs(4)))


def environment(
    site: Path | None,
    *,
    escape: Callable[[str], str] | None = None,
    **filters: Callable[..., Any],
) -> jinja2.Environment:
    """Return templates, the site's before the shipped ones, that escape every value and refuse unknown names.

    `escape` replaces HTML's escaping by that of another syntax. Raises nothing; templates are read on use.
    """
    places = ([site] if site else []) + [resource("templates")]
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=(lambda value: _escaped(value, escape)) if escape else None,
    )
    templates.filters |= {"kind": lambda value: type(value).__name__, "anchor": anchor, **filters}
    return templates


def _escaped(value: object, escape: Callable[[str], str]) -> object:
    return value if hasattr(value, "__html__") else Markup(escape(str(value)))


def anchor(text: str) -> str:
    """Return the text as a name that may stand in an id and in a link to it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "-"


def render(templates: jinja2.Environment, name: str, **values: object) -> str:
    """Return the template's text; InputError with file and line where a site's own template is wrong."""
    try:
        return templates.get_template(name).render(**values)
    except jinja2.TemplateSyntaxError as error:
        fault = Fault(error.filename or name, error.lineno, None, error.message or "wrong template syntax")
        raise InputError([fault]) from error
    except jinja2.TemplateError as error:
        # a template's own frames stand in the traceback, with the file and line of the template
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(name)]
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else (name, None)
        raise InputError([Fault(file, line, None, error.message or "cannot be filled in")]) from error
    except Exception as error:  # a site's template may raise whatever its author wrote: 1/0
        own = [str(place) for place in templates.loader.searchpath[:-1]]  # type: ignore[union-attr]
        frames = [it for it in traceback.extract_tb(error.__traceback__) if it.filename.startswith(tuple(own))]
        if not own or not frames:
            raise
        raise InputError([Fault(frames[-1].filename, frames[-1].lineno, None, str(error))]) from error
