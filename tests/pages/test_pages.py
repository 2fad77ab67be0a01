"""The pages of the samples, as they come out of the printer: nothing lost, nothing split, everything named."""

import html
import re
from dataclasses import replace

import large
import lxml.html
import pytest
from printed_samples import EVERY, PRINTED, book, edition, extents, pdf, printed, squeezed, steps

from checker.inputs.deployment import PROCEDURE_KINDS, Deployment
from checker.report import attention
from runbook.cli import pipeline
from runbook.pages.evidence import said
from runbook.pages.page_model import Fields, Part, Steps, Table
from runbook.pages.whole_set import compose
from runbook.render.html import Paper, to_html
from runbook.render.markdown import to_markdown
from runbook.render.pdf import to_pdf


def of_kind(name: str, kind: str) -> list[Part]:
    return [part for part in book(name).parts if part.kind == kind]


def with_steps(name: str) -> list[Part]:
    return [part for part in book(name).parts if any(isinstance(block, Steps) for block in part.blocks)]


@PRINTED
def test_every_step_stands_once_with_its_number_and_title_in_all_three_forms(name: str) -> None:
    wanted = [squeezed(f"{step.number}{step.title}".replace("Gate:", "")) for step in edition(name).plan.steps]

    text = html.unescape(re.sub(r"\\(.)", r"\1", to_markdown(book(name))))
    row = r"^(?:- \[ \] [VDMSO] \*\*(\S+)\*\* \*\*|### [VDMSO] ([A-Z]?\d*\.\d+) )(.*?)(?:\*\*$| \((?=\d))"
    lines = re.findall(row, text, re.MULTILINE)
    assert [squeezed(f"{step}{gate}{title}".replace("Gate:", "")) for step, gate, title in lines] == wanted

    page = lxml.html.fromstring(to_html(book(name)))
    seen = []
    for element in page.xpath('//tr[@class="step"] | //section[@class="gate"]/h3'):
        for other in element.xpath('.//span[@class="minutes" or @class="basis"]'):
            other.drop_tree()
        words = element.xpath('.//td[@class="number"] | .//p[@class="title"]') or [element]
        seen.append(squeezed("".join(word.text_content() for word in words).replace("Gate:", "")))
    assert seen == wanted

    made, texts = pdf(name)
    place = extents(made)
    done = "".join(texts[at] for at in sorted({at for part in with_steps(name) for at in place[part.title]}))
    done = re.sub(r"(\.\d+)CAUTION.*?(?=Upgrade|Migrate)", r"\1", done.replace("Gate:", ""))
    # 1.7 stands in 11.7 too
    assert [len(re.findall(rf"(?<!\d){re.escape(step)}", done)) for step in wanted] == [1] * len(wanted)


@PRINTED
def test_a_step_is_whole_on_one_page_after_its_caution_and_below_its_heading(name: str) -> None:
    made, texts = pdf(name)
    place = extents(made)
    for part in with_steps(name):
        own = [texts[at] for at in place[part.title]]
        for block in part.blocks:
            if not isinstance(block, Steps):
                continue
            first = next(text for text in own if f"{block.steps[0].basis}{block.steps[0].number}" in text)
            assert squeezed(f"{block.letter}·{block.title}{block.minutes}") in first
            for row in block.steps:
                before = f"CAUTION{row.caution}{row.again or ''}" if row.caution else ""
                begins = squeezed(f"{row.number}{before}{row.title}")
                text = next(text for text in own if begins in text)
                after = text.split(begins)[1]
                assert squeezed(row.text) in after.replace("\u2028", "")
                assert squeezed(f"{row.expect}") in after and squeezed(row.starts or "") in after
        heads = {squeezed(f"{block.letter}·{block.title}") for block in part.blocks if isinstance(block, Steps)}
        for text in own:  # above the first row of each page stands the head of its block
            assert not any(s.number + squeezed(s.title) in text for s in steps(name)) or any(
                f"Step{head}" in text for head in heads
            )


