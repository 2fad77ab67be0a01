"""Sets of one to two hundred servers as they come out of the printer, read back from the PDF files alone."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import get_args

import printed_samples
import pytest
from large import edition
from reading_back import PROGRAMS, Area, Field, Printed, Word, by_page, read

from runbook.pages.page_model import Block, Bullets, Document, Figure, Gate, Heading, Runbook, Signatures, Steps, Table
from runbook.pages.page_model import Fields as FieldTable
from runbook.pages.sources import Edition
from runbook.pages.volumes import volumes
from runbook.pages.whole_set import compose
from runbook.plan.plan_model import Plan, Step
from runbook.render.pdf import to_pdf
from runbook.render.writing import Form, write

MILLIMETRE = 72 / 25.4
HEAD, FOOT = 12 * MILLIMETRE, 9 * MILLIMETRE  # the margins of a page, in which its running words stand
HOLES, OUTSIDE = 18 * MILLIMETRE, 7 * MILLIMETRE  # the margins beside: the holes are outside on every leaf
TOUCH = (1, 4)  # points that words may share: the room between two lines belongs to both
TO_NUMBER = 7 * MILLIMETRE  # from the lower edge of a step's box to that of its number at the most
BORDER, CAUTION = 1 * MILLIMETRE, 6 * MILLIMETRE  # what a row has above its box, and how far a caution may reach up
STEP = ("box", "done", "initials")
GATE = ("go", "no-go", "name", "signature", "time")
NAME, SHEET = re.compile(r"(\S+) \d+/\d+"), re.compile(r"sheet (\d+) of (\d+) · ")

pytestmark = pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason=f"needs {', '.join(PROGRAMS)}")

LARGE = [pytest.param(count, marks=pytest.mark.large) for count in (200, 60)]
SOME = [
    *(pytest.param(which, marks=pytest.mark.large) for which in (26, "university-mail", "county-mail")),
    "harbour-mail",
]

Sheet = tuple[str, int, int]  # its server, which it is, and of how many


def printed(which: int | str, place: Path) -> tuple[Edition, list[Path]]:
    """The edition of so many servers, or of a sample, and its PDF files."""
    if isinstance(which, int):
        made = edition(which)
        return made, list(write(made, [place], Form(documents=get_args(Document), cache=None)))
    place.write_bytes(printed_samples.pdf(which)[0])
    return printed_samples.edition(which), [place]


@pytest.mark.parametrize("which", [*LARGE, *SOME])
def test_a_printed_set_reads_back_as_it_was_planned(which: int | str, tmp_path: Path) -> None:
    made, paths = printed(which, tmp_path / "set.pdf")
    fields: list[Field] = []
    found: list[tuple[Sheet, str | None]] = []
    told: set[str] = set()
    # a file at a time: the words of all of them would be a million
    for book, path in zip(volumes(compose(made)), paths, strict=True):
        file = read(path)
        assert file.complaints == ""
        every_page_says_what_it_belongs_to(file, book)
        every_word_can_be_read(file)
        every_entry_and_link_leads_to_a_page(file, book)
        own = sheets(file)
        the_outline_leads_to_the_sheets(file, book, own)
        every_step_stands_in_one_piece(file, made.plan, own)
        fields_can_be_used(file)
        the_tags_say_what_the_pages_hold(file, book)
        every_step_is_a_row_of_a_table(file, made.plan)
        fields += file.fields
        found += [(sheet, book.volume) for sheet in own]
        told |= contents(file) if path == paths[0] else set()
    every_server_has_one_sheet(found, told, made.plan)
    every_step_can_be_ticked_and_signed_once(fields, made.plan)


@pytest.mark.parametrize("count", [*LARGE[1:], pytest.param(25, marks=pytest.mark.large), 11, 3])
def test_every_drawing_shows_its_servers_and_nights_on_its_page(count: int, tmp_path: Path) -> None:
    made = edition(count)
    book = compose(made)
    shown: list[str] = []
    for part in book.parts:
        if not any(isinstance(block, Figure) for block in part.blocks):
            continue
        (tmp_path / "drawing.pdf").write_bytes(to_pdf(replace(book, parts=(part,))))
        file = replace(read(tmp_path / "drawing.pdf"), tags=())
        rows = {(word.text, following.text) for words in file.words for word, following in pairwise(words)}
        nights = [night for night in made.plan.nights if part.id in ("timeline", f"steps-n{night.number}")]
        own = {name for night in nights for name in night.servers}
        assert [(f"{at}", name) for at, name in enumerate(made.plan.order, start=1)
                if name in own and (f"{at}", name) not in rows] == []  # fmt: skip
        shown += own
        every_word_can_be_read(file)
    assert sorted(shown) == sorted(made.plan.order)


# ---- over all files ----


def every_server_has_one_sheet(found: Sequence[tuple[Sheet, str | None]], told: set[str], plan: Plan) -> None:
    """In the order of the night, and where it is in a volume the contents of the front matter say in which."""
    count = len(plan.order)
    assert [sheet for sheet, _ in found] == [(server, at, count) for at, server in enumerate(plan.order, start=1)]
    for (server, _, _), volume in found:
        assert {line for line in told if line.startswith(f"{server} volume ")} == (
            {f"{server} volume {volume}"} if volume else set()
        )


def every_step_can_be_ticked_and_signed_once(fields: Sequence[Field], plan: Plan) -> None:
    names = Counter(field.name for field in fields)
    assert [name for name, times in names.items() if times > 1] == []
    steps, gates = [step for step in plan.steps if not pauses(step)], [step for step in plan.steps if pauses(step)]
    for kinds, marked in ((STEP, steps), (GATE, gates)):
        for kind in kinds:
            printed = {name.removesuffix(f"/{kind}") for name in names if name.endswith(f"/{kind}")}
            wanted = {step.id for step in marked}
            # a name and a time are asked for elsewhere too
            assert printed >= wanted if kind in ("name", "signature", "time") else printed == wanted, kind
    numbers = {step.id: step.number for step in plan.steps}
    for field in fields:
        step = field.name.rpartition("/")[0]
        if step in numbers:
            assert re.fullmatch(rf"{re.escape(numbers[step])}:? .+", field.label), field


# ---- in each file ----


def every_page_says_what_it_belongs_to(file: Printed, book: Runbook) -> None:
    """In the margins, and nothing else stands there."""
    volume = f"volume {book.volume}, " if book.volume else ""
    count = len(file.sizes)
    for page in set(range(count)) - drawn(file):
        assert said(foot(file, page)) == f"plan {book.plan_digest} {volume}page {page + 1} of {count}"
        belongs = SHEET.sub("", said(head(file, page, outer=False)))
        assert belongs == f"{book.deployment} · {book.change} revision {book.revision}"
        assert said(head(file, page, outer=True)) != ""


def every_word_can_be_read(file: Printed) -> None:
    """No word over another one, below a field, or outside the margins that the punch and the printer need."""
    fields = by_page(file.fields)
    for page in set(range(len(file.sizes))) - drawn(file):
        left, right = (HOLES, OUTSIDE) if right_hand(page) else (OUTSIDE, HOLES)
        right = file.sizes[page].right - right
        words = sorted(file.words[page], key=lambda word: word.area.top)
        for at, word in enumerate(words):
            assert left - 1 < word.area.left and word.area.right < right + 1, (page, word)
            for other in words[at + 1 :]:
                if other.area.top >= word.area.bottom:
                    break
                assert not word.area.overlaps(other.area, by=TOUCH), (page, word, other)
        for field in fields.get(page, ()):
            assert [word for word in words if word.area.overlaps(field.area, by=TOUCH)] == [], field


def every_entry_and_link_leads_to_a_page(file: Printed, book: Runbook) -> None:
    assert [entry for entry in file.outline if entry.page is None] == []
    assert [link for link in file.links if link.target is None] == []
    pages = [entry.page or 0 for entry in file.outline]
    assert pages == sorted(pages)
    titles = [entry.title for entry in file.outline if entry.level == 0]
    assert [title for title in titles if title != "Contents"] == [part.title for part in book.parts]
    assert len(file.links) >= len(book.parts) or len(book.parts) == 1  # which begins where it is looked for
    for link in file.links:
        words = said([word for word in file.words[link.page] if link.area.holds(word.area)])
        assert words, link
        if words.isdecimal():
            assert link.target is not None and int(words) == link.target + 1


def sheets(file: Printed) -> dict[Sheet, tuple[int, ...]]:
    """The sheets by what the heads of their pages say."""
    found: dict[Sheet, tuple[int, ...]] = {}
    for page in range(len(file.sizes)):
        name, place = (
            NAME.fullmatch(said(head(file, page, outer=True))),
            SHEET.match(said(head(file, page, outer=False))),
        )
        if name and place:
            says = (name[1], int(place[1]), int(place[2]))
            found[says] = (*found.get(says, ()), page)
    return found


def the_outline_leads_to_the_sheets(file: Printed, book: Runbook, own: dict[Sheet, tuple[int, ...]]) -> None:
    titles = {part.title: part.server for part in book.parts if part.server}
    assert sorted(titles.values()) == sorted(server for server, _, _ in own)
    flowing = {part.title for part in book.parts if part.flows}  # they begin on the page of the part before them
    tops = [entry for entry in file.outline if entry.level == 0 and entry.title not in flowing]
    ends = [*(entry.page or 0 for entry in tops[1:]), len(file.sizes)]
    led = {titles[entry.title]: range(entry.page or 0, end) for entry, end in zip(tops, ends, strict=True)
           if entry.title in titles}  # fmt: skip
    # the head stands on every page from where the outline leads to until the next part, and on no other one
    assert {server: list(pages) for server, pages in led.items()} == {
        server: list(pages) for (server, _, _), pages in own.items()
    }


def every_step_stands_in_one_piece(file: Printed, plan: Plan, own: dict[Sheet, tuple[int, ...]]) -> None:
    """From its box to its initials: its number and title, nothing of another step, and on its server's sheet."""
    steps = {step.id: (at, step) for at, step in enumerate(plan.steps)}
    on = {page: says for says, pages in own.items() for page in pages}
    order: list[int] = []
    for page, fields in sorted(by_page(file.fields).items()):
        named = {field.name: field for field in fields}
        for field in fields:
            id, _, kind = field.name.rpartition("/")
            if kind not in ("box", "go"):
                continue
            at, step = steps[id]
            order.append(at)
            assert on.get(page, (None,))[0] == step.server or step.form == "hand-over", step.id
            if kind == "go":
                assert any(word.text == step.number for word in file.words[page]), step.number
                assert {f"{id}/{kind}" for kind in GATE} <= named.keys()
                continue
            pens = [named[f"{id}/{kind}"].area for kind in ("seen", "done", "initials")]
            assert [pen.left for pen in pens] == sorted(pen.left for pen in pens) and pens[0].left > field.area.right
            numbers = [word for word in file.words[page] if below_box(field.area, word)]
            assert [word.text for word in numbers] == [step.number], step.id
            below = [one.area.top for name, one in named.items() if name.endswith(("/box", "/go"))]
            ends = min((top for top in below if top > field.area.top), default=file.sizes[page].bottom)
            assert all(field.area.top - BORDER < pen.top < ends for pen in pens), step.id
            words = file.between(page, field.area.top - CAUTION, ends)
            assert not Counter(step.title.split()) - Counter(word.text for word in words), step.id
    assert order == sorted(order)  # as they are done


