"""One browser for each worker, in its own thread, and one sandbox with a clock that stands still."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from playwright.sync_api import sync_playwright

from smsmanager import SmsManager
from smsmanager.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

KEY = "a-key-of-the-tests"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
# Long, because the machine may be busy: a test waits for what it expects, and fails only if it never comes.
PATIENCE_MS = 20_000
MISSING = "/messages/999999"
"""A page that does not exist."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="manual", now=START) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    # What is being sent comes back after everything else was forgotten.
    running.flush()
    running.reset()
    return running


# Creating a client takes longer than most of these tests.
@pytest.fixture(scope="session")
def running_client(running: Sandbox) -> Iterator[SmsManager]:
    with SmsManager(KEY, base_url=running.base_url, sender="Shop") as client:
        yield client


@pytest.fixture(scope="session")
def connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url) as client:
        yield client


@pytest.fixture
def client(sandbox: Sandbox, running_client: SmsManager) -> SmsManager:
    assert running_client
    return running_client


@pytest.fixture
def outside(sandbox: Sandbox, connection: httpx.Client) -> httpx.Client:
    """Return a client whose requests do not come from the sandbox's page."""
    connection.headers.pop("sec-fetch-site", None)
    connection.cookies.clear()
    return connection


@pytest.fixture
def http(outside: httpx.Client) -> httpx.Client:
    """Return a client whose requests come from the sandbox's page."""
    outside.headers["sec-fetch-site"] = "same-origin"
    return outside


# Playwright's blocking interface leaves an event loop running in its thread, in which no test of
# asyncio could run any more. So it has a thread, and a test with a page runs there.
@pytest.fixture(scope="session")
def browser_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, "browser") as thread:
        yield thread


@pytest.fixture(scope="session")
def browser(browser_thread: ThreadPoolExecutor) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for found in map(shutil.which, names) if found), None)
    if program is None:
        reason = "there is no chromium; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)

    def start() -> tuple[Playwright, Browser]:
        playwright = sync_playwright().start()
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        return playwright, browser

    def stop() -> None:
        browser.close()
        playwright.stop()

    playwright, browser = browser_thread.submit(start).result()
    yield browser
    browser_thread.submit(stop).result()


@pytest.fixture
def settings_of_the_browser() -> dict[str, Any]:
    """What a test can override: see `Browser.new_context`."""
    return {}


@pytest.fixture
def page(
    browser: Browser,
    browser_thread: ThreadPoolExecutor,
    sandbox: Sandbox,
    settings_of_the_browser: dict[str, Any],
) -> Iterator[Page]:
    """Return a page that reports no error and makes requests only to the sandbox."""
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # What a form refuses is answered with 400, which the browser notes as well.
        is_expected = "(Bad Request)" in message.text or message.location["url"].endswith(MISSING)
        if message.type in {"error", "warning"} and not is_expected:
            wrong.append(message.text)

    def leaves(request: Request) -> None:
        if not request.url.startswith((sandbox.url, "data:")):
            wrong.append(f"asks {request.url}")

    def open_page() -> Page:
        context = browser.new_context(
            **{
                "base_url": sandbox.url,
                "viewport": {"width": 1280, "height": 860},
                "timezone_id": "Europe/Prague",
                **settings_of_the_browser,
            }
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", leaves)
        return page

    page = browser_thread.submit(open_page).result()
    yield page
    browser_thread.submit(page.context.close).result()
    assert wrong == []


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that has a page in the thread of the browser."""
    if "page" not in pyfuncitem.fixturenames:
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    thread = cast("ThreadPoolExecutor", pyfuncitem.funcargs["browser_thread"])
    thread.submit(pyfuncitem.obj, **arguments).result()
    return True
