"""The set as a tagged PDF, printed from the HTML: nothing is fetched, and the same book gives the same bytes."""

import atexit
import contextlib
import gc
import io
import logging
import os
import sys
import weakref
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from typing import Any

from checker.errors import InputError
from checker.legible import visible
from runbook.pages.page_model import Runbook
from runbook.render.escaping import mark
from runbook.render.html import Paper, print_style, shipped, to_html
from runbook.render.sparing import pack_rest, paint_packed, without_notes
from runbook.render.well_formed import well_formed

EPOCH = datetime.fromtimestamp(0, UTC)  # an attachment without a date would get the clock's
MISSING_LIBRARIES = (
    "the PDF needs native libraries that are not installed; on Debian and Ubuntu:"
    " apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    " (the .html and .md outputs need none)"
)


@dataclass(frozen=True)
class Attached:
    """A file that is carried inside the PDF, `deflated` until it is written: all of it is held more than once."""

    name: str
    description: str
    deflated: bytes


def attach(name: str, description: str, content: Iterable[str]) -> Attached:
    """Return a file to be carried inside a PDF, given in pieces: some are larger than all else of a set."""
    deflate = zlib.compressobj(6)
    pieces = [deflate.compress(piece.encode()) for piece in content]
    return Attached(name, description, b"".join((*pieces, deflate.flush())))


def to_pdf(
    book: Runbook, *, paper: Paper = "a4", made_at: datetime | None = None, templates: Path | None = None,
    archive: bool = False, attached: tuple[Attached, ...] = (),
) -> bytes:  # fmt: skip
    """Return the PDF (PDF/UA-1 tags, outline, fonts embedded), dated `made_at` (aware) or SOURCE_DATE_EPOCH, if any.

    Boxes and blanks are form fields, named as in the HTML; the archive edition (PDF/A-3a) has none. Raises InputError
    if the native text libraries are missing or a site's own template is wrong.
    """
    html = to_html(book, for_print=True, paper=paper, templates=templates, styled=False)
    style = print_style(book, paper, templates)
    made_at = made_at or source_date()
    return printed(html, style, mark(book), made_at, archive, attached, as_xml=shipped(templates))


def printed(
    html: str, style: str, words: str, made_at: datetime | None, archive: bool, attached: tuple[Attached, ...],
    as_xml: bool = False,
) -> bytes:  # fmt: skip
    """Return the HTML of a print edition as a PDF with `words` as our mark; all that it needs, for a process apart.

    `as_xml` where it is of the shipped templates: read as XML, in a twentieth of the time.
    """
    prepare()
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()  # what the volume before has left
    # a page is a million objects that all live until it is written: to look for garbage meanwhile costs a third
    gc.disable()
    try:
        return _marked(_laid_out(html, style, made_at, archive, attached, as_xml), words)
    finally:
        gc.freeze()  # what the last volume leaves goes with the process: to take it apart costs a tenth
        gc.enable()


def _laid_out(
    html: str, style: str, made_at: datetime | None, archive: bool, attached: tuple[Attached, ...], as_xml: bool
) -> bytes:
    from weasyprint import Attachment  # type: ignore[import-untyped]

    fetcher, fonts, sheet = _read_style(style)
    options = {"pdf_variant": "pdf/a-3a" if archive else "pdf/ua-1", "pdf_forms": not archive}
    source = _source(html, fetcher, as_xml)
    without_notes(source, style)
    document = source.render(stylesheets=[sheet], font_config=fonts, **options)
    paint_packed(document)
    document.metadata.created = document.metadata.modified = _w3c(made_at)
    at = made_at or EPOCH
    document.metadata.attachments = [
        Attachment(
            string=zlib.decompress(file.deflated), url_fetcher=fetcher, name=file.name, description=file.description,
            created=at, modified=at, relationship="Data",
        )
        for file in attached
    ]  # fmt: skip
    pdf: bytes = document.write_pdf(finisher=pack_rest, pdf_identifier=True, **options)
    return pdf


def _source(html: str, fetcher: Any, as_xml: bool) -> Any:
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
    from weasyprint import HTML

    root = well_formed(html) if as_xml else None
    source = HTML(string=html if root is None else "", base_url=None, url_fetcher=fetcher)
    if root is not None:  # the place that the library's own parser fills
        source.etree_element = root
        source.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
    return source


@lru_cache(maxsize=2)  # one process prints several volumes, and unpacking the fonts takes as long as a sheet
def _read_style(style: str) -> tuple[Any, Any, Any]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

    fetcher, fonts = URLFetcher(allowed_protocols=("data",)), FontConfiguration()
    sheet = CSS(string=style, url_fetcher=fetcher, font_config=fonts)
    if fonts._folder:  # what a volume leaves holds the fonts, and is not taken apart at the end
        weakref.finalize(fonts, rmtree, fonts._folder, ignore_errors=True)
    return fetcher, fonts, sheet


atexit.register(_read_style.cache_clear)  # when Python itself has gone, the fonts could not be given back


def prepare(style: str = "") -> None:
    """Load what prints, and a style with its fonts; InputError where the native text libraries are missing."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("weasyprint").addHandler(HEARD)
    try:
        # It prints advice on stdout, where our data goes, when a library is missing.
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint  # noqa: F401
    except OSError as error:
        raise InputError(MISSING_LIBRARIES) from error
    if style:
        _read_style(style)


class _Heard(logging.Handler):
    """What the printer warns of (a font it cannot read, a style it does not know), on stderr, each once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = visible(record.getMessage())
        if message not in self.said:
            self.said.add(message)
            print(f"printing: {message}", file=sys.stderr)


HEARD = _Heard()


def source_date() -> datetime | None:
    """The time of SOURCE_DATE_EPOCH, if it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else None


def _w3c(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _marked(pdf: bytes, words: str) -> bytes:
    """Return the PDF with a comment before `startxref`: nothing that the cross-reference points at moves."""
    body, keyword, end = pdf.rpartition(b"startxref\n")
    return body + b"%" + words.encode("ascii") + b"\n" + keyword + end
