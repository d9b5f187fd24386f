"""Make a `Message` from convenient arguments; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict, Unpack

import attrs

from smsmanager._message.send_times import scheduled
from smsmanager._privacy import hides_locals
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY
from smsmanager_jsonapi import models
from smsmanager_jsonapi.message_fields import PlainFields, WindowFields

if TYPE_CHECKING:
    from datetime import datetime

    Step: TypeAlias = (
        models.FlowStep
        | models.Sms
        | models.Viber
        | models.WhatsAppText
        | models.WhatsAppTemplate
        | models.Rcs
    )
    To: TypeAlias = str | models.Recipient | Iterable[str | models.Recipient]


class CallbackSource(Protocol):
    """Makes the callback of each message; `smsmanager.webhooks.CallbackSigner` is one."""

    def callback_for(self, reference: str | None, at: datetime | None) -> str:
        """Return the URL for a message with this reference, scheduled at this time in UTC, if any."""
        ...


class MessageFields(PlainFields, total=False):
    """Keywords of `compose`; `SmsManager.send` describes them."""

    flow: Step | Sequence[Step] | None
    """Channels to try, in order: `[Viber(...), Sms(...)]`. Unset means one plain SMS."""
    at: datetime | str | None
    """When to send: an aware datetime, or an ISO 8601 string with an offset. Sent as UTC."""
    window: models.DeliveryWindow | WindowFields | None
    """Days and hours in which to send: `{"days": ["monday"], "start": "08:00", "end": "20:00"}`."""
    callback: str | models.Callback | Mapping[str, Any] | CallbackSource | None
    """Where webhooks of this message go: a URL, a `Callback`, or an object that makes a URL per message."""
    payload: models.Payload | Mapping[str, Any] | None
    """A JSON object that every webhook of the message repeats."""
    params: models.MessageParams | Mapping[str, Any] | None
    """`{"_url": ...}` shortens links, `{"_incoming": ...}` handles replies."""
    reference: str | None
    """Your own id for the message, such as `"order-17"`. It is sent in `payload`."""


class TimedFields(MessageFields, total=False):
    """Keywords of `send_priority` besides the recipients."""

    body: str | None
    deadline_s: float | None
    """Time limit for this call in seconds, including all its requests and waits."""


class SendFields(TimedFields, total=False):
    """Keywords of `send` besides the recipients."""

    priority: bool
    """Whether to use the queue for one-time codes, ten recipients per request."""


class SimpleFields(TypedDict, total=False):
    """Keywords of `send_simple` besides the recipient."""

    sender: str | None
    gateway: models.SmsGateway | None
    at: datetime | str | None
    custom_id: str | None
    deadline_s: float | None


@hides_locals
def compose(body: str | None = None, *, to: To, **fields: Unpack[MessageFields]) -> models.Message:
    """Make a `Message` from convenient arguments, for `send` or `send_batch`.

    Only what is given is set; None means unset.

    Args:
        body: The text, at most 1000 characters. Steps of `flow` without a text use it.
        to: One recipient or several, as numbers (`"+420 777 123 456"`) or `Recipient`. The sending methods
            split more than ten. A number that appears twice gets the message twice.
        **fields: The fields that `SmsManager.send` describes, except `priority` and `deadline_s`.

    Returns:
        The message, with the numbers as given.

    Raises:
        ValidationError: If an argument cannot be turned into its field; nothing was sent.
        TypeError: If a message has no such field.

    Source: SmsManager API reference, "Send a message".
    """
    made = model_fields({"body": body, "to": to, **fields})
    made["to"] = [
        models.Recipient(phone_number=item) if isinstance(item, str) else item
        for item in made["to"]
    ]
    if "flow" in made:
        made["flow"] = flow_steps(made["flow"])
    return models.Message(**made)


def model_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the generated `Message` that these keywords of `compose` describe.

    `to` and `flow` become lists, but their items stay as given: the caller converts them.
    """
    if unknown := given.keys() - _KEYWORDS:
        raise TypeError(
            f"a message has no field {', '.join(map(repr, sorted(unknown)))}. Nothing was sent. Options of a "
            "client, such as timeout, belong to its constructor or to with_options()."
        )
    values = dict(given)
    if (reference := values.pop("reference", None)) is not None:
        values["payload"] = _with_reference(values.get("payload"), reference)
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None or name == "to":
            field, convert = _FIELDS.get(name, (name, None))
            fields[field] = value if convert is None else convert(value)
    return fields


def set_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields without those that are None, which means unset."""
    return {name: value for name, value in fields.items() if value is not None}


def _recipients(to: Any) -> list[Any]:
    return [to] if isinstance(to, str) or not isinstance(to, Iterable) else [*to]


def _with_reference(payload: Any, reference: Any) -> Any:
    if not isinstance(reference, str) or not reference:
        raise ValidationError([("reference", "must be a string that is not empty")])
    if payload is None:
        payload = {}
    elif isinstance(payload, models.Payload):
        payload = payload.to_dict()
    elif not isinstance(payload, Mapping):
        raise ValidationError([("payload", "must be an object")])
    if payload.get(REFERENCE_KEY, reference) != reference:
        raise ValidationError([("reference", f"differs from {REFERENCE_KEY} in payload")])
    return {**payload, REFERENCE_KEY: reference}


def _as_model(name: str, field: str, value: Any) -> Any:
    model, is_window = getattr(models, name), name == "DeliveryWindow"
    if not isinstance(value, Mapping):
        if isinstance(value, model) or field == "callback":
            return value
        raise ValidationError([(field, f"must be an object or a {name}")])
    try:
        # A window is checked later, or not at all; `from_dict` would refuse a wrong day at once.
        return model(**set_fields(value)) if is_window else model.from_dict(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        text = f"does not have the shape of {name}"
        text += ", which takes days, start, end and tz" if is_window else ""
        raise ValidationError([(field, text)]) from None


def flow_steps(flow: Iterable[Any], prefix: str = "") -> list[models.FlowStep]:
    """Put each step under its channel: `Viber(...)` becomes `FlowStep(viber=Viber(...))`."""
    model: Any = models.FlowStep
    # A field is spelled like its class, apart from case and underscores; so will later fields be.
    channels = {f.name.replace("_", ""): f.name for f in attrs.fields(model)}
    steps = []
    for position, step in enumerate(flow):
        channel = channels.get(type(step).__name__.lower())
        if channel is None and not isinstance(step, model):
            text = (
                "must be a flow step: Sms, Viber, WhatsAppText, WhatsAppTemplate, Rcs or FlowStep"
            )
            raise ValidationError([(f"{prefix}flow[{position}]", text)])
        steps.append(step if channel is None else model(**{channel: step}))
    return steps


# By keyword: the field of the generated `Message`, and the function that converts a convenient value. All
# other fields are taken as they are.
_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "to": ("to", _recipients),
    "flow": ("flow", lambda flow: flow if isinstance(flow, Sequence) else [flow]),
    "at": ("datetime_", scheduled),
    "window": ("delivery_time", partial(_as_model, "DeliveryWindow", "delivery_time")),
    "callback": ("callback", partial(_as_model, "Callback", "callback")),
    "payload": ("payload", partial(_as_model, "Payload", "payload")),
    "params": ("params", partial(_as_model, "MessageParams", "params")),
}
_KEYWORDS = frozenset({"body", "reference", *_FIELDS, *PlainFields.__annotations__})
