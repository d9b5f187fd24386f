"""Where a ledger lives: a SQLite file or a database by URL; connections, durability and the lock."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
    StatementError,
    TimeoutError,  # noqa: A004 - of the pool
)

from smsmanager.campaigns.campaign_errors import (
    CampaignLockedError,
    CampaignNotFoundError,
    LedgerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_OWNER_ONLY = 0o600
_BUSY_S = 60.0
_LOCK_CLASS = 1_397_574_477
# Stronger settings are kept, but `off` would lose what was recorded as in flight.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)
_RUNNING = "Another process, or another run in this process, is working on this campaign. Nothing was sent."


class RepeatedError(LedgerError):
    """A unique key would exist twice."""


class Database:
    """One database that holds ledgers.

    A SQLite file is written with `journal_mode=WAL` and `synchronous=FULL`: each commit is flushed to the
    disk, so that a row recorded as in flight is still so after a power cut. With `NORMAL`, the last commits
    could be lost, and their rows would be sent twice.

    Args:
        target: Path of a SQLite file, or a SQLAlchemy URL.

    Raises:
        LedgerError: If the URL cannot be read.
    """

    def __init__(self, target: str | Path) -> None:
        try:
            url = make_url(target) if isinstance(target, str) and "://" in target else None
            self.path = self._path_of(target if url is None else url)
            self.engine: Engine = (
                create_engine(url, pool_pre_ping=True)
                if url is not None and self.path is None
                else _sqlite_engine(self.path or Path())
            )
        except (ArgumentError, NoSuchModuleError) as error:
            # The text of the cause would repeat the URL, which may hold a password.
            raise LedgerError(
                f"The URL of the ledger cannot be used ({type(error).__name__}). Write it as "
                "postgresql+psycopg://user@host/database, or give the path of a file."
            ) from None

    @staticmethod
    def _path_of(target: Any) -> Path | None:
        if isinstance(target, (str, Path)):
            return Path(target)
        if target.get_backend_name() != "sqlite":
            return None
        if not target.database or target.database == ":memory:":
            raise LedgerError("A ledger in memory would be lost in a crash: give a file.")
        return Path(target.database)

    def create_file(self) -> None:
        """Create the file of a new ledger, readable only by its owner: it holds numbers and texts."""
        if self.path is None:
            return
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        except OSError as error:
            raise LedgerError(f"The ledger cannot be created: {error.strerror}.") from error

    def require_file(self) -> None:
        """Check that the file exists, because SQLite would create it.

        Raises:
            CampaignNotFoundError: If there is no such file.
        """
        if self.path is not None and not self.path.is_file():
            raise CampaignNotFoundError(f"There is no ledger at {self.path}.")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Connect for statements that only read."""
        with (
            ledger_errors(),
            self.engine.connect().execution_options(smsmanager_reads=True) as connection,
        ):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Connect for one transaction that writes."""
        with ledger_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def locked(self, campaign: int) -> Iterator[Connection]:
        """Connect for as long as this campaign is worked on; the lock ends with the process.

        In PostgreSQL the lock belongs to the session that also writes: when it is lost, nothing can be
        recorded as in flight any more, so nothing is sent. A SQLite file gets a second file that only carries
        the lock, so that the ledger can be read meanwhile.

        Args:
            campaign: Its id.

        Raises:
            CampaignLockedError: If somebody else is working on it.
        """
        with ledger_errors(), self.engine.connect() as connection:
            if self.path is not None:
                with _file_lock(self.path.with_name(self.path.name + ".lock")):
                    yield connection
                return
            who = {"class": _LOCK_CLASS, "campaign": campaign}
            locked = connection.execute(
                text("SELECT pg_try_advisory_lock(:class, :campaign)"), who
            ).scalar()
            connection.execute(text(_DURABLE))
            connection.commit()
            if not locked:
                raise CampaignLockedError(_RUNNING)
            try:
                yield connection
            finally:
                with suppress(SQLAlchemyError):
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:class, :campaign)"), who)
                    connection.commit()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Raise errors of the database without the statement and its values, which hold numbers and texts."""
    try:
        yield
    except IntegrityError:
        raise RepeatedError("The ledger already holds one of these.") from None
    except (StatementError, TimeoutError) as error:
        cause = getattr(error, "orig", None) or error
        kind = type(cause).__name__
        said = f": {cause}" if isinstance(cause, sqlite3.OperationalError) else ""
        raise LedgerError(f"The ledger cannot be read or written ({kind}{said}).") from None


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        # Transactions begin in `_begin`, not where the driver guesses.
        connection.isolation_level = None
        for setting in (
            "journal_mode=WAL",
            "synchronous=FULL",
            # On macOS a plain flush stops at the disk's cache.
            "fullfsync=1",
            "cache_size=-8000",
        ):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("smsmanager_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise CampaignLockedError(_RUNNING) from None
        yield
    finally:
        lock.close()


def ledger_beside(source: str | Path, *, rehearsal: bool = False) -> Path:
    """Return the default path of a campaign's ledger: beside its input.

    Args:
        source: The file that holds the recipients.
        rehearsal: Whether it is for a sandbox, so that the real campaign has another one.
    """
    path = Path(source)
    return path.with_name(f"{path.name}.{'rehearsal' if rehearsal else 'campaign'}.sqlite3")


def fingerprint_of(source: str | Path) -> str:
    """Return what identifies an input: the SHA-256 of its bytes.

    Args:
        source: The file that holds the recipients.
    """
    with Path(source).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
