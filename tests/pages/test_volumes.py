"""The set in volumes: every sheet once, every page numbered in its volume, and only what changed printed again."""

import io
import os
import re
import select
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from runbook.pages.page_model import Paragraph, Part, Runbook, StepRow, Steps, Table
from runbook.pages.volumes import ALONE, CELLS, SHEETS, places, volumes
from runbook.render import printing
from runbook.render.escaping import mark
from runbook.render.html import print_style, to_html
from runbook.render.printing import Sheetful, content, print_all, printers
from runbook.terminal import printed

BOOK = Runbook(
    title="Upgrade", deployment="big", verdict="GO", stamp=None, change="CHG1", revision="1",
    plan_digest="3f2a9c1be07d4418", facts_id="f1", made="2026-11-20 10:00 UTC", tool="pmx-preflight", language="en",
    parts=(),
)  # fmt: skip


def step(server: str) -> StepRow:
    return StepRow(
        id=f"{server}.guard", number="1.1", kind="recheck", title=f"Look at {server}", text="", site_text=None,
        command=None, blank=None, expect="it is so", measured=None, if_not="stop", again=None, starts=None,
        basis="O",
    )  # fmt: skip


def book(servers: int, said: str = "none", a_night: int = 6) -> Runbook:
    """A set of so many sheets in nights, with front matter and an appendix of facts."""
    names = [f"mx{number}" for number in range(1, servers + 1)]
    leaves: list[Part] = []
    for at, name in enumerate(names):
        night = at // a_night + 1
        if at % a_night == 0:
            leaves.append(Part(f"steps-n{night}", f"Opening of night {night}", (), opens=True))
        block = Steps("A", "Before", "1 min", (step(name),))
        leaves.append(
            Part(f"sheet-{name}", f"{at + 1} {name}", (block,), "sheet", name, f"sheet {at + 1} of {servers}")
        )
        if at % a_night == a_night - 1:
            leaves.append(Part(f"steps-z{night}", f"End of night {night}", ()))
    facts = [Table(name, ("Fact", "Value"), (("disk", said if name == "mx1" else "ok"),), "facts") for name in names]
    rows = tuple((name, "why") for name in names)
    return replace(
        BOOK,
        parts=(
            Part("decision", "Decision", (Paragraph(f"seen: {said}"),), "decision", one_page=True, document="board"),
            Part("order", "Order and why", (Table("Order", ("Server", "Why"), rows),), document="board"),
            *leaves,
            Part("desk", "Help-desk card", (Paragraph("what to say"),), document="help-desk"),
            Part("facts", "Appendix: facts", (Paragraph("What each host said."), *facts), document="evidence"),
            Part("communications", "Communications", (Paragraph("to whom"),), document="notices"),
        ),
    )


def jobs(whole: Runbook) -> list[Sheetful]:
    return [
        Sheetful(to_html(one, for_print=True, styled=False), print_style(one), mark(one), None, archive=False)
        for one in volumes(whole)
    ]


def pdfs(
    made: list[Sheetful], place: Path, heard: list[tuple[int, int]] | None = None, apart: bool = False
) -> list[bytes]:
    told = [] if heard is None else heard
    with printers(apart) as by:
        printed = print_all(made, len(made), place, by, lambda done, total: told.append((done, total)))
    return [content(one) for one in printed]


@given(st.integers(1, 600), st.integers(1, 40))
def test_every_part_stands_in_exactly_one_volume_and_a_night_in_those_of_that_night_alone(
    servers: int, a_night: int
) -> None:
    whole = book(servers, a_night=a_night)
    made = volumes(whole)
    if servers <= ALONE:
        assert made == (whole,)
        return
    there = [part for one in made for part in one.parts]
    nights = [part for part in there if part.document == "night"]
    assert nights == [part for part in whole.parts if part.document == "night"]
    for id in ("decision", "desk", "communications"):
        assert [part for part in there if part.id == id] == [part for part in whole.parts if part.id == id]
    assert {"decision", "desk"} <= {part.id for part in made[0].parts}
    for document in ("evidence", "board"):
        rows, wanted = (
            [row for part in parts if part.document == document for block in part.blocks if isinstance(block, Table)
             for row in block.rows]
            for parts in (there, whole.parts)
        )  # fmt: skip
        assert rows == wanted
    for one in made[1:]:
        sheets = [int((part.server or "mx0")[2:]) for part in one.parts if part.kind == "sheet"]
        assert len(sheets) <= SHEETS
        assert len({(number - 1) // a_night for number in sheets}) <= 1
        tables = [block for part in one.parts for block in part.blocks if isinstance(block, Table)]
        assert sum(len(table.head) * len(table.rows) for table in tables) <= CELLS
        assert one.made is None and one.facts_id is None
    assert [(part.server or part.title, one.volume) for one in made[1:] for part in one.parts] == list(
        made[0].elsewhere
    )
    assert made[0].parts[0].id == "decision"


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], Path]:
    """A set of twelve sheets, and where its volumes are kept."""
    heard: list[tuple[int, int]] = []
    place = tmp_path_factory.mktemp("twelve")
    made = pdfs(jobs(book(12, a_night=4)), place, heard)
    assert heard[-1] == (6, 6)  # front matter, three nights, facts, communications
    return made, place


