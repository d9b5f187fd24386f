"""States of messages and requests. No `repr` shows numbers or texts."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal


class MessageState(StrEnum):
    """The meaning of a message's codes, as far as they are documented.

    Source: SmsManager REST API reference, "Get message".
    """

    IN_PROGRESS = "in_progress"
    """Accepted; there are no codes yet."""
    SENT = "sent"
    """Sending status 200."""
    DELIVERED = "delivered"
    """Delivery status 201."""
    SEEN = "seen"
    """Delivery status 202."""
    OTHER = "other"
    """Codes that no page documents: look at the codes themselves."""


@attrs.frozen(kw_only=True)
class StepState:
    """The codes of one step of a flow, as the service writes them."""

    status_code: str | None = None
    delivery_code: str | None = None


@attrs.frozen(kw_only=True)
class MessageStatus:
    """The state of one message.

    Attributes:
        message_id: The id in the question.
        state: The meaning of the codes.
        status_code: The service's sending code; only `200`, sent, is documented.
        delivery_code: The service's delivery code; only `201`, delivered, and `202`, seen, are documented.
        status_info: The state in the service's words.
        request_id: Id of the request that sent it.
        tags: Its tags.
        body: The text.
        phone_number: The recipient as submitted.
        created_at: When it was accepted, in UTC, like all times here. None if the answer does not say.
        sent_at: When it was sent.
        delivered_at: When it was delivered.
        seen_at: When it was seen.
        clicked_at: When a link in it was clicked.
        updated_at: When anything last changed.
        flow: The steps as sent.
        flow_index: The step that was used.
        steps: The codes of each step, by its index.
        price: Price, in a currency that the service does not name (presumably that of the account).
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get message".
    """

    message_id: str
    state: MessageState
    status_code: str | None = None
    delivery_code: str | None = None
    status_info: str | None = attrs.field(default=None, repr=False)
    request_id: str | None = None
    tags: tuple[str, ...] = ()
    body: str | None = attrs.field(default=None, repr=False)
    phone_number: str | None = attrs.field(default=None, repr=False)
    created_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    seen_at: datetime | None = None
    clicked_at: datetime | None = None
    updated_at: datetime | None = None
    flow: tuple[Mapping[str, Any], ...] = attrs.field(default=(), hash=False, repr=False)
    flow_index: int | None = None
    steps: Mapping[int, StepState] = attrs.field(factory=dict, hash=False)
    price: Decimal | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class MessageRow:
    """One message in the list of a day.

    Attributes:
        message_id: Its id, per recipient.
        channel: The channel: a `smsmanager.webhooks.Gateway`, or the string of an unknown one.
        parts: Billed parts.
        is_sent: Whether it was sent. Like every flag here, None if the row does not say.
        is_delivered: Whether it was delivered.
        is_undelivered: Whether it was not delivered.
        is_seen: Whether it was seen.
        is_clicked: Whether a link in it was clicked.
        is_replied: Whether the recipient replied.
        is_opted_out: Whether the recipient opted out.
        sent_at: When it was sent, in UTC, like all times here. None if the row does not say.
        delivered_at: When it was delivered.
        seen_at: When it was seen.
        clicked_at: When a link in it was clicked.
        replied_at: When the recipient replied.
        opted_out_at: When the recipient opted out.
        updated_at: When anything last changed.
        sender: The sender.
        phone_number: The recipient.
        body: The text.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get messages".
    """

    message_id: str | None
    channel: str | None = None
    parts: int | None = None
    is_sent: bool | None = None
    is_delivered: bool | None = None
    is_undelivered: bool | None = None
    is_seen: bool | None = None
    is_clicked: bool | None = None
    is_replied: bool | None = None
    is_opted_out: bool | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    seen_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    opted_out_at: datetime | None = None
    updated_at: datetime | None = None
    sender: str | None = attrs.field(default=None, repr=False)
    phone_number: str | None = attrs.field(default=None, repr=False)
    body: str | None = attrs.field(default=None, repr=False)
    price_czk: Decimal | None = None
    price_eur: Decimal | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class Totals:
    """Messages of a request or a day, counted by state. A value is None if the answer does not say.

    Attributes:
        sent: Messages that were sent.
        not_sent: Messages that were not sent.
        delivered: Messages that were delivered.
        not_delivered: Messages that were not delivered.
        seen: Messages that were seen; of a day only.
        clicked: Messages whose link was clicked; of a day only.
        replied: Messages with a reply.
        opted_out: Recipients who opted out.
        parts: Parts that were sent.
        price_czk: Price in CZK; of a request only.
        price_eur: Price in EUR; of a request only.
        first_sent_at: When the first one was sent, in UTC.
        last_sent_at: When the last one was sent, in UTC.
        parts_by_network: Parts by mobile country code and network code, joined; of a day only.
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get request" and "Get requests".
    """

    sent: int | None = None
    not_sent: int | None = None
    delivered: int | None = None
    not_delivered: int | None = None
    seen: int | None = None
    clicked: int | None = None
    replied: int | None = None
    opted_out: int | None = None
    parts: int | None = None
    price_czk: Decimal | None = None
    price_eur: Decimal | None = None
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    parts_by_network: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class DayTotals:
    """The totals of one day and one set of tags.

    Attributes:
        day: The day; None if it cannot be read.
        tags: The tags.
        totals: The totals.
    """

    day: date | None
    tags: tuple[str, ...]
    totals: Totals
