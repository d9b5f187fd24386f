"""Turn JSON about the account and its lists into typed answers, as leniently as JSON about messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smsmanager.asking import _read_answers as read
from smsmanager.asking.account_facts import (
    CountryPrice,
    Credit,
    CreditNotice,
    KeyFacts,
    Price,
    Prices,
    RegisteredSender,
    Scope,
)
from smsmanager.asking.number_lists import CheckProblem, CheckResult, ListAddition, ListRemoval
from smsmanager.webhooks._lenient_values import money_of, text_of, whole_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCOPES = {str(member): member for member in Scope}


def credit(answer: Mapping[str, Any]) -> Credit:
    """Return the credit."""
    value = read.fields(answer.get("credit"))
    get = value.get
    return Credit(
        czk=money_of(get("credit_czk")),
        eur=money_of(get("credit_eur")),
        currency=text_of(get("currency")),
        billing_id=text_of(get("billing_id")),
        has_vat=read.flag(get("vat")),
        time_zone=text_of(get("tz")),
        price_levels=read.mapped(get("priceLevels"), whole_of),
        raw=value,
    )


def prices(answer: Mapping[str, Any]) -> Prices:
    """Return the prices."""
    value = read.fields(answer.get("prices"))
    channels = {
        channel: {
            code: CountryPrice(
                calling_code=code,
                mcc=whole_of(country.get("mcc")),
                networks=read.mapped(country.get("operators"), _price),
                **_amounts(country),
            )
            for code, country in read.fields(countries).items()
            if isinstance(country, dict)
        }
        for channel, countries in value.items()
    }
    return Prices(channels, value)


def _amounts(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"czk": money_of(value.get("price_czk")), "eur": money_of(value.get("price_eur"))}


def _price(value: object) -> Price | None:
    return Price(**_amounts(value)) if isinstance(value, dict) else None


def credit_notice(answer: Mapping[str, Any]) -> CreditNotice | None:
    """Return when an e-mail warns of low credit; None if that was never set up."""
    value = answer.get("notify")
    if not isinstance(value, dict):
        return None
    return CreditNotice(
        email=text_of(value.get("email")),
        value=money_of(value.get("value")),
        is_enabled=read.flag(value.get("enabled", value.get("enable"))),
    )


def key_facts(answer: Mapping[str, Any]) -> KeyFacts:
    """Return the key's account and permissions."""
    value = read.fields(answer.get("me"))
    get = value.get
    scope = text_of(get("scope"))
    return KeyFacts(
        account=text_of(get("account")),
        scope=None if scope is None else _SCOPES.get(scope, scope),
        is_blocked=read.flag(get("is_blocked")),
        senders=tuple(
            RegisteredSender(
                channel=read.gateway(sender.get("flow")),
                value=text_of(sender.get("value")),
                name=text_of(sender.get("name")),
            )
            for sender in read.items(get("senders"))
        ),
        shares_senders=read.flag(get("share_senders")),
        default_callback_url=text_of(get("default_callback_url")) or None,
        note=text_of(get("note")),
        has_vat=read.flag(get("vat")),
        currency=text_of(get("currency")),
        time_zone=text_of(get("tz")),
        raw=value,
    )


def list_addition(answer: Mapping[str, Any]) -> ListAddition:
    """Return what was added to a list."""
    return ListAddition(
        accepted=whole_of(answer.get("accepted")), invalid=read.texts(answer.get("invalid"))
    )


def list_removal(name: str, answer: Mapping[str, Any]) -> ListRemoval:
    """Return what was removed from the list of this name."""
    value = read.fields(answer.get(name))
    return ListRemoval(
        removed=whole_of(value.get("removed")),
        remaining=whole_of(value.get("remaining")),
        invalid=read.texts(value.get("invalid")),
        is_wiped=read.flag(value.get("wiped")) is True,
    )


def check_result(answer: Mapping[str, Any]) -> CheckResult:
    """Return the service's findings; a message is right only if the answer says so and names no problem."""
    found = read.fields(answer.get("validate"))
    positions = {
        name: tuple(
            at
            for item in read.items(found.get(name))
            if (at := whole_of(item.get("key"))) is not None
        )
        for name in ("accepted", "rejected")
    }
    problems = tuple(
        CheckProblem(
            index=whole_of(item.get("key")),
            field=text_of(item.get("field")),
            text=text_of(item.get("message")),
            code=text_of(item.get("code")),
        )
        for item in read.items(found.get("errors"))
    )
    is_right = answer.get("success") is True and not problems and not positions["rejected"]
    return CheckResult(is_right=is_right, problems=problems, raw=dict(answer), **positions)
