"""Process messages behind one lock: everything in this room together. No I/O.

The HTTP side admits messages and runs what is due; the sender of webhooks takes those that are due
and settles them. Commands come from any thread.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine import fallback
from smsmanager.sandbox.engine.accounts import Accounts
from smsmanager.sandbox.engine.admission import Admission
from smsmanager.sandbox.engine.feed import Feed
from smsmanager.sandbox.engine.incoming import Incoming
from smsmanager.sandbox.engine.links import Links
from smsmanager.sandbox.engine.outcome_rules import Rules
from smsmanager.sandbox.engine.records.journey import Entry
from smsmanager.sandbox.engine.records.message_outcome import Outcome
from smsmanager.sandbox.engine.records.received_message import SMS
from smsmanager.sandbox.engine.removal import Removal
from smsmanager.sandbox.engine.schedule import Schedule
from smsmanager.sandbox.engine.webhook_queue import ATTEMPT, Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smsmanager.sandbox.engine.adjustable_clock import Clock
    from smsmanager.sandbox.engine.inbox import Inbox
    from smsmanager.sandbox.engine.pricing import PriceList
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.short_link import ShortLink
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery
    from smsmanager.sandbox.engine.schedule import Task
    from smsmanager.sandbox.engine.settings import Settings

_MAX_INCOMING = 10_000
# How much is done before others have their turn: some 10 ms.
_AT_A_TIME = 200


class Engine:
    """Everything that processes messages.

    Attributes:
        clock: What time it is.
        feed: What changed.
        rules: Outcomes.
        inbox: Messages and requests.
        accounts: What belongs to each API key.
        flow: The steps of a message.
        links: Short links.
        removal: Removes single messages.
        settings: How the sandbox behaves; use `configure` to change it.
        on_due: Called when something is due earlier than `alarm`, or a webhook is; set by the
            driver.
        alarm: Until when the driver sleeps, in Unix seconds.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        clock: Clock,
        settings: Settings,
        prices: PriceList,
        seed: int | str | None,
        max_messages: int,
    ) -> None:
        self.lock = threading.RLock()
        self.inbox = inbox
        self.clock = clock
        self.settings = settings
        self.feed = Feed()
        self.rules = Rules(country_prefix=inbox.country_prefix, seed=seed)
        self.rules.on_change = lambda: self.feed.publish("settings")
        self.links = Links(seed=seed, max_links=max_messages)
        self.accounts = Accounts(settings, min(_MAX_INCOMING, max_messages))
        self.on_due: Callable[[], None] = lambda: None
        self.alarm = math.inf
        self._schedule = Schedule()
        self.webhooks = Webhooks(
            lock=self.lock,
            settings=lambda: self.settings,
            schedule=self._schedule,
            feed=self.feed,
            seed=seed,
            max_deliveries=max_messages,
        )
        self.flow = fallback.Flow(
            settings=lambda: self.settings,
            accounts=self.accounts,
            admission=Admission(lambda: self.settings, self.rules, prices),
            rules=self.rules,
            prices=prices,
            links=self.links,
            schedule=self._schedule,
            webhooks=self.webhooks,
            feed=self.feed,
        )
        self._incoming = Incoming(
            self.accounts, inbox, self.webhooks, self.feed, inbox.country_prefix
        )
        self.removal = Removal(self.lock, inbox, self.accounts, self._schedule, self.feed)
        inbox.on_forget = self._forget

    def admit(self, messages: Iterable[ReceivedMessage]) -> None:
        """Begin the journeys of messages that were stored, and run what is due."""
        with self.lock:
            now = self.clock.now()
            for message in messages:
                self.flow.admit(message, now)
                self.feed.publish("message", message.key_fingerprint, message.sequence)
            self.run_due()

    def resume(self, message: ReceivedMessage) -> None:
        """Resume the journey of a message that was read from a file."""
        with self.lock:
            account = self.accounts.of(message.key_fingerprint)
            account.counts[message.state] += 1
            for link in message.journey.links:
                self.links.add(message, link)
            self.flow.resume(message, self.clock.now())

    def run_due(self) -> bool:
        """Do what is due by now; return False if others have their turn before the rest."""
        with self.lock:
            is_done = self._run(self.clock.now())
            next_due = self._schedule.next_due
            if self.webhooks.due or (next_due is not None and next_due < self.alarm):
                self.on_due()
            return is_done

    def run_to(self, until: float) -> bool:
        """Jump ahead and do, in order, what becomes due on the way.

        Args:
            until: Where the clock jumps to, in Unix seconds.

        Returns:
            Whether it has arrived. It stops on the way where webhooks are due, as their outcome decides
            what follows, and where others have their turn.
        """
        with self.lock:
            if not self._run(until, jumping=True):
                return False
            self.clock.jump(until)
            self.feed.publish("clock")
            return True

    def _run(self, until: float, *, jumping: bool = False) -> bool:
        """Do what is due until then, and return whether nothing of it is left."""
        for _ in range(_AT_A_TIME):
            task = self._schedule.pop_due(until)
            if task is None:
                return True
            if jumping:
                self.clock.jump(task.due)
            self._do(task)
            next_due = self._schedule.next_due
            if jumping and self.webhooks.due and (next_due is None or next_due > task.due):
                return False
        next_due = self._schedule.next_due
        return next_due is None or next_due > until

    @property
    def next_due(self) -> float | None:
        """When the next thing happens, in Unix seconds, or `None`."""
        with self.lock:
            return self._schedule.next_due

    def waiting(self, limit: int) -> tuple[Task, ...]:
        """Return what is due first, in order of time, `limit` of it at most: see `Task`."""
        with self.lock:
            return self._schedule.first(limit)

    @property
    def waiting_count(self) -> int:
        """How many things wait."""
        with self.lock:
            return len(self._schedule)

    def incoming(self, key: str | None = None) -> tuple[IncomingMessage, ...]:
        """Return replies and unsolicited messages of one API key or of all, oldest first.

        Args:
            key: Fingerprint of the API key; `None` for all.
        """
        with self.lock:
            found = [m for account in self.accounts.chosen(key) for m in account.incoming]
        return tuple(sorted(found, key=lambda message: message.sequence))

    def deliveries(self, key: str | None = None) -> tuple[Delivery, ...]:
        """Return webhooks with their attempts, of one API key or of all, oldest first.

        Args:
            key: Fingerprint of the API key; `None` for all.
        """
        with self.lock:
            return tuple(d for d in self.webhooks if key is None or d.key_fingerprint == key)

    def resend(self, delivery_id: int) -> Delivery | None:
        """Send a webhook again, now, and return it; `None` if there is none with this id."""
        with self.lock:
            delivery = self.webhooks.find(delivery_id)
            if delivery is not None:
                self.webhooks.resend(delivery, self.clock.now())
                self.run_due()
            return delivery

    def reply(self, text: str, *, to: ReceivedMessage, step: int | None = None) -> IncomingMessage:
        """Answer a message as its recipient.

        Args:
            text: The answer.
            to: The message that is answered.
            step: Step that is answered; `None` for the last one that was started.
        """
        with self.lock:
            last = max(0, len(to.journey.runs) - 1)
            answered = last if step is None else step
            incoming = self._incoming.reply(text, to, answered, self.clock.now())
            self.run_due()
            return incoming

    def receive(
        self,
        text: str,
        *,
        key: str,
        sender: str,
        recipient: str | None = None,
        gateway: str = SMS,
    ) -> IncomingMessage:
        """Receive an unsolicited message.

        Args:
            text: The text.
            key: Fingerprint of the API key.
            sender: Number that writes, in any form that the service understands.
            recipient: Number or account that is written to.
            gateway: `"sms"`, `"viber"`, `"whatsapp"` or another name.
        """
        with self.lock:
            incoming = self._incoming.receive(
                text,
                key=key,
                sender=sender,
                recipient=recipient,
                gateway=gateway,
                now=self.clock.now(),
            )
            self.run_due()
            return incoming

    def open_link(self, code: str) -> ShortLink | None:
        """Record that a short link was opened; `None` if there is none, or it has expired."""
        with self.lock:
            found = self.links.find(code)
            now = self.clock.now()
            if found is None or found[0].expires_at <= now:
                return None
            link, message = found
            link.clicks += 1
            message.journey.entries.append(Entry(now, "click", text=link.original))
            self.feed.publish("status", message.key_fingerprint, message.sequence)
            return link

    def configure(self, **changes: object) -> Settings:
        """Change how the sandbox behaves; accounts that exist keep credit, callback and secret.

        Args:
            **changes: Attributes of `Settings`.

        Raises:
            ValueError: If a value is out of range.
        """
        with self.lock:
            self.settings = attrs.evolve(self.settings, **changes)  # type: ignore[arg-type]  # checked there
            self.accounts.take(self.settings)
            self.feed.publish("settings")
            return self.settings

    def clear(self, key: str | None = None) -> int:
        """Forget messages, requests, what waits, opt-outs and credit, of one key or of all.

        Args:
            key: Fingerprint of the API key; `None` for all.

        Returns:
            How many messages were forgotten.
        """
        with self.lock:
            if key is None:
                count = self.inbox.clear()
                self._schedule.clear()
                self.webhooks.clear()
                self.links.clear()
            else:
                forgotten = self.inbox.clear_key(key)
                count = len(forgotten)
                gone = self.webhooks.clear_key(key)
                self._schedule.drop({*map(id, forgotten), *map(id, gone)})
            self.accounts.clear(key)
            self.feed.publish("cleared", key or "")
            return count

    def reset(self, settings: Settings) -> None:
        """Start again: without messages and rules, and with the clock as at the start.

        The one time that the clock goes back: nothing is left that it could hurt.

        Args:
            settings: How the sandbox behaves from here on.
        """
        with self.lock:
            self.rules.clear()
            self.settings = self.accounts.settings = settings
            self.clear()
            self.clock.restart()
            self.alarm = math.inf
            self.on_due()

    def _do(self, task: Task) -> None:
        if task.kind == ATTEMPT:
            self.webhooks.attempt(task.subject, by_hand=bool(task.detail))
            return
        message: ReceivedMessage = task.subject
        if task.kind == fallback.START:
            self.flow.start(message, task.due)
        elif task.kind == fallback.TTL:
            self.flow.ttl(message, task.step, task.due)
        elif task.kind == fallback.REPLY:
            self._incoming.reply(task.detail, message, task.step, task.due)
        elif isinstance(task.detail, Outcome):
            self.flow.result(message, task.step, task.detail, task.due)
        else:
            self.flow.mark(message, task.step, task.detail, task.due)

    def _forget(self, message: ReceivedMessage) -> None:
        """Subtract a pruned message from the sums."""
        account = self.accounts.get(message.key_fingerprint)
        if account is not None:
            account.counts[message.journey.state] -= 1
