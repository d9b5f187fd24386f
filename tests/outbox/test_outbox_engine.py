"""Where an outbox finds its database."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from smsmanager import ConfigurationError
from smsmanager.outbox import Outbox, add
from smsmanager.outbox._outbox_engine import engine_of
from tests.outbox.conftest import NUMBER


def test_an_engine_of_postgresql_is_shared_and_shows_no_values(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", echo=True)
    with Outbox(given) as outbox:
        engine = outbox._store.engine
        assert engine.pool is given.pool
        outbox.create_table()
        with outbox._store.transaction() as connection:
            raw: Any = connection.connection.dbapi_connection
            assert not raw.autocommit
            add(connection, "Secret text", key="key of an engine", to=NUMBER)
        assert outbox.purge(-10) == 0
    assert NUMBER not in caplog.text
    assert "Secret" not in caplog.text
    # The engine is the caller's.
    with given.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw.autocommit
        connection.execute(sa.text("DELETE FROM smsmanager_outbox"))
    given.dispose()


def test_an_engine_of_sqlite_gets_connections_that_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    given = sa.create_engine(f"sqlite:///{path}")
    engine, is_own = engine_of(given)
    assert is_own
    assert engine is not given
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        assert raw.execute("PRAGMA synchronous").fetchone() == (3,)
    engine.dispose()
    given.dispose()


@pytest.mark.parametrize(
    ("asynchronous", "blocking"),
    [
        ("postgresql+asyncpg://u:p%40ss@h:5433/d", "postgresql+psycopg://u:p%40ss@h:5433/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite+aiosqlite:///{folder}/a.db", "sqlite:///{folder}/a.db"),
    ],
)
def test_an_asynchronous_engine_names_the_database(
    tmp_path: Path, asynchronous: str, blocking: str
) -> None:
    given = SimpleNamespace(url=sa.make_url(asynchronous.format(folder=tmp_path)))
    engine, is_own = engine_of(given)
    assert is_own
    assert engine.url.render_as_string(hide_password=False) == blocking.format(folder=tmp_path)
    engine.dispose()


def test_a_real_asynchronous_engine(postgresql_url: str) -> None:
    given = create_async_engine(postgresql_url)
    engine, is_own = engine_of(given)
    assert is_own
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (
            {"NAME": "d", "USER": "u", "PASSWORD": "p@ss", "HOST": "h", "PORT": "5433"},
            "postgresql+psycopg://u:p%40ss@h:5433/d",
        ),
        (
            {"NAME": "d", "HOST": "", "OPTIONS": {"sslmode": "require", "pool": True}},
            "postgresql+psycopg:///d?sslmode=require",
        ),
        (
            {
                "NAME": "d",
                "OPTIONS": {"isolation_level": 3, "connect_timeout": 5, "options": "-c a=b"},
            },
            "postgresql+psycopg:///d?connect_timeout=5&options=-c+a%3Db",
        ),
    ],
)
def test_the_connection_of_django_names_the_database(settings: Any, url: str) -> None:
    given = SimpleNamespace(vendor="postgresql", settings_dict=settings)
    engine, _ = engine_of(given)
    assert engine.url.render_as_string(hide_password=False) == url
    engine.dispose()


def test_an_option_of_django_that_would_be_lost_is_refused() -> None:
    settings = {"NAME": "d", "OPTIONS": {"assume_role": "shop"}}
    with pytest.raises(ConfigurationError, match="assume_role"):
        engine_of(SimpleNamespace(vendor="postgresql", settings_dict=settings))


def test_a_server_s_own_isolation_level_does_not_count(postgresql_url: str) -> None:
    stricter = f"{postgresql_url}&options=-c default_transaction_isolation=serializable"
    with Outbox(stricter) as outbox, outbox._store.transaction() as connection:
        level = connection.execute(sa.text("SHOW transaction_isolation")).scalar()
    assert level == "read committed"


@pytest.mark.parametrize("given", ["url", "engine"])
def test_a_forked_child_has_connections_of_its_own(
    postgresql_url: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target: Any = sa.create_engine(postgresql_url) if given == "engine" else postgresql_url

    def session_of(outbox: Outbox) -> int:
        with outbox._store.transaction() as connection:
            return int(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())

    with Outbox(target) as outbox:
        of_parent = session_of(outbox)
        assert session_of(outbox) == of_parent
        pool: Any = outbox._store.engine.pool
        monkeypatch.setattr(os, "getpid", lambda: -1)
        of_child = session_of(outbox)
        assert of_child != of_parent
        assert session_of(outbox) == of_child
        outbox._store.engine.dispose()
        monkeypatch.undo()
        # The parent keeps its connections.
        with pool.connect() as kept:
            cursor = kept.cursor()
            assert cursor.execute("SELECT pg_backend_pid()").fetchone() == (of_parent,)
        pool.dispose()


def test_an_engine_created_here_prepares_no_statements(postgresql_url: str) -> None:
    """They would be missing from the next session of a pooler."""
    engine, is_own = engine_of(postgresql_url)
    assert is_own
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        assert raw.prepare_threshold is None
    engine.dispose()


def test_another_database_is_refused() -> None:
    mysql = SimpleNamespace(vendor="mysql", settings_dict={"NAME": "d"})
    with pytest.raises(ConfigurationError):
        engine_of(mysql)


def test_an_outbox_in_a_schema_of_its_own_is_purged_alone(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA codes"))
    with (
        Outbox(engine) as orders,
        Outbox(f"{postgresql_url}&options=-csearch_path%3Dcodes") as codes,
    ):
        for outbox in (orders, codes):
            outbox.create_table()
            with outbox._store.transaction() as connection:
                add(connection, "Hello", key="of both", to=NUMBER, expires_at="2020-01-01T00:00Z")
            outbox._store.tend(time.time())
        assert codes.purge(-10) == 1
        assert codes.find("of both") is None
        assert orders.purge(-10) == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/shop", "sqlite://"])
def test_what_is_said_of_a_wrong_url_fits_an_outbox(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Outbox(url)
    assert "reports" not in str(caught.value)
    if url != "mysql://host/shop":
        assert "sqlite:///folder/file.db" in str(caught.value)
