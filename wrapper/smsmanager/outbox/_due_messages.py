"""The messages of an outbox that a client may send now: those that are due, for its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, and_, bindparam, not_, or_, select, true

from smsmanager.errors import ConfigurationError
from smsmanager.outbox._kept_message import MARKED, named, prepared_to_drain, target_in
from smsmanager.outbox.outbox_entry import OutboxState
from smsmanager.outbox.outbox_errors import OutboxTargetError
from smsmanager.outbox.outbox_table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from smsmanager._config import Settings
    from smsmanager._message.wire_requests import Prepared

_c = table.c
NOW = bindparam("now_s", type_=Double)
IS_PENDING = _c.state == OutboxState.PENDING.value
IS_MARKED = _c.sent.startswith(MARKED, autoescape=True)
_IS_DUE = and_(IS_PENDING, _c.due_s <= NOW, or_(_c.expires_s.is_(None), _c.expires_s > NOW))
_NEXT = select(table).where(_IS_DUE).order_by(_c.rank, _c.due_s, _c.key)
# Of several ranks the last one: the index finds it quickly, however many were accepted.
_SENT_BEFORE = (
    select(_c.sent)
    .where(_c.state == OutboxState.ACCEPTED.value)
    .order_by(_c.rank.desc(), _c.due_s.desc())
    .limit(1)
)


def next_rows(
    connection: Connection, only_for: str | None, now_s: float, most: int
) -> Sequence[Any]:
    """Lock and return the next rows for a client to send, most urgent first.

    Args:
        connection: Inside a transaction.
        only_for: The service that they must be for; None for any.
        now_s: Unix seconds.
        most: Maximum number of rows.

    Raises:
        OutboxTargetError: If all rows that are due are for another service.
    """
    sent_before = target_in(connection.execute(_SENT_BEFORE).scalar())
    mine = true() if only_for is None else is_named(_c.message, only_for)
    # A message that names no service is for the one that earlier messages went to, or for the first client's.
    if sent_before in {None, only_for}:
        mine = or_(mine, is_nameless(_c.message))
    at = {"now_s": now_s}
    rows = connection.execute(
        _NEXT.where(mine).limit(most).with_for_update(skip_locked=True), at
    ).all()
    if not rows:
        others = select(_c.message).where(_IS_DUE, not_(mine)).limit(1)
        message = connection.execute(others, at).scalar()
        if message is not None:
            other = target_in(message) or sent_before
            raise OutboxTargetError(
                f"The messages that are due are for {other}, but this client sends to {only_for}. Nothing "
                "was sent, and they stay pending. Drain them with a client for their service, or pass "
                "takes_over=True if the address of the service has changed."
            )
    return rows


def together(rows: Sequence[Any], settings: Settings) -> list[tuple[Any, Prepared | Exception]]:
    """Return the first rows that fit into one request; a message of the priority queue is sent alone."""
    chosen: list[tuple[Any, Prepared | Exception]] = []
    for row in rows:
        try:
            prepared = prepared_to_drain(settings, row.message)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - the client's `callbacks` may raise anything
            chosen.append((row, error))
            continue
        is_priority = prepared.route.value == "priority"
        if not is_priority:
            chosen.append((row, prepared))
        elif not chosen:
            return [(row, prepared)]
    return chosen


def is_named(column: Any, target: str) -> Any:
    """Return whether the JSON of a column names a service."""
    return or_(*(column.startswith(begins, autoescape=True) for begins in named(target)))


def is_nameless(column: Any) -> Any:
    """Return whether the JSON of a column names no service, such as JSON of an earlier version."""
    return and_(*(not_(column.startswith(begins, autoescape=True)) for begins in named()))
