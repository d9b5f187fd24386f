"""Draining: order, requests, failures, and several workers."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from smsmanager import (
    AuthenticationError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ServiceError,
)
from smsmanager.outbox import Outbox, OutboxError, OutboxStats
from smsmanager.outbox.outbox_table import table
from tests.outbox.conftest import NUMBER, START_S, Office
from tests.outbox.test_send_once import DeadError, at, blocking, dies, kill


def test_requests_are_filled_in_order_of_need(either_office: Office) -> None:
    office = either_office
    for place in range(12):
        office.add(f"campaign {place:02}")
        office.time.seconds += 0.001
    office.add("urgent", rank=50)
    office.add("code 1", priority=True)
    office.time.seconds += 0.001
    office.add("code 2", priority=True)
    assert office.drain().counts == {"accepted": 15}
    assert [path for path, _ in office.service.requests] == [
        "message/priority",
        "message/priority",
        "messages",
        "messages",
    ]
    assert office.service.bodies == [
        ["code 1"],
        ["code 2"],
        ["urgent", *(f"campaign {place:02}" for place in range(9))],
        ["campaign 09", "campaign 10", "campaign 11"],
    ]


def test_a_hundred_recipients_take_one_request(any_office: Office) -> None:
    numbers = [f"420777{place:06}" for place in range(100)]
    for place in range(10):
        any_office.add(f"to {place}", to=numbers[place * 10 : place * 10 + 10])
    any_office.drain()
    [(path, messages)] = any_office.service.requests
    assert path == "messages"
    assert [to["phone_number"] for each in messages for to in each["to"]] == numbers
    entry = any_office.outbox.find("to 3")
    assert entry is not None
    assert entry.result is not None
    assert [each.message_id for each in entry.result] == [f"m1.3-{n}" for n in range(10)]
    assert [each.phone_number for each in entry.result] == numbers[30:40]
    assert {each.request_id for each in entry.result} == {"r1"}
    assert {each.message_index for each in entry.result} == {0}


def test_one_that_is_alone_goes_as_send_would_send_it(office: Office) -> None:
    office.add("Hello")
    office.drain()
    assert office.service.requests == [
        ("message", [{"body": "Hello", "to": [{"phone_number": NUMBER}]}])
    ]


def test_the_priority_queue_does_not_hold_the_others(office: Office) -> None:
    office.add("first", rank=0)
    office.time.seconds += 1
    office.add("code", priority=True)
    office.add("last")
    office.drain()
    assert office.service.bodies == [["first", "last"], ["code"]]


def test_most_bounds_a_drain(office: Office) -> None:
    for place in range(13):
        office.add(f"{place:02}")
    assert office.drain(most=12).counts == {"accepted": 12}
    assert [len(messages) for messages in office.service.bodies] == [10, 2]
    assert office.drain(most=1).counts == {"accepted": 1}
    assert office.drain(most=0).counts == {}


def test_each_key_has_its_own_outcome(office: Office) -> None:
    for text in "abc":
        office.add(text)
    office.service.script = [lambda messages: office.service.answer(messages, [2], [0])]
    drained = office.drain()
    assert drained.counts == {"pending": 1, "unconfirmed": 1, "accepted": 1}
    assert (office.state("a"), office.state("b"), office.state("c")) == (
        "pending",
        "unconfirmed",
        "accepted",
    )
    office.time.seconds += 2
    office.drain()
    assert office.service.bodies == [["a", "b", "c"], ["a"]]


def test_a_message_that_the_service_refuses_does_not_touch_the_others(any_office: Office) -> None:
    office = any_office
    for text in ("a", "bad", "c"):
        office.add(text)

    def refuse(messages: list[Any]) -> httpx.Response:
        if any(message["body"] == "bad" for message in messages):
            return httpx.Response(400, json={"Message": "no"})
        return office.service.accept(messages)

    office.service.script = [refuse] * 4
    drained = office.drain()
    assert drained.counts == {"accepted": 2, "not_sent": 1}
    assert drained.failure is None
    assert office.service.bodies == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]
    entry = office.outbox.find("bad")
    assert entry is not None
    assert (entry.state, entry.reason, entry.tries) == ("not_sent", "BadRequestError 400", 1)
    office.time.seconds += 1e6
    assert office.drain().counts == {}


def test_what_a_request_left_out_is_not_sent_twice_when_the_next_is_refused(
    office: Office,
) -> None:
    """Ten messages can be too large for one request: those of the first request were taken."""
    long = {"payload": {"data": "x" * 30_000}}
    for text in ("a", "b", "c", "d", "e", "f"):
        office.add(text, **long)
    office.service.script = [office.service.accept, httpx.Response(400, json={"Message": "no"})]
    assert office.drain().counts == {"accepted": 6}
    assert office.service.bodies == [["a", "b", "c", "d"], ["e", "f"], ["e"], ["f"]]


def test_what_the_client_refuses_does_not_touch_the_others(either_office: Office) -> None:
    office = either_office
    office.add("a")
    office.add("bad", to="123456")
    office.add("c")
    drained = office.drain(options={"default_region": "CZ"})
    assert drained.counts == {"accepted": 2, "not_sent": 1}
    assert office.service.bodies == [["a", "c"]]
    entry = office.outbox.find("bad")
    assert entry is not None
    assert (entry.reason, entry.result) == ("refused by the client: to", None)
    assert entry.settled_at == at(0)
    # Once corrected, it is sent.
    assert office.outbox.send_again("bad")
    assert office.drain().counts == {"accepted": 1}


def test_a_row_that_cannot_be_read_does_not_touch_the_others(either_office: Office) -> None:
    """An earlier version stored a row that it could not read."""
    office = either_office
    for text in ("a", "bad", "c"):
        office.add(text)
    content = {"body": "x", "flow": [{"sms": {"gateway": "higher"}}]}
    message = json.dumps({"priority": False, "to": [NUMBER], "content": content})
    with office.outbox._store.engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.key == "bad").values(message=message))
    assert office.drain().counts == {"accepted": 2, "not_sent": 1}
    entry = office.outbox.find("bad")
    assert entry is not None
    assert entry.reason == "refused by the client: message"


def test_a_callback_that_cannot_be_made_does_not_touch_the_others(office: Office) -> None:
    class Signer:
        def callback_for(self, reference: str | None, _: Any) -> str:
            if reference == "bad":
                raise ZeroDivisionError
            return "https://shop.example/sms"

    for text in ("a", "bad", "c"):
        office.add(text, reference=text)
    options = {"callbacks": Signer()}
    assert office.drain(options=options).counts == {"accepted": 2, "pending": 1}
    entry = office.outbox.find("bad")
    assert entry is not None
    assert (entry.state, entry.reason) == (
        "pending",
        "not prepared by the client: ZeroDivisionError",
    )
    office.time.seconds += 300
    assert office.drain().counts == {"accepted": 1}


@pytest.mark.parametrize(
    ("answer", "kind", "waits_s"),
    [
        (httpx.Response(503), ServiceError, 2),
        (httpx.Response(500), ServiceError, 2),
        (httpx.Response(429), RateLimitError, 2),
        (httpx.Response(429, headers={"retry-after": "40"}), RateLimitError, 40),
    ],
)
def test_trouble_at_the_service_ends_a_drain_and_loses_nothing(
    either_office: Office, answer: httpx.Response, kind: type[Exception], waits_s: float
) -> None:
    office = either_office
    for place in range(12):
        office.add(f"{place:02}")
    office.service.script = [answer]
    drained = office.drain()
    assert drained.counts == {"pending": 10}
    assert isinstance(drained.failure, kind)
    office.time.seconds += waits_s - 1
    assert office.drain().counts == {"accepted": 2}
    office.time.seconds += 1
    assert office.drain().counts == {"accepted": 10}
    assert set(office.service.taken.values()) == {1}


@pytest.mark.parametrize("status", [404, 405, 409, 451])
def test_an_answer_that_is_not_about_the_message_ends_a_drain_and_loses_nothing(
    office: Office, status: int
) -> None:
    """The client's URL is wrong, or there is a proxy in between."""
    for place in range(3):
        office.add(f"{place}")
    office.service.script = [httpx.Response(status, text="<html>")] * 3
    drained = office.drain()
    assert drained.counts == {"pending": 3}
    assert drained.failure is not None
    assert len(office.service.requests) == 1
    office.service.script = []
    office.time.seconds += 2
    assert office.drain().counts == {"accepted": 3}


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_an_answer_about_the_message_is_final(office: Office, status: int) -> None:
    office.add("Hello")
    office.service.script = [httpx.Response(status, text="no")]
    assert office.drain().counts == {"not_sent": 1}


