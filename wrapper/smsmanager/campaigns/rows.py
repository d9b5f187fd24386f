"""One row of a campaign: the input, its refusal, and its state in the ledger."""

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
    """The state of a row."""

    # That of `Enum` is written in Python, and rows are counted by their states.
    __hash__ = str.__hash__

    REFUSED = "refused"
    """Cannot be sent, and never will be."""
    PENDING = "pending"
    """Not sent yet; or about to be sent again, because a start with `resend_unknown` asked for it."""
    IN_FLIGHT = "in_flight"
    """In a request that may have left; durably recorded before it leaves."""
    ACCEPTED = "accepted"
    """Accepted for processing."""
    REJECTED = "rejected"
    """Not accepted; the next run sends it again."""
    UNCONFIRMED = "unconfirmed"
    """The answer did not mention it: it may or may not have been accepted."""
    NOT_SENT = "not_sent"
    """Certainly not accepted; this run does not try it again."""
    UNKNOWN = "unknown"
    """Its request may have left, and its outcome is not known: it may have been accepted."""


OPEN = frozenset((RowState.UNKNOWN, RowState.UNCONFIRMED))
"""Perhaps accepted: sent again only if the caller asks for it."""
UNSENT = frozenset((RowState.NOT_SENT, RowState.REJECTED))
"""Certainly not accepted: the next run sends them."""
UNSETTLED = frozenset((RowState.PENDING, RowState.IN_FLIGHT))
"""Still to be sent by a run."""


@attrs.frozen(repr=False)
class Row:
    """One recipient and their text.

    Attributes:
        row: Its row number in the input, counted from 1, unique in a campaign.
        phone_number: In canonical form, such as `"420777123456"`.
        body: The text; None if the steps of the campaign's `flow` have their own content.
        sender: Sender of this row; None for the client's.
        tag: Tag of this row.
        payload: Repeated in every webhook of this row's message.
        reference: The caller's id for this row, such as `"order-17"`. A row with a reference or `payload`
            shares its message only with rows that have the same ones.
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
        field: The field that is wrong: `"phone_number"`, `"body"`, or in a file the name of the column.
        reason: What is wrong, worded to follow the field: `"is empty"`. It contains no number and no text.
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
    """The rendered text is longer than the service allows."""
    SENDER = "sender"
    """The service does not allow such a sender."""
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
        code: The reason, as a stable name.
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
        result: The result, such as `"delivered"`; an undocumented value is kept as received.
        at: When it happened.
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
        row: Its row number in the input, counted from 1.
        state: Its state.
        phone_number: In canonical form; None for a refused row.
        body: The text.
        sender: Sender of this row.
        tag: Tag of this row.
        payload: The caller's payload.
        reference: The id that webhooks repeat in `payload`: the caller's, or the campaign's.
        message_id: The id under which webhooks report it; None unless accepted.
        field: The field that was wrong, for a refused row.
        reason: Why the row was refused, or the kind of error after which it was not sent or is unknown.
        delivery: The delivery reports, combined; None before the first.
        evidence: The findings when the service was asked about it; None if it was not asked. `finding` can
            also be `undated`, see `Settlement`.
        cancellation: The outcome of cancelling it, a value of `smsmanager.asking.CancelOutcome`; None if this
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
