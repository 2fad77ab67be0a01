"""The report as one page: filtered by server and outcome in the browser, and whole without any script."""

from collections.abc import Iterable
from datetime import tzinfo
from html import escape

from checker.legible import visible
from checker.outputs import not_due, origin
from checker.outputs.cures import cure_lines
from checker.outputs.merged import Row, merged
from checker.outputs.tables import summary, title
from checker.report import OUTCOMES, Report

STYLE = """
body{font:1rem/1.45 system-ui,sans-serif;margin:0 auto;max-width:75rem;padding:1rem;color:#000;background:#fff}
h1{font-size:1.4rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #000;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
tr.holds td:first-child{font-weight:700;border-left:.5rem solid #000}
label{display:inline-block;margin:.25rem 1rem .5rem 0}
select{font:inherit;min-height:44px;border:1px solid #000;background:#fff}
@media(max-width:40rem){thead{display:none}
tr{display:block;border:2px solid #000;margin-bottom:.5rem}td{display:block;border:0}
td::before{content:attr(data-label) ": ";font-weight:700}}
@media print{form{display:none}}
""".strip()
SCRIPT = """
const rows=[...document.querySelectorAll("tbody tr")],form=document.forms[0],count=document.getElementById("count");
form.hidden=false;
form.onchange=()=>{let seen=0;for(const row of rows){
const shown=(!form.server.value||row.dataset.servers.split(" ").includes(form.server.value))
&&(!form.outcome.value||row.dataset.outcome===form.outcome.value);row.hidden=!shown;seen+=shown}
count.textContent=seen+" of "+rows.length+" rows"};form.onchange();
""".strip()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
HEAD = ("Outcome", "Severity", "Check", "Where", "What was found", "Expected", "What to do")


def to_page(report: Report, *, zone: tzinfo | None) -> str:
    """The report as HTML that loads nothing."""
    rows = merged(report.findings, report.strict)
    said = "".join(f"<li>{_text(line)}</li>\n" for line in summary(report, rows))
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    body = "\n".join(_row(row, report, zone) for row in rows)
    servers = ("deployment", *report.servers, *report.not_judged)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{_text(title(report, zone))}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(title(report, zone))}</h1>\n<ul>\n{said}</ul>\n{_cure(report)}"
        f"<form hidden>{_choice('server', servers)} {_choice('outcome', OUTCOMES)} "
        f'<output id="count"></output></form>\n'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        f"<p>{_text(origin(report))}</p>\n</main>\n<script>\n{SCRIPT}\n</script>\n</body>\n</html>\n"
    )


def _cure(report: Report) -> str:
    lines = [_text(line) for line in cure_lines(report)]
    rows = "".join(f"<li>{line}</li>\n" for line in lines[1:])
    return f"<p>{lines[0]}</p>\n" + (f"<ul>\n{rows}</ul>\n" if rows else "") if lines else ""


def _choice(name: str, values: Iterable[str]) -> str:
    options = "".join(f'<option value="{_text(value)}">{_text(value)}</option>' for value in values)
    return f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _row(row: Row, report: Report, zone: tzinfo | None) -> str:
    found = row.finding
    later = "" if found.due else f"<br>{_text(not_due(found, report, zone))}"
    lines = (found.message, *(line for line in found.observed if line not in found.message))
    cells = (
        _text(found.outcome), _text(found.severity) + later, f"<code>{_text(found.check)}</code>",
        _text(", ".join(row.subjects)), _lines(lines), _text(found.expected), _lines(found.remedy),
    )  # fmt: skip
    mark = ' class="holds"' if row.holds else ""
    told = "".join(f'<td data-label="{label}">{cell}</td>' for label, cell in zip(HEAD, cells, strict=True))
    return f'<tr{mark} data-outcome="{found.outcome}" data-servers="{_text(" ".join(row.subjects))}">{told}</tr>'


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(_text(line) for line in lines)


def _text(text: str) -> str:
    return escape(visible(text))
