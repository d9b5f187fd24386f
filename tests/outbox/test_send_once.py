"""One key, one message, one send; in any process, however the first call ended."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest
import sqlalchemy as sa

from smsmanager import (
    AsyncSmsManager,
    AuthenticationError,
    BadRequestError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    SendResult,
    ServiceError,
    ValidationError,
)
from smsmanager.outbox import (
    KeyConflictError,
    MessageExpiredError,
    OutboxError,
    SendInProgressError,
    add,
)
from smsmanager.outbox.outbox_table import table
from tests.outbox.conftest import NUMBER, START_S, Office


class DeadError(BaseException):
    """The process is killed."""


def dies(_: object) -> None:
    raise DeadError


def at(seconds: float) -> datetime:
    """Return a time after the start of the test."""
    return datetime.fromtimestamp(START_S + seconds, UTC)


def test_the_first_call_sends_and_later_ones_return_its_outcome(any_office: Office) -> None:
    sent = any_office.send_once("Hello", key="order-17", to="+420 777 123 456", reference="r-17")
    again = any_office.send_once(
        "Hello", key="order-17", to="+420777123456", reference="r-17", outbox=any_office.another()
    )
    assert any_office.service.taken == {"Hello": 1}
    assert isinstance(again, SendResult)
    assert again == sent
    assert again.ok
    outcome = again[0]
    assert (outcome.given, outcome.phone_number) == ("+420 777 123 456", NUMBER)
    assert (outcome.message_id, outcome.request_id, outcome.reference) == ("m1.0", "r1", "r-17")
    assert again.prepared is not None
    assert again.called == (START_S, START_S)


def test_the_wait_for_a_transaction_that_has_locked_the_key_is_limited(
    postgresql_office: Office,
) -> None:
    office = postgresql_office
    engine = office.outbox._store.engine
    quick = sa.text("SELECT set_config('lock_timeout', '1ms', true)")
    with engine.connect() as connection, pytest.MonkeyPatch.context() as patch:
        add(connection, "Hello", key="a", to=NUMBER)
        patch.setattr("smsmanager.outbox._outbox_store._CLAIMING", quick)
        with pytest.raises(SendInProgressError, match="Another transaction has locked this key"):
            office.send_once("Hello", key="a")
        connection.rollback()
    assert office.service.requests == []
    assert office.send_once("Hello", key="a").ok


def test_claims_have_a_time_limit_for_locks(postgresql_office: Office) -> None:
    store = postgresql_office.outbox._store
    with store.transaction() as connection:
        store._prepare_to_claim(connection)
        assert connection.execute(sa.text("SHOW lock_timeout")).scalar() == "5s"
    with store.transaction() as connection:
        assert connection.execute(sa.text("SHOW lock_timeout")).scalar() == "0"


def test_a_table_that_is_missing(office: Office) -> None:
    office.outbox._store.engine.dispose()
    with office.outbox._store.engine.begin() as connection:
        table.drop(connection)
    with pytest.raises(OutboxError, match="Nothing was sent") as failed:
        office.send_once("Hello", key="a")
    assert "create_table" in str(failed.value)


def test_only_what_the_caller_set_is_sent(office: Office) -> None:
    office.send_once("Hello", key="a")
    office.send_once("Hello", key="b", priority=True, sender="Shop", tag="orders")
    assert office.service.requests == [
        ("message", [{"body": "Hello", "to": [{"phone_number": NUMBER}]}]),
        (
            "message/priority",
            [
                {
                    "body": "Hello",
                    "to": [{"phone_number": NUMBER}],
                    "sender": "Shop",
                    "tag": "orders",
                }
            ],
        ),
    ]


def test_the_client_adds_what_it_adds_to_every_message(office: Office) -> None:
    options = {"sender": "Shop", "auto_reference": True, "default_region": "CZ"}
    sent = office.send_once("Hello", key="a", to="777 123 456", options=options)
    [(_, [message])] = office.service.requests
    assert message["sender"] == "Shop"
    assert message["to"] == [{"phone_number": NUMBER}]
    assert message["payload"] == {"smsmanager_reference": sent[0].reference}
    # Later calls return what was sent.
    assert office.send_once("Hello", key="a", to="777 123 456") == sent


def test_a_number_that_only_the_client_s_region_explains(any_office: Office) -> None:
    options = {"default_region": "SK"}
    sent = any_office.send_once("Hello", key="a", to="0905 123 456", options=options)
    assert (sent[0].given, sent[0].phone_number) == ("0905 123 456", "421905123456")
    assert any_office.send_once("Hello", key="a", to="0905 123 456", options=options) == sent
    assert len(any_office.service.requests) == 1
    with pytest.raises(ValidationError, match="region"):
        any_office.send_once("Hello", key="b", to="0905 123 456")


@pytest.mark.parametrize("name", ["rank", "not_before", "default_region"])
def test_what_only_the_outbox_can_do_is_refused(office: Office, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        office.send_once("Hello", key="a", **{name: 5})
    assert (office.service.requests, office.state("a")) == ([], "none")


def test_several_recipients_have_one_outcome(office: Office) -> None:
    to = [f"+4207771234{n:02}" for n in range(10)]
    sent = office.send_once("Hello", key="a", to=to)
    again = office.send_once("Hello", key="a", to=to)
    assert again == sent
    assert [each.message_id for each in again] == [f"m1.0-{n}" for n in range(10)]
    assert [path for path, _ in office.service.requests] == ["messages"]


@pytest.mark.parametrize(
    ("message", "fields", "field"),
    [
        ("Hello", {"to": [NUMBER] * 11}, "to"),
        ("Hello", {"to": [NUMBER] * 2, "priority": True}, "to"),
        ("Hello", {"to": "123"}, "to"),
        ("x" * 1001, {}, "body"),
        ("Hello", {"key": ""}, "key"),
        ("Hello", {"key": "x" * 201}, "key"),
        ("Hello", {"key": "a\0"}, "key"),
        ("Hello", {"key": "\ud800"}, "key"),
        ("Hello", {"key": None}, "key"),
        ("Hello", {"expires_at": datetime(2030, 1, 1)}, "expires_at"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_kept(
    office: Office, message: str, fields: Any, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        office.send_once(message, **{"key": "a", **fields})
    assert refused.value.field == field
    assert office.state("a") == "none"
    assert office.service.requests == []


@pytest.mark.parametrize("name", ["rank", "not_before", "default_region", "base_url"])
def test_what_only_a_message_to_be_drained_has_is_refused(office: Office, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        office.send_once("Hello", key="a", **{name: 1})
    assert office.state("a") == "none"
    assert office.service.requests == []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_refusal_is_raised_when_it_is_awaited(office: Office, backend: str) -> None:
    refused: list[str] = []

    async def main() -> None:
        async with AsyncSmsManager("key", base_url="http://127.0.0.1:9/v2") as client:
            later = office.outbox.send_once(client, "x" * 1001, key="a", to=NUMBER)
            try:
                await later
            except ValidationError as error:
                refused.append(error.field)

    anyio.run(main, backend=backend)
    assert refused == ["body"]


def test_an_unknown_keyword_is_refused(office: Office) -> None:
    with pytest.raises(TypeError, match="deadline"):
        office.send_once("Hello", key="a", deadline=3)


def test_the_longest_key_fits(office: Office) -> None:
    office.send_once("Hello", key="ž" * 200)
    assert office.state("ž" * 200) == "accepted"


def test_what_the_client_refuses_leaves_the_key_free(office: Office) -> None:
    options = {"default_region": "CZ"}
    with pytest.raises(ValidationError):
        office.send_once("Hello", key="a", to="123456", options=options)
    assert office.state("a") == "none"
    office.send_once("Hello", key="a")
    assert office.state("a") == "accepted"


@pytest.mark.parametrize(
    "other",
    [
        {"message": "Hello!"},
        {"to": "+420777123457"},
        {"to": [NUMBER, NUMBER]},
        {"priority": True},
        {"sender": "Shop"},
        {"reference": "r-18"},
    ],
)
def test_a_key_identifies_one_message(office: Office, other: dict[str, Any]) -> None:
    office.send_once("Hello", key="a")
    fields = {"message": "Hello", "key": "a", **other}
    with pytest.raises(KeyConflictError, match="Nothing was sent") as refused:
        office.send_once(**fields)
    assert not refused.value.safe_to_retry
    assert NUMBER not in str(refused.value)
    assert office.service.bodies == [["Hello"]]
    with pytest.raises(KeyConflictError):
        office.add(fields.pop("message"), **fields)


def test_callbacks_and_the_order_of_a_payload_do_not_make_another_message(office: Office) -> None:
    office.send_once("Hello", key="a", callback="https://a.example/1", payload={"a": 1, "b": 2})
    again = office.send_once(
        "Hello", key="a", callback="https://a.example/2", payload={"b": 2, "a": 1}
    )
    assert again.ok
    assert len(office.service.requests) == 1


def test_a_crash_in_between_leaves_it_unknown_and_it_is_never_sent_again(
    any_office: Office,
) -> None:
    office = any_office
    office.service.on_request = lambda _: kill(office)
    with pytest.raises(DeadError):
        office.send_once("Hello", key="a", outbox=office.another())
    office.service.on_request = lambda _: None
    with pytest.raises(SendInProgressError) as busy:
        office.send_once("Hello", key="a")
    assert busy.value.safe_to_retry
    office.time.seconds += 299
    with pytest.raises(SendInProgressError):
        office.send_once("Hello", key="a")
    office.time.seconds += 1
    for _ in range(2):
        result = office.send_once("Hello", key="a")
        assert result.counts() == {"unknown": 1}
        assert not result.ok
    office.drain()
    assert len(office.service.requests) == 1
    assert office.state("a") == "unknown"


def kill(office: Office) -> None:
    """End the process that is sending: it can no longer write."""
    sender = office._open[-1]

    def transaction(*_: object) -> None:
        raise DeadError

    sender._store.transaction = transaction  # type: ignore[method-assign, assignment]
    raise DeadError


def test_an_interrupted_call_is_unknown_at_once(any_office: Office) -> None:
    any_office.service.on_request = dies
    with pytest.raises(DeadError):
        any_office.send_once("Hello", key="a")
    any_office.service.on_request = lambda _: None
    assert any_office.send_once("Hello", key="a").counts() == {"unknown": 1}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(503), ServiceError),
        (httpx.Response(429), RateLimitError),
        (httpx.Response(400, json={"Message": "wrong"}), BadRequestError),
        (httpx.Response(401), AuthenticationError),
    ],
)
def test_what_was_not_taken_is_tried_again(
    office: Office, answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    office.service.script = [answer]
    with pytest.raises(error):
        office.send_once("Hello", key="a")
    assert office.state("a") == "not_sent"
    # No drain sends it; only another call does.
    office.drain()
    assert len(office.service.requests) == 1
    assert office.send_once("Hello", key="a").ok
    assert office.service.taken == {"Hello": 1}
    entry = office.outbox.find("a")
    assert entry is not None
    # Only what the service decided on counts.
    assert (entry.tries, entry.reason) == (1 + (error is BadRequestError), None)


def test_what_was_rejected_is_tried_again(office: Office) -> None:
    reject = lambda messages: office.service.answer(messages, [], [0])  # noqa: E731
    office.service.script = [reject] * 6
    for _ in range(6):
        result = office.send_once("Hello", key="a")
        assert result.counts() == {"rejected": 1}
        assert office.state("a") == "rejected"
    assert office.send_once("Hello", key="a").ok


def test_a_recipient_that_the_answer_leaves_out_is_not_tried_again(office: Office) -> None:
    office.service.script = [lambda messages: office.service.answer(messages, [])]
    for _ in range(2):
        result = office.send_once("Hello", key="a")
        assert result.counts() == {"unconfirmed": 1}
        assert result[0].request_id == "r1"
    assert len(office.service.requests) == 1


def test_a_lost_answer_is_not_tried_again(office: Office) -> None:
    office.service.script = [httpx.ReadTimeout("late")]
    with pytest.raises(OutcomeUnknownError):
        office.send_once("Hello", key="a")
    assert office.send_once("Hello", key="a").counts() == {"unknown": 1}
    assert len(office.service.requests) == 1


def test_the_client_repeats_what_was_not_taken(any_office: Office) -> None:
    any_office.service.script = [httpx.Response(503), httpx.Response(503)]
    assert any_office.send_once("Hello", key="a", options={"retries": 2}).ok
    assert len(any_office.waits) == 2


@pytest.mark.parametrize(
    ("wait_s", "deadline_s", "requests"), [(9, None, 1), (7, None, 2), (7, 5.0, 1)]
)
def test_a_call_ends_before_its_lease_does(
    office: Office, wait_s: int, deadline_s: float | None, requests: int
) -> None:
    office.service.script = [httpx.Response(429, headers={"retry-after": str(wait_s)})]
    options = {"retries": 2, "deadline_s": deadline_s}
    with contextlib.suppress(RateLimitError):
        office.send_once("Hello", key="a", outbox=office.another(lease_s=10), options=options)
    assert len(office.service.requests) == requests


def test_a_call_that_was_held_up_before_it_left_is_not_made(office: Office) -> None:
    store = office.outbox._store
    take = store.take

    def slow(*arguments: Any) -> Any:
        taken = take(*arguments)
        office.time.seconds += 240
        return taken

    store.take = slow  # type: ignore[method-assign, assignment]
    with pytest.raises(NotSentError, match="Nothing was sent"):
        office.send_once("Hello", key="a")
    assert office.service.requests == []
    assert office.state("a") == "not_sent"


def test_waiting_for_another_process(any_office: Office) -> None:
    office = any_office
    other = office.another()
    seen: list[Any] = []

    def ask_too(_: object) -> None:
        office.service.on_request = lambda _: None
        with pytest.raises(SendInProgressError):
            other.send_once(blocking(office), "Hello", key="a", to=NUMBER)
        seen.append(office.state("a"))

    office.service.on_request = ask_too
    assert office.send_once("Hello", key="a").ok
    assert seen == ["in_flight"]

    # Another process is sending it, and finishes while this one waits.
    store = other._store
    store.take(blocking(office)._settings, row("b"), office.time(), "f" * 32)
    office.on_wait = lambda: finish(office, "b")
    result = office.send_once("b", key="b", wait_s=2)
    assert result.ok
    assert office.waits == [0.25]

    store.take(blocking(office)._settings, row("c"), office.time(), "e" * 32)
    office.on_wait = lambda: None
    office.waits.clear()
    with pytest.raises(SendInProgressError):
        office.send_once("c", key="c", wait_s=0.6)
    assert office.waits == pytest.approx([0.25, 0.25, 0.1])


def row(key: str) -> Any:
    from smsmanager.outbox._adding import new_row

    return new_row(key, key, {"to": NUMBER}, START_S, drained=False)


def finish(office: Office, key: str) -> None:
    from sqlalchemy import update

    from smsmanager.outbox.outbox_table import table

    with office.outbox._store.engine.begin() as connection:
        change = update(table).where(table.c.key == key)
        connection.execute(change.values(state="accepted", message_id="m"))


def blocking(office: Office) -> Any:
    from smsmanager import SmsManager
    from tests.outbox.conftest import BASE_URL

    return SmsManager("key", base_url=BASE_URL, transport=httpx.MockTransport(office.service))


def test_what_was_not_sent_in_time_is_not_sent(office: Office) -> None:
    office.service.script = [httpx.Response(503)]
    with pytest.raises(ServiceError):
        office.send_once("Code 1", key="a", priority=True, expires_at=at(60))
    office.time.seconds += 60
    for _ in range(2):
        with pytest.raises(MessageExpiredError, match="Nothing was sent"):
            office.send_once("Code 1", key="a", priority=True, expires_at=at(600))
        assert office.state("a") == "expired"
    assert len(office.service.requests) == 1


def test_an_expiring_message_is_not_repeated_by_the_client(office: Office) -> None:
    office.service.script = [httpx.Response(503)]
    with pytest.raises(ServiceError):
        office.send_once("Code", key="a", expires_at=at(60), options={"retries": 2})
    assert len(office.service.requests) == 1


def test_a_later_call_can_shorten_the_time(office: Office) -> None:
    office.service.script = [httpx.Response(503)]
    with pytest.raises(ServiceError):
        office.send_once("Code", key="a")
    office.time.seconds += 10
    with pytest.raises(MessageExpiredError):
        office.send_once("Code", key="a", expires_at=at(10))


def test_a_key_that_was_added_is_sent_now(office: Office) -> None:
    office.add("Hello", not_before=at(3600))
    office.service.script = [httpx.Response(503)]
    with pytest.raises(ServiceError):
        office.send_once("Hello", key="Hello")
    # It still belongs to the drain, because it was added.
    assert office.state("Hello") == "pending"
    office.time.seconds += 10
    assert office.drain().counts == {"accepted": 1}
    assert office.send_once("Hello", key="Hello").ok
    assert office.service.taken == {"Hello": 1}


def test_an_outcome_that_cannot_be_recorded_is_returned(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    sender = office.another()

    def lost(*_: object) -> None:
        raise OutboxError("lost")

    office.service.on_request = lambda _: setattr(sender._store, "note", lost)
    with caplog.at_level(logging.WARNING, "smsmanager"):
        assert office.send_once("Hello", key="a", outbox=sender).ok
    [record] = caplog.records
    assert "becomes unknown" in record.getMessage()
    assert office.state("a") == "in_flight"
    office.time.seconds += 300
    assert office.send_once("Hello", key="a").counts() == {"unknown": 1}


def test_a_session_that_is_lost_while_a_request_is_out_does_no_harm(office: Office) -> None:
    store = office.outbox._store
    note = store.note

    def once(*arguments: Any) -> None:
        store.note = note  # type: ignore[method-assign]
        raise OutboxError("lost")

    office.service.on_request = lambda _: setattr(store, "note", once)
    assert office.send_once("Hello", key="a").ok
    assert office.state("a") == "accepted"


def test_a_claim_that_cannot_be_committed_is_released(office: Office) -> None:
    """The commit may have succeeded anyway."""
    store = office.outbox._store
    take = store.take

    def lost(*arguments: Any) -> None:
        take(*arguments)
        store.take = take  # type: ignore[method-assign]
        raise OutboxError("lost at the commit")

    store.take = lost  # type: ignore[method-assign, assignment]
    with pytest.raises(OutboxError, match="at the commit"):
        office.send_once("Hello", key="a")
    assert office.state("a") == "not_sent"
    office.add("b")
    store.take = lost  # type: ignore[method-assign, assignment]
    with pytest.raises(OutboxError, match="at the commit"):
        office.send_once("b", key="b")
    assert office.state("b") == "pending"
    assert office.service.requests == []
    assert office.send_once("Hello", key="a").ok


def test_a_late_result_counts_under_its_own_fence(office: Office) -> None:
    """The lease ends while the request is in flight; nothing is sent again, and the answer still counts."""
    other = office.another()

    def slow(_: object) -> None:
        office.service.on_request = lambda _: None
        office.time.seconds += 301
        assert office.call("send_once", "Hello", key="a", to=NUMBER, outbox=other).counts() == {
            "unknown": 1
        }

    office.service.on_request = slow
    assert office.send_once("Hello", key="a").ok
    assert office.state("a") == "accepted"
    assert office.service.taken == {"Hello": 1}


def test_a_late_failure_does_not_make_it_sendable(office: Office) -> None:
    other = office.another()

    def slow(_: object) -> None:
        office.time.seconds += 301
        other._store.tend(office.time())

    office.add("Hello")
    office.service.on_request = slow
    office.service.script = [httpx.Response(503)]
    office.drain()
    assert office.state("Hello") == "unknown"


def test_a_late_result_does_not_count_under_another_fence(office: Office) -> None:
    """Another process is sending it again on request: the first one's answer says nothing about that."""
    other = office.another()
    inner: list[str] = []

    def slow(_: object) -> None:
        office.service.on_request = lambda _: kill_other(other)
        office.time.seconds += 301
        other._store.tend(office.time())
        assert other.send_again("Hello", resend_unknown=True)
        with pytest.raises(DeadError):
            office.drain(outbox=other)
        inner.append(office.state("Hello"))

    office.add("Hello")
    office.service.on_request = slow
    office.service.script = [lambda messages: office.service.answer(messages, [], [0])]
    # The answer to the second request, which is lost with its process, is first in this script.
    office.service.script.insert(0, httpx.Response(503))
    office.drain()
    assert inner == ["in_flight"]
    assert office.state("Hello") == "in_flight"


