"""The page model as a Typst document: plain, with the same words, tables, boxes and blanks; for comparison only."""

import re
from html import unescape

import markdown

from runbook.pages.page_model import (  # fmt: skip
    Blank,
    Block,
    Box,
    Bullets,
    Caution,
    Cell,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Runbook,
    Signatures,
    SiteText,
    StepRow,
    Steps,
    Table,
)

PREAMBLE = """\
#let running = state("running", "")
#set document(title: TITLE)
#set page(
  paper: "a4", margin: (left: 20mm, right: 12mm, top: 15mm, bottom: 11mm),
  header: context text(8.5pt, grid(columns: (1fr, auto, 1fr), text(11pt, strong(running.get())), strong(STAMP),
    align(right, HEAD))),
  footer: text(8.5pt, grid(columns: (1fr, auto), FOOT,
    context counter(page).display((at, all) => [page #at of #all], both: true))),
)
#set text(font: "IBM Plex Sans", size: 9.6pt, lang: "en")
#set par(leading: .45em, spacing: .6em)
#set table(stroke: .75pt, inset: (x: .4em, y: .25em))
#show raw: set text(font: "IBM Plex Mono")
#show table.cell: set text(.9em)
#let small(body) = text(.8em, body)
#let tick = box(width: 6.2mm, height: 6.2mm, stroke: 1.2pt)
#let blank(characters) = box(width: calc.min(characters, 60) * .55em, height: 5.6mm, stroke: (bottom: .75pt))
#let pen(label) = [#small(label) #v(5mm)]
#let caution(word, words) = block(stroke: 1.5pt, inset: .5em, width: 100%, breakable: false)[*#word* #words]
#let rows(caption, columns, ..cells) = {
  if caption != "" { block(sticky: true, strong(caption)) }
  table(columns: columns, ..cells)
}
#let step(..body) = block(breakable: false, width: 100%, stroke: (top: 1pt), inset: (y: .7mm),
  grid(columns: (9.5mm, 1fr), tick, body.pos().join()))
#let gate(..body) = block(breakable: false, width: 100%, stroke: 3pt, inset: 2mm, body.pos().join())
"""


def to_typst(book: Runbook) -> str:
    """The source of a Typst document that says what the whole set says."""
    head = f"{book.deployment} · {book.change} revision {book.revision}"
    values = {"TITLE": book.title, "STAMP": book.stamp or "", "HEAD": head, "FOOT": f"plan {book.plan_digest}"}
    out = [re.sub("|".join(values), lambda found: _text(values[found[0]]), PREAMBLE)]
    said = {"Verdict": book.verdict, "Facts": book.facts_id or "", "Made": f"{book.made} by {book.tool}"}
    out += [_call("strong", _text(book.title)), _call("par", _text("   ".join(f"{k}: {v}" for k, v in said.items())))]
    for number, part in enumerate(book.parts):
        title = part.title if not part.server or part.server in part.title else f"{part.title}: {part.server}"
        at_head = " · ".join(filter(None, (part.server, part.sheet))) or part.title
        follows = part.document == "evidence" and book.parts[number - 1].document == "evidence"
        out += [f"#running.update({_text(at_head)})", *([] if number == 0 or follows else ["#pagebreak()"])]
        out += [_call("heading", "level: 1", _text(title))]
        out += [line for block in part.blocks for line in _block(block)]
        if number == 0:
            out += ['#running.update("Contents")', "#pagebreak()", '#outline(title: "Contents", depth: 1)']
    return "\n".join(out) + "\n"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _call(name: str, *arguments: str) -> str:
    return f"#{name}({', '.join(arguments)})"


def _content(*pieces: str) -> str:
    """An expression that shows these expressions, which may be strings, one after the other."""
    return "[" + " ".join(f"#({piece})" for piece in pieces) + "]"


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, Blank):
        return _content(_text(cell.label), f"blank({cell.width})")
    if isinstance(cell, Box):
        return _content("tick", _text(cell.label))
    return _content(*map(_cell, cell))


def _columns(shares: str) -> str:
    return f"({shares},)"


