"""Hostile words, a page model with a block of each kind to put them in, and what readers make of its pages."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import tinyhtml5  # type: ignore[import-untyped]
from markdown_it import MarkdownIt

from runbook.pages.page_model import (  # fmt: skip
    Blank,
    Box,
    Bullets,
    Caution,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Part,
    Runbook,
    Signatures,
    SiteText,
    StepRow,
    Steps,
    Table,
)
from runbook.render.escaping import cleaned

WORDS = {
    "script": "</title></style></script><script>owned=49*7001</script>",
    "elements": "<img src=x onerror=owned=1><svg onload=owned=1><iframe srcdoc=x><base href=//e.example><form action=x>",  # noqa: E501
    "ends": "--> <!-- ]]> --!> <![CDATA[ <?php ?> </textarea></template></svg> &lt;b&gt; &#60;script&#62; &colon;",
    "attribute": "\"' onmouseover=owned=1 x='` autofocus onfocus=`owned=1`",
    "addresses": "javascript:owned=1 http://e.example/ //e.example www.e.example a@e.example data:text/html,x",
    "links": "[a](javascript:x) ![i](http://e.example/i) <http://e.example> [b]: http://e.example [b] [[w]] :smile: @you #1",  # noqa: E501
    "blocks": "<div><h1>x</h1></div>\n\n<script>\nx\n</script>\n\n# x\n\n- [ ] y\n1. z\n> q\n---\n===\n\tcode\n| a | b |\n|--|--|",  # noqa: E501
    "cells": "a | b || \\| c `|` | --- | :-: |\n| d |",
    "fences": "``` ```` ~~~ `x` ``y``\n```\n~~~\n````\n</pre><script>owned=1</script>",
    "emphasis": "*a* **b** _c_ __d__ ~~e~~ ~f~ ***g*** ==h== \\*i\\* $j$ ^k^ a\\",
    "templates": "{{ 7001*49 }}{% if 1 %}{# gone #}{%- raw %}${7001*49} <%= 7001*49 %> #{7001*49} {{ book.tool }}",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://e.example\x1b\\here\x9b31m\x9dx\x9c\x7f\x00\x08\x85end",
    "order": "\u202egnp.\u2066x\u2069\u200f\u061c\u200eend \u05d0\u05d1\u05d2 (1) \u0639\u0631\u0628 12",
    "unseen": "a\u200bb\u00adc\ufeffd\u2060e\U000e0041f\ud800g\udfffh\ufffei\uffffj\u2028k\u2029l\ufdd0m",
    "pdf": "(x) Tj ET endstream endobj\n%%EOF\n<< /S /JavaScript /JS (owned) >> /OpenAction /URI (http://e.example) \\) \\( \\051 >>",  # noqa: E501
    "css": "\"'; } @import 'http://e.example'; * { background: url(http://e.example/x); width: expression(1) } \\22 \\a \\\n/* <!--",  # noqa: E501
    "long": "x" * 3000,
    "many": "x/" * 900 + " " * 60 + "- " * 300 + "> " * 200,
    "deep": "- - " * 500 + "\n" + "\n".join(" " * 4 * depth + "- x" for depth in range(30)),
}  # fmt: skip
EVERY_WORD = "\n".join(text for name, text in WORDS.items() if name not in ("long", "many", "deep"))
EVALUATED = str(7001 * 49)
# Nothing that a terminal, a browser or an eye obeys, or that takes no room; a line end is ours.
OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufdd0\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# Choices of ours, and the drawing, which is markup of our own making: no text of anybody's.
OURS = {(Paragraph, "style"), (Caution, "word"), (Part, "kind"), (Figure, "svg")}
SITE = {(SiteText, "text"), (StepRow, "site_text")}  # where some markup is meant to live
PLAIN = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "br"}
ID = re.compile(r"\d+$")
Place = tuple[str | int, ...]


def part(number: int = 1) -> Part:
    """A sheet with a block of each kind and two steps."""
    step = StepRow(
        id="s.one", number="1.1", kind="stop", title="Stop", text="Do", site_text="Log in", command="run", blank="write",  # noqa: E501
        expect="yes", measured="no", if_not="hold", again="not twice", starts="22:00", basis="O",
        options=("A", "B"), caution="mind",
    )  # fmt: skip
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
    mixed = ("text", Blank("write"), Box("tick"), ("both", Blank("here"), Box("there")))
    blocks = (
        Paragraph("Plain"), Paragraph("Lead", "lead"), Paragraph("Note", "note"), SiteText("Site"), Heading("Head", "h"),  # noqa: E501
        Caution("STOP", "Mind"), Bullets(("one", "two")), Bullets(("first", "second"), ordered=True),
        Fields((("label", "value"), *(("field", cell) for cell in mixed))),
        Table("Caption", ("head", "a", "b", "c", "d"), (("row", *mixed),), "plain"),
        Table("Nothing", ("head",), (), "plain", "None."), Figure(svg, "alternative", "drawn"),
        Steps("A", "Block", "5 min", (step, replace(step, id="s.two", site_text=None))),
        Gate("s.gate", "1.2", "Whole", (("criterion", "seen"),), "chair", "back", "5 min", "O"),
        Signatures(("Done by",)),
    )  # fmt: skip
    return Part(f"sheet-{number}", "Sheet", blocks, "sheet", "s", "sheet 1 of 1", hostname="s.example")


def book(count: int = 1) -> Runbook:
    return Runbook(
        title="Set", deployment="acme", verdict="GO", stamp="DRAFT", change="C1", revision="1", plan_digest="3f2a",
        facts_id="f1", made="today", tool="ours", language="en", parts=tuple(map(part, range(1, count + 1))),
        elsewhere=(("else", "2"),),
    )  # fmt: skip


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, bool]]:
    """Where a text stands in the model, and whether it is the site's own Markdown."""
    if isinstance(value, str):
        yield at, False
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from places(item, (*at, number))
    elif is_dataclass(value) and not isinstance(value, type):
        for name in (field.name for field in fields(value)):
            if (type(value), name) not in OURS:
                site = (type(value), name) in SITE
                yield from ((place, site or below) for place, below in places(getattr(value, name), (*at, name)))


