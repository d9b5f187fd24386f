"""Everyone can use the page: axe-core, small screens, keyboard, names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from smsmanager.sandbox import Fault, _demo
from smsmanager.sandbox.engine.outcome_rules import Rule
from tests.page.conftest import MISSING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from smsmanager.sandbox import Sandbox

pytestmark = pytest.mark.thorough

AXE = Path(__file__).parents[2] / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (390, 768, 1280)
OPEN_ALL = "document.querySelectorAll('main details').forEach(each => { each.open = true })"


@pytest.fixture
def views(sandbox: Sandbox) -> list[str]:
    """Return the address of every view, with sample data in it."""
    sandbox.fill_with_demo()
    sandbox.rules.add(Rule("undelivered", to="420777123999"))
    sandbox.inject(Fault("status", status_code=503))
    sandbox.inject(Fault("hang"))
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


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        reason = "axe-core is missing; run: make node"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return AXE.read_text(encoding="utf-8")


class TestEachTheme:
    @pytest.fixture(params=["light", "dark"])
    def settings_of_the_browser(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        return {"color_scheme": request.param}

    @pytest.mark.parametrize("width", WIDTHS)
    def test_axe_finds_nothing_serious(
        self, page: Page, sandbox: Sandbox, views: list[str], axe: str, width: int
    ) -> None:
        page.set_viewport_size({"width": width, "height": 860})
        rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
        found: list[str] = []

        def check(name: str) -> None:
            page.evaluate(axe)
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
        # Every choice of the forms, as each shows other fields.
        for field in ("rule-outcome", "fault-kind"):
            page.goto("/control")
            page.evaluate(OPEN_ALL)
            for option in page.locator(f"#{field} option").all():
                page.locator(f"#{field}").select_option(option.get_attribute("value"))
            check(field)
        page.get_by_role("button", name="Remove the rule").first.click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
        check("undo")
        page.locator("#rule-to").focus()
        page.evaluate("document.querySelector('#paste-rule textarea').value = '{'")
        page.get_by_role("button", name="Add the JSON").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        check("refused")
        page.wait_for_load_state()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        check("help")
        page.goto(MISSING)
        check("error")
        sandbox.clear()
        for view in ("/", "/phones", "/schedule", "/requests"):
            page.goto(view)
            check(f"empty {view}")
        assert found == []


# What scrolls sideways by design; everything else has to fit.
CUT = """() => [...document.querySelectorAll('main *, header *, nav *')].filter(each => {
  if (each.closest('pre, .carousel, .visually-hidden, thead, svg, [hidden]')) return false;
  const box = each.getBoundingClientRect();
  return box.width && box.height && (box.right > innerWidth + 1 || box.left < -1);
}).map(each => `${each.tagName} ${each.className} ${each.textContent.slice(0, 40)}`)"""


@pytest.mark.parametrize("width", [360, *WIDTHS])
def test_nothing_is_cut_at_the_side(page: Page, views: list[str], width: int) -> None:
    """Every column of a table and every button is in the window, without scrolling sideways."""
    page.set_viewport_size({"width": width, "height": 740})
    for view in views:
        page.goto(view)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        assert page.evaluate(CUT) == [], view
        table = page.locator("table")
        if table.count():
            row = table.locator("tbody tr").last
            shown = [cell for cell in row.locator("td").all() if cell.text_content()]
            assert len(shown) == 6
            assert all(cell.is_visible() for cell in shown)
            assert page.evaluate(
                "[...document.querySelectorAll('.steps td')].every(c => c.scrollWidth <= c.clientWidth + 1)"
            )


def test_what_has_the_focus_shows_it(page: Page, views: list[str]) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    outline = "getComputedStyle(document.activeElement, '::after').outlineStyle"
    assert page.evaluate(outline) == "solid"
