"""What can go wrong with a campaign, beside the errors of sending.

```
SmsManagerError
└── CampaignError
    ├── CampaignExistsError    the ledger holds a campaign of that name
    ├── CampaignNotFoundError  there is none
    ├── CampaignLockedError    another process runs it
    └── LedgerError            the ledger cannot be read or written, or is of another version
```
"""

from __future__ import annotations

from smsmanager.errors import SmsManagerError


class CampaignError(SmsManagerError):
    """Base of what is raised here; nothing was sent because of it."""


class CampaignExistsError(CampaignError):
    """The ledger holds a campaign of that name already, and rows of it may have been sent.

    Attributes:
        same_input: Whether it was made of the same input; None when that is not known.
    """

    def __init__(self, message: str, *, same_input: bool | None = None) -> None:
        """Keep the text and whether the input is the same."""
        super().__init__(message)
        self.same_input = same_input


class CampaignNotFoundError(CampaignError):
    """There is no such ledger, or no campaign of that name in it."""


class CampaignLockedError(CampaignError):
    """Another process, or another run in this one, works on the campaign."""


class LedgerError(CampaignError):
    """The ledger cannot be read or written, or was made by a newer version."""