def put(value: Any, at: Place, text: str) -> Any:
    """The model with another text at one place."""
    if not at:
        return text
    if isinstance(value, tuple):
        return tuple(put(item, at[1:], text) if number == at[0] else item for number, item in enumerate(value))
    return replace(value, **{str(at[0]): put(getattr(value, str(at[0])), at[1:], text)})


def in_turn(model: Any, words: Sequence[str], first: int = 0, *, site: bool = False) -> Any:
    """The model with the words in its places, one after the other, from the one numbered `first`.

    An id stays one, with a number behind it.
    """
    for number, (at, own) in enumerate(list(places(model))):
        if site or not own:
            word = words[(number + first) % len(words)]
            model = put(model, at, word + (f" {number}" if at[-1] == "id" else ""))
    return model


def everywhere(model: Any, text: str) -> Any:
    """The model with the text in every place."""
    return in_turn(model, (text,))


def tame(text: str) -> str:
    """Letters in the shape of the text: as many lines, of the same length, with their spaces."""
    return re.sub(r"[^\n ]", "x", cleaned(text))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


class Page:
    """What a browser makes of an HTML page: each part's elements, but for what stands in the site's own Markdown."""

    def __init__(self, text: str):
        self.raw = text
        self.root = tinyhtml5.parse(
            re.sub("(?<=base64,)[A-Za-z0-9+/=]{1000,}", "", text), namespace_html_elements=False
        )
        sites = [e for e in self.root.iter("div") if e.get("class") == "site"]
        self.site = [e for site in sites for top in site if top.get("class") != "about" for e in top.iter()]
        within = {id(element) for element in self.site}
        self.elements = [e for e in self.root.iter() if isinstance(e.tag, str) and id(e) not in within]
        sections = [e for e in self.root.iter("section") if str(e.get("class")).startswith("part ")]
        self.parts = [[(e.tag, sorted(e.attrib)) for e in own.iter() if id(e) not in within] for own in sections]
        self.shape = Counter((e.tag, *sorted(e.attrib)) for e in self.elements)
        self.comments = [e.text for e in self.root.iter() if not isinstance(e.tag, str)]
        self.text = squeezed("".join(self.root.itertext()))

    def one(self, tag: str) -> str:
        (found,) = self.root.iter(tag)
        return str(found.text)

    def policy(self) -> str:
        return next(str(e.get("content")) for e in self.root.iter("meta") if e.get("http-equiv"))


def sections(text: str) -> list[list[tuple[str, str, str]]]:
    """What a reader of Markdown makes of each part, but for the words."""
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    found: list[list[tuple[str, str, str]]] = [[]]
    for token in (inner for outer in parsed for inner in (outer, *(outer.children or []))):
        if (token.type, token.tag) == ("heading_open", "h2"):
            found.append([])
        raw = re.sub(" plan .*", "", token.content.strip()) if token.type in ("html_inline", "html_block") else ""
        if token.type not in ("text", "text_special", "inline"):
            found[-1].append((token.type, token.tag, raw))
    return found