def fields_can_be_used(file: Printed) -> None:
    """Every field is empty, known to the form, read aloud, on its page, and not below another one."""
    assert {field.object for field in file.fields} == file.in_form
    for field in file.fields:
        assert field.label and field.value in ("", "/Off"), field
        area, page = field.area, file.sizes[field.page]
        assert page.left < area.left < area.right < page.right and page.top < area.top < area.bottom < page.bottom
    for own in by_page(file.fields).values():
        for at, field in enumerate(own):
            for other in own[at + 1 :]:
                if other.area.top >= field.area.bottom:
                    break
                assert not field.area.overlaps(other.area), (field.name, other.name)


def the_tags_say_what_the_pages_hold(file: Printed, book: Runbook) -> None:
    assert file.marked and file.language == book.language
    assert re.search(r"pdfuaid:part(=['\"]|>)1\b", file.metadata)
    assert [tag.kind for tag in file.tags if tag.parent is None] == ["Document"]
    counts = Counter(tag.kind for tag in file.tags)
    blocks = list(chain.from_iterable(part.blocks for part in book.parts))
    logo = [] if book.volume else ["Logo"]
    assert [tag.alt for tag in file.of("Figure")] == logo + [block.alt for block in blocks if isinstance(block, Figure)]
    assert counts["Sect"] >= len(book.parts)
    assert (counts["H1"], counts["H2"]) == (1, sum(entry.level == 0 for entry in file.outline)), counts
    assert counts["H2"] >= len(book.parts)
    # the head of a block stands again where its table goes on on the next page
    assert 0 <= counts["H3"] - sum(entry.level == 1 for entry in file.outline) <= len(file.sizes)
    assert counts["H3"] >= sum(isinstance(block, Steps | Gate | Heading) for block in blocks)
    assert counts["L"] >= sum(isinstance(block, Bullets) for block in blocks)
    assert counts["LI"] >= sum(map(items, blocks))
    assert counts["Table"] >= sum(isinstance(block, Steps | Table | FieldTable | Signatures | Gate) for block in blocks)
    assert counts["Caption"] >= sum(isinstance(block, Table | Figure) for block in blocks)
    assert counts["THead"] >= sum(isinstance(block, Steps | Table | Signatures | Gate) for block in blocks)
    assert sum(tag.within("THead") is None for tag in file.of("TH")) >= sum(map(row_heads, blocks))
    every_cell_stands_in_a_table(file)
    every_field_and_link_is_tagged(file)


