"""Queries and changes of the table that do not send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from smsmanager.outbox._due_messages import is_named, is_nameless
from smsmanager.outbox._kept_message import marked
from smsmanager.outbox.outbox_entry import PERHAPS_TAKEN, UNSETTLED, OutboxState
from smsmanager.outbox.outbox_table import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager.outbox._outbox_store import OutboxStore

_c = table.c
_IN_DOUBT = tuple(state.value for state in PERHAPS_TAKEN)


def open_rows(store: OutboxStore, target: str, most: int) -> list[Any]:
    """Return rows that went to a service and whose outcome is in doubt.

    They are drawn at random: what the service never finds would otherwise keep all others waiting.
    """
    went_there = or_(is_named(_c.sent, target), is_nameless(_c.sent))
    in_doubt = select(table).where(_c.state.in_(_IN_DOUBT), went_there)
    wanted = in_doubt.order_by(func.random()).limit(most)
    with store.reading() as connection:
        return list(connection.execute(wanted))


def ids_between(store: OutboxStore, begin_s: float, end_s: float) -> list[str]:
    """Return the ids of messages that were claimed between two times."""
    between = (_c.message_id.is_not(None), _c.claimed_s.between(begin_s, end_s))
    with store.reading() as connection:
        return list(connection.execute(select(_c.message_id).where(*between)).scalars())


def accept(
    store: OutboxStore, row: Any, message_id: str | None, request_id: str | None, now_s: float
) -> bool:
    """Record that a message in doubt was accepted; return False if its row has changed since it was read."""
    change = update(table).where(_c.key == row.key, _c.fence == row.fence, _c.state.in_(_IN_DOUBT))
    values = {
        "state": OutboxState.ACCEPTED.value,
        "message_id": message_id,
        "request_id": request_id,
        "settled_s": now_s,
    }
    with store.transaction() as connection:
        return bool(connection.execute(change.values(values)).rowcount)


def renew(store: OutboxStore, key: str, states: Iterable[OutboxState], now_s: float) -> bool:
    """Make a settled key *pending* again; return whether it was in one of these states."""
    which = (_c.key == key, _c.state.in_([state.value for state in states]))
    values: dict[str, Any] = {
        "state": OutboxState.PENDING.value,
        "due_s": now_s,
        "settled_s": None,
        "tries": 0,
    }
    with store.transaction() as connection:
        row = connection.execute(select(table).where(*which).with_for_update()).first()
        if row is None:
            return False
        if row.state in _IN_DOUBT:
            values["sent"] = marked(row.sent)
        connection.execute(update(table).where(*which).values(values))
    return True


def find(store: OutboxStore, key: str) -> Any | None:
    """Return the row of a key."""
    with store.reading() as connection:
        return connection.execute(select(table).where(_c.key == key)).first()


def counts(store: OutboxStore, now_s: float) -> tuple[dict[OutboxState, int], float | None]:
    """Return the number of keys in each state except *accepted*, and since when the oldest is due."""
    others = [state.value for state in OutboxState if state is not OutboxState.ACCEPTED]
    counted = select(_c.state, func.count()).where(_c.state.in_(others)).group_by(_c.state)
    oldest = select(func.min(_c.due_s)).where(
        _c.state == OutboxState.PENDING.value, _c.due_s <= now_s
    )
    with store.reading() as connection:
        counts = {OutboxState(state): n for state, n in connection.execute(counted)}
        return counts, connection.execute(oldest).scalar()


def purge(store: OutboxStore, before_s: float) -> int:
    """Delete messages that were settled before a time."""
    unsettled = [state.value for state in UNSETTLED]
    old = (_c.settled_s < before_s, _c.state.not_in(unsettled))
    free = select(_c.key).where(*old).with_for_update(skip_locked=True)
    with store.transaction() as connection:
        return connection.execute(delete(table).where(_c.key.in_(free), *old)).rowcount