def test_a_sender_of_the_client_that_cannot_be_used_is_raised_and_everything_stays(
    office: Office,
) -> None:
    office.add("Hello", sender="Shop")
    office.add("Bye")
    with pytest.raises(ConfigurationError, match="SMSMANAGER_SENDER"):
        office.drain(options={"sender": "WayTooLongASender"})
    assert office.outbox.stats().counts == {"pending": 2}
    assert office.drain(options={"sender": "Shop"}).counts == {"accepted": 2}


def test_waits_grow_to_five_minutes(office: Office) -> None:
    office.add("Hello")
    waited: list[float] = []
    for _ in range(12):
        office.service.script = [httpx.Response(503)]
        office.drain()
        with office.outbox._store.reading() as connection:
            due = connection.execute(sa.select(table.c.due_s)).scalar_one()
        waited.append(due - office.time())
        office.time.seconds = due
    assert waited == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert office.drain().counts == {"accepted": 1}


@pytest.mark.parametrize(
    "outage",
    [
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(401),
        httpx.Response(404),
        httpx.ConnectError("refused"),
    ],
)
def test_an_outage_does_not_count_as_a_try(
    either_office: Office, outage: httpx.Response | Exception
) -> None:
    """Only the service's decisions count as tries, so the outbox gives up no message in an outage."""
    office = either_office

    def tries() -> int:
        entry = office.outbox.find("Hello")
        assert entry is not None
        return entry.tries

    def rejects(messages: list[Any]) -> httpx.Response:
        return office.service.answer(messages, accepted=[], rejected=[0])

    office.add("Hello")
    for rejections in range(4):
        for _ in range(3):
            office.service.script = [outage]
            with suppress(AuthenticationError):
                office.drain()
            office.time.seconds += 600
            assert (office.state("Hello"), tries()) == ("pending", rejections)
        office.service.script = [rejects]
        assert office.drain().counts == {"pending": 1}
        office.time.seconds += 600
    office.service.script = [rejects]
    assert office.drain().counts == {"rejected": 1}
    assert tries() == 5


