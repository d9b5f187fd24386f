"""Keep messages, what became of them and opt-outs in an SQLite file across restarts.

Changes are written in one transaction, at the latest a fifth of a second later, and when the
sandbox stops. An interrupted journey resumes where it was: a message that waited still waits, one
whose step was under way ends as its outcome says.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from typing import TYPE_CHECKING, TypeVar

from smsmanager.sandbox._data.stored_json import (
    account_as_json,
    incoming_as_json,
    message_as_json,
    message_from_json,
    request_as_json,
    request_from_json,
    restore_account,
    restore_incoming,
)
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
from smsmanager.sandbox.engine.records.received_request import ReceivedRequest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from smsmanager.sandbox.engine.feed import Change, ChangeKind
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records import JsonObject

_FORMAT = 1
_TABLES = ("messages", "requests", "incoming", "accounts")
_PAUSE_S = 0.2

_Item = TypeVar("_Item", ReceivedMessage, ReceivedRequest, IncomingMessage)


class Store:
    """A file with what an engine holds.

    Args:
        path: The file; created if it does not exist.
        engine: What is kept.

    Raises:
        OSError: If the file cannot be opened.
        ValueError: If it is not a file of a sandbox, or of a later version.
    """

    def __init__(self, path: str | os.PathLike[str], engine: Engine) -> None:
        self._engine = engine
        self._known = 0
        self._unsubscribe: Callable[[], None] = engine.feed.subscribe(lambda: None)
        self._closed = threading.Event()
        self._changed = threading.Event()
        try:
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._prepare()
        except sqlite3.OperationalError as error:
            raise OSError(
                f"The data file cannot be opened ({error}). The sandbox was not started."
            ) from None
        except sqlite3.DatabaseError:
            raise ValueError(
                "The data file is not a file of a sandbox. The sandbox was not started."
            ) from None
        self._thread = threading.Thread(
            target=self._run, name="smsmanager-sandbox-data", daemon=True
        )

    def _prepare(self) -> None:
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        if version not in {0, _FORMAT}:
            raise ValueError("The data file is of another version. The sandbox was not started.")
        for table in _TABLES:
            self._file.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (id PRIMARY KEY, content TEXT NOT NULL)"
            )
        self._file.execute(f"PRAGMA user_version = {_FORMAT}")

    def start(self, *, read: bool) -> None:
        """Write from now on.

        Args:
            read: Whether the engine is filled with what the file holds first.
        """
        if read:
            self._load()
        self._known = self._engine.feed.latest
        self._unsubscribe()
        self._unsubscribe = self._engine.feed.subscribe(self._changed.set)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and close the file."""
        if self._closed.is_set():
            return
        self._unsubscribe()
        self._closed.set()
        self._changed.set()
        self._thread.join()
        self._file.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._changed.wait()
            # So that many changes become one transaction.
            self._closed.wait(_PAUSE_S)
            self._changed.clear()
            self._write()
        self._write()

    def _write(self) -> None:
        with self._engine.lock:
            changes, complete = self._engine.feed.since(self._known)
            if not changes and complete:
                return
            self._known = self._engine.feed.latest
            whole = not complete or any(change.kind == "cleared" for change in changes)
            oldest = [*self._oldest()]
            deleted = [(change.ref,) for change in changes if change.kind == "deleted"]
            written = [
                (table, key, json.dumps(content))
                for table, key, content in self._rows(changes, whole=whole)
            ]
        with self._file:
            self._file.execute("BEGIN")
            if whole:
                for table in _TABLES:
                    self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
            # Before the rows are written: one of them may have been put back.
            self._file.executemany("DELETE FROM messages WHERE id = ?", deleted)
            for table, key, content in written:
                self._file.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, content))  # noqa: S608
            for table, first in oldest:
                self._file.execute(f"DELETE FROM {table} WHERE id < ?", (first,))  # noqa: S608

    def _rows(
        self, changes: tuple[Change, ...], *, whole: bool
    ) -> Iterator[tuple[str, object, JsonObject]]:
        """Yield table, id and content of the rows to write: those that changed, or all."""
        engine = self._engine
        changed: dict[str, set[int]] = {}
        for change in changes:
            changed.setdefault(change.kind, set()).add(change.ref or 0)

        def to_write(items: Sequence[_Item], *kinds: ChangeKind) -> Iterable[_Item]:
            if whole:
                return items
            return _wanted(items, {n for kind in kinds for n in changed.get(kind, ())})

        for message in to_write(engine.inbox.messages(), "message", "status"):
            yield "messages", message.sequence, message_as_json(message)
        for request in to_write(engine.inbox.requests(), "request"):
            yield "requests", request.sequence, request_as_json(request)
        for account in engine.accounts:
            yield "accounts", account.fingerprint, account_as_json(account)
            for incoming in to_write(tuple(account.incoming), "incoming"):
                yield "incoming", incoming.sequence, incoming_as_json(incoming)

    def _oldest(self) -> Iterator[tuple[str, int]]:
        """Yield which rows to delete: those before the oldest that is kept."""
        messages, requests = self._engine.inbox.messages(), self._engine.inbox.requests()
        if messages:
            yield "messages", messages[0].sequence
        if requests:
            yield "requests", requests[0].sequence

    def _load(self) -> None:
        engine = self._engine
        with engine.lock:
            for content in self._contents("accounts"):
                restore_account(engine.accounts.of(content["fingerprint"]), content)
            requests = [request_from_json(content) for content in self._contents("requests")]
            messages = [message_from_json(content) for content in self._contents("messages")]
            came_in = [*self._contents("incoming")]
            engine.inbox.restore(requests, messages)
            for message in messages:
                engine.resume(message)
            for content in came_in:
                restore_incoming(engine, content)

    def _contents(self, table: str) -> Iterator[JsonObject]:
        query = f"SELECT content FROM {table} ORDER BY id"  # noqa: S608 - a constant
        try:
            for (content,) in self._file.execute(query):
                yield json.loads(content)
        except ValueError:
            raise ValueError("The data file is damaged. The sandbox was not started.") from None


def _wanted(items: Sequence[_Item], sequences: set[int]) -> Iterator[_Item]:
    """Yield the items with some numbers, from the newest on: that is where changes are."""
    first = min(sequences, default=0)
    for item in reversed(items):
        if not sequences or item.sequence < first:
            return
        if item.sequence in sequences:
            yield item
