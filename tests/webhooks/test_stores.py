"""Check that all stores keep the same data."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.event import listen
from sqlalchemy.exc import SQLAlchemyError

from smsmanager import ConfigurationError, RecipientOutcome, SendResult, Status
from smsmanager.webhooks import (
    CallbackSigner,
    DeliveryReport,
    DeliveryTracker,
    Event,
    WebhookReceiver,
    parse_webhook,
)
from smsmanager.webhooks.tracker import Claims, MemoryStore, Store, _sql_engine
from smsmanager.webhooks.tracker._delivery_state import (
    EARLIER_REJECTED,
    REACHED,
    StepState,
    state_of,
)
from smsmanager.webhooks.tracker._sql_schema import CLAIMS, SENDS, STEPS
from smsmanager.webhooks.tracker.sql import SqlStore
from tests.webhooks.bodies import NUMBER, SECRET, encoded, read, referring, reply, report
from tests.webhooks.fuzzing import check, many_bodies
from tests.webhooks.test_tracker import ELEMENTS


def states(*elements: dict[str, Any]) -> list[StepState]:
    return [state_of(read(element)) for element in elements]


def outcome(index: int, status: str, **fields: Any) -> RecipientOutcome:
    return RecipientOutcome(index, "given", NUMBER, Status(status), **fields)


KEY = attrgetter("key")


def empty(store: SqlStore) -> None:
    with store._engine.begin() as connection:
        for table in (STEPS, SENDS, CLAIMS):
            connection.execute(sa.delete(table))


def test_a_state_comes_back_whole(store: Store) -> None:
    [state] = states(referring("order-17", message_id="a", timestamp=1767225600.123456))
    store.fold([state], 1.0)
    assert store.find(message_ids=["a", "b"]) == [state]
    assert store.find(references=["order-17"]) == [state]
    assert store.find(request_ids=[state.request_id or ""]) == [state]
    assert store.find(message_ids=["a"], references=["order-17"]) == [state]
    assert store.find(message_ids=["b"], references=["x"], request_ids=["y"]) == []
    [bare] = states({"type": "outgoing", "message_id": "c", "result": "expired"})
    store.fold([bare], 1.0)
    assert store.find(message_ids=["c"]) == [bare]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_time_of_the_first_report_is_kept(store: Store, order: tuple[int, int]) -> None:
    reports = [
        report(message_id="a", result=word, timestamp=t) for word, t in (("sent", 8), ("seen", 9))
    ]
    for place in order:
        store.fold(states(reports[place]), 1.0)
    [state] = store.find(message_ids=["a"])
    assert (state.result, state.began_s) == ("seen", 8)


@given(data=st.data())
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_store_folds_alike(sql_store: SqlStore, data: st.DataObject) -> None:
    batches = data.draw(st.lists(st.lists(ELEMENTS, max_size=4), max_size=5))
    empty(sql_store)
    memory = MemoryStore()
    for batch in batches:
        for store in (sql_store, memory):
            DeliveryTracker(store).apply(*parse_webhook(batch))
    for message_id in ("a", "b", "b-0"):
        kept, expected = (store.find(message_ids=[message_id]) for store in (sql_store, memory))
        assert sorted(kept, key=KEY) == sorted(expected, key=KEY)


@given(bodies=many_bodies())
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_read_can_be_stored(sql_store: SqlStore, bodies: list[bytes]) -> None:
    events = [event for body in bodies for event in check(body) or ()]
    tracker, memory = DeliveryTracker(sql_store), DeliveryTracker()
    empty(sql_store)
    tracker.apply(*events)
    memory.apply(*events)
    for event in events:
        if isinstance(event, DeliveryReport):
            assert tracker.state(event.message_id) == memory.state(event.message_id)
            for reference in [event.reference] if event.reference else []:
                tracker.status(reference)
    keys = {event.dedup_key for event in events}
    assert tracker.claim(keys).won == keys
    tracker.settle(keys)
    assert tracker.claim(keys) == Claims(frozenset(), frozenset())


def test_claims(store: Store) -> None:
    assert store.claim(["a", "b"], 10.0, 20.0).won == {"a", "b"}
    assert store.claim(["a", "b", "c"], 11.0, 21.0) == Claims(frozenset("c"), frozenset("ab"))
    store.settle(["a"])
    assert store.settled(["a", "b", "new"]) == {"a"}
    store.release(["b"])
    assert store.claim(["a", "b", "c"], 12.0, 22.0) == Claims(frozenset("b"), frozenset("c"))
    assert store.claim(["a", "b", "c"], 21.0, 31.0) == Claims(frozenset("c"), frozenset("b"))
    assert store.claim([], 1.0, 2.0) == Claims(frozenset(), frozenset())
    store.settle([])
    long = "x" * 5_000 + "\0\ud800"
    assert store.claim([long], 1.0, 2.0).won == {long}


def test_many_at_once(store: Store) -> None:
    many = [f"key-{index}" for index in range(1_234)]
    assert len(store.claim(many, 1.0, 2.0).won) == len(many)
    store.settle(many)
    assert store.claim(many, 3.0, 4.0) == Claims(frozenset(), frozenset())
    store.fold(states(*(report(message_id=key) for key in many)), 1.0)
    assert len(store.find(message_ids=many)) == len(many)


def test_sends(store: Store) -> None:
    store.record([outcome(1, "unknown", reference="r"), outcome(0, "rejected", reference="r")], 1.0)
    store.record([outcome(0, "accepted", reference="other", message_id="x")], 1.0)
    assert [one.status for one in store.recorded("r")] == [Status.REJECTED, Status.UNKNOWN]
    store.record([outcome(1, "accepted", reference="r", message_id="m", request_id="q")], 2.0)
    assert store.recorded("r") == [
        outcome(0, "rejected", reference="r"),
        outcome(1, "accepted", reference="r", message_id="m", request_id="q"),
    ]
    odd = "\0\ud800" + "x" * 500
    store.record([outcome(0, "accepted", reference=odd, message_id="y")], 1.0)
    assert [one.reference for one in store.recorded(odd)] == [odd]
    store.record([], 1.0)


def test_recipients_of_several_sends_come_in_one_order(store: Store) -> None:
    others = [attrs.evolve(outcome(0, "accepted", reference="r"), message_id=n) for n in "BA"]
    store.record([*others, outcome(1, "accepted", reference="r", message_id="0")], 1.0)
    store.record([outcome(0, "unknown", reference="r")], 1.0)
    found = [(one.index, one.message_id) for one in store.recorded("r")]
    assert found == [(0, None), (0, "A"), (0, "B"), (1, "0")]


def test_forgetting(store: Store) -> None:
    store.fold(states(referring("r", message_id="old")), 1.0)
    store.fold(states(report(message_id="young")), 5.0)
    store.record([outcome(0, "unknown", reference="r")], 1.0)
    store.claim(["a"], 1.0, 1e9)
    assert store.forget(1.0) == 0
    assert store.forget(5.0) == 3
    assert store.find(message_ids=["old", "young"], references=["r"]) != []
    assert store.find(references=["r"]) == []
    assert store.recorded("r") == []
    assert store.claim(["a"], 2.0, 3.0).won == {"a"}


def test_an_event_that_was_handled_long_ago_costs_no_write(sql_store: SqlStore) -> None:
    """This is the case for most repetitions; a write would wait for other processes."""
    sql_store.claim(["settled", "busy"], 1.0, 9.0)
    sql_store.settle(["settled"])
    written: list[str] = []

    def note(*executed: Any) -> None:
        statement: str = executed[2]
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement.split(maxsplit=1)[0])

    listen(sql_store._engine, "before_cursor_execute", note)
    assert sql_store.claim(["settled", "busy"], 2.0, 9.0) == Claims(
        frozenset(), frozenset({"busy"})
    )
    assert written == []
    assert sql_store.claim(["settled", "new"], 2.0, 9.0).won == {"new"}
    assert written == ["INSERT"]
    assert sql_store.claim(["settled", "busy", "new"], 9.0, 10.0).won == {"busy", "new"}
    assert written == ["INSERT", "UPDATE", "UPDATE"]


def test_reading_does_not_wait_for_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sql_engine, "BUSY_S", 0.0)
    store = SqlStore(f"sqlite:///{tmp_path / 'tracker.db'}")
    store.fold(states(report(message_id="a")), 1.0)
    writer = sqlite3.connect(tmp_path / "tracker.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert len(store.find(message_ids=["a"])) == 1
    with pytest.raises(SQLAlchemyError, match="locked"):
        store.fold(states(report(message_id="a", result="seen")), 1.0)
    writer.close()
    store.close()


def test_what_databases_hold_means_what_it_meant() -> None:
    """Ranks, and the times that mean "none", are compared with what earlier versions stored."""
    ranks = {"sending": 10, "sent": 20, "expired": 30, "undelivered": 40, "failed": 40}
    ranks |= {"rejected": 40, "delivered": 50, "seen": 60}
    assert {word: states(report(result=word))[0].rank for word in ranks} == ranks
    assert (REACHED, EARLIER_REJECTED) == ((50, 60), 70)
    [timeless] = states(report(timestamp=None))
    assert (timeless.began_s, timeless.known_since_s, timeless.order[1]) == (1e15, 1e15, -1e15)


def test_many_events_are_one_statement(sql_store: SqlStore) -> None:
    executed: list[str] = []

    def note(*given: Any) -> None:
        _, _, statement, _, _, is_many = given
        assert not is_many
        executed.append(statement)

    listen(sql_store._engine, "before_cursor_execute", note)
    events = [read(report(message_id=f"m-{place}", result="sent")) for place in range(100)]
    DeliveryTracker(sql_store).apply(*events, *events)
    assert [one.split()[0] for one in executed if not one.startswith("BEGIN")] == ["INSERT"]
    assert len(sql_store.find(message_ids=[f"m-{place}" for place in range(100)])) == 100


def test_what_says_nothing_new_changes_no_row(sql_store: SqlStore) -> None:
    """A repeated report neither keeps its row from being forgotten nor costs the database a change."""
    clock = [1.0]
    tracker = DeliveryTracker(sql_store, clock=lambda: clock[0])
    late = referring("r", result="sent", timestamp=9)
    early = dict(late, timestamp=None, to=None, request_id=None)
    tracker.apply(read(late))
    for clock[0], elements in ((2.0, [late, early]), (3.0, [early])):
        tracker.apply(*map(read, elements))
    assert sql_store.forget(1.5) == 1
    for known, news in (
        (late, dict(late, result="delivered")),
        (late, dict(late, timestamp=10)),
        (late, dict(late, timestamp=8)),
        (dict(late, to=None), late),
        (dict(late, request_id=None), late),
    ):
        clock[0] = 1.0
        tracker.apply(read(known))
        clock[0] = 2.0
        tracker.apply(read(news))
        assert sql_store.forget(1.5) == 0, news
        assert sql_store.forget(2.5) == 1


def test_a_tracker_on_a_database(database_url: str) -> None:
    send = SendResult((outcome(0, "unknown", reference="r"),))
    with DeliveryTracker.open(database_url) as tracker:
        tracker.record(send)
        tracker.apply(read(referring("r", result="sent")))
    with DeliveryTracker.open(database_url) as tracker:
        tracker.apply(read(referring("r")))
        tracker.apply(read(referring("r", result="sent")))
        [status] = tracker.status("r")
        assert tracker.status(send) == (status,)
        assert (status.result, status.was_taken) == ("delivered", True)
        assert status.state is not None
        assert status.state.is_delivered


def test_an_engine_of_ones_own(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    store = SqlStore(engine)
    store.fold(states(report(message_id="a")), 1.0)
    store.claim(["a"], 1.0, 2.0)
    store.close()
    assert len(SqlStore(engine, create=False).find(message_ids=["a"])) == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql+pymysql://user:secret@host/name", "driver|cannot be used|needs SQLite"),
        ("nonsense://user:secret@host/name", "cannot be used"),
        ("secret", "cannot be used"),
        # A password whose characters were not quoted is taken for a port.
        ("postgresql://user:pass@word:secret@host/name", "cannot be used"),
    ],
)
def test_databases_that_are_refused(url: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text) as caught:
        SqlStore(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(ConfigurationError):
        DeliveryTracker.open(url)


def test_another_database_of_ones_own() -> None:
    engine = sa.create_mock_engine("mysql://", lambda *_: None)
    with pytest.raises(ConfigurationError, match="SQLite or PostgreSQL"):
        SqlStore(engine)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_postgresql_means_psycopg() -> None:
    store = SqlStore("postgresql://user:secret@127.0.0.1:1/name", create=False)
    assert store._engine.url.drivername == "postgresql+psycopg"
    assert repr(store) == "SqlStore('postgresql')"
    store.close()


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "smsmanager.webhooks.tracker.sql")
    with pytest.raises(ImportError, match=r"smsmanager\[tracker\]"):
        DeliveryTracker.open("sqlite:///x.db")


@pytest.mark.skipif(os.name != "posix", reason="no such permissions")
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path / 'tracker.db'}").close()
    assert stat.S_IMODE((tmp_path / "tracker.db").stat().st_mode) == 0o600


def test_errors_show_no_number(sql_store: SqlStore) -> None:
    with sql_store._engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE smsmanager_steps"))
    with pytest.raises(SQLAlchemyError) as caught:
        sql_store.fold(states(referring("order-17")), 1.0)
    assert NUMBER not in str(caught.value)
    assert "order-17" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_takes_connections_of_its_own(sql_store: SqlStore) -> None:
    sql_store.fold(states(report(message_id="a")), 1.0)
    with sql_store._engine.connect() as connection:
        kept: Any = connection.connection.dbapi_connection
    parent = sql_store._engine.pool
    sql_store._process = -1
    assert len(sql_store.find(message_ids=["a"])) == 1
    assert sql_store._engine.pool is not parent
    assert sql_store._process == os.getpid()
    # The parent still uses its own.
    assert kept.execute("SELECT 1").fetchone() == (1,)
    parent.dispose()


def test_connections_are_kept(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    for store in (SqlStore(database_url), SqlStore(engine)):
        pool = store._engine.pool
        if not store._owned:
            store._process = -1  # the caller's engine is the caller's, also in a child
        assert store._engine.pool is pool
        store.close()
    engine.dispose()


def test_a_tracker_closes_its_store() -> None:
    closed: list[bool] = []
    store = MemoryStore()
    store.close = lambda: closed.append(True)  # type: ignore[method-assign]
    with DeliveryTracker(store) as tracker:
        assert not closed
    assert closed == [True]
    tracker.close()
    assert closed == [True, True]


@contextmanager
def before(store: SqlStore, method: str, action: Callable[[], object]) -> Iterator[None]:
    """Let something happen just before a store calls one of its methods for the first time."""
    original, actions = getattr(store, method), [action]

    def late(*arguments: Any) -> Any:
        while actions:
            actions.pop()()
        return original(*arguments)

    setattr(store, method, late)
    yield
    delattr(store, method)


@pytest.fixture
def two_stores(database_url: str) -> Iterator[tuple[SqlStore, SqlStore]]:
    """Two processes' stores on one database."""
    stores = SqlStore(database_url), SqlStore(database_url)
    yield stores
    for store in stores:
        store.close()


