"""The database of a ledger, a SQLite file or a URL: connections, durability and the lock."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
    StatementError,
    TimeoutError,  # noqa: A004 - of the pool
)

from smsmanager.campaigns._ledger.sqlite_files import (
    evidence,
    make_file,
    refuse_second_name,
    sqlite_engine,
)
from smsmanager.campaigns.campaign_errors import CampaignNotFoundError, LedgerError
from smsmanager.webhooks.tracker._sql_engine import named_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

_LOCK_CLASS = 1_397_574_477
# A host that loses power closes no connection: with these, either side notices within a minute.
_KEEPALIVES = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
_SERVER_SETTINGS = {f"tcp_{name}": value for name, value in _KEEPALIVES.items()}


class RepeatedError(LedgerError):
    """A unique key already exists."""


class Database:
    """One database that holds ledgers.

    A SQLite file is written with `journal_mode=WAL` and `synchronous=FULL`: each commit is flushed to the
    disk, so a row recorded as in flight is still so after a power cut. With `NORMAL`, the last commits could
    be lost, and their rows would be sent twice.

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
                _server_engine(url)
                if url is not None and self.path is None
                else sqlite_engine(self.path or Path())
            )
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            # The cause's text would repeat the URL, or a part of the password that looks like a port.
            raise LedgerError(
                f"The URL of the ledger cannot be used ({type(error).__name__}). Write it as "
                "postgresql+psycopg://user@host/database, or give the path of a file. In a password, write "
                "special characters as in a URL: %40 for @."
            ) from None
        except ModuleNotFoundError as error:
            raise LedgerError(
                f"The driver of this database is not installed: {error.name}. For PostgreSQL: pip install "
                "psycopg, and write postgresql+psycopg://user@host/database."
            ) from None

    @staticmethod
    def _path_of(target: Any) -> Path | None:
        if isinstance(target, (str, Path)):
            return Path(target)
        if target.get_backend_name() != "sqlite":
            return None
        if not target.database or target.database == ":memory:":
            raise LedgerError("A ledger in memory would be lost in a crash: use a file.")
        return Path(target.database)

    def create_file(self) -> None:
        """Create the file of a new ledger, readable only by its owner: it contains numbers and texts."""
        if self.path is None:
            return
        try:
            make_file(self.path)
        except OSError as error:
            raise LedgerError(f"The ledger cannot be created: {error.strerror}.") from error

    def require_file(self) -> None:
        """Check that the file exists; SQLite would create it otherwise.

        Raises:
            CampaignNotFoundError: If it does not.
        """
        if self.path is not None and not self.path.is_file():
            raise CampaignNotFoundError(f"There is no ledger at {self.path}.")

    def refuse_second_name(self) -> None:
        """Refuse a SQLite file with more than one name; see `sqlite_files`."""
        if self.path is not None:
            refuse_second_name(self.path)

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
        """Connect for one transaction that writes.

        Raises:
            LedgerError: If the transaction fails, or the file has another name.
        """
        self.refuse_second_name()
        with ledger_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def evidence(self, connection: Connection, campaign: int) -> Iterator[str | None]:
        """Hold a lock that the system releases when this process dies, so others need not wait for the lease.

        The lock protects nothing; leases do. In PostgreSQL it belongs to the connection's session. A SQLite
        ledger uses a second file for it.

        Args:
            connection: A connection to this database.
            campaign: Id of the campaign.

        Yields:
            An identifier of the lock; None if another process or session holds it.
        """
        if self.path is not None:
            with evidence(self.path) as held:
                yield held
            return
        who = {"class": _LOCK_CLASS, "campaign": campaign}
        with connection.begin():
            locking = text("SELECT pg_try_advisory_lock(:class, :campaign)")
            locked = connection.execute(locking, who).scalar()
        try:
            yield "session" if locked else None
        finally:
            with suppress(SQLAlchemyError):
                connection.rollback()
                if locked:
                    connection.execute(text("SELECT pg_advisory_unlock(:class, :campaign)"), who)
                    connection.commit()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Raise database errors without the statement and its values, which contain numbers and texts."""
    try:
        yield
    except IntegrityError:
        raise RepeatedError("The ledger already contains one of these rows.") from None
    except (StatementError, TimeoutError) as error:
        raise LedgerError(
            f"The ledger cannot be read or written ({named_failure(error)}). Nothing more is sent until "
            "it can; rows that were in flight become unknown and are not sent again. Check its address, "
            "and whether the database answers."
        ) from None


def _server_engine(url: URL) -> Engine:
    settings = {} if url.get_driver_name() not in {"psycopg", "psycopg2"} else _KEEPALIVES
    is_postgresql = url.get_backend_name() == "postgresql"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        # At a stricter level, a transaction that waited for a lock would not see what its last holder wrote.
        **({"isolation_level": "READ COMMITTED"} if is_postgresql else {}),
        connect_args={name: value for name, value in settings.items() if name not in url.query},
    )
    if is_postgresql:
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        for name, value in _SERVER_SETTINGS.items():
            cursor.execute(f"SET {name} = {value}")
        cursor.execute("SELECT current_setting('synchronous_commit') = 'off'")
        [record.info["is_lax"]] = cursor.fetchone()
    connection.commit()


def _begin(connection: Connection) -> None:
    # Stricter settings are kept, but `off` could lose what was recorded as in flight. Set in each
    # transaction, because a pooler may run the next one in another session.
    if connection.info.get("is_lax"):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


def ledger_beside(source: str | Path, *, rehearsal: bool = False) -> Path:
    """Return the default path of a campaign's ledger: beside its input.

    Args:
        source: The file with the recipients.
        rehearsal: Whether it is for a sandbox; the real campaign then gets another path.
    """
    path = Path(source)
    return path.with_name(f"{path.name}.{'rehearsal' if rehearsal else 'campaign'}.sqlite3")


def fingerprint_of(source: str | Path) -> str:
    """Return the fingerprint of an input: the SHA-256 of its bytes.

    Args:
        source: The file with the recipients.
    """
    with Path(source).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