def every_cell_stands_in_a_table(file: Printed) -> None:
    around = {"TR": ("Table", "THead", "TBody", "TFoot"), "TH": ("TR",), "TD": ("TR",), "LBody": ("LI",)}
    for tag in file.tags:
        if tag.kind in around:
            assert tag.parent is not None and tag.parent.kind in around[tag.kind], tag
    table_of = {tag.id: tag.within("Table") for tag in file.of("TH") if tag.id}
    assert len(table_of) == len(file.of("TH"))
    headed = {id(table) for table in table_of.values()}
    for cell in file.of("TD"):
        assert cell.within("THead") is None
        # what a reader says before the cell: heads of its own table, where that has any
        assert all(table_of[name] is cell.within("Table") for name in cell.headers)
        assert cell.headers or id(cell.within("Table")) not in headed


def every_field_and_link_is_tagged(file: Printed) -> None:
    for what, kind in ((file.fields, "Form"), (file.links, "Link")):
        for one in what:
            assert file.tag_of[one.object].kind == kind


def every_step_is_a_row_of_a_table(file: Printed, plan: Plan) -> None:
    """A row of its own, with the box and the initials in it."""
    names = {field.name: field for field in file.fields}
    found = set()
    for step in plan.steps:
        if f"{step.id}/box" in names:
            item, same = (file.tag_of[names[f"{step.id}/{end}"].object].within("TR") for end in ("box", "initials"))
            assert (
                item is not None and item is same and item.parent is not None and item.parent.kind in ("TBody", "Table")
            ), step.id
            found.add(id(item))
    assert len(found) == sum(name.endswith("/box") for name in names)


