"""The documentation site: it builds, its links lead somewhere, and its search finds the right pages."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

import smsmanager

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (390, 1280)

# What a newcomer types, and the pages of which one has to be among the first three results.
QUESTIONS = {
    "2FA": "one-time-codes",
    "429": "troubleshooting errors",
    "403": "troubleshooting errors",
    "500": "errors",
    "502": "errors",
    "api key": "start",
    "async": "clients",
    "batch": "sending",
    "callback basic auth": "webhooks",
    "cancel": "asking troubleshooting",
    "Celery": "cookbook/celery-worker task-queues outbox",
    "certificate": "clients troubleshooting",
    "crash": "campaigns",
    "credit": "troubleshooting asking",
    "cron": "cookbook/nightly-file",
    "csv": "command-line",
    "delivery report": "webhooks",
    "diacritics": "sending",
    "čeština": "cs/start",
    "Django": "webhooks webhook-programs cookbook/django-shop",
    "django-otp": "cookbook/django-two-factor",
    "docker": "sandbox",
    "duplicate": "sending-again troubleshooting",
    "emoji": "sending",
    "environment variables": "clients",
    "excel": "command-line",
    "exit code": "command-line",
    "fallback": "sending order-notices",
    "FastAPI": "webhooks webhook-programs",
    "Flask": "webhooks webhook-programs",
    "how do I send an SMS": "sending start",
    "idempotency key": "sending-again outbox",
    "inbox": "asking sandbox",
    "install": "start",
    "is it safe to retry": "sending-again",
    "length of a text": "sending",
    "logging": "clients",
    "many machines": "many-machines",
    "message did not arrive": "troubleshooting",
    "message id": "results",
    "metrics": "observability",
    "messages at night": "sending troubleshooting",
    "mock": "testing sandbox",
    "not delivered": "troubleshooting",
    "one-time password": "one-time-codes",
    "opt out": "asking",
    "phone number format": "sending",
    "postgresql": "campaigns webhooks",
    "price": "sending command-line campaigns",
    "proxy": "clients",
    "pytest": "testing",
    "rate limit": "troubleshooting errors campaigns",
    "receive sms": "webhooks",
    "reply": "webhooks",
    "resend": "sending-again",
    "schedule": "sending",
    "RCS sender": "sending troubleshooting",
    "sender": "sending",
    "signature": "webhooks",
    "status of a message": "asking troubleshooting",
    "STOP": "asking sandbox",
    "threads": "clients",
    "time zone": "sending troubleshooting",
    "timeout": "clients troubleshooting",
    "twilio": "cookbook/moving-over comparison",
    "two-factor authentication": "cookbook/django-two-factor one-time-codes",
    "tzdata": "troubleshooting errors sending",
    "unicode": "sending",
    "viber": "sending order-notices",
    "what does unknown mean": "results",
    "where do I get an api key": "start troubleshooting",
    "whatsapp": "sending",
    "whatsapp 24 hour window": "sending troubleshooting",
    "wrong api key": "troubleshooting errors",
    # Whole questions, in words that no page repeats.
    "may I repeat a call after an error": "sending-again errors troubleshooting",
    "how can I cancel a scheduled sms": "asking troubleshooting",
    "how do I test without sending": "testing sandbox start command-line",
    "how do I verify the signature of a webhook": "webhooks",
    "how many characters fit into one sms": "sending",
    "is my message delivered": "troubleshooting asking results",
    "my webhook is called twice": "troubleshooting webhooks",
    "send sms to thousands of customers": "campaigns",
    "timeout while sending": "clients troubleshooting errors",
    "who has replied to my message": "webhooks",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    built = base / "site"
    with (base / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (built / "index.html").exists():
            command = [sys.executable, "-m", "tools.docs", "--output", str(built)]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert run.returncode == 0, run.stderr
    return built / "dev"


class _Links(HTMLParser):
    """The ids of a page, what it links to, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {found[name] or "" for name in ("id", "name") if name in found}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        named = found.get("src") or (
            tag == "link" and found.get("rel") != "canonical" and found.get("href")
        )
        if named:
            self.loaded.append(str(named))


def test_every_link_leads_somewhere(site: Path) -> None:
    pages = {path.resolve(): _Links(path) for path in site.rglob("*.html")}
    assert len(pages) > 25
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists() or (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].ids
            ):
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        foreign = [
            name for name in _Links(path).loaded if urlsplit(name).scheme not in {"", "data"}
        ]
        assert foreign == [], path
    for path in site.rglob("*.css"):
        assert "url(http" not in path.read_text(encoding="utf-8"), path


def test_the_reference_has_every_public_name(site: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "sphinx.ext.intersphinx", str(site / "objects.inv")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    documented = {line.split()[0] for line in listed.splitlines() if line.strip()}
    names = {f"smsmanager.{name}" for name in smsmanager.__all__ if name != "__version__"}
    found = iter_modules(smsmanager.__path__, "smsmanager.")
    for package in (import_module(one.name) for one in found if one.ispkg and "._" not in one.name):
        names |= {f"{package.__name__}.{name}" for name in getattr(package, "__all__", ())}
    assert sorted(names - documented) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    found = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if found is None:
        pytest.fail("Chromium is missing") if os.environ.get("CI") else pytest.skip(
            "needs Chromium"
        )
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def results(page: Page, site: Path, question: str) -> list[str]:
    """Return the pages that the search of the site shows first, as their names."""
    page.goto(f"{(site / 'search.html').as_uri()}?q={question}")
    page.wait_for_function("document.querySelector('.search-summary')?.textContent.trim()")
    links = page.eval_on_selector_all(
        "ul.search > li > a:first-of-type", "all => all.map(a => a.getAttribute('href'))"
    )
    return [link.partition(".html")[0] for link in links]


def test_the_search_finds_what_a_newcomer_asks_for(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.context.set_offline(True)
    missed = {}
    for question, right in QUESTIONS.items():
        found = results(page, site, question)[:3]
        if not set(found) & set(right.split()):
            missed[question] = found
    page.close()
    assert missed == {}


def test_a_word_that_is_nowhere_finds_nothing(site: Path, browser: Any) -> None:
    page = browser.new_page()
    assert results(page, site, "zyxwvut") == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_window(
    site: Path, browser: Any, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    wide, backgrounds = [], set()
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path.name)
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.close()
    assert wide == []
    assert len(backgrounds) == 1
    # Light on a screen that is set to light, and dark on one that is set to dark.
    assert (max(map(int, backgrounds.pop()[4:-1].split(", "))) > 128) is (scheme == "light")
