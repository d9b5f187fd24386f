"""Ctrl-C, cancellation and exceptions: nothing is sent twice, nothing is left in flight."""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions, RowState, Update
from smsmanager.campaigns._run.drive import _PlanThread, _Senders
from smsmanager.campaigns._run.run_steps import Send, Wait, Work
from tests.campaigns.conftest import (
    BASE_URL,
    Runner,
    Service,
    Time,
    client_of,
    counts,
    play,
    rows,
)

IN_MAIN_THREAD = threading.current_thread() is threading.main_thread()


@pytest.fixture
def campaign(tmp_path: Path) -> Any:
    with Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign:
        yield campaign


@pytest.mark.parametrize("error", [None, LookupError("the caller's own")])
def test_leaving_the_loop_leaves_nothing_in_flight(runner: Runner, error: Exception | None) -> None:
    campaign = runner.create(rows(1000), requests_per_s=1, concurrency=4, update_every_s=2)

    def leave(update: Update) -> bool:
        if update.requests >= 2 and error is not None:
            raise error
        return update.requests >= 2

    with pytest.raises(LookupError) if error else nullcontext():
        runner.run(campaign, leave)
    found = counts(campaign)
    assert found.keys() == {"accepted", "pending"}
    assert found["accepted"] == sum(runner.service.taken.values())
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 1000}
    assert set(runner.service.taken.values()) == {1}


def interrupted(
    signals: int, senders: _Senders | None = None, *, after: Callable[[], bool] = lambda: False
) -> Callable[[Any], Any]:
    """Return a function that performs steps like the blocking driver, and raises instead of the first waits.

    Args:
        signals: How often it raises.
        senders: Send and wait; None if no request ever ends.
        after: Whether it already raises after a transaction.
    """
    left = [KeyboardInterrupt()] * signals

    def perform(step: Any) -> Any:
        reply = step.call() if isinstance(step, Work) else None
        if left and (isinstance(step, Wait) or (isinstance(step, Work) and after())):
            raise left.pop()
        if senders is not None and isinstance(step, Send):
            senders.send(step)
        return senders.wait(step.seconds) if senders and isinstance(step, Wait) else reply

    return perform


def test_ctrl_c_awaits_what_is_in_flight(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    senders = _Senders(client, 2)
    steps = campaign._steps(campaign.options, resend_unknown=False)
    with pytest.raises(KeyboardInterrupt):
        play(steps, interrupted(1, senders))
    senders.close()
    assert counts(campaign) == {"accepted": 200, "pending": 300}
    assert sum(service.taken.values()) == 200


def test_a_second_ctrl_c_gives_up_on_what_is_in_flight(campaign: Campaign) -> None:
    steps = campaign._steps(campaign.options, resend_unknown=False)
    with pytest.raises(KeyboardInterrupt):
        play(steps, interrupted(2))
    assert counts(campaign) == {"unknown": 200, "pending": 300}


def test_an_interruption_while_a_claim_is_recorded_sends_none_of_it(campaign: Campaign) -> None:
    steps = campaign._steps(campaign.options, resend_unknown=False)
    with pytest.raises(KeyboardInterrupt):
        play(steps, interrupted(1, after=lambda: "in_flight" in counts(campaign)))
    assert counts(campaign) == {"pending": 500}


def press_ctrl_c(noted: Callable[[], bool]) -> None:
    """Send Ctrl-C to the main thread from another one, and return when it was noticed.

    Python handles a signal when its main thread runs. One that arrives just before the thread begins to wait
    does not end that wait: the next signal does, of any kind.
    """
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)
    while not noted():
        threading.Event().wait(0.001)
        signal.pthread_kill(main, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def _harmless_signal() -> Iterator[None]:
    if not IN_MAIN_THREAD:
        yield
        return
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.skipif(not IN_MAIN_THREAD, reason="signals go elsewhere")
def test_a_signal_is_raised_in_the_plan_where_it_waits(
    campaign: Campaign, service: Service
) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        asked.set()
        assert answer.wait(60)
        return service(request)

    def interrupt() -> None:
        assert asked.wait(60)
        press_ctrl_c(campaign._stop.is_set)
        answer.set()

    with client_of(slow) as client:
        other = threading.Thread(target=interrupt)
        other.start()
        with pytest.raises(KeyboardInterrupt):
            list(campaign.run(client))
        other.join()
        found = counts(campaign)
        assert found.keys() == {"accepted", "pending"}
        assert found["accepted"] == sum(service.taken.values())
        assert list(campaign.run(client))[-1].counts[RowState.ACCEPTED] == 500


@pytest.mark.skipif(not IN_MAIN_THREAD, reason="signals go elsewhere")
@given(at=st.integers(0, 30), pace=st.sampled_from((None, 5.0)), window=st.booleans())
@settings(max_examples=25, deadline=None)
def test_ctrl_c_is_always_raised(at: int, pace: float | None, *, window: bool) -> None:
    """At any step of the plan, including the last ones and pauses."""
    service = Service()
    options = CampaignOptions(
        concurrency=1, requests_per_s=pace, window={"tz": "UTC"} if window else None
    )
    with (
        TemporaryDirectory() as folder,
        client_of(service) as client,
        Campaign.create(f"{folder}/l", rows(300), options) as campaign,
    ):
        campaign._clock = Time()
        steps_done = itertools.count()
        taken: list[bool] = []
        original = _PlanThread._after

        def after(thread: _PlanThread, step: Any) -> Any:
            if next(steps_done) == at:
                taken.append(True)
                # Or the thread should end: the signal came before the wait.
                press_ctrl_c(lambda: bool(thread._interruptions) or not thread._asked.empty())
            return original(thread, step)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_PlanThread, "_after", after)
            try:
                list(campaign.run(client))
            except KeyboardInterrupt:
                assert taken
            else:
                assert not taken, "Ctrl-C was swallowed"
        found = counts(campaign)
        assert found.keys() <= {"accepted", "pending"}
        assert found.get("accepted", 0) == sum(service.taken.values())


