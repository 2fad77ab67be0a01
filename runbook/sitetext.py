"""The site's own Markdown (procedure texts, notices) as harmless HTML."""

from functools import cache

import nh3
from markdown import Markdown

ALLOWED = frozenset({"p", "em", "strong", "code", "pre", "ul", "ol", "li", "br", "blockquote"})

# What is not read as markup stays visible as typed: a procedure's `# command`, `<host>` or address must not
# disappear from the page because a sanitiser dropped it.
UNREAD_BLOCKS = ("hashheader", "setextheader", "reference", "hr")
UNREAD_INLINE = (
    "reference", "link", "image_link", "image_reference", "short_reference", "short_image_ref",
    "autolink", "automail", "html",
)  # fmt: skip


@cache
def _reader() -> Markdown:
    reader = Markdown(extensions=["fenced_code", "sane_lists", "nl2br"])
    reader.preprocessors.deregister("html_block")
    for name in UNREAD_BLOCKS:
        reader.parser.blockprocessors.deregister(name)
    for name in UNREAD_INLINE:
        reader.inlinePatterns.deregister(name)
    return reader


@cache
def site_html(text: str) -> str:
    """Return the text as HTML of ten plain elements without attributes, links or images."""
    return nh3.clean(_reader().reset().convert(text), tags=set(ALLOWED), attributes={}).strip()
