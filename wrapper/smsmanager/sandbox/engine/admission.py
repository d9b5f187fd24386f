"""Decide when a message may go out, and what rejects it when its time has come.

Source: SmsManager guide, on the flow of a message and on tags.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.delivery_window import first_moment
from smsmanager.sandbox.engine.records.message_outcome import RESULT_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.delivery_window import WaitReason
    from smsmanager.sandbox.engine.outcome_rules import Rules
    from smsmanager.sandbox.engine.pricing import PriceList
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.settings import Settings

_PRIORITY = "sendPriorityMessage"
_PROMOTIONAL = "promotional"
_DIGITS = range(8, 16)
_HOUR_S = 3600


@attrs.frozen(eq=False)
class Admission:
    """Checks of a message before its first step.

    Attributes:
        settings: Returns how the sandbox behaves now.
        rules: Outcomes; those that reject a message are looked up here.
        prices: Prices, to compare with the credit.
    """

    settings: Callable[[], Settings]
    rules: Rules
    prices: PriceList

    def first_moment(self, message: ReceivedMessage, now: float) -> tuple[float, WaitReason | None]:
        """Return when a message may go out, in Unix seconds, and what it waits for."""
        timing = message.message
        # The older name, which only the simple operations take.
        if "time" in timing and "datetime" not in timing:
            timing = {"datetime": timing["time"]}
        settings = self.settings()
        zone = None
        if settings.promotional_hours and _is_promotional(message):
            zone = settings.promotional_zone(message.to)
        return first_moment(timing, now, zone)

    def refusal(
        self, message: ReceivedMessage, account: Account, now: float
    ) -> tuple[int | None, str] | None:
        """Return code and text of what rejects a message, or `None`."""
        ruled = self.rules.before_sending(message)
        if ruled is not None:
            return ruled.result_code, ruled.result_text
        code = self._code(message, account, now)
        return None if code is None else (code, RESULT_TEXTS[code])

    def _code(self, message: ReceivedMessage, account: Account, now: float) -> int | None:
        settings = self.settings()
        if len(message.to) not in _DIGITS:
            return 302
        if settings.allowed_numbers is not None and message.to not in settings.allowed_numbers:
            return 303
        if message.to in account.blacklisted:
            return 304
        if account.opted_out and message.to in account.opted_out and _is_promotional(message):
            return 304
        limit = settings.identical_limit
        if limit is not None and _is_repeated(message, account, now, limit):
            return 306
        return None if account.can_pay(self.prices.of_step(message, 0)) else 307


def _is_promotional(message: ReceivedMessage) -> bool:
    """Return whether a message is checked against opt-outs.

    That a message from the priority queue is not, even without a tag, is our interpretation.
    """
    return message.operation != _PRIORITY and _PROMOTIONAL in message.tags


def _is_repeated(message: ReceivedMessage, account: Account, now: float, limit: int) -> bool:
    place = (message.to, hash(tuple(step.body for step in message.steps)))
    times = account.identical.setdefault(place, deque())
    while times and now - times[0] >= _HOUR_S:
        times.popleft()
    if len(times) >= limit:
        return True
    times.append(now)
    return False
