"""The site's own Markdown (procedure texts, notices): what of it is markup, as harmless HTML and as a tree of it.

Only paragraphs, lists, fenced and inline code, strong and emphasised words are markup. Everything else stays visible
as typed: a procedure's `# command`, `<host>`, `\\;`, `&lt;` or `*.log` must not disappear from the paper, and a number
that refers to the vendor's page must not be counted anew.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from xml.etree.ElementTree import Element, fromstring

import nh3
from markdown import Markdown, inlinepatterns, util
from markdown.blockparser import BlockParser
from markdown.blockprocessors import OListProcessor
from markdown.extensions.sane_lists import SaneOListProcessor, SaneUListProcessor
from markdown.treeprocessors import InlineProcessor

ALLOWED = frozenset({"p", "em", "strong", "code", "pre", "ul", "ol", "li", "br"})
UNREAD = ("code", "hashheader", "setextheader", "hr", "quote", "reference")
DEEPEST = 4  # lists in lists; no procedure needs more, and every level costs the printer several stack frames
POINT = f"{util.STX}{ord('.')}{util.ETX}"  # in the library's own form of a character that means nothing

CODE = r"(?<!`)()(`+)(?!`)(?!\s*\2(?!`))([^\n]+?)(?<!`)\2(?!`)"
# Emphasis stands apart from the words around it: `/**/`, `2**3` and `*.log` are none.
STRONG = r"(?<![^\s(])(\*\*)(?=\S)([^*\n]+)(?<=\S)\*\*(?=[.,;:!?)]*(?:\s|$))"
EM = r"(?<![^\s(])(\*)([^\W_](?:[\w ,-]*[^\W_])?)\*(?=[.,;:!?)]*(?:\s|$))"


@cache
def site_html(text: str) -> str:
    """Return the text as HTML of nine plain elements without attributes, links or images."""
    return nh3.clean(_reader().reset().convert(text), tags=set(ALLOWED), attributes={}).strip()


def site_tree(text: str) -> Element:
    """Return the same, as the elements below one without meaning; the text has no control characters."""
    return fromstring(f"<div>{site_html(text).replace('<br>', '<br/>').replace('&nbsp;', '&#160;')}</div>")


def site_text_lines(text: str) -> Iterator[str]:
    """Return the same as lines of plain text: a blank one between blocks, an item behind its marker."""
    tree = site_tree(text)
    for place, block in enumerate(tree):
        if place:
            yield ""
        yield from _plain_block(block, "")


def _plain_block(block: Element, indent: str) -> Iterator[str]:
    if block.tag not in ("ul", "ol"):
        yield from (f"{indent}{line}" for line in _plain_words(block).split("\n"))
        return
    for number, item in enumerate(block, start=1):
        marker = f"{number}. " if block.tag == "ol" else "- "
        inner = [child for child in item if child.tag in ("p", "ul", "ol", "pre")]
        first = _plain_words(item, but=inner) or (_plain_words(inner.pop(0)) if inner else "")
        yield f"{indent}{marker}{first}"
        for child in inner:
            yield from _plain_block(child, indent + " " * len(marker))


def _plain_words(element: Element, but: Sequence[Element] = ()) -> str:
    said = element.text or ""
    for child in element:
        own = "" if child in but else "\n" if child.tag == "br" else _plain_words(child)
        said += own + (child.tail or "")
    return said.strip("\n")


@cache
def _reader() -> Markdown:
    reader = Markdown(extensions=["fenced_code"])
    reader.preprocessors.deregister("html_block")
    blocks = reader.parser.blockprocessors
    for name in UNREAD:
        blocks.deregister(name)
    blocks.register(Numbers(reader.parser), "olist", 40)
    blocks.register(Bullets(reader.parser), "ulist", 30)
    reader.inlinePatterns = spans = util.Registry[inlinepatterns.Pattern]()
    spans.register(inlinepatterns.BacktickInlineProcessor(CODE), "code", 50)
    spans.register(inlinepatterns.SimpleTagInlineProcessor(STRONG, "strong"), "strong", 40)
    spans.register(inlinepatterns.SimpleTagInlineProcessor(EM, "em"), "em", 30)
    spans.register(Ampersand("&"), "ampersand", 20)
    spans.register(inlinepatterns.SubstituteTagInlineProcessor("\n", "br"), "br", 10)
    reader.treeprocessors.register(InlineProcessor(reader), "inline", 20)
    return reader


class Ampersand(inlinepatterns.InlineProcessor):
    """An & that begins no entity, whatever stands behind it."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override] # noqa: N802
        return util.AMP_SUBSTITUTE + "amp;", m.start(), m.end()


class Items(OListProcessor):
    """Items of a list that is not too deep; a marker right behind another one is text."""

    def test(self, parent: Element, block: str) -> bool:
        behind_marker = parent.tag == "li" and not parent.text and not len(parent)
        return super().test(parent, block) and not behind_marker and self._depth(parent) < DEEPEST

    def _depth(self, parent: Element) -> int:
        at, depth = self.parser.root, 0
        while at is not parent:  # what is being read stands last in all that it stands in
            at = at[-1]
            depth += at.tag == "li"
        return depth


class Bullets(Items, SaneUListProcessor):
    """Items with a bullet."""


class Numbers(Items, SaneOListProcessor):
    """Items numbered as a list counts them, from 1; any other number stays text, which no printer counts anew."""

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = self.CHILD_RE = re.compile(r"[ ]{0,3}(([1-9]\d{0,8})\.)[ ]+(.*)")

    def test(self, parent: Element, block: str) -> bool:
        item, before = self.RE.match(block), self.lastChild(parent)
        following = 1 + (len(before) if before is not None and before.tag == "ol" else 0)
        return item is not None and int(item[2]) == following and super().test(parent, block)

    def get_items(self, block: str) -> list[str]:
        lines, following = block.split("\n"), None
        for place, line in enumerate(lines):
            item = self.CHILD_RE.match(line)
            if item and following not in (None, int(item[2])):
                lines[place] = line.replace(".", POINT, 1)
            elif item:
                following = int(item[2]) + 1
        return super().get_items("\n".join(lines))
