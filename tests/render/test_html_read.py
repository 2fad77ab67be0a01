"""The runbook as people read it in a real browser: on paper, on a phone, on a wide screen, or read aloud."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from live_page import open_sheet, silent, small, started, tick, written, written_of_three

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)")
three = pytest.fixture(scope="module")(written_of_three)
running = pytest.fixture(scope="module")(started)
browser = pytest.fixture(silent)


def test_on_paper_and_without_scripts_every_page_is_complete(browser: Browser, three: str) -> None:
    everything = """Array.from(document.querySelectorAll('main .part > *:not(.guard, .count, .stamp)'))
        .filter((it) => !it.checkVisibility()).length"""
    aside = """Array.from(document.querySelectorAll('.tools, .state, .guard, .count'))
        .filter((it) => it.checkVisibility()).length"""
    for script in (True, False):
        tab = browser.open(three, profile=browser.profile(), script=script)
        assert (tab.run(everything) > 0) == script
        if script:
            tab.send("Emulation.setEmulatedMedia", media="print")
        assert tab.run(everything) == 0
        assert tab.run(aside) == 0


SHOWN = """Array.from(document.querySelectorAll('main > .document'))
    .filter((it) => it.checkVisibility()).map((it) => it.id.slice(4))"""
LISTED = """Array.from(new Set(Array.from(document.querySelectorAll('.contents li'))
    .filter((it) => it.checkVisibility()).map((it) => it.dataset.document)))"""


@pytest.mark.parametrize("script", [True, False])
def test_a_reader_sees_his_document_alone_and_all_of_them_on_paper(browser: Browser, three: str, script: bool) -> None:
    tab = browser.open(three, profile=browser.profile(), script=script)
    every = tab.run(SHOWN)
    assert every[:2] == ["board", "night"] and tab.run("location.hash") == ""
    for link, shown in (("#for-night", ["night"]), ("#part-decision", ["board"]), ("#part-sheet-mx1", ["night"]),
                        ("#for-board", ["board"]), ("#all", every), ("#pages", every)):  # fmt: skip
        if link == "#part-sheet-mx1":
            tab.run("document.querySelector('a[href=\"#for-night\"]').click()")
        tab.run(f"document.querySelector('a[href=\"{link}\"]').click()")
        assert tab.run(SHOWN) == tab.run(LISTED) == shown, link
    tab.run("document.querySelector('a[href=\"#for-night\"]').click()")
    tab.send("Emulation.setEmulatedMedia", media="print")
    assert tab.run(SHOWN) == every


def test_on_a_phone_nothing_is_wider_than_the_screen_and_every_target_is_big_enough(
    browser: Browser, three: str
) -> None:
    tab = browser.open(three, width=360, profile=browser.profile())
    tab.run("document.querySelector('.read').click()")
    assert tab.run("document.documentElement.scrollWidth") <= 360
    small_ones = tab.run("""Array.from(document.querySelectorAll('input, button, .contents a, .next a'))
        .filter((it) => it.checkVisibility())
        .map((it) => [it.name || it.className || it.href, it.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => [name, box.width, box.height])""")
    assert small_ones == []
    drawn = tab.run("""(() => { const it = document.querySelector('figure .wide');
        return [it.firstElementChild.getBoundingClientRect().width, it.scrollWidth, it.clientWidth]; })()""")
    assert drawn[:2] == [672, 672] and drawn[2] < 360  # 504 points: its letters are as big as on paper
    stuck = """Array.from(document.querySelectorAll('main *')).filter((it) => it.scrollWidth > it.clientWidth + 1
        && getComputedStyle(it).overflowX === 'auto').map((it) => it.tabIndex)"""
    assert set(tab.run(stuck)) == {0}  # some are wider, and each can be scrolled with the keyboard


def test_on_a_phone_a_row_of_a_table_is_a_card_and_on_a_wider_screen_a_row(browser: Browser, three: str) -> None:
    rows = """Array.from(document.querySelectorAll('.data tbody tr'))
        .filter((row) => row.checkVisibility() && row.cells.length > 1)
        .map((row) => Array.from(row.cells).filter((it) => it.checkVisibility()).map((it) => {
            const { left, top } = it.getBoundingClientRect();
            const { content } = getComputedStyle(it, '::before');
            return [left, top, it.tagName === 'TH' || content === JSON.stringify(it.dataset.head),
                it.scrollWidth <= it.clientWidth + 1 && it.scrollHeight <= it.clientHeight + 1];
        }))"""
    tab = browser.open(three, width=360, profile=browser.profile())
    tab.run("document.querySelector('.read').click()")
    for width in (360, 768, 1300):
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 640)
        assert tab.run("document.documentElement.scrollWidth") <= width
        seen = tab.run(rows)
        assert len(seen) > 50
        for row in seen:
            lefts, tops = ([round(cell[place]) for cell in row] for place in (0, 1))
            if width == 360:
                assert min(lefts) == lefts[0] and tops == sorted(tops) and len({*tops}) >= len(tops) - 1
                assert all(head and whole for _, _, head, whole in row), row
            else:
                assert lefts == sorted({*lefts}) and len({*tops}) == 1
        beside = """Array.from(document.querySelectorAll('.steps td.number')).filter((it) => it.checkVisibility()
            && it.scrollWidth > it.clientWidth).length"""
        assert tab.run(beside) == 0, "the box of a step leaves its number and its basis their room"
        cut = """Array.from(document.querySelectorAll('pre, .wide:has(table)')).filter((it) => it.checkVisibility()
            && it.scrollWidth > it.clientWidth + 1).map((it) => it.textContent)"""
        assert tab.run(cut) == [], "no command and no column ends unseen beyond the edge"


def test_the_next_open_step_is_always_in_sight(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(
        written(tmp_path / "book.html", small("a.example", "b.example", words="Look <b>up</b>")),
        width=360, profile=browser.profile(),
    )  # fmt: skip
    next_one = """(() => { const it = document.querySelector('.next a'); const box = it.getBoundingClientRect();
        return [it.textContent, it.hash, it.checkVisibility() && box.top > 0 && box.bottom <= innerHeight]; })()"""
    assert tab.run(next_one) == ["Next: 1.1 Look <b>up</b>", "#part-sheet-1", True], "its sheet is to be opened first"
    open_sheet(tab, "part-sheet-1", "a.example")
    assert tab.run(next_one)[1] == "#step-s1.look"
    tab.run("scrollTo(0, document.body.scrollHeight)")
    assert tab.run(next_one)[2]
    tick(tab, "s1.look/box")
    assert tab.run(next_one) == ["Next: 2.1 Look <b>up</b>", "#part-sheet-2", True]
    open_sheet(tab, "part-sheet-2", "b.example")
    tick(tab, "s2.look/box")
    assert not tab.run("document.querySelector('.next').checkVisibility()")
    tick(tab, "s2.look/box")
    assert tab.run(next_one) == ["Next: 2.1 Look <b>up</b>", "#step-s2.look", True]


AXE = find_spec("axe_core_python")


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed")
def test_an_accessibility_checker_finds_nothing_serious_on_a_phone_a_tablet_and_a_screen(
    browser: Browser, three: str
) -> None:
    assert AXE is not None and AXE.origin is not None
    tab = browser.open(three, width=360, profile=browser.profile())
    open_sheet(tab, "part-sheet-mx1", "mx1")
    tab.run((Path(AXE.origin).parent / "axe.min.js").read_text() + "; 0")
    # The contrast of each word is slow to measure: on one width, and on one part of each kind.
    contrast = "{include: [['.tools'], ['.book'], ['.contents'], ['#part-decision'], ['#part-steps-n1'], ['.state']]}"
    for width in (360, 768, 1300):
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 640)
        asked = [("document", "{'color-contrast': {enabled: false}}")]
        if width == 1300:
            tab.run("document.querySelector('.read').click()")
            asked += [(contrast, "{}")]
        for where, rules in asked:
            seen = tab.run(f"axe.run({where}, {{resultTypes: ['violations'], rules: {rules}}})"
                           ".then((it) => it.violations.map((v) => [v.impact, v.id, v.nodes[0].html]))")  # fmt: skip
            assert [it for it in seen if it[0] in ("serious", "critical")] == [], width
