"""Put a price on a step. The prices are examples of the sandbox, not the service's price list."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING

from smsmanager.sandbox.engine.records.journey import Price
from smsmanager.sandbox.engine.records.message_outcome import MagicNumber
from smsmanager.sandbox.engine.records.received_message import SMS, sms_parts
from smsmanager.sandbox.engine.records.short_link import with_short_links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

# CZK and EUR for one part; the published examples of reports have these amounts.
DEFAULT_PRICES: Mapping[str, tuple[str, str]] = {
    "sms": ("1.05", "0.042"),
    "sms:lowcost": ("0.85", "0.034"),
    "sms:test": ("0.01", "0.0004"),
    "viber": ("0.60", "0.024"),
    "whatsapp_text": ("0.40", "0.016"),
    "whatsapp_template": ("0.40", "0.016"),
    "rcs": ("0.60", "0.024"),
}
_UNLISTED = (Decimal(0), Decimal(0))


class PriceList:
    """Prices by channel and, for SMS, gateway.

    Args:
        prices: CZK and EUR of one part, by channel or `sms:<gateway>`; the rest as usual.

    Raises:
        ValueError: If a price is not an amount, or negative.
    """

    def __init__(self, prices: Mapping[str, tuple[str, str]] | None = None) -> None:
        self._parts: dict[str, tuple[Decimal, Decimal]] = {}
        for name, (czk, eur) in {**DEFAULT_PRICES, **(prices or {})}.items():
            try:
                amounts = Decimal(czk), Decimal(eur)
            except ArithmeticError:
                amounts = Decimal(-1), Decimal(-1)
            if not all(amount.is_finite() and amount >= 0 for amount in amounts):
                raise ValueError(
                    f"The price of {name} must be two amounts, such as ('1.05', '0.042')."
                )
            self._parts[name] = amounts
        # One object for each price, as 100,000 messages have few different ones.
        self._of = functools.lru_cache(maxsize=1024)(self._price)

    def of_step(self, message: ReceivedMessage, step: int) -> Price | None:
        """Return the price of a step of a message; `None` if it is free of charge."""
        if message.to == MagicNumber.TEST:
            return None
        found = message.steps[step]
        if found.channel != SMS:
            return self._of(found.channel, 1)
        text = with_short_links(found.body, message.journey.links)
        parts = sms_parts(text or "", found.fields.get("type")).parts
        return self._of(f"sms:{found.fields.get('gateway', 'high')}", max(1, parts))

    def of_part(self, name: str) -> Price:
        """Return the price of one part, by channel or `sms:<gateway>`."""
        return self._of(name, 1)

    def _price(self, name: str, count: int) -> Price:
        channel = name.partition(":")[0]
        czk, eur = self._parts.get(name) or self._parts.get(channel) or _UNLISTED
        return Price(czk * count, eur * count, count)
