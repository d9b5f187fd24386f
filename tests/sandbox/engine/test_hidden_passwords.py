"""A user and a password in the address of a callback are sent, and shown nowhere."""

from __future__ import annotations

import base64
import json
import logging

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox.engine.records import hidden_passwords
from tests.sandbox.conftest import NOON, post, raw, send
from tests.sandbox.engine.conftest import receiver, still
from tests.webhook_receiver import Receiver

__all__ = ["receiver", "still"]

PAGES = (
    "/",
    "/messages/1",
    "/requests",
    "/requests?all=1",
    "/schedule",
    "/account",
    "/control",
    "/export.json",
    "/export.csv",
)
LISTS = ("messages", "messages/latest", "requests", "inboxes", "waiting", "deliveries", "incoming")


def address(receiver: Receiver) -> str:
    return receiver.url.replace("://", "://shop:p%40sswort@") + "?token=capability"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_password_goes_out_and_nothing_of_the_address_is_logged(
    still: Sandbox, receiver: Receiver, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(still, callback={"url": address(receiver), "method": method})
        still.settle()
    assert still.deliveries
    for call in receiver.calls:
        given = call.headers["authorization"].removeprefix("Basic ")
        assert base64.b64decode(given) == b"shop:p@sswort"
    for word in ("sswort", "capability", "420777123456"):
        assert word not in caplog.text


def test_no_page_and_no_list_shows_a_password(receiver: Receiver) -> None:
    url = address(receiver)
    headers = {"Authorization": "Bearer sswort", "X-Shown": "yes"}
    with Sandbox(clock="manual", now=NOON) as sandbox:
        sandbox.inbox("k").configure(callback=url)
        send(sandbox, callback={"url": url, "headers": headers})
        sandbox.flush()
        receiver.statuses[:] = [500]
        send(sandbox, callback=url)
        sandbox.flush()
        send(sandbox)
        raw(sandbox, json.dumps({"callback": url}).replace("/", r"\/").encode())
        post(sandbox, {"callback": {"url": url}})
        assert sandbox.messages[1].message["callback"] == url
        shown = ""
        with httpx.Client(base_url=sandbox.url) as client:
            for path in (*PAGES, *(f"/sandbox/{name}" for name in LISTS)):
                answer = client.get(path)
                assert "sswort" not in answer.text, path
                shown += answer.text
    assert "X-Shown" in shown
    assert shown.count("://***@127.0.0.1") > 6


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://a.example/x@y?b=c@d#e@f", "https://a.example/x@y?b=c@d#e@f"),
        ("https://user@a.example/", "https://***@a.example/"),
        ("https://u:p@q@a.example/", "https://***@a.example/"),
        ("https://u:p q@a.example?x", "https://***@a.example?x"),
        ("//u:p@a.example", "//***@a.example"),
        (" https://u:p@a.example", "https://***@a.example"),
        ("not an address", "not an address"),
    ],
)
def test_what_is_shown_of_an_address(given: str, shown: str) -> None:
    assert hidden_passwords.address(given) == shown
    assert hidden_passwords.callback({"url": given, "batch_size": 2})["url"] == shown


@pytest.mark.parametrize("odd", [None, 7, [], {"url": 7, "headers": "x"}])
def test_a_callback_that_makes_no_sense_is_shown_as_it_is(odd: object) -> None:
    assert hidden_passwords.callback(odd) == odd
