"""Our own HTML read as XML is the tree that the printing library's parser makes of it, in a twentieth of the time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from example_book import example
from hostile import WORDS, everywhere
from hostile import book as hostile_book
from printed_samples import book
from test_sparing import PAGE, STYLE, unpacked

from runbook.pages.page_model import Runbook
from runbook.pages.volumes import volumes
from runbook.render.html import shipped, to_html
from runbook.render.pdf import prepare, printed
from runbook.render.well_formed import well_formed

Elements = Iterator[tuple[str, dict[str, str], str, str, int]]


def html(book: Runbook) -> str:
    return to_html(book, for_print=True, styled=False)


def elements(root: object) -> Elements:
    for at in root.iter():  # type: ignore[attr-defined]
        yield at.tag, dict(at.attrib), at.text or "", at.tail or "", len(at)


def parsed(page: str) -> Elements:
    prepare()
    from weasyprint import HTML  # type: ignore[import-untyped]

    return elements(HTML(string=page).etree_element)


def test_a_page_with_every_kind_of_block_is_read_as_the_library_reads_it() -> None:
    root = well_formed(html(example()))
    assert root is not None
    assert list(elements(root)) == list(parsed(html(example())))


@pytest.mark.large
@pytest.mark.parametrize("name", ["harbour-mail", "county-mail", "university-mail"])
def test_each_volume_of_a_sample_is_read_as_the_library_reads_it(name: str) -> None:
    for volume in volumes(book(name)) if name == "university-mail" else (book(name),):
        root = well_formed(html(volume))
        assert root is not None
        assert list(elements(root)) == list(parsed(html(volume)))


@pytest.mark.parametrize("name", [name for name in WORDS if name not in ("long", "many", "deep")])
def test_a_hostile_word_is_read_as_the_library_reads_it_or_left_to_it(name: str) -> None:
    page = html(everywhere(hostile_book(), WORDS[name]))
    root = well_formed(page)
    assert root is None or list(elements(root)) == list(parsed(page))


@pytest.mark.parametrize("broken", ['<p title="a\nb">x</p>', "<p>a<p>b", "<p>&eacute;</p>"])
def test_what_xml_reads_in_another_way_is_left_to_the_library(broken: str) -> None:
    assert well_formed(f"<html><head></head><body>{broken}</body></html>") is None


def test_both_ways_print_the_same_page(tmp_path: Path) -> None:
    page = PAGE.replace("<table>", "<table><tbody>").replace("</table>", "</tbody></table>")
    assert well_formed(page) is not None
    one, other = (unpacked(printed(page, STYLE, "mark", None, False, (), as_xml=it), tmp_path) for it in (True, False))
    assert one == other


def test_html_of_a_site_is_left_to_the_library(tmp_path: Path) -> None:
    assert shipped(None) and shipped(tmp_path)
    (tmp_path / "html").mkdir()
    assert not shipped(tmp_path)
