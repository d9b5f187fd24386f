"""Take the pictures of the sandbox's page that the docs show, from its sample data.

`python -m tools.screenshots` writes them to `docs/`. It needs Chromium.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
from playwright.sync_api import sync_playwright

from smsmanager.sandbox import Fault, Rule, Sandbox, _demo
from smsmanager.sandbox.engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs"
START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SEED: Final = 7
THEMES: Final = ("light", "dark")
SIZE: Final = {"width": 1280, "height": 800}
# This report is refused once, so that a webhook that is sent again can be seen.
REFUSED: Final = {"gateway": "viber", "result": "sent"}


def names() -> Iterator[str]:
    """Yield the names of the pictures."""
    for view in ("inbox", "phone", "timeline", "control"):
        for theme in THEMES:
            yield f"sandbox-{view}-{theme}.png"


def main() -> int:
    """Write the pictures, and return the exit code."""
    program = shutil.which("chromium")
    if program is None:
        print("There is no chromium; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    with _receiver() as receiver:
        settings = Settings(callback=f"http://127.0.0.1:{receiver.server_port}/hooks/sms")
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        with (
            Sandbox(clock="manual", seed=SEED, now=START, settings=settings) as sandbox,
            sync_playwright() as playwright,
        ):
            sandbox.fill_with_demo()
            sandbox.rules.add(Rule("undelivered", tag="winter-sale", channel="viber"))
            sandbox.inject(Fault("status", status_code=503), times=3)
            browser = playwright.chromium.launch(
                executable_path=program, args=["--headless", "--no-sandbox", "--disable-gpu"]
            )
            # The newest messages stay unread.
            for message in sandbox.messages[:-2]:
                httpx.get(f"{sandbox.url}/messages/{message.sequence}").raise_for_status()
            _take(browser, sandbox)
            browser.close()
        receiver.shutdown()
    return 0


def _take(browser: Browser, sandbox: Sandbox) -> None:
    fallback = next(m for m in sandbox.messages if m.to == _demo.EVA and len(m.steps) > 1)
    # A conversation that is opened is read, so that the list comes first, in both themes.
    views: Mapping[str, str] = {
        "inbox": "/",
        "control": "/control",
        "timeline": f"/messages/{fallback.sequence}",
        "phone": f"/phones/{_demo.JANA}",
    }
    for view, address in views.items():
        for theme in THEMES:
            context = browser.new_context(
                base_url=sandbox.url,
                viewport={"width": SIZE["width"], "height": SIZE["height"]},
                color_scheme="dark" if theme == "dark" else "light",
                timezone_id="Europe/Prague",
            )
            page = context.new_page()
            page.goto(address)
            page.wait_for_selector("#live:not(.is-off)")
            if view == "control":
                page.locator("#add-rule > summary").click()
            path = FOLDER / f"sandbox-{view}-{theme}.png"
            page.screenshot(path=path)
            print(path, f"{path.stat().st_size:,} bytes")
            context.close()


def _receiver() -> ThreadingHTTPServer:
    refused: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (event,) = json.loads(self.rfile.read(int(self.headers["content-length"])))
            refuse = not refused and event.items() >= REFUSED.items()
            if refuse:
                refused.append(event)
            self.send_response(503 if refuse else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Stay silent."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


if __name__ == "__main__":
    sys.exit(main())
