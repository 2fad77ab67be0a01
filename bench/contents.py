"""What the contenders of `printing.py` print, as files: a process of its own makes them, so that the one that measures
stays small. A process that is started takes over the peak memory of the one that starts it.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

GIB = 1024 * 1024
MARK = re.compile(r"<!-- (pmx-preflight plan \S+) -->")


@dataclass(frozen=True)
class Content:
    """One content in all forms. `mark` is what every PDF of ours carries that was made from the same plan."""

    runbook: list[str]
    runbook_moved: list[str]
    moved: str
    mark: str
    html: str
    typst: str
    fonts: str


def write(folder: Path, count: int) -> None:
    """Writes deployment and facts, the same with less free space on one server, the HTML, and what Typst needs."""
    import large
    from typst_pages import to_typst

    from runbook.pages.page_model import PRINTED
    from runbook.pages.whole_set import compose
    from runbook.render.html import to_html

    book = compose(large.edition(count), PRINTED)
    html = to_html(book, for_print=True)
    moved = [part.server for part in book.parts if part.kind == "sheet"][count // 2]
    before, after = folder / "before", folder / "after"
    before.mkdir()
    after.mkdir()
    found = MARK.search(html)
    content = Content(
        runbook=large.written(before, count),
        runbook_moved=large.written(after, count, {str(moved): 99 * GIB}),  # of 100, and far more than is needed
        moved=str(moved),
        mark=found[1] if found else "",
        html=str(folder / "set.html"),
        typst=str(folder / "set.typ"),
        fonts=str(folder / "fonts"),
    )
    Path(content.html).write_text(html, encoding="utf-8")
    Path(content.typst).write_text(to_typst(book), encoding="utf-8")
    _unpack_fonts(Path(content.fonts))
    (folder / "content.json").write_text(json.dumps(asdict(content)))


def read(folder: Path) -> Content:
    """What `write` has written there."""
    return Content(**json.loads((folder / "content.json").read_bytes()))


def sheets_html(count: int) -> str:
    """The HTML of a volume with every sheet, and the timeline, for its figure."""
    import large

    from runbook.pages.whole_set import compose
    from runbook.render.html import to_html

    book = compose(large.edition(count))
    parts = tuple(part for part in book.parts if part.id == "timeline" or part.kind == "sheet")
    return to_html(replace(book, parts=parts, volume="1", made=None, facts_id=None), for_print=True)


def _unpack_fonts(folder: Path) -> None:
    """Typst reads no WOFF2."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    folder.mkdir()
    for path in (Path(__file__).parents[1] / "templates" / "fonts").glob("*.woff2"):
        font = TTFont(path)
        font.flavor = None
        font.save(folder / f"{path.stem}.ttf")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
