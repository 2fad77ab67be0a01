"""Markdown, HTML and PDF of one plan say the same: every text of the model in its order, and nothing else."""

import re
from collections import Counter
from functools import cache
from itertools import chain
from typing import Any

import lxml.html
import pytest
from markdown_it import MarkdownIt
from printed_samples import EVERY, PRINTED, book, extents, pdf, squeezed

from runbook.pages.page_model import (  # fmt: skip
    Blank,
    Box,
    Bullets,
    Caution,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Part,
    Signatures,
    SiteText,
    StepRow,
    Steps,
    Table,
)
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown
from runbook.render.site_markdown import site_html

OPEN = re.compile(r"☐|\[ \]|_{4,}")  # boxes and lines to write on
FOLDED = re.compile(r"\\")  # where a command goes on in the next line


# ---- what the model says: texts in their order; a form puts few of its own words around them ----


def cell(value: Any) -> str:
    if isinstance(value, Blank | Box):
        return value.label
    return value if isinstance(value, str) else " ".join(map(cell, value))


def site(text: str) -> str:
    return str(lxml.html.fragment_fromstring(site_html(text), create_parent="div").text_content())


def step(it: StepRow, markdown: bool) -> list[str]:
    caution = [f"CAUTION {it.caution} {it.again or ''}".strip()] if it.caution else []
    marks = [*caution, it.basis, it.number] if markdown else [it.basis, it.number, *caution]
    own, command = site(it.site_text or ""), it.command or ""
    led, answering = (it.options, ()) if it.text.endswith(":") else ((), it.options)
    labels = (("Expect", it.expect), ("Earlier", it.measured), ("If not", it.if_not))
    told = [*(f"{label} {text}" for label, text in labels if text), "" if it.caution else it.again or ""]
    head = [*marks, it.title, it.text, *led, own]
    answers = [it.blank or "", *answering, *(note.label for note in it.notes), *told]
    if markdown:
        starts = it.starts or ""
        time = ["Time", starts] if " " in starts or not starts else ["Start by", starts, "Time"]
        return [*head, command, *answers, "Seen", *time, "Initials"]
    return [*head, command, *answers, it.starts or ""]


def gate(it: Gate, markdown: bool) -> list[str]:
    title = it.title if it.title.startswith("Gate") else f"Gate: {it.title}"
    about = f"({it.minutes})" if markdown else it.minutes
    criteria = [text for pair in it.criteria for text in pair]
    head = [it.basis, it.number, title, about, "Criterion", "Before", "Seen now", "Met", "Not met", *criteria]
    signed = [text for who in it.signs or ("",) for text in (who, "Name", "Signature", "Time")]
    return [*head, "GO", "NO-GO:", it.if_no_go, "Decides:", it.decider, *signed, *it.skip]


def block(it: Any, markdown: bool) -> list[str]:
    match it:
        case Paragraph():
            return [f"Note: {it.text}" if markdown and it.style == "note" else it.text]
        case SiteText():
            return [site(it.text)]
        case Heading():
            return [it.text]
        case Caution():
            return [it.word, it.text]
        case Bullets():
            return list(it.items)
        case Fields():
            return [text for label, value in it.rows for text in (label + ":" * markdown, cell(value))]
        case Table():
            rows = [*it.head, *(cell(value) for row in it.rows for value in row)]
            return [it.caption, *(rows if it.rows else [it.empty] if markdown else [*it.head, it.empty])]
        case Figure():
            return [f"Figure: {it.caption}", it.alt] if markdown else [it.alt, it.caption]
        case Steps():
            dated = any(" " in (row.starts or " ") for row in it.steps[:1])
            time = "Time" if dated else "Start by"
            minutes, seen = (f"({it.minutes})", []) if markdown else (it.minutes, ["Seen", time, "Initials"])
            head = [*([] if markdown else ["Step"]), f"{it.letter} · {it.title}", minutes, *seen]
            return [*head, *(text for row in it.steps for text in step(row, markdown))]
        case Gate():
            return gate(it, markdown)
        case Signatures():
            return ["Who", "Name", "Signature", "Date, time", *it.who]
    raise TypeError(it)


@cache
def said(part: Part, *, markdown: bool = False) -> list[str]:
    texts = (plain(text) for it in part.blocks for text in block(it, markdown))
    return [text for text in texts if text]


@cache
def layers(part: Part) -> list[list[str]]:
    """The texts of a part as a printer puts them on paper, row by row."""
    texts = (block(it, markdown=False) if not isinstance(it, Figure) else [it.caption] for it in part.blocks)
    return [[text for text in map(plain, chain.from_iterable(texts)) if text]]


def plain(text: str) -> str:
    return squeezed(OPEN.sub("", text))


# ---- what was made ----


def in_html(made: str) -> list[str]:
    """The text of every part: what is drawn by what stands in its place, without title and stamp."""
    parts = lxml.html.fromstring(made).xpath("//main//section[contains(@class, 'part')]")
    for part in parts:
        for element in part.xpath("./h2 | ./p[contains(@class, 'stamp')]"):
            element.drop_tree()
        for image in part.iter("img"):
            image.tail = image.get("alt") + (image.tail or "")
    return [plain(part.text_content()) for part in parts]


