"""Put a price on a step. The prices are examples of the sandbox, not the service's price list."""

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

from smsmanager.sandbox._received import SMS, JsonObject, ReceivedStep, sms_parts

# Mobile country codes by country calling code: ITU-T E.212 and E.164.
_COUNTRIES: Final = {
    "1": 310,
    "30": 202,
    "31": 204,
    "32": 206,
    "33": 208,
    "34": 214,
    "36": 216,
    "39": 222,
    "40": 226,
    "41": 228,
    "43": 232,
    "44": 234,
    "45": 238,
    "46": 240,
    "47": 242,
    "48": 260,
    "49": 262,
    "351": 268,
    "353": 272,
    "359": 284,
    "370": 246,
    "371": 247,
    "372": 248,
    "380": 255,
    "385": 219,
    "386": 293,
    "420": 230,
    "421": 231,
}
_LONGEST_PREFIX: Final = 3


@attrs.frozen
class Price:
    """Hold the price of one step, as reports tell it.

    Attributes:
        czk: In CZK, for all parts.
        eur: In EUR, for all parts.
        count: Billed parts.
    """

    czk: Decimal
    eur: Decimal
    count: int


# CZK and EUR for one part; the published examples of reports have these amounts.
DEFAULT_PRICES: Final[Mapping[str, tuple[str, str]]] = {
    "sms": ("1.05", "0.042"),
    "sms:lowcost": ("0.85", "0.034"),
    "sms:test": ("0.01", "0.0004"),
    "viber": ("0.60", "0.024"),
    "whatsapp_text": ("0.40", "0.016"),
    "whatsapp_template": ("0.40", "0.016"),
    "rcs": ("0.60", "0.024"),
}
_UNLISTED: Final = ("0", "0")


class PriceList:
    """Price steps by channel and, for SMS, gateway.

    Args:
        prices: CZK and EUR of one part, by channel or `sms:<gateway>`; the rest as usual.

    Raises:
        ValueError: if a price is no amount, or negative.
    """

    def __init__(self, prices: Mapping[str, tuple[str, str]] | None = None) -> None:
        """Read the amounts."""
        self._parts: dict[str, tuple[Decimal, Decimal]] = {}
        for name, (czk, eur) in {**DEFAULT_PRICES, **(prices or {})}.items():
            try:
                amounts = Decimal(czk), Decimal(eur)
            except ArithmeticError:
                amounts = Decimal(-1), Decimal(-1)
            if not all(amount.is_finite() and amount >= 0 for amount in amounts):
                msg = f"The price of {name} has to be two amounts, such as ('1.05', '0.042')."
                raise ValueError(msg)
            self._parts[name] = amounts
        # One object for each price, as 100,000 messages have few different ones.
        self._of = functools.lru_cache(maxsize=1024)(self._price)

    def of_step(self, step: ReceivedStep, text: str | None) -> Price:
        """Return the price of a step that shows a text."""
        name = step.channel
        count = 1
        if name == SMS:
            name = f"sms:{step.fields.get('gateway', 'high')}"
            count = max(1, sms_parts(text or "", step.fields.get("type")).parts)
        return self._of(name, count)

    def _price(self, name: str, count: int) -> Price:
        channel = name.partition(":")[0]
        unlisted = Decimal(_UNLISTED[0]), Decimal(_UNLISTED[1])
        czk, eur = self._parts.get(name) or self._parts.get(channel) or unlisted
        return Price(czk * count, eur * count, count)

    def as_json(self) -> JsonObject:
        """Return the prices of one part."""
        return {
            name: {"price_czk": float(czk), "price_eur": float(eur)}
            for name, (czk, eur) in self._parts.items()
        }


@functools.lru_cache(maxsize=4096)
def mobile_country(number: str) -> int:
    """Return the mobile country code of a number; 0 if the sandbox does not know it."""
    for length in range(_LONGEST_PREFIX, 0, -1):
        found = _COUNTRIES.get(number[:length])
        if found is not None:
            return found
    return 0