def test_a_message_that_is_sent_again_after_a_long_time_waits_briefly(office: Office) -> None:
    office.add("Hello")
    office.service.script = [httpx.Response(400)]
    office.drain()
    office.time.seconds += 86_400
    assert office.outbox.send_again("Hello")
    office.service.script = [httpx.Response(503)]
    office.drain()
    office.time.seconds += 2
    assert office.drain().counts == {"accepted": 1}


def test_a_claim_that_never_left_does_not_count_as_a_try(office: Office) -> None:
    """The service refuses two messages together; sending each alone is interrupted by an outage."""
    for text in ("a", "b"):
        office.add(text)
    office.service.script = [httpx.Response(400), httpx.Response(503)]
    assert office.drain().counts == {"pending": 2}
    entries = [office.outbox.find(key) for key in ("a", "b")]
    assert [entry and entry.tries for entry in entries] == [0, 0]


def test_no_connection_at_all(office: Office) -> None:
    """With the client's own transport, a refused connection is certainly not sent."""
    from smsmanager import SmsManager

    office.add("Hello")
    with SmsManager("key", base_url="http://127.0.0.1:9/v2", retries=0) as client:
        drained = office.outbox.drain(client)
    assert drained.counts == {"pending": 1}
    assert isinstance(drained.failure, NotSentError)
    assert repr(drained) == "Drained(1 pending, failure=NotSentError)"


def test_a_lost_answer_ends_a_drain_and_is_never_sent_again(any_office: Office) -> None:
    office = any_office
    for place in range(12):
        office.add(f"{place:02}")
    office.service.script = [httpx.ReadTimeout("late")]
    drained = office.drain()
    assert drained.counts == {"unknown": 10}
    assert isinstance(drained.failure, OutcomeUnknownError)
    office.time.seconds += 1e6
    assert office.drain().counts == {"accepted": 2}
    assert office.service.taken == {"10": 1, "11": 1}


@pytest.mark.parametrize("refusals", [0, 1])
def test_a_refused_account_is_raised_and_everything_stays(office: Office, refusals: int) -> None:
    office.add("a")
    office.add("b")
    no = httpx.Response(400, json={"Message": "wrong"})
    office.service.script = [*[no] * refusals, httpx.Response(401)]
    with pytest.raises(AuthenticationError):
        office.drain()
    assert (office.state("a"), office.state("b")) == ("pending", "pending")
    office.time.seconds += 10
    assert office.drain().counts == {"accepted": 2}


