"""Ctrl-C, cancellation and trouble of our own: nothing is sent twice, nothing is left in flight."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignLockedError,
    CampaignNotFoundError,
    CampaignOptions,
    LedgerError,
    RefusedRow,
    Row,
    RowState,
    fingerprint_of,
    ledger_beside,
)
from smsmanager.campaigns._ledger.batches import batches
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._run.drive import _Senders
from smsmanager.campaigns._run.run_steps import Send, Wait, Work
from tests.campaigns.conftest import BASE_URL, Runner, Service, counts, number, rows


def test_an_exception_in_the_loop_leaves_nothing_in_flight(
    runner: Runner, service: Service
) -> None:
    campaign = runner.create(rows(1000), requests_per_s=1, update_every_s=2)

    def fail(update: Any) -> None:
        if update.requests >= 2:
            raise LookupError("the caller's own")

    with pytest.raises(LookupError):
        runner.run(campaign, fail)
    assert counts(campaign).keys() == {"accepted", "pending"}
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 1000}
    assert set(service.taken.values()) == {1}


def play(steps: Any, senders: _Senders | None, signals: int) -> None:
    """Drive a plan as the blocking driver does; a signal comes in place of its first waits."""
    step: Any = next(steps)
    while True:
        reply: Any = None
        if isinstance(step, Wait) and signals:
            signals -= 1
            step = steps.throw(KeyboardInterrupt())
            continue
        if isinstance(step, Work):
            reply = step.call()
        elif isinstance(step, Send) and senders is not None:
            senders.send(step)
        elif isinstance(step, Wait) and senders is not None:
            reply = senders.wait(step.seconds)
        step = steps.send(reply)


def test_ctrl_c_awaits_what_is_in_flight(tmp_path: Path, service: Service) -> None:
    with (
        Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign,
        SmsManager("key", base_url=BASE_URL, transport=httpx.MockTransport(service)) as client,
    ):
        senders = _Senders(client, 2)
        with pytest.raises(KeyboardInterrupt):
            play(campaign._steps(campaign.options, resend_unknown=False), senders, 1)
        senders.close()
        assert counts(campaign) == {"accepted": 200, "pending": 300}
        assert sum(service.taken.values()) == 200


def test_a_second_ctrl_c_gives_up_on_what_is_in_flight(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign:
        with pytest.raises(KeyboardInterrupt):
            play(campaign._steps(campaign.options, resend_unknown=False), None, 2)
        assert counts(campaign) == {"unknown": 200, "pending": 300}


def test_an_interruption_while_a_claim_is_noted_sends_none_of_it(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign:
        steps = campaign._steps(campaign.options, resend_unknown=False)
        step: Any = next(steps)
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - a driver, played by hand
            while True:
                reply = step.call() if isinstance(step, Work) else None
                if counts(campaign).get("in_flight"):
                    step = steps.throw(KeyboardInterrupt())
                else:
                    step = steps.send(reply)
        assert counts(campaign) == {"pending": 500}


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals go elsewhere"
)
def test_signals_reach_the_plan_where_it_waits(tmp_path: Path, service: Service) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        asked.set()
        assert answer.wait(60)
        return service(request)

    def interrupt() -> None:
        assert asked.wait(60)
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
        answer.set()

    with (
        Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign,
        SmsManager("key", base_url=BASE_URL, transport=httpx.MockTransport(slow)) as client,
    ):
        other = threading.Thread(target=interrupt)
        other.start()
        with pytest.raises(KeyboardInterrupt):
            list(campaign.run(client))
        other.join()
        found = counts(campaign)
        assert found.keys() == {"accepted", "pending"}
        assert found["accepted"] == sum(service.taken.values())
        assert list(campaign.run(client))[-1].counts[RowState.ACCEPTED] == 500


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_run_awaits_what_is_in_flight(
    tmp_path: Path, service: Service, backend: str
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

    with Campaign.create(tmp_path / "l", rows(500), CampaignOptions(concurrency=2)) as campaign:
        anyio.run(main, backend=backend)
        found = counts(campaign)
        assert found.keys() == {"accepted", "pending"}
        assert 0 < found["accepted"] == sum(service.taken.values())


def test_a_hook_that_raises_changes_nothing(runner: Runner, service: Service) -> None:
    campaign = runner.create(rows(250), concurrency=1)

    def broken(result: Any) -> None:
        raise SystemError("a hook of the caller's")

    runner.run(campaign, options={"on_result": broken})
    assert counts(campaign) == {"accepted": 250}


def test_what_the_client_never_raises_ends_the_run_and_is_unknown(
    tmp_path: Path, service: Service
) -> None:
    class Odd(SmsManager):
        def send_batch(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError

    with (
        Campaign.create(tmp_path / "l", rows(250), CampaignOptions(concurrency=1)) as campaign,
        Odd("key", base_url=BASE_URL, transport=httpx.MockTransport(service)) as client,
    ):
        with pytest.raises(ZeroDivisionError):
            list(campaign.run(client))
        assert counts(campaign) == {"unknown": 100, "pending": 150}


def test_what_was_in_flight_in_a_crash_is_unknown_from_the_next_open_on(
    runner: Runner, service: Service
) -> None:
    campaign = runner.create(rows(250))
    ledger = campaign._ledger
    with ledger.database.locked(ledger.head.id) as connection:
        session = Session(ledger, connection)
        session.begin(resend_unknown=False)
        page = session.page(0)
        session.settle_and_claim([], batches(page.rows, page.sizes)[:1])
        # A second reader sees it, and leaves it alone while the first one works.
        with Campaign.open(runner.path) as other:
            assert counts(other) == {"in_flight": 100, "pending": 150}
    reopened = runner.open()
    assert counts(reopened) == {"unknown": 100, "pending": 150}
    [reason] = {row.reason for row in reopened.rows(RowState.UNKNOWN)}
    assert reason == "the process ended while it was in flight"
    runner.run(reopened)
    assert counts(reopened) == {"unknown": 100, "accepted": 150}


def test_rows_that_were_to_be_sent_again_and_were_not_stay_unknown(
    runner: Runner, service: Service
) -> None:
    campaign = runner.create(rows(300), concurrency=1, requests_per_s=1, stop_after=None)
    service.script = [httpx.ReadTimeout("late")] * 3
    runner.run(campaign)
    assert counts(campaign) == {"unknown": 300}
    runner.time.on_pause = campaign.stop
    runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 100, "unknown": 200}
    runner.time.on_pause = lambda: None
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 100, "unknown": 200}
    assert len(service.requests) == 4


def test_a_campaign_is_run_by_one_at_a_time(runner: Runner, service: Service) -> None:
    campaign = runner.create(rows(10))
    database = runner.open()._ledger.database
    with (
        database.locked(campaign._ledger.head.id),
        pytest.raises(CampaignLockedError, match="Nothing was sent"),
    ):
        runner.run(campaign)
    assert service.requests == []
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 10}


def test_a_ledger_that_fails_stops_sending(runner: Runner, service: Service) -> None:
    campaign = runner.create(rows(1000), concurrency=1)

    def spoil(body: Any) -> httpx.Response:
        with sqlite3.connect(runner.path, timeout=30) as connection:
            connection.execute(
                "UPDATE smsmanager_campaign_row SET state = 'refused' WHERE row = 150"
            )
        return service.accept(body)

    service.script = [spoil]
    with pytest.raises(LedgerError, match="not sent"):
        runner.run(campaign)
    assert len(service.requests) == 1
    assert set(service.taken.values()) == {1}
    found = counts(runner.open())
    assert found == {"accepted": 100, "refused": 1, "pending": 899}


def test_the_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    source.write_text("x")
    place = ledger_beside(source)
    assert place == tmp_path / "people.csv.campaign.sqlite3"
    with Campaign.create(place, rows(10)) as campaign, campaign._ledger.database.reading():
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.glob("people.csv.*")}
        assert len(modes) == 4
        assert set(modes.values()) == {0o600}


def test_a_campaign_is_not_replaced(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    source.write_text("one")
    first = fingerprint_of(source)
    assert first == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"

    def make(print_: str | None) -> Callable[[], Campaign]:
        return lambda: Campaign.create(tmp_path / "l", rows(3), fingerprint=print_)

    make(first)().close()
    for given, same in ((first, True), ("other", False), (None, None)):
        with pytest.raises(CampaignExistsError) as caught:
            make(given)()
        assert caught.value.same_input is same
    with Campaign.open(tmp_path / "l") as campaign:
        assert campaign.status().fingerprint == first
        assert campaign.status().total == 3


def test_a_creation_that_was_interrupted_is_made_again(tmp_path: Path) -> None:
    def broken() -> Any:
        yield from rows(4500)
        raise LookupError("the reader's own")

    with pytest.raises(LookupError):
        Campaign.create(tmp_path / "l", broken())
    with pytest.raises(LedgerError, match="Make it again"):
        Campaign.open(tmp_path / "l")
    seen: list[int] = []
    with Campaign.create(tmp_path / "l", rows(4500), on_progress=seen.append) as campaign:
        assert counts(campaign) == {"pending": 4500}
    assert seen == [2000, 4000, 4500]


def test_several_campaigns_share_a_database(tmp_path: Path) -> None:
    for name, size in (("spring", 3), ("autumn", 5)):
        Campaign.create(f"sqlite:///{tmp_path / 'l'}", rows(size), name=name).close()
    with pytest.raises(CampaignNotFoundError, match="it holds: spring, autumn"):
        Campaign.open(tmp_path / "l")
    with Campaign.open(tmp_path / "l", name="autumn") as campaign:
        assert (campaign.name, campaign.status().total) == ("autumn", 5)


def test_what_is_no_ledger_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CampaignNotFoundError):
        Campaign.open(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    (tmp_path / "text").write_text("a text, and no database at all" * 100)
    with pytest.raises(LedgerError):
        Campaign.open(tmp_path / "text")
    with pytest.raises(LedgerError, match="cannot be used"):
        Campaign.open("nonsense://user:secret@host/database")
    with pytest.raises(LedgerError, match="lost in a crash"):
        Campaign.create("sqlite://", [])
    with pytest.raises(LedgerError, match="twice"):
        Campaign.create(tmp_path / "l", [Row(1, number(1), "a"), RefusedRow(1, "body", "is empty")])


def test_no_text_of_an_error_holds_a_number_or_a_text(tmp_path: Path) -> None:
    given = [Row(1, number(1), "secret text"), Row(1, number(2), "secret text")]
    with pytest.raises(LedgerError) as caught:
        Campaign.create(tmp_path / "l", given)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    row = given[0]
    assert number(1) not in repr(row)
    assert "secret" not in repr(row)
