"""Remove one message with its waiting tasks, and put it back."""

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
    """A removed message, and its waiting tasks."""

    message: ReceivedMessage
    tasks: tuple[Task, ...]


@attrs.frozen(eq=False)
class Removal:
    """Removes messages one at a time. Can be called from any thread.

    The cost of a message, and the replies to it, stay.

    Attributes:
        lock: The lock of the engine.
        inbox: Holds the messages.
        accounts: Count them.
        schedule: Holds their tasks.
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
            The argument for `put_back`; `None` if the message is no longer kept.
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
        """Put a message back in its place; tasks that became due meanwhile run next."""
        message = removed.message
        with self.lock:
            if not self.inbox.put_back(message):
                return
            self.schedule.put_back(removed.tasks)
            self.accounts.of(message.key_fingerprint).counts[message.state] += 1
            self.feed.publish("message", message.key_fingerprint, message.sequence)


def _is_only_about(delivery: Delivery, message: ReceivedMessage) -> bool:
    """Return whether a webhook carries no other message's events: a webhook can carry a batch."""
    return all(subject is message for subject, _ in delivery.items)
