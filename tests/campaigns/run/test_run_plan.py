"""A run from the first row to the last: what is sent, what is recorded, what the caller sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from smsmanager import AuthenticationError, OutcomeUnknownError, Viber
from smsmanager.campaigns import Campaign, CampaignOptions, Phase, RefusedRow, Row, RowState
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Page
from smsmanager.campaigns._ledger.leases import RENEW_S
from smsmanager.campaigns._run.pace import SendWindow
from smsmanager.campaigns._run.run_plan import GRACE_S, Run
from smsmanager.campaigns._run.run_steps import Ended, Pause, Send, Wait, Work
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from smsmanager_jsonapi.message_fields import WindowFields
from tests.campaigns.conftest import (
    START,
    Runner,
    Service,
    Time,
    client_of,
    counts,
    delivery_report,
    number,
    play,
    rows,
    states,
    working,
)


def test_a_thousand_of_one_text_take_ten_requests(runner: Runner) -> None:
    campaign = runner.create(rows(1000))
    updates = runner.run(campaign)
    assert runner.service.sizes == [[10] * 10] * 10
    assert runner.service.taken == dict.fromkeys(map(number, range(1, 1001)), 1)
    assert counts(campaign) == {"accepted": 1000}
    assert [update.phase for update in updates] == [Phase.SENDING, Phase.FINISHED]
    last = updates[-1]
    assert (last.requests, last.recipients, last.failures) == (10, 1000, 0)
    assert (last.total, last.done, last.left) == (1000, 1000, 0)


class LongCallbacks:
    """Makes the longest URL that a message can have."""

    def callback_for(self, _reference: str | None, _at: datetime | None) -> str:
        return "https://example.com/".ljust(2048, "a")


def test_what_the_client_adds_to_messages_makes_no_second_request(
    service: Service, tmp_path: Path
) -> None:
    """The pace and the ledger count one request for each batch."""
    full = [Row(n, number(n), "Hello", payload={"n": f"{n:012400}"}) for n in range(1, 21)]
    options: dict[str, Any] = {"callbacks": LongCallbacks(), "settle_by_tag": True}
    with (
        Campaign.create(tmp_path / "c", full) as campaign,
        client_of(service, **options) as client,
    ):
        *_, last = campaign.run(client)
    assert (last.done, last.requests) == (20, len(service.requests))


def test_each_row_has_the_id_that_webhooks_name(runner: Runner) -> None:
    campaign = runner.sent(rows(25))
    ids = [row.message_id for row in campaign.rows()]
    first = number(1)
    assert ids[:3] == [f"m{first}.0-0", f"m{first}.0-1", f"m{first}.0-2"]
    assert ids[24] == f"m{first}.2-4"


def test_different_texts_share_requests_and_equal_ones_find_each_other(runner: Runner) -> None:
    texts = [*(f"Hello {row}" for row in range(40)), *["Ahoj", "Hello"] * 50]
    runner.sent(rows(140, lambda row: texts[row - 1]), concurrency=1)
    assert runner.service.sizes == [[1] * 10] * 4 + [[10] * 10]
    assert [message["body"] for message in runner.service.requests[0]] == texts[:10]
    assert [message["body"] for message in runner.service.requests[4]] == ["Ahoj"] * 5 + [
        "Hello"
    ] * 5


def test_nothing_to_send_is_finished_at_once(runner: Runner) -> None:
    campaign = runner.create([])
    assert [update.phase for update in runner.run(campaign)] == [Phase.SENDING, Phase.FINISHED]
    assert runner.service.requests == []


def test_what_each_message_has_and_what_a_row_adds(runner: Runner) -> None:
    given = [
        Row(1, number(1), "One", sender="Own", tag="t", payload={"a": 1}),
        Row(2, number(2), "Two", reference="order-2", payload={"a": 2}),
    ]
    campaign = runner.create(
        given, sender="Shop", callback="https://example.com/hook", at="2030-01-08T08:00:00+01:00"
    )
    runner.run(campaign)
    one, two = runner.service.requests[0]
    token = campaign._ledger.head.token
    assert one == {
        "body": "One",
        "to": [{"phone_number": number(1)}],
        "sender": "Own",
        "tag": "t",
        "payload": {"a": 1, REFERENCE_KEY: f"{token}.1"},
        "callback": "https://example.com/hook",
        "datetime": "2030-01-08T07:00:00Z",
    }
    assert two["sender"] == "Shop"
    assert two["payload"] == {"a": 2, REFERENCE_KEY: "order-2"}
    first, second = campaign.rows()
    assert (first.payload, first.reference) == ({"a": 1}, f"{token}.1")
    assert (second.payload, second.reference) == ({"a": 2}, "order-2")


def test_a_run_sends_only_what_the_caller_set(runner: Runner) -> None:
    campaign = runner.sent(rows(1), references=False)
    assert runner.service.requests == [[{"body": "Hello", "to": [{"phone_number": number(1)}]}]]
    assert [row.reference for row in campaign.rows()] == [None]


def test_a_flow_may_take_the_sender_of_the_client(runner: Runner) -> None:
    campaign = runner.create(rows(1), flow=[Viber()])
    runner.run(campaign, options={"sender": "Shop"})
    [[message]] = runner.service.requests
    assert message["sender"] == "Shop"
    assert message["flow"] == [{"viber": {}}]
    assert states(campaign) == [RowState.ACCEPTED]


def test_what_cannot_be_sent_is_refused_with_the_reason(runner: Runner) -> None:
    wrong: Any = [1]
    given: list[Row | RefusedRow] = [
        RefusedRow(1, "phone_number", "is empty"),
        Row(2, "12345x", "Hello"),
        Row(3, number(3), "x" * 1001),
        Row(4, number(4), "Hello", sender="much too long a name"),
        Row(5, number(5), "Hello", reference=""),
        Row(6, number(6), "Hello", payload={REFERENCE_KEY: "a"}, reference="b"),
        Row(7, number(7), "Hello", payload={"a": {1, 2}}),
        Row(8, wrong, "Hello"),
        Row(9, number(9), "Hello", payload=wrong),
        Row(10, "+420 777 123 456", "Hello"),
    ]
    campaign = runner.sent(given)
    refused = list(campaign.rows(RowState.REFUSED))
    assert [row.row for row in refused] == list(range(1, 10))
    assert refused[0].reason == "is empty"
    fields = (
        "phone_number phone_number body sender reference reference message phone_number payload"
    )
    assert [row.field for row in refused] == fields.split()
    assert list(runner.service.taken) == ["420777123456"]


def test_rejected_and_unconfirmed_are_kept_apart(runner: Runner) -> None:
    runner.service.script = [lambda body: runner.service.answer(body, [0], [1])]
    campaign = runner.sent(rows(30, lambda row: f"Text {row // 11}"))
    assert counts(campaign) == {"accepted": 10, "rejected": 10, "unconfirmed": 10}
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 20, "unconfirmed": 10}
    runner.run(campaign)
    assert len(runner.service.requests) == 2
    runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 30}
    assert set(runner.service.taken.values()) == {1}


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("late"), httpx.ReadError("reset"), httpx.Response(502)]
)
def test_what_may_have_been_taken_is_sent_again_only_on_request(runner: Runner, lost: Any) -> None:
    campaign = runner.create(rows(250), concurrency=1)
    runner.service.script = [lost]
    updates = runner.run(campaign)
    assert counts(campaign) == {"accepted": 150, "unknown": 100}
    assert updates[-1].failures == 1
    [reason] = {row.reason for row in campaign.rows(RowState.UNKNOWN)}
    assert reason == "OutcomeUnknownError"
    runner.run(campaign)
    assert len(runner.service.requests) == 3
    runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 250}
    assert {row.reason for row in campaign.rows()} == {None}


def test_a_row_that_may_have_been_taken_stays_so_when_the_second_try_is_rejected(
    runner: Runner,
) -> None:
    runner.service.script = [httpx.ReadTimeout("late")]
    campaign = runner.sent(rows(5))
    runner.service.script = [lambda body: runner.service.answer(body, [], [0])]
    runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"unknown": 5}
    runner.run(campaign)
    assert len(runner.service.requests) == 2


def test_a_pause_delays_all_requests_and_the_rows_are_tried_again(runner: Runner) -> None:
    campaign = runner.create(rows(300), concurrency=1)
    runner.service.script = [httpx.Response(429, headers={"retry-after": "30"})]
    updates = runner.run(campaign)
    assert counts(campaign) == {"accepted": 300}
    assert set(runner.service.taken.values()) == {1}
    assert runner.time.pauses == [30.0]
    [paused] = [update for update in updates if update.phase is Phase.PAUSED]
    assert paused.reason == "a request failed (RateLimitError)"
    assert paused.resumes_at is not None
    assert (paused.resumes_at - runner.time.now()).total_seconds() == 0
    assert paused.counts[RowState.IN_FLIGHT] == 0


def test_a_row_is_tried_a_few_times_and_then_left_for_the_next_run(runner: Runner) -> None:
    runner.service.script = [httpx.Response(503), httpx.ConnectError("refused")]
    campaign = runner.sent(rows(10), attempts=2)
    assert counts(campaign) == {"not_sent": 10}
    assert {row.reason for row in campaign.rows()} == {"NotSentError"}
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 10}
    assert len(runner.service.requests) == 3


def test_failures_in_a_row_stop_a_run(runner: Runner) -> None:
    campaign = runner.create(rows(1000), stop_after=3, concurrency=1)
    runner.service.script = [httpx.Response(400, json={"Message": "no"})] * 3
    updates = runner.run(campaign)
    assert updates[-1].phase is Phase.STOPPED
    assert updates[-1].reason == "3 requests in a row failed"
    assert updates[-1].error is not None
    assert counts(campaign) == {"not_sent": 300, "pending": 700}
    assert runner.run(campaign)[-1].phase is Phase.FINISHED
    assert counts(campaign) == {"accepted": 1000}


def test_a_success_between_failures_restarts_the_count(runner: Runner) -> None:
    campaign = runner.create(rows(700), stop_after=2, concurrency=1, attempts=1)
    failed = httpx.Response(500)
    runner.service.script = [
        failed,
        runner.service.accept,
        httpx.Response(500),
        runner.service.accept,
    ]
    assert runner.run(campaign)[-1].phase is Phase.FINISHED
    assert counts(campaign) == {"accepted": 500, "not_sent": 200}


def test_a_refused_key_stops_a_run_at_once(runner: Runner) -> None:
    campaign = runner.create(rows(500), concurrency=1)
    runner.service.script = [httpx.Response(401)]
    [*_, last] = runner.run(campaign)
    assert last.phase is Phase.STOPPED
    assert isinstance(last.error, AuthenticationError)
    assert len(runner.service.requests) == 1
    assert counts(campaign) == {"not_sent": 100, "pending": 400}


def test_the_clients_own_retries_are_not_used(runner: Runner) -> None:
    campaign = runner.create(rows(10), attempts=1)
    runner.service.script = [httpx.Response(500)]
    [*_, last] = runner.run(campaign, options={"retries": 5})
    assert len(runner.service.requests) == last.failures == 1


def test_requests_are_spaced(runner: Runner) -> None:
    runner.sent(rows(500), requests_per_s=2, concurrency=1, update_every_s=1000)
    assert runner.time.pauses == [0.5] * 4


@contextmanager
def planned(
    tmp_path: Path, time: Time, *, resend_unknown: bool = False, **options: Any
) -> Iterator[tuple[Campaign, Any]]:
    """Return a campaign of three requests, and the steps of a run."""
    given = CampaignOptions(**options)
    with (
        Campaign.create(tmp_path / "l", rows(300), given) as campaign,
        working(campaign) as session,
    ):
        run = Run(session, given, {}, None, time, lambda: False)
        yield campaign, run.plan(resend_unknown=resend_unknown)


@pytest.mark.parametrize(
    ("concurrency", "waited", "sent"),
    [(3, [0.5, 0.5, RENEW_S, RENEW_S, RENEW_S], [0, 0.5, 1]), (2, [0.5, *[RENEW_S] * 4], [0, 0.5])],
)
def test_the_next_request_waits_for_its_moment_and_not_for_an_answer(
    tmp_path: Path, concurrency: int, waited: list[float], sent: list[float]
) -> None:
    time = Time()
    went: list[float] = []
    waits: list[float] = []
    open_requests: list[Ended] = []

    def perform(step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Send):
            went.append(time.seconds)
            open_requests.append(Ended(step.batch, error=OutcomeUnknownError("late")))
        if isinstance(step, Pause):
            time.seconds += step.seconds
        if not isinstance(step, Wait):
            return None
        assert step.seconds is not None
        waits.append(step.seconds)
        time.seconds += step.seconds
        if len(waits) < 5:
            return []
        back = list(open_requests)
        open_requests.clear()
        return back

    pace: Any = {"requests_per_s": 2, "concurrency": concurrency, "update_every_s": 1000}
    with planned(tmp_path, time, **pace) as (campaign, steps):
        play(steps, perform)
        assert counts(campaign) == {"unknown": 300}
    assert went[: len(sent)] == sent
    # Without a free slot, it only wakes up to renew its lease.
    assert waits[:5] == waited


def test_while_an_update_is_due_a_run_waits_for_answers_alone(tmp_path: Path) -> None:
    """Nothing goes out before the caller has the update: no moment to send is a reason to wake up."""
    time = Time()
    sent: list[Ended] = []
    waits: list[float | None] = []

    def perform(step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Send):
            sent.append(Ended(step.batch, error=OutcomeUnknownError("late")))
        if isinstance(step, (Pause, Wait)):
            time.seconds += step.seconds or 0
        if not isinstance(step, Wait):
            return None
        waits.append(step.seconds)
        return [sent.pop()] if len(waits) >= 3 else []

    pace: Any = {"requests_per_s": 2, "concurrency": 2, "update_every_s": 0.25}
    with planned(tmp_path, time, **pace) as (campaign, steps):
        play(steps, perform)
        assert counts(campaign) == {"unknown": 300}
    assert waits[:3] == [0.5, RENEW_S, RENEW_S]


def test_an_interrupted_run_waits_a_minute_for_what_is_in_flight(tmp_path: Path) -> None:
    time = Time()
    waits: list[float] = []

    def perform(step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if not isinstance(step, Wait):
            return None
        assert step.seconds is not None
        waits.append(step.seconds)
        if len(waits) == 1:
            raise KeyboardInterrupt
        assert len(waits) < 9, "it never ends"
        time.seconds += step.seconds
        return []

    with planned(tmp_path, time, concurrency=2) as (campaign, steps):
        with pytest.raises(KeyboardInterrupt):
            play(steps, perform)
        assert counts(campaign) == {"unknown": 200, "pending": 100}
    assert waits[1:] == [GRACE_S]


def test_what_was_sent_beside_what_a_report_had_settled_is_not_put_back(tmp_path: Path) -> None:
    """No row of the first of three requests is sent again; the run ends while the others are in flight."""
    time = Time()
    sent: list[int] = []

    def perform(step: Any) -> Any:
        if isinstance(step, Work):
            done = step.call()
            if isinstance(done, Page):
                reports = [
                    delivery_report(
                        f"late-{row.row}",
                        payload={REFERENCE_KEY: row.reference},
                        to={"phone_number": row.phone_number},
                    )
                    for row in list(campaign.rows())[:100]
                ]
                assert campaign.record(parse_webhook(reports)) == 100
            return done
        if isinstance(step, Send):
            sent.extend(row.row for row in step.batch.rows())
        if isinstance(step, Wait):
            raise KeyboardInterrupt
        return None

    with planned(tmp_path, time, resend_unknown=True, concurrency=3) as (campaign, steps):
        with campaign._ledger.database.writing() as connection:
            lost = update(schema.row).values(state="unknown", message=schema.row.c.row, place=0)
            connection.execute(lost.where(schema.row.c.row <= 100))
            connection.execute(update(schema.campaign).values(messages=100))
        with pytest.raises(KeyboardInterrupt):
            play(steps, perform)
        assert sent == list(range(101, 301))
        assert counts(campaign) == {"accepted": 100, "unknown": 200}


def test_requests_go_out_inside_the_window(runner: Runner) -> None:
    # The clock starts on a Monday at 12:00 UTC.
    window = {"days": ["monday"], "start": "14:30", "end": "15:00", "tz": "Europe/Prague"}
    campaign = runner.create(rows(50), window=window)
    updates = runner.run(campaign)
    assert sum(runner.time.pauses) == 90 * 60
    assert max(runner.time.pauses) <= 60
    assert {u.reason for u in updates if u.phase is Phase.PAUSED} == {"outside the send window"}
    assert counts(campaign) == {"accepted": 50}


def test_a_window_that_closes_delays_the_rest(runner: Runner) -> None:
    window = {"start": "12:00", "end": "12:01"}
    campaign = runner.sent(rows(300), window=window, requests_per_s=1 / 45, concurrency=1)
    assert runner.time.seconds == 24 * 3600
    assert counts(campaign) == {"accepted": 300}


@given(
    open_s=st.integers(10, 3600),
    gap_s=st.sampled_from((0.0, 7.0, 45.0)),
    failures=st.lists(st.booleans(), max_size=3),
    starts=st.integers(-1800, 1800),
)
@settings(max_examples=15, deadline=None)
def test_every_request_leaves_inside_the_window_at_any_pace(
    open_s: int, gap_s: float, failures: list[bool], starts: int
) -> None:
    """The times of the requests count, not the sum of the pauses."""
    service = Service()
    opens = START + timedelta(seconds=starts)
    opens = opens.replace(second=0)
    closes = opens + timedelta(seconds=max(60, open_s // 60 * 60))
    window: WindowFields = {"start": f"{opens:%H:%M}", "end": f"{closes:%H:%M}", "tz": "UTC"}
    time = Time()
    went: list[datetime] = []
    outcomes = iter(failures)

    def answer(request: httpx.Request) -> httpx.Response:
        went.append(time.now())
        return httpx.Response(503, json={}) if next(outcomes, False) else service(request)

    options = CampaignOptions(
        window=window, requests_per_s=1 / gap_s if gap_s else None, attempts=9, concurrency=2
    )
    with (
        TemporaryDirectory() as folder,
        client_of(answer) as client,
        Campaign.create(f"{folder}/l", rows(300), options) as campaign,
    ):
        campaign._clock = time
        list(campaign.run(client))
        assert counts(campaign) == {"accepted": 300}
    asked = SendWindow(window)
    assert went
    assert [at for at in went if asked.opens_at(at) != at] == []
    for earlier, later in pairwise(went):
        assert (later - earlier).total_seconds() >= gap_s - 1e-3


def test_updates_come_every_so_often_with_rate_and_remaining_time(runner: Runner) -> None:
    campaign = runner.create(rows(1000), requests_per_s=1, concurrency=1, update_every_s=2)
    runner.time.seconds = 100.0
    updates = runner.run(campaign)
    assert len(updates) == 6
    middle = updates[2]
    assert middle.elapsed_s == 4
    assert middle.rate == pytest.approx(100)
    assert middle.remaining_s == pytest.approx(middle.left / 100)
    assert all(update.counts[RowState.IN_FLIGHT] == 0 for update in updates)
    assert all(update.total == 1000 for update in updates)


def test_stop_ends_a_run_between_two_requests(runner: Runner) -> None:
    campaign = runner.create(rows(1000), requests_per_s=1, concurrency=1)
    runner.time.on_pause = campaign.stop
    updates = runner.run(campaign)
    assert updates[-1].phase is Phase.STOPPED
    assert updates[-1].reason == "a stop was requested"
    assert counts(campaign) == {"accepted": 100, "pending": 900}
    runner.time.on_pause = lambda: None
    assert runner.run(campaign)[-1].phase is Phase.FINISHED


def test_a_change_is_for_one_run(runner: Runner) -> None:
    campaign = runner.create(rows(200), requests_per_s=1, concurrency=1)
    runner.run(campaign, requests_per_s=None)
    assert runner.time.pauses == []
    assert runner.open().options.requests_per_s == 1
