"""`smsmanager inbox` and `smsmanager cancel`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from smsmanager import AuthenticationError, SmsManager
from smsmanager.asking import Service
from smsmanager.sandbox import Sandbox
from smsmanager.webhooks import IncomingMessage
from tests.cli.conftest import KEY, Shell


def test_what_came_in_today(shell: Shell, service: Sandbox) -> None:
    with SmsManager(KEY, base_url=service.base_url) as client:
        client.send("Hello", to="420777123456")
    service.reply("STOP", to="420777123456")
    done = shell("inbox")
    assert done.code == 0
    [line] = done.lines
    assert "420777123456" in line
    assert line.endswith("STOP")
    raw = json.loads(shell("inbox", "--json").out)
    assert (raw["from"], raw["body"]) == ("420777123456", "STOP")
    assert shell("inbox", "--day", "2020-01-01").out == ""


def test_following(shell: Shell, service: Sandbox) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with SmsManager(KEY, base_url=service.base_url) as client:
        client.send("Hello", to="420777123456")
    service.reply("Yes", to="420777123456")
    service.reply("No", to="420777123456")
    done = shell("inbox", "--follow", "--day", today, "--count", "2")
    assert sorted(line.split()[-1] for line in done.lines) == ["No", "Yes"]


def test_a_reply_is_handed_to_the_opt_outs(service: Sandbox) -> None:
    stop = IncomingMessage(body="STOP", sender="+420 777 123 456")
    with SmsManager(KEY, base_url=service.base_url) as client:
        added = client.service.optouts.add(stop)
        assert added.accepted == 1
        assert "420777123456" in client.service.optouts.download()
        client.service.optouts.remove([stop, "420777123457"])
        assert len(client.service.optouts.download()) == 0


def test_scheduled_messages_are_cancelled(shell: Shell, service: Sandbox) -> None:
    with SmsManager(KEY, base_url=service.base_url) as client:
        sent = client.send("Hello", to="420777123456", at="2040-01-07T08:00+01:00")
    own = sent[0].message_id
    assert own is not None
    done = shell("cancel", own)
    assert (done.code, done.lines) == (0, [f"{own}: cancelled"])
    done = shell("cancel", own, "unknown", "--json")
    assert done.code == 3
    assert done.document["cancellation"] == {"cancelled": 0, "refused": 2, "unclear": 0}


def test_failure_in_the_middle_shows_what_was_cancelled(
    shell: Shell, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmsManager(KEY, base_url=service.base_url) as client:
        sent = client.send(
            "Hello", to=["420777123456", "420777123457"], at="2040-01-07T08:00+01:00"
        )
    first, second = (outcome.message_id for outcome in sent)
    assert first is not None
    assert second is not None
    cancel = Service.cancel

    def refuse_the_second(asked: Service, scheduled: str) -> Any:
        if scheduled == second:
            raise AuthenticationError("The service answered 403.", status_code=403)
        return cancel(asked, scheduled)

    monkeypatch.setattr(Service, "cancel", refuse_the_second)
    done = shell("cancel", first, second)
    assert (done.code, done.lines) == (1, [f"{first}: cancelled", f"{second}: not tried"])
    assert "403" in done.err
    done = shell("cancel", second, first, "--json")
    assert done.code == 3
    assert done.document["error"]["type"] == "AuthenticationError"
    done = shell("cancel", first, second, "--json")
    assert done.code == 3
    assert [each["outcome"] for each in done.document["messages"]] == ["refused", "not tried"]
