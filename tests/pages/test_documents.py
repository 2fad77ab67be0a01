"""A document for each reader: nothing stands in two of them, nothing is lost between them, in every form."""

import re

import lxml.html
from printed_samples import EVERY, book, edition

from runbook.pages.page_model import PRINTED, Document, Runbook
from runbook.pages.volumes import needs_contents
from runbook.pages.whole_set import DOCUMENTS, compose
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown


def ids(name: str, document: Document) -> list[str]:
    return [part.id for part in book(name).parts if part.document == document]


@EVERY
def test_the_documents_are_the_whole_set_and_no_part_stands_in_two(name: str) -> None:
    whole, made = book(name), edition(name)
    every = [part.id for part in whole.parts]
    assert len(every) == len(set(every))
    own = {document: compose(made, (document,)) for document in DOCUMENTS}
    assert [part for each in own.values() for part in each.parts] == list(whole.parts)
    assert compose(made, PRINTED).parts == tuple(part for each in PRINTED for part in own[each].parts)
    for document, alone in own.items():
        assert {part.document for part in alone.parts} <= {document}
        assert alone.plan_digest == whole.plan_digest


@EVERY
def test_each_document_holds_what_its_reader_needs(name: str) -> None:
    made = edition(name)
    assert ids(name, "board")[0] == "decision"
    night = ids(name, "night")
    assert [id for id in night if id.startswith("sheet-")] == [f"sheet-{server}" for server in made.plan.order]
    assert night[0] == "cover" and {"exits", "way-back"} <= set(night)
    assert ids(name, "help-desk") == ["help-desk", "help-desk-back"]
    assert {"facts", "checks", "minutes", "demands"} <= set(ids(name, "evidence"))
    assert ids(name, "help-desk")
    assert ids(name, "notices") == ["communications"]


def chapters(made: Runbook) -> dict[str, list[str]]:
    titles = dict(made.documents)
    return {titles[document]: [part.title for part in parts] for document, parts in made.chapters}


def test_html_and_markdown_have_the_documents_in_their_order_with_their_parts() -> None:
    made = compose(edition("county-mail"), PRINTED)
    page = lxml.html.fromstring(to_html(made))
    found = {
        each.get("aria-label"): [title.text_content() for title in each.xpath("./section/h2")]
        for each in page.xpath('//main/div[@class="document"]')
    }
    assert found == chapters(made)
    switch = page.xpath('//nav[@class="documents"]/a')
    assert [link.text for link in switch] == ["All", *found]
    assert [link.get("href")[1:] for link in switch[1:]] == page.xpath('//main/div[@class="document"]/@id')
    heads = re.findall(r"^(##?) (.*)", re.sub(r"\\(.)", r"\1", to_markdown(made)), re.MULTILINE)
    wanted = [("#", made.title)]
    for title, parts in chapters(made).items():
        wanted += [("#", title), *(("##", part) for part in parts)]
    assert heads == wanted


def test_a_document_alone_says_which_it_is() -> None:
    made = compose(edition("county-mail"), ("evidence",))
    assert to_markdown(made).count(f"# {made.title}: Evidence\n") == 1
    page = lxml.html.fromstring(to_html(made))
    assert page.xpath("string(//h1)").strip() == f"{made.title}: Evidence" == page.xpath("string(//title)")
    assert page.xpath('//nav[@class="documents"]') == []


def test_only_many_pages_need_a_list_of_them() -> None:
    small, large = (compose(edition(name), PRINTED) for name in ("harbour-mail", "university-mail"))
    assert not needs_contents(small) and needs_contents(large)
