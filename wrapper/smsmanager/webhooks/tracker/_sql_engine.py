"""An SQLAlchemy engine for SQLite or PostgreSQL, usable by several processes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from smsmanager.errors import ConfigurationError
from smsmanager.webhooks.tracker._sql_schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_S = 60.0
"""Seconds that SQLite waits for another process to end its transaction."""
READS = {"smsmanager_reads": True}
"""Execution options of a transaction that only reads."""
_OWNER_ONLY = 0o600
_LOCK = 1_397_574_478
_ADVICE = (
    "Write it as sqlite:///folder/file.db or postgresql+psycopg://user@host/name. In a password, write "
    "special characters as in a URL: %40 for @."
)


def make_engine(url: str) -> Engine:
    """Return an engine for a URL.

    Raises:
        ConfigurationError: If the database is not supported, or its driver is not installed. The message
            quotes nothing from the URL, which can contain a password.
    """
    try:
        target = sa.make_url(url)
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")
        backend = target.get_backend_name()
        if backend == "sqlite":
            return _sqlite(target)
        # At another level, for which a server may be set up, statements that wait for each other would fail.
        level = {"isolation_level": "READ COMMITTED"} if backend == "postgresql" else {}
        # Shown parameters would put numbers into errors and logs.
        return sa.create_engine(target, pool_pre_ping=True, hide_parameters=True, **level)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # SQLAlchemy takes what follows an unquoted @ and : in a password for a port.
        kind = type(error).__name__
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"The driver of this database is not installed: {error.name}. "
            "For PostgreSQL: pip install psycopg."
        ) from None
    raise ConfigurationError(f"The URL of the database cannot be used ({kind}). {_ADVICE}")


def _sqlite(target: sa.URL) -> Engine:
    if not target.database or target.database == ":memory:":
        raise ConfigurationError(
            "In memory, each connection would get its own database: name a file, such as "
            "sqlite:///folder/file.db. (Only a DeliveryTracker() without a store keeps its states in memory.)"
        )
    if not target.database.startswith("file:"):
        # Only its owner can read it, because it contains numbers.
        with suppress(OSError):
            os.close(os.open(target.database, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
    engine = sa.create_engine(target, connect_args={"timeout": BUSY_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        # Transactions begin below, not when the driver decides.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads before it writes could not wait for another writer.
        reads = connection.get_execution_options().get("smsmanager_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def checked_engine(engine: Engine) -> Engine:
    """Return an engine whose database is supported.

    Raises:
        ConfigurationError: If it is neither SQLite nor PostgreSQL.
    """
    if engine.dialect.name not in {"sqlite", "postgresql"}:
        raise ConfigurationError(f"The database must be SQLite or PostgreSQL. {_ADVICE}")
    return engine


def named_failure(error: BaseException) -> str:
    """Return the kind of a database failure, without the statement and its values, which contain numbers.

    Args:
        error: The error of SQLAlchemy, or of the driver.
    """
    cause = getattr(error, "orig", None) or error
    kind, state = type(cause).__name__, getattr(cause, "sqlstate", None)
    if isinstance(cause, sqlite3.OperationalError):
        return f"{kind}: {cause}"
    return f"{kind}, SQLSTATE {state}" if state else kind


def make_tables(engine: Engine) -> None:
    """Create missing tables; other processes may do so at the same time."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        METADATA.create_all(connection)
