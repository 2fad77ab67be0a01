"""How large the type is, as it comes out of the printer."""

import re
import subprocess
from dataclasses import replace
from functools import cache

from printed_samples import PRINTED, book, extents, pdf

from runbook.pages import page_model
from runbook.render.pdf import to_pdf


@cache
def runbook(name: str) -> bytes:
    """The documents that are carried that night; of the shortest sample the set that other tests print."""
    if name == "harbour-mail":
        return pdf(name)[0]
    parts = tuple(part for part in book(name).parts if part.document in page_model.PRINTED)
    return to_pdf(replace(book(name), parts=parts))


def read(made: bytes, *command: str) -> str:
    return subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()


@PRINTED
def test_nothing_that_is_carried_is_printed_smaller_than_nine_points(name: str) -> None:
    made = runbook(name)
    carried = {part.title for part in book(name).parts if part.document in page_model.PRINTED}
    last = max(pages.stop for title, pages in extents(made).items() if title in carried)
    told = read(made, "pdftohtml", "-xml", "-i", "-stdout", "-zoom", "3", "-l", str(last), "-", "-")
    sizes = {int(size) / 3 for size in re.findall(r'<fontspec [^>]*size="(\d+)"', told)}
    assert min(sizes) >= 9
    assert {9, 10, 11, 14, 20} <= {round(size) for size in sizes}, "foot, text, act, number, name of the server"
