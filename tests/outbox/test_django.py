"""Adding with Django's connection, in Django's own transactions; and the example as a program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smsmanager import ConfigurationError
from smsmanager.outbox import KeyConflictError, OutboxError, add
from tests.outbox.conftest import NUMBER, Office

ROOT = Path(__file__).resolve().parents[2]
ALIAS = "outbox_of_the_tests"


@pytest.fixture
def connection(django_project: str, either_office: Office) -> Iterator[Any]:
    """Django's connection to the database of the office."""
    from django.db import connections

    url = sa.make_url(either_office.url)
    given = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.database}
    if url.get_backend_name() == "postgresql":
        host = str(url.query["host"])
        given = {"ENGINE": "django.db.backends.postgresql", "NAME": url.database, "HOST": host}
        given["USER"] = url.username
    handler: Any = connections
    handler.settings[ALIAS] = handler.configure_settings({"default": {}, ALIAS: given})[ALIAS]
    yield handler[ALIAS]
    handler[ALIAS].close()
    del handler[ALIAS]
    del handler.settings[ALIAS]


def atomic() -> Any:
    """Return a Django transaction."""
    from django.db import transaction

    return transaction.atomic(using=ALIAS)


def test_without_a_transaction_it_is_refused(connection: Any, either_office: Office) -> None:
    with pytest.raises(ConfigurationError, match="atomic"):
        add(connection, "Hello", key="a", to=NUMBER)
    assert either_office.outbox.stats().counts == {}
    connection.set_autocommit(False)
    assert add(connection, "Hello", key="a", to=NUMBER)
    connection.rollback()
    assert either_office.outbox.stats().counts == {}


def test_what_is_rolled_back_sends_nothing(connection: Any, either_office: Office) -> None:
    office = either_office
    with suppress(ZeroDivisionError), atomic():
        assert add(connection, "rolled back", key="a", to=NUMBER)
        raise ZeroDivisionError
    with atomic():
        assert add(connection, "100 % committed", key="b", to=NUMBER)
        with suppress(ZeroDivisionError), atomic():
            add(connection, "only the inner one is rolled back", key="c", to=NUMBER)
            raise ZeroDivisionError
        office.time.seconds = 4e9
        if connection.vendor == "postgresql":
            assert office.drain().counts == {}
    assert office.drain().counts == {"accepted": 1}
    assert office.service.taken == {"100 % committed": 1}


def test_a_key_identifies_one_message(connection: Any, either_office: Office) -> None:
    with atomic():
        assert add(connection, "Hello", key="a", to=NUMBER)
        assert not add(connection, "Hello", key="a", to=NUMBER)
        with pytest.raises(KeyConflictError):
            add(connection, "Hello!", key="a", to=NUMBER)
    assert either_office.state("a") == "pending"


def test_a_failure_shows_nothing_personal(connection: Any, either_office: Office) -> None:
    with atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE smsmanager_outbox RENAME TO elsewhere")
        with pytest.raises(OutboxError) as failed:
            add(connection, "Secret text", key="secret-key", to=NUMBER)
        connection.set_rollback(True)
    shown = f"{failed.value} {failed.value.__cause__}"
    assert not [each for each in ("Secret", "secret-key", NUMBER) if each in shown]
    assert either_office.state("secret-key") == "none"


def test_the_outbox_finds_the_database_of_django(connection: Any, either_office: Office) -> None:
    from smsmanager.outbox import Outbox

    with atomic():
        add(connection, "Hello", key="a", to=NUMBER)
    with Outbox(connection) as outbox:
        assert outbox.stats().counts == {"pending": 1}


TRY = """
import os
import django_outbox as shop
from django.test import Client
from smsmanager import SmsManager
from smsmanager.outbox import Outbox
from smsmanager.sandbox import Sandbox

shop.create_tables()
browser = Client()
answers = [
    browser.post("/orders", {"pieces": pieces, "phone": "+420777123456"}).status_code
    for pieces in (1, 99, 2)
]
with Sandbox() as sandbox, SmsManager("key", base_url=sandbox.base_url) as client:
    with Outbox(shop.connection) as outbox:
        print(outbox.drain(client))
    print(answers, [message.body for message in sandbox.messages])
"""


@pytest.mark.thorough
def test_the_example(tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT / "examples"), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-c", TRY],
        env={**os.environ, "PYTHONPATH": path, "DATABASE": str(tmp_path / "shop.db")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.splitlines() == [
        "Drained(2 accepted)",
        "[200, 409, 200] ['Order 1 is placed.', 'Order 2 is placed.']",
    ]
