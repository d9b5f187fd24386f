"""Keep what a sandbox holds in an SQLite file across restarts.

Changes are written in one transaction, at the latest a fifth of a second later, and when the sandbox stops.
A failed write is logged and tried again. The file belongs to one sandbox at a time: SQLite
keeps its lock from the start to the stop. An interrupted journey resumes where it was: a message that waited
still waits, one whose step was under way ends as its outcome says.
"""

from __future__ import annotations

import bisect
import contextlib
import json
import logging
import os
import sqlite3
import threading
import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any

from smsmanager.sandbox._data import stored_json as stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from smsmanager.sandbox.engine.feed import Change
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records import JsonObject

_FORMAT = 2
_EARLIER_FORMATS = frozenset({0, 1})
_TABLES = ("messages", "requests", "incoming", "deliveries", "accounts")
_STATE = "state"
_PAUSE_S = 0.2
_RETRY_S = 2.0
# Another sandbox may just be about to stop.
_PATIENCE_S = 0.5
# How much is read at a time, while requests wait.
_AT_A_TIME = 200
_NOT_STARTED = "The sandbox was not started."

_LOG = logging.getLogger("smsmanager.sandbox")


class Store:
    """A file with what an engine holds.

    Args:
        path: The file; created if it does not exist, readable only by its owner.
        engine: The engine whose data is kept.

    Attributes:
        mark: What tells the time from `start` to `stop` apart from any other that wrote to the file.

    Raises:
        OSError: If the file cannot be opened, or another sandbox has it.
        ValueError: If it is not a file of a sandbox, or of a later version.
    """

    def __init__(self, path: str | os.PathLike[str], engine: Engine) -> None:
        self._engine = engine
        self.mark = str(uuid.uuid4())
        self._known = 0
        self._whole = False
        self._problem: Exception | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._closed = threading.Event()
        self._changed = threading.Event()
        self._file = _opened(path)
        self._thread = threading.Thread(
            target=self._run, name="smsmanager-sandbox-data", daemon=True
        )

    def start(self, previous: str | None) -> None:
        """Write from now on.

        Args:
            previous: `mark` of the store that this engine had before; `None` for an empty engine, which is
                filled with what the file holds.

        Raises:
            OSError: If the file cannot be written.
            ValueError: If it is damaged, or another sandbox has written to it in between.
        """
        try:
            self._begin(previous)
        except BaseException as error:
            self._file.close()
            if isinstance(error, sqlite3.Error):
                raise OSError(f"The data file cannot be used ({error}). {_NOT_STARTED}") from None
            raise
        self._unsubscribe = self._engine.feed.subscribe(self._changed.set)
        if self._whole:
            self._changed.set()
        self._thread.start()

    def _begin(self, previous: str | None) -> None:
        if previous is None:
            self._load()
            self._known = self._engine.feed.latest
        elif self._state("mark") in {previous, None}:
            # Whatever changed while it was stopped; everything, if the file is a new one.
            self._whole = True
        else:
            raise ValueError(
                f"Another sandbox has used the data file since this one stopped. {_NOT_STARTED}"
            )
        self._keep_state("mark", self.mark)

    def stop(self) -> None:
        """Write what is left, and close the file.

        Raises:
            OSError: If it cannot be written.
        """
        if self._closed.is_set():
            return
        self._unsubscribe()
        self._closed.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        with contextlib.suppress(sqlite3.Error):
            self._file.close()
        if self._problem is not None:
            raise OSError(
                f"The data file cannot be written ({self._problem}): it lacks the last changes. "
                "The sandbox was stopped."
            )

    def _run(self) -> None:
        while not self._closed.is_set():
            self._changed.wait()
            # So that many changes become one transaction.
            self._closed.wait(_PAUSE_S if self._problem is None else _RETRY_S)
            self._changed.clear()
            self._write()
            if self._problem is not None:
                self._changed.set()
        self._write(last=True)

    def _write(self, *, last: bool = False) -> None:
        changes, complete = self._engine.feed.since(self._known)
        whole = self._whole or not complete
        if not (changes or whole or last):
            return
        latest = changes[-1].sequence if changes else self._known
        try:
            with self._file:
                self._file.execute("BEGIN")
                self._forget(changes, whole=whole)
                for table, rows in self._rows(changes, whole=whole):
                    self._put(table, rows)
                self._forget_oldest()
                self._keep_state("rules", [rule.as_json() for rule in self._engine.rules])
                self._keep_state("clock", self._engine.clock.now())
        except Exception as error:  # noqa: BLE001 - a thread that dies would keep nothing, and say nothing
            if self._problem is None:
                _LOG.error(
                    "The data file cannot be written (%s). It is tried again; until then, what changes is in "
                    "memory only.",
                    error,
                )
            self._problem = error
            return
        if self._problem is not None:
            _LOG.warning("The data file is written again, and complete.")
        self._problem, self._whole, self._known = None, False, latest

    def _rows(
        self, changes: Sequence[Change], *, whole: bool
    ) -> Iterator[tuple[str, Iterator[tuple[object, JsonObject]]]]:
        """Yield tables with the rows to write: those that changed, or all."""
        engine = self._engine
        numbers: dict[str, set[int]] = {}
        for change in changes:
            numbers.setdefault(change.kind, set()).add(change.ref or 0)

        def pick(items: Sequence[Any], *kinds: str) -> Iterable[Any]:
            wanted = sorted({n for kind in kinds for n in numbers.get(kind, ())})
            return items if whole else _numbered(items, wanted)

        keys = {change.key for change in changes}
        for account in engine.accounts:
            if whole or account.fingerprint in keys or "" in keys:
                with engine.lock:
                    row = (account.fingerprint, stored.account_as_json(account))
                yield "accounts", iter([row])
                found = pick(tuple(account.incoming), "incoming")
                yield "incoming", ((i.sequence, stored.incoming_as_json(i)) for i in found)
        messages = pick(engine.inbox.messages(), "message", "status")
        yield "messages", ((m.sequence, stored.message_as_json(m)) for m in messages)
        requests = pick(engine.inbox.requests(), "request")
        yield "requests", ((r.sequence, stored.request_as_json(r)) for r in requests)
        deliveries = pick(tuple(engine.webhooks), "webhook")
        yield "deliveries", ((d.id, stored.delivery_as_json(d)) for d in deliveries)

    def _put(self, table: str, rows: Iterator[tuple[object, JsonObject]]) -> None:
        query = f"INSERT OR REPLACE INTO {table} VALUES (?, ?)"  # noqa: S608 - a constant
        while True:
            with self._engine.lock:
                piece = [(key, json.dumps(content)) for key, content in islice(rows, _AT_A_TIME)]
            if not piece:
                return
            self._file.executemany(query, piece)

    def _forget(self, changes: Sequence[Change], *, whole: bool) -> None:
        # Before the rows are written: one of them may have been put back.
        deleted = [(change.ref,) for change in changes if change.kind == "deleted"]
        self._file.executemany("DELETE FROM messages WHERE id = ?", deleted)
        cleared = {change.key for change in changes if change.kind == "cleared"}
        for table in _TABLES:
            if whole or "" in cleared:
                self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
                continue
            name = "fingerprint" if table == "accounts" else "key_fingerprint"
            query = f"DELETE FROM {table} WHERE json_extract(content, '$.{name}') = ?"  # noqa: S608
            for key in cleared:
                self._file.execute(query, (key,))

    def _forget_oldest(self) -> None:
        """Delete the rows before the oldest that is kept."""
        engine = self._engine
        kept: dict[str, Iterable[Any]] = {
            "messages": engine.inbox.messages(),
            "requests": engine.inbox.requests(),
            "deliveries": engine.webhooks,
        }
        for table, items in kept.items():
            oldest = [(item.sequence,) for item in islice(items, 1)]
            self._file.executemany(f"DELETE FROM {table} WHERE id < ?", oldest)  # noqa: S608
        for account in engine.accounts:
            if len(account.incoming) == account.incoming.maxlen:
                self._file.execute(
                    "DELETE FROM incoming WHERE id < ? AND json_extract(content, '$.key_fingerprint') = ?",
                    (account.incoming[0].sequence, account.fingerprint),
                )

    def _load(self) -> None:
        engine = self._engine
        with engine.lock:
            for content in self._contents("accounts"):
                stored.restore_account(engine.accounts.of(content["fingerprint"]), content)
            requests = [stored.request_from_json(found) for found in self._contents("requests")]
            messages = [stored.message_from_json(found) for found in self._contents("messages")]
            engine.inbox.restore(requests, messages)
            for message in messages:
                engine.resume(message)
            for content in self._contents("incoming"):
                stored.restore_incoming(engine, content)
            stored.restore_deliveries(engine, self._contents("deliveries"), messages)
            stored.restore_rules(engine, self._state("rules") or [])
            # It never goes back.
            engine.clock.jump(self._state("clock") or 0.0)

    def _contents(self, table: str) -> Iterator[JsonObject]:
        query = f"SELECT content FROM {table} ORDER BY id"  # noqa: S608 - a constant
        for (content,) in self._file.execute(query):
            yield _from_json(content)

    def _state(self, name: str) -> Any:
        row = self._file.execute("SELECT content FROM state WHERE id = ?", (name,)).fetchone()
        return None if row is None else _from_json(row[0])

    def _keep_state(self, name: str, value: object) -> None:
        self._file.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, json.dumps(value)))


