"""The runbook as people tick it: in a real browser, opened as a file, with nothing but that file."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Browser, Tab, chromium
from live_page import (
    FIELDS,
    STATUS,
    WARNING,
    exported,
    imported,
    open_sheet,
    quiet,
    silent,
    small,
    started,
    tick,
    value,
    write,
    written,
    written_of_three,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)")
three = pytest.fixture(scope="module")(written_of_three)
running = pytest.fixture(scope="module")(started)
browser = pytest.fixture(silent)


def test_a_night_is_ticked_survives_a_reload_and_goes_on_in_another_browser(
    browser: Browser, three: str, tmp_path: Path
) -> None:
    here, there = browser.profile(), browser.profile()
    tab = browser.open(three, profile=here)
    names = "Array.from(document.querySelectorAll('#part-{} input[name$=\"/box\"]'), (it) => it.name)"
    for place, server in enumerate(("db1", "mx1", "mx2"), start=1):
        part = f"sheet-{server}"
        assert open_sheet(tab, f"part-{part}", f"{server}.example.net") == ""
        boxes = tab.run(names.format(part))
        tab.run(f"{json.dumps(boxes)}.forEach((name) => document.getElementsByName(name)[0].click())")
        write(tab, f"{server}.guard/seen", f"{server} # «as seen»")
        head = tab.run(f"document.querySelector('#part-{part} > .count').textContent")
        gates = tab.run(f"document.querySelectorAll('#part-{part} .gate').length")
        assert head.startswith(f"{len(boxes)} of {len(boxes) + gates} steps ticked, ")
        entry = f"document.querySelector('.contents a[href=\"#part-{part}\"] + .count').textContent"
        assert tab.run(entry) == f"{len(boxes)} of {len(boxes) + gates}"
        if place == 2:
            before = tab.run(FIELDS)
            tab.reload()
            assert tab.run(FIELDS) == before
            assert tab.run("document.querySelectorAll('.closed').length") == 3
    before = tab.run(FIELDS)
    done = {name: text for name, text in before.items() if name.endswith("/done") and text}
    assert {name.removesuffix("/done") for name in done} == {
        n[:-4] for n, v in before.items() if n.endswith("/box") and v
    }
    file = exported(tab, tmp_path / "out", here)
    assert list(file) == ["plan", "change", "revision", "fields"]
    assert list(file["fields"]) == sorted(file["fields"])
    assert {name: it["value"] for name, it in file["fields"].items()} == {n: v for n, v in before.items() if v}
    for name, text in done.items():
        assert file["fields"][name]["at"][11:16] == text
    elsewhere = browser.open(three, profile=there)
    assert not any(elsewhere.run(FIELDS).values())
    assert imported(elsewhere, tmp_path / "in.json", file).startswith(f"Imported {len(file['fields'])} of ")
    assert elsewhere.run(FIELDS) == before
    elsewhere.reload()
    assert elsewhere.run(FIELDS) == before
    assert exported(elsewhere, tmp_path / "again", there) == file


@pytest.mark.large
def test_two_tabs_stay_in_step_and_the_later_change_wins(browser: Browser, tmp_path: Path) -> None:
    profile, address = browser.profile(), written(tmp_path / "book.html", small("a.example", "b.example"))
    one, two = (browser.open(address, profile=profile) for _ in range(2))
    for tab in (one, two):
        open_sheet(tab, "part-sheet-1", "a.example")
    tick(one, "s1.look/box")
    two.until("document.getElementsByName('s1.look/box')[0].checked")
    at = value(one, "s1.look/done")
    two.until(f"document.getElementsByName('s1.look/done')[0].value === '{at}'")
    write(one, "s1.look/seen", "first")
    two.until("document.getElementsByName('s1.look/seen')[0].value === 'first'")
    write(two, "s1.look/seen", "second")
    one.until("document.getElementsByName('s1.look/seen')[0].value === 'second'")
    one.until("document.querySelector('#part-sheet-1 > .count').textContent.startsWith('1 of 1')")
    tick(two, "s1.look/box")
    one.until("!document.getElementsByName('s1.look/box')[0].checked")
    one.until("document.getElementsByName('s1.look/done')[0].value === ''")  # the tick's own time goes with it
    for answer in (False, True):
        one.run("setTimeout(() => document.querySelector('.clear').click()), 0")
        assert one.event("Page.javascriptDialogOpening")["type"] == "confirm"
        one.send("Page.handleJavaScriptDialog", accept=answer)
        assert value(one, "s1.look/seen") == ("" if answer else "second")
    two.until("document.getElementsByName('s1.look/seen')[0].value === ''")
    one.reload()
    assert not any(one.run(FIELDS).values())


def test_a_time_that_a_person_wrote_outlives_its_tick(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(written(tmp_path / "book.html", small("a.example")), profile=browser.profile())
    open_sheet(tab, "part-sheet-1", "a.example")
    write(tab, "s1.look/done", "23:59")
    tick(tab, "s1.look/box")
    tick(tab, "s1.look/box")
    assert value(tab, "s1.look/done") == "23:59"


def test_a_tick_is_done_at_the_time_of_this_clock_whatever_a_file_says(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(written(tmp_path / "x.html", small("db1")), profile=browser.profile())
    assert open_sheet(tab, "part-sheet-1", "db1") == ""
    main = json.loads(tab.run("JSON.stringify(document.querySelector('main').dataset)"))
    file = {name: main[name] for name in ("plan", "change", "revision")}
    ahead = tab.run("new Date(Date.now() + 5 * 3600e3).toISOString()")
    for far in ("9999-12-31T23:59:59.999Z", tab.run("new Date(Date.now() + 25 * 3600e3).toISOString()")):
        said = imported(tab, tmp_path / "in.json", file | {"fields": {"s1.look/box": {"value": True, "at": far}}})
        assert said.startswith("Refused: in.json has a time in the future") and far in said
    assert value(tab, "s1.look/box") is False
    emptied = {name: {"value": "", "at": ahead} for name in ("s1.look/box", "s1.look/done")}
    assert imported(tab, tmp_path / "in.json", file | {"fields": emptied}).startswith("Imported 2 of 2")
    clock = "((at) => [at.getHours(), at.getMinutes()].map((it) => String(it).padStart(2, '0')).join(':'))(new Date())"
    before = tab.run(clock)
    tick(tab, "s1.look/box")
    assert value(tab, "s1.look/box") is True, "the tick is later than what was imported"
    assert value(tab, "s1.look/done") in (before, tab.run(clock))


def test_without_storage_everything_works_on_the_page_and_it_says_that_nothing_is_kept(tmp_path: Path) -> None:
    settings = tmp_path / "profile" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    address = written(tmp_path / "book.html", small("a.example"))
    with chromium(tmp_path / "profile") as browser:
        tab = browser.open(address)
        with pytest.raises(RuntimeError, match="SecurityError"):
            tab.run("localStorage.length")
        works_unkept(tab, tmp_path)


def test_a_full_storage_is_said_too(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(written(tmp_path / "book.html", small("a.example")), profile=browser.profile())
    assert tab.run(WARNING) == ""
    tab.run("""[1e6, 1e5, 1e4, 1e3, 100, 10, 1].forEach((size) => {
        try { for (let at = 0; ; at += 1)
            localStorage.setItem(`other ${size} ${at}`, "x".repeat(size)); } catch {} })""")
    works_unkept(tab, tmp_path)


def works_unkept(tab: Tab, place: Path) -> None:
    assert open_sheet(tab, "part-sheet-1", "a.example") == ""
    tab.run("document.getElementsByName('s1.look/box')[0].focus()")
    tab.key(" ", 32, " ")
    assert tab.until(WARNING).startswith("This browser keeps nothing: ")
    assert tab.run("document.querySelector('.state [role=alert]').checkVisibility()")
    assert value(tab, "s1.look/box") is True
    text = tab.run("""new Promise((done) => { URL.createObjectURL = (blob) => { blob.text().then(done); return "#"; };
        document.querySelector('.export').click(); })""")
    assert set(json.loads(text)["fields"]) == {"s1.look/box", "s1.look/done"}
    write(tab, "s1.look/seen", "later than the file")
    tab.reload(leave=True)
    assert not any(tab.run(FIELDS).values())
    assert quiet(tab.browser)
    imported(tab, place / "back.json", text)
    assert value(tab, "s1.look/box") is True


@pytest.mark.parametrize(
    ("typed", "opens"),
    [
        ("mx1.example.net", True),
        (" MX1.Example.NET. ", True),
        ("mx1", True),
        ("", False),
        ("mx", False),
        ("mx11", False),
        ("mx2", False),
        ("mx2.example.net", False),
        ("mx1.example.org", False),
        ("mx1.example", False),
        ("<img src=x onerror=alert(1)>", False),
    ],
)  # fmt: skip
def test_only_the_host_that_the_prompt_shows_opens_its_sheet(
    running: Browser, guarded: Tab, typed: str, opens: bool
) -> None:
    said = open_sheet(guarded, "part-sheet-1", typed)
    assert (said == "") == opens
    usable = "!document.getElementsByName('s1.look/box')[0].matches(':disabled')"
    shown = "document.getElementsByName('s1.look/box')[0].checkVisibility()"
    assert guarded.run(usable) == guarded.run(shown) == opens
    if typed.startswith("mx2"):
        assert "It belongs to" in said
    assert quiet(running)
    open_sheet(guarded, "part-sheet-3", "short")  # another sheet opens: the first is closed again
    assert guarded.run(usable) is False


@pytest.fixture(scope="module")
def guarded(running: Browser, tmp_path_factory: pytest.TempPathFactory) -> Tab:
    hosts = ("mx1.example.net", "mx2.example.net", "short", "same.a.example", "same.b.example")
    page = written(tmp_path_factory.mktemp("guard") / "book.html", small(*hosts))
    return running.open(page, profile=running.profile())


def test_a_first_label_that_two_hosts_share_opens_neither(guarded: Tab) -> None:
    assert open_sheet(guarded, "part-sheet-4", "same").startswith("STOP")
    assert open_sheet(guarded, "part-sheet-4", "same.b.example").startswith("STOP")
    assert open_sheet(guarded, "part-sheet-4", "same.a.example") == ""
    assert open_sheet(guarded, "part-sheet-3", "short.example.org") == ""


def test_readers_see_every_sheet_but_tick_none(guarded: Tab) -> None:
    open_sheet(guarded, "part-sheet-3", "short")
    guarded.run("document.querySelector('.read').click()")
    shown = guarded.run(
        "Array.from(document.querySelectorAll('.step .tick'), (it) => [it.checkVisibility(), it.disabled])"
    )
    guarded.run("document.querySelector('.read').click()")
    hidden = guarded.run("Array.from(document.querySelectorAll('.step .tick'), (it) => it.checkVisibility())")
    assert shown == [[True, place != 3] for place in range(1, 6)]
    assert hidden == [place == 3 for place in range(1, 6)]


def test_files_of_another_plan_and_damaged_ones_are_refused_and_change_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.open(written(tmp_path / "book.html", small("a.example")), profile=browser.profile())
    good = {"plan": "3f2a9c1be07d4418", "change": "Look", "revision": "1", "fields": {}}
    at = "2025-12-05T22:00:00+01:00"
    for key in ("plan", "change", "revision"):
        assert "another runbook" in imported(tab, tmp_path / "in.json", good | {key: "other"})
    assert "another runbook" in imported(tab, tmp_path / "in.json", good | {"revision": 1})
    damaged: list[Any] = ["", "[]", "null", "7", '"x"', json.dumps(good)[:-1], {"fields": {}}, good | {"fields": []},
                          good | {"fields": None}]  # fmt: skip
    records: list[Any] = [None, 1, [], {"value": True}, {"value": True, "at": "22:00"},
               {"value": True, "at": "2025-13-99T22:00Z"},
               {"value": "x", "at": at}, {"value": False, "at": at}, {"value": 1, "at": at},
               {"value": True, "at": "2025-12-05T22:00:00"}]  # fmt: skip
    damaged += [good | {"fields": {"s1.look/seen": {"value": "kept?", "at": at}, "s1.look/box": it}} for it in records]
    for content in damaged:
        said = imported(tab, tmp_path / "in.json", content)
        assert said == "Refused: in.json is not an export of a runbook, or is damaged. Nothing was changed.", content
    assert not any(tab.run(FIELDS).values())
    assert tab.run("localStorage.length") == 0


@pytest.mark.large
def test_files_merged_either_way_round_give_the_same(browser: Browser, tmp_path: Path) -> None:
    address = written(tmp_path / "book.html", small("a.example"))
    dice = random.Random(6)
    names = ["s1.look/seen", "s1.look/done", "s1.look/initials", "another edition's", "__proto__"]
    times = ["2025-12-05T22:00:00+01:00", "2025-12-05T21:00:00.001Z", "2025-12-05T16:00:00.000-05:00"]

    def some() -> dict[str, Any]:
        fields = {
            n: {"value": dice.choice(["", "a", "b"]), "at": dice.choice(times)} for n in names if dice.random() < 0.8
        }
        return {"plan": "3f2a9c1be07d4418", "change": "Look", "revision": "1", "fields": fields}

    def times_as_one(file: dict[str, Any]) -> Any:
        return {n: (it["value"], times.index(it["at"]) % 2) for n, it in file["fields"].items()}

    for _ in range(2):
        files, ends = [some(), some()], []
        for order in (files, files[::-1]):
            profile = browser.profile()
            tab = browser.open(address, profile=profile)
            for file in order:
                assert imported(tab, tmp_path / "in.json", file).startswith("Imported")
            ends.append(times_as_one(exported(tab, tmp_path / "out", profile)))
        assert ends[0] == ends[1]
        assert set(ends[0]) == set(files[0]["fields"]) | set(files[1]["fields"])


def test_a_sheet_is_opened_and_ticked_with_the_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(written(tmp_path / "book.html", small("a.example")), profile=browser.profile())

    def tab_until(condition: str) -> None:
        for _ in range(30):
            tab.key("Tab", 9)
            assert tab.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
            if tab.run(f"document.activeElement.matches({json.dumps(condition)})"):
                return
        raise AssertionError(condition)

    tab.key("Tab", 9)
    assert tab.run("document.activeElement.className") == "skip"
    for stop in (".export", ".import", ".read", ".clear", ".guard input"):
        tab_until(stop)
    tab.type("a.example")
    tab_until(".guard button")
    tab.key("Enter", 13, "\r")
    assert tab.run("document.activeElement.id") == "title-sheet-1"
    tab_until("[name='s1.look/box']")
    tab.key(" ", 32, " ")
    tab_until("[name='s1.look/seen']")
    tab.type("seen")
    tab_until("[name='s1.look/done']")
    assert tab.until(STATUS).startswith("Kept at ")
    assert [value(tab, f"s1.look/{name}") for name in ("box", "seen")] == [True, "seen"]


def test_words_stay_words_and_the_policy_refuses_any_other_script(running: Browser, tmp_path: Path) -> None:
    words = "</script><script>owned = 1</script><img src=x onerror='owned = 1'>\"'`${owned = 1}"
    book = small(words, "b.example", words=words, digest=words)
    part = replace(book.parts[0], id=words)
    tab = running.open(written(tmp_path / "book.html", replace(book, parts=(part, book.parts[1]))),
                       profile=running.profile())  # fmt: skip
    before = tab.run("document.querySelectorAll('*').length")
    assert open_sheet(tab, "part-sheet-2", words).startswith(f'STOP. "{words.lower()}"')
    assert open_sheet(tab, "part-sheet-2", "b.example") == ""
    write(tab, "s2.look/seen", words)
    file = {
        "plan": words,
        "change": words,
        "revision": "1",
        "fields": {words: {"value": words, "at": "2025-12-05T22:00:00Z"}},
    }
    assert imported(tab, tmp_path / "<img src=x onerror=owned=1>", file).startswith("Imported 1 of 1 values from <img")
    tab.reload()
    assert value(tab, "s2.look/seen") == words
    assert tab.run("document.querySelectorAll('*').length") == before
    assert quiet(running)
    tab.run("document.body.append(Object.assign(document.createElement('script'), {textContent: 'owned = 1'}))")
    tab.run("fetch('http://192.0.2.1/').catch(() => 0)")
    refused = [tab.event("Log.entryAdded")["entry"]["text"] for _ in range(2)]
    assert all("Content Security Policy" in text for text in refused)
    assert tab.run("typeof owned") == "undefined"
