"""Rows being sent: which rows share a message, which messages share a request, and their outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from smsmanager._message.wire_requests import LONGEST_RECIPIENT, MAX_RECIPIENTS, in_requests

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from smsmanager.campaigns.rows import RowState

_EMPTY_TO = len('"to":[],')


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
        return sum([len(parcel.rows) for parcel in self.parcels])


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


def sharing(rows: Iterable[Pending]) -> list[tuple[Pending, ...]]:
    """Return the rows that share each message: at most ten with the same content.

    Contents stay in the order of their first row.
    """
    together: dict[int, list[Pending]] = {}
    for row in rows:
        if (group := together.get(row.content)) is None:
            together[row.content] = [row]
        else:
            group.append(row)
    return [
        tuple(group[start : start + MAX_RECIPIENTS])
        for group in together.values()
        for start in range(0, len(group), MAX_RECIPIENTS)
    ]


def batches(
    messages: Iterable[tuple[Pending, ...]], sizes: Mapping[int, int], first: int
) -> list[Batch]:
    """Return the requests for the given messages, as few as the limits of the service allow.

    The sizes are upper bounds, so a batch from here is exactly one request of `send_batch`.

    Args:
        messages: The rows of each message, from `sharing`.
        sizes: For each content, the maximum size of its message without recipients, in bytes.
        first: The number of the first message.
    """
    parcels = [Parcel(rows[0].content, rows, number) for number, rows in enumerate(messages, first)]

    def size_of(parcel: Parcel) -> int:
        return sizes[parcel.content] + _EMPTY_TO + LONGEST_RECIPIENT * len(parcel.rows)

    return [Batch(tuple(each)) for each in in_requests(parcels, size_of)]
