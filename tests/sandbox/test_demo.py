"""The sample data: something of everything, the same each time."""

from datetime import UTC, datetime, timedelta

import pytest

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._demo import SPAN_S

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def filled() -> Sandbox:
    with Sandbox(clock="manual", seed=7, now=START) as sandbox:
        sandbox.fill_with_demo()
        assert sandbox.clock.now == START + timedelta(seconds=SPAN_S)
        return sandbox


def test_something_of_everything() -> None:
    sandbox = filled()
    channels = {channel for message in sandbox.messages for channel in message.channels}
    assert channels == {"sms", "viber", "whatsapp_text", "whatsapp_template", "rcs"}
    states = {message.state for message in sandbox.messages}
    assert states >= {"waiting", "delivered", "undelivered", "rejected", "not_taken"}
    kinds = {entry.kind for message in sandbox.messages for entry in message.timeline}
    assert kinds >= {"waiting", "report", "fallback", "reply", "opt_out", "click"}
    assert any(message.parts == 3 for message in sandbox.messages)
    assert any(incoming.reply_to is None for incoming in sandbox.incoming)
    assert len({message.key_fingerprint for message in sandbox.messages}) == 2
    reasons = [request.pointer for request in sandbox.requests if request.status_code == 400]
    assert reasons == ["/flow/0/viber/ttl", "/to"]


def test_it_is_the_same_each_time() -> None:
    first, second = (
        [message.as_json_with_timeline() for message in filled().messages] for _ in range(2)
    )
    assert first == second


def test_a_sandbox_that_does_not_run_is_not_filled() -> None:
    with pytest.raises(RuntimeError, match="has to run first"):
        Sandbox().fill_with_demo()
