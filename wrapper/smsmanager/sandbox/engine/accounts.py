"""Define the account of one API key: credit, opt-outs, callback, counts, incoming messages."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.message_outcome import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.journey import Price
    from smsmanager.sandbox.engine.settings import Settings


class Account:
    """The account of one API key.

    The engine guards it; what is read from another thread may be a moment old.

    Attributes:
        fingerprint: First 12 hex digits of the SHA-256 of the API key.
        credit: Remaining CZK; `None` never runs out.
        callback: URL for webhooks of messages that name no callback.
        secret: Signs webhooks; `None` leaves them unsigned.
        opted_out: Numbers that opted out of promotional messages.
        blacklisted: Numbers that get no messages at all.
        note: What the account wrote about its key.
        notice: When an e-mail would warn of low credit: `email`, `value`, `enabled`; `None` if never set.
        counts: How many of the kept messages are in which state.
        spent_czk: What they cost, in CZK.
        spent_eur: What they cost, in EUR.
        incoming: Replies and unsolicited messages, oldest first.
        identical: Times of identical messages, by number and hash of their text.
        wrote_at: When a number wrote last, in Unix seconds.
    """

    def __init__(self, fingerprint: str, settings: Settings, max_incoming: int) -> None:
        self.fingerprint = fingerprint
        self.credit = settings.credit
        self.callback = settings.callback
        self.secret = settings.secret
        self.opted_out: set[str] = set()
        self.blacklisted = set(settings.blacklist)
        self.note = ""
        self.notice: JsonObject | None = None
        self.counts: dict[State, int] = dict.fromkeys(State, 0)
        self.spent_czk = Decimal(0)
        self.spent_eur = Decimal(0)
        self.incoming: deque[IncomingMessage] = deque(maxlen=max_incoming)
        self.identical: dict[tuple[str, int], deque[float]] = {}
        self.wrote_at: dict[str, float] = {}

    def can_pay(self, price: Price | None) -> bool:
        """Return whether the credit suffices; `None` is free of charge."""
        return price is None or self.credit is None or self.credit >= price.czk

    def pay(self, price: Price) -> None:
        """Take a price from the credit."""
        self.spent_czk += price.czk
        self.spent_eur += price.eur
        if self.credit is not None:
            self.credit -= price.czk

    def as_json(self) -> JsonObject:
        """Return the account as the JSON API shows it; the secret stays out."""
        counts = {state.value: count for state, count in self.counts.items() if count}
        return {
            "key_fingerprint": self.fingerprint,
            "messages": sum(counts.values()),
            "states": counts,
            "incoming": len(self.incoming),
            "credit_czk": None if self.credit is None else float(self.credit),
            "spent_czk": float(self.spent_czk),
            "spent_eur": float(self.spent_eur),
            "callback": self.callback and hidden_passwords.address(self.callback),
            "signed": self.secret is not None,
            "opted_out": sorted(self.opted_out),
            "blacklisted": sorted(self.blacklisted),
        }


@attrs.define(eq=False)
class Accounts:
    """The accounts; each is made when its key is first used.

    Attributes:
        settings: What a new account starts with.
        max_incoming: How many incoming messages an account keeps.
    """

    settings: Settings
    max_incoming: int
    _by_key: dict[str, Account] = attrs.field(factory=dict, init=False, repr=False)

    def take(self, settings: Settings) -> None:
        """Let new accounts begin with other settings; a changed blacklist goes for all."""
        if settings.blacklist != self.settings.blacklist:
            for account in self:
                account.blacklisted = set(settings.blacklist)
        self.settings = settings

    def of(self, fingerprint: str) -> Account:
        """Return the account of a key."""
        account = self._by_key.get(fingerprint)
        if account is None:
            account = Account(fingerprint, self.settings, self.max_incoming)
            self._by_key[fingerprint] = account
        return account

    def __len__(self) -> int:
        """Return how many keys were used."""
        return len(self._by_key)

    def chosen(self, fingerprint: str | None) -> list[Account]:
        """Return the account of a key that was used, or all for `None`."""
        return [account for account in self if fingerprint in {None, account.fingerprint}]

    def only(self) -> Account | None:
        """Return the account if exactly one key was used, else `None`."""
        return next(iter(self)) if len(self._by_key) == 1 else None

    def get(self, fingerprint: str) -> Account | None:
        """Return the account of a key that was used, else `None`."""
        return self._by_key.get(fingerprint)

    def __iter__(self) -> Iterator[Account]:
        """Yield the accounts in the order in which their keys were first used."""
        return iter(tuple(self._by_key.values()))

    def clear(self, fingerprint: str | None = None) -> None:
        """Forget one account, or all."""
        if fingerprint is None:
            self._by_key.clear()
        else:
            self._by_key.pop(fingerprint, None)
