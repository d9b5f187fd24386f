"""Put a message into the outbox within the caller's transaction."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

from smsmanager._config import Settings
from smsmanager._message.compose import MessageFields
from smsmanager._message.send_times import to_utc
from smsmanager._privacy import hides_locals
from smsmanager.asking.service_target import target_of
from smsmanager.errors import ConfigurationError, ValidationError
from smsmanager.outbox._kept_message import for_target, kept_message, target_in
from smsmanager.outbox.outbox_entry import MOST_KEY, NOT_TAKEN, OutboxState
from smsmanager.outbox.outbox_errors import (
    KeyConflictError,
    OutboxError,
    OutboxTargetError,
    SendInProgressError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.utils.connection import ConnectionProxy
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
    from sqlalchemy.orm import Session

    from smsmanager._message.compose import To
    from smsmanager_jsonapi.models import Message

_COLUMNS = (
    "key",
    "fingerprint",
    "message",
    "state",
    "rank",
    "created_s",
    "due_s",
    "expires_s",
    "tries",
    "settled_s",
)
_INSERT = (
    f"INSERT INTO smsmanager_outbox ({', '.join(_COLUMNS)}) VALUES ({{values}}) "  # noqa: S608 - names of columns
    "ON CONFLICT (key) DO NOTHING RETURNING key"
)
_FIND = "SELECT fingerprint, state, message, sent FROM smsmanager_outbox WHERE key = {key}"
_NOT_ADDED = "Nothing is in the outbox."
_RANK, _RANK_OF_PRIORITY = 100, 0
_MOST_RANK = 32_767


class OutboxFields(MessageFields, total=False):
    """Keywords of a message for the outbox: those of `send`, and when it may be sent."""

    body: str | None
    to: To
    priority: bool
    rank: int
    not_before: datetime | str | None
    expires_at: datetime | str | None
    default_region: str | None
    base_url: str | None


class NewRow(TypedDict):
    """The values of a new row."""

    key: str
    fingerprint: str
    message: str
    state: str
    rank: int
    created_s: float
    due_s: float
    expires_s: float | None
    tries: int
    settled_s: float | None


def new_row(
    key: str,
    message: str | Message | None,
    given: Mapping[str, Any],
    now_s: float,
    *,
    drained: bool = True,
    region: str | None = None,
) -> NewRow:
    """Check a message and return the values of its row; *not sent*, unless it is to be drained.

    Args:
        key: Its key.
        message: The text, or a whole `Message`.
        given: The keywords of `add`, or those of `send_once`.
        now_s: Unix seconds.
        drained: Whether `drain` is to send it; otherwise its `send_once` does.
        region: The country of numbers that cannot be read without one: the client's, if there is a client.

    Raises:
        ValidationError: If it is refused.
    """
    fields = dict(given)
    # Of these, a message that is sent at once has the last alone: the others are refused as unknown fields.
    names = ("rank", "not_before", "default_region", "base_url", "expires_at")
    own = {name: fields.pop(name, None) for name in (names if drained else names[-1:])}
    rank, not_before, expires_at, base_url = map(
        own.get, ("rank", "not_before", "expires_at", "base_url")
    )
    target = (
        None
        if base_url is None
        else target_of(Settings(api_key="none", base_url=base_url).base_url)
    )
    try:
        kept = kept_message(message, fields, own.get("default_region"))
    except ValidationError:
        if region is None:
            raise
        kept = kept_message(message, fields, region)
    rank = (_RANK_OF_PRIORITY if kept.is_priority else _RANK) if rank is None else rank
    return NewRow(
        key=_checked_key(key),
        fingerprint=kept.fingerprint,
        message=kept.text if target is None else for_target(kept.text, target),
        state=(OutboxState.PENDING if drained else OutboxState.NOT_SENT).value,
        rank=_checked_rank(rank),
        created_s=now_s,
        due_s=now_s if not_before is None else to_utc(not_before, "not_before").timestamp(),
        expires_s=None if expires_at is None else to_utc(expires_at, "expires_at").timestamp(),
        tries=0,
        settled_s=None if drained else now_s,
    )


def _checked_key(key: Any) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MOST_KEY:
        raise ValidationError([("key", f"must be a string of 1 to {MOST_KEY} characters")])
    if "\0" in key or key.encode(errors="replace").decode() != key:
        raise ValidationError([("key", "holds a character that a database cannot keep")])
    return key


def _checked_rank(rank: Any) -> int:
    if not isinstance(rank, int) or isinstance(rank, bool) or abs(rank) > _MOST_RANK:
        raise ValidationError([("rank", f"must be a whole number up to {_MOST_RANK}")])
    return rank


@overload
def add(
    connection: AsyncConnection | AsyncSession,
    message: str | Message | None = None,
    *,
    key: str,
    **fields: Unpack[OutboxFields],
) -> Awaitable[bool]: ...
@overload
def add(
    connection: Connection | Session | ConnectionProxy | BaseDatabaseWrapper,
    message: str | Message | None = None,
    *,
    key: str,
    **fields: Unpack[OutboxFields],
) -> bool: ...
@hides_locals
def add(
    connection: Any,
    message: str | Message | None = None,
    *,
    key: str,
    **fields: Unpack[OutboxFields],
) -> bool | Awaitable[bool]:
    """Put a message into the outbox, inside the caller's transaction: it goes out only if that commits.

    Args:
        connection: A SQLAlchemy `Connection` or `Session`, their asynchronous kinds (then await the result),
            or Django's `django.db.connection`.
        message: The text, or a whole `Message`.
        key: Names this message, at most 200 characters. A key that already exists is not added again.
        **fields: `to` and the other keywords of `send`, such as `priority=True` for one-time codes; at most
            ten recipients, or one with `priority`. And

            - rank: Lower ranks are sent first. Default: 0 with `priority`, 100 otherwise.
            - not_before: Earliest time to send it: an aware datetime, or an ISO 8601 string.
            - expires_at: Latest time to send it. A message that was not sent by then is *expired*.
            - base_url: The service that it is for, as given to the client that will drain it: no other client
              sends it. Default: the one that this outbox has sent to, or the first client's.
            - default_region: Two letters such as `"SK"`: the country of numbers like `0905 123 456`, because
              no client, with its option of that name, takes part in `add`.

    Returns:
        Whether the key is new.

    Raises:
        ValidationError: If the message is refused; nothing is in the outbox.
        KeyConflictError: If the key belongs to another message.
        OutboxTargetError: If the key belongs to a message that is for another service, or went to it.
        ConfigurationError: If there is no transaction: each statement of the connection commits by itself. Or
            if no client could have this `base_url`.
        OutboxError: If the table cannot be written.
    """
    row = new_row(key, message, fields, time.time())
    if hasattr(connection, "vendor") and hasattr(connection, "cursor"):
        return _add_by_django(connection, row)
    if inspect.iscoroutinefunction(getattr(connection, "execute", None)):
        return _add_asynchronously(connection, row)
    if not hasattr(connection, "execute"):
        raise ConfigurationError(
            "add() takes a SQLAlchemy connection or session, or django.db.connection. Nothing is in the "
            "outbox."
        )
    _refuse_autocommit(connection.connection() if _is_session(connection) else connection)
    return add_row(connection, row)


_AT_ONCE = (
    "This connection commits each statement by itself, so the message would go out even if your transaction "
    "is rolled back. Nothing is in the outbox."
)


def _is_session(connection: Any) -> bool:
    # A connection has a `connection` too: a property, that of the driver.
    return callable(getattr(type(connection), "connection", None))


def _refuse_autocommit(connection: Any) -> None:
    options: Any = getattr(connection, "get_execution_options", dict)()
    engine = getattr(getattr(connection, "engine", None), "dialect", None)
    level = options.get("isolation_level") or getattr(engine, "_on_connect_isolation_level", None)
    if level == "AUTOCOMMIT":
        raise ConfigurationError(f"{_AT_ONCE} Use another isolation level than AUTOCOMMIT.")


def add_row(connection: Any, row: NewRow, consequence: str = _NOT_ADDED) -> bool:
    """Insert a row by a SQLAlchemy connection or session; return whether the key is new."""
    insert, find = _statements()
    with outbox_errors(consequence):
        if connection.execute(insert, row).first() is not None:
            return True
        known = connection.execute(find, {"key": row["key"]}).first()
    return _refuse_another(row, known)


@hides_locals
async def _add_asynchronously(connection: Any, row: NewRow) -> bool:
    _refuse_autocommit(await connection.connection() if _is_session(connection) else connection)
    insert, find = _statements()
    with outbox_errors(_NOT_ADDED):
        if (await connection.execute(insert, row)).first() is not None:
            return True
        known = (await connection.execute(find, {"key": row["key"]})).first()
    return _refuse_another(row, known)


def _add_by_django(connection: Any, row: NewRow) -> bool:
    from django.db import Error  # noqa: PLC0415 - there when its connection is

    try:
        if not connection.in_atomic_block and connection.get_autocommit():
            raise ConfigurationError(f"{_AT_ONCE} Use transaction.atomic().")
        with connection.cursor() as cursor:
            values = [row[name] for name in _COLUMNS]  # type: ignore[literal-required]
            cursor.execute(_INSERT.format(values=", ".join(["%s"] * len(values))), values)
            if cursor.fetchone() is not None:
                return True
            cursor.execute(_FIND.format(key="%s"), [row["key"]])
            known = cursor.fetchone()
    except Error as error:
        raise OutboxError(_failure(type(error).__name__, _NOT_ADDED)) from None
    return _refuse_another(row, known)


def _statements() -> tuple[Any, Any]:
    from sqlalchemy import text  # noqa: PLC0415 - Django needs none

    values = ", ".join(f":{name}" for name in _COLUMNS)
    return text(_INSERT.format(values=values)), text(_FIND.format(key=":key"))


def _refuse_another(row: NewRow, known: Any) -> bool:
    """Return False: the key is not new; raise if it belongs to another message."""
    if known is None or known[0] != row["fingerprint"]:
        raise KeyConflictError(
            "This key belongs to another message: another text, number, field or queue. This one was not "
            "sent. Give each message a key of its own."
        )
    _, state, message, sent = known
    refuse_another_service(state, message, sent, target_in(row["message"]))
    return False


def refuse_another_service(state: str, message: str, sent: str | None, target: str | None) -> None:
    """Raise if the message of a key is for another service, or if another service may have taken it.

    Args:
        state: The state of the key.
        message: Its message, as it is kept.
        sent: What was sent of it last.
        target: The service that requests go to; None if that is not known.
    """
    certainly_not_taken = state in {OutboxState.PENDING.value, *(each.value for each in NOT_TAKEN)}
    known = [target_in(message), None if certainly_not_taken else target_in(sent)]
    for other in known:
        if None not in {other, target} and other != target:
            raise OutboxTargetError(
                f"The message of this key is for {other}, or went to it, and requests would go to {target}. "
                "Nothing was sent: its outcome there says nothing about here. Use another key, or delete "
                "with purge() what was a rehearsal."
            )


@contextmanager
def outbox_errors(consequence: str) -> Iterator[None]:
    """Raise errors of the database without the statement and its values, which hold numbers and texts.

    Args:
        consequence: The consequence for the messages.
    """
    from sqlalchemy import exc  # noqa: PLC0415 - Django needs none

    from smsmanager.webhooks.tracker._sql_engine import named_failure  # noqa: PLC0415 - as above

    try:
        yield
    except (exc.StatementError, exc.TimeoutError) as error:
        if named_failure(error).startswith("LockNotAvailable"):
            raise SendInProgressError(
                "Another transaction holds this key, such as the one that added it and is still open. "
                "Nothing was sent by this call. Call again when that transaction has ended."
            ) from None
        raise OutboxError(_failure(named_failure(error), consequence)) from None


def _failure(kind: str, consequence: str) -> str:
    advice = (
        "Another transaction holds the database: end it, then call again."
        if "locked" in kind
        else "Does its table exist (Outbox.create_table, or a migration), and does the database answer?"
    )
    return f"The outbox cannot be read or written ({kind}). {consequence} {advice}"