@PRINTED
def test_every_server_has_its_sheet_in_the_outline_and_its_name_at_the_head_of_each_page(name: str) -> None:
    made, texts = pdf(name)
    place, order = extents(made), edition(name).plan.order
    sheets = of_kind(name, "sheet")
    assert [sheet.server for sheet in sheets] == list(order)
    for at, sheet in enumerate(sheets, start=1):
        own = edition(name).plan.of(sheet.server or "")
        assert len(place[sheet.title]) <= (3 if len(own) <= 22 else 4)
        assert squeezed("Performed by") in texts[place[sheet.title][-1]], "signed apart from it"
        for leaf, page in enumerate(place[sheet.title], start=1):
            assert f"sheet{at}of{len(order)}" in texts[page]
            assert squeezed(f"{sheet.server} {leaf}/{len(place[sheet.title])}") in texts[page]


def test_a_sheet_of_fourteen_steps_whose_commands_are_known_takes_two_pages() -> None:
    """The sheet of a web server, without the two looks into the product's own queue."""
    sheet = next(part for part in of_kind("university-mail", "sheet") if part.server == "web1")
    blocks = tuple(
        replace(block, steps=tuple(row for row in block.steps if "own queue" not in row.title))
        if isinstance(block, Steps)
        else block
        for block in sheet.blocks
    )
    assert sum(len(block.steps) for block in blocks if isinstance(block, Steps)) == 14
    assert len(printed(to_pdf(replace(book("university-mail"), parts=(replace(sheet, blocks=blocks),))))) == 2


@pytest.mark.parametrize(
    ("name", "draft", "paper"),
    [
        ("harbour-mail", False, "a4"),
        ("county-mail", False, "letter"),
        ("no-go", False, "letter"),
    ]
    + [
        pytest.param(name, draft, paper, marks=pytest.mark.large)
        for name in ("no-go", "university-mail")
        for draft in (False, True)
        for paper in ("a4", "letter")
    ],
)
def test_what_is_looked_at_as_a_whole_is_one_page_each(name: str, draft: bool, paper: Paper) -> None:
    made = book(name, draft=draft)
    single = tuple(part for part in made.parts if part.one_page)
    opened = [f"steps-n{night.number}" for night in edition(name).plan.nights]
    assert [part.id for part in single] == ["decision", "cover", "exits", *opened, "help-desk", "help-desk-back"]
    pages = extents(to_pdf(replace(made, parts=single), paper=paper))
    assert [len(pages[part.title]) for part in single] == [1] * len(single)


@pytest.mark.parametrize(("count", "page"), [(14, "cover"), (25, "board")])
def test_the_board_stands_on_the_cover_while_there_is_room_and_is_one_page_of_up_to_twenty_five(
    count: int, page: str
) -> None:
    declared = large.declared(count)
    deployment = Deployment.model_validate(declared)
    made = compose(pipeline.edition(deployment, {}, pipeline.report(deployment, {}, large.NOW, pipeline.Question())))
    (part,) = (part for part in made.parts if any(getattr(block, "kind", "") == "board" for block in part.blocks))
    assert part.id == page
    assert len(printed(to_pdf(replace(made, parts=(made.parts[0], part)), paper="letter"))) == 2, "and the decision"


@EVERY
def test_nobody_is_told_to_go_unless_the_verdict_is_go(name: str) -> None:
    said = to_markdown(book(name))
    assert ("“GO. We start" in said) == (edition(name).report.verdict == "GO")
    assert ("Not released" in said) == (edition(name).report.verdict != "GO")


@EVERY
def test_the_blanks_counted_on_the_decision_page_are_those_in_the_set(name: str) -> None:
    page = lxml.html.fromstring(to_html(book(name)))
    blanks = edition(name).plan.blanks()
    assert len(blanks) == len(page.xpath('//tr[@class="step"]//p[@class="write"]'))
    said = value(name, "Missing commands")
    lacking = sum(step.kind in PROCEDURE_KINDS for step in blanks)
    assert said.startswith(f"{lacking} step" if lacking else "None")
    assert f"; {len(blanks) - lacking} other" in said or len(blanks) == lacking


