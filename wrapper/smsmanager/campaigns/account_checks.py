"""Checks before a campaign: the account's prices as a price table, and whether its credit suffices.

The values come from `client.service`: `prices()`, `credit()` and `me()`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns._input.price_table import Price, PriceTable
from smsmanager.campaigns.campaign_errors import NotEnoughCreditError

if TYPE_CHECKING:
    from smsmanager.asking import Credit, KeyFacts, Prices
    from smsmanager.campaigns._input.send_preview import Preview

_PREPAID = "prepaid"


def account_prices(prices: Prices, currency: str | None, *, channel: str = "sms") -> PriceTable:
    """Return the prices of the account as a table for a preview: an estimate.

    Whether the service's prices are per part, with VAT or after a discount is not documented, and a number
    may have been ported to another network, whose price can differ.

    Args:
        prices: From `client.service.prices()`.
        currency: `czk` or `eur`, such as `client.service.me().currency`.
        channel: The channel, as the service names it.

    Source: SmsManager REST API reference, "Get prices".
    """
    name = (currency or "").upper()
    amounts = {
        code: country.amount((currency or "").lower())
        for code, country in prices.channels.get(channel, {}).items()
    }
    return PriceTable({code: Price(a, name) for code, a in amounts.items() if a is not None})


@attrs.frozen
class CreditCheck:
    """The cost of a campaign and the credit of the account.

    Attributes:
        cost: The estimate, in the currency of the account.
        credit: The credit.
        currency: The currency, such as `"CZK"`.
        missing: The missing amount; 0 if the credit is enough.
        unpriced_parts: Parts without a price, which the estimate leaves out.
    """

    cost: Decimal
    credit: Decimal
    currency: str
    missing: Decimal
    unpriced_parts: int

    def require(self) -> None:
        """Refuse a campaign that the credit does not cover.

        Raises:
            NotEnoughCreditError: If the credit is not enough.
        """
        if self.missing:
            raise NotEnoughCreditError(
                f"The credit is {self.credit:,.2f} {self.currency}, but the campaign is estimated to cost "
                f"{self.cost:,.2f} {self.currency}: {self.missing:,.2f} {self.currency} is missing. "
                "Nothing was sent.",
                missing=self.missing,
                currency=self.currency,
            )


def check_credit(preview: Preview, credit: Credit, key: KeyFacts) -> CreditCheck | None:
    """Compare the cost of a preview with the credit of a prepaid account.

    Args:
        preview: Built with the prices of the account.
        credit: From `client.service.credit()`.
        key: From `client.service.me()`.

    Returns:
        The figures; None if the account is not prepaid, or the service does not say how much credit there is.

    Source: SmsManager REST API reference, "Get credit" and "Get API key".
    """
    amount, currency = credit.amount, (credit.currency or "").upper()
    if key.account != _PREPAID or amount is None:
        return None
    cost = preview.cost.get(currency, Decimal(0))
    missing = max(cost - amount, Decimal(0))
    return CreditCheck(cost, amount, currency, missing, preview.unpriced_parts)
