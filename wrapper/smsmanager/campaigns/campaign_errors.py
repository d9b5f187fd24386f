"""Errors of campaigns and their input, in addition to the errors of sending.

```
SmsManagerError
├── InputError                 a file, a text or a price table cannot be used
└── CampaignError
    ├── CampaignExistsError    the ledger already has a campaign of this name
    ├── CampaignNotFoundError  there is no such campaign
    ├── CampaignLockedError    another process runs it
    ├── CampaignTargetError    the campaign is for another service than the client's
    ├── NotEnoughCreditError   a prepaid account has less credit than the campaign would cost
    └── LedgerError            the ledger cannot be read or written, or a newer version made it
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from decimal import Decimal


class InputError(SmsManagerError):
    """A file, a text or a price table cannot be used as it is; nothing was sent."""

    def __init__(self, problem: str) -> None:
        """Append to the problem that nothing was sent."""
        super().__init__(f"{problem} Nothing was sent.")


class CampaignError(SmsManagerError):
    """Base class; nothing was sent because of the error."""


class CampaignExistsError(CampaignError):
    """The ledger already has a campaign of this name, and some of its rows may have been sent.

    Attributes:
        same_input: Whether it was made from the same input; None if this is not known.
    """

    def __init__(self, message: str, *, same_input: bool | None = None) -> None:
        """Keep the text and whether the input is the same."""
        super().__init__(message)
        self.same_input = same_input


class CampaignNotFoundError(CampaignError):
    """There is no such ledger, or it has no campaign of this name."""


class CampaignLockedError(CampaignError):
    """Another process, or another run in this process, is working on the campaign."""


class CampaignTargetError(CampaignError):
    """The campaign is for another service: a rehearsal cannot be resumed for real, or the other way round."""


class LedgerError(CampaignError):
    """The ledger cannot be read or written, or was made by a newer version."""


class NotEnoughCreditError(CampaignError):
    """A prepaid account has less credit than the campaign would cost, by an estimate.

    Attributes:
        missing: The missing amount.
        currency: Its currency, such as `"CZK"`.
    """

    def __init__(self, message: str, *, missing: Decimal, currency: str) -> None:
        """Keep the text and the missing amount."""
        super().__init__(message)
        self.missing = missing
        self.currency = currency

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the missing amount."""
        return _not_enough, (str(self), self.missing, self.currency)


def _not_enough(message: str, missing: Decimal, currency: str) -> NotEnoughCreditError:
    return NotEnoughCreditError(message, missing=missing, currency=currency)
