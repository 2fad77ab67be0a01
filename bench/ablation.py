"""What each element of a printed page costs: the sheets printed without it, one at a time; a Markdown table of ratios.

Started by `printing.py --ablation`. The templates are not touched: an element is taken away by a style rule or a
replacement in the ready HTML, or by an option of WeasyPrint. What takes words away also makes fewer pages.
"""

import gc
import hashlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import contents
from fleet import load

WORTH_A_REASON = 1.05  # what costs more says why it stays
TICK = '<span class="tick"></span>'
NO_HEADS = " ".join(f"@{place} {{ content: none }}" for place in ("top-left", "top-center", "top-right", "bottom-left"))

Change = Callable[[str], str]


@dataclass(frozen=True)
class Without:
    """An element, how to take it away, and why it is there although it costs."""

    element: str
    reason: str
    change: Change = str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Printed:
    """Seconds of CPU for layout and writing, without the start; pages; a digest of the PDF."""

    cpu: float
    pages: int
    digest: str


def styled(css: str) -> Change:
    """One more style sheet, after all others."""
    return lambda html: html.replace("</head>", f"<style>@media print {{ {css} }}</style></head>", 1)


def replaced(pattern: str, by: str = "") -> Change:
    """Every occurrence replaced."""
    return lambda html: re.sub(pattern, by, html, flags=re.DOTALL)


WHOLE = Without("nothing", "")
ELEMENTS = (
    Without("form fields", "filled on a tablet and read back by `read`", options={"pdf_forms": False}),
    Without("tags (`pdf/ua-1`)", "read by screen readers, and by who extracts text", options={"pdf_variant": None}),
    Without(
        "running heads and feet", "a leaf that was dropped is put back by its server, sheet and plan",
        styled(f"@page {{ {NO_HEADS} }} .part, .book, .contents {{ string-set: none }}"),
    ),
    Without("page numbers “of y”", "a missing last leaf is noticed", replaced(r'" of " counter\(pages\)', '""')),
    Without("page numbers in the contents", "found by hand, on paper", styled(".contents a::after { content: none }")),
    Without(
        "floats beside the titles", "minutes and basis stand in sight and cost no line",
        styled(".about, .title .about, .site > .about { float: none }"),
    ),
    Without("boxes round commands", "what is typed is told from what is read", styled("pre { border: 0; padding: 0 }")),
    Without("tick boxes as inputs", "each is a form field", replaced('<input type="checkbox"[^>]*>', TICK)),
    Without(
        "blanks as inputs", "each is a form field",
        replaced('<input type="text" class="([^"]*)"[^>]*>', r'<span class="\1"></span>'),
    ),
    Without(
        "expected, seen, time and by in each row", "an item asks for a value, and says what is expected",
        replaced('<p class="text told">.*?</p>|<td class="pen (?:now|done|initials)".*?</td>'),
    ),
    Without("gates", "the second person's pause points", replaced('<section class="gate".*?</section>')),
    Without("borders of cautions", "a warning is never colour alone", styled(".caution[class] { border: 0 }")),
    Without(
        "the shipped fonts", "0 and O, 1 and l are told apart, and the same bytes come everywhere",
        replaced(r"@font-face \{.*?\}"),
    ),
    Without("`break-inside: avoid`", "a step is never torn", replaced("break-inside: avoid", "break-inside: auto")),
    Without("the timeline's drawing", "what is down when, at a glance", replaced("<figure>.*?</figure>")),
    Without("garbage collector off", "", options={"gc": True}),
)  # fmt: skip


def compare(servers: int, rounds: int) -> int:
    """Prints each figure as it comes, then the table; returns 0, or 2 when the whole could not be printed."""
    html = contents.sheets_html(servers)
    print(f"the sheets of {servers} servers and the timeline, as one document; CPU of layout and writing; {load()}")
    costs: dict[str, list[float]] = {}
    pages: dict[str, str] = {}
    left = [one for one in ELEMENTS if one.options or one.change(html) != html]
    for number in range(1, rounds + 1):
        whole = printed(html, WHOLE)
        if whole is None:
            return 2
        print(f"round {number} of {rounds}  {'the whole':42} {whole.cpu:7.2f} s  {whole.pages} pages")
        for one in left:
            without = printed(html, one)
            if without is None:
                continue
            print(f"round {number} of {rounds}  without {one.element:34} {without.cpu:7.2f} s  {without.pages} pages")
            if without.digest != whole.digest or "gc" in one.options:
                costs.setdefault(one.element, []).append(whole.cpu / without.cpu)
                pages[one.element] = f"{without.pages} of {whole.pages}"
    print(table(costs, pages))
    for one in ELEMENTS:
        if one.element not in costs:
            print(f"not in these pages, or not to be taken away so: {one.element}")
    return 0


def table(costs: Mapping[str, Sequence[float]], pages: Mapping[str, str]) -> str:
    """The Markdown table, the costliest first; a reason beside what costs enough to need one."""
    reasons = {one.element: one.reason for one in ELEMENTS}
    rows = ["", "| element | CPU, whole / without | pages without it | why it stays |", "|---|---|---|---|"]
    for element, ratios in sorted(costs.items(), key=lambda it: -statistics.median(it[1])):
        median = statistics.median(ratios)
        reason = reasons[element] if median > WORTH_A_REASON else ""
        spread = f"{median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        rows.append(f"| {element} | {spread} | {pages[element]} | {reason} |")
    return "\n".join([*rows, ""])


def printed(html: str, without: Without) -> Printed | None:
    """The document without the element, printed by a process of its own; None, and its words, when it fails."""
    with tempfile.TemporaryDirectory(prefix="ablation-") as folder:
        source = Path(folder) / "sheets.html"
        source.write_text(without.change(html), encoding="utf-8")
        command = [sys.executable, __file__, str(source), str(source.with_suffix(".pdf")), json.dumps(without.options)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"without {without.element}: exit {done.returncode}: {done.stderr.strip()[-500:]}", file=sys.stderr)
        return None
    return Printed(**json.loads(done.stdout.splitlines()[-1]))


def layout(source: Path, target: Path, given: Mapping[str, object]) -> Printed:
    """Prints as our workers do, but for what is given otherwise."""
    from weasyprint import HTML  # type: ignore[import-untyped]

    options = {"pdf_variant": "pdf/ua-1", "pdf_forms": True} | {k: v for k, v in given.items() if k != "gc"}
    html = source.read_text(encoding="utf-8")
    if not given.get("gc"):
        gc.disable()
    began = time.process_time()
    document = HTML(string=html).render(**options)
    document.write_pdf(target, **options)
    cpu = time.process_time() - began
    return Printed(cpu, len(document.pages), hashlib.sha256(target.read_bytes()).hexdigest())


if __name__ == "__main__":
    print(json.dumps(layout(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])).__dict__))
