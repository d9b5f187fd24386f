"""The channel object of a report, in the same form for every channel."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.webhooks._lenient_values import money_of, text_of, whole_of
from smsmanager_jsonapi import models

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_MODELS = {
    "sms": "SmsReport",
    "viber": "ChannelReport",
    "whatsapp_body": "ChannelReport",
    "whatsapp_template": "ChannelReport",
    "rcs": "ChannelReport",
}
# The gateway `whatsapp_text` has an object with another name.
_OTHER_NAMES = {"whatsapp_text": "whatsapp_body"}
# Other objects of a report, in case a gateway has one of these names.
_NO_CHANNELS = frozenset(("payload", "to"))


@attrs.frozen
class ChannelDetails:
    """Route, price and parts of a message on one channel.

    Attributes:
        sender: The sender that was used.
        route: The route of an SMS (`gateway` inside `sms`), such as `high`; None on other channels.
        mcc: Mobile country code (`country`).
        mnc: Mobile network code (`operator`); None if unknown, which the service sends as 0.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        parts: Billed parts (`count`).

    Source: SmsManager API reference, "Webhooks".
    """

    sender: str | None = None
    route: str | None = None
    mcc: int | None = None
    mnc: int | None = None
    price_czk: Decimal | None = None
    price_eur: Decimal | None = None
    parts: int | None = None


def channel_details(raw: Mapping[str, Any], gateway: str | None) -> ChannelDetails | None:
    """Return the channel object of a report; None if there is none.

    Args:
        raw: The report.
        gateway: Its channel. If there is no object for it, the first object found is used.
    """
    # A plain string: Python computes the hash of an enum member at each look-up.
    own = str(gateway or "")
    own = _OTHER_NAMES.get(own, own)
    for name in (own, *_MODELS):
        found = raw.get(name)
        if isinstance(found, dict) and name not in _NO_CHANNELS:
            model = _model(_MODELS.get(name, "ChannelReport"), found)
            return ChannelDetails(
                sender=text_of(model.sender),
                route=text_of(getattr(model, "gateway", None)),
                mcc=whole_of(model.country),
                mnc=whole_of(model.operator) or None,
                price_czk=money_of(model.price_czk),
                price_eur=money_of(model.price_eur),
                parts=whole_of(model.count),
            )
    return None


def _model(name: str, found: Mapping[str, Any]) -> Any:
    """Return the generated model of an object of scalars, five times as fast as its `from_dict`."""
    model = getattr(models, name)
    return model(**{field: found[field] for field in _fields(name) if field in found})


@cache
def _fields(name: str) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(getattr(models, name)) if field.init)
