"""A price table: the price of a part, by country or by the first digits of the number.

| column | names | value |
| --- | --- | --- |
| prefix | prefix, calling_code | the first digits of the number, such as 420 or 420601 |
| country | country, region | two letters such as CZ, instead of a prefix |
| price | price, price_per_part, cena | price of one part |
| currency | currency, mena | such as CZK |

The longest matching prefix counts. For the account's prices, see `account_prices`.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import attrs

from smsmanager.campaigns._input.cell_values import cell_text
from smsmanager.campaigns._input.tabular import BadRow, open_table
from smsmanager.campaigns._input.templates import plain_name
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_COLUMNS: Final = {
    "prefix": ("prefix", "calling_code"),
    "country": ("country", "region"),
    "price": ("price", "price_per_part", "cena"),
    "currency": ("currency", "mena"),
}


class Price(NamedTuple):
    """The price of one part."""

    amount: Decimal
    currency: str


@attrs.frozen
class PriceTable:
    """Prices of a part, by the first digits of the number.

    Attributes:
        by_prefix: The prices, by digits without `+`.
    """

    by_prefix: Mapping[str, Price]
    _lengths: tuple[int, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Store the lengths of the prefixes, the longest first."""
        lengths = sorted({len(prefix) for prefix in self.by_prefix}, reverse=True)
        object.__setattr__(self, "_lengths", tuple(lengths))

    def of(self, phone_number: str) -> Price | None:
        """Return the price of a part to a number in canonical form, or None if there is none."""
        for length in self._lengths:
            if price := self.by_prefix.get(phone_number[:length]):
                return price
        return None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a table from CSV, JSON Lines or a spreadsheet.

        Raises:
            InputError: If a column or a value is missing or unreadable; the error names the row.
        """
        table = open_table(path)
        at = {name: _column(names, table.header) for name, names in _COLUMNS.items()}
        if at["price"] is None or at["currency"] is None or (at["prefix"] is at["country"] is None):
            msg = (
                f"The price table {path.name} needs columns called prefix (or country), price and "
                "currency."
            )
            raise InputError(msg)
        found: dict[str, Price] = {}
        for row, cells in table.rows():
            where = f"The price table {path.name}, row {row},"
            if isinstance(cells, BadRow):
                raise InputError(f"{where} {cells.reason}.")
            texts = {name: _text(cells, index) for name, index in at.items()}
            prefix = _prefix(texts, where)
            price = Price(_amount(texts["price"], where), texts["currency"].upper())
            if not price.currency:
                raise InputError(f"{where} has no currency.")
            if found.setdefault(prefix, price) != price:
                msg = (
                    f"{where} has another price for +{prefix} than an earlier row. Countries that share a "
                    "calling code need prefixes."
                )
                raise InputError(msg)
        return cls(found)


def _column(names: tuple[str, ...], header: Sequence[str]) -> int | None:
    found = [index for index, name in enumerate(header) if plain_name(name) in names]
    return found[0] if found else None


def _text(cells: Sequence[Any], index: int | None) -> str:
    return "" if index is None else cell_text(cells[index]).strip()


def _prefix(texts: Mapping[str, str], where: str) -> str:
    if prefix := texts["prefix"]:
        digits = prefix.removeprefix("+").removeprefix("00").replace(" ", "")
        if not (digits.isascii() and digits.isdecimal()):
            raise InputError(f"{where} has a prefix that does not consist of digits.")
        return digits
    import phonenumbers  # noqa: PLC0415 - slow to import, and only needed for countries

    code: int = phonenumbers.country_code_for_region(texts["country"].upper())
    if not code:
        raise InputError(f"{where} must name a country by two letters, such as CZ.")
    return str(code)


def _amount(text: str, where: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise InputError(f"{where} has a price that is not an amount.")
    return amount
