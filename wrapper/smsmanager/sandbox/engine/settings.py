"""Define how the sandbox behaves, beyond a single message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from smsmanager.sandbox.engine.delivery_window import zone
from smsmanager.sandbox.engine.records.value_checks import amount, check_choice
from smsmanager.sandbox.engine.rest_settings import RestSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


@attrs.frozen
class Pace:
    """How long a step takes, in seconds after its start.

    Attributes:
        sent_s: Until it is `sent`.
        done_s: Until it is delivered, undelivered or failed.
        seen_s: Until it is seen.
        reply_s: Until the recipient replies, after the last result.
    """

    sent_s: float = 1.0
    done_s: float = 3.0
    seen_s: float = 10.0
    reply_s: float = 5.0


@attrs.frozen(kw_only=True)
class Settings:
    """How the sandbox treats every API key whose account has no settings of its own.

    Attributes:
        credit: Credit of each account in CZK; `None` never runs out.
        callback: Callback URL of each account, for messages that name none.
        secret: Signs webhooks; `None` leaves them unsigned.
        allowed_numbers: If given, any other number is rejected with 303.
        blacklist: Numbers that are rejected with 304, whatever the tag; the account can change its list.
        senders: If given, any other sender is refused immediately.
        identical_limit: How many identical messages one recipient gets within an hour; the rest are
            rejected with 306. `None` for no limit: the service's own limit is not published.
        promotional_hours: Time zone by prefix of the number: there, promotional messages only go out
            from 8:00 to 20:00.
        whatsapp_window: Whether a `whatsapp_text` step is rejected unless the recipient wrote within 24
            hours, as at the service.
        duplicates: Share of the webhooks that are sent twice.
        disorder: Share of the webhooks that are delayed by at most a minute, so that later ones
            overtake them.
        callback_hosts: Hosts besides loopback that webhooks may go to; must include loopback if the sandbox
            listens beyond it.
        pace: How long a step takes.
        key_status: The answer to a missing or unknown API key: `"documented"`, a 400 for both; `"gateway"`,
            a 401 and a 403, as other clients have observed.
        rest: How the REST API under `/v1` behaves where the service's pages do not say.
    """

    credit: Decimal | None = None
    callback: str | None = attrs.field(default=None, repr=False)
    secret: str | None = attrs.field(default=None, repr=False)
    allowed_numbers: frozenset[str] | None = attrs.field(default=None, repr=False)
    blacklist: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    senders: frozenset[str] | None = None
    identical_limit: int | None = None
    promotional_hours: Mapping[str, str] = attrs.field(factory=dict)
    whatsapp_window: bool = False
    duplicates: float = 0.0
    disorder: float = 0.0
    callback_hosts: frozenset[str] = frozenset()
    pace: Pace = Pace()
    key_status: Literal["documented", "gateway"] = "documented"
    rest: RestSettings = attrs.field(factory=RestSettings)

    def __attrs_post_init__(self) -> None:
        """Check the values that have a range.

        Raises:
            ValueError: If a value is out of range.
        """
        check_choice("key_status", self.key_status, ("documented", "gateway"))
        for name in ("duplicates", "disorder"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1.")
        if self.identical_limit is not None and self.identical_limit < 1:
            raise ValueError("identical_limit must be at least 1.")
        if self.credit is not None:
            amount("credit", self.credit)
        for prefix, name in self.promotional_hours.items():
            if not (prefix.isascii() and prefix.isdecimal()) or zone(name) is None:
                raise ValueError(
                    "promotional_hours must map the beginning of a number to an IANA time zone, such as "
                    "'421' to 'Europe/Bratislava'."
                )

    def promotional_zone(self, number: str) -> str | None:
        """Return the time zone of the promotional hours of a number; `None` if it has none."""
        for prefix, name in self.promotional_hours.items():
            if number.startswith(prefix):
                return name
        return None
