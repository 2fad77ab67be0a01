"""What the first edition forbade, permitted or ended, as tables have it, and how it is looked for on today's pages.

A table is read from a file of rows; the file says what a row is.
"""

import hashlib
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from page_texts import texts

from checker.inputs.deployment import PROCEDURE_KINDS, Deployment
from runbook.pages.page_model import Gate, Part, StepRow, Steps
from runbook.plan.plan_model import Step

FIRST_EDITION = "da103f4"  # the commit that the sentences are of
# A sentence with one of these guards something, or stands here as one that does not: titles, reasons, headings.
GUARDING = re.compile(
    r"\b(?:not|no|never|nothing|nobody|only|may|stop|hold|until|unless|without|exactly|same|once|wait|must|before|kill"
    r"|leave|else|call|log out|from here|order)\b", re.IGNORECASE
)  # fmt: skip

Table = dict[str, dict[str, list[Any]]]


@dataclass(frozen=True)
class Rule:
    """A row of the table, and the form and field that it is of."""

    form: str
    field: str
    was: str
    rule: str
    words: Sequence[str]
    when: Sequence[str] = ()
    place: str = ""

    @property
    def stands(self) -> str:
        """The form in whose rows, or the place, where it is looked for."""
        return self.place or self.form

    @property
    def name(self) -> str:
        return f"{self.form}.{self.field} ({self.rule})"


def read(name: str) -> Table:
    """A table of the tests of pages."""
    return tomllib.loads((Path(__file__).parent / "pages" / name).read_text())


def rules(table: Table) -> list[Rule]:
    """The rows of a table that guard something."""
    return [
        Rule(form, field, **row)
        for form, columns in table.items() for field, rows in columns.items() for row in rows if isinstance(row, dict)
    ]  # fmt: skip


def harmless(table: Table) -> set[str]:
    """The rows of a table that are said to guard nothing, and have a word that may guard."""
    plain = {row for columns in table.values() for rows in columns.values() for row in rows if isinstance(row, str)}
    return {row for row in plain if GUARDING.search(row)}


def said(table: Table, form: str, field: str) -> list[str]:
    """The sentences that a table has of a field, in their order."""
    return [row if isinstance(row, str) else row["was"] for row in table.get(form, {}).get(field, [])]


def digest(table: Table) -> tuple[int, int, str]:
    """How many sentences a table has, how many of them guard, and what they come to: none leaves it unseen."""
    every = [f"{form} {field} {was}" for form in table for field in table[form] for was in said(table, form, field)]
    return len(every), len(rules(table)), hashlib.sha256("\n".join(every).encode()).hexdigest()[:16]


def sentences(value: str | list[str]) -> list[str]:
    """The sentences of a field of the words, with their values; what a condition divides is divided."""
    texts = value if isinstance(value, list) else [value]
    parts = [
        part.strip() for text in texts
        for part in re.split(r"¶|(?<=[.;!?])\s+", re.sub(r"\s*\{%.*?%\}\s*", " ¶ ", text))
    ]  # fmt: skip
    return [part for part in parts if re.search("[a-z]", part, re.IGNORECASE)]


def first_edition(name: str) -> dict[str, dict[str, Any]]:
    """A file of the words of the first edition; skips where its history is not."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    asked = ["git", "show", f"{FIRST_EDITION}:templates/words/{name}.toml"]
    shown = subprocess.run(asked, capture_output=True, cwd=Path(__file__).parent)
    if shown.returncode:
        pytest.skip("the history of the first edition is not here")
    return tomllib.loads(shown.stdout.decode())


def replaced(deployment: Deployment, step: Step, field: str) -> bool:
    """Whether a site's line says this field of a step itself."""
    lines = [item for kind in PROCEDURE_KINDS for item in deployment.procedure.items(kind)]
    return any(item.text == step.site_text and getattr(item, field, None) for item in lines)


def row_text(row: StepRow | Gate, usual: str) -> str:
    """All that stands in a row; where it says nothing of what is done if not, the head of the sheet says it."""
    if isinstance(row, Gate):
        return " ".join(texts((row.title, row.criteria, row.decider, row.if_no_go, row.signs, row.skip)))
    written = (row.caution, row.title, row.text, row.site_text, row.command, row.blank, row.expect)
    return " ".join(texts((*written, row.if_not or usual, row.again, row.options, row.notes)))


def rows_of(part: Part) -> Iterator[StepRow | Gate]:
    """The steps and gates of a part."""
    for block in part.blocks:
        if isinstance(block, Steps):
            yield from block.steps
        elif isinstance(block, Gate):
            yield block


def missing(rule: Rule, text: str, own: Mapping[str, str]) -> list[str]:
    """The words of a rule that do not stand in a text; `own`: what stands for a name in a pattern."""
    return [word for word in rule.words if not re.search(filled(word, own), text, re.IGNORECASE)]


def filled(pattern: str, own: Mapping[str, str]) -> str:
    """A pattern with its names."""
    return re.sub(r"\{([a-z]+)\}", lambda value: own.get(value[1], value[0]), pattern)
