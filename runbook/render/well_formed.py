"""The tree of our own HTML without an HTML parser, which mends what ours does not have broken, and takes its time."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

EMPTY = re.compile(r"<(br|col|hr|img|input|meta)\b([^<>]*?)/?>")
ENTITIES = {"&emsp;": "\u2003", "&nbsp;": "\u00a0"}  # all that our templates and a site's text have besides XML's five
IN_TWO_LINES = re.compile('="[^"\n]*\n')  # XML makes a space of the line end in an attribute


def well_formed(html: str) -> Element | None:
    """Return what an HTML parser makes of a page of the shipped templates; None where only that parser would know.

    Of a site's own templates it may be wrong without saying so: HTML closes and opens elements that XML does not.
    """
    if IN_TWO_LINES.search(html):
        return None
    text = EMPTY.sub(r"<\1\2/>", html[html.find("<html") :])
    for name, character in ENTITIES.items():
        text = text.replace(name, character)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    if [child.tag for child in root] != ["head", "body"]:
        return None
    body = root[1]
    root.text = None  # where HTML has no place for the space between two elements
    if len(body):
        body[-1].tail = (body[-1].tail or "") + (body.tail or "")
    body.tail = None
    return root
