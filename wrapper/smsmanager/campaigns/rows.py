"""One row of a campaign: the input, its refusal, and what the ledger knows about it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._privacy import mask_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from smsmanager.asking import Evidence


class RowState(StrEnum):
    """What is known about a row."""

    # That of `Enum` is written in Python, and rows are counted by their states.
    __hash__ = str.__hash__

    REFUSED = "refused"
    """Not fit to be sent; it never will be."""
    PENDING = "pending"
    """Not sent yet."""
    IN_FLIGHT = "in_flight"
    """In a request that may be out; recorded durably before the request leaves."""
    ACCEPTED = "accepted"
    """Taken for processing."""
    REJECTED = "rejected"
    """Not taken, and meant to be sent again."""
    UNCONFIRMED = "unconfirmed"
    """The answer did not mention it: it may or may not have been taken."""
    NOT_SENT = "not_sent"
    """Certainly not taken, and tried often enough for one run."""
    UNKNOWN = "unknown"
    """Its request may have gone out and its outcome is not known: it may have been taken."""


OPEN = frozenset((RowState.UNKNOWN, RowState.UNCONFIRMED))
"""Perhaps taken: sent again only if the caller asks for it."""
UNSENT = frozenset((RowState.NOT_SENT, RowState.REJECTED))
"""Certainly not taken: the next run sends them."""
UNSETTLED = frozenset((RowState.PENDING, RowState.IN_FLIGHT))
"""Rows that a run still has to send."""


@attrs.frozen(repr=False)
class Row:
    """One recipient and the text they get.

    Attributes:
        row: Its number in the input, counted from 1. A campaign takes each number once.
        phone_number: In canonical form, such as `"420777123456"`.
        body: The text; None when the steps of the campaign's `flow` bring their own content.
        sender: Sender of this row; None for the client's.
        tag: Tag of this row; None for none.
        payload: Repeated in every webhook of this row's message.
        reference: The caller's id for this row, such as `"order-17"`. A row with a reference or `payload`
            of its own shares its message only with rows that have the same.
    """

    row: int
    phone_number: str
    body: str | None
    sender: str | None = None
    tag: str | None = None
    payload: Mapping[str, Any] | None = None
    reference: str | None = None

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return f"Row(row={self.row}, phone_number={mask_number(self.phone_number)!r})"


@attrs.frozen
class RefusedRow:
    """One row of the input that is not sent.

    Attributes:
        row: Its number in the input, counted from 1.
        field: What is wrong with it: `"phone_number"`, `"body"`, or in a file the name of the column.
        reason: Why, in words that follow the field: `"is empty"`. They repeat no number and no text.
    """

    row: int
    field: str
    reason: str


class Refusal(StrEnum):
    """Why a row was refused; the names are stable."""

    NUMBER = "number"
    """The number is missing, damaged or not a phone number."""
    DUPLICATE = "duplicate"
    """An earlier row has the same number."""
    OPTED_OUT = "opted_out"
    """The number is in the opt-out list."""
    BLACKLISTED = "blacklisted"
    """The number is on the account's blacklist."""
    VARIABLE = "variable"
    """The text needs a value that this row does not have."""
    LANGUAGE = "language"
    """There is no text for the row's language."""
    TEXT = "text"
    """The rendered text is longer than the service takes."""
    SENDER = "sender"
    """The service does not take such a sender."""
    PAYLOAD = "payload"
    """The payload is not a JSON object."""
    CELLS = "cells"
    """The row does not fit the header, or is not a JSON object."""
    HIDDEN = "hidden"
    """The row is hidden in the spreadsheet, by a filter or by hand."""


@attrs.frozen(repr=False)
class RefusedInput(RefusedRow):
    """A refused row of a file.

    Attributes:
        code: Why, as a stable name.
        given: The number as written in the file.
    """

    code: Refusal
    given: str

    def __repr__(self) -> str:
        """Show no number."""
        return f"RefusedInput(row={self.row}, code={self.code.value!r}, reason={self.reason!r})"


@attrs.frozen
class Delivery:
    """The delivery reports of one row, combined.

    Attributes:
        result: Such as `"delivered"`; an undocumented value is kept as it came.
        at: When that happened.
        code: Code of the result, such as 302.
        gateway: The channel that reported it, such as `"sms"`.
        mcc: Mobile country code, such as 230.
        parts: Billed parts, over all channels.
        price_czk: Price in CZK, over all channels.
        price_eur: Price in EUR, over all channels.
    """

    result: str
    at: datetime | None = None
    code: int | None = None
    gateway: str | None = None
    mcc: int | None = None
    parts: int | None = None
    price_czk: Decimal | None = None
    price_eur: Decimal | None = None


@attrs.frozen(repr=False)
class LedgerRow:
    """One row of the ledger.

    Attributes:
        row: Its number in the input, counted from 1.
        state: What is known.
        phone_number: In canonical form; None for a refused row.
        body: The text.
        sender: Sender of this row.
        tag: Tag of this row.
        payload: What the caller put there.
        reference: The id that webhooks repeat in `payload`: the caller's, or the campaign's.
        message_id: The id under which webhooks report it; None unless accepted.
        field: What was wrong with a refused row.
        reason: Why a row was refused, or the kind of error after which it was not sent or is unknown.
        delivery: What delivery reports say; None before the first.
        evidence: What was found when the service was asked about it; None if it was not. `finding` can also
            be `undated`, see `Settlement`.
        cancellation: What became of cancelling it, as `smsmanager.asking.CancelOutcome` has it; None if that
            was not tried.
    """

    row: int
    state: RowState
    phone_number: str | None = None
    body: str | None = None
    sender: str | None = None
    tag: str | None = None
    payload: Mapping[str, Any] | None = None
    reference: str | None = None
    message_id: str | None = None
    field: str | None = None
    reason: str | None = None
    delivery: Delivery | None = None
    evidence: Evidence | None = None
    cancellation: str | None = None

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return (
            f"LedgerRow(row={self.row}, state={self.state.value!r}, message_id={self.message_id!r})"
        )
