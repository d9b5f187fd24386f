"""New rows of an input that has grown since its campaign was created."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns._input.number_set import NumberSet
from smsmanager.campaigns._ledger.contents import phone_number_of
from smsmanager.campaigns.rows import Refusal, RefusedInput, RefusedRow, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smsmanager.campaigns._ledger.ledger import Ledger

# Possible lengths of a number without country code.
_NATIONAL = range(7, 11)


class NewRows:
    """The rows of an input whose numbers a campaign does not have yet.

    A row that was refused before is left out, unless it can be sent now. A number that differs from one in
    the campaign only by a country code is refused: it may be the same phone.

    Args:
        ledger: The campaign.
        rows: All rows of the input.
    """

    def __init__(self, ledger: Ledger, rows: Iterable[Row | RefusedRow]) -> None:
        self._ledger = ledger
        self._rows = rows

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        """Yield the rows, numbered after those of the campaign."""
        with NumberSet() as known, NumberSet() as short, NumberSet() as tails:
            before = 0
            for row, number in self._ledger.numbers():
                before = row
                if number is not None:
                    _remember(number, known, short, tails)
            last = before
            for given in self._rows:
                found = self._judged(given, before, known, short, tails)
                if found is not None:
                    last = max(found.row, last + 1)
                    yield attrs.evolve(found, row=last)

    def _judged(
        self,
        row: Row | RefusedRow,
        before: int,
        known: NumberSet,
        short: NumberSet,
        tails: NumberSet,
    ) -> Row | RefusedRow | None:
        """Return the row if it is new, or its refusal; None if the campaign has it."""
        number = None if isinstance(row, RefusedRow) else phone_number_of(row)
        if not isinstance(number, str):
            refused = row if isinstance(row, RefusedRow) else None
            return (refused or number) if row.row > before else None
        if number in known:
            return None
        if any(_tail(number, length) in short for length in _NATIONAL if length < len(number)) or (
            len(number) in _NATIONAL and _tail(number, len(number)) in tails
        ):
            reason = (
                "differs from an earlier number only by the country code: it may be the same phone"
            )
            return RefusedInput(row.row, "phone_number", reason, Refusal.DUPLICATE, number)
        return row


def _remember(number: str, known: NumberSet, short: NumberSet, tails: NumberSet) -> None:
    known.add(number)
    if len(number) in _NATIONAL:
        short.add(_tail(number, len(number)))
    for length in _NATIONAL:
        if length < len(number):
            tails.add(_tail(number, length))


def _tail(number: str, length: int) -> str:
    """Return the last digits after a 1, which preserves leading zeros."""
    return f"1{number[-length:]}"
