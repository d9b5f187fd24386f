"""The fixtures, in runs of pytest of their own: as they are found in a project that installed the package."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

pytestmark = pytest.mark.thorough

pytest_plugins = ["pytester"]

# Named one by one: the plugins of this environment take longer to load than the runs take.
LOADED = (
    "-p",
    "smsmanager.testing.pytest_plugin",
    "-p",
    "anyio.pytest_plugin",
    "-p",
    "xdist.plugin",
)
PASSING = """
    import threading

    import pytest

    from smsmanager import SmsManager


    def test_it_sends_and_sees(smsmanager_sandbox, smsmanager_client):
        result = smsmanager_client.send("Your code is 481516.", to="+420 777 123 456")
        message = smsmanager_sandbox.assert_sent(to="777123456", containing="CODE")
        assert message.code == "481516"
        assert message.message_id == result[0].message_id


    @pytest.mark.parametrize("number", range(20))
    def test_nothing_of_another_test_is_there(smsmanager_sandbox, smsmanager_client, number):
        assert smsmanager_sandbox.messages == ()
        smsmanager_sandbox.assert_not_sent()
        smsmanager_client.send(f"Message {number}", to="420777123456", sender="Shop", tag="a")
        [message] = smsmanager_sandbox.messages
        assert message.body == f"Message {number}"
        smsmanager_sandbox.settle()
        assert message.state == "delivered"


    def test_a_program_that_makes_its_own_client(smsmanager_sandbox):
        with SmsManager() as client:
            client.send("Hello", to="420777123456")
        smsmanager_sandbox.assert_sent(body="Hello", count=1)


    def test_a_program_in_another_thread(smsmanager_sandbox, smsmanager_client):
        thread = threading.Thread(target=smsmanager_client.send, args=("Hi",), kwargs={"to": "420777123456"})
        thread.start()
        assert smsmanager_sandbox.wait_for(containing="hi").to == "420777123456"
        thread.join()


    @pytest.mark.parametrize("again", range(2))
    def test_the_clock_starts_anew(smsmanager_sandbox, again):
        from datetime import UTC, datetime, timedelta

        now = smsmanager_sandbox.clock.now
        assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
        later = smsmanager_sandbox.advance(timedelta(days=400)).now
        assert later - now == timedelta(days=400)


    @pytest.mark.anyio
    async def test_awaiting(smsmanager_sandbox, async_smsmanager_client):
        result = await async_smsmanager_client.send("Hello", to="420777123456")
        assert result.ok
        smsmanager_sandbox.assert_sent(to="420777123456")


    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(request):
        return request.param
"""


@pytest.fixture(autouse=True)
def _no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_pytest_finds_it_by_itself() -> None:
    [found] = entry_points(group="pytest11", name="smsmanager")
    assert found.value == "smsmanager.testing.pytest_plugin"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_fixtures_are_found_and_isolate(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(PASSING)
    result = pytester.runpytest_subprocess(*("-W", "error", *LOADED, "-n", workers))
    result.assert_outcomes(passed=27)


def test_a_failure_says_what_came_near(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(smsmanager_sandbox, smsmanager_client):
            smsmanager_client.send("Your code is 481516.", to="420777123456")
            smsmanager_sandbox.assert_sent(to="777123456", containing="password")
        """
    )
    result = pytester.runpytest_subprocess(*LOADED)
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
    pytester.runpytest_subprocess(*LOADED).assert_outcomes(passed=1)


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
