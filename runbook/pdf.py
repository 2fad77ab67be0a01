"""The set as a tagged PDF, printed from the HTML: nothing is fetched, and the same book gives the same bytes."""

import contextlib
import io
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from checker.errors import InputError
from runbook.html import Paper, to_html
from runbook.pages import Runbook
from runbook.rendering import mark

MISSING_LIBRARIES = (
    "the PDF needs native libraries that are not installed; on Debian and Ubuntu:"
    " apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    " (the .html and .md outputs need none)"
)


def to_pdf(
    book: Runbook, *, paper: Paper = "a4", made_at: datetime | None = None, templates: Path | None = None
) -> bytes:
    """Return the PDF (PDF/UA-1 tags, outline, fonts embedded), dated `made_at` (aware) or SOURCE_DATE_EPOCH, if any.

    Raises InputError if the native text libraries are missing or a site's own template is wrong.
    """
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        # It prints advice on stdout, where our data goes, when a library is missing.
        with contextlib.redirect_stdout(io.StringIO()):
            from weasyprint import HTML  # type: ignore[import-untyped]
            from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]
    except OSError as error:
        raise InputError(MISSING_LIBRARIES) from error
    text = to_html(book, for_print=True, paper=paper, templates=templates)
    fetcher = URLFetcher(allowed_protocols=("data",))
    document = HTML(string=text, base_url=None, url_fetcher=fetcher).render(pdf_variant="pdf/ua-1")
    document.metadata.created = document.metadata.modified = _w3c(made_at or _source_date())
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=True)
    return _marked(pdf, mark(book))


def _source_date() -> datetime | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else None


def _w3c(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _marked(pdf: bytes, words: str) -> bytes:
    """Return the PDF with a comment before `startxref`: nothing that the cross-reference points at moves."""
    body, keyword, end = pdf.rpartition(b"startxref\n")
    return body + b"%" + words.encode("ascii") + b"\n" + keyword + end
