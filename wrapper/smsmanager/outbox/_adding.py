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
_NOT_ADDED = "Nothing was added to the outbox."
_RANK, _RANK_OF_PRIORITY = 100, 0
_MOST_RANK = 32_767


class OutboxFields(MessageFields, total=False):
    """Keywords of a message for the outbox: those of `send`, and when and for which service to send it."""

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
    """Check a message and return the values of its row: *pending* if `drain` is to send it, else *not sent*.

    Args:
        key: Its key.
        message: The text, or a whole `Message`.
        given: The keywords of `add` or `send_once`.
        now_s: Unix seconds.
        drained: Whether `drain` is to send it; otherwise `send_once` does.
        region: The country of numbers that cannot be read without one: the client's, if there is a client.

    Raises:
        ValidationError: If the message is invalid.
    """
    fields = dict(given)
    # A message that is sent at once has only the last of these: the others are refused as unknown fields.
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
        raise ValidationError([("key", "contains a character that a database cannot store")])
    return key


def _checked_rank(rank: Any) -> int:
    if not isinstance(rank, int) or isinstance(rank, bool) or abs(rank) > _MOST_RANK:
        raise ValidationError([("rank", f"must be an integer within ±{_MOST_RANK}")])
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
    """Put a message into the outbox inside the caller's transaction: it is sent only if this commits.

    Args:
        connection: A SQLAlchemy `Connection` or `Session`, their asynchronous kinds (await the result then),
            or Django's `django.db.connection`.
        message: The text, or a whole `Message`.
        key: Identifies this message; at most 200 characters. A key that already exists is not added again.
        **fields: `to` and the other keywords of `send`, such as `priority=True` for one-time codes; at most
            ten recipients, or one with `priority`. Also:

            - rank: Lower ranks are sent first. Default: 0 with `priority`, 100 otherwise.
            - not_before: Earliest time to send it: an aware datetime, or an ISO 8601 string.
            - expires_at: Latest time to send it. A message that was not sent by then is *expired*.
            - base_url: The service to send to, as given to the client that will drain it; other clients do
              not send it. Default: the service that this outbox has sent to, or that of the first client.
            - default_region: Two letters such as `"SK"`: the country of numbers like `0905 123 456`. `add`
              uses no client, and so not its option.

    Returns:
        Whether the key is new.

    Raises:
        ValidationError: If the message is invalid; nothing was added.
        KeyConflictError: If the key belongs to another message.
        OutboxTargetError: If the message of the key is for another service, or was sent there.
        ConfigurationError: If there is no transaction, because the connection commits each statement, or if
            `base_url` is invalid.
        OutboxError: If the table cannot be written.
    """
    row = new_row(key, message, fields, time.time())
    if hasattr(connection, "vendor") and hasattr(connection, "cursor"):
        return _add_by_django(connection, row)
    if inspect.iscoroutinefunction(getattr(connection, "execute", None)):
        return _add_asynchronously(connection, row)
    if not hasattr(connection, "execute"):
        raise ConfigurationError(
            "add() needs a SQLAlchemy connection or session, or django.db.connection. Nothing was added to "
            "the outbox."
        )
    _refuse_autocommit(connection.connection() if _is_session(connection) else connection)
    return add_row(connection, row)


_AT_ONCE = (
    "This connection commits each statement at once, so the message would be sent even if your transaction "
    "is rolled back. Nothing was added to the outbox."
)


def _is_session(connection: Any) -> bool:
    # A connection has a `connection` too, but as a property: the driver's connection.
    return callable(getattr(type(connection), "connection", None))


def _refuse_autocommit(connection: Any) -> None:
    options: Any = getattr(connection, "get_execution_options", dict)()
    engine = getattr(getattr(connection, "engine", None), "dialect", None)
    level = options.get("isolation_level") or getattr(engine, "_on_connect_isolation_level", None)
    if level == "AUTOCOMMIT":
        raise ConfigurationError(f"{_AT_ONCE} Use an isolation level other than AUTOCOMMIT.")


def add_row(connection: Any, row: NewRow, consequence: str = _NOT_ADDED) -> bool:
    """Insert a row with a SQLAlchemy connection or session; return whether the key is new."""
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
    from django.db import Error  # noqa: PLC0415 - installed if its connection exists

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
    from sqlalchemy import text  # noqa: PLC0415 - not needed with Django

    values = ", ".join(f":{name}" for name in _COLUMNS)
    return text(_INSERT.format(values=values)), text(_FIND.format(key=":key"))


def _refuse_another(row: NewRow, known: Any) -> bool:
    """Return False, because the key is not new; raise if it belongs to another message."""
    if known is None or known[0] != row["fingerprint"]:
        raise KeyConflictError(
            "This key belongs to another message, with another text, number, field or queue. Nothing was "
            "sent by this call. Give each message its own key."
        )
    _, state, message, sent = known
    refuse_another_service(state, message, sent, target_in(row["message"]))
    return False


def refuse_another_service(state: str, message: str, sent: str | None, target: str | None) -> None:
    """Raise if the message of a key is for another service, or if another service may have accepted it.

    Args:
        state: The state of the key.
        message: Its message, as stored.
        sent: The last request with it, as stored.
        target: The service that requests go to; None if this is not known.
    """
    certainly_not_taken = state in {OutboxState.PENDING.value, *(each.value for each in NOT_TAKEN)}
    known = [target_in(message), None if certainly_not_taken else target_in(sent)]
    for other in known:
        if None not in {other, target} and other != target:
            raise OutboxTargetError(
                f"The message of this key is for {other}, or was sent there, but this call is for {target}. "
                "Nothing was sent by this call: its outcome there says nothing about here. Use another key, "
                "or delete the messages of a rehearsal with purge()."
            )


@contextmanager
def outbox_errors(consequence: str) -> Iterator[None]:
    """Raise errors of the database without the statement and its values, which contain numbers and texts.

    Args:
        consequence: The consequence for the messages.
    """
    from sqlalchemy import exc  # noqa: PLC0415 - not needed with Django

    from smsmanager.webhooks.tracker._sql_engine import named_failure  # noqa: PLC0415 - as above

    try:
        yield
    except (exc.StatementError, exc.TimeoutError) as error:
        if named_failure(error).startswith("LockNotAvailable"):
            raise SendInProgressError(
                "Another transaction has locked this key, perhaps the one that added it. Nothing was sent by "
                "this call. Call again when that transaction has ended."
            ) from None
        raise OutboxError(_failure(named_failure(error), consequence)) from None


def _failure(kind: str, consequence: str) -> str:
    advice = (
        "Another transaction has locked the database: end it, then call again."
        if "locked" in kind
        else "Check that its table exists (Outbox.create_table or a migration) and the database answers."
    )
    return f"The outbox cannot be read or written ({kind}). {consequence} {advice}"
