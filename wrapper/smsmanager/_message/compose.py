"""Make a `Message` from friendly arguments; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict, cast

import attrs

from smsmanager._message.models import load_model
from smsmanager._message.times import to_utc
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager_jsonapi.models import (
        Callback,
        DeliveryWindow,
        FlowStep,
        Message,
        MessageParams,
        Payload,
        Rcs,
        Recipient,
        Sms,
        Viber,
        WhatsAppTemplate,
        WhatsAppText,
    )

    Step: TypeAlias = FlowStep | Sms | Viber | WhatsAppText | WhatsAppTemplate | Rcs
    To: TypeAlias = str | Recipient | Iterable[str | Recipient]


class CallbackSource(Protocol):
    """Makes the callback of each message; `smsmanager.webhooks.CallbackSigner` is one."""

    def callback_for(self, reference: str | None, at: datetime | None) -> str:
        """Return the URL.

        Args:
            reference: The caller's own id of the message, if it has one.
            at: When it is scheduled, in UTC, if it is.
        """
        ...


class MessageFields(TypedDict, total=False):
    """What a message may have; see `compose` for each."""

    body: str | None
    to: To
    sender: str | None
    flow: Step | Sequence[Step] | None
    tag: str | None
    at: datetime | str | None
    window: DeliveryWindow | Mapping[str, Any] | None
    callback: str | Callback | Mapping[str, Any] | CallbackSource | None
    payload: Payload | Mapping[str, Any] | None
    params: MessageParams | Mapping[str, Any] | None
    reference: str | None


class TimedFields(MessageFields, total=False):
    """What `send_priority` takes beside the text."""

    deadline_s: float | None


class SendFields(TimedFields, total=False):
    """What `send` takes beside the text."""

    priority: bool


def compose(  # noqa: PLR0913 - one argument a field of a message
    body: str | None = None,
    *,
    to: To,
    sender: str | None = None,
    flow: Step | Sequence[Step] | None = None,
    tag: str | None = None,
    at: datetime | str | None = None,
    window: DeliveryWindow | Mapping[str, Any] | None = None,
    callback: str | Callback | Mapping[str, Any] | CallbackSource | None = None,
    payload: Payload | Mapping[str, Any] | None = None,
    params: MessageParams | Mapping[str, Any] | None = None,
    reference: str | None = None,
) -> Message:
    """Make a `Message` from friendly arguments, for `send` or `send_batch`.

    Only what is given is set; None means unset.

    Args:
        body: The text, at most 1000 characters. Steps of `flow` without one fall back to it.
        to: One recipient or several, as numbers (`"+420 777 123 456"`) or `Recipient`. The sending methods
            split more than ten. A number that is given twice gets the message twice.
        sender: A name of at most 11 characters, a virtual number without `+`, or an alias of the account.
        flow: Channels to try, in order: `[Viber(...), Sms(...)]`. Unset means one plain SMS.
        tag: Groups messages; `"transactional"` and `"priority"` choose a queue, unset means promotional.
        at: When to send: an aware datetime, or a text that names its zone. Sent as UTC.
        window: Days and hours in which the message may go out.
        callback: Where webhooks for this message go: a URL or extended settings, or what makes a URL when the
            message is sent, such as `smsmanager.webhooks.CallbackSigner`.
        payload: An object that every webhook of the message repeats.
        params: Special parameters: `{"_url": ...}` shortens links, `{"_incoming": ...}` handles replies.
        reference: Your own id of the message, such as `"order-17"`. It goes into `payload` beside what you
            put there, and comes back on results, errors and in every webhook.

    Returns:
        The message, with the numbers as given.

    Raises:
        ValidationError: If an argument cannot be turned into its field; nothing was sent.

    Source: SmsManager API reference, "Send a message".
    """
    model = load_model
    recipient = model("Recipient")
    steps: Sequence[Any] | None = flow if isinstance(flow, Sequence) or flow is None else [flow]
    fields: dict[str, Any] = {
        "body": body,
        "sender": sender,
        "flow": None if steps is None else [flow_step(step, i) for i, step in enumerate(steps)],
        "tag": tag,
        "datetime_": None if at is None else to_utc(at),
        "delivery_time": _window(window),
        "callback": _as_model("Callback", callback, "callback"),
        "payload": _as_model("Payload", _with_reference(payload, reference), "payload"),
        "params": _as_model("MessageParams", params, "params"),
    }
    return cast(
        "Message",
        model("Message")(
            to=[
                recipient(phone_number=item) if isinstance(item, str) else item
                for item in ([to] if isinstance(to, str) or not isinstance(to, Iterable) else to)
            ],
            **{name: value for name, value in fields.items() if value is not None},
        ),
    )


def _with_reference(payload: Any, reference: Any) -> Any:
    if reference is None:
        return payload
    if not isinstance(reference, str) or not reference:
        raise ValidationError([("reference", "must be a text, and not an empty one")])
    if payload is not None and not isinstance(payload, (Mapping, load_model("Payload"))):
        raise ValidationError([("payload", "is no object")])
    fields: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
    if payload is not None and not isinstance(payload, Mapping):
        fields = payload.to_dict()
    if fields.get(REFERENCE_KEY, reference) != reference:
        raise ValidationError([("reference", f"stands in payload as {REFERENCE_KEY} already")])
    return {**fields, REFERENCE_KEY: reference}


def _window(window: Any) -> Any:
    if not isinstance(window, Mapping):
        return window
    model = load_model("DeliveryWindow")
    # The generated class would drop what it does not know, and the message would go out at another time. What
    # is known is checked with the rest of the message.
    if not window.keys() <= {field.name for field in attrs.fields(model)}:
        text = "has a field that a window does not take: it takes days, start, end and tz"
        raise ValidationError([("delivery_time", text)])
    return model(**{name: value for name, value in window.items() if value is not None})


def _as_model(name: str, value: Any, field: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    try:
        return load_model(name).from_dict(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise ValidationError([(field, f"does not have the shape of {name}")]) from None


def flow_step(step: Any, position: int, prefix: str = "") -> Any:
    """Put a step under its channel: `Viber(...)` becomes `FlowStep(viber=Viber(...))`.

    The channel is the field of `FlowStep` that is spelled like the class but for case and underscores, so a
    channel added to `openapi.yaml` is found without a change here.
    """
    model = load_model("FlowStep")
    if isinstance(step, model):
        return step
    spelled = type(step).__name__.lower()
    for field in attrs.fields(model):
        if field.name.replace("_", "") == spelled:
            return model(**{field.name: step})
    text = "is no flow step: use Sms, Viber, WhatsAppText, WhatsAppTemplate, Rcs or FlowStep"
    raise ValidationError([(f"{prefix}flow[{position}]", text)])