def test_a_client_that_cannot_send_is_raised_and_everything_stays(office: Office) -> None:
    office.add("Hello")
    client = blocking(office)
    client.close()
    with pytest.raises(ConfigurationError):
        office.outbox.drain(client)
    assert office.state("Hello") == "pending"


def test_what_is_rejected_is_sent_five_times_at_most(office: Office) -> None:
    office.add("Hello")
    reject: Any = lambda messages: office.service.answer(messages, [], [0])  # noqa: E731
    office.service.script = [reject] * 9
    for _ in range(9):
        office.drain()
        office.time.seconds += 1000
    assert len(office.service.requests) == 5
    assert office.state("Hello") == "rejected"
    assert not office.outbox.send_again("nothing")
    assert office.outbox.send_again("Hello")
    office.service.script = []
    office.drain()
    assert office.service.taken == {"Hello": 1}


def test_a_rejected_message_expires(office: Office) -> None:
    office.add("Code", expires_at=at(10))

    def slow(messages: list[Any]) -> httpx.Response:
        office.time.seconds += 10
        return office.service.answer(messages, [], [0])

    office.service.script = [slow]
    assert office.drain().counts == {"rejected": 1}
    office.add("Code 2", expires_at=at(30))
    office.service.script = [lambda messages: office.service.answer(messages, [], [0])]
    office.drain()
    assert office.state("Code 2") == "pending"
    office.time.seconds += 20
    assert office.drain().counts == {"expired": 1}


def test_a_code_whose_time_ends_with_its_request_is_expired(office: Office) -> None:
    office.add("Code", expires_at=at(10), priority=True)

    def slow(_: list[Any]) -> httpx.Response:
        office.time.seconds += 10
        return httpx.Response(503)

    office.service.script = [slow]
    assert office.drain(options={"retries": 2}).counts == {"expired": 1}
    # The client did not repeat it beyond its time.
    assert len(office.service.requests) == 1


def test_a_code_that_expires_before_its_turn_is_not_sent(office: Office) -> None:
    """The claim, or an earlier one, was slow."""
    office.add("a")
    office.add("code", expires_at=at(10))
    refuse = httpx.Response(400, json={"Message": "no"})

    def slow(messages: list[Any]) -> httpx.Response:
        office.time.seconds += 10
        return office.service.accept(messages)

    office.service.script = [refuse, slow]
    drained = office.drain()
    assert drained.counts == {"accepted": 1, "expired": 1}
    assert office.service.taken == {"a": 1}
    assert office.service.bodies == [["a", "code"], ["a"]]


def test_a_drain_that_was_held_up_sends_nothing(office: Office) -> None:
    office.add("Hello")
    store = office.outbox._store
    claim_next = store.claim_next

    def slow(*arguments: Any, **options: Any) -> Any:
        claimed = claim_next(*arguments, **options)
        office.time.seconds += 240
        return claimed

    store.claim_next = slow  # type: ignore[method-assign]
    assert isinstance(office.drain().failure, NotSentError)
    assert office.service.requests == []
    assert office.state("Hello") == "pending"


def test_the_client_repeats_what_was_not_taken(any_office: Office) -> None:
    any_office.add("Hello")
    any_office.service.script = [httpx.Response(503)]
    assert any_office.drain(options={"retries": 1}).counts == {"accepted": 1}
    assert len(any_office.waits) == 1


def test_a_crash_leaves_what_was_in_flight_unknown(either_office: Office) -> None:
    office = either_office
    for place in range(12):
        office.add(f"{place:02}")
    office.service.on_request = lambda _: kill(office)
    with pytest.raises(DeadError):
        office.drain(outbox=office.another())
    office.service.on_request = lambda _: None
    # Messages that it had not claimed are sent; the others belong to no process until the lease ends.
    assert office.drain().counts == {"accepted": 2}
    assert office.outbox.stats() == OutboxStats({"in_flight": 10}, 0.0)  # type: ignore[dict-item]
    office.time.seconds += 299
    assert office.drain().counts == {}
    office.time.seconds += 1
    assert office.drain().counts == {"unknown": 10}
    assert office.drain().counts == {}
    assert set(office.service.taken.values()) == {1}


