"""Take messages through checks and steps, as the service does after it has answered.

Checks first, which can reject; then the steps of the flow, one after the other until one reaches what
it should. Each thing that happens is an entry of the timeline, and each report a webhook.

Source: SmsManager guide, on the flow of a message and on webhooks. That a step which failed for good
hands over at once, without waiting for its `ttl`, is our reading.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from smsmanager.sandbox._outcomes import RESULT_TEXTS, MagicNumber, Outcome, State
from smsmanager.sandbox._received import SMS, ReceivedMessage
from smsmanager.sandbox.engine.accounts import Account
from smsmanager.sandbox.engine.feed import Feed
from smsmanager.sandbox.engine.journey import Entry, StepRun, with_short_links
from smsmanager.sandbox.engine.links import Links
from smsmanager.sandbox.engine.pricing import Price, PriceList
from smsmanager.sandbox.engine.rules import Rules
from smsmanager.sandbox.engine.schedule import Schedule
from smsmanager.sandbox.engine.settings import Settings
from smsmanager.sandbox.engine.times import first_moment
from smsmanager.sandbox.engine.webhooks import Webhooks

START: Final = "start"
RESULT: Final = "result"
TTL: Final = "ttl"
REPLY: Final = "reply"

_PRIORITY: Final = "sendPriorityMessage"
_PROMOTIONAL: Final = "promotional"
_DIGITS: Final = range(8, 16)
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S
# What Meta reports for a text outside the 24-hour window.
_WINDOW_CLOSED: Final = 131047
_FAILURES: Final = frozenset({"undelivered", "failed"})


@attrs.frozen(eq=False)
class Dispatch:
    """Process messages. The engine guards it.

    Attributes:
        settings: Returns how the sandbox behaves now.
        rules: Outcomes.
        prices: Prices.
        links: Short links.
        schedule: Takes what is to be done later.
        webhooks: Takes the reports.
        feed: Told of each change.
    """

    settings: Callable[[], Settings]
    rules: Rules
    prices: PriceList
    links: Links
    schedule: Schedule
    webhooks: Webhooks
    feed: Feed

    def admit(self, message: ReceivedMessage, account: Account, now: float) -> None:
        """Begin the journey of a message that was received."""
        journey = message.journey
        if message.message_id is None:
            account.counts[State.NOT_TAKEN] += 1
            journey.state = State.NOT_TAKEN
            return
        account.counts[State.WAITING] += 1
        due, why = first_moment(_timing(message), now, self._promotional_zone(message))
        if why is not None:
            journey.due, journey.why = due, why
            journey.entries.append(Entry(now, "waiting", text=why))
        self.schedule.add(due, START, message)

    def resume(self, message: ReceivedMessage, account: Account, now: float) -> None:
        """Go on with a journey that was interrupted; nothing is reported twice."""
        journey = message.journey
        if journey.state is State.WAITING:
            self.schedule.add(max(now, journey.due or now), START, message)
        elif journey.runs and journey.runs[-1].result in {"sending", "sent"}:
            self._plan(message, account, len(journey.runs) - 1, now)

    def start(self, message: ReceivedMessage, account: Account, now: float) -> None:
        """Check a message whose time has come, and start its first step or reject it."""
        journey = message.journey
        journey.due = journey.why = None
        refused = self._refused(message, account, now)
        if refused is not None:
            self._report(message, account, 0, Entry(now, "report", 0, "rejected", *refused))
            return
        journey.links = self.links.shorten(message, now)
        self._run(message, account, 0, now)

    def result(
        self, message: ReceivedMessage, account: Account, step: int, outcome: Outcome, now: float
    ) -> None:
        """Take the last result of a step, as its outcome says."""
        code = outcome.result_code if outcome.kind in _FAILURES else 0
        text = outcome.result_text if outcome.kind in _FAILURES else RESULT_TEXTS[0]
        if outcome.kind not in _FAILURES and outcome.code is not None:
            code, text = outcome.code, outcome.result_text
        result = outcome.kind if outcome.kind in _FAILURES else "delivered"
        self._report(message, account, step, Entry(now, "report", step, result, code, text))
        if result in _FAILURES:
            self._next(message, account, step, now, f"{message.steps[step].channel}: {result}")

    def mark(
        self, message: ReceivedMessage, account: Account, step: int, result: str, now: float
    ) -> None:
        """Take `sent` or `seen`, which have no code."""
        self._report(message, account, step, Entry(now, "report", step, result))

    def ttl(self, message: ReceivedMessage, account: Account, step: int, now: float) -> None:
        """Hand over to the next step if the time of this one is up."""
        run = message.journey.runs[step]
        condition = _condition(message, step)
        if step + 1 != len(message.journey.runs) or run.has_reached(condition):
            return
        text = f"not {condition} in time"
        message.journey.entries.append(Entry(now, "ttl", step, text=text))
        self._next(message, account, step, now, text)

    def _next(
        self, message: ReceivedMessage, account: Account, step: int, now: float, why: str
    ) -> None:
        following = step + 1
        # Only the step that is at work hands over; the last one has nobody to hand over to.
        if following != len(message.journey.runs) or following >= len(message.steps):
            return
        message.journey.entries.append(Entry(now, "fallback", following, text=why))
        self._run(message, account, following, now)

    def _run(self, message: ReceivedMessage, account: Account, step: int, now: float) -> None:
        journey = message.journey
        price = self._price(message, step)
        if price is not None and account.credit is not None and account.credit < price.czk:
            # `rejected` would say that nothing was sent at all, and a step before this one was.
            journey.runs = (*journey.runs, StepRun(now, None))
            failed = Entry(now, "report", step, "failed", 307, RESULT_TEXTS[307])
            self._report(message, account, step, failed)
            self._next(message, account, step, now, "no credit")
            return
        journey.runs = (*journey.runs, StepRun(now, price))
        if price is not None:
            account.spent_czk += price.czk
            account.spent_eur += price.eur
            if account.credit is not None:
                account.credit -= price.czk
        self._report(message, account, step, Entry(now, "report", step, "sending"))
        self._plan(message, account, step, now)

    def _plan(self, message: ReceivedMessage, account: Account, step: int, now: float) -> None:
        """Schedule what becomes of a step, and the end of its time."""
        outcome = self.rules.of_step(message, message.steps[step].channel)
        if message.steps[step].channel == "whatsapp_text" and self._window_is_closed(
            message, account, now
        ):
            text = "More than 24 hours since the recipient wrote"
            outcome = Outcome("failed", code=_WINDOW_CLOSED, info=text)
        pace = self.settings().pace
        done = pace.done_s if outcome.delay_s is None else outcome.delay_s
        sent = min(pace.sent_s, done)
        if message.journey.runs[step].result == "sending":
            self.schedule.add(now + sent, RESULT, message, step, "sent")
        last = sent
        if outcome.kind != "never":
            self.schedule.add(now + done, RESULT, message, step, outcome)
            last = done
        if outcome.kind == "seen":
            last = done + max(0.0, pace.seen_s - pace.done_s)
            self.schedule.add(now + last, RESULT, message, step, "seen")
        if outcome.reply is not None:
            self.schedule.add(now + last + pace.reply_s, REPLY, message, step, outcome.reply)
        ttl = message.steps[step].fields.get("ttl")
        if ttl is not None and step + 1 < len(message.steps):
            self.schedule.add(now + ttl * 60, TTL, message, step)

    def _report(self, message: ReceivedMessage, account: Account, step: int, entry: Entry) -> None:
        journey = message.journey
        journey.entries.append(entry)
        before = journey.state
        if entry.result == "rejected":
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

    def _refused(
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
        if message.to in settings.blacklist:
            return 304
        if account.opted_out and message.to in account.opted_out and _is_promotional(message):
            return 304
        if settings.identical_limit is not None and _is_repeated(
            message, account, now, settings.identical_limit
        ):
            return 306
        price = self._price(message, 0)
        credit = account.credit
        return 307 if price is not None and credit is not None and credit < price.czk else None

    def _price(self, message: ReceivedMessage, step: int) -> Price | None:
        if message.to == MagicNumber.TEST:
            return None
        found = message.steps[step]
        return self.prices.of_step(found, with_short_links(found.body, message.journey.links))

    def _promotional_zone(self, message: ReceivedMessage) -> str | None:
        settings = self.settings()
        if not settings.promotional_hours or not _is_promotional(message):
            return None
        return settings.promotional_zone(message.to)

    def _window_is_closed(self, message: ReceivedMessage, account: Account, now: float) -> bool:
        if not self.settings().whatsapp_window:
            return False
        wrote_at = account.wrote_at.get(message.to)
        return wrote_at is None or now - wrote_at > _DAY_S


def _timing(message: ReceivedMessage) -> dict[str, object]:
    given = message.message
    # The older name, which only the simple operations take.
    return {"datetime": given["time"]} if "time" in given and "datetime" not in given else given


def _is_promotional(message: ReceivedMessage) -> bool:
    """Tell whether a message is checked against opt-outs.

    That one from the priority queue is not, even without a tag, is our reading.
    """
    return message.operation != _PRIORITY and _PROMOTIONAL in message.tags


def _condition(message: ReceivedMessage, step: int) -> str:
    found = message.steps[step]
    condition: str | None = found.fields.get("ttl_condition")
    return condition or ("sent" if found.channel == SMS else "delivered")


def _is_repeated(message: ReceivedMessage, account: Account, now: float, limit: int) -> bool:
    place = (message.to, hash(tuple(step.body for step in message.steps)))
    times = account.identical.setdefault(place, deque())
    while times and now - times[0] >= _HOUR_S:
        times.popleft()
    if len(times) >= limit:
        return True
    times.append(now)
    return False
