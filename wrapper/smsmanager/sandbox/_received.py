"""Hold what the sandbox received: messages, one for each recipient, and requests.

No `repr` shows a number, a text or a key.
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from smsmanager.sandbox._outcomes import Status

if TYPE_CHECKING:
    from smsmanager.parts import MessageParts

JsonObject: TypeAlias = dict[str, Any]

SMS: Final = "sms"
_NOT_IN_TAGS: Final = re.compile("[^a-z0-9._-]+")
_TAG_WHEN_UNSET: Final = "promotional"


@attrs.frozen
class ReceivedStep:
    """Hold one channel of a message, with what it takes from the message resolved.

    Attributes:
        channel: Name of the step on the wire, such as `"sms"` or `"viber"`.
        body: Text that is shown: the step's own, else that of the message. `None` for a step that
            has no text, such as a WhatsApp template.
        sender: The step's own, else that of the message; `None` leaves it to the account.
        fields: The step as received; empty for a message without `flow`.
    """

    channel: str
    body: str | None = attrs.field(repr=False)
    sender: str | None = attrs.field(repr=False)
    fields: JsonObject = attrs.field(repr=False, hash=False)

    @property
    def sms_parts(self) -> "MessageParts | None":
        """Size of the text as SMS; `None` for another channel."""
        if self.channel != SMS or self.body is None:
            return None
        from smsmanager.parts import message_parts  # noqa: PLC0415  not needed to receive

        return message_parts(self.body, "sms" if self.fields.get("type") == "sms" else "utf")

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
    """Hold one message to one recipient.

    Attributes:
        sequence: Position in the order of arrival, counted from 1; never used twice.
        request_id: Id of the request, as answered.
        message_id: Id in the form in which webhooks report it: for `POST /messages` with
            `-<recipient_index>` behind the id that was answered. `None` if rejected.
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
        """SMS the first SMS step is sent and billed as; `None` without such a step."""
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
        given: str = self.message.get("tag") or self.message.get("messageTag") or ""
        return normalise_tags(given) or (_TAG_WHEN_UNSET,)

    @property
    def _sms_parts(self) -> "MessageParts | None":
        return next((step.sms_parts for step in self.steps if step.channel == SMS), None)

    def as_json(self) -> JsonObject:
        """Return the message as the JSON API shows it."""
        return {
            "sequence": self.sequence,
            "request_id": self.request_id,
            "message_id": self.message_id,
            "operation": self.operation,
            "status": self.status,
            "to": self.to,
            "to_given": self.to_given,
            "channels": self.channels,
            "body": self.body,
            "parts": self.parts,
            "encoding": self.encoding,
            "tags": self.tags,
            "steps": [step.as_json() for step in self.steps],
            "message": self.message,
            "key_fingerprint": self.key_fingerprint,
            "received_at": _iso(self.received_at),
        }


@attrs.frozen(kw_only=True)
class ReceivedRequest:
    """Hold one request to the service, whether taken or refused.

    Attributes:
        sequence: Position in the order of arrival, counted from 1; never used twice.
        method: HTTP method.
        path: Path, without the query, at most 200 characters.
        operation: `operationId`; `None` if there is no such operation.
        status_code: HTTP status that was answered; `None` if a fault left it without an answer.
        reason: Why it was refused: JSON pointer and rule, nothing personal. With a fault
            `"fault: ..."`: its kind, and whether messages were stored. `None` if taken.
        request_id: Id that was answered, or would have been but for a fault; `None` without one.
        recipients: How many messages to one recipient were stored; 0 if refused.
        key_fingerprint: First 12 hex digits of the SHA-256 of the API key; `None` without a key.
        received_at: Time of arrival, UTC.
    """

    sequence: int
    method: str
    path: str = attrs.field(repr=False)
    operation: str | None
    status_code: int | None
    reason: str | None
    request_id: str | None
    recipients: int
    key_fingerprint: str | None = attrs.field(repr=False)
    received_at: datetime

    def as_json(self) -> JsonObject:
        """Return the request as the JSON API shows it."""
        return {**attrs.asdict(self), "received_at": _iso(self.received_at)}


def normalise_tags(tags: str) -> tuple[str, ...]:
    """Return comma-joined tags as the service normalises them.

    Source: SmsManager guide, on tags.
    """
    found = (_NOT_IN_TAGS.sub("", tag) for tag in tags.lower().split(","))
    return tuple(tag for tag in found if tag)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
