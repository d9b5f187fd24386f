"""A file of recipients, and the role of each column.

| column | recognised names |
| --- | --- |
| number | phone, phone_number, number, to, tel, telefon, mobil, msisdn, ... (`ROLE_NAMES`) |
| sender | sender, odesilatel |
| tag | tag |
| payload | payload |
| language | language, lang, jazyk |
| reference | reference |

Accents, case and punctuation do not matter. Every column is also a variable for the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from smsmanager.campaigns._input.cell_values import cell_text
from smsmanager.campaigns._input.number_repair import NumberReader
from smsmanager.campaigns._input.number_set import NumberSet
from smsmanager.campaigns._input.tabular import BadRow, Table, is_number, open_table
from smsmanager.campaigns._input.templates import find_column, plain_name
from smsmanager.campaigns.campaign_errors import InputError
from smsmanager.phone import InvalidNumberError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from smsmanager.campaigns._input.tabular import Kind

Role: TypeAlias = Literal["number", "sender", "tag", "payload", "language", "reference"]

_NUMBER_NAMES = """
phone phone_number phonenumber phone_no number to recipient tel telephone telephone_number mobile
mobile_number mobile_phone primary_phone cell cell_phone msisdn gsm phone_mobile phone_1_value
telefon telefonni_cislo telefonne_cislo tel_cislo cislo mobil mobilni_telefon mobilny_telefon
mobilni_cislo cislo_mobilu telefon_zakaznika kontaktni_telefon telefon_kontakt billing_phone
handy handynummer telefonnummer mobiltelefon numer numer_telefonu telefon_komorkowy telefonszam
"""
ROLE_NAMES: Final[dict[Role, tuple[str, ...]]] = {
    "number": tuple(_NUMBER_NAMES.split()),
    "sender": ("sender", "odesilatel"),
    "tag": ("tag",),
    "payload": ("payload",),
    "language": ("language", "lang", "jazyk"),
    "reference": ("reference",),
}
"""Recognised column names, in the form of `plain_name`."""


@attrs.frozen
class Columns:
    """Positions of the columns with a role; None if there is no such column.

    Attributes:
        number: The column of the number.
        more_numbers: Further columns of numbers, tried in order if the earlier ones are empty.
    """

    number: int
    sender: int | None = None
    tag: int | None = None
    payload: int | None = None
    language: int | None = None
    reference: int | None = None
    more_numbers: tuple[int, ...] = ()

    def named(self, header: tuple[str, ...]) -> dict[str, str]:
        """Return the name of each column with a role, by that role."""
        found: dict[str, int | None] = {role: getattr(self, role) for role in ROLE_NAMES}
        named = {role: header[index] for role, index in found.items() if index is not None}
        numbers = (self.number, *self.more_numbers)
        named["number"] = ", else ".join(header[index] for index in numbers)
        return named

    def number_in(self, cells: Sequence[Any]) -> int:
        """Return the column of a row's number: the first one that is not empty."""
        filled = (at for at in (self.number, *self.more_numbers) if cell_text(cells[at]).strip())
        return next(filled, self.number)


@attrs.frozen
class Recipients:
    """An examined file of recipients.

    Attributes:
        table: The file.
        columns: The columns by role.
    """

    table: Table
    columns: Columns


def open_recipients(
    path: Path,
    *,
    columns: Mapping[Role, str | Sequence[str]] | None = None,
    kind: Kind | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Recipients:
    """Examine a file of recipients.

    Args:
        path: CSV, JSON Lines, .xlsx, .xls or .ods.
        columns: Names of columns that are not recognised, by role; an empty name if the file has no such
            column. `number` can have several: the first one with a value in a row is used.
        kind: The kind of file; None detects it.
        encoding: Encoding of the text; None detects it.
        delimiter: Separates the cells of CSV; None detects it.
        sheet: Sheet of a spreadsheet; None for the first visible one.

    Raises:
        InputError: If the file cannot be read, or no column of numbers is found.
    """
    names = ROLE_NAMES["number"]
    table = open_table(
        path, kind=kind, encoding=encoding, delimiter=delimiter, sheet=sheet, known=names
    )
    given = {
        role: (name,) if isinstance(name, str) else tuple(name)
        for role, name in (columns or {}).items()
    }
    numbers = [_named("number", table, name) for name in given.get("number", ()) if name]
    number, *more = numbers or [_number_column(table)]
    found = {
        role: _chosen(role, table, given[role][-1]) if role in given else _known(role, table)
        for role in ROLE_NAMES
        if role != "number"
    }
    return Recipients(table, Columns(number, **found, more_numbers=tuple(more)))


def _listed(table: Table) -> str:
    return ", ".join(name for name in table.header if name)


def _number_column(table: Table) -> int:
    """Return the column of numbers, by its name; without a header, by its first cell."""
    name = table.path.name
    if table.has_header:
        if (found := _known("number", table)) is not None:
            return found
        raise InputError(
            f"{name} has no column with a known name for phone numbers. Its columns are: {_listed(table)}. "
            "Name the right one (--column number=NAME)."
        )
    first: Sequence[Any] = next(
        (cells for _, cells in table.rows() if not isinstance(cells, BadRow)), []
    )
    likely = [index for index, cell in enumerate(first) if is_number(cell_text(cell).strip())]
    if len(likely) == 1 or len(table.header) == 1:
        return likely[0] if likely else 0
    could = ", ".join(table.header[index] for index in likely) or "none of them"
    raise InputError(
        f"{name} has no header, so its columns are called {_listed(table)}. Judging by the first row, the "
        f"phone numbers could be in: {could}. Name the right one (--column number=column_1)."
    )


def _chosen(role: str, table: Table, name: str) -> int | None:
    return _named(role, table, name) if name else None


def _named(role: str, table: Table, name: str) -> int:
    found = find_column(name, table.header)
    if not found:
        raise InputError(f"There is no column {name}. The columns are: {_listed(table)}.")
    return _the_only(role, table, found)


def _known(role: Role, table: Table) -> int | None:
    names = [plain_name(name) for name in table.header]
    found = [index for index, name in enumerate(names) if name in ROLE_NAMES[role]]
    return _the_only(role, table, found) if found else None


def _the_only(role: str, table: Table, found: list[int]) -> int:
    if len(found) > 1:
        listed = ", ".join(table.header[index] for index in found)
        several = " Name several in the order in which to try them." if role == "number" else ""
        msg = f"Several columns could be the {role}: {listed}. Name one (--column {role}=NAME).{several}"
        raise InputError(msg)
    return found[0]


def read_opt_outs(recipients: Recipients, default_region: str | None = None) -> NumberSet:
    """Read the numbers of people who opted out.

    Every number must be readable: nobody who opted out may get a message because of a typing error.

    Args:
        recipients: The file; only its number column is read.
        default_region: Country of numbers without `+` or `00`.

    Raises:
        InputError: If a number cannot be read, or is national and there is no default region.
    """
    read = NumberReader(default_region)
    name = recipients.table.path.name
    numbers = NumberSet()
    for row, cells in recipients.table.rows():
        if isinstance(cells, BadRow):
            raise InputError(f"The opt-out list {name}, row {row}, {cells.reason}.")
        try:
            number = read(cells[recipients.columns.number_in(cells)])
        except InvalidNumberError as error:
            msg = f"The opt-out list {name} has a number in row {row} that {error}."
            raise InputError(msg) from None
        if read.is_national(number):
            msg = (
                f"The opt-out list {name} has a national number in row {row}, which cannot be compared with "
                "others. Name its country (--region CZ)."
            )
            raise InputError(msg)
        numbers.add(number)
    return numbers
