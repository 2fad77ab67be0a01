"""Whatever is declared or worded otherwise: either no lasting line of a sheet differs, or the sheet's digest does."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest
from digested_plans import composed
from leaves import Place, leaves
from printed_samples import edition
from pydantic import ValidationError

from checker.inputs.deployment import Deployment
from runbook.pages.page_model import Drifting, Part
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose
from runbook.render.markdown import to_markdown
from runbook.resources import resource
from runbook.words import Words, load_words

EVERY, FEW = 1, 97  # of a hundred and more leaves and of some 700 sentences


# other texts where a field takes not any: a digest of ours, a day, moments, a zone, a checksum
TEXTS = ("f" * 16, "2026-11-30", "2026-12-05T21:30:00", "2026-12-06T06:30:00", "Europe/Madrid", "f" * 64)


def otherwise(value: Any, place: Place, text: str = "") -> Any:
    """The value with one leaf changed: another text, or a longer one; a larger number, the other answer."""
    if place:
        first, *rest = place
        changed = otherwise(value[first], tuple(rest), text)
        if isinstance(value, dict):
            return {**value, first: changed}
        return [changed if number == first else own for number, own in enumerate(value)]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else text or f"{value or ''}1"


def sites(place: Place) -> Iterator[Deployment]:
    """The deployments that this leaf makes with each other text that its field takes."""
    for text in ("", *TEXTS):
        with suppress(ValidationError):
            yield Deployment.model_validate(otherwise(declared(), place, text))


def without_what_drifts(value: Any) -> Any:
    """A part whose drifting texts are blanked out, by the marks of the page model, and not by what digests."""
    if isinstance(value, Drifting):
        return value.lasting
    if isinstance(value, tuple):
        return tuple(map(without_what_drifts, value))
    if is_dataclass(value) and not isinstance(value, type):
        own = {each.name: without_what_drifts(getattr(value, each.name)) for each in fields(value)}
        blank = {name: "" for name in ("minutes", "starts", "measured") if name in own}
        return replace(value, **own | blank)
    return value


def lasting_lines(made: Edition) -> dict[str, str]:
    """What of each sheet lasts, as it is printed in Markdown."""
    book = replace(compose(made), plan_digest="", stamp=None, made=None, facts_id=None, verdict="", tool="")
    sheets: list[Part] = [part for part in book.parts if part.kind == "sheet"]
    return {str(part.server): to_markdown(replace(book, parts=(without_what_drifts(part),))) for part in sheets}


@cache
def words() -> Words:
    return load_words(resource("templates"))


@cache
def declared() -> Any:
    media = {"media": {"path": "/srv/media/pmx6.tar", "sha256": "0" * 64}}
    return edition("county-mail").deployment.model_dump(mode="json") | media


@cache
def before() -> tuple[dict[str, str], dict[str, str]]:
    made = composed(Deployment.model_validate(declared()), {}, words())
    return made.plan.sheets, lasting_lines(made)


def unheard(made: Edition) -> list[str]:
    """The sheets of which a lasting line differs and the digest does not."""
    sheets, lines = before()
    return [
        name
        for name, text in lasting_lines(made).items()
        if text != lines.get(name) and made.plan.sheets[name] == sheets.get(name)
    ]


@pytest.mark.parametrize("every", [FEW, pytest.param(EVERY, marks=pytest.mark.large)])
def test_no_leaf_of_the_deployment_changes_a_lasting_line_unheard(every: int) -> None:
    tried = 0
    for place, _ in list(leaves(declared()))[::every]:
        try:
            site = Deployment.model_validate(otherwise(declared(), place))
            made = composed(site, {}, words())
        except (ValidationError, KeyError, StopIteration) as refused:
            assert ".toml" not in str(refused), "a sentence that a page says has no words"
            continue  # a name that nothing else has any more is refused where the file is read
        tried += 1
        assert unheard(made) == [], place
    assert tried >= 100 // every


# of what is said about the change and by whom; what else is declared of it drifts
VOIDING = {"number", "revision", "role", "answer_minutes", "timezone", "start", "end"}
UNTRIED = {"extended"}  # who prolonged which window, until when: three values that no text says


def test_what_is_declared_of_the_change_drifts_or_is_known_to_void_the_plan_though_a_site_prints_all_of_it() -> None:
    places = [place for place, _ in leaves({part: declared()[part] for part in ("change", "disk", "probe")})]
    every = [f"Row: {{{{ deployment{''.join(f'[{step!r}]' for step in place)} }}}}" for place in places]
    tables = words().tables
    page = {**tables["pages"]["decision"], "declared": [*tables["pages"]["decision"]["declared"], *every]}
    own = replace(words(), tables={**tables, "pages": {**tables["pages"], "decision": page}})
    digest = composed(Deployment.model_validate(declared()), {}, own).plan.digest
    voiding: set[str] = set()
    drifting: set[str] = set()
    untried: set[str] = set()
    for place in places:
        name = next(str(step) for step in reversed(place) if isinstance(step, str))
        site = next(sites(place), None)
        if site is None:
            untried.add(name)
        else:
            (drifting if composed(site, {}, own).plan.digest == digest else voiding).add(name)
    assert untried == UNTRIED, "a leaf whose other value no text above is: add one"
    assert voiding == VOIDING, "mark what drifts in its model (DRIFTS) and where its page says it, or name it here"
    assert {"phone", "chair", "headroom_percent"} <= drifting


@pytest.mark.parametrize("every", [FEW, pytest.param(EVERY, marks=pytest.mark.large)])
def test_no_word_of_the_templates_changes_a_lasting_line_unheard(every: int) -> None:
    site, tables = Deployment.model_validate(declared()), words().tables
    names = [(table, key, field) for table, keys in tables.items() for key, own in keys.items() for field in own]
    heard = 0
    for table, key, field in {*names[::every], ("steps", "guard", "title")}:
        said = tables[table][key][field]
        reworded = f"Reworded {said}" if isinstance(said, str) else [f"Reworded {item}" for item in said]
        own = {**tables, table: {**tables[table], key: {**tables[table][key], field: reworded}}}
        made = composed(site, {}, replace(words(), tables=own))
        assert unheard(made) == [], (table, key, field)
        heard += made.plan.sheets != before()[0]
    assert heard