def _opened(path: str | os.PathLike[str]) -> sqlite3.Connection:
    """Return a file that no other process opens until it is closed."""
    # SQLite takes some names, such as `:memory:`, for no file; none of them is absolute.
    path = os.path.abspath(path)  # noqa: PTH100 - links stay as they are
    # It holds numbers, texts and secrets. SQLite gives its other files the same mode.
    with contextlib.suppress(OSError):
        # Only if it is new: closing a file drops what this process has locked of it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for name in (path, f"{path}-wal"):
        with contextlib.suppress(OSError):
            os.chmod(name, 0o600)  # noqa: PTH101
    try:
        file = sqlite3.connect(
            path, timeout=_PATIENCE_S, check_same_thread=False, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        raise OSError(f"The data file cannot be opened ({error}). {_NOT_STARTED}") from None
    try:
        _prepare(file)
    except sqlite3.OperationalError as error:
        file.close()
        in_use = "locked" in str(error)
        what = (
            "is in use by another sandbox or program" if in_use else f"cannot be opened ({error})"
        )
        raise OSError(f"The data file {what}. {_NOT_STARTED}") from None
    except sqlite3.DatabaseError:
        file.close()
        raise ValueError(f"The data file is not a file of a sandbox. {_NOT_STARTED}") from None
    except ValueError:
        file.close()
        raise
    return file


def _prepare(file: sqlite3.Connection) -> None:
    file.execute("PRAGMA locking_mode=EXCLUSIVE")
    file.execute("PRAGMA journal_mode=WAL")
    (version,) = file.execute("PRAGMA user_version").fetchone()
    if version not in {_FORMAT, *_EARLIER_FORMATS}:
        raise ValueError(f"The data file is of another version. {_NOT_STARTED}")
    for table in (*_TABLES, _STATE):
        file.execute(f"CREATE TABLE IF NOT EXISTS {table} (id PRIMARY KEY, content TEXT NOT NULL)")
    file.execute(f"PRAGMA user_version = {_FORMAT}")


def _from_json(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise ValueError(f"The data file is damaged. {_NOT_STARTED}") from None


def _numbered(items: Sequence[Any], wanted: Iterable[int]) -> Iterator[Any]:
    """Yield the items with some numbers, of items in ascending order."""
    for number in wanted:
        index = bisect.bisect_left(items, number, key=lambda item: item.sequence)
        if index < len(items) and items[index].sequence == number:
            yield items[index]
