"""`Outbox`: messages by key in a database, sent once despite crashes, from any number of processes."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Self, Unpack, overload

from smsmanager._message.compose import MessageFields
from smsmanager._privacy import hides_locals
from smsmanager.asking.service_target import target_of
from smsmanager.errors import ConfigurationError
from smsmanager.outbox import _outbox_queries
from smsmanager.outbox._adding import new_row
from smsmanager.outbox._drain_plan import Sending
from smsmanager.outbox._kept_message import stored_result, target_in
from smsmanager.outbox._outbox_engine import engine_of
from smsmanager.outbox._outbox_reports import deliveries_of, record
from smsmanager.outbox._outbox_settling import settle
from smsmanager.outbox._outbox_steps import Clocks, perform
from smsmanager.outbox._outbox_store import OutboxStore
from smsmanager.outbox.outbox_entry import (
    NOT_TAKEN,
    PERHAPS_TAKEN,
    Drained,
    OutboxEntry,
    OutboxState,
    OutboxStats,
)
from smsmanager.outbox.outbox_table import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.connection import ConnectionProxy
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from smsmanager._message.compose import To
    from smsmanager.aio import AsyncSmsManager
    from smsmanager.asking import SettleOptions
    from smsmanager.client import SmsManager
    from smsmanager.results import SendResult
    from smsmanager.webhooks import Event
    from smsmanager_jsonapi.models import Message

_REPORTS_AT_ONCE = 500
_SHARE_OF_THE_LEASE = 0.8


class OnceFields(MessageFields, total=False):
    """Keywords of a message that is sent once: those of `send`, and the latest time to send it."""

    body: str | None
    to: To
    priority: bool
    expires_at: datetime | str | None


class Outbox:
    """Messages by key in a table of SQLite or PostgreSQL; safe to share between threads.

    A message is durably recorded as *in flight* before its request leaves. A message that was in flight when
    its process died is *unknown* once its lease has ended, and is not sent again unless you ask for it.

    Methods that take a client block with `SmsManager`. With `AsyncSmsManager` they return an awaitable, and
    use the database in a thread.

    Args:
        target: A SQLAlchemy URL, such as `sqlite:///shop.db` or `postgresql+psycopg://user@host/name`, an
            engine, or `django.db.connection`. A blocking engine for PostgreSQL is used as it is; otherwise
            the outbox makes its own connections to the same database.
        lease_s: Seconds after which a message in flight is *unknown*. A call to the service takes at most
            four fifths of this.

    Raises:
        ConfigurationError: If the database is neither SQLite nor PostgreSQL, or is in memory.
    """

    @hides_locals
    def __init__(
        self, target: str | Engine | AsyncEngine | ConnectionProxy, *, lease_s: float = 300.0
    ) -> None:
        if not isinstance(lease_s, (int, float)) or not lease_s > 0:
            raise ConfigurationError("lease_s must be a positive number of seconds")
        engine, self._is_own = engine_of(target)
        self._store = OutboxStore(engine, lease_s)
        self._call_s = lease_s * _SHARE_OF_THE_LEASE
        self._clocks = Clocks(time.time, time.monotonic)

    def create_table(self) -> None:
        """Create the table if it is missing. Leave this to your migrations if you have any."""
        with self._store.transaction() as connection:
            metadata.create_all(connection)

    def close(self) -> None:
        """Close the connections, unless the engine is the caller's."""
        if self._is_own:
            self._store.engine.dispose()

    def __enter__(self) -> Self:
        """Return the outbox itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    @overload
    def send_once(
        self,
        client: SmsManager,
        message: str | Message | None = None,
        *,
        key: str,
        wait_s: float = ...,
        **fields: Unpack[OnceFields],
    ) -> SendResult: ...
    @overload
    def send_once(
        self,
        client: AsyncSmsManager,
        message: str | Message | None = None,
        *,
        key: str,
        wait_s: float = ...,
        **fields: Unpack[OnceFields],
    ) -> Coroutine[Any, Any, SendResult]: ...
    @hides_locals
    def send_once(
        self,
        client: SmsManager | AsyncSmsManager,
        message: str | Message | None = None,
        *,
        key: str,
        wait_s: float = 0.0,
        **fields: Unpack[OnceFields],
    ) -> SendResult | Coroutine[Any, Any, SendResult]:
        """Send the message of a key, unless it was or may have been sent; return its outcome.

        The first call sends. A later call, in any process, returns the outcome of the first, or tries again
        if that is *not sent* or *rejected*. After a crash in between, the outcome is *unknown*. An outcome
        that cannot be recorded is still returned, but is *unknown* for later calls.

        Args:
            client: Sends the message; repeats a request that was certainly not accepted, as its options say.
            message: The text, or a whole `Message`.
            key: Identifies this message; at most 200 characters. In a task, use for instance the id of the
                order.
            wait_s: Maximum seconds to wait for another process that is sending it now.
            **fields: `to` and the other keywords of `send`; at most ten recipients, or one with `priority`.
                Also `expires_at`, the latest time to send it.

        Returns:
            One outcome per recipient. Look at `ok`: an outcome that is *unknown* is returned, not raised.

        Raises:
            ValidationError: If the message is invalid; nothing was sent, and the key is free.
            KeyConflictError: If the key belongs to another message; nothing was sent.
            OutboxTargetError: If the message is for another service than the client's, or another one may
                have accepted it.
            SendInProgressError: If another process is sending the message now.
            MessageExpiredError: If the message was not sent in time; nothing was sent.
            OutboxError: If the database failed before the message was sent; nothing was sent.
            SmsManagerError: If the request failed; as with `send`.
        """
        region = client._settings.default_region  # noqa: SLF001 - as below
        row = partial(
            new_row, key, message, fields, self._clocks.now(), drained=False, region=region
        )
        return perform(client, self._sending(client).once(row, wait_s))  # type: ignore[no-any-return]

    @overload
    def drain(
        self, client: SmsManager, *, most: int | None = ..., takes_over: bool = ...
    ) -> Drained: ...
    @overload
    def drain(
        self, client: AsyncSmsManager, *, most: int | None = ..., takes_over: bool = ...
    ) -> Coroutine[Any, Any, Drained]: ...
    @hides_locals
    def drain(
        self,
        client: SmsManager | AsyncSmsManager,
        *,
        most: int | None = None,
        takes_over: bool = False,
    ) -> Drained | Coroutine[Any, Any, Drained]:
        """Send added messages that are due, most urgent first, up to ten messages per request.

        Call it repeatedly, from any number of workers. It ends when nothing is due, when the service cannot
        be reached, or when an answer was lost; then `failure` has the error. If only messages for another
        service are due, they stay *pending*, and `failure` is an `OutboxTargetError`.

        A later call tries a message again that was certainly not accepted, after a wait that grows to five
        minutes: without a limit if the service did not decide on it, at most five times if it was *rejected*.

        Args:
            client: Sends the requests; its sender, region, callbacks and references are used.
            most: Maximum number of messages to send. Default: all that are due.
            takes_over: Whether to send messages for another service too: for use when its address has
                changed.

        Returns:
            The number of keys that changed to each state.

        Raises:
            AuthenticationError: If the API key is refused; the messages stay *pending*.
            ConfigurationError: If the client cannot send, or its sender cannot be used; the messages stay
                *pending*.
            OutboxError: If the database fails.
        """
        return perform(client, self._sending(client).drain(most, takes_over=takes_over))  # type: ignore[no-any-return]

    @overload
    def settle(
        self, client: SmsManager, *, most: int = ..., **options: Unpack[SettleOptions]
    ) -> int: ...
    @overload
    def settle(
        self, client: AsyncSmsManager, *, most: int = ..., **options: Unpack[SettleOptions]
    ) -> Coroutine[Any, Any, int]: ...
    @hides_locals
    def settle(
        self,
        client: SmsManager | AsyncSmsManager,
        *,
        most: int = 100,
        **options: Unpack[SettleOptions],
    ) -> int | Coroutine[Any, Any, int]:
        """Ask the service about messages that are *unknown* or *unconfirmed*; nothing is sent.

        Leases that have ended count first, as in `drain`: what was in flight under them is *unknown*, and is
        asked about. Messages that went to another service than the client's are left out.

        Args:
            client: Asks the service; see `SmsManager.settle`.
            most: Maximum number of messages to ask about. If there are more, they are drawn at random, so
                that messages that are never found do not keep the others waiting.
            **options: The options of `SmsManager.settle`. `patience_s` is 0 by default, and applies to each
                message.

        Returns:
            The number of messages that were found and are now *accepted*.

        Raises:
            SmsManagerError: If a question failed; earlier findings are recorded.
        """
        asked = {"patience_s": 0.0, **options}
        target = target_of(client.base_url)
        return perform(client, settle(self._store, self._clocks, target, most, asked))  # type: ignore[no-any-return]

    @hides_locals
    def record(self, events: Iterable[Event]) -> int:
        """Record delivery reports. This is safe while messages are sent, and from another process.

        A report is matched by message id, with and without `-0`. A message whose outcome is in doubt has no
        id: it is matched by reference and number, if no other open message has the same ones, and becomes
        *accepted*.

        Args:
            events: Events from `smsmanager.webhooks.parse_webhook` or from a receiver; events other than
                delivery reports are ignored.

        Returns:
            The number of reports about messages of this outbox.

        Raises:
            OutboxError: If the database fails. It is safe to record the same events again.
        """
        from smsmanager.webhooks import DeliveryReport  # noqa: PLC0415 - rarely needed

        reports = (event for event in events if isinstance(event, DeliveryReport))
        recorded = 0
        while some := list(islice(reports, _REPORTS_AT_ONCE)):
            recorded += record(self._store, some, self._clocks.now())
        return recorded

    def find(self, key: str) -> OutboxEntry | None:
        """Return the state of a key; None if the outbox does not have it.

        Args:
            key: The key.
        """
        row = _outbox_queries.find(self._store, key)
        if row is None:
            return None
        result = None if row.sent is None else stored_result(row)
        settled = row.settled_s
        return OutboxEntry(
            key=row.key,
            state=OutboxState(row.state),
            result=result,
            deliveries=() if result is None else deliveries_of(row, len(result)),
            tries=row.tries,
            reason=row.reason,
            created_at=datetime.fromtimestamp(row.created_s, UTC),
            settled_at=None if settled is None else datetime.fromtimestamp(settled, UTC),
            target=target_in(row.sent) or target_in(row.message),
        )

    def send_again(self, key: str, *, resend_unknown: bool = False) -> bool:
        """Make a key *pending* again, for the next `drain`, if it is *not sent* or *rejected*.

        Args:
            key: The key.
            resend_unknown: Whether to do so even if it is *unknown* or *unconfirmed*. Its recipients may get
                the message twice.

        Returns:
            Whether it will be sent again.
        """
        states = (*NOT_TAKEN, *(PERHAPS_TAKEN if resend_unknown else ()))
        return _outbox_queries.renew(self._store, key, states, self._clocks.now())

    def stats(self) -> OutboxStats:
        """Return the state of the outbox, without reading accepted messages."""
        now_s = self._clocks.now()
        counts, oldest_s = _outbox_queries.counts(self._store, now_s)
        return OutboxStats(counts, 0.0 if oldest_s is None else now_s - oldest_s)

    def purge(self, older_than_s: float) -> int:
        """Delete messages that were settled some time ago, with their numbers and texts.

        A deleted key counts as new, so keep keys for longer than any caller may repeat them.

        Args:
            older_than_s: Minimum seconds since they were settled.

        Returns:
            The number of deleted messages. Messages that are *pending* or *in flight* are kept.
        """
        return _outbox_queries.purge(self._store, self._clocks.now() - older_than_s)

    def _sending(self, client: Any) -> Sending:
        settings = client._settings  # noqa: SLF001 - what the client adds to a message is recorded before it is sent
        return Sending(self._store, settings, self._clocks, self._call_s)

    def __repr__(self) -> str:
        """Show only the kind of database: its URL can contain a password."""
        return f"Outbox({self._store.engine.dialect.name})"
