"""Define a message that the sandbox received, and its steps: values, except for the journey, which changes.

No `repr` shows a number, a text or a key.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records import message_json
from smsmanager.sandbox.engine.records.journey import Entry, Journey, result_info, shown, total
from smsmanager.sandbox.engine.records.normalisation import tags_of
from smsmanager.sandbox.engine.records.short_link import with_short_links
from smsmanager.sandbox.engine.records.unix_time import moment, unix

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from smsmanager.parts import MessageParts
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.journey import TimelineEntry
    from smsmanager.sandbox.engine.records.message_outcome import State, Status

SMS = "sms"
# A code is separated from what surrounds it; a price or a date does not look like one.
_CODE = re.compile(r"(?<![\w.,:/+-])(\d{4,8}|\d{3}[ -]\d{3})(?![\w/:]|[.,-]\d)")
_LINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)


@attrs.frozen
class ReceivedStep:
    """One channel of a message; what it inherits from the message is filled in.

    Attributes:
        channel: Name of the step on the wire, such as `"sms"` or `"viber"`.
        body: Text that is shown: the step's own, or else that of the message. `None` for a step that
            has no text, such as a WhatsApp template.
        sender: The step's own, or else that of the message; `None` leaves it to the account.
        fields: The step as received; empty for a message without `flow`.
    """

    channel: str
    body: str | None = attrs.field(repr=False)
    sender: str | None = attrs.field(repr=False)
    fields: JsonObject = attrs.field(repr=False, hash=False)

    @property
    def sms_parts(self) -> MessageParts | None:
        """Size of the text as SMS; `None` for another channel."""
        if self.channel != SMS or self.body is None:
            return None
        return sms_parts(self.body, self.fields.get("type"))

    @property
    def ttl_condition(self) -> str:
        """Result that the step must reach within its `ttl`; otherwise the next step starts."""
        condition: str | None = self.fields.get("ttl_condition")
        return condition or ("sent" if self.channel == SMS else "delivered")

    def as_json(self) -> JsonObject:
        """Return the step as the JSON API shows it."""
        size = self.sms_parts
        return {
            "channel": self.channel,
            "body": self.body,
            "sender": self.sender,
            "parts": size.parts if size else None,
            "encoding": size.encoding if size else None,
        }


@attrs.frozen(kw_only=True)
class ReceivedMessage:
    """One message to one recipient.

    Attributes:
        sequence: Position in the order of arrival, counted from 1; never used twice.
        request_id: Id of the request, as answered.
        message_id: Id as webhooks report it: for `POST /messages` the answered id with the
            suffix `-<recipient_index>`. `None` if rejected.
        operation: `operationId` of the operation, such as `"sendMessage"`.
        status: Whether the service accepted, rejected or left it unconfirmed. A fault can keep the
            answer from saying so.
        to: Number as the service normalises it.
        to_given: Number as the caller wrote it.
        steps: Channels in the order in which they are tried.
        message: JSON of the message as received, shared by all its recipients; for
            `/simple/message` the fields as received, without the API key.
        key_fingerprint: First 12 hex digits of the SHA-256 of the API key.
        received_at: Time of arrival, UTC.
        notes: What was tolerated although the description does not allow it: JSON pointer and what was done.
        journey: What happened to it; not part of the value.
    """

    sequence: int
    request_id: str
    message_id: str | None
    operation: str
    status: Status
    to: str = attrs.field(repr=False)
    to_given: str = attrs.field(repr=False)
    steps: tuple[ReceivedStep, ...] = attrs.field(repr=False)
    message: JsonObject = attrs.field(repr=False, hash=False)
    key_fingerprint: str = attrs.field(repr=False)
    received_at: datetime
    notes: tuple[str, ...] = attrs.field(default=(), eq=False)
    journey: Journey = attrs.field(factory=Journey, eq=False, repr=False)

    @property
    def state(self) -> State:
        """How far the message has come."""
        return self.journey.state

    @property
    def result_info(self) -> str | None:
        """`result_info` of the newest report; `None` without one."""
        entry = self.journey.report()
        return None if entry is None else result_info(entry.code, entry.text)

    @property
    def timeline(self) -> tuple[TimelineEntry, ...]:
        """What happened to it, oldest first; webhooks are in `deliveries`."""
        arrival = Entry(unix(self.received_at), "received", text=self.status)
        return shown((arrival, *self.journey.entries), self.channels)

    @property
    def waits_until(self) -> datetime | None:
        """When it goes out, UTC; `None` if it does not wait."""
        due = self.journey.due
        return None if due is None else moment(due)

    @property
    def texts(self) -> tuple[str | None, ...]:
        """Text of each step as the recipient sees it: with short links."""
        links = self.journey.links
        return tuple(with_short_links(step.body, links) for step in self.steps)

    @property
    def prices(self) -> tuple[Decimal, Decimal]:
        """Its cost so far, in CZK and EUR, by example prices."""
        return total(self.journey.runs)

    @property
    def code(self) -> str | None:
        """The first code in its texts, such as `"481516"`: 4 to 8 digits that stand alone."""
        for text in self.texts:
            found = _CODE.search(text or "")
            if found is not None:
                return re.sub("[ -]", "", found[1])
        return None

    @property
    def link(self) -> str | None:
        """The first link with a scheme in its texts, as the recipient sees it."""
        for text in self.texts:
            found = _LINK.search(text or "")
            if found is not None:
                return found[0].rstrip(".,;:!?)]}'\"")
        return None

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels in the order in which they are tried."""
        return tuple(step.channel for step in self.steps)

    @property
    def body(self) -> str | None:
        """Text of the first step; `None` if it has none."""
        return self.steps[0].body

    @property
    def parts(self) -> int | None:
        """Number of SMS that the first SMS step is sent and billed as; `None` without such a step."""
        size = self._sms_parts
        return size.parts if size else None

    @property
    def encoding(self) -> str | None:
        """Encoding of the first SMS step, `"gsm-7"` or `"ucs-2"`; `None` without such a step."""
        size = self._sms_parts
        return size.encoding if size else None

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags as the service normalises them; `("promotional",)` if none was given."""
        return tags_of(self.message)

    @property
    def _sms_parts(self) -> MessageParts | None:
        return next((step.sms_parts for step in self.steps if step.channel == SMS), None)

    def as_json(self) -> JsonObject:
        """Return the message as the JSON API lists it."""
        return message_json.listed(self)

    def as_json_with_timeline(self) -> JsonObject:
        """Return the message as the JSON API shows it alone: with timeline, links and webhooks."""
        return message_json.alone(self)


@functools.lru_cache(maxsize=1024)
def sms_parts(text: str, sms_type: object) -> MessageParts:
    """Return the size of a text as SMS.

    Args:
        text: The text.
        sms_type: `"sms"` for the service's transliteration to GSM-7.
    """
    from smsmanager.parts import message_parts  # noqa: PLC0415 - not needed to receive

    return message_parts(text, "sms" if sms_type == "sms" else "utf")
