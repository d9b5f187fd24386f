"""Rows being sent: which rows share a message, which messages share a request, and their outcomes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from smsmanager._message.wire_requests import Content, Operation, Prepared

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from smsmanager.campaigns.rows import RowState


class Pending(NamedTuple):
    """One row to be sent.

    Attributes:
        row: Its number.
        phone_number: Its recipient.
        content: Id of its content.
        tried: How many requests of this run carried it and were certainly not accepted.
        doubt: Its earlier state, if it is sent again although it may have been accepted.
    """

    row: int
    phone_number: str
    content: int
    tried: int
    doubt: str | None

    def __repr__(self) -> str:
        """Leave the phone number out."""
        return f"Pending(row={self.row}, content={self.content})"


@attrs.frozen
class Page:
    """Requests to be sent, and their contents.

    Attributes:
        batches: The requests.
        last: The last row that they carry or skip; None when no row is left.
        fields: For each content, the fields that it adds to those that all messages share.
    """

    batches: Sequence[Batch]
    last: int | None = None
    fields: dict[int, dict[str, Any]] = attrs.field(factory=dict, repr=False)


class Parcel(NamedTuple):
    """One message: a content and the rows that receive it, at most ten.

    Attributes:
        content: Id of the content.
        rows: The rows, in the order of the recipients.
        number: The message's number within the campaign.
    """

    content: int
    rows: tuple[Pending, ...]
    number: int


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
        """Iterate over the rows, each with its message and its place in that message."""
        for parcel in self.parcels:
            for place, row in enumerate(parcel.rows):
                yield row.row, parcel.number, place

    def numbered_from(self, first: int) -> Batch:
        """Return the batch with its message numbers shifted to start at `first`."""
        return Batch(
            tuple([Parcel(key, rows, number + first) for key, rows, number in self.parcels])
        )

    def without(self, gone: Container[int]) -> Batch:
        """Return the batch without the given rows, and without messages left empty."""
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
        number: The number of the message that carried it.
        state: Its new state.
        message_id: Its id.
        reason: The kind of error that kept it from being accepted.
        request_id: The service's id of the request, if the answer contained one.
    """

    pending: Pending
    number: int
    state: RowState
    message_id: str | None = None
    reason: str | None = None
    request_id: str | None = None


def batches(rows: Sequence[Pending], sizes: Mapping[int, int], first: int) -> list[Batch]:
    """Return the requests for the given rows, as few as the limits of the service allow.

    Rows with the same content are grouped; contents stay in the order of their first row. `send_batch` splits
    messages with the same code, so a batch from here is exactly one request there.

    Args:
        rows: The rows to send.
        sizes: For each content, the maximum size of its message without recipients, in bytes.
        first: The number of the first message.
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
