"""Control of the workers of a campaign: the methods of `Campaign` that start, pause and stop them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

import attrs

from smsmanager.asking.service_target import target_of
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import alone, live
from smsmanager.campaigns._ledger.row_closing import LAST_ROW
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.shared_pace import PAUSED, SENDING, STOPPED, SharedPace
from smsmanager.campaigns._ledger.worker_process import shown
from smsmanager.campaigns._run.campaign_options import options_of

if TYPE_CHECKING:
    from smsmanager.campaigns._ledger.ledger import Ledger
    from smsmanager.campaigns._run.campaign_options import RunChanges


@attrs.frozen
class Worker:
    """One worker and the rows that it works on.

    Attributes:
        lease: Number of its lease.
        worker: Its host, process and engine.
        first: First row that it may send; None if it works alone, on all rows.
        last: Last row that it may send; None if it works alone.
        until: When its lease ends unless it is renewed.
    """

    lease: int
    worker: str
    first: int | None
    last: int | None
    until: datetime


class CampaignWorkers:
    """Starts, paces, pauses and stops workers; a base of `Campaign`."""

    _ledger: Ledger

    def start_workers(
        self,
        *,
        base_url: str | None = None,
        resend_unknown: bool = False,
        **changes: Unpack[RunChanges],
    ) -> None:
        """Let workers send the remaining rows: calls of `work` send them from now on.

        Rows that are *not sent* or *rejected* become *pending* again. The changes apply to all workers until
        the next start. Versions of smsmanager without workers refuse the ledger from now on.

        Args:
            base_url: The service to send to, as given to the clients; None leaves this to the first worker.
            resend_unknown: Whether to also send rows that are *unknown* or *unconfirmed*. Their recipients
                may get the message twice. Without this option, they are never sent again.
            **changes: Options for this start only. `concurrency` is for each worker, `requests_per_s` and
                `window` for all of them together.

        Raises:
            CampaignLockedError: If a process is working on the campaign. Stop the workers first, and wait
                until they have ended.
            CampaignTargetError: If the campaign is for another service.
            ConfigurationError: If an option is invalid.
        """
        ledger = self._ledger
        attrs.evolve(
            options_of(ledger.head.options), **changes
        )  # checked before anything is changed
        target = None if base_url is None else target_of(base_url)
        with alone(ledger.database, ledger.head.id) as (connection, lease):
            session = Session(ledger, connection, lease, target)
            session.begin(resend_unknown=resend_unknown)
            self._pace().start(changes, lease)

    def pause_workers(self) -> bool:
        """Pause all workers within two seconds; return whether they were sending."""
        return self._pace().change(PAUSED, (SENDING,), "a pause was requested")

    def resume_workers(self) -> bool:
        """End a pause; return whether they were paused."""
        return self._pace().change(SENDING, (PAUSED,))

    def stop_workers(self, reason: str = "a stop was requested") -> bool:
        """Stop all workers until the next start, within two seconds plus the requests in flight.

        Args:
            reason: The reason, shown to workers.

        Returns:
            Whether they were sending or paused.
        """
        return self._pace().change(STOPPED, (SENDING, PAUSED), reason)

    def workers(self) -> list[Worker]:
        """Return the workers with the rows that they work on; a lone run works on all rows."""
        database, campaign = self._ledger.database, self._ledger.head.id
        with database.reading() as connection:
            found = live(connection, campaign) if schema.has(connection, schema.lease) else []
        return [
            Worker(
                each.id,
                shown(each.worker),
                None if each.last == LAST_ROW else each.first,
                None if each.last == LAST_ROW else each.last,
                datetime.fromtimestamp(each.until, UTC),
            )
            for each in found
        ]

    def _pace(self) -> SharedPace:
        return SharedPace(self._ledger.database, self._ledger.head.id)
