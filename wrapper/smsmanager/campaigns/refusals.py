"""Why an input cannot be used, or a row of it is refused."""

from __future__ import annotations

from enum import StrEnum

import attrs

from smsmanager.campaigns.rows import RefusedRow
from smsmanager.errors import SmsManagerError


class InputError(SmsManagerError):
    """A file, a text or a price table cannot be used as it is; nothing was sent."""

    def __init__(self, problem: str) -> None:
        """Put the consequence behind the problem."""
        super().__init__(f"{problem} Nothing was sent.")


class Refusal(StrEnum):
    """Why a row was refused; the names are stable."""

    NUMBER = "number"
    """The number is missing, damaged or no phone number."""
    DUPLICATE = "duplicate"
    """An earlier row has the same number."""
    OPTED_OUT = "opted_out"
    """The number stands in the opt-out list."""
    VARIABLE = "variable"
    """The text needs a value that this row does not have."""
    LANGUAGE = "language"
    """There is no text for the row's language."""
    TEXT = "text"
    """The rendered text is longer than the service takes."""
    SENDER = "sender"
    """The sender is none that the service takes."""
    PAYLOAD = "payload"
    """The payload is no JSON object."""
    CELLS = "cells"
    """The row does not fit the header, or is no JSON object."""


@attrs.frozen(repr=False)
class RefusedInput(RefusedRow):
    """A refused row of a file.

    Attributes:
        code: Why, as a stable name.
        given: The number as it stands in the file.
    """

    code: Refusal
    given: str

    def __repr__(self) -> str:
        """Show no number."""
        return f"RefusedInput(row={self.row}, code={self.code.value!r}, reason={self.reason!r})"
