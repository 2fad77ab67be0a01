"""A small driver of headless Chromium over its debugging pipe: JSON messages, each ended by a NUL, on fd 3 and 4.

Nothing sleeps: a command waits for its answer, `until` for a JavaScript condition, `event` for an event, each with
a deadline.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
DEADLINE = 60.0  # seconds; only a failure waits that long
FLAGS = (
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter", "--password-store=basic",
)  # fmt: skip


@dataclass
class Browser:
    """A running Chromium: `events` are those that nobody has asked for yet, oldest first."""

    process: subprocess.Popen[bytes]
    reading: int
    writing: int
    events: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0
    unread: bytes = b""

    def send(self, method: str, session: str | None = None, /, **params: Any) -> Any:
        """Return the answer to one command; RuntimeError when the browser refuses it."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writing, data) :]
        end = time.monotonic() + DEADLINE
        while (answer := self._next(end)).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def event(self, method: str, session: str | None = None) -> dict[str, Any]:
        """Return the parameters of the next event of that name (of that page's session), and take it out."""
        end = time.monotonic() + DEADLINE
        while True:
            for place, seen in enumerate(self.events):
                if seen.get("method") == method and seen.get("sessionId") == session:
                    return self.events.pop(place).get("params", {})  # type: ignore[no-any-return]
            self.events.append(self._next(end))

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.reading], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser did not answer in time")
            chunk = os.read(self.reading, 1 << 20)
            if not chunk:
                raise RuntimeError("the browser has ended")
            self.unread += chunk
        line, _, self.unread = self.unread.partition(b"\0")
        return json.loads(line)  # type: ignore[no-any-return]

    def profile(self) -> str:
        """Return the id of a fresh profile, with a storage of its own, that lives as long as the browser."""
        return str(self.send("Target.createBrowserContext")["browserContextId"])

    def open(self, address: str, width: int = 1280, script: bool = True, profile: str | None = None) -> "Tab":
        """Return a new tab that has loaded the address; its console and network are watched from the start."""
        context = {"browserContextId": profile} if profile else {}
        target = self.send("Target.createTarget", url="about:blank", **context)["targetId"]
        tab = Tab(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            tab.send(f"{domain}.enable")
        tab.send("Page.setLifecycleEventsEnabled", enabled=True)
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 640)
        tab.send("Emulation.setScriptExecutionDisabled", value=not script)
        tab.load(address)
        return tab


@dataclass
class Tab:
    """One page of the browser."""

    browser: Browser
    session: str

    def send(self, method: str, /, **params: Any) -> Any:
        """Return the answer to one command to this page."""
        return self.browser.send(method, self.session, **params)

    def load(self, address: str) -> None:
        """Go to the address and wait until it is loaded."""
        loader = self.send("Page.navigate", url=address)["loaderId"]
        while (seen := self.event("Page.lifecycleEvent"))["loaderId"] != loader or seen["name"] != "load":
            pass

    def reload(self, leave: bool = False) -> None:
        """Load the page again, and wait; `leave` answers a question whether to leave the page, which must come."""
        self.browser.events = [seen for seen in self.browser.events if seen["method"] != "Page.loadEventFired"]
        self.send("Page.reload")
        if leave:
            assert self.event("Page.javascriptDialogOpening")["type"] == "beforeunload"
            self.send("Page.handleJavaScriptDialog", accept=True)
        self.event("Page.loadEventFired")

    def event(self, method: str) -> dict[str, Any]:
        """Return the parameters of this page's next event of that name, and take it out."""
        return self.browser.event(method, self.session)

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited where it is a promise; RuntimeError where it throws."""
        seen = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in seen:
            raise RuntimeError(json.dumps(seen["exceptionDetails"]))
        return seen["result"].get("value")

    def until(self, expression: str) -> Any:
        """Return the expression's value as soon as it is true; TimeoutError with the expression after the deadline."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if value := self.run(f"new Promise((done) => setTimeout(() => done({expression}), 20))"):
                return value
        raise TimeoutError(expression)

    def key(self, key: str, code: int, text: str = "", shift: bool = False) -> None:
        """Press and release a key as a keyboard does."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Insert text where the cursor is."""
        self.send("Input.insertText", text=text)


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """Run Chromium on a profile directory; it is ended, and waited for, at the end."""
    assert CHROMIUM
    (commands, writing), (reading, answers) = os.pipe(), os.pipe()
    ends = tuple(fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands, answers))  # neither is 3 or 4 itself
    os.close(commands)
    os.close(answers)
    with subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}', "bash", CHROMIUM, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=ends, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        for end in ends:
            os.close(end)
        browser = Browser(process, reading, writing)
        try:
            yield browser
        finally:
            with suppress(RuntimeError, OSError, TimeoutError):
                browser.send("Browser.close")
            os.close(browser.reading)
            os.close(browser.writing)
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
