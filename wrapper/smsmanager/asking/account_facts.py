"""Facts about an account, its key and its prices."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


class Scope(StrEnum):
    """Known scopes of a key; an unknown one is a plain string.

    Source: SmsManager REST API reference, "Get API key".
    """

    FULL = "full"
    REST_API = "rest-api"
    API = "api"
    """May only send and ask questions."""


@attrs.frozen(kw_only=True)
class Credit:
    """The credit of the account. A key that shares the wallet of another account sees that wallet.

    Attributes:
        czk: Credit in CZK.
        eur: Credit in EUR.
        currency: `czk`, `eur`, or another string.
        billing_id: Id of the billing account.
        has_vat: Whether VAT applies.
        time_zone: IANA name of the account's time zone.
        price_levels: The current discounts above 0, by `<platform>_<mcc>`.
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get credit".
    """

    czk: Decimal | None = None
    eur: Decimal | None = None
    currency: str | None = None
    billing_id: str | None = None
    has_vat: bool | None = None
    time_zone: str | None = None
    price_levels: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)

    @property
    def amount(self) -> Decimal | None:
        """The credit in the currency of the account; None if that is not known."""
        return {"czk": self.czk, "eur": self.eur}.get(self.currency or "")


@attrs.frozen(kw_only=True)
class Price:
    """A price in both currencies. Whether it is per part, with VAT or discounted is not documented."""

    czk: Decimal | None = None
    eur: Decimal | None = None

    def amount(self, currency: str | None) -> Decimal | None:
        """Return the price in `czk` or `eur`; None for another currency."""
        return {"czk": self.czk, "eur": self.eur}.get(currency or "")


@attrs.frozen(kw_only=True)
class CountryPrice(Price):
    """The price of one country.

    Attributes:
        calling_code: Its calling code, such as `420`.
        mcc: Its mobile country code.
        networks: Networks with their own price, by mobile network code.
    """

    calling_code: str
    mcc: int | None = None
    networks: Mapping[str, Price] = attrs.field(factory=dict, hash=False)


@attrs.frozen
class Prices:
    """The prices of the account.

    Attributes:
        channels: By channel (`sms`, `smsdirect`, `smscustom`, `viber`), then by calling code. There are none
            for the lowcost route, WhatsApp and RCS.
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get prices".
    """

    channels: Mapping[str, Mapping[str, CountryPrice]] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)

    def of(self, phone_number: str, channel: str = "sms") -> CountryPrice | None:
        """Return the price of a number in canonical form, by the longest matching calling code.

        This is an estimate: a number can have been ported to another network.
        """
        countries = self.channels.get(channel, {})
        codes = (phone_number[:length] for length in range(len(phone_number), 0, -1))
        return next((countries[code] for code in codes if code in countries), None)


@attrs.frozen(kw_only=True)
class CreditNotice:
    """When an e-mail warns of low credit.

    Attributes:
        email: Where the warning goes.
        value: The credit below which it is sent.
        is_enabled: Whether it is on.
    """

    email: str | None = attrs.field(default=None, repr=False)
    value: Decimal | None = None
    is_enabled: bool | None = None


@attrs.frozen(kw_only=True)
class RegisteredSender:
    """A registered sender.

    Attributes:
        channel: The channel: a `smsmanager.webhooks.Gateway`, or the string of an unknown one.
        value: The sender as a message names it.
        name: Its name.
    """

    channel: str | None = None
    value: str | None = None
    name: str | None = None


@attrs.frozen(kw_only=True)
class KeyFacts:
    """The account and permissions of a key.

    Attributes:
        account: `prepaid`, `postpaid`, or another string.
        scope: A `Scope`, or the string of an unknown one.
        is_blocked: Whether the key is blocked.
        senders: The registered senders.
        shares_senders: Whether the key shares the senders of the account.
        default_callback_url: Where webhooks go by default; it may contain a secret.
        note: Your note.
        has_vat: Whether VAT applies.
        currency: `czk`, `eur`, or another string.
        time_zone: IANA name of the account's time zone.
        raw: The JSON object as received.

    Source: SmsManager REST API reference, "Get API key".
    """

    account: str | None = None
    scope: Scope | str | None = None
    is_blocked: bool | None = None
    senders: tuple[RegisteredSender, ...] = ()
    shares_senders: bool | None = None
    default_callback_url: str | None = attrs.field(default=None, repr=False)
    note: str | None = attrs.field(default=None, repr=False)
    has_vat: bool | None = None
    currency: str | None = None
    time_zone: str | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)

    @property
    def may_change_settings(self) -> bool | None:
        """Whether the scope allows changes; None if the scope is not known."""
        known = {Scope.FULL: True, Scope.REST_API: True, Scope.API: False}
        return known.get(self.scope) if isinstance(self.scope, Scope) else None

    def has_sender(self, sender: str, channel: str | None = None) -> bool:
        """Return whether a sender is registered, for one channel or any."""
        return any(
            sender in (found.value, found.name) and channel in (None, found.channel)
            for found in self.senders
        )
