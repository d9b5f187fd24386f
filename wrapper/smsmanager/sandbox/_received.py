"""Hold what the sandbox received: messages, one for each recipient, and requests.

No `repr` shows a number, a text or a key.
"""

import functools
import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from smsmanager.sandbox._outcomes import State, Status
from smsmanager.sandbox.engine.clock import iso, moment, unix
from smsmanager.sandbox.engine.journey import (
    Entry,
    Journey,
    StepRun,
    TimelineEntry,
    shown,
    total,
    with_short_links,
)
from smsmanager.sandbox.engine.journey import result_info as _result_info

if TYPE_CHECKING:
    from smsmanager.parts import MessageParts

JsonObject: TypeAlias = dict[str, Any]

SMS: Final = "sms"
_NOT_IN_TAGS: Final = re.compile("[^a-z0-9._-]+")
_TAG_WHEN_UNSET: Final = "promotional"
# A code stands by itself; a price or a date does not look like one.
_CODE: Final = re.compile(r"(?<![\w.,:/+-])(\d{4,8}|\d{3}[ -]\d{3})(?![\w/:]|[.,-]\d)")
_LINK: Final = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)


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
        return sms_parts(self.body, self.fields.get("type"))

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
        notes: What was let pass that the description does not allow: JSON pointer and what was done.
        journey: What became of it; not part of the value.
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
        return None if entry is None else _result_info(entry.code, entry.text)

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
        """Text of each step as the recipient sees it: with the short links in place."""
        links = self.journey.links
        return tuple(with_short_links(step.body, links) for step in self.steps)

    @property
    def prices(self) -> tuple[Decimal, Decimal]:
        """What it costs so far, in CZK and EUR; with example prices."""
        return total(self.journey.runs)

    @property
    def code(self) -> str | None:
        """The first code in its texts, such as `"481516"`: 4 to 8 digits by themselves."""
        for text in self.texts:
            found = _CODE.search(text or "")
            if found is not None:
                return re.sub("[ -]", "", found[1])
        return None

    @property
    def link(self) -> str | None:
        """The first link with a protocol in its texts, as the recipient sees it."""
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
        return tags_of(self.message)

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
            "state": self.state,
            "result_info": self.result_info,
            "waits_until": self.waits_until and iso(self.waits_until),
            "waits_for": self.journey.why,
            "price_czk": float(self.prices[0]),
            "price_eur": float(self.prices[1]),
            "notes": self.notes,
            "steps": self._steps_as_json(),
            "message": self.message,
            "key_fingerprint": self.key_fingerprint,
            "received_at": iso(self.received_at),
        }

    def as_json_with_timeline(self) -> JsonObject:
        """Return the message as the JSON API shows it alone: with timeline, links and webhooks."""
        return {
            **self.as_json(),
            "timeline": [entry.as_json() for entry in self.timeline],
            "links": [link.as_json() for link in self.journey.links],
            "deliveries": [delivery.as_json() for delivery in tuple(self.journey.deliveries)],
        }

    def _steps_as_json(self) -> list[JsonObject]:
        runs = tuple(self.journey.runs)
        texts = self.texts
        return [
            {
                **step.as_json(),
                "text": texts[index],
                "result": runs[index].result if index < len(runs) else None,
                "price_czk": _amount(runs, index, "czk"),
                "price_eur": _amount(runs, index, "eur"),
            }
            for index, step in enumerate(self.steps)
        ]


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
        content: Beginning of a refused body, at most 4,096 characters; `None` for any other.
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
    content: str | None = attrs.field(default=None, repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether the service refused it; a fault is no refusal."""
        return self.reason is not None and not self.reason.startswith("fault:")

    @property
    def pointer(self) -> str | None:
        """JSON pointer to what was refused, `"/"` for the whole; `None` if `reason` has none."""
        if self.reason is None or not self.reason.startswith("/"):
            return None
        return self.reason.partition(":")[0]

    def as_json(self) -> JsonObject:
        """Return the request as the JSON API shows it."""
        return {
            **attrs.asdict(self),
            "pointer": self.pointer,
            "received_at": iso(self.received_at),
        }


def tags_of(message: JsonObject) -> tuple[str, ...]:
    """Return the tags of a message, with what the service takes when there are none."""
    given: str = message.get("tag") or message.get("messageTag") or ""
    return normalise_tags(given) or (_TAG_WHEN_UNSET,)


def normalise_tags(tags: str) -> tuple[str, ...]:
    """Return comma-joined tags as the service normalises them.

    Source: SmsManager guide, on tags.
    """
    found = (_NOT_IN_TAGS.sub("", tag) for tag in tags.lower().split(","))
    return tuple(tag for tag in found if tag)


@functools.lru_cache(maxsize=1024)
def sms_parts(text: str, sms_type: object) -> "MessageParts":
    """Return the size of a text as SMS.

    Args:
        text: The text.
        sms_type: `"sms"` for the service's transliteration to GSM-7.
    """
    from smsmanager.parts import message_parts  # noqa: PLC0415  not needed to receive

    return message_parts(text, "sms" if sms_type == "sms" else "utf")


def _amount(runs: "tuple[StepRun, ...]", index: int, currency: str) -> float | None:
    if index >= len(runs):
        return None
    price = runs[index].price
    return 0.0 if price is None else float(getattr(price, currency))
