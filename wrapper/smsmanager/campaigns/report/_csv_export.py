"""Rows as CSV files that spreadsheet programs open safely: refused rows, and all rows of a campaign."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from smsmanager.campaigns.campaign_errors import InputError
from smsmanager.campaigns.rows import RefusedInput, RefusedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smsmanager.campaigns.rows import LedgerRow, Row

_OF_ROW = ("row", "state", "phone_number", "body", "sender", "tag", "payload", "reference")
_OF_OUTCOME = ("message_id", "field", "reason")
_OF_DELIVERY = ("result", "result_at", "code", "gateway", "mcc", "parts", "price_czk", "price_eur")
COLUMNS = (*_OF_ROW, *_OF_OUTCOME, *_OF_DELIVERY)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Spreadsheets show twelve digits as 4.20777E+11, drop leading zeros, and turn 1E5 into 100000.
_SHORTENED = re.compile(
    r"[0-9]{12,}(?:[.,]0+)?|0[0-9]+|[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII
)
_OWNER_ONLY = 0o600
# Without a byte order mark, spreadsheet programs assume the machine's encoding.
_ENCODING = "utf-8-sig"


class RefusedReport:
    """Writes refused rows to a CSV file as they are read; the file exists even if no row was refused.

    Args:
        path: Where to write; an existing file is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            InputError: If it cannot be written.
        """
        is_special = self.path.exists() and not self.path.is_file()
        # Complete or not at all: another process may write the same file.
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        self._written = self.path if is_special else part
        try:
            self._file = self._written.open("w", encoding=_ENCODING, newline="")
        except OSError as error:
            msg = f"The refused rows cannot be written to {self.path} ({error.strerror})."
            raise InputError(msg) from None
        self._writer = csv.writer(self._file)
        self._writer.writerow(("row", "number", "code", "field", "reason"))
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file, and rename it to its final name."""
        self._file.close()
        if self._written == self.path:
            return
        if exception[0] is None:
            self._written.replace(self.path)
        else:
            self._written.unlink(missing_ok=True)

    def watch(self, rows: Iterable[Row | RefusedRow]) -> Iterator[Row | RefusedRow]:
        """Write the refused rows while another consumer reads all rows."""
        for row in rows:
            if isinstance(row, RefusedRow):
                given, code = "", row.field
                if isinstance(row, RefusedInput):
                    given, code = row.given, row.code.value
                cells = (row.row, given, code, row.field, row.reason)
                self._writer.writerow(map(disarmed, cells))
            yield row


def write_rows(rows: Iterable[LedgerRow], path: str | Path) -> int:
    """Write rows of a ledger; return how many.

    Args:
        rows: The rows.
        path: The file. An existing one is replaced; only its owner can read a new one.
    """
    written = 0
    descriptor = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding=_ENCODING, newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow(map(disarmed, _cells(row)))
            written += 1
    return written


def _cells(row: LedgerRow) -> list[Any]:
    cells = {name: getattr(row, name) for name in (*_OF_ROW, *_OF_OUTCOME)}
    cells["state"] = row.state.value
    if row.payload is not None:
        cells["payload"] = json.dumps(row.payload, ensure_ascii=False)
    if (delivery := row.delivery) is not None:
        cells.update((name, getattr(delivery, name, None)) for name in _OF_DELIVERY)
        cells["result_at"] = None if delivery.at is None else delivery.at.isoformat()
        cells["price_czk"] = _amount(delivery.price_czk)
        cells["price_eur"] = _amount(delivery.price_eur)
    return [cells.get(name) for name in COLUMNS]


def _amount(price: Any) -> str | None:
    return None if price is None else f"{price.normalize():f}"


def disarmed(value: Any) -> Any:
    """Return a cell that no spreadsheet program takes for a formula or shortens."""
    if isinstance(value, str) and (value.startswith(_FORMULA) or _SHORTENED.fullmatch(value)):
        return f"'{value}"
    return value
