"""Answer questions about the account: its credit, its prices, its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsmanager.sandbox._operations.answers import Answer
from smsmanager.sandbox._operations.request_content import RefusedError
from smsmanager.sandbox.engine.records.webhook_events import COUNTRIES

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.asked.rest_operations import Question
    from smsmanager.sandbox.engine.pricing import PriceList
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.journey import Price

# As the REST API names them, and as the price list does.
_CHANNELS = {
    "sms": "sms:high",
    "smsdirect": "sms:direct",
    "smscustom": "sms:custom",
    "viber": "viber",
}
_OF_THE_ACCOUNT = {"vat": "1", "currency": "czk"}
_MAX_URL_LENGTH = 2048


def credit(question: Question) -> Answer:
    """Return the credit; an account whose credit never runs out has none to show."""
    left = question.account.credit
    shown = {
        "credit_czk": "0" if left is None else str(left),
        "credit_eur": "0",
        "billing_id": "1",
        **_OF_THE_ACCOUNT,
        "tz": question.settings.zone,
        "priceLevels": {},
    }
    return Answer(200, {"success": True, "credit": shown})


def prices(question: Question) -> Answer:
    """Return the price of one part, by channel and country; the sandbox has the same for all countries."""
    table: JsonObject = {}
    for channel, price in prices_by_channel(question.engine.flow.prices).items():
        amounts = {"price_czk": float(price.czk), "price_eur": float(price.eur)}
        table[channel] = {code: {"mcc": mcc, **amounts} for code, mcc in COUNTRIES.items()}
    return Answer(200, {"success": True, "prices": table})


def prices_by_channel(prices: PriceList) -> dict[str, Price]:
    """Return the price of one part, by channel as the REST API names it."""
    return {shown: prices.of_part(name) for shown, name in _CHANNELS.items()}


def notice(question: Question) -> Answer:
    """Return when an e-mail would warn of low credit."""
    return Answer(200, {"success": True, "notify": question.account.notice})


def set_notice(question: Question) -> Answer:
    """Keep when an e-mail would warn of low credit; the sandbox sends none."""
    given = question.given
    question.account.notice = {
        "email": given["email"],
        "value": given["value"],
        # Not `enable`, as in the request.
        "enabled": given["enable"],
    }
    return _changed(question)


def key(question: Question) -> Answer:
    """Return what the key is; an account without end of credit is a postpaid one."""
    account, senders = question.account, question.engine.settings.senders or ()
    shown = {
        "note": account.note,
        "default_callback_url": account.callback or "",
        "account": "postpaid" if account.credit is None else "prepaid",
        "scope": question.settings.scope,
        "share_senders": "1",
        "is_blocked": 0,
        "senders": [{"flow": "sms", "value": name, "name": name} for name in sorted(senders)],
        **_OF_THE_ACCOUNT,
        "tz": question.settings.zone,
    }
    return Answer(200, {"success": True, "me": shown})


def update_key(question: Question) -> Answer:
    """Change note, callback and secret; a `default_sender` changes nothing here."""
    given, account = question.given, question.account
    url: str = given["default_callback_url"]
    if url and not (url.startswith(("http://", "https://")) and len(url) <= _MAX_URL_LENGTH):
        raise RefusedError("/default_callback_url: is not an http or https address")
    account.callback, account.note = url or None, given["note"]
    if "default_callback_secret" in given:
        account.secret = given["default_callback_secret"] or None
    return _changed(question)


def _changed(question: Question) -> Answer:
    question.engine.feed.publish("settings", question.account.fingerprint)
    return Answer(200, {"success": True})
