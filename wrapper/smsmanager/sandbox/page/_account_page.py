"""Show prices, credit and lists as the account sees them through the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox._operations.asked.account_questions import prices_by_channel
from smsmanager.sandbox._operations.asked.blocked_numbers import LISTS, numbers_of
from smsmanager.sandbox.engine.records import hidden_passwords

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.page._query import Query

_SHOWN = 200


@attrs.frozen(kw_only=True)
class AccountFacts:
    """What one API key can see of its account.

    Attributes:
        key: Fingerprint of the key.
        facts: Names and values of `/credit` and `/apikey/me`.
        lists: Each list: its name, its first numbers, and how many more it has.
    """

    key: str
    facts: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    lists: tuple[tuple[str, tuple[str, ...], int], ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class AccountPage:
    """Prices by channel, and what each key can see of its account."""

    prices: tuple[tuple[str, str], ...]
    accounts: tuple[AccountFacts, ...] = attrs.field(repr=False)


def account_page(service: Service, query: Query) -> AccountPage:
    """Return the account of the chosen key, or the accounts of all keys."""
    engine = service.engine
    with engine.lock:
        prices = prices_by_channel(engine.flow.prices)
        return AccountPage(
            prices=tuple((name, words.price(price.czk)) for name, price in prices.items()),
            accounts=tuple(_facts(engine, found) for found in engine.accounts.chosen(query.key)),
        )


def _facts(engine: Engine, account: Account) -> AccountFacts:
    rest = engine.settings.rest
    left = "never runs out" if account.credit is None else words.price(account.credit)
    facts = (
        ("Credit left", left),
        ("Time zone", rest.zone),
        ("The key may", "send only" if rest.scope == "api" else "send and change settings"),
        ("Webhooks go to", hidden_passwords.address(account.callback or "where each message says")),
        ("Note", account.note or "none"),
    )
    lists = []
    for name in LISTS:
        numbers = sorted(numbers_of(account, name))
        lists.append((name, tuple(numbers[:_SHOWN]), max(0, len(numbers) - _SHOWN)))
    return AccountFacts(key=account.fingerprint, facts=facts, lists=tuple(lists))
