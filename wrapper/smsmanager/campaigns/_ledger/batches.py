"""Rows on their way: which share a message, which messages share a request, what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._message.wire_requests import Content, Operation, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smsmanager.campaigns.rows import RowState


@attrs.frozen
class Pending:
    """One row that is to be sent.

    Attributes:
        row: Its number.
        phone_number: Its recipient.
        content: Id of what they get.
        tried: Requests of this run that carried it and were certainly not taken.
        doubt: What was known of it, when it is sent again although it may have been taken.
    """

    row: int
    phone_number: str = attrs.field(repr=False)
    content: int
    tried: int = 0
    doubt: RowState | None = None


@attrs.frozen
class Page:
    """Rows to be sent, and what they get.

    Attributes:
        rows: The rows.
        fields: By content: what it adds to the fields that all messages share.
        sizes: By content: the most bytes that a message of it takes without its recipients.
    """

    rows: Sequence[Pending]
    fields: dict[int, dict[str, Any]] = attrs.field(repr=False)
    sizes: dict[int, int]


@attrs.frozen
class Parcel:
    """One message: a content and at most ten rows that get it.

    Attributes:
        content: Id of the content.
        rows: The rows, in the order of the recipients.
        number: Which message of the campaign it is; 0 until it is recorded as in flight.
    """

    content: int
    rows: tuple[Pending, ...]
    number: int = 0


@attrs.frozen
class Batch:
    """One request: at most ten messages.

    Attributes:
        parcels: The messages.
    """

    parcels: tuple[Parcel, ...]

    def rows(self) -> Iterator[Pending]:
        """Iterate over the rows, in the order of the client's outcomes."""
        for parcel in self.parcels:
            yield from parcel.rows

    def __len__(self) -> int:
        """Return the number of recipients."""
        return sum(len(parcel.rows) for parcel in self.parcels)


@attrs.frozen
class Settled:
    """What became of one row.

    Attributes:
        pending: The row as it was sent.
        state: Its state now.
        message_id: Its id.
        reason: The kind of error because of which it was not accepted.
        request_id: The service's id of its request, if the answer named one.
    """

    pending: Pending
    state: RowState
    message_id: str | None = None
    reason: str | None = None
    request_id: str | None = None


def batches(rows: Sequence[Pending], sizes: Mapping[int, int]) -> list[Batch]:
    """Return the requests that carry some rows, as few as the limits of the service allow.

    Rows of one content are put together; contents stay in the order of their first row. The code that splits
    the messages of `send_batch` also splits here, so that a batch is one request there.

    Args:
        rows: What is to be sent.
        sizes: By content: the most bytes that a message of it takes without its recipients.
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
    return [
        Batch(
            tuple(
                Parcel(
                    ordered[message.positions[0]].content,
                    tuple(ordered[position] for position in message.positions),
                )
                for message in request.messages
            )
        )
        for request in prepared.requests()
    ]
