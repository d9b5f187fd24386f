"""Remove one message with what waits for it, and put it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import threading

    from smsmanager.sandbox.engine.accounts import Accounts
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.inbox import Inbox
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery
    from smsmanager.sandbox.engine.schedule import Schedule, Task


@attrs.frozen(eq=False)
class Removed:
    """A message that was removed, and the tasks that waited for it."""

    message: ReceivedMessage
    tasks: tuple[Task, ...]


@attrs.frozen(eq=False)
class Removal:
    """Removes messages one at a time. Can be called from any thread.

    What a message has cost, and what was replied to it, stays.

    Attributes:
        lock: That of the engine.
        inbox: Where the messages are.
        accounts: Where they are counted.
        schedule: Where their tasks wait.
        feed: Notified of each change.
    """

    lock: threading.RLock
    inbox: Inbox
    accounts: Accounts
    schedule: Schedule
    feed: Feed

    def remove(self, message: ReceivedMessage) -> Removed | None:
        """Remove a message: no further step and no webhook of its own is sent.

        Returns:
            What puts it back; `None` if it is no longer kept.
        """
        with self.lock:
            if not self.inbox.remove(message):
                return None
            own = [found for found in message.journey.deliveries if _is_only_about(found, message)]
            tasks = self.schedule.drop({id(message), *map(id, own)})
            self.accounts.of(message.key_fingerprint).counts[message.state] -= 1
            self.feed.publish("deleted", message.key_fingerprint, message.sequence)
            return Removed(message, tasks)

    def put_back(self, removed: Removed) -> None:
        """Put a message back in its place; what became due meanwhile happens next."""
        message = removed.message
        with self.lock:
            if not self.inbox.put_back(message):
                return
            self.schedule.put_back(removed.tasks)
            self.accounts.of(message.key_fingerprint).counts[message.state] += 1
            self.feed.publish("message", message.key_fingerprint, message.sequence)


def _is_only_about(delivery: Delivery, message: ReceivedMessage) -> bool:
    """Return whether a webhook carries nothing of another message: one can carry a batch."""
    return all(subject is message for subject, _ in delivery.items)
