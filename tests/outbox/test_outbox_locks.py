"""Transactions of an outbox in PostgreSQL never wait for each other in a circle: one order for all rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from smsmanager import SmsManager
from smsmanager.outbox.outbox_table import table
from tests.outbox.conftest import BASE_URL, Office, Service, office_of
from tests.outbox.test_outbox_reports import report
from tests.postgres import Cluster, while_it_waits


@pytest.fixture
def office(postgresql: Cluster, service: Service) -> Iterator[Office]:
    """An outbox in a database that does not sort as Python does: a before B."""
    with postgresql.database() as url:
        for office in office_of("sync", url, service):
            with office.outbox._store.engine.begin() as connection:
                sorts = 'ALTER COLUMN key TYPE varchar(200) COLLATE "en-x-icu"'
                connection.exec_driver_sql(f"ALTER TABLE smsmanager_outbox {sorts}")
            yield office


def lock(connection: sa.Connection, key: str) -> None:
    connection.execute(sa.select(table.c.key).where(table.c.key == key).with_for_update())


def test_an_outcome_may_be_noted_while_reports_are_recorded(office: Office) -> None:
    """An outcome is noted in Python's order of keys, whatever the order of the database."""
    for text in ("a", "B"):
        office.add(text)
    office.drain()
    with office.outbox._store.reading() as connection:
        ids = connection.execute(sa.select(table.c.message_id)).scalars()
        events = [event for each in ids for event in report(each)]
    assert len(events) == 2
    engine = office.outbox._store.engine
    with engine.begin() as noting:
        lock(noting, "B")
        with while_it_waits(engine, lambda: office.outbox.record(events)):
            lock(noting, "a")
            noting.commit()
    entry = office.outbox.find("a")
    assert entry is not None
    assert entry.deliveries[0] is not None


def test_messages_may_be_released_while_reports_are_recorded(office: Office) -> None:
    for text in ("a", "B"):
        office.add(text)
    store, engine = office.outbox._store, office.outbox._store.engine
    client = SmsManager("key", base_url=BASE_URL)
    claimed, _ = store.claim_next(client._settings, office.time(), "f", 2, None)
    assert len(claimed) == 2
    with engine.begin() as recording:
        lock(recording, "B")
        with while_it_waits(engine, lambda: store.release("f")):
            lock(recording, "a")
            recording.commit()
    assert (office.state("a"), office.state("B")) == ("pending", "pending")
