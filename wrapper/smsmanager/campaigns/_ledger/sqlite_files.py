"""SQLite for ledgers: durable commits, read-only files, and a lock that shows whether a process is alive."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine, event

from smsmanager.campaigns.campaign_errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_OWNER_ONLY = 0o600
_BUSY_S = 60.0
SYNCHRONOUS = "synchronous=FULL"
"""With less, a power cut could lose the last commits, and their rows would be sent twice."""
# The error codes for a file that cannot be written, or is in such a folder.
_UNWRITABLE = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN))

_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")


def make_file(path: Path) -> None:
    """Create a file that only its owner can read; leave an existing one alone.

    An existing file is not even opened: closing it would release the locks that SQLite holds on it in this
    process.

    Raises:
        OSError: If the file cannot be created.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY))


def sqlite_engine(path: Path) -> Engine:
    """Return an engine for a file. Each commit is flushed to the disk."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=lambda: _connected(path))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("smsmanager_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _connected(path: Path) -> sqlite3.Connection:
    try:
        return _set_up(str(path))
    except sqlite3.OperationalError as error:
        # The lower byte is the kind of error.
        if error.sqlite_errorcode & 0xFF not in _UNWRITABLE or not path.is_file():
            raise
    return _for_reading(path)


def _set_up(name: str, *, is_uri: bool = False) -> sqlite3.Connection:
    # Transactions begin in `_begin`, not where the driver would begin them.
    connection = sqlite3.connect(
        name, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=is_uri
    )
    try:
        for setting in (
            *(() if is_uri else ("journal_mode=WAL",)),
            SYNCHRONOUS,
            # On macOS, a plain flush gets only as far as the disk's cache.
            "fullfsync=1",
            "cache_size=-8000",
        ):
            connection.execute(f"PRAGMA {setting}")
        # Only this shows whether the file can be read.
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _for_reading(path: Path) -> sqlite3.Connection:
    """Connect to a file that cannot be written."""
    place = path.resolve().as_uri()
    try:
        return _set_up(f"{place}?mode=ro", is_uri=True)
    except sqlite3.OperationalError:
        log = path.resolve().with_name(f"{path.resolve().name}-wal")
        if log.is_file() and log.stat().st_size:
            # Without the log, SQLite would show an earlier state as the current one.
            raise LedgerError(
                "The ledger cannot be written, and its latest changes are still in the file beside it whose "
                "name ends in -wal. Copy both files to a writable folder, and read the ledger there."
            ) from None
    return _set_up(f"{place}?immutable=1", is_uri=True)


def refuse_second_name(path: Path) -> None:
    """Refuse a file with a second name other than a symbolic link: a hard link, or a mount of the file.

    SQLite names the file with its latest changes after the name by which the database was opened, so two
    names would act as two ledgers that overwrite each other.

    Raises:
        LedgerError: If the file has another name.
    """
    with suppress(FileNotFoundError):
        if path.stat().st_nlink > 1:
            raise LedgerError(
                "The file of the ledger has a second name (a hard link), and SQLite cannot keep a file with "
                "two names consistent. Nothing was sent. Delete one of the names; a symbolic link is fine."
            )
    if os.fsencode(path.resolve()) in _mount_points():
        raise LedgerError(
            "The file of the ledger is mounted by itself, without its folder, and SQLite cannot keep a file "
            "with two names consistent: its log would be outside the mount. Nothing was sent. Mount the "
            "folder."
        )


def _mount_points() -> set[bytes]:
    """Return the mount points that this process sees; none if the system does not list them."""
    with suppress(OSError):
        mounts = _MOUNTS.read_bytes().splitlines()
        # Spaces and similar characters are written in octal.
        return {
            _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), each.split()[4]) for each in mounts
        }
    return set()


@contextmanager
def evidence(path: Path) -> Iterator[str | None]:
    """Hold a lock on a file beside the ledger; the system releases it when this process dies.

    Yields:
        An identifier of the lock, comparable with the previous holder's; None if another process holds it.
    """
    beside = path.resolve()
    beside = beside.with_name(f"{beside.name}.lock")
    with suppress(OSError):
        make_file(beside)
    lock = sqlite3.connect(beside, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise LedgerError(f"The ledger cannot be written: {error}.") from None
            is_held = False
        else:
            is_held = True
        yield f"inode {beside.stat().st_ino}" if is_held else None
    finally:
        lock.close()