def test_an_interrupted_drain_gives_back_what_never_left(any_office: Office) -> None:
    office = any_office
    office.add("a")
    office.add("b")
    office.add("c")

    def interrupt(messages: list[Any]) -> None:
        if len(messages) == 1 and messages[0]["body"] == "b":
            raise DeadError

    office.service.on_request = interrupt
    office.service.script = [httpx.Response(400, json={"Message": "no"})]
    with pytest.raises(DeadError):
        office.drain()
    assert [office.state(key) for key in "abc"] == ["accepted", "unknown", "pending"]


def test_a_database_that_fails_after_the_answer(office: Office) -> None:
    for place in range(3):
        office.add(f"{place}")
    sender = office.another()

    def lost(*_: object) -> None:
        raise OutboxError("lost")

    office.service.on_request = lambda _: setattr(sender._store, "note", lost)
    with pytest.raises(OutboxError):
        office.drain(outbox=sender)
    office.time.seconds += 300
    assert office.drain().counts == {"unknown": 3}
    assert len(office.service.requests) == 1


def test_a_claim_that_cannot_be_committed_is_released(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.add("Hello")
    store = office.outbox._store
    claim_next, release = store.claim_next, store.release

    def lost(*arguments: Any, **options: Any) -> None:
        claim_next(*arguments, **options)
        raise OutboxError("lost at the commit")

    def also_lost(_: str) -> None:
        raise OutboxError("still lost")

    store.claim_next = lost  # type: ignore[method-assign, assignment]
    with pytest.raises(OutboxError, match="at the commit"):
        office.drain()
    assert office.state("Hello") == "pending"
    store.release = also_lost  # type: ignore[method-assign, assignment]
    with pytest.raises(OutboxError, match="at the commit"):
        office.drain()
    assert "becomes unknown" in caplog.text or "become unknown" in caplog.text
    assert office.state("Hello") == "in_flight"
    store.claim_next, store.release = claim_next, release  # type: ignore[method-assign]
    office.time.seconds += 300
    assert office.drain().counts == {"unknown": 1}
    assert office.service.requests == []


def test_two_drains_at_once_send_each_message_once(either_office: Office) -> None:
    office = either_office
    for place in range(40):
        office.add(f"{place:02}")
    other = office.another()
    seen: list[int] = []

    def drain_too(messages: list[Any]) -> None:
        # Another worker, while this request is in flight, takes the rest.
        office.service.on_request = lambda _: None
        seen.append(sum(office.call("drain", outbox=other).counts.values()))

    office.service.on_request = drain_too
    assert office.drain().counts == {"accepted": 10}
    assert seen == [30]
    assert set(office.service.taken.values()) == {1}
    assert len(office.service.taken) == 40


def test_a_locked_row_is_skipped(postgresql_office: Office) -> None:
    """A row that another worker is about to claim neither blocks nor is taken."""
    office = postgresql_office
    for place in range(3):
        office.add(f"{place}")
    office.add("late", expires_at=at(1))
    engine = office.outbox._store.engine
    office.time.seconds += 2
    with engine.begin() as other:
        locked = sa.select(table.c.key).where(table.c.key.in_(["1", "late"])).with_for_update()
        other.execute(locked)

        @event.listens_for(engine, "begin")
        def never_wait(connection: Any) -> None:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")

        assert office.drain().counts == {"accepted": 2}
        assert office.outbox.purge(-10) == 2
    event.remove(engine, "begin", never_wait)
    assert office.drain().counts == {"accepted": 1, "expired": 1}


def test_what_is_locked_is_purged_later(postgresql_office: Office) -> None:
    """For instance, a report is being recorded for it: nothing waits for it, and the rest is deleted."""
    office = postgresql_office
    office.add("0")
    office.add("1")
    office.drain()
    engine = office.outbox._store.engine
    with engine.begin() as other:
        other.execute(sa.select(table.c.key).where(table.c.key == "0").with_for_update())

        @event.listens_for(engine, "begin")
        def never_wait(connection: Any) -> None:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")

        assert office.outbox.purge(-10) == 1
    event.remove(engine, "begin", never_wait)
    assert office.state("0") == "accepted"
    assert office.outbox.purge(-10) == 1


def test_a_claim_is_durable_even_where_the_database_is_not(postgresql_office: Office) -> None:
    office = postgresql_office
    engine = office.outbox._store.engine
    seen: list[str] = []

    @event.listens_for(engine, "commit")
    def look(connection: Any) -> None:
        found = connection.connection.dbapi_connection.execute("SHOW synchronous_commit")
        seen.append(found.fetchone()[0])

    office.send_once("Hello", key="a")
    office.add("b")
    office.drain()
    event.remove(engine, "commit", look)
    # take, note; add; tend, claim, note, claim of nothing.
    assert seen == ["on", "off", "off", "off", "on", "off", "on"]


def test_a_terminated_session_sends_nothing_twice(postgresql_office: Office) -> None:
    office = postgresql_office
    for place in range(5):
        office.add(f"{place}")
    engine = office.outbox._store.engine

    def terminate(_: object) -> None:
        with office.another()._store.engine.begin() as other:
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            others = "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            other.execute(sa.text(f"{end} {others}"))

    office.service.on_request = terminate
    assert office.drain().counts == {"accepted": 5}
    assert set(office.service.taken.values()) == {1}
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_workers_in_threads(postgresql_office: Office) -> None:
    office = postgresql_office
    for place in range(200):
        office.add(f"{place:03}")
    lock = threading.Lock()
    service = office.service
    accept = service.accept

    def one_by_one(messages: list[Any]) -> httpx.Response:
        with lock:
            return accept(messages)

    service.accept = one_by_one  # type: ignore[method-assign]
    outboxes = [office.another() for _ in range(4)]
    workers = [
        threading.Thread(target=lambda each=each: office.call("drain", outbox=each))
        for each in outboxes
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    office.drain()
    assert len(service.taken) == 200
    assert set(service.taken.values()) == {1}


def test_stats_tell_the_age_of_the_oldest(either_office: Office) -> None:
    office = either_office
    assert office.outbox.stats() == OutboxStats({}, 0.0)
    office.add("a")
    office.add("later", not_before=at(100))
    office.time.seconds += 30
    office.add("b")
    stats = office.outbox.stats()
    assert stats.counts == {"pending": 3}
    assert stats.age_s == pytest.approx(30)
    office.drain()
    office.time.seconds += 20
    assert office.outbox.stats() == OutboxStats({"pending": 1}, 0.0)  # type: ignore[dict-item]


def test_purging_removes_what_was_settled_long_ago(either_office: Office) -> None:
    office = either_office
    office.add("taken")
    office.add("late", expires_at=at(1))
    office.service.script = [office.service.accept]
    office.drain(most=0)
    office.time.seconds += 1
    office.drain()
    office.add("lost")
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    office.add("pending", not_before=at(1e8))
    office.service.on_request = dies
    office.outbox._store.take(
        blocking(office)._settings, row_of("in flight"), office.time(), "f" * 32
    )
    assert office.outbox.purge(1) == 0
    office.time.seconds += 10
    assert office.outbox.purge(9.5) == 3
    assert [office.state(k) for k in ("taken", "late", "lost", "pending", "in flight")] == [
        "none",
        "none",
        "none",
        "pending",
        "in_flight",
    ]


def row_of(key: str) -> Any:
    from smsmanager.outbox._adding import new_row

    return new_row(key, key, {"to": NUMBER}, START_S, drained=False)


def test_an_unknown_message_is_sent_again_only_if_the_caller_asks(either_office: Office) -> None:
    office = either_office
    office.add("Hello")
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    assert not office.outbox.send_again("Hello")
    assert office.drain().counts == {}
    assert office.outbox.send_again("Hello", resend_unknown=True)
    entry = office.outbox.find("Hello")
    assert entry is not None
    assert (entry.state, entry.tries) == ("pending", 0)
    assert not office.outbox.send_again("Hello", resend_unknown=True)
    assert office.drain().counts == {"accepted": 1}
    assert not office.outbox.send_again("Hello", resend_unknown=True)


def test_where_an_outbox_cannot_be() -> None:
    for url in (
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://localhost/x",
        "nonsense",
        "oracle://x/y",
    ):
        with pytest.raises(ConfigurationError):
            Outbox(url)
    with pytest.raises(ConfigurationError, match="lease_s"):
        Outbox("sqlite:///x.db", lease_s=0)
    unusable: Any = object()
    with pytest.raises(ConfigurationError, match="engine"):
        Outbox(unusable)
