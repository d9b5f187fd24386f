"""Store what was received, bounded and readable from any thread."""

from __future__ import annotations

import bisect
import itertools
import threading
from collections import deque
from typing import TYPE_CHECKING, Unpack

from smsmanager.sandbox.engine.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
    from smsmanager.sandbox.engine.search import Criteria

# A UUID; webhooks and the store add `-<recipient_index>` for a batch.
_ANSWERED_ID_LENGTH = 36
_LOOKED_AT_FIRST = 1000
_NONE: deque[ReceivedMessage] = deque()


class Inbox:
    """The newest messages and requests, of all API keys.

    Attributes:
        country_prefix: Country calling code of the account, for numbers that are searched for.

    Args:
        max_messages: How many messages, and how many requests, are kept; the oldest go first.
        country_prefix: Country calling code of the account, for numbers that are searched for.
    """

    def __init__(self, *, max_messages: int, country_prefix: str) -> None:
        self._max_messages = max_messages
        self.country_prefix = country_prefix
        self._lock = threading.Lock()
        self._messages: deque[ReceivedMessage] = deque()
        self._requests: deque[ReceivedRequest] = deque(maxlen=max_messages)
        # The message itself where it is the only one of its id, which most are.
        self._by_answered_id: dict[str, ReceivedMessage | list[ReceivedMessage]] = {}
        self._by_key: dict[str, deque[ReceivedMessage]] = {}
        self.on_forget: Callable[[ReceivedMessage], None] = lambda _message: None
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
        self._put(messages)

    def _put(self, messages: Iterable[ReceivedMessage]) -> None:
        with self._lock:
            for message in messages:
                self._messages.append(message)
                self._by_key.setdefault(message.key_fingerprint, deque()).append(message)
                if message.message_id is not None:
                    self._keep_id(message.message_id[:_ANSWERED_ID_LENGTH], message)
            while len(self._messages) > self._max_messages:
                self._forget_oldest()

    def restore(
        self, requests: Iterable[ReceivedRequest], messages: Iterable[ReceivedMessage]
    ) -> None:
        """Fill an empty inbox, and continue the numbers of what is put in."""
        last = 0
        for request in requests:
            self.add(request, ())
            last = request.sequence
        self._request_sequence = itertools.count(last + 1)
        last = 0
        for message in messages:
            self._put((message,))
            last = message.sequence
        self.count_from(last + 1)

    def count_from(self, sequence: int) -> None:
        """Give the next message at least this number."""
        self._message_sequence = itertools.count(max(sequence, next(self._message_sequence)))

    def messages(self, key: str | None = None) -> tuple[ReceivedMessage, ...]:
        """Return all messages, oldest first.

        Args:
            key: Only those of this API key, given by its fingerprint.
        """
        with self._lock:
            return tuple(self._of(key))

    def newest(
        self,
        *,
        key: str | None = None,
        before: int | None = None,
        since: int = 0,
        anywhere: str = "",
        **criteria: Unpack[Criteria],
    ) -> Iterator[ReceivedMessage]:
        """Return the messages that match all criteria, newest first, each examined on demand.

        Args:
            key: Only those of this API key, given by its fingerprint.
            before: Only those with a lower `sequence`.
            since: Only those with this `sequence` or a higher one.
            anywhere: See `Search`.
            **criteria: See `Criteria`.
        """
        search = Search(self.country_prefix, criteria, anywhere)
        return filter(search.matches, self._backwards(key, before, since))

    def _backwards(
        self, key: str | None, before: int | None, since: int
    ) -> Iterator[ReceivedMessage]:
        """Yield messages, newest first; all of them are only copied where the newest do not do."""
        if before is None:
            with self._lock:
                newest = tuple(itertools.islice(reversed(self._of(key)), _LOOKED_AT_FIRST))
            yield from itertools.takewhile(lambda message: message.sequence >= since, newest)
            if len(newest) < _LOOKED_AT_FIRST or newest[-1].sequence <= since:
                return
            before = newest[-1].sequence
        messages = self.messages(key)
        first = bisect.bisect_left(messages, since, key=_sequence)
        end = bisect.bisect_left(messages, before, key=_sequence)
        yield from reversed(messages[first:end])

    def requests(self, key: str | None = None) -> tuple[ReceivedRequest, ...]:
        """Return all requests, oldest first.

        Args:
            key: Only those of this API key, given by its fingerprint.
        """
        with self._lock:
            found = tuple(self._requests)
        if key is None:
            return found
        return tuple(request for request in found if request.key_fingerprint == key)

    def newest_requests(self, count: int) -> tuple[ReceivedRequest, ...]:
        """Return the newest requests, newest first.

        Args:
            count: How many at most.
        """
        with self._lock:
            return tuple(itertools.islice(reversed(self._requests), count))

    def count(self) -> tuple[int, int]:
        """Return how many messages and how many requests are kept."""
        with self._lock:
            return len(self._messages), len(self._requests)

    def find(self, message_id: str) -> tuple[ReceivedMessage, ...]:
        """Return the messages with an id, in either form.

        Args:
            message_id: Id as answered, which in a batch is that of all recipients of a message, or
                as webhooks report it.

        Returns:
            In the order of `to`; empty if there is none.
        """
        answered_id = message_id[:_ANSWERED_ID_LENGTH]
        with self._lock:
            kept = self._by_answered_id.get(answered_id, [])
            found = tuple(kept) if isinstance(kept, list) else (kept,)
        if message_id == answered_id:
            return found
        return tuple(message for message in found if message.message_id == message_id)

    def search(
        self, *, key: str | None = None, **criteria: Unpack[Criteria]
    ) -> tuple[ReceivedMessage, ...]:
        """Return the messages that match all criteria, oldest first.

        Args:
            key: Only those of this API key, given by its fingerprint.
            **criteria: See `Criteria`.
        """
        search = Search(self.country_prefix, criteria)
        return tuple(filter(search.matches, self.messages(key)))

    def clear(self) -> int:
        """Forget everything, and return how many messages there were."""
        with self._lock:
            count = len(self._messages)
            self._messages.clear()
            self._requests.clear()
            self._by_answered_id.clear()
            self._by_key.clear()
        return count

    def clear_key(self, key: str) -> tuple[ReceivedMessage, ...]:
        """Forget messages and requests of one API key, and return the messages.

        Args:
            key: Fingerprint of the API key.
        """
        with self._lock:
            forgotten = self._by_key.pop(key, deque())
            if forgotten:
                self._messages = deque(
                    kept for kept in self._messages if kept.key_fingerprint != key
                )
            for message in forgotten:
                self._forget_id(message)
            kept = [request for request in self._requests if request.key_fingerprint != key]
            self._requests = deque(kept, maxlen=self._max_messages)
        return tuple(forgotten)

    def remove(self, message: ReceivedMessage) -> bool:
        """Remove one message; return False if it is not kept."""
        with self._lock:
            kept = [self._messages, self._by_key.get(message.key_fingerprint, _NONE)]
            places = [bisect.bisect_left(one, message.sequence, key=_sequence) for one in kept]
            if places[0] >= len(kept[0]) or kept[0][places[0]] is not message:
                return False
            for one, place in zip(kept, places, strict=True):
                del one[place]
            if not kept[1]:
                del self._by_key[message.key_fingerprint]
            self._forget_id(message)
        return True

    def put_back(self, message: ReceivedMessage) -> bool:
        """Put a message back where it was; return False if it is there."""
        with self._lock:
            same_key = self._by_key.setdefault(message.key_fingerprint, deque())
            for one in (self._messages, same_key):
                place = bisect.bisect_left(one, message.sequence, key=_sequence)
                if place < len(one) and one[place] is message:
                    return False
                one.insert(place, message)
            if message.message_id is not None:
                self._keep_id(message.message_id[:_ANSWERED_ID_LENGTH], message)
            while len(self._messages) > self._max_messages:
                self._forget_oldest()
        return True

    def _of(self, key: str | None) -> deque[ReceivedMessage]:
        return self._messages if key is None else self._by_key.get(key, _NONE)

    def _forget_oldest(self) -> None:
        oldest = self._messages.popleft()
        # The oldest of the whole store is the oldest of its key.
        same_key = self._by_key[oldest.key_fingerprint]
        same_key.popleft()
        if not same_key:
            del self._by_key[oldest.key_fingerprint]
        self._forget_id(oldest)
        self.on_forget(oldest)

    def _keep_id(self, answered_id: str, message: ReceivedMessage) -> None:
        same_id = self._by_answered_id.get(answered_id)
        if same_id is None:
            self._by_answered_id[answered_id] = message
        else:
            several = same_id if isinstance(same_id, list) else [same_id]
            # Almost always at the end; a message that is put back goes to its place.
            bisect.insort(several, message, key=_sequence)
            self._by_answered_id[answered_id] = several

    def _forget_id(self, message: ReceivedMessage) -> None:
        if message.message_id is None:
            return
        answered_id = message.message_id[:_ANSWERED_ID_LENGTH]
        same_id = self._by_answered_id[answered_id]
        if isinstance(same_id, list) and len(same_id) > 1:
            # By identity: equality would compare every field.
            del same_id[next(n for n, found in enumerate(same_id) if found is message)]
        else:
            del self._by_answered_id[answered_id]


def _sequence(message: ReceivedMessage) -> int:
    return message.sequence
