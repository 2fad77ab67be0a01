"""The runbook in a real browser, opened as a file, and what a person does with it there."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, Tab, chromium

from runbook.pages.page_model import Blank, Fields, Part, Runbook, StepRow, Steps
from runbook.render.html import to_html

ROOT = Path(__file__).parents[1]
STATE = "document.querySelector('.state').innerText"
STATUS = "document.querySelector('.state [role=status]').textContent"
WARNING = "document.querySelector('.state [role=alert]').textContent"
FIELDS = """Object.fromEntries(Array.from(document.querySelectorAll('main input[name]'))
    .map((input) => [input.name, input.type === 'checkbox' ? input.checked : input.value]))"""
NOISE = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}


def quiet(browser: Browser) -> bool:
    noise = [seen["params"] for seen in browser.events if seen["method"] in NOISE]
    asked = [seen["params"]["request"]["url"] for seen in browser.events
             if seen["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert noise == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    return True


def written_of_three(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the runbook of three servers, as the command writes it."""
    page = tmp_path_factory.mktemp("stick") / "three.html"
    sample = ROOT / "samples" / "county-mail"
    command = [sys.executable, "-m", "runbook", "runbook", sample / "deployment.yaml", "--facts", sample / "facts"]
    subprocess.run(
        [*map(str, command), "--now", "2026-12-05T20:00+01:00", "-o", page], cwd=ROOT, check=True, capture_output=True
    )
    return page.as_uri()


def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def silent(running: Browser) -> Iterator[Browser]:
    """The browser; after each test its consoles were silent and no request had left for anywhere."""
    running.events.clear()
    yield running
    assert quiet(running)


def small(*hosts: str, words: str = "Look", digest: str = "3f2a9c1be07d4418") -> Runbook:
    """A set of one sheet for each host, with one step each."""

    def sheet(place: int, host: str) -> Part:
        step = StepRow(f"s{place}.look", f"{place}.1", "verify", words, words, None, None, None, words, None, words,
                       None, None, "O")  # fmt: skip
        blocks = (Steps("A", words, "5 min", (step,)), Fields(((words, Blank(words, 8)),)))
        return Part(f"sheet-{place}", words, blocks, "sheet", server=f"s{place}", hostname=host)

    sheets = tuple(sheet(place, host) for place, host in enumerate(hosts, start=1))
    return Runbook(words, words, "GO", None, words, "1", digest, words, words, words, "en", sheets)


def written(path: Path, book: Runbook) -> str:
    path.write_text(to_html(book))
    return path.as_uri()


def open_sheet(tab: Tab, part: str, typed: str) -> str:
    """Type a name before a sheet as a person does; return what is said against it, "" when it opens."""
    tab.run(f"document.querySelector('#{part} .guard input').focus()")
    tab.run("document.activeElement.value = ''")
    tab.type(typed)
    tab.key("Enter", 13, "\r")
    return str(tab.run(f"document.querySelector('#{part} .guard [role=alert]').textContent"))


def write(tab: Tab, name: str, text: str) -> None:
    """Put the text into a blank as a person does, in place of what is there."""
    tab.run(f"(it => {{ it.focus(); it.select(); }})(document.getElementsByName({json.dumps(name)})[0])")
    tab.type(text)
    tab.run("document.activeElement.blur()")


def tick(tab: Tab, name: str) -> None:
    tab.run(f"document.getElementsByName({json.dumps(name)})[0].click()")


def value(tab: Tab, name: str) -> Any:
    return tab.run(f"(it => it.type === 'checkbox' ? it.checked : it.value)"
                   f"(document.getElementsByName({json.dumps(name)})[0])")  # fmt: skip


def exported(tab: Tab, place: Path, profile: str) -> dict[str, Any]:
    """Press the button and return what the downloaded file says."""
    place.mkdir(exist_ok=True)
    tab.browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(place), eventsEnabled=True,
                     browserContextId=profile)  # fmt: skip
    tab.run("document.querySelector('.export').click()")
    name = tab.browser.event("Browser.downloadWillBegin")["suggestedFilename"]
    while tab.browser.event("Browser.downloadProgress")["state"] != "completed":
        pass
    text = (place / name).read_text()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    return json.loads(text)  # type: ignore[no-any-return]


def imported(tab: Tab, path: Path, content: Any) -> str:
    """Give the page a file and return what it says of it."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    tab.run("document.querySelector('.state [role=status]').textContent = ''")
    root = tab.send("DOM.getDocument", depth=0)["root"]["nodeId"]
    chooser = tab.send("DOM.querySelector", nodeId=root, selector=".import")["nodeId"]
    tab.send("DOM.setFileInputFiles", nodeId=chooser, files=[str(path)])
    return str(tab.until(STATUS))
