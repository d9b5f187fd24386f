"""Messages as CSV: what a spreadsheet would run is text."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from smsmanager.sandbox import ReceivedMessage, ReceivedStep, Status
from smsmanager.sandbox.page._export import COLUMNS, as_csv


def message(text: str) -> ReceivedMessage:
    return ReceivedMessage(
        sequence=1,
        request_id="r",
        message_id="m",
        operation="sendMessage",
        status=Status.ACCEPTED,
        to="420777123456",
        to_given="420777123456",
        steps=(ReceivedStep("sms", text, None, {}),),
        message={"body": text, "tag": "a,b"},
        key_fingerprint="k",
        received_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_begins_like_a_formula_has_an_apostrophe_in_front(first: str) -> None:
    text = f'{first}HYPERLINK("https://evil.example";"a,b")'
    header, row = csv.reader(as_csv([message(text)]))
    assert header == list(COLUMNS)
    cells = dict(zip(header, row, strict=True))
    assert cells["body"] == f"'{text}"
    assert (cells["to"], cells["tags"], cells["result_info"]) == ("420777123456", "a b", "")


@pytest.mark.parametrize("text", ["Hello", " =1", "1-2", "'=1", ""])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    _, row = csv.reader(as_csv([message(text)]))
    assert row[COLUMNS.index("body")] == text
