"""Every row of a campaign as CSV."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager.campaigns.rows import LedgerRow

COLUMNS = (
    "row",
    "state",
    "phone_number",
    "body",
    "sender",
    "tag",
    "payload",
    "reference",
    "message_id",
    "field",
    "reason",
    "result",
    "result_at",
    "code",
    "gateway",
    "mcc",
    "parts",
    "price_czk",
    "price_eur",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_OWNER_ONLY = 0o600


def write(rows: Iterable[LedgerRow], path: str | Path) -> int:
    """Write rows; return how many.

    Args:
        rows: The rows.
        path: The file, for its owner alone to read when it is new; one that is there is replaced.
    """
    written = 0
    descriptor = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    # Spreadsheets take a file without the mark for one in the encoding of the machine.
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow(map(disarmed, _cells(row)))
            written += 1
    return written


def _cells(row: LedgerRow) -> list[Any]:
    delivery = row.delivery
    told: list[Any] = [None] * 8
    if delivery is not None:
        told = [
            delivery.result,
            None if delivery.at is None else delivery.at.isoformat(),
            delivery.code,
            delivery.gateway,
            delivery.mcc,
            delivery.parts,
            _amount(delivery.price_czk),
            _amount(delivery.price_eur),
        ]
    return [
        row.row,
        row.state.value,
        row.phone_number,
        row.body,
        row.sender,
        row.tag,
        None if row.payload is None else json.dumps(row.payload, ensure_ascii=False),
        row.reference,
        row.message_id,
        row.field,
        row.reason,
        *told,
    ]


def _amount(price: Any) -> str | None:
    return None if price is None else f"{price.normalize():f}"


def disarmed(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