def _header(heads: tuple[str, ...]) -> str:
    return f"table.header({', '.join(f'strong({_text(head)})' for head in heads)})"


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph(text=text, style=style):
            return [
                _call(
                    "par", {"lead": f"strong({_text(text)})", "note": f"small({_text(text)})"}.get(style, _text(text))
                )
            ]
        case SiteText(text=text):
            return _site(text)
        case Heading(text=text):
            return [_call("heading", "level: 2", _text(text))]
        case Caution(word=word, text=text):
            return [_call("caution", _text(word), _text(text))]
        case Bullets(items=items, ordered=ordered):
            return [_call("enum" if ordered else "list", *map(_text, items))]
        case Fields(rows=rows):
            cells = [one for label, value in rows for one in (f"strong({_text(label)})", _cell(value))]
            return [_call("rows", '""', _columns("22%, 1fr"), *cells)]
        case Table():
            return [_table(block)]
        case Figure(svg=svg, alt=alt, caption=caption):
            return [
                f'#image(bytes({_text(svg)}), format: "svg", alt: {_text(alt)}, width: 100%)',
                _call("small", _text(caption)),
            ]
        case Steps(letter=letter, title=title, minutes=minutes, steps=steps):
            head = _content(_text(f"{letter} · {title}"), f"small({_text(minutes)})")
            return [_call("heading", "level: 2", head), *map(_step, steps)]
        case Gate():
            return [_gate(block)]
        case Signatures(who=who):
            cells = [one for name in who for one in (_text(name), *["v(8mm)"] * 3)]
            header = _header(("Who", "Name", "Signature", "Date, time"))
            return [_call("rows", '""', _columns("26%, 1fr, 1fr, 20%"), header, *cells)]


def _table(table: Table) -> str:
    many = len(table.head)
    cells = [_cell(cell) for row in table.rows for cell in row]
    return _call(
        "rows", _text(table.caption), _columns(", ".join(["1fr"] * many)), _header(table.head),
        *(cells or [f"table.cell(colspan: {many}, {_text(table.empty)})"]),
    )  # fmt: skip


def _site(text: str) -> list[str]:
    """The site's Markdown without its markup: commands in a raw block, the rest in paragraphs."""
    html = markdown.markdown(text, extensions=["fenced_code"])
    pieces = re.split(r"(<pre>.*?</pre>)", html, flags=re.DOTALL)
    shown = [(piece.startswith("<pre>"), unescape(re.sub(r"<[^>]+>", "", piece)).strip()) for piece in pieces]
    return [
        _call("raw", "block: true", _text(words)) if is_code else _call("par", _text(words))
        for is_code, words in shown
        if words
    ]


def _step(step: StepRow) -> str:
    about = f"{step.starts} · {step.basis}" if step.starts else step.basis
    body = [
        _content(f"strong({_text(step.number)})", f"strong({_text(step.title)})", "h(1fr)", f"small({_text(about)})"),
        _content(f"par({_text(step.text)})", f"small({_text(step.again or '')})"),
    ]
    body += [line.removeprefix("#") for line in _site(step.site_text or "")]
    if step.command:
        body.append(f"block(stroke: .75pt, inset: .4em, width: 100%, raw(block: true, {_text(step.command)}))")
    if step.blank:
        body.append(_content(_text(step.blank), "blank(99)"))
    body += [_content("tick", _text(option)) for option in step.options]
    cells = [
        f"[*{label}* #{_text(value)}]"
        for label, value in (("Expect", step.expect), ("Earlier", step.measured), ("If not", step.if_not))
        if value
    ]
    cells += [f"pen({_text(label)})" for label in ("Seen", "Time", "By")]
    widths = ["1fr"] * (len(cells) - 3) + ["14%" if len(cells) > 3 else "1fr", "9%", "8%"]
    body.append(f'rows("", {_columns(", ".join(widths))}, {", ".join(cells)})')
    before = [f'caution("CAUTION", {_text(step.caution)})'] if step.caution else []
    return _call("step", *before, *body)


def _gate(gate: Gate) -> str:
    title = gate.title if gate.title.startswith("Gate") else f"Gate: {gate.title}"
    head = _content(_text(f"{gate.basis} {gate.number} {title}"), f"small({_text(gate.minutes)})")
    cells = [
        one
        for criterion, measured in gate.criteria
        for one in (_text(criterion), _text(measured), "[]", "tick", "tick")
    ]
    header = _header(("Criterion", "Before", "Seen now", "Met", "Not met"))
    return _call(
        "gate",
        f"heading(level: 2, {head})",
        f'rows("", {_columns("1fr, 19%, 19%, 9%, 9%")}, {header}, {", ".join(cells)})',
        f"par({_content('tick', '[*GO*]', 'h(1em)', 'tick', '[*NO-GO:*]', _text(gate.if_no_go))})",
        f"par([Decides: #strong({_text(gate.decider)})])",
        f"par({_content('[Name]', 'blank(24)', '[Signature]', 'blank(24)', '[Time]', 'blank(8)')})",
    )
