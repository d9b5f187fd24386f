"""What the account can see about itself, and what it may change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from smsmanager.sandbox import RestSettings, Sandbox
from tests.sandbox.asked.conftest import KEY, NOON, NUMBER, Asked, Start


def test_credit_goes_down_with_each_message(start: Start) -> None:
    asked = start(RestSettings(zone="Europe/Bratislava"), credit=Decimal("2.50"))
    asked.send()
    credit = asked.get("/credit")["credit"]
    assert (credit["credit_czk"], credit["credit_eur"], credit["currency"]) == ("1.45", "0", "czk")
    assert credit["tz"] == "Europe/Bratislava"
    assert asked.get("/apikey/me")["me"]["account"] == "prepaid"


def test_credit_without_end_is_a_postpaid_account(asked: Asked) -> None:
    assert asked.get("/credit")["credit"]["credit_czk"] == "0"
    assert asked.get("/apikey/me")["me"]["account"] == "postpaid"


def test_prices_are_those_that_are_charged(asked: Asked) -> None:
    prices = asked.get("/credit/prices")["prices"]
    assert prices.keys() == {"sms", "smsdirect", "smscustom", "viber"}
    asked.send(NUMBER)
    asked.send(NUMBER, flow=[{"viber": {"sender": "Bistro"}}])
    charged = [message.prices for message in asked.sandbox.messages]
    for channel, (czk, eur) in zip(("sms", "viber"), charged, strict=True):
        of_country = prices[channel]["420"]
        assert of_country == {"mcc": 230, "price_czk": float(czk), "price_eur": float(eur)}


def test_the_notice_is_kept_under_another_name(asked: Asked) -> None:
    assert asked.get("/credit/notify")["notify"] is None
    body = {"email": "a@example.com", "value": 50.5, "enable": True}
    assert asked.call("POST", "/credit/notify", body).json() == {"success": True}
    found = asked.get("/credit/notify")["notify"]
    assert found == {"email": "a@example.com", "value": 50.5, "enabled": True}


def test_a_changed_key_is_shown_and_followed(start: Start) -> None:
    asked = start(senders=frozenset({"Shop", "Bistro"}))
    url = "http://127.0.0.1:9/hook"
    body = {"default_callback_url": url, "note": "Shop", "default_callback_secret": "s"}
    assert asked.call("POST", "/apikey/update", body).json() == {"success": True}
    me = asked.get("/apikey/me")["me"]
    assert (me["note"], me["default_callback_url"]) == ("Shop", url)
    assert [each["value"] for each in me["senders"]] == ["Bistro", "Shop"]
    asked.send(sender="Shop")
    (delivery,) = asked.sandbox.deliveries
    assert delivery.target.url == url
    assert asked.sandbox._engine.accounts.of(asked.sandbox.inbox(KEY).key_fingerprint or "").secret

    cleared = {"default_callback_url": "", "note": "", "default_callback_secret": ""}
    assert asked.call("POST", "/apikey/update", cleared).status_code == 200
    me = asked.get("/apikey/me")["me"]
    assert (me["note"], me["default_callback_url"]) == ("", "")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/apikey/update", {"note": ""}),
        ("/apikey/update", {"default_callback_url": "ftp://a", "note": ""}),
        ("/apikey/update", {"default_callback_url": f"http://{'a' * 2048}", "note": ""}),
        ("/credit/notify", {"email": "a", "value": 0, "enable": True}),
        ("/credit/notify", {"email": "a", "value": 1, "enabled": True}),
    ],
)
def test_what_cannot_be_set_is_refused(asked: Asked, path: str, body: Any) -> None:
    answer = asked.call("POST", path, body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"message"}


def test_what_the_account_set_outlives_a_restart(tmp_path: Any) -> None:
    for visit in range(2):
        with Sandbox(clock="manual", now=NOON, data=tmp_path / "data") as sandbox:
            asked = Asked(sandbox)
            if visit == 0:
                asked.call(
                    "POST",
                    "/credit/notify",
                    {"email": "a@example.com", "value": 5, "enable": False},
                )
                asked.call("POST", "/apikey/update", {"default_callback_url": "", "note": "Shop"})
                asked.call("POST", "/blacklist", {"to": NUMBER})
                asked.call("POST", "/optout", {"to": NUMBER})
            asked.close()
            account = next(iter(sandbox._engine.accounts))
            assert (account.note, account.notice) == (
                "Shop",
                {"email": "a@example.com", "value": 5, "enabled": False},
            )
            assert account.blacklisted == account.opted_out == {NUMBER}
