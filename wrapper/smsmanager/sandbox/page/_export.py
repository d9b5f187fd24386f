"""Write messages as JSON or CSV, one after another."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

COLUMNS = (
    "sequence",
    "received_at",
    "to",
    "state",
    "result_info",
    "channels",
    "body",
    "parts",
    "encoding",
    "price_czk",
    "price_eur",
    "tags",
    "message_id",
    "request_id",
)
# A spreadsheet would run a text that begins with one of these as a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(messages: Iterable[ReceivedMessage]) -> Iterator[str]:
    """Yield a JSON array of the messages, each as the JSON API shows it on its own."""
    opening = "["
    for message in messages:
        yield opening + json.dumps(message.as_json_with_timeline(), ensure_ascii=False)
        opening = ",\n"
    yield "[]\n" if opening == "[" else "]\n"


def as_csv(messages: Iterable[ReceivedMessage]) -> Iterator[str]:
    """Yield the messages as lines of CSV, with a header.

    A text that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    yield _line(COLUMNS)
    for message in messages:
        fields = message.as_json()
        yield _line([_cell(fields[name]) for name in COLUMNS])


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
