"""The tests on the page about testing are tests, and pass."""

from __future__ import annotations

import pytest

from tests.test_pages import ROOT, blocks
from tests.testing.test_pytest_plugin import LOADED

pytestmark = pytest.mark.thorough

pytest_plugins = ["pytester"]


def test_the_tests_of_the_page_pass(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("\n".join(blocks(ROOT / "docs" / "testing.md", "python")))
    result = pytester.runpytest_subprocess("-W", "error", *LOADED)
    result.assert_outcomes(passed=4)