def kill_other(other: Any) -> None:
    def transaction(*_: object) -> None:
        raise DeadError

    other._store.transaction = transaction
    raise DeadError


def test_nothing_personal_is_in_errors_and_reprs(office: Office) -> None:
    office.service.script = [httpx.Response(400, json={"Message": f"bad number {NUMBER}"})]
    secret = "Secret text"
    with pytest.raises(BadRequestError) as failed:
        office.send_once(secret, key=NUMBER)
    entry = office.outbox.find(NUMBER)
    assert entry is not None
    assert entry.reason == "BadRequestError 400"
    with pytest.raises(OutboxError) as broken:
        office.another().find.__func__(BrokenOutbox(office), NUMBER)  # type: ignore[attr-defined]
    shown = f"{failed.value} {entry!r} {office.outbox!r} {broken.value} {broken.value.__cause__}"
    assert NUMBER not in shown
    assert secret not in shown
    assert office.url not in shown


class BrokenOutbox:
    """Its table is gone."""

    def __init__(self, office: Office) -> None:
        from smsmanager.outbox.outbox_table import metadata

        self._store = office.outbox._store
        metadata.drop_all(self._store.engine)


def test_no_frame_of_a_traceback_contains_the_message(any_office: Office) -> None:
    any_office.service.script = [httpx.ReadTimeout("late")]
    with pytest.raises(OutcomeUnknownError) as lost:
        any_office.send_once("Secret text", key="a")
    inside = [
        value
        for entry in lost.traceback
        if "wrapper/smsmanager" in str(entry.path)
        for value in entry.frame.f_locals.values()
    ]
    assert "Secret text" not in map(str, inside)


def test_the_time_limit_of_a_later_call_applies_to_its_request(office: Office) -> None:
    """The key was added without one."""
    office.add("Code")

    def slow(_: Any) -> httpx.Response:
        office.time.seconds += 10
        return httpx.Response(503)

    office.service.script = [slow]
    with pytest.raises(ServiceError):
        office.send_once("Code", key="Code", expires_at=at(10), options={"retries": 2})
    assert len(office.service.requests) == 1
    assert office.state("Code") == "pending"


@pytest.mark.parametrize("before", ["added", "not sent"])
def test_the_time_of_a_call_does_not_end_a_message_that_was_there(
    office: Office, before: str
) -> None:
    if before == "added":
        office.add("Code", expires_at=at(60))
    else:
        office.service.script = [httpx.Response(503)]
        with pytest.raises(ServiceError):
            office.send_once("Code", key="Code")
    state = office.state("Code")
    with pytest.raises(MessageExpiredError):
        office.send_once("Code", key="Code", expires_at=at(-1))
    assert office.state("Code") == state
    assert office.send_once("Code", key="Code").ok
