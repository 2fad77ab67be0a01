"""What the printing library computes, holds and writes without need, left out: the pages stay the same."""

import zlib
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

# Of every element it computes the styles of a note's call and marker, and of a bullet: six in seven of all its styles.
ASKS_FOR_THEM = ("footnote", "note(", "::note", "list-item")  # a style sheet with one of these gets them all
BULLETED = "li"  # the one element that has a bullet without being told so
LEVEL = 6  # of compression: 9 takes three times as long for 2 % fewer bytes


def without_notes(html: Any, style: str) -> None:
    """Take the library's own rules for the notes and bullets of every element from a document that has none of them."""
    if any(word in style for word in ASKS_FOR_THEM):
        return
    sheets = {forms: [_for_lists(sheet) for sheet in html._ua_stylesheets(forms)] for forms in (False, True)}
    html._ua_stylesheets = lambda forms=False: sheets[forms]


def _for_lists(sheet: Any) -> Any:
    spared, matcher = copy(sheet), copy(sheet.matcher)
    universal = [rule for rule in matcher.other_selectors if rule[3]]  # its fourth is the pseudo-element
    matcher.other_selectors = [rule for rule in matcher.other_selectors if not rule[3]]
    bullets = [rule for rule in universal if rule[3] == "marker"]
    named = matcher.lower_local_name_selectors
    matcher.lower_local_name_selectors = named | {BULLETED: named.get(BULLETED, []) + bullets}
    spared.matcher = matcher
    return spared


def paint_packed(document: Any) -> None:
    """Let each page be compressed as soon as it is painted: as a list of its strokes it takes fifty times as much."""
    for page in document.pages:
        page.paint = partial(_paint_packed, page.paint)


def _paint_packed(paint: Callable[..., None], stream: Any, scale: float = 1) -> None:
    paint(stream, scale)
    _pack(stream)


def pack_rest(document: Any, pdf: Any) -> None:
    """Make the bytes of all that no page is once: the library does so for the file, and again for its identifier."""
    from pydyf import Object, Stream  # type: ignore[import-untyped]

    class Made(Object):  # type: ignore[misc]
        data = b""

    for at, one in enumerate(pdf.objects):
        if isinstance(one, Stream):
            _pack(one)
        elif one.free != "f":
            pdf.objects[at] = made = Made()
            made.number, made.generation, made.data = one.number, one.generation, one.data
    pdf.add_object = partial(_add_packed, pdf.add_object)


def _add_packed(add: Callable[[Any], None], one: Any) -> None:
    """The streams that hold all the others' bytes and their places come last, and are asked for theirs twice, too."""
    add(one)
    if hasattr(one, "compress"):
        _pack(one)


def _pack(stream: Any) -> None:
    if not stream.compress:
        return
    stream.compress = False
    _, _, rest = stream.data.partition(b"\nstream\n")
    stream.stream = [zlib.compress(rest.removesuffix(b"\nendstream"), LEVEL)]
    stream.extra["Filter"] = "/FlateDecode"