def test_a_signal_just_before_the_wait_leaves_the_ledger_free(
    campaign: Campaign, client: SmsManager
) -> None:
    senders = _Senders(client, 2)
    steps: Any = campaign._steps(campaign.options, resend_unknown=False)
    thread = _PlanThread(steps, senders, campaign._stop.wait, campaign._stop.set)
    thread.advance()
    # The signal came after the plan was asked to continue, but before the wait for it.
    thread._asked.put(item=True)
    thread.close()
    assert steps.gi_frame is None
    senders.close()
    assert counts(campaign).keys() <= {"accepted", "pending"}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_run_awaits_what_is_in_flight(
    campaign: Campaign, service: Service, backend: str
) -> None:
    async def main() -> None:
        asked, answer = anyio.Event(), anyio.Event()

        async def slow(request: httpx.Request) -> httpx.Response:
            asked.set()
            await answer.wait()
            return service(request)

        transport = httpx.MockTransport(slow)
        async with AsyncSmsManager("key", base_url=BASE_URL, transport=transport) as client:
            scope = anyio.CancelScope()

            async def whole() -> None:
                with scope:
                    async for _ in campaign.run(client):
                        pass

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(whole)
                await asked.wait()
                scope.cancel()
                await anyio.wait_all_tasks_blocked()
                answer.set()
        assert scope.cancelled_caught

    anyio.run(main, backend=backend)
    found = counts(campaign)
    assert found.keys() == {"accepted", "pending"}
    assert 0 < found["accepted"] == sum(service.taken.values())


def test_a_hook_that_raises_changes_nothing(runner: Runner) -> None:
    campaign = runner.create(rows(250), concurrency=1)

    def broken(result: Any) -> None:
        raise SystemError("a hook of the caller's")

    runner.run(campaign, options={"on_result": broken})
    assert counts(campaign) == {"accepted": 250}


def test_what_the_client_never_raises_ends_the_run_and_is_unknown(campaign: Campaign) -> None:
    class Odd(SmsManager):
        def send_batch(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError

    with Odd("key", base_url=BASE_URL) as client, pytest.raises(ZeroDivisionError):
        list(campaign.run(client, concurrency=1))
    assert counts(campaign) == {"unknown": 100, "pending": 400}