@pytest.mark.parametrize("is_settled", [True, False])
def test_an_ended_claim_is_won_once(
    two_stores: tuple[SqlStore, SqlStore], *, is_settled: bool
) -> None:
    first, second = two_stores
    assert first.claim(["a", "b"], 10.0, 20.0).won == {"a", "b"}

    def overtake() -> None:
        assert first.claim(["a"], 20.0, 30.0).won == {"a"}
        if is_settled:
            first.settle(["a"])

    with before(second, "_take", overtake):
        assert second.claim(["a", "b"], 20.0, 30.0) == Claims(frozenset("b"), frozenset("a"))
    assert second.claim(["a"], 21.0, 31.0).busy == (set() if is_settled else {"a"})
    assert second.claim(["a", "b"], 29.9, 40.0).won == set()
    assert second.claim(["b"], 30.0, 40.0).won == {"b"}


@pytest.mark.parametrize(
    ("then", "is_busy"), [("claims", True), ("settles", False), ("fails", True)]
)
def test_a_claim_that_was_lost_is_acknowledged_only_if_it_was_settled(
    two_stores: tuple[SqlStore, SqlStore],
    monkeypatch: pytest.MonkeyPatch,
    then: str,
    *,
    is_busy: bool,
) -> None:
    first, second = two_stores

    def overtake() -> None:
        assert first.claim(["a"], 10.0, 20.0).won == {"a"}

    def go_on() -> None:
        if then == "settles":
            first.settle(["a"])
        elif then == "fails":
            first.release(["a"])

    take = second._take

    def late(*arguments: Any) -> Any:
        overtake()
        taken = take(*arguments)
        go_on()
        return taken

    monkeypatch.setattr(second, "_take", late)
    claims = second.claim(["a", "b"], 10.0, 20.0)
    assert claims == Claims(frozenset("b"), frozenset("a" if is_busy else ""))


