"""Questions to the service about the rows of a campaign: the methods of `Campaign` that send nothing."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Unpack, overload

from smsmanager.aio import AsyncSmsManager
from smsmanager.asking.service_target import target_of
from smsmanager.campaigns._asking.cancel_plan import CancelPlan
from smsmanager.campaigns._asking.question_steps import ask, ask_async
from smsmanager.campaigns._asking.settle_plan import SettlePlan
from smsmanager.campaigns._ledger.asked_rows import AskedRows
from smsmanager.campaigns._ledger.database import Database
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns.campaign_errors import CampaignTargetError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from smsmanager.asking import SettleOptions
    from smsmanager.campaigns._asking.question_steps import Plan
    from smsmanager.campaigns._ledger.ledger import Ledger
    from smsmanager.campaigns._run.drive import Clock
    from smsmanager.campaigns.settlement import CampaignCancellation, Settlement
    from smsmanager.client import SmsManager


class CampaignQuestions:
    """Asks the service about rows; a base of `Campaign`."""

    _ledger: Ledger
    _clock: Clock

    @overload
    def settle(
        self,
        client: SmsManager,
        *,
        other_ledgers: Iterable[str | Path] = ...,
        on_progress: Callable[[Settlement], object] | None = ...,
        **options: Unpack[SettleOptions],
    ) -> Settlement: ...
    @overload
    def settle(
        self,
        client: AsyncSmsManager,
        *,
        other_ledgers: Iterable[str | Path] = ...,
        on_progress: Callable[[Settlement], object] | None = ...,
        **options: Unpack[SettleOptions],
    ) -> Awaitable[Settlement]: ...
    def settle(
        self,
        client: SmsManager | AsyncSmsManager,
        *,
        other_ledgers: Iterable[str | Path] = (),
        on_progress: Callable[[Settlement], object] | None = None,
        **options: Unpack[SettleOptions],
    ) -> Settlement | Awaitable[Settlement]:
        """Ask the service for the outcome of rows that are *unknown* or *unconfirmed*. Nothing is sent.

        A row whose message is found becomes *accepted* under its id, so that delivery reports find it. If no
        message or more than one is possible, the row stays as it is, and `LedgerRow.evidence` says why.
        Other campaigns in the same database are taken into account. Findings are kept even if the call then
        fails or is interrupted.

        Args:
            client: Asks the service; its `retries` apply to each question.
            other_ledgers: Ledgers of other campaigns that sent the same texts to the same numbers at about
                the same time, so that their messages are not mistaken for those of this one.
            on_progress: Called with the figures so far, after every few hundred rows.
            **options: See `smsmanager.asking.SettleOptions`. `patience_s` is for the whole campaign;
                `called_between` is for rows sent by an earlier version, which did not note when.

        Returns:
            The figures; for `AsyncSmsManager`, an awaitable.

        Raises:
            ConfigurationError: If the address of the REST API is not known.
            CampaignLockedError: If another process runs the campaign.
            CampaignTargetError: If the campaign is for another service than the client's.
            SmsManagerError: If a question got no answer.
        """
        with ExitStack() as opened:
            others = [Database(other) for other in other_ledgers]
            for other in others:
                opened.callback(other.close)
                other.require_file()

            def plan(rows: AskedRows, settings: Any) -> Plan[Settlement]:
                now = self._clock.now
                database = self._ledger.database
                made = SettlePlan(rows, database, settings, now, options, others, on_progress)
                return made.plan()

            found: Settlement | Awaitable[Settlement]
            found = self._followed(client, plan, opened.pop_all())
        return found

    @overload
    def cancel(self, client: SmsManager) -> CampaignCancellation: ...
    @overload
    def cancel(self, client: AsyncSmsManager) -> Awaitable[CampaignCancellation]: ...
    def cancel(
        self, client: SmsManager | AsyncSmsManager
    ) -> CampaignCancellation | Awaitable[CampaignCancellation]:
        """Cancel the scheduled messages of rows that are *accepted*. Other rows are left as they are.

        Messages that were already processed cannot be cancelled. Another call tries the rest: it leaves out
        rows that were cancelled or have a delivery report.

        Args:
            client: Asks the service.

        Returns:
            The figures; for `AsyncSmsManager`, an awaitable. `LedgerRow.cancellation` has the outcome of each
            row.

        Raises:
            ConfigurationError: If the address of the REST API is not known.
            CampaignLockedError: If another process runs the campaign.
            CampaignTargetError: If the campaign is for another service than the client's.
            SmsManagerError: If the key is refused, or the service cannot be reached.

        Source: SmsManager REST API reference, "Cancel message".
        """

        def plan(rows: AskedRows, settings: Any) -> Plan[CampaignCancellation]:
            return CancelPlan(rows, settings).plan()

        found: CampaignCancellation | Awaitable[CampaignCancellation]
        found = self._followed(client, plan, ExitStack())
        return found

    def _followed(
        self,
        client: SmsManager | AsyncSmsManager,
        plan: Callable[[AskedRows, Any], Plan[Any]],
        opened: ExitStack,
    ) -> Any:
        target, known = target_of(client.base_url), self._ledger.head.options.get("target")
        if known not in {None, target}:
            raise CampaignTargetError(
                f"This campaign is for {known}, but the client is for {target}, which does not know its "
                "messages. Nothing was asked."
            )
        service: Any = client.service
        steps = self._locked(plan, service._settings, opened)  # noqa: SLF001 - how the service is asked
        if isinstance(client, AsyncSmsManager):
            return ask_async(steps, service)
        return ask(steps, service)

    def _locked(
        self, plan: Callable[[AskedRows, Any], Plan[Any]], settings: Any, opened: ExitStack
    ) -> Plan[Any]:
        database, campaign = self._ledger.database, self._ledger.head.id
        with opened, alone(database, campaign) as (connection, lease):
            rows = AskedRows(self._ledger, connection, lease, self._clock.monotonic)
            return (yield from plan(rows, settings))
