"""Keep what was received, bounded and readable from any thread."""

import itertools
import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from smsmanager.sandbox._numbers import normalise_number
from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest, normalise_tags

# A UUID; behind it, webhooks and the store carry `-<recipient_index>` for a batch.
_ANSWERED_ID_LENGTH: Final = 36


class Inbox:
    """Keep the newest messages and requests of one account.

    Args:
        max_messages: How many messages, and how many requests, are kept; the oldest go first.
        country_prefix: Country calling code of the account, for numbers that are searched for.
    """

    def __init__(self, *, max_messages: int, country_prefix: str) -> None:
        """Start empty."""
        self._max_messages = max_messages
        self._country_prefix = country_prefix
        self._lock = threading.Lock()
        self._messages: deque[ReceivedMessage] = deque()
        self._requests: deque[ReceivedRequest] = deque(maxlen=max_messages)
        self._by_answered_id: dict[str, list[ReceivedMessage]] = {}
        self._message_sequence = itertools.count(1)
        self._request_sequence = itertools.count(1)

    def next_message(self) -> int:
        """Return the sequence number of the next message."""
        return next(self._message_sequence)

    def next_request(self) -> int:
        """Return the sequence number of the next request."""
        return next(self._request_sequence)

    def add(self, request: ReceivedRequest, messages: Iterable[ReceivedMessage]) -> None:
        """Store one request and the messages it carried."""
        with self._lock:
            self._requests.append(request)
            for message in messages:
                self._messages.append(message)
                if message.message_id is not None:
                    answered_id = message.message_id[:_ANSWERED_ID_LENGTH]
                    self._by_answered_id.setdefault(answered_id, []).append(message)
            while len(self._messages) > self._max_messages:
                self._forget_oldest()

    def messages(self) -> tuple[ReceivedMessage, ...]:
        """Return all messages, oldest first."""
        with self._lock:
            return tuple(self._messages)

    def requests(self) -> tuple[ReceivedRequest, ...]:
        """Return all requests, oldest first."""
        with self._lock:
            return tuple(self._requests)

    def count(self) -> tuple[int, int]:
        """Return how many messages and how many requests are kept."""
        with self._lock:
            return len(self._messages), len(self._requests)

    def find(self, message_id: str) -> tuple[ReceivedMessage, ...]:
        """Return the messages with an id, in either form.

        Args:
            message_id: Id as answered, which in a batch stands for all recipients of a message, or
                as webhooks report it.

        Returns:
            In the order of `to`; empty if there is none.
        """
        answered_id = message_id[:_ANSWERED_ID_LENGTH]
        with self._lock:
            found = tuple(self._by_answered_id.get(answered_id, ()))
        if message_id == answered_id:
            return found
        return tuple(message for message in found if message.message_id == message_id)

    def search(
        self,
        *,
        to: str | None = None,
        containing: str | None = None,
        tag: str | None = None,
    ) -> tuple[ReceivedMessage, ...]:
        """Return the messages that match all that is given, oldest first.

        Args:
            to: Number, in any form that the service understands.
            containing: Part of the text of any step; upper and lower case are alike.
            tag: One tag.
        """
        found: Iterable[ReceivedMessage] = self.messages()
        if to is not None:
            number = normalise_number(to, self._country_prefix)
            found = (message for message in found if message.to == number)
        if containing is not None:
            piece = containing.casefold()
            found = (message for message in found if _shows(message, piece))
        if tag is not None:
            wanted = set(normalise_tags(tag))
            found = (message for message in found if wanted and wanted.issubset(message.tags))
        return tuple(found)

    def clear(self) -> int:
        """Forget everything and return how many messages that were."""
        with self._lock:
            count = len(self._messages)
            self._messages.clear()
            self._requests.clear()
            self._by_answered_id.clear()
        return count

    def _forget_oldest(self) -> None:
        oldest = self._messages.popleft()
        if oldest.message_id is None:
            return
        answered_id = oldest.message_id[:_ANSWERED_ID_LENGTH]
        # In the order of arrival, so that the oldest of the whole store is the first of its id.
        same_id = self._by_answered_id[answered_id]
        del same_id[0]
        if not same_id:
            del self._by_answered_id[answered_id]


def _shows(message: ReceivedMessage, piece: str) -> bool:
    return any(piece in step.body.casefold() for step in message.steps if step.body is not None)