def contents(file: Printed) -> set[str]:
    """The lines of the pages of contents."""
    pages = [page for page in range(len(file.sizes)) if said(head(file, page, outer=True)) == "Contents"]
    return set(chain.from_iterable(lined(file.words[page]) for page in pages))


# ---- words ----


def drawn(file: Printed) -> set[int]:
    """The pages with a drawing, which are looked at apart."""
    return {tag.page for tag in file.of("Figure") if tag.page is not None and tag.alt != "Logo"}


def pauses(step: Step) -> bool:
    """Whether it is printed as a gate; an interlock is a box on the sheet."""
    return step.gate and step.form != "interlock"


def items(block: Block) -> int:
    """List items in a block, at the least."""
    return len(block.items) if isinstance(block, Bullets) else 0


def row_heads(block: Block) -> int:
    """Rows of a block that begin with a head."""
    return len(block.rows) if isinstance(block, FieldTable) else len(block.who) if isinstance(block, Signatures) else 0


def below_box(box: Area, word: Word) -> bool:
    """Whether a word is the one below a step's box."""
    middle = (word.area.top + word.area.bottom) / 2
    return box.bottom <= middle <= box.bottom + TO_NUMBER and box.left - 2 <= word.area.left <= box.right


def head(file: Printed, page: int, *, outer: bool) -> list[Word]:
    """The words in the upper margin: at the outer edge what the page is, at the inner one what it belongs to."""
    middle = file.sizes[page].right / 2
    return [word for word in file.between(page, 0, HEAD) if (word.area.left > middle) is (outer is right_hand(page))]


def right_hand(page: int) -> bool:
    """Whether a page, counted from 0, lies to the right where both sides are printed."""
    return page % 2 == 0


def foot(file: Printed, page: int) -> list[Word]:
    """The words in the lower margin."""
    bottom = file.sizes[page].bottom
    return file.between(page, bottom - FOOT, bottom)


def said(words: Sequence[Word]) -> str:
    """Words as they are read: line by line, from the left."""
    return " ".join(lined(words))


def lined(words: Sequence[Word]) -> Iterator[str]:
    """The lines that words stand on, from the top."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.area.bottom):
        if rows and word.area.top < (rows[-1][0].area.top + rows[-1][0].area.bottom) / 2:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        yield " ".join(word.text for word in sorted(row, key=lambda word: word.area.left))
