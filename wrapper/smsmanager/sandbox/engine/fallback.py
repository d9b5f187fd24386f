"""Take a message through the steps of its flow, and fall back to the next one: Viber to SMS.

A step falls back when it failed, when it did not reach its `ttl_condition` within its `ttl`, or when it is
rejected: there is no credit for it, or the recipient has not written within WhatsApp's 24 hours.

Each thing that happens is an entry of the timeline, and each report a webhook.

Source: SmsManager guide, on the flow of a message and on webhooks. That a step which failed for good
falls back at once, without waiting for its `ttl`, is our interpretation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records.journey import Entry, StepRun
from smsmanager.sandbox.engine.records.message_outcome import (
    RESULT_TEXTS,
    MagicNumber,
    Outcome,
    State,
)
from smsmanager.sandbox.engine.records.received_message import SMS
from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.sandbox.engine.accounts import Accounts
    from smsmanager.sandbox.engine.admission import Admission
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.links import Links
    from smsmanager.sandbox.engine.outcome_rules import Rules
    from smsmanager.sandbox.engine.pricing import PriceList
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.schedule import Schedule
    from smsmanager.sandbox.engine.settings import Settings
    from smsmanager.sandbox.engine.webhook_queue import Webhooks

START = "start"
RESULT = "result"
TTL = "ttl"
REPLY = "reply"

_DAY_S = 24 * 3600
# What Meta reports for a text outside the 24-hour window.
_WINDOW_CLOSED = 131047
_FAILURES = frozenset({"undelivered", "failed"})


@attrs.frozen(eq=False)
class Flow:
    """Takes messages through their steps. The engine guards it.

    Attributes:
        settings: Returns how the sandbox behaves now.
        accounts: The accounts that pay for the messages.
        admission: Checks before the first step.
        rules: Outcomes.
        prices: Prices.
        links: Short links.
        schedule: Takes work to be done later.
        webhooks: Takes the reports.
        feed: Notified of each change.
    """

    settings: Callable[[], Settings]
    accounts: Accounts
    admission: Admission
    rules: Rules
    prices: PriceList
    links: Links
    schedule: Schedule
    webhooks: Webhooks
    feed: Feed

    def admit(self, message: ReceivedMessage, now: float) -> None:
        """Begin the journey of a message that was received."""
        account = self.accounts.of(message.key_fingerprint)
        journey = message.journey
        if message.message_id is None:
            account.counts[State.NOT_TAKEN] += 1
            journey.state = State.NOT_TAKEN
            return
        account.counts[State.WAITING] += 1
        due, why = self.admission.first_moment(message, now)
        if why is not None:
            journey.due, journey.why = due, why
            journey.entries.append(Entry(now, "waiting", text=why))
        self.schedule.add(due, START, message)

    def resume(self, message: ReceivedMessage, now: float) -> None:
        """Resume a journey that was interrupted; nothing is reported twice."""
        journey = message.journey
        if journey.state is State.WAITING:
            self.schedule.add(max(now, journey.due or now), START, message)
        elif journey.runs and journey.runs[-1].result in {"sending", "sent"}:
            self._plan(message, len(journey.runs) - 1, now)

    def start(self, message: ReceivedMessage, now: float) -> None:
        """Check a message whose time has come, and start its first step or reject it."""
        journey = message.journey
        journey.due = journey.why = None
        account = self.accounts.of(message.key_fingerprint)
        refused = self.admission.refusal(message, account, now)
        if refused is not None:
            self._report(message, 0, Entry(now, "report", 0, "rejected", *refused))
            return
        journey.links = self.links.shorten(message, now)
        self._run(message, 0, now)

    def cancel(self, message: ReceivedMessage, now: float) -> bool:
        """Take back a message that waits; return False if it does not."""
        journey = message.journey
        if journey.state is not State.WAITING or journey.why is None:
            return False
        self.schedule.drop({id(message)})
        account = self.accounts.of(message.key_fingerprint)
        account.counts[State.WAITING] -= 1
        account.counts[State.CANCELLED] += 1
        journey.state, journey.due, journey.why = State.CANCELLED, None, None
        journey.entries.append(Entry(now, "cancelled"))
        self.feed.publish("status", account.fingerprint, message.sequence)
        return True

    def result(self, message: ReceivedMessage, step: int, outcome: Outcome, now: float) -> None:
        """Take the last result of a step, as its outcome says."""
        failed = outcome.kind in _FAILURES
        code, text = 0, RESULT_TEXTS[0]
        if failed or outcome.code is not None:
            code, text = outcome.result_code or 0, outcome.result_text
        result = outcome.kind if failed else "delivered"
        self._report(message, step, Entry(now, "report", step, result, code, text))
        if failed:
            why = f"{message.steps[step].channel}: {result}"
            self._fall_back(message, step, now, why)

    def mark(self, message: ReceivedMessage, step: int, result: str, now: float) -> None:
        """Take `sent` or `seen`, which have no code."""
        self._report(message, step, Entry(now, "report", step, result))

    def ttl(self, message: ReceivedMessage, step: int, now: float) -> None:
        """Fall back if the time of a step is up."""
        if not falls_back_at_ttl(message, step):
            return
        text = f"not {message.steps[step].ttl_condition} in time"
        message.journey.entries.append(Entry(now, "ttl", step, text=text))
        self._fall_back(message, step, now, text)

    def _fall_back(self, message: ReceivedMessage, step: int, now: float, why: str) -> None:
        """Start the step after this one, if this one is at work and not the last."""
        following = step + 1
        if following != len(message.journey.runs) or following >= len(message.steps):
            return
        message.journey.entries.append(Entry(now, "fallback", following, text=why))
        self._run(message, following, now)

    def _run(self, message: ReceivedMessage, step: int, now: float) -> None:
        account = self.accounts.of(message.key_fingerprint)
        journey = message.journey
        price = self.prices.of_step(message, step)
        refused = None if account.can_pay(price) else (307, RESULT_TEXTS[307])
        channel = message.steps[step].channel
        if channel == "whatsapp_text" and self._window_is_closed(message, now):
            refused = (_WINDOW_CLOSED, "More than 24 hours since the recipient wrote")
        if refused is not None:
            # It says that this step sent nothing; the flow continues.
            journey.runs = (*journey.runs, StepRun(now, None))
            self._report(message, step, Entry(now, "report", step, "rejected", *refused))
            self._fall_back(message, step, now, f"{channel}: rejected")
            return
        journey.runs = (*journey.runs, StepRun(now, price))
        if price is not None:
            account.pay(price)
        self._report(message, step, Entry(now, "report", step, "sending"))
        self._plan(message, step, now)

    def _plan(self, message: ReceivedMessage, step: int, now: float) -> None:
        """Schedule the outcome of a step, and the end of its time."""
        current = message.steps[step]
        outcome = self.rules.of_step(message, current.channel)
        pace = self.settings().pace
        done = pace.done_s if outcome.delay_s is None else outcome.delay_s
        sent = min(pace.sent_s, done)
        if message.journey.runs[step].result == "sending":
            self.schedule.add(now + sent, RESULT, message, step, "sent")
        last = sent
        if outcome.kind != "never":
            self.schedule.add(now + done, RESULT, message, step, outcome)
            last = done
        if outcome.kind == "seen" and current.channel != SMS:
            last = done + max(0.0, pace.seen_s - pace.done_s)
            self.schedule.add(now + last, RESULT, message, step, "seen")
        if outcome.reply is not None:
            self.schedule.add(now + last + pace.reply_s, REPLY, message, step, outcome.reply)
        ttl = current.fields.get("ttl")
        if ttl is not None and step + 1 < len(message.steps):
            # JSON has numbers that are larger than any time.
            self.schedule.add(now + min(ttl * 60, LAST_MOMENT), TTL, message, step)

    def _report(self, message: ReceivedMessage, step: int, entry: Entry) -> None:
        account = self.accounts.of(message.key_fingerprint)
        journey = message.journey
        journey.entries.append(entry)
        before = journey.state
        if not journey.runs:
            journey.state = State.REJECTED
        else:
            journey.runs[step].take(str(entry.result))
            journey.state = journey.state_of_runs()
        account.counts[before] -= 1
        account.counts[journey.state] += 1
        self.feed.publish("status", account.fingerprint, message.sequence)
        if message.to != MagicNumber.TEST:
            callback = message.message.get("callback")
            self.webhooks.add(account, callback, message, entry, entry.at)

    def _window_is_closed(self, message: ReceivedMessage, now: float) -> bool:
        if not self.settings().whatsapp_window:
            return False
        wrote_at = self.accounts.of(message.key_fingerprint).wrote_at.get(message.to)
        return wrote_at is None or now - wrote_at > _DAY_S


def falls_back_at_ttl(message: ReceivedMessage, step: int) -> bool:
    """Return whether a step falls back when its `ttl` ends: it is active, and has not met its condition."""
    runs = message.journey.runs
    condition = message.steps[step].ttl_condition
    return step + 1 == len(runs) and not runs[step].has_reached(condition)
