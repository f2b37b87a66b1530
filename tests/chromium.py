"""A headless Chromium driven over its DevTools pipe: no driver, no port, no network."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def find() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    """One browser with one page. `messages` are console errors and exceptions, `requests` what was asked for."""

    def __init__(self, profile: Path) -> None:
        binary = find()
        assert binary
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        self._process = _spawn([binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"], to_browser, from_browser)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.messages: list[str] = []
        self.requests: list[str] = []

    def start(self) -> Chromium:
        """Open the page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def close(self) -> None:
        """End the browser that this object started."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._out)
        os.close(self._in)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one DevTools command."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        for answer in self._answers():
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])
        raise AssertionError("the browser closed its pipe")

    def _answers(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self._buffer:
                piece = os.read(self._in, 1 << 20)
                if not piece:
                    return
                self._buffer += piece
            line, _, self._buffer = self._buffer.partition(b"\0")
            answer = json.loads(line)
            self._note(answer)
            yield answer

    def _note(self, event: dict[str, Any]) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.messages.append(json.dumps(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.messages.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def size(self, width: int, height: int = 900, *, mobile: bool = False) -> None:
        """Set the window's size in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def media(self, *, scheme: str = "light", kind: str = "") -> None:
        """Emulate a colour scheme and a medium such as print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def open(self, path: Path, ready: str = "document.readyState === 'complete'", seconds: float = 20) -> None:
        """Load a file and wait until the expression `ready` is true."""
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until(ready, seconds)

    def until(self, ready: str, seconds: float = 20) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({ready})"):
            assert time.monotonic() < end, f"not within {seconds} s: {ready}"
            time.sleep(0.05)

    def screenshot(self, path: Path, selector: str | None = None) -> Path:
        """Save the whole page, or one element, as PNG."""
        box = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector or 'html')}); "
            "const r = e.getBoundingClientRect(); "
            "return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height}; })()"
        )
        answer = self.call("Page.captureScreenshot", clip={**box, "scale": 1}, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path

    def pdf(self, path: Path) -> Path:
        """Print the page."""
        answer = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path


@contextmanager
def browser(profile: Path) -> Iterator[Chromium]:
    """A fresh browser with its profile in an empty folder."""
    page = Chromium(profile)
    try:
        yield page.start()
    finally:
        page.close()


def _spawn(command: list[str], to_browser: int, from_browser: int) -> int:
    """The process id of a browser that reads commands from descriptor 3 and answers on descriptor 4."""
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    pipes = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in zip((3, 4), high, strict=True)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[*quiet, *pipes])
    for end in (to_browser, from_browser, *high):
        os.close(end)
    return process