@pytest.mark.parametrize("method", ["fold", "claim", "claim again", "settle", "release", "record"])
def test_every_process_locks_rows_in_one_order(sql_store: SqlStore, method: str) -> None:
    """Two that lock the same rows in different orders wait for each other, until the database ends one."""
    keys = [f"key-{index}" for index in range(20)]
    if method in {"claim again", "settle", "release"}:
        sql_store.claim(keys, 1.0, 2.0)
    locked: list[list[Any]] = []

    def note(*executed: Any) -> None:
        _, _, statement, parameters, *_ = executed
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            locked[-1].append(parameters)

    listen(sql_store._engine, "before_cursor_execute", note)
    for order in (keys, keys[::-1]):
        locked.append([])
        match method:
            case "fold":
                sql_store.fold(states(*(report(message_id=key) for key in order)), 1.0)
                empty(sql_store)
            case "claim" | "claim again":
                sql_store.claim(order, 5.0, 6.0)
                if method == "claim":
                    empty(sql_store)
                else:
                    with sql_store._engine.begin() as connection:
                        connection.execute(sa.update(CLAIMS).values(until_s=2.0))
            case "record":
                several = [outcome(0, "accepted", message_id=key, reference="r") for key in order]
                sql_store.record(several, 1.0)
                empty(sql_store)
            case _:
                getattr(sql_store, method)(order)
    assert repr(locked[0]) == repr(locked[1])
    assert len(re.findall(r"key-\d|[0-9a-f]{64}", repr(locked[0]))) > len(keys) / 2


