"""Check that no refusal repeats a value, and that nothing prepared prints one."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from smsmanager import Message, Recipient, Sms, ValidationError, compose
from smsmanager._message.prepare import Rules, prepare_batch, prepare_send, prepare_simple
from smsmanager._message.requests import Prepared

TO = "420777123456"
SECRET = "Heslo-ňaf-9271"
SECRET_NUMBER = "+420 777 99x 888"


def message(**fields: Any) -> Message:
    return Message(**{"to": [Recipient(phone_number=TO)], "body": "Hi", **fields})


def simple(body: str, to: str, sender: str) -> Prepared:
    return prepare_simple(
        body, to, sender=sender, gateway=None, at=None, custom_id=None, rules=Rules()
    )


SECRETS = [
    lambda: prepare_send(SECRET * 100, {"to": SECRET_NUMBER, "sender": SECRET}, Rules()),
    lambda: prepare_send(f"{SECRET}\ud800", {"to": TO}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "payload": {"x": {SECRET}}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "payload": {SECRET: object()}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "window": {"days": [SECRET]}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "window": {"start": SECRET, "tz": SECRET}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "callback": {"url": SECRET}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "callback": {"method": SECRET, "url": "x"}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "params": {"_url": {"type": SECRET}}}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "at": SECRET}, Rules()),
    lambda: prepare_send("Hi", {"to": TO, "flow": [SECRET]}, Rules()),
    lambda: prepare_send({SECRET: SECRET}, {"to": TO}, Rules()),  # type: ignore[arg-type]
    lambda: prepare_send(message(flow=[Sms(body={SECRET})]), {}, Rules()),  # type: ignore[arg-type]
    lambda: prepare_batch([SECRET], Rules()),  # type: ignore[list-item]
    lambda: prepare_batch([compose(SECRET * 100, to=SECRET_NUMBER)], Rules()),
    lambda: prepare_send("Hi", {"to": SECRET_NUMBER}, Rules(default_region="CZ")),
    lambda: prepare_send("Hi", {"to": "777998"}, Rules(default_region="CZ")),
    lambda: simple(SECRET * 100, SECRET_NUMBER, f"+{SECRET}"),
    lambda: simple(f"{SECRET}\ud800", TO, "Shop"),
]


@pytest.mark.parametrize("prepare", SECRETS)
def test_no_refusal_repeats_what_was_given(prepare: Callable[[], object]) -> None:
    with pytest.raises(ValidationError) as caught:
        prepare()
    error = caught.value
    shown = "".join([str(error), repr(error), *map(str, error.problems)])
    printed = traceback.format_exception(error)
    # The frames show lines of this file; what the library says stands behind them.
    shown += "".join(line for line in printed if not line.startswith("  File"))
    for secret in (SECRET, "9271", "777 99", "777998", "888"):
        assert secret not in shown


def test_nothing_printed_of_a_prepared_call_holds_numbers_or_texts() -> None:
    prepared = prepare_send(SECRET, {"to": [TO] * 12}, Rules())
    shown = repr([prepared, prepared.requests(), prepared.contents])
    assert SECRET not in shown
    assert TO not in shown
