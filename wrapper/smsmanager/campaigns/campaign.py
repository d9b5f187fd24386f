"""`Campaign`: a list of recipients, their messages, and their outcomes."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Self, Unpack, overload

import attrs

from smsmanager.aio import AsyncSmsManager
from smsmanager.asking.service_target import target_of
from smsmanager.campaigns._additions import NewRows
from smsmanager.campaigns._ledger.creation import add_to_ledger, create_ledger
from smsmanager.campaigns._ledger.database import Database
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns._ledger.ledger import opened
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._run.campaign_options import CampaignOptions, options_of, stored
from smsmanager.campaigns._run.drive import Clock, arun, run
from smsmanager.campaigns._run.run_plan import Run
from smsmanager.campaigns.campaign_questions import CampaignQuestions
from smsmanager.campaigns.campaign_status import CampaignStatus
from smsmanager.campaigns.campaign_workers import CampaignWorkers
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
    from pathlib import Path

    from smsmanager.campaigns._ledger.delivery_recorder import Recorder
    from smsmanager.campaigns._ledger.ledger import Ledger
    from smsmanager.campaigns._run.campaign_options import RunChanges
    from smsmanager.campaigns._run.run_steps import Step
    from smsmanager.campaigns._run.updates import Update
    from smsmanager.campaigns.report.figures import Report
    from smsmanager.campaigns.rows import LedgerRow, RefusedRow, Row
    from smsmanager.client import SmsManager
    from smsmanager.webhooks import Event

_REPORTS_AT_ONCE = 500


class Campaign(CampaignQuestions, CampaignWorkers):
    """A list of recipients, their messages, and their outcomes, kept in a ledger.

    Create one with `create`, or reopen it with `open`; use it in a `with` block or call `close()`. The ledger
    contains numbers and texts; only its owner can read a new SQLite file.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._stop = threading.Event()
        self._clock = Clock()
        self._recorder: Recorder | None = None

    @classmethod
    def create(
        cls,
        ledger: str | Path,
        rows: Iterable[Row | RefusedRow],
        options: CampaignOptions | None = None,
        *,
        name: str = "campaign",
        source: str | None = None,
        fingerprint: str | None = None,
        base_url: str | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> Self:
        """Write a new ledger; nothing is sent yet.

        Every row is checked. A row that cannot be sent is kept as *refused*, with the reason.

        Args:
            ledger: Path of a SQLite file, or a SQLAlchemy URL such as `postgresql+psycopg://host/database`.
            rows: The rows, including those already refused; read once, a few thousand at a time.
            options: How to send the campaign; kept in the ledger.
            name: Distinguishes campaigns in one database.
            source: Name of the input, shown later.
            fingerprint: Identifies the input; see `fingerprint_of`.
            base_url: The service to send to, as given to the client; None leaves this to the first run.
            on_progress: Called with the number of rows written so far.

        Raises:
            CampaignExistsError: If there is a campaign of this name; nothing was changed.
            CampaignLockedError: If another process is creating it.
            ValidationError: If an option is invalid for every message.
            LedgerError: If the ledger cannot be written, or a row number is below 1 or appears twice.
        """
        kept = stored(options or CampaignOptions())
        kept["target"] = None if base_url is None else target_of(base_url)
        database = Database(ledger)
        with ExitStack() as on_failure:
            on_failure.callback(database.close)
            made = create_ledger(
                database,
                rows,
                name=name,
                options=kept,
                source=source,
                fingerprint=fingerprint,
                on_progress=on_progress,
            )
            on_failure.pop_all()
        return cls(made)

    @classmethod
    def open(cls, ledger: str | Path, *, name: str | None = None) -> Self:
        """Reopen a campaign. This changes nothing, so it is safe while another process runs the campaign.

        A row that was in flight when its process died is *unknown*.

        Args:
            ledger: As given to `create`.
            name: Its name; optional if the database contains only one campaign.

        Raises:
            CampaignNotFoundError: If there is no such campaign.
            LedgerError: If the ledger cannot be read, or its creation was interrupted.
        """
        with ExitStack() as on_failure:
            found = opened(ledger, name, on_failure)
            on_failure.pop_all()
        return cls(found)

    def sends_as(self, options: CampaignOptions) -> bool:
        """Return whether these options give the same messages: sender, tag, flow and so on."""
        return bool(self._ledger.head.options["shared"] == stored(options)["shared"])

    def new_rows(self, rows: Iterable[Row | RefusedRow]) -> NewRows:
        """Return the rows whose number the campaign does not have; can be iterated as often as `rows`."""
        return NewRows(self._ledger, rows)

    def add(
        self,
        rows: Iterable[Row | RefusedRow],
        *,
        fingerprint: str | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> int:
        """Add the rows whose phone number the campaign does not have yet, for an input that has grown.

        A row keeps its row number if this is higher than all others; otherwise it gets the next one.

        Args:
            rows: All rows of the input as it is now.
            fingerprint: The new fingerprint of the input.
            on_progress: Called with the number of rows added so far.

        Returns:
            The number of rows added.

        Raises:
            CampaignLockedError: If another process runs the campaign.
            LedgerError: If the ledger cannot be written. Call this again to add the rest.
        """
        return add_to_ledger(self._ledger, self.new_rows(rows), fingerprint, on_progress)

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.database.close()

    def __enter__(self) -> Self:
        """Return the campaign itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the ledger."""
        self.close()

    @property
    def name(self) -> str:
        """Its name."""
        return self._ledger.head.name

    @property
    def options(self) -> CampaignOptions:
        """The options that a run can change; the others have their defaults."""
        return options_of(self._ledger.head.options)

    @overload
    def run(
        self, client: SmsManager, *, resend_unknown: bool = ..., **changes: Unpack[RunChanges]
    ) -> Iterator[Update]: ...
    @overload
    def run(
        self, client: AsyncSmsManager, *, resend_unknown: bool = ..., **changes: Unpack[RunChanges]
    ) -> AsyncIterator[Update]: ...
    def run(
        self,
        client: SmsManager | AsyncSmsManager,
        *,
        resend_unknown: bool = False,
        **changes: Unpack[RunChanges],
    ) -> Iterator[Update] | AsyncIterator[Update]:
        """Send the remaining rows; sending advances as you iterate over the updates.

        Sends rows that are *pending*, *not sent* or *rejected*. Nothing is in flight while the caller handles
        an update, so the loop can be left at any update. Ctrl-C or a cancelled task takes effect after the
        requests in flight have ended and been recorded; without an answer, their rows are *unknown*. In the
        main thread, so do SIGTERM and SIGHUP (on Windows Ctrl-Break), unless they have a handler or are
        ignored.

        Args:
            client: Sends the requests. Its retries are not used: the run itself repeats requests that were
                certainly not accepted, and sends no others meanwhile.
            resend_unknown: Whether to also send rows that are *unknown* or *unconfirmed*. Their recipients
                may get the message twice. Without this option, they are never sent again.
            **changes: Options for this run only.

        Returns:
            An iterator of `Update` for `SmsManager`, an asynchronous one for `AsyncSmsManager`. The last
            update is *finished* or *stopped*. Failures of the service can stop the run, but are not raised.

        Raises:
            CampaignLockedError: If another process runs the campaign.
            CampaignTargetError: If the campaign is for another service than the client's.
            LedgerError: If the ledger fails; rows that were in flight then are *unknown*.
        """
        options = attrs.evolve(self.options, **changes)
        self._stop.clear()
        target = target_of(client.base_url)
        steps = self._steps(options, target, resend_unknown=resend_unknown)
        if isinstance(client, AsyncSmsManager):
            asynchronous = client.with_options(retries=0, default_region=None, auto_reference=False)
            apause = partial(self._clock.apause, self._stop)
            return arun(steps, asynchronous, apause, self._stop.set)
        blocking = client.with_options(retries=0, default_region=None, auto_reference=False)
        pause = partial(self._clock.pause, self._stop)
        return run(steps, blocking, options.concurrency, pause, self._stop.set)

    def stop(self) -> None:
        """Stop a run after the requests in flight have ended and been recorded.

        Safe to call from another thread and from a signal handler.
        """
        self._stop.set()

    def status(self) -> CampaignStatus:
        """Return the state of the campaign, even while another process runs it."""
        head = self._ledger.head
        with self._ledger.database.reading() as connection:
            return CampaignStatus(
                head.name,
                self._ledger.counts(connection),
                datetime.fromtimestamp(head.created_at, UTC),
                head.source,
                head.fingerprint,
                self._ledger.results(connection),
                head.options.get("target"),
                self._ledger.findings(connection),
            )

    def rows(
        self, state: RowState | Iterable[RowState] | None = None, *, after: int = 0
    ) -> Iterator[LedgerRow]:
        """Iterate over the rows in the order of the input; reads a few thousand at a time.

        Args:
            state: One state or several; None for all.
            after: Start after this row.
        """
        states = [state] if isinstance(state, RowState) else state
        return self._ledger.rows(None if states is None else list(states), after)

    def record(self, events: Iterable[Event]) -> int:
        """Record delivery reports. This works while the campaign runs, and from another process.

        Reports may come in any order and more than once. A report is matched by message id, with and without
        `-0`. A row without an id, because its outcome is unknown, is matched by reference and number, and
        becomes *accepted*.

        Args:
            events: Events from `smsmanager.webhooks.parse_webhook` or from a receiver; events other than
                delivery reports are ignored.

        Returns:
            The number of reports about rows of this campaign.

        Raises:
            LedgerError: If the ledger cannot be written. It is safe to record the same events again.
        """
        from smsmanager.webhooks import DeliveryReport  # noqa: PLC0415 - rarely needed

        if self._recorder is None:
            from smsmanager.campaigns._ledger.delivery_recorder import Recorder  # noqa: PLC0415 - rarely needed

            self._recorder = Recorder(self._ledger)
        reports = (event for event in events if isinstance(event, DeliveryReport))
        recorded = 0
        while some := list(islice(reports, _REPORTS_AT_ONCE)):
            recorded += self._recorder.record(some)
        return recorded

    def report(self) -> Report:
        """Return the results of the campaign: sums only, without phone numbers or texts.

        `report().write_html(path)` writes it as a page.
        """
        from smsmanager.campaigns.report._counting import report_of  # noqa: PLC0415 - rarely needed

        return report_of(self._ledger, self._clock.now())

    def write_csv(
        self, path: str | Path, state: RowState | Iterable[RowState] | None = None
    ) -> int:
        """Write rows to a CSV file, with numbers and texts; only its owner can read a new file.

        A value that a spreadsheet would take for a formula, or for a number to shorten, gets a leading
        apostrophe: `'420777123456`.

        Args:
            path: The file; an existing one is replaced.
            state: One state or several; None for all rows.

        Returns:
            The number of rows written.
        """
        from smsmanager.campaigns.report._csv_export import write_rows  # noqa: PLC0415 - rarely needed

        return write_rows(self.rows(state), path)

    def _steps(
        self, options: CampaignOptions, target: str | None = None, *, resend_unknown: bool
    ) -> Generator[Step, Any, None]:
        head = self._ledger.head
        with alone(self._ledger.database, head.id) as (connection, lease):
            now = lambda: self._clock.now().timestamp()  # noqa: E731 - as short as this
            plan = Run(
                Session(self._ledger, connection, lease, target, now),
                options,
                head.options["shared"],
                head.token if head.options["references"] else None,
                self._clock,
                self._stop.is_set,
            )
            yield from plan.plan(resend_unknown=resend_unknown)