def in_markdown(made: str) -> list[str]:
    """The same of Markdown: what its reader shows below each title and the line that names the sheet."""
    parser = MarkdownIt("commonmark").enable("table")
    shown = parser.renderer.render(parser.parse(made), parser.options, {})
    parts = [lxml.html.fragment_fromstring(part, create_parent="div") for part in shown.split("<h2>")[1:]]
    for part in parts:
        for title in part.xpath("./h1"):  # of the document that follows
            part.remove(title)
        for line in part.xpath("./p[position() < 3]"):
            named = line.xpath("./strong") and "revision" in line.text_content() and "plan" in line.text_content()
            if named or re.fullmatch(r"\[ .* \]", line.text_content()):
                part.remove(line)
    return [plain("".join(one.text_content() for one in part if isinstance(one.tag, str))) for part in parts]


def in_pdf(name: str, pages: list[str]) -> list[list[str]]:
    """The pages of every part without what stands at the head and foot of each; on its last page the next may begin."""
    place, whole = extents(pdf(name)[0]), book(name)
    foot = squeezed(f"{whole.deployment} · {whole.change} revision {whole.revision}")
    heads = [squeezed(part.server or part.title) for part in whole.parts]
    bare = []
    for page in pages:
        page = page[: page.rindex(foot)].removesuffix(squeezed(whole.stamp or ""))
        page = page.removesuffix(max((head for head in heads if page.endswith(head)), key=len, default=""))
        bare.append(FOLDED.sub("", plain(page)).rstrip("•"))
    return [bare[place[part.title].start : place[part.title].stop + 1] for part in whole.parts]


def lacking(texts: list[str], pages: list[str]) -> list[str]:
    """The first text that does not stand behind the one before it; it may end on the page after its first."""
    number, at = 0, 0
    for place, text in enumerate(FOLDED.sub("", text) for text in texts):
        here, following = pages[number], pages[number + 1] if number + 1 < len(pages) else ""
        found = here.find(text, at)
        cut = next(
            (cut for cut in range(len(text), -1, -1) if here[at:].endswith(text[:cut]) and text[cut:] in following),
            None,
        )
        if found >= 0:
            at = found + len(text)
        elif cut is not None:
            number, at = number + 1, following.index(text[cut:]) + len(text) - cut
        else:
            return texts[place : place + 1]
    return []


@cache
def made(name: str) -> tuple[str, str]:
    return to_html(book(name)), to_markdown(book(name))


def html_differences(name: str, html: str) -> list[str]:
    """The parts of which the HTML does not say what the model says."""
    shown = zip(book(name).parts, in_html(html), strict=True)
    return [part.id for part, text in shown if text != "".join(said(part))]


def markdown_differences(name: str, markdown: str) -> list[str]:
    shown = zip(book(name).parts, in_markdown(markdown), strict=True)
    return [part.id for part, text in shown if text != "".join(said(part, markdown=True))]


def pdf_differences(name: str, pages: list[str]) -> list[tuple[str, str]]:
    """The parts, each with the first text that is not on its paper."""
    shown = zip(book(name).parts, in_pdf(name, pages), strict=True)
    return [(part.id, text) for part, own in shown for layer in layers(part) for text in lacking(layer, own)]


@PRINTED
def test_every_text_of_every_part_stands_in_its_order_in_all_three_forms(name: str) -> None:
    html, markdown = made(name)
    assert len(book(name).parts) >= 18
    assert html_differences(name, html) == []
    assert markdown_differences(name, markdown) == []
    assert pdf_differences(name, pdf(name)[1]) == []


@EVERY
def test_the_parts_have_the_same_titles_and_the_same_digits_in_html_and_markdown(name: str) -> None:
    html, markdown = made(name)
    titles = [
        plain(one.text_content())
        for one in lxml.html.fromstring(html).xpath("//main//section[contains(@class, 'part')]/h2")
    ]
    shown = lxml.html.fromstring(MarkdownIt("commonmark").enable("table").render(markdown))
    assert titles == [plain(one.text_content()) for one in shown.xpath("//h2")]
    for one, other in zip(in_html(html), in_markdown(markdown), strict=True):
        assert Counter(re.findall(r"\d", one)) == Counter(re.findall(r"\d", other))


def altered(text: str, at: int) -> str:
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def some(places: list[int]) -> list[int]:
    """About two of them, evenly over all."""
    assert len(places) >= 8
    return places[:: len(places) // 2]


@pytest.mark.large
def test_one_digit_that_is_another_is_told_in_each_form() -> None:
    html, markdown = made("harbour-mail")
    main = html[: html.index("</main>")]
    texts = re.finditer(r"<(?:td|li|p|h3)[^<>]*>[^<>\d]*(\d)", main)
    for at in some([found.start(1) for found in texts if found.start() > main.index("</h2>", main.index("<main"))]):
        assert len(html_differences("harbour-mail", altered(html, at))) == 1
    begin = markdown.index("\n## ")
    texts = re.finditer(r"\d(?=\d* min|:\d\d)", markdown[begin:])
    for at in some([begin + found.start() for found in texts]):
        assert len(markdown_differences("harbour-mail", altered(markdown, at))) == 1
    pages = pdf("harbour-mail")[1]
    sheet = next(part for part in book("harbour-mail").parts if part.kind == "sheet")
    times = [
        (number, at.start())
        for number in extents(pdf("harbour-mail")[0])[sheet.title]
        for at in re.finditer(r"(?<=by\d)\d(?=:\d)", pages[number])
    ]
    for number, at in times[::4]:
        other = [*pages[:number], altered(pages[number], at), *pages[number + 1 :]]
        assert [part for part, _ in pdf_differences("harbour-mail", other)] == [sheet.id]
    assert len(times) >= 8
