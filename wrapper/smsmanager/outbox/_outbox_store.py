"""The transactions of an outbox: each is short, commits alone, and changes only what its fence allows."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import bindparam, case, or_, select, text, update

from smsmanager.asking.service_target import target_of
from smsmanager.errors import ValidationError
from smsmanager.outbox._adding import add_row, outbox_errors, refuse_another_service
from smsmanager.outbox._due_messages import IS_MARKED, IS_PENDING, NOW, next_rows, together
from smsmanager.outbox._kept_message import (
    is_marked,
    prepared_by,
    sent_text,
)
from smsmanager.outbox.outbox_entry import NOT_TAKEN, UNSETTLED, OutboxState
from smsmanager.outbox.outbox_errors import EXPIRED, MessageExpiredError
from smsmanager.outbox.outbox_table import table
from smsmanager.webhooks.tracker._delivery_state import kept_reference
from smsmanager.webhooks.tracker._sql_engine import READS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Engine, Select

    from smsmanager._config import Settings
    from smsmanager._message.wire_requests import Prepared
    from smsmanager.outbox._adding import NewRow

MOST_KEYS = 10
"""Maximum messages in one request."""
_PUT_OFF_S = 300.0
"""Seconds until a message that the client failed to prepare is tried again."""
_c = table.c
# Stronger settings are kept, but `off` could lose the record that a message is in flight. The lock timeout is
# for a transaction that has added the key and stays open.
_CLAIMING = text(
    "SELECT set_config('lock_timeout', '5s', true), CASE current_setting('synchronous_commit') "
    "WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
)
_NOTED: dict[str, Any] = {
    name: bindparam(f"new_{name}")
    for name in ("state", "tries", "message_id", "request_id", "settled_s", "due_s", "reason")
}
_NOTE = (
    update(table)
    .where(
        _c.key == bindparam("of_key"),
        _c.fence == bindparam("under"),
        # The lease may have ended meanwhile. After that, only the outcome *accepted* is recorded.
        or_(_c.state == OutboxState.IN_FLIGHT.value, bindparam("is_taken") == 1),
    )
    .values(_NOTED)
)


def _settling(new: OutboxState, *which: Any) -> Any:
    # Rows locked by another transaction are being changed there: neither wait for them nor block it.
    free = select(_c.key).where(*which).with_for_update(skip_locked=True)
    change = update(table).where(_c.key.in_(free), *which)
    return change.values(state=new.value, settled_s=bindparam("now_s"))


_LATE_IN_DOUBT = _settling(OutboxState.UNKNOWN, IS_PENDING, _c.expires_s <= NOW, IS_MARKED)
_TEND = {
    OutboxState.UNKNOWN: _settling(
        OutboxState.UNKNOWN, _c.state == OutboxState.IN_FLIGHT.value, _c.lease_ends_s <= NOW
    ),
    OutboxState.EXPIRED: _settling(OutboxState.EXPIRED, IS_PENDING, _c.expires_s <= NOW),
}
"""Changes that end expired leases, and expire messages that were not sent in time."""
_LOCKED = select(table).where(_c.key == bindparam("key")).with_for_update()


@attrs.frozen
class Claimed:
    """A key that only this process may send, until its lease ends.

    Attributes:
        tries: How often the service has decided on it, counting this request.
        waited_s: Seconds between the previous try and this one.
        is_drained: Whether `drain` tries it again; otherwise only `send_once` does.
        perhaps_taken: Whether an earlier request whose outcome is unknown may have been accepted.
    """

    key: str = attrs.field(repr=False)
    fence: str
    prepared: Prepared = attrs.field(repr=False)
    is_priority: bool
    expires_s: float | None
    due_s: float
    tries: int
    waited_s: float
    is_drained: bool
    perhaps_taken: bool


@attrs.frozen
class Note:
    """The outcome of a claimed key.

    Attributes:
        is_a_try: Whether the service decided on it, or may have. An outage does not count as a try.
    """

    claimed: Claimed
    state: OutboxState
    is_a_try: bool = True
    message_id: str | None = None
    request_id: str | None = None
    due_s: float | None = None
    reason: str | None = None


class OutboxStore:
    """The table in its database.

    Args:
        engine: Its engine. In SQLite, its transactions must begin with a write lock.
        lease_s: Seconds after which a claim without an outcome becomes *unknown*.
    """

    def __init__(self, engine: Engine, lease_s: float) -> None:
        self._engine = engine
        self._pid = os.getpid()
        self._lease_s = lease_s

    @property
    def engine(self) -> Engine:
        """The engine. In a forked child it drops the connections of the parent, which must not be shared."""
        if self._pid != os.getpid():
            self._engine.dispose(close=False)
            self._pid = os.getpid()
        return self._engine

    @contextmanager
    def transaction(
        self, consequence: str = "Nothing was sent by this step."
    ) -> Iterator[Connection]:
        """Begin a transaction that commits at the end of the block."""
        with outbox_errors(consequence), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads."""
        reads = self.engine.execution_options(**READS)
        with outbox_errors("Nothing was sent by this step."), reads.begin() as connection:
            yield connection

    def tend(self, now_s: float) -> Counter[OutboxState]:
        """End expired leases, and expire messages that were not sent in time."""
        with self.transaction() as connection:
            ended: Counter[OutboxState] = Counter()
            in_doubt = (OutboxState.UNKNOWN, _LATE_IN_DOUBT)
            for state, change in (in_doubt, *_TEND.items()):
                ended[state] += connection.execute(change, {"now_s": now_s}).rowcount
            return ended

    def claim_next(
        self, settings: Settings, now_s: float, fence: str, most: int, only_for: str | None
    ) -> tuple[list[Claimed], Counter[OutboxState]]:
        """Claim the messages of the next request, most urgent first.

        Args:
            settings: The settings of the client.
            now_s: Unix seconds.
            fence: The fence of this claim.
            most: Maximum number of messages.
            only_for: The service that they must be for; None for any.

        Returns:
            The claimed keys, and the new states of others: a message that is invalid for the client is *not
            sent*, and one that the client fails to prepare stays *pending* until later.

        Raises:
            OutboxTargetError: If all messages that are due are for another service.
        """
        with self.transaction() as connection:
            self._prepare_to_claim(connection)
            target = target_of(settings.base_url)
            rows = next_rows(connection, only_for, now_s, min(most, MOST_KEYS))
            return self._claim(connection, target, together(rows, settings), now_s, fence)

    def take(
        self, settings: Settings, row: NewRow, now_s: float, fence: str
    ) -> tuple[Claimed | None, Any]:
        """Add a key if it is new, and claim it if it may be sent.

        Returns:
            The claim, or None, and the row, which says why there is no claim.

        Raises:
            KeyConflictError: If the key belongs to another message.
            OutboxTargetError: If the message is for another service, or was sent there.
            MessageExpiredError: If the time limit of this call has passed, but not that of the key.
            ValidationError: If the message is invalid for the client.
        """
        with self.transaction() as connection:
            self._prepare_to_claim(connection)
            is_new = add_row(connection, row, "Nothing was sent.")
            found = connection.execute(_LOCKED, {"key": row["key"]}).one()
            state, target = OutboxState(found.state), target_of(settings.base_url)
            refuse_another_service(found.state, found.message, found.sent, target)
            if state is OutboxState.IN_FLIGHT and found.lease_ends_s <= now_s:
                return None, self._settled_now(connection, found, OutboxState.UNKNOWN, now_s)
            if state is not OutboxState.PENDING and state not in NOT_TAKEN:
                return None, found
            ends_s = [each for each in (found.expires_s, row["expires_s"]) if each is not None]
            expires_s = min(ends_s, default=None)
            if expires_s is not None and expires_s <= now_s:
                if not is_new and expires_s != found.expires_s:
                    # The time limit of this call does not apply to a message that was added earlier.
                    raise MessageExpiredError(EXPIRED)
                state = OutboxState.UNKNOWN if is_marked(found.sent) else OutboxState.EXPIRED
                return None, self._settled_now(connection, found, state, now_s)
            prepared = prepared_by(settings, found.message)
            [claimed], _ = self._claim(connection, target, [(found, prepared)], now_s, fence)
        return claimed, found

    def _settled_now(
        self, connection: Connection, found: Any, state: OutboxState, now_s: float
    ) -> Any:
        change = update(table).where(_c.key == found.key, _c.state == found.state)
        connection.execute(change.values(state=state.value, settled_s=now_s))
        return connection.execute(select(table).where(_c.key == found.key)).one()

    def _claim(
        self,
        connection: Connection,
        target: str,
        chosen: Sequence[tuple[Any, Prepared | Exception]],
        now_s: float,
        fence: str,
    ) -> tuple[list[Claimed], Counter[OutboxState]]:
        claimed: list[Claimed] = []
        others: Counter[OutboxState] = Counter()
        for row, prepared in chosen:
            where = (_c.key == row.key, _c.state == row.state)
            values: dict[str, Any]
            if isinstance(prepared, Exception):
                state, values = _without_a_claim(prepared, row, now_s)
                change = update(table).where(*where).values(values)
                others[state] += connection.execute(change).rowcount
                continue
            reference = prepared.contents[0].reference
            values = {
                "state": OutboxState.IN_FLIGHT.value,
                "fence": fence,
                "claimed_s": now_s,
                "lease_ends_s": now_s + self._lease_s,
                "tries": row.tries + 1,
                "sent": sent_text(prepared, target, perhaps_taken=is_marked(row.sent)),
                "reference": None if reference is None else kept_reference(reference),
                "message_id": None,
                "request_id": None,
                "reason": None,
            }
            # Exactly one of the competing claims changes the row.
            if connection.execute(update(table).where(*where).values(values)).rowcount:
                claimed.append(
                    Claimed(
                        key=row.key,
                        fence=fence,
                        prepared=prepared,
                        is_priority=prepared.route.value == "priority",
                        expires_s=row.expires_s,
                        due_s=row.due_s,
                        tries=row.tries + 1,
                        waited_s=0.0 if row.claimed_s is None else row.due_s - row.claimed_s,
                        is_drained=row.settled_s is None,
                        perhaps_taken=is_marked(row.sent),
                    )
                )
        return claimed, others

    def release(self, fence: str) -> None:
        """Release keys that were claimed under a fence and never sent."""
        claimed = (_c.fence == fence, _c.state == OutboxState.IN_FLIGHT.value)
        # A claim does not change `settled_s`, which a message to drain does not have.
        before = case((_c.settled_s.is_(None), "pending"), else_="not_sent")
        with self.transaction() as connection:
            locked = locked_rows(connection, select(_c.key).where(*claimed))
            given_back = update(table).where(_c.key.in_([row.key for row in locked]), *claimed)
            connection.execute(given_back.values(state=before, tries=_c.tries - 1))

    def note(self, notes: Iterable[Note], now_s: float) -> None:
        """Record the outcomes of claimed keys, where their fences still allow it."""
        values = [
            {
                "of_key": note.claimed.key,
                "under": note.claimed.fence,
                "new_state": note.state.value,
                "new_tries": note.claimed.tries - (not note.is_a_try),
                "new_message_id": note.message_id,
                "new_request_id": note.request_id,
                "new_settled_s": None if note.state in UNSETTLED else now_s,
                "new_due_s": note.claimed.due_s if note.due_s is None else note.due_s,
                "new_reason": note.reason,
                "is_taken": int(note.state is OutboxState.ACCEPTED),
            }
            # In the order of `locked_rows`.
            for note in sorted(notes, key=lambda each: each.claimed.key)
        ]
        if values:
            with self.transaction(
                "Sent messages become unknown when their lease ends."
            ) as connection:
                connection.execute(_NOTE, values)

    def _prepare_to_claim(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(_CLAIMING)


def locked_rows(connection: Connection, wanted: Select[Any]) -> Sequence[Any]:
    """Lock and return rows in the order of their keys, so that two transactions never wait for each other.

    The order is Python's, not the database's, because `note` uses it too.
    """
    is_other = connection.dialect.name == "postgresql"
    by_key = _c.key.collate("C") if is_other else _c.key
    return connection.execute(wanted.order_by(by_key).with_for_update()).all()


def _without_a_claim(
    error: Exception, row: Any, now_s: float
) -> tuple[OutboxState, dict[str, Any]]:
    """Return the new state and values of a row that could not be prepared."""
    if isinstance(error, ValidationError):
        state = OutboxState.UNKNOWN if is_marked(row.sent) else OutboxState.NOT_SENT
        reason = f"refused by the client: {error.field}"
        return state, {"state": state.value, "reason": reason[:200], "settled_s": now_s}
    reason = f"not prepared by the client: {type(error).__name__}"
    return OutboxState.PENDING, {"due_s": now_s + _PUT_OFF_S, "reason": reason[:200]}