def value(name: str, label: str) -> str:
    """What stands beside a label of the decision page."""
    fields = [block for block in of_kind(name, "decision")[0].blocks if isinstance(block, Fields)]
    return str(next(said for block in fields for own, said in block.rows if own == label))


@EVERY
def test_the_decision_page_says_nothing_is_open_only_where_nothing_is(name: str) -> None:
    report = edition(name).report
    tables = [block for block in of_kind(name, "decision")[0].blocks if isinstance(block, Table)]
    table = tables[0]
    assert table.caption == "Open items and next deadlines" and "Nothing is open." in table.empty
    open_ = [f for f in attention(report) if f.severity != "info" and f.stages[0] != "after"]
    assert bool(table.rows) == bool(open_)
    pages = [block for part in book(name).parts if part.id == "blockers" for block in part.blocks]
    assert bool(pages) == (table.kind == "open-counted")
    if pages:
        assert sum(int(str(row[1])) for row in table.rows) == len(open_)


def test_what_the_decision_page_counts_is_what_the_report_holds() -> None:
    said, due = value("no-go", "Readiness"), [f for f in edition("no-go").report.findings if f.due]
    blockers = [f.outcome for f in due if f.severity == "blocker" and f.outcome != "not-applicable"]
    assert f"{blockers.count('pass')} of {len(blockers)} blocking checks passed" in said
    assert f"{blockers.count('fail')} failed, {blockers.count('unknown') + blockers.count('manual')} not" in said
    open_ = [f for f in due if f.severity == "warning" and f.outcome in ("fail", "unknown", "manual")]
    assert f"{len(open_)} warnings are open" in said
    assert "are open" not in value("harbour-mail", "Readiness")


def test_a_server_that_refused_is_not_among_those_with_facts() -> None:
    hosts = edition("no-go").facts.values()
    assert {host.outcome == "ok" for host in hosts} == {True, False}
    read = sum(host.outcome == "ok" for host in hosts)
    assert f"Facts from {read} of {len(hosts)} servers" in value("no-go", "Readiness")


@pytest.mark.parametrize(
    ("name", "draft", "stamp"),
    [("harbour-mail", True, "DRAFT WITHOUT FACTS: no server was asked"), ("no-go", False, "NO-GO: do not use")],
)
def test_what_is_not_released_says_so_on_every_page(name: str, draft: bool, stamp: str) -> None:
    made = book(name, draft=draft)
    kinds = {
        (part.document, part.kind): part for part in made.parts
    }  # what stands at the head of a page is as they say
    some = [replace(part, blocks=part.blocks[:1], flows=False) for (document, kind), part in kinds.items()
            if draft or kind == "decision" or document == "night"]  # fmt: skip
    texts = printed(to_pdf(replace(made, parts=tuple(some))))
    assert len(texts) >= len(some) >= 3
    assert [squeezed(stamp) in text for text in texts] == [True] * len(texts)


def test_what_is_released_carries_no_stamp() -> None:
    assert not any("DRAFT" in text or "GO:donotuse" in text for text in pdf("harbour-mail")[1])


def test_the_same_sample_gives_the_same_bytes_twice() -> None:
    made = compose(edition("harbour-mail"))
    some = tuple(part for part in made.parts if part.one_page)
    first, second = (to_pdf(replace(made, parts=some), made_at=edition("harbour-mail").now) for _ in range(2))
    assert first == second
    assert to_html(made) == to_html(book("harbour-mail"))
    assert to_markdown(made) == to_markdown(book("harbour-mail"))


def test_a_fact_is_printed_in_words_not_as_json() -> None:
    space = [{"mount_point": "/opt", "available_kib": 0}, {"mount_point": "/", "options": ["rw", "relatime"]}]
    assert said(space) == "mount_point /opt, available_kib 0; mount_point /, options rw, relatime"
    assert (said([]), said(None), said(0)) == ("none", "none", "0")
