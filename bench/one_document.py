"""The peer of `printing.py`: a ready HTML file as one PDF, as anybody who uses WeasyPrint would write it."""

import sys
from pathlib import Path

from weasyprint import HTML  # type: ignore[import-untyped]

if __name__ == "__main__":
    source, target = sys.argv[1:]
    html = Path(source).read_text(encoding="utf-8")
    HTML(string=html).write_pdf(target, pdf_variant="pdf/ua-1", pdf_forms=True)
