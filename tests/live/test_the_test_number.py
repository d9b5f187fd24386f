"""Sends to the documented test number of the real service: `make test-live`, with SMSMANAGER_API_KEY set.

The number is processed as usual, never delivered and never charged (SmsManager guide, "Testing").
"""

from __future__ import annotations

import os

import pytest

from smsmanager import AuthenticationError, BadRequestError, SmsManager, Status, compose

NUMBER = "420777777777"
# Read before the fixtures of every test take them away.
KEY = os.environ.get("SMSMANAGER_API_KEY", "")
BASE_URL = os.environ.get("SMSMANAGER_BASE_URL") or None
SENDER = os.environ.get("SMSMANAGER_SENDER") or "smsmanager"

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not KEY, reason="SMSMANAGER_API_KEY is not set"),
]


def client(key: str = KEY) -> SmsManager:
    return SmsManager(key, base_url=BASE_URL, retries=0)


def test_a_message_is_accepted() -> None:
    with client() as live:
        [outcome] = live.send("Test of the smsmanager library.", to=NUMBER)
    assert outcome.status is Status.ACCEPTED
    assert outcome.message_id
    assert outcome.request_id


def test_a_priority_message_is_accepted() -> None:
    with client() as live:
        assert live.send_priority("Test of the smsmanager library: 1234.", to=NUMBER).ok


def test_a_batch_has_an_id_for_each_recipient() -> None:
    messages = [compose("Test of the smsmanager library.", to=[NUMBER, NUMBER]) for _ in range(2)]
    with client() as live:
        result = live.send_batch(messages)
    assert result.ok
    assert len({outcome.message_id for outcome in result}) == 4
    assert [str(outcome.message_id)[-2:] for outcome in result] == ["-0", "-1"] * 2


def test_a_simple_message_is_accepted() -> None:
    with client() as live:
        assert live.send_simple("Test of the smsmanager library.", to=NUMBER, sender=SENDER).ok


def test_a_wrong_key_is_recognised() -> None:
    with client("certainly-no-key") as live, pytest.raises(AuthenticationError):
        live.send("Test of the smsmanager library.", to=NUMBER)


def test_eleven_recipients_are_refused_when_nobody_splits_them() -> None:
    from smsmanager import Message, Recipient
    from smsmanager_jsonapi.api.messages import send_message

    message = Message(to=[Recipient(NUMBER)] * 11, body="Test of the smsmanager library.")
    with client() as live, pytest.raises(BadRequestError):
        send_message.sync(client=live.raw, body=message)
