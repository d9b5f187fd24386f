"""Adding in the caller's own transaction."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from smsmanager import ConfigurationError, ValidationError, Viber, compose
from smsmanager.outbox import KeyConflictError, Outbox, OutboxError, add
from smsmanager_jsonapi import models
from tests.outbox.conftest import NUMBER, Office
from tests.outbox.test_send_once import at

UNCHECKED: Any = models


def test_nothing_is_sent_unless_the_transaction_commits(either_office: Office) -> None:
    office = either_office
    engine = office.outbox._store.engine
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        assert add(connection, "rolled back", key="a", to=NUMBER)
        connection.rollback()
    with Session(engine) as session, suppress(ZeroDivisionError), session.begin():
        add(session, "failed", key="b", to=NUMBER)
        raise ZeroDivisionError
    with Session(engine) as session, session.begin():
        assert add(session, "committed", key="c", to=NUMBER)
    office.time.seconds = 4e9
    assert office.drain().counts == {"accepted": 1}
    assert office.service.taken == {"committed": 1}
    assert (office.state("a"), office.state("b"), office.state("c")) == ("none", "none", "accepted")


def test_a_key_is_added_once(either_office: Office) -> None:
    assert either_office.add("Hello")
    assert not either_office.add("Hello")
    with pytest.raises(KeyConflictError):
        either_office.add("Hello!", key="Hello")
    either_office.drain()
    assert not either_office.add("Hello")
    either_office.drain()
    assert either_office.service.taken == {"Hello": 1}


@pytest.mark.parametrize("rank", ["first", True, 40_000])
def test_a_rank_that_is_none_is_refused(office: Office, rank: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        office.add("Hello", rank=rank)
    assert (refused.value.field, office.state("Hello")) == ("rank", "none")


def test_the_region_of_national_numbers_is_kept(office: Office) -> None:
    """No client is involved, and the client that drains can have another region."""
    with pytest.raises(ValidationError, match="region"):
        office.add("Hello", to="0905 123 456")
    assert office.add("Hello", to="0905 123 456", default_region="SK")
    assert office.drain(options={"default_region": "CZ"}).counts == {"accepted": 1}
    [(_, [message])] = office.service.requests
    assert message["to"] == [{"phone_number": "421905123456"}]
    with pytest.raises(ConfigurationError, match="default_region"):
        office.add("Hello", key="b", default_region="Slovakia")


def test_a_whole_message_with_a_flow_is_sent_as_it_is(office: Office) -> None:
    fields: dict[str, Any] = {
        "flow": [Viber(ttl=5, ttl_condition="seen")],
        "at": "2040-01-07T08:00:00+01:00",
        "window": {"days": ["monday"], "start": "08:00", "tz": "Europe/Prague"},
        "payload": {"b": [1, None], "a": {"ž": "\u2028"}},
        "params": {"_url": {"type": "all"}},
        "callback": {"url": "https://shop.example/sms", "batch_size": 3},
        "sender": "Shop",
    }
    message = compose("Hello\0", to=["+420 777 123 456", NUMBER], **fields)
    with office.outbox._store.engine.begin() as connection:
        add(connection, message, key="a")
    office.time.seconds = 4e9
    office.drain()
    sent = office.service.requests[0][1][0]
    office.call("send_once", message, key="b")
    assert office.service.requests[1][1][0] == sent
    recipients = [{"phone_number": NUMBER}] * 2
    assert sent == {**message.to_dict(), "to": recipients, "datetime": "2040-01-07T07:00:00Z"}


def test_a_session_of_asyncio(tmp_path: Path) -> None:
    added: list[bool] = []

    class AsyncConnection:
        """As in `sqlalchemy.ext.asyncio`: `execute` is a coroutine function."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection

        async def execute(self, *arguments: Any) -> Any:
            return self._connection.execute(*arguments)

    with Outbox(f"sqlite:///{tmp_path / 'outbox.db'}") as outbox:
        outbox.create_table()

        async def main() -> None:
            with outbox._store.engine.begin() as connection:
                session: Any = AsyncConnection(connection)
                added.append(await add(session, "a", key="a", to=NUMBER))
                added.append(await add(session, "a", key="a", to=NUMBER))
                with pytest.raises(KeyConflictError):
                    await add(session, "b", key="a", to=NUMBER)

        anyio.run(main)
        assert added == [True, False]
        assert outbox.stats().counts == {"pending": 1}


@pytest.mark.parametrize("of", ["engine", "connection"])
def test_a_connection_that_commits_by_itself_is_refused(either_office: Office, of: str) -> None:
    """A message that is rolled back would still be sent."""
    options: Any = {"isolation_level": "AUTOCOMMIT"}
    engine = sa.create_engine(either_office.url, **(options if of == "engine" else {}))
    more = options if of == "connection" else {}
    with engine.connect() as plain, plain.execution_options(**more) as connection:
        for target in (connection, Session(connection)):
            with pytest.raises(ConfigurationError, match="AUTOCOMMIT"):
                add(target, "Hello", key="a", to=NUMBER)
    with engine.connect() as plain, plain.begin():
        own: Any = {"isolation_level": "SERIALIZABLE"}
        with engine.execution_options(**own).begin() as connection:
            assert add(connection, "Hello", key="b", to=NUMBER)
    engine.dispose()
    assert either_office.outbox.stats().counts == {"pending": 1}


