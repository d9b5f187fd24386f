"""Pickles of earlier versions can still be read."""

from __future__ import annotations

import importlib
import pickle

import pytest

from smsmanager.sandbox import Fault, MagicNumber, Rule, Sandbox
from tests.sandbox.conftest import NOON, post

RECORDS = "smsmanager.sandbox.engine.records"
EARLIER = {
    f"{RECORDS}.received_message": "smsmanager.sandbox._received",
    f"{RECORDS}.received_request": "smsmanager.sandbox._received",
    f"{RECORDS}.message_outcome": "smsmanager.sandbox._outcomes",
    f"{RECORDS}.journey\nPrice": "smsmanager.sandbox.engine.pricing\nPrice",
    f"{RECORDS}.journey": "smsmanager.sandbox.engine.journey",
    f"{RECORDS}.short_link": "smsmanager.sandbox.engine.links",
    f"{RECORDS}.webhook_delivery": "smsmanager.sandbox.engine.webhooks",
    f"{RECORDS}.incoming_message": "smsmanager.sandbox.engine.incoming",
    "smsmanager.sandbox.engine.adjustable_clock": "smsmanager.sandbox.engine.clock",
    "smsmanager.sandbox.engine.outcome_rules": "smsmanager.sandbox.engine.rules",
    "smsmanager.sandbox._operations.faults": "smsmanager.sandbox._faults",
}


def test_what_was_pickled_under_earlier_names_is_read() -> None:
    with Sandbox(clock="manual", now=NOON) as sandbox:
        message = {
            "to": [{"phone_number": MagicNumber.STOPS}],
            "body": "Read https://example.com/a",
            "params": {"_url": {"type": "full"}},
            "callback": "https://example.com/",
        }
        post(sandbox, message)
        sandbox.settle()
        shown = [found.as_json_with_timeline() for found in sandbox.messages]
        (incoming,) = sandbox.incoming
        kept = (sandbox.messages, sandbox.requests, incoming, sandbox.clock)
        # Protocol 2 writes the name of a class as two lines of text.
        pickled = pickle.dumps((kept, Rule("failed"), Fault("hang"), MagicNumber.TEST), 2)
    for now, earlier in EARLIER.items():
        assert f"c{now}\n".replace("Price\n", "Price").encode() in pickled, now
        pickled = pickled.replace(f"c{now}\n".encode(), f"c{earlier}\n".encode())

    (messages, requests, replied, clock), *others = pickle.loads(pickled)  # noqa: S301 - our own
    assert [found.as_json_with_timeline() for found in messages] == shown
    assert (requests, clock) == (sandbox.requests, sandbox.clock)
    assert replied.as_json() == incoming.as_json()
    assert others == [Rule("failed"), Fault("hang"), MagicNumber.TEST]


def test_no_other_name_is_kept() -> None:
    received = importlib.import_module("smsmanager.sandbox._received")
    with pytest.raises(AttributeError, match="no attribute 'tags_of'"):
        _ = received.tags_of
