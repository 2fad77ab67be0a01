"""Every string of the page model made hostile, alone and with all others: HTML and Markdown obey none of them."""

import base64
import hashlib
import re
from dataclasses import fields, replace
from typing import Any

import markdown
import pytest
import tinycss2
from hostile import (
    EVERY_WORD,
    OBEYED,
    PLAIN,
    WORDS,
    Page,
    book,
    everywhere,
    in_turn,
    part,
    places,
    put,
    sections,
    squeezed,
    tame,
)
from markdown_it import MarkdownIt

from runbook.pages.page_model import Runbook
from runbook.render.escaping import cleaned
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown

# where a link or a picture of a page may lead: to places of the page itself, and to what stands in it
OWN_TARGETS = ("#part-", "#pages", "#all", "#for-", "data:image/svg+xml;base64,")


def rules(css: str) -> list[Any]:
    """A style sheet but for the contents of its strings."""

    def bare(nodes: Any) -> list[Any]:
        inner = ("arguments", "content", "prelude")
        return [
            (
                node.type,
                "" if node.type == "string" else str(getattr(node, "value", getattr(node, "name", ""))),
                [bare(within) for name in inner if isinstance(within := getattr(node, name, None), list)],
            )
            for node in nodes
        ]

    return bare(tinycss2.parse_stylesheet(css))


def html_is_dead(hostile: Runbook, harmless: Runbook, *, for_print: bool) -> None:
    page, other = (Page(to_html(model, for_print=for_print)) for model in (hostile, harmless))
    assert not OBEYED.search(page.raw)
    assert page.parts == other.parts
    assert page.shape == other.shape
    assert page.comments == other.comments and page.raw.count("<!--") == other.raw.count("<!--")
    assert {(e.tag, *e.attrib) for e in page.site} <= {(tag,) for tag in PLAIN}
    for target in (e.get(name) for e in page.elements for name in ("href", "src")):
        assert str(target or "#part-").startswith(OWN_TARGETS)
    assert rules(page.one("style")) == rules(other.one("style"))
    assert "e.example" not in page.policy()
    assert re.sub(r"'sha256-\S+'", "", page.policy()) == re.sub(r"'sha256-\S+'", "", other.policy())
    used = [
        page.raw.split(f"<{tag}>")[1].split(f"</{tag}")[0] for tag in ("style", *(() if for_print else ("script",)))
    ]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in used]
    assert re.findall(r"'sha256-(\S+)'", page.policy()) == digests
    if not for_print:
        assert page.one("script") == other.one("script")
        data = {name: text for e in page.elements for name, text in e.attrib.items() if name.startswith("data-")}
        kept = (hostile.plan_digest, hostile.change, hostile.revision, hostile.parts[-1].hostname)
        assert [data[f"data-{it}"] for it in ("plan", "change", "revision", "host")] == [cleaned(it) for it in kept]


def markdown_is_dead(hostile: Runbook, harmless: Runbook, site: frozenset[int] = frozenset()) -> None:
    """`site`: the parts in which the site's own Markdown is hostile, and may have other elements, but no live ones."""
    text = to_markdown(hostile)
    assert not OBEYED.search(text)
    found, other = sections(text), sections(to_markdown(harmless))
    assert len(found) == len(other)
    for number, (own, wanted) in enumerate(zip(found, other, strict=True), start=-1):
        if number in site:
            assert [raw for _, _, raw in own if raw] == [raw for _, _, raw in wanted if raw]
            assert not {"a", "img"} & {tag for _, tag, _ in own}
        else:
            assert own == wanted, number


@pytest.mark.large  # each word stands in some of them each time
def test_each_text_of_a_part_alone_lives_in_no_form() -> None:
    inner = list(places(part()))
    hostile = tuple(replace(put(part(n), at, EVERY_WORD), id=f"p{n}") for n, (at, _) in enumerate(inner))
    harmless = tuple(replace(put(part(n), at, tame(EVERY_WORD)), id=f"p{n}") for n, (at, _) in enumerate(inner))
    bad, good = replace(book(), parts=(*hostile, part())), replace(book(), parts=(*harmless, part()))
    markdown_is_dead(bad, good, frozenset(n for n, (_, site) in enumerate(inner) if site))
    for for_print in (False, True):
        html_is_dead(bad, good, for_print=for_print)


@pytest.mark.parametrize("name", [f.name for f in fields(Runbook) if f.name not in ("parts", "elsewhere")])
def test_each_text_of_the_set_alone_lives_in_no_form(name: str) -> None:
    bad, good = (
        replace(book(), **dict[str, Any]({"volume": "2", name: (("night", text),) if name == "documents" else text}))
        for text in (EVERY_WORD, tame(EVERY_WORD))
    )
    markdown_is_dead(bad, good)
    html_is_dead(bad, good, for_print=True)


@pytest.mark.parametrize("first", range(0, len(WORDS), 4))
def test_every_word_in_some_places_lives_in_no_form(first: int) -> None:
    words = list(WORDS.values())
    bad, good = in_turn(book(), words, first), in_turn(book(), [tame(text) for text in words], first)
    markdown_is_dead(bad, good)
    html_is_dead(bad, good, for_print=first % 8 == 0)
    text = Page(to_html(bad)).text
    assert [word for word in words if squeezed(cleaned(word)) not in text] == []


@pytest.mark.large
@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS.keys())
def test_all_texts_together_live_in_no_form_and_are_shown(text: str) -> None:
    bad, good = everywhere(book(), text), everywhere(book(), tame(text))
    markdown_is_dead(bad, good)
    for for_print in (False, True):
        html_is_dead(bad, good, for_print=for_print)
    shown = squeezed(cleaned(text))
    assert Page(to_html(bad)).text.count(shown) > 50
    page = Page(
        f"<!doctype html>{MarkdownIt('commonmark').enable(['table', 'strikethrough']).render(to_markdown(bad))}"
    )
    assert page.text.count(shown) > 50


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS.keys())
def test_a_simple_reader_of_markdown_finds_nothing_alive_either(text: str) -> None:
    text = text.replace("\n", " ")  # it knows no fence inside a list, as around a command of several lines
    seen = Page(markdown.markdown(to_markdown(everywhere(book(), text)), extensions=["tables", "fenced_code"]))
    assert not {"script", "a", "img", "iframe", "style", "form", "input", "b"} & {e.tag for e in seen.elements}
    assert {name for e in seen.elements for name in e.attrib} <= {"style", "start"}
