"""A file of recipients: which column holds what.

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

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from smsmanager.campaigns._input.number_repair import NumberReader
from smsmanager.campaigns._input.number_set import NumberSet
from smsmanager.campaigns._input.tabular import BadRow, Table, open_table
from smsmanager.campaigns._input.templates import find_column, plain_name
from smsmanager.campaigns.campaign_errors import InputError
from smsmanager.phone import InvalidNumberError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smsmanager.campaigns._input.tabular import Kind

Role: TypeAlias = Literal["number", "sender", "tag", "payload", "language", "reference"]

_NUMBER_NAMES = """
phone phone_number phonenumber phone_no number to recipient tel telephone telephone_number mobile
mobile_number mobile_phone cell cell_phone msisdn gsm
telefon telefonni_cislo telefonne_cislo tel_cislo cislo mobil mobilni_telefon
handy handynummer telefonnummer numer numer_telefonu telefonszam
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
    """Positions of the columns with a role; None where there is none."""

    number: int
    sender: int | None = None
    tag: int | None = None
    payload: int | None = None
    language: int | None = None
    reference: int | None = None

    def named(self, header: tuple[str, ...]) -> dict[str, str]:
        """Return the name of each column with a role, by that role."""
        found = attrs.asdict(self)
        return {role: header[index] for role, index in found.items() if index is not None}


@attrs.frozen
class Recipients:
    """A file of recipients that was examined.

    Attributes:
        table: The file.
        columns: Which column holds what.
    """

    table: Table
    columns: Columns


def open_recipients(
    path: Path,
    *,
    columns: Mapping[Role, str] | None = None,
    kind: Kind | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Recipients:
    """Examine a file of recipients.

    Args:
        path: CSV, JSON Lines, .xlsx, .xls or .ods.
        columns: Names of columns that are not recognised, by role; an empty name if the file has no such
            column.
        kind: What the file is; None detects it.
        encoding: Of the text; None detects it.
        delimiter: Separates the cells of CSV; None detects it.
        sheet: Sheet of a spreadsheet; None for the first visible one.

    Raises:
        InputError: If it cannot be read, or no column holds numbers.
    """
    table = open_table(path, kind=kind, encoding=encoding, delimiter=delimiter, sheet=sheet)
    chosen = dict(columns or {})
    found = {role: _column_of(role, table, chosen.get(role)) for role in ROLE_NAMES}
    number = found.pop("number")
    if number is None:
        listed = ", ".join(name for name in table.header if name)
        msg = (
            f"{path.name} has no column that is known to hold phone numbers. Its columns are: {listed}. "
            "Name the one that does (--column number=NAME)."
        )
        raise InputError(msg)
    return Recipients(table, Columns(number, **found))


def _column_of(role: Role, table: Table, chosen: str | None) -> int | None:
    if chosen == "":
        return None
    if chosen is not None:
        found = find_column(chosen, table.header)
        if not found:
            listed = ", ".join(name for name in table.header if name)
            raise InputError(f"There is no column {chosen}. The columns are: {listed}.")
    else:
        names = [plain_name(name) for name in table.header]
        found = [index for index, name in enumerate(names) if name in ROLE_NAMES[role]]
    if len(found) > 1:
        listed = ", ".join(table.header[index] for index in found)
        msg = f"Several columns could be the {role}: {listed}. Name one (--column {role}=NAME)."
        raise InputError(msg)
    return found[0] if found else None


def read_opt_outs(recipients: Recipients, default_region: str | None = None) -> NumberSet:
    """Read the numbers of people who want no messages.

    Each must be readable: nobody who opted out may get a message because of a typing error.

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
            number = read(cells[recipients.columns.number])
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