def test_a_changed_number_is_printed_again_where_it_stands_and_nowhere_else(twelve: tuple[list[bytes], Path]) -> None:
    made, kept = twelve
    first = jobs(book(12, a_night=4))
    again = jobs(book(12, said="12 GiB", a_night=4))
    same = [old.key == new.key for old, new in zip(first, again, strict=True)]
    assert same == [False, *[True] * 3, False, True]  # the decision page shows it, and the facts of mx1
    before = {path: path.stat().st_ino for path in kept.iterdir()}
    second = pdfs(again, kept)
    assert [old == new for old, new in zip(made, second, strict=True)] == same
    assert {path: path.stat().st_ino for path in before} == before  # none of them was written again


def test_more_volumes_than_processes_and_waiting_places_are_all_printed_in_their_order(
    twelve: tuple[list[bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "AHEAD", 2)
    made = jobs(book(12, a_night=4))
    again = pdfs(made, tmp_path, apart=True)
    assert again == twelve[0]  # in other processes, without a cache: the same bytes
    for job, pdf in zip(made, again, strict=True):
        volume = re.search(r'"pmx-preflight, plan \w+(?:, volume (\d+))?"', job.html)
        assert volume
        described = PdfReader(io.BytesIO(pdf)).metadata
        assert described is not None
        keywords = str(described.get("/Keywords"))
        assert keywords.endswith(f"volume {volume[1]}" if volume[1] else BOOK.plan_digest)


def test_a_cached_file_that_was_damaged_is_printed_again(tmp_path: Path) -> None:
    (job,) = jobs(book(1))
    (good,) = pdfs([job], tmp_path)
    (kept,) = tmp_path.iterdir()
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    kept.write_bytes(kept.read_bytes().replace(b"/Page", b"/Pfge", 1))
    assert pdfs([job], tmp_path) == [good]


def test_a_cache_that_cannot_be_written_costs_no_page(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (job,) = jobs(book(1))
    assert pdfs([job], tmp_path / "file" / "below") == pdfs([job], tmp_path / "kept")


def test_every_page_tells_its_volume_and_its_number_in_it(twelve: tuple[list[bytes], Path]) -> None:
    for one, pdf in zip(volumes(book(12, a_night=4)), twelve[0], strict=True):
        reader = PdfReader(io.BytesIO(pdf))
        texts = [page.extract_text() for page in reader.pages]
        said = f"volume {one.volume}, " if one.volume else ""
        for number, text in enumerate(texts, start=1):
            assert f"{said}page {number} of {len(texts)}" in " ".join(text.split())
            assert BOOK.plan_digest in text
        for part in one.parts:
            if part.server:
                (at,) = [number for number, text in enumerate(texts) if re.search(rf"Look at {part.server}\b", text)]
                assert f"{part.sheet} · {one.deployment}" in " ".join(texts[at].split())
                assert re.search(rf"\b{part.server}\s+1/1\b", texts[at])
                assert f"{part.server}.guard/box" in (reader.get_fields() or {})
        titles = [str(entry.title) for entry in reader.outline if not isinstance(entry, list)]
        assert [part.title for part in one.parts] == [title for title in titles if title != "Contents"]


@pytest.mark.parametrize(("total", "first", "last"), [(1, "one PDF", "done"), (3, "0 of 3", "3 of 3 volumes")])
def test_a_terminal_is_told_before_the_first_page_is_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, first: str, last: str
) -> None:
    screen, line = os.openpty()
    seen: list[str] = []

    def read(until: str) -> str:
        """What stands on the screen up to these words; a terminal hands over in pieces, when it likes."""
        text = ""
        while until not in text and select.select([screen], [], [], 5)[0]:
            text += os.read(screen, 4096).decode()
        return text

    def by(job: Sheetful) -> Callable[[], bytes]:
        if not seen:
            seen.append(read(first))
        return lambda: b""

    made = [Sheetful(str(number), "", "", None, archive=False) for number in range(total)]
    with os.fdopen(line, "w") as terminal_line:
        monkeypatch.setattr(sys, "stderr", terminal_line)
        print_all(made, total, tmp_path, by, printed)
        seen.append(read(f"{last}\r\n"))
    os.close(screen)
    assert first in seen[0]
    assert seen[1].rstrip().endswith(f"printing: {last}") and seen[1].endswith("\n")


def test_the_files_of_a_set_are_named_after_the_first() -> None:
    assert [path.name for path in places(Path("out/x.pdf"), 3)] == ["x.pdf", "x-1.pdf", "x-2.pdf"]
