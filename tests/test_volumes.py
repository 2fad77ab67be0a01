"""The set in volumes: every sheet once, every page numbered in its volume, and only what changed printed again."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from runbook.html import to_html
from runbook.pages import Paragraph, Part, Runbook, StepRow, Steps, Table
from runbook.printing import Sheetful, print_all
from runbook.rendering import mark
from runbook.volumes import ALONE, MOST, pieces, places, volumes

BOOK = Runbook(
    title="Upgrade", deployment="big", verdict="GO", stamp=None, change="CHG1", revision="1",
    plan_digest="3f2a9c1be07d4418", facts_id="f1", made="2026-11-20 10:00 UTC", tool="pmx-preflight", language="en",
    parts=(),
)  # fmt: skip


def step(server: str) -> StepRow:
    return StepRow(
        id=f"{server}.guard", number="1.1", kind="recheck", title=f"Look at {server}", text="", site_text=None,
        command=None, blank=None, expect="it is so", measured=None, if_not="stop", repeatable="yes", minutes="1 min",
        starts=None, basis="ours", demands=(),
    )  # fmt: skip


def book(servers: int, said: str = "none") -> Runbook:
    """A set of so many sheets, with front matter and an appendix of facts."""
    names = [f"mx{number}" for number in range(1, servers + 1)]
    sheets = [
        Part(f"sheet-{name}", "sheet", f"{at} {name}", (Steps("A", "Before", "1 min", (step(name),)),), name,
             f"sheet {at} of {servers}")
        for at, name in enumerate(names, start=1)
    ]  # fmt: skip
    facts = [Table(name, ("Fact", "Value"), (("disk", said if name == "mx1" else "ok"),), "facts") for name in names]
    return replace(
        BOOK,
        parts=(
            Part("decision", "decision", "Decision", (Paragraph(f"seen: {said}"),), one_page=True),
            Part("order", "order", "Order and why", ()),
            *sheets,
            Part("facts", "appendix", "Appendix: facts", (Paragraph("What each host said."), *facts)),
        ),
    )


def jobs(whole: Runbook) -> list[Sheetful]:
    return [Sheetful(to_html(one, for_print=True), mark(one), None, archive=False) for one in volumes(whole)]


@given(st.integers(1, 200))
def test_every_sheet_and_every_hosts_facts_stand_in_exactly_one_volume(servers: int) -> None:
    whole = book(servers)
    made = volumes(whole)
    assert len(made) == pieces(servers) == (1 if servers <= ALONE else len(places(Path("x.pdf"), len(made))))
    sheets = [part.server for one in made for part in one.parts if part.kind == "sheet"]
    assert sheets == [part.server for part in whole.parts if part.kind == "sheet"]
    facts = [block for one in made for part in one.parts for block in part.blocks if isinstance(block, Table)]
    assert facts == [block for block in whole.parts[-1].blocks if isinstance(block, Table)]
    for one in made[1:]:
        assert 1 <= len(one.parts) <= MOST
    if len(made) > 1:
        assert dict(made[0].elsewhere) == {
            part.server or part.title: one.volume for one in made[1:] for part in one.parts
        }


def test_a_changed_number_is_printed_again_where_it_stands_and_nowhere_else(tmp_path: Path) -> None:
    first = jobs(book(30))
    assert len(first) == 5
    heard: list[tuple[int, int]] = []
    pdfs = print_all(first, keep=tmp_path, progress=lambda done, total: heard.append((done, total)))
    assert heard[0] == (0, 5) and heard[-1] == (5, 5)
    again = jobs(book(30, said="12 GiB"))
    same = [old.key == new.key for old, new in zip(first, again, strict=True)]
    assert same == [False, True, True, False, True]  # the decision page shows it, and the facts of mx1
    heard.clear()
    second = print_all(again, keep=tmp_path, progress=lambda done, total: heard.append((done, total)))
    assert heard[0] == (3, 5)
    assert [old == new for old, new in zip(pdfs, second, strict=True)] == same
    assert print_all(again, keep=None) == second  # in other processes, without a cache: the same bytes


def test_a_cached_file_that_was_damaged_is_printed_again(tmp_path: Path) -> None:
    (job,) = jobs(book(1))
    (good,) = print_all([job], keep=tmp_path)
    (kept,) = tmp_path.iterdir()
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    kept.write_bytes(kept.read_bytes().replace(b"/Page", b"/Pfge", 1))
    assert print_all([job], keep=tmp_path) == (good,)


def test_every_page_tells_its_volume_and_its_number_in_it() -> None:
    for one, pdf in zip(volumes(book(30)), print_all(jobs(book(30))), strict=True):
        reader = PdfReader(io.BytesIO(pdf))
        texts = [page.extract_text() for page in reader.pages]
        said = f"volume {one.volume}, " if one.volume else ""
        for number, text in enumerate(texts, start=1):
            assert f"{said}page {number} of {len(texts)}" in " ".join(text.split())
            assert BOOK.plan_digest in text
        for part in one.parts:
            if part.server:
                (at,) = [number for number, text in enumerate(texts) if f"Look at {part.server}\n" in text + "\n"]
                assert f"{part.server} · {part.sheet}" in " ".join(texts[at].split())
                assert f"{part.server}.guard/box" in (reader.get_fields() or {})
        titles = [str(entry.title) for entry in reader.outline if not isinstance(entry, list)]
        assert [part.title for part in one.parts] == [title for title in titles if title != "Contents"]


@pytest.mark.parametrize(("servers", "files"), [(1, 1), (11, 1), (12, 3), (25, 3), (26, 5), (60, 7), (500, 41)])
def test_how_many_files_a_set_has_is_known_before_it_is_made(servers: int, files: int) -> None:
    assert pieces(servers) == files
    assert [path.name for path in places(Path("out/x.pdf"), 3)] == ["x.pdf", "x-1.pdf", "x-2.pdf"]