EARLIER = Path(__file__).with_name("earlier_tracker.sql").read_text(encoding="utf-8")


@pytest.fixture
def earlier_store(database_url: str) -> Iterator[SqlStore]:
    """A store on a database that the first version filled."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        for statement in EARLIER.partition("\n")[2].split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    store = SqlStore(database_url)
    yield store
    store.close()


def test_what_an_earlier_version_stored(earlier_store: SqlStore) -> None:
    tracker = DeliveryTracker(earlier_store)
    [status] = tracker.status("order-17")
    assert (status.message_id, status.result) == ("m-0", "delivered")
    assert status.state is not None
    assert status.state.result_info.code == 0
    state = tracker.state("m")
    assert state == tracker.state("m-0", reference="order-17") == status.state
    assert tracker.state("m-0", reference="order-18") is None
    # It cut long references.
    [status] = tracker.status("x" * 250)
    assert (status.message_id, status.result, status.was_taken) == ("long", "delivered", True)
    assert [one.result for one in tracker.status("x" * 200)] == []


def test_reports_go_on_from_what_an_earlier_version_stored(earlier_store: SqlStore) -> None:
    tracker = DeliveryTracker(earlier_store)
    state = tracker.state("n")
    assert state is not None
    assert (state.is_rejected, state.gateway) == (True, "viber")
    tracker.apply(read(report(message_id="n", timestamp=1767225700)))
    state = tracker.state("n")
    assert state is not None
    assert (str(state.result), state.gateway) == ("delivered", "sms")
    tracker.apply(read(referring("order-17", message_id="m-0", result="sending")))
    assert [str(one.result) for one in tracker.status("order-17")] == ["delivered"]
    tracker.apply(read(referring("order-17", message_id="m-0", result="seen")))
    assert [str(one.result) for one in tracker.status("order-17")] == ["seen"]
    tracker.apply(read(referring("order-18", message_id="m-0", result="seen", gateway="viber")))
    assert [str(one.state.gateway) for one in tracker.status("order-17") if one.state] == ["sms"]


def test_events_that_an_earlier_version_handled(earlier_store: SqlStore) -> None:
    signer = CallbackSigner("https://example.com/sms", SECRET)
    tracker = DeliveryTracker(earlier_store)
    receiver = WebhookReceiver(callbacks=signer, tracker=tracker, once=True, acknowledge="after")
    seen: list[Event] = []

    def handler(event: Event) -> None:
        seen.append(event)

    handler.__module__, handler.__qualname__ = "shop", "handler"
    receiver.on()(handler)
    query = urlsplit(signer.callback_for("order-17")).query
    handled = (
        referring("order-17", message_id="m-0"),
        reply(payload={"customID": "order-17"}),
        17,
    )
    new = referring("order-17", message_id="m-0", result="seen")
    for _ in range(3):
        assert receiver.handle("POST", {}, query, encoded(*handled, new)).status == 204
    assert [getattr(event, "result", None) for event in seen] == ["seen"]


def test_forgetting_what_an_earlier_version_stored(earlier_store: SqlStore) -> None:
    tracker = DeliveryTracker(earlier_store)
    assert earlier_store.forget(1767225700.0) == 0
    assert earlier_store.forget(1767225701.0) == 3 + 2 + 3
    assert tracker.state("m") is None
    assert tracker.status("order-17") == ()
