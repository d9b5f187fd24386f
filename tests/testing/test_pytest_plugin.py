"""The plugin, in separate runs of pytest, as in a project that installed the package."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

# Named one by one: loading all plugins of this environment takes longer than the tests.
LOADED = (
    "-p",
    "smsmanager.testing.pytest_plugin",
    "-p",
    "anyio.pytest_plugin",
    "-p",
    "xdist.plugin",
)
PASSING = Path(__file__).with_name("test_fixtures.py")


@pytest.fixture(autouse=True)
def _no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_pytest_finds_it_by_itself() -> None:
    [found] = entry_points(group="pytest11", name="smsmanager")
    assert found.value == "smsmanager.testing.pytest_plugin"


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["0", "2"])
def test_fixtures_are_found_and_isolate(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(test_fixtures=PASSING.read_text(encoding="utf-8"))
    result = pytester.runpytest_subprocess(*("-W", "error", *LOADED, "-n", workers))
    result.assert_outcomes(passed=29)


def test_a_failure_says_what_came_near(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(smsmanager_sandbox, smsmanager_client):
            smsmanager_client.send("Your code is 481516.", to="420777123456")
            smsmanager_sandbox.assert_sent(to="777123456", containing="password")
        """
    )
    result = pytester.runpytest_inprocess(*LOADED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *Expected at least one message with to='420777123456', containing='password'; none*",
            "E *to 420777123456 by sms 'Your code is 481516.': no text contains 'password'",
        ]
    )


def test_options_of_the_sandbox_can_be_set(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest


        @pytest.fixture(scope="session")
        def smsmanager_sandbox_options():
            return {"country_prefix": "421", "seed": 7}


        def test_it(smsmanager_sandbox, smsmanager_client):
            smsmanager_client.send("Hello", to="905123456")
            assert smsmanager_sandbox.latest().to == "421905123456"
        """
    )
    pytester.runpytest_inprocess(*LOADED).assert_outcomes(passed=1)


def test_a_missing_extra_is_named_and_hurts_no_other_test(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        sys.modules["uvicorn"] = None
        """
    )
    pytester.makepyfile(
        """
        def test_something_else():
            pass


        def test_it(smsmanager_sandbox):
            pass
        """
    )
    result = pytester.runpytest_subprocess(*LOADED)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*install smsmanager?sandbox?*"])
