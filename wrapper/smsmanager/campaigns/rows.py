"""One row of a campaign: what goes in, and what the ledger tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._privacy import mask_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from smsmanager.campaigns.states import RowState


@attrs.frozen(repr=False)
class Row:
    """One recipient and the text they get.

    Attributes:
        row: Where it stands in the input, counted from 1. A campaign takes each number once.
        phone_number: In canonical form, such as `"420777123456"`.
        body: The text; None when the steps of the campaign's `flow` bring their own content.
        sender: Sender of this row; None for the client's.
        tag: Tag of this row; None for none.
        payload: Comes back in every webhook of this row's message.
        reference: The caller's own id of this row, such as `"order-17"`. A row that has one or a `payload` of
            its own shares its message with rows that have the same ones only.
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
        row: Where it stands in the input, counted from 1.
        field: What is wrong with it: `"phone_number"`, `"body"`, the name of a column.
        reason: Why, in words that follow the field: `"is empty"`. They repeat no number and no text.
    """

    row: int
    field: str
    reason: str


@attrs.frozen
class Delivery:
    """What delivery reports tell of one row.

    Attributes:
        result: Such as `"delivered"`; a value that is not documented is kept as it came.
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
    """One row as it stands in the ledger.

    Attributes:
        row: Where it stood in the input, counted from 1.
        state: What is known.
        phone_number: In canonical form; None for a refused row.
        body: The text.
        sender: Sender of this row.
        tag: Tag of this row.
        payload: What the caller put there.
        reference: The id that webhooks repeat in `payload`: the caller's own, or the campaign's.
        message_id: The id under which webhooks report it; None unless accepted.
        field: What was wrong with a refused row.
        reason: Why a row was refused, or the kind of error after which it was not sent or is unknown.
        delivery: What delivery reports tell, None before the first.
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

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return (
            f"LedgerRow(row={self.row}, state={self.state.value!r}, message_id={self.message_id!r})"
        )