def test_an_asynchronous_session_that_commits_by_itself_is_refused(
    postgresql_office: Office,
) -> None:
    async def main() -> None:
        engine = create_async_engine(postgresql_office.url, isolation_level="AUTOCOMMIT")
        async with AsyncSession(engine) as session:
            with pytest.raises(ConfigurationError, match="AUTOCOMMIT"):
                await add(session, "Hello", key="a", to=NUMBER)
        async with engine.connect() as connection:
            with pytest.raises(ConfigurationError, match="AUTOCOMMIT"):
                await add(connection, "Hello", key="a", to=NUMBER)
        await engine.dispose()
        engine = create_async_engine(postgresql_office.url)
        async with AsyncSession(engine) as session, session.begin():
            assert await add(session, "Hello", key="b", to=NUMBER)
        await engine.dispose()

    asyncio.run(main())
    assert postgresql_office.outbox.stats().counts == {"pending": 1}


def test_an_object_that_is_not_a_connection_is_refused(office: Office) -> None:
    url: Any = office.url
    with pytest.raises(ConfigurationError, match=r"django\.db\.connection"):
        add(url, "Hello", key="a", to=NUMBER)


def test_what_cannot_be_sent_is_refused_when_it_is_added(office: Office) -> None:
    with pytest.raises(ValidationError) as refused:
        office.add("x" * 1001, key="a")
    assert refused.value.field == "body"
    with pytest.raises(ValidationError, match="not_before"):
        office.add("Hello", not_before="tomorrow")
    assert office.outbox.stats().counts == {}


def test_the_sender_of_the_client_counts(office: Office) -> None:
    """A Viber step needs a sender, which the client adds when the message is sent."""
    office.add("Hello", flow=[Viber()])
    office.add("plain")
    assert office.drain().counts == {"accepted": 1, "pending": 1}
    office.time.seconds += 300
    options = {"sender": "Shop"}
    assert office.drain(options=options).counts == {"accepted": 1}
    with pytest.raises(ValidationError, match="sender"):
        office.send_once("Hello", key="a", flow=[Viber()])
    assert office.send_once("Hello", key="a", flow=[Viber()], options=options).ok
    assert [message["sender"] for _, [message] in office.service.requests[1:]] == ["Shop"] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {"flow": [UNCHECKED.Sms(gateway="higher")]},
        {"flow": [UNCHECKED.Sms(type_="Secret")]},
        {"flow": [UNCHECKED.Viber(ttl_condition="never")]},
    ],
)
def test_what_cannot_be_read_back_is_refused_when_it_is_added(office: Office, fields: Any) -> None:
    with pytest.raises(ValidationError, match="the service does not list") as refused:
        office.add("Hello", sender="Shop", **fields)
    assert "Secret" not in str(refused.value)
    assert refused.value.__suppress_context__
    assert office.outbox.stats().counts == {}


def test_a_missing_table_is_named_and_nothing_personal(either_office: Office) -> None:
    engine = either_office.outbox._store.engine
    with engine.connect() as connection:
        connection.execute(sa.text("ALTER TABLE smsmanager_outbox RENAME TO elsewhere"))
        advice = r"\. Check that its table exists \(Outbox.create_table"
        with pytest.raises(OutboxError, match=advice) as failed:
            add(connection, "Secret text", key="secret-key", to=NUMBER)
        connection.rollback()
    shown = f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"
    assert not [each for each in ("Secret", "secret-key", NUMBER) if each in shown]
    assert "no such table" in shown or "UndefinedTable" in shown


def test_two_transactions_with_one_key(postgresql_office: Office) -> None:
    """The second waits for the first, and adds nothing."""
    import threading

    office = postgresql_office
    engine = office.outbox._store.engine
    added: list[bool] = []
    with engine.begin() as first:
        assert add(first, "Hello", key="a", to=NUMBER)
        other = threading.Thread(target=lambda: added.append(office.add("Hello", key="a")))
        other.start()
    other.join()
    assert added == [False]


def test_when_it_may_go_out(either_office: Office) -> None:
    either_office.add("later", not_before=at(60))
    either_office.add("in time", expires_at=at(61))
    either_office.add("late", not_before=at(30), expires_at=at(60))
    assert either_office.drain().counts == {"accepted": 1}
    either_office.time.seconds += 60
    assert either_office.drain().counts == {"accepted": 1, "expired": 1}
    assert either_office.service.bodies == [["in time"], ["later"]]
    entry = either_office.outbox.find("late")
    assert entry is not None
    assert (entry.state, entry.result, entry.settled_at) == ("expired", None, at(60))
