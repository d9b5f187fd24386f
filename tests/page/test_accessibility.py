"""Everybody can use the page: axe-core, small screens, keyboard, names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from smsmanager.sandbox import _demo
from smsmanager.sandbox.engine.outcome_rules import Rule

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from smsmanager.sandbox import Sandbox

pytestmark = pytest.mark.thorough

AXE = Path(__file__).parents[2] / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
OPEN_ALL = "document.querySelectorAll('main details').forEach(each => { each.open = true })"


@pytest.fixture
def views(sandbox: Sandbox) -> list[str]:
    """Return the address of every view, with sample data in it."""
    sandbox.fill_with_demo()
    sandbox.rules.add(Rule("undelivered", to="420777123999"))
    with_flow = next(m for m in sandbox.messages if len(m.steps) > 1)
    return [
        "/",
        f"/phones/{_demo.JANA}",
        f"/messages/{with_flow.sequence}",
        "/schedule",
        "/requests?all=1",
        "/control",
        "/account",
    ]


class TestEachTheme:
    @pytest.fixture(params=["light", "dark"])
    def settings_of_the_browser(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        return {"color_scheme": request.param}

    def test_axe_finds_nothing_serious(
        self, page: Page, sandbox: Sandbox, views: list[str]
    ) -> None:
        if not AXE.exists():
            reason = "axe-core is missing; run: make node"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        source = AXE.read_text(encoding="utf-8")
        # The elements are the same in both themes, and only the colours are not.
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        rules = ["color-contrast"] if is_dark else ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
        found: list[str] = []

        def check(name: str) -> None:
            page.evaluate(source)
            report = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
            found.extend(
                f"{name}: {violation['id']}, {violation['help']}: {node['html'][:160]} "
                f"{node['any'][0]['message'] if node['any'] else ''}"
                for violation in report["violations"]
                if violation["impact"] in {"serious", "critical"}
                for node in violation["nodes"]
            )

        for view in views:
            page.goto(view)
            page.evaluate(OPEN_ALL)
            check(view)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        check("help")
        sandbox.clear()
        page.goto("/")
        check("empty")
        assert found == []


def test_no_view_is_wider_than_a_small_screen(page: Page, views: list[str]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for view in views:
        page.goto(view)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_what_has_the_focus_shows_it(page: Page, views: list[str]) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    outline = "getComputedStyle(document.activeElement, '::after').outlineStyle"
    assert page.evaluate(outline) == "solid"
