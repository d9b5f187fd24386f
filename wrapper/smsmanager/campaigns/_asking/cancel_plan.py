"""Cancel the scheduled messages of a campaign."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from smsmanager.asking import CancelOutcome
from smsmanager.asking._cancelling import cancel_each
from smsmanager.campaigns._asking.question_steps import renewing
from smsmanager.campaigns._run.run_steps import Work
from smsmanager.campaigns.settlement import CampaignCancellation
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager.asking._cancelling import Cancellation
    from smsmanager.campaigns._asking.question_steps import Plan
    from smsmanager.campaigns._ledger.asked_rows import AskedRows


class CancelPlan:
    """Cancels the accepted rows of a campaign that have no delivery report.

    Args:
        rows: The rows, on the connection that holds the lock.
        settings: Where and how to ask the service.
    """

    def __init__(self, rows: AskedRows, settings: Settings) -> None:
        self._rows, self._settings = rows, settings

    def plan(self) -> Plan[CampaignCancellation]:
        """Cancel rows one by one; outcomes are recorded before the next rows are tried."""
        yield Work(self._rows.begin)
        after, counts = -1, Counter[CancelOutcome]()
        # The whole campaign is cancelled, so any message of a batch may be cancelled as a whole.
        whole: dict[str, CancelOutcome] = {}
        while page := (yield Work(partial(self._rows.cancellable, after))):
            after = page[-1][0]
            before = {row: earlier for row, _, earlier in page}
            ids = {row: message_id for row, message_id, _ in page}
            # Recorded first: if this crashes, a later refusal does not prove that the row was not cancelled.
            yield Work(partial(self._rows.note, dict.fromkeys(ids, _noted(CancelOutcome.UNCLEAR))))
            tried: list[Cancellation] = []
            failure: SmsManagerError | None = None
            try:
                cancelling = cancel_each(self._settings, ids, (), whole, tried)
                yield from renewing(cancelling, self._rows)
            except SmsManagerError as error:
                failure = error
            # If an error ended the page, the rows that were not tried keep their earlier outcome.
            found = {row: _noted(earlier) for row, earlier in before.items()}
            for each in tried:
                outcome = each.outcome
                if (before[each.index], outcome) == ("unclear", CancelOutcome.REFUSED):
                    # The attempt whose answer was lost may have cancelled it.
                    outcome = CancelOutcome.UNCLEAR
                counts[outcome] += 1
                found[each.index] = _noted(outcome)
            yield Work(partial(self._rows.note, found))
            if failure is not None:
                raise failure
        return CampaignCancellation(
            counts[CancelOutcome.CANCELLED],
            counts[CancelOutcome.REFUSED],
            counts[CancelOutcome.UNCLEAR],
        )


def _noted(outcome: str | None) -> dict[str, Any]:
    return {"cancellation": None if outcome is None else str(outcome)}
