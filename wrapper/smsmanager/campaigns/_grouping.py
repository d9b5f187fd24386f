"""Which rows share a message and which messages share a request; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager._message.requests import Content, Prepared, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smsmanager.campaigns.states import RowState


@attrs.frozen(slots=True)
class Pending:
    """One row that is to be sent.

    Attributes:
        row: Its number.
        phone_number: Who gets it.
        content: Id of what they get.
        tried: Requests of this run that carried it and were certainly not taken.
        doubt: What was known of it, when it is sent again although it may have been taken.
    """

    row: int
    phone_number: str = attrs.field(repr=False)
    content: int
    tried: int = 0
    doubt: RowState | None = None


@attrs.frozen(slots=True)
class Parcel:
    """One message: a content and at most ten rows that get it.

    Attributes:
        content: Id of the content.
        rows: The rows, in the order of the recipients.
        number: Which message of the campaign it is; 0 until it is noted as in flight.
    """

    content: int
    rows: tuple[Pending, ...]
    number: int = 0


@attrs.frozen(slots=True)
class Batch:
    """One request: at most ten messages.

    Attributes:
        parcels: The messages.
    """

    parcels: tuple[Parcel, ...]

    def rows(self) -> Iterator[Pending]:
        """Iterate over the rows, in the order in which the client tells of them."""
        for parcel in self.parcels:
            yield from parcel.rows

    def __len__(self) -> int:
        """Return the number of recipients."""
        return sum(len(parcel.rows) for parcel in self.parcels)


def batches(rows: Sequence[Pending], sizes: Mapping[int, int]) -> list[Batch]:
    """Return the requests that carry some rows, as few as the limits of the service allow.

    Rows of one content are put together, contents stay in the order of their first row. Splitting is done by
    what splits the messages of `send_batch`, so that a batch is one request there.

    Args:
        rows: What is to be sent.
        sizes: For each content the most bytes that a message of it takes without its recipients.
    """
    if not rows:
        return []
    together: dict[int, list[Pending]] = {}
    for row in rows:
        together.setdefault(row.content, []).append(row)
    ordered = [row for group in together.values() for row in group]
    places = {content: place for place, content in enumerate(together)}
    prepared = Prepared(
        Route.BATCH,
        contents=[Content({}, sizes[content]) for content in together],
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
