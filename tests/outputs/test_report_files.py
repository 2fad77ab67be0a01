"""The report as a page, a table and rows: every finding, merged where it reads alike, and nothing in it is obeyed."""

import csv
import io
import re
from pathlib import Path

import pytest
from invented_reports import finding, report_of
from markdown_it import MarkdownIt

from checker.outputs.merged import merged
from checker.outputs.page import to_page
from checker.outputs.tables import COLUMNS, harmless, to_csv, to_markdown
from checker.report import Report
from runbook.cli.formats import ENDINGS, FORMATS, by_ending

NASTY = '=HYPERLINK("http://evil")<script>alert(1)</script>|[x](http://y)\x1b[2J'


@pytest.fixture
def report() -> Report:
    return report_of(
        *(finding("memory", server=name, outcome="fail", message="too little") for name in ("mx1", "mx2")),
        finding("memory", server="db1", outcome="pass", message="enough"),
        finding("disk-shared", None, outcome="unknown", message=NASTY),
    )


def test_what_reads_alike_of_several_servers_is_one_row_and_what_holds_the_verdict_comes_first(report: Report) -> None:
    rows = merged(report.findings, report.strict)
    assert [(row.finding.check, row.subjects, row.holds) for row in rows] == [
        ("memory", ("mx1", "mx2"), True), ("disk-shared", ("deployment",), True), ("memory", ("db1",), False),
    ]  # fmt: skip
    assert sum(len(row.subjects) for row in rows) == len(report.findings)


def test_each_finding_is_a_row_of_the_csv_and_none_is_a_formula(report: Report) -> None:
    head, *rows = csv.reader(io.StringIO(to_csv(report), newline=""))
    assert tuple(head) == COLUMNS
    assert len(rows) == len(report.findings) + 1, "and a last line that says of what"
    assert [row[4] for row in rows[:-1]] == ["mx1", "mx2", "db1", ""]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert "\x1b" not in to_csv(report)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_would_be_computed_stands_behind_an_apostrophe(text: str) -> None:
    assert harmless(text).startswith("'")
    assert harmless(f"x{text}").startswith("x")


def test_the_markdown_is_one_table_and_hostile_text_means_nothing_in_it(report: Report) -> None:
    text = to_markdown(report, zone=None)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = {token.type for token in tokens} | {c.type for token in tokens for c in token.children or ()}
    assert not kinds & {"link_open", "html_inline", "html_block", "image"}
    assert sum(token.type == "tr_open" for token in tokens) == 1 + 2
    assert "too little" in text
    assert "\x1b" not in text


def test_the_page_loads_nothing_and_hostile_text_means_nothing_in_it(report: Report) -> None:
    page = to_page(report, zone=None)
    assert "<script>alert" not in page
    assert not re.search(r"(?:src|href|url\()\s*=?", page.split("</style>")[1].split("<script>")[0])
    assert page.count("<tr data-") + page.count('<tr class="holds"') == len(merged(report.findings, report.strict))
    assert "\x1b" not in page


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_says_the_format(ending: str) -> None:
    assert by_ending(Path(f"report{ending}")) == ENDINGS[ending]


def test_every_format_but_the_list_of_things_to_do_has_an_ending() -> None:
    assert set(ENDINGS.values()) == FORMATS.keys() - {"todo"}
