"""How long the sandbox's page takes on 100,000 messages: `python -m bench.page`.

The server's part is measured by HTTP, the browser's with Chromium: from the request until the page is
loaded, with its style sheet and its script.
"""

from __future__ import annotations

import argparse
import shutil
import time
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import sync_playwright

from bench.figures import Comparison, Row, Section, quotients
from smsmanager.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_IN_A_REQUEST = 100
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
VIEWS = {
    "the list": "/",
    "an older page of it": "/?before=50000",
    "a search that finds one": "/?q=number+77777",
    "a search that finds nothing": "/?q=no+such+text",
    "a tag that nobody has": "/?tag=none",
    "the phones": "/phones",
    "a phone": "/phones/420700000017",
    "a message": "/messages/50000",
    "what waits": "/schedule",
}


def main() -> None:
    """Fill a sandbox, and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with Sandbox() as empty, Sandbox() as sandbox, httpx.Client(timeout=60) as client:
        fill(sandbox, client, asked.messages)
        print(_served(sandbox, client, asked.rounds).as_text())
        program = shutil.which("chromium")
        if program is None:
            print("There is no chromium, so that the browser's part is not measured.")
            return
        print(_opened([empty, sandbox], program, asked.rounds).as_text())


def fill(sandbox: Sandbox, client: httpx.Client, messages: int) -> None:
    """Send messages, a hundred a request."""
    for first in range(0, messages, _MOST_IN_A_REQUEST):
        batch = [
            {
                "body": f"This is number {number}: your parcel is on its way.",
                "tag": "parcels",
                "to": [
                    {"phone_number": f"4207{n % 100_000:08}"} for n in range(number, number + 10)
                ],
            }
            for number in range(first, min(first + _MOST_IN_A_REQUEST, messages), 10)
        ]
        url = f"{sandbox.base_url}/messages"
        client.post(url, json=batch, headers={"x-api-key": "bench"}).raise_for_status()


def _served(sandbox: Sandbox, client: httpx.Client, rounds: int) -> Section:
    rows = []
    for name, path in VIEWS.items():
        taken = []
        for _ in range(rounds):
            started = time.perf_counter()
            client.get(sandbox.url + path).raise_for_status()
            taken.append((time.perf_counter() - started) * 1000)
        rows.append(Row(name, (tuple(taken), (min(taken),))))
    title = f"The server's part, messages: {len(sandbox.messages)}"
    return Section(title, ("median ms", "lowest ms"), tuple(rows))


def _opened(sandboxes: Sequence[Sandbox], program: str, rounds: int) -> Section:
    """Measure an empty sandbox and a full one, in turns."""
    taken: list[list[float]] = [[] for _ in sandboxes]
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        # The first one starts the browser's own processes, and counts for nothing.
        for number in range(rounds + 1):
            for figures, sandbox in zip(taken, sandboxes, strict=True):
                page = browser.new_page()
                page.goto(sandbox.url)
                loaded = float(page.evaluate(_LOADED))
                page.close()
                if number:
                    figures.append(loaded)
        browser.close()
    empty, full = map(tuple, taken)
    compared = Comparison("an empty sandbox", quotients(full, empty))
    rows = (
        Row("an empty sandbox", (empty, (min(empty),))),
        Row("the list", (full, (min(full),)), (compared,)),
    )
    return Section("Loaded in a browser", ("median ms", "lowest ms"), rows)


if __name__ == "__main__":
    main()
