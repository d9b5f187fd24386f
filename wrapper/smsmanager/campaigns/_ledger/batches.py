"""Rows being sent: which share a message, which messages share a request, and their outcomes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from smsmanager._message.wire_requests import Content, Operation, Prepared

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from smsmanager.campaigns.rows import RowState


class Pending(NamedTuple):
    """One row that is to be sent.

    Attributes:
        row: Its number.
        phone_number: Its recipient.
        content: Id of what they get.
        tried: Requests of this run that carried it and were certainly not taken.
        doubt: What was known of it, when it is sent again although it may have been taken.
    """

    row: int
    phone_number: str
    content: int
    tried: int = 0
    doubt: str | None = None

    def __repr__(self) -> str:
        """Show no number."""
        return f"Pending(row={self.row}, content={self.content})"


@attrs.frozen
class Page:
    """Requests to be sent, and what they carry.

    Attributes:
        batches: The requests.
        last: The last row that they carry, or that was passed over; None when no row is left.
        fields: By content: what it adds to the fields that all messages share.
    """

    batches: Sequence[Batch]
    last: int | None = None
    fields: dict[int, dict[str, Any]] = attrs.field(factory=dict, repr=False)


class Parcel(NamedTuple):
    """One message: a content and at most ten rows that get it.

    Attributes:
        content: Id of the content.
        rows: The rows, in the order of the recipients.
        number: Which message of the campaign it is.
    """

    content: int
    rows: tuple[Pending, ...]
    number: int = 0


class Batch(NamedTuple):
    """One request: at most ten messages.

    Attributes:
        parcels: The messages.
    """

    parcels: tuple[Parcel, ...]

    def rows(self) -> Iterator[Pending]:
        """Iterate over the rows, in the order of the client's outcomes."""
        for parcel in self.parcels:
            yield from parcel.rows

    def carried(self) -> Iterator[tuple[int, int, int]]:
        """Iterate over the rows with the message of each and its place in it."""
        for parcel in self.parcels:
            for place, row in enumerate(parcel.rows):
                yield row.row, parcel.number, place

    def numbered_from(self, first: int) -> Batch:
        """Return it with the numbers of its messages counted from another one."""
        return Batch(
            tuple([Parcel(key, rows, number + first) for key, rows, number in self.parcels])
        )

    def without(self, gone: Container[int]) -> Batch:
        """Return it without some rows, and without messages that have no other."""
        left = [
            Parcel(key, tuple(row for row in rows if row.row not in gone), number)
            for key, rows, number in self.parcels
        ]
        return Batch(tuple(parcel for parcel in left if parcel.rows))

    @property
    def recipients(self) -> int:
        """The number of recipients."""
        return sum(len(parcel.rows) for parcel in self.parcels)


class Settled(NamedTuple):
    """The outcome for one row.

    Attributes:
        pending: The row as it was sent.
        number: The message that carried it.
        state: Its state now.
        message_id: Its id.
        reason: The kind of error because of which it was not accepted.
        request_id: The service's id of its request, if the answer named one.
    """

    pending: Pending
    number: int
    state: RowState
    message_id: str | None = None
    reason: str | None = None
    request_id: str | None = None


def batches(rows: Sequence[Pending], sizes: Mapping[int, int], first: int = 1) -> list[Batch]:
    """Return the requests that carry some rows, as few as the limits of the service allow.

    Rows of one content are put together; contents stay in the order of their first row. The code that splits
    the messages of `send_batch` also splits here, so that a batch is one request there.

    Args:
        rows: What is to be sent.
        sizes: By content: the most bytes that a message of it takes without its recipients.
        first: Number of the first message.
    """
    if not rows:
        return []
    together: dict[int, list[Pending]] = {}
    for row in rows:
        together.setdefault(row.content, []).append(row)
    ordered = [row for group in together.values() for row in group]
    places = {content: place for place, content in enumerate(together)}
    prepared = Prepared(
        Operation.BATCH,
        contents=[Content(bytes(sizes[content])) for content in together],
        numbers=[row.phone_number for row in ordered],
        message_of=[places[row.content] for row in ordered],
    )
    numbers = count(first)
    return [
        Batch(
            tuple(
                Parcel(
                    ordered[message.positions[0]].content,
                    tuple([ordered[position] for position in message.positions]),
                    next(numbers),
                )
                for message in request.messages
            )
        )
        for request in prepared.requests()
    ]
