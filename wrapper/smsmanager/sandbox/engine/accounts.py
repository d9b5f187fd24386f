"""Hold what belongs to one API key: credit, opt-outs, callback, counts, what came in."""

from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.sandbox._outcomes import State
from smsmanager.sandbox.engine.settings import Settings

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.incoming import IncomingMessage


class Account:
    """Hold the account of one API key.

    The engine guards it; what is read from another thread may be a moment old.

    Attributes:
        fingerprint: First 12 hex digits of the SHA-256 of the API key.
        credit: CZK that are left; `None` never runs out.
        callback: URL for what no message names a callback for.
        secret: Signs webhooks; `None` leaves them unsigned.
        opted_out: Numbers that opted out of promotional messages.
        counts: How many of the messages that are kept are in which state.
        spent_czk: What they cost, in CZK.
        spent_eur: What they cost, in EUR.
        incoming: Replies and unsolicited messages, oldest first.
        identical: Times of identical messages, by number and hash of their text.
        wrote_at: When a number wrote last, in Unix seconds.
    """

    def __init__(self, fingerprint: str, settings: Settings, max_incoming: int) -> None:
        """Start with what the settings say."""
        self.fingerprint = fingerprint
        self.credit = settings.credit
        self.callback = settings.callback
        self.secret = settings.secret
        self.opted_out: set[str] = set()
        self.counts: dict[State, int] = dict.fromkeys(State, 0)
        self.spent_czk = Decimal(0)
        self.spent_eur = Decimal(0)
        self.incoming: deque[IncomingMessage] = deque(maxlen=max_incoming)
        self.identical: dict[tuple[str, int], deque[float]] = {}
        self.wrote_at: dict[str, float] = {}

    def as_json(self) -> dict[str, Any]:
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
            "callback": self.callback,
            "signed": self.secret is not None,
            "opted_out": sorted(self.opted_out),
        }


@attrs.define(eq=False)
class Accounts:
    """Keep the accounts; each is made when its key is first used.

    Attributes:
        settings: What a new account starts with.
        max_incoming: How many incoming messages an account keeps.
    """

    settings: Settings
    max_incoming: int
    _by_key: dict[str, Account] = attrs.field(factory=dict, init=False, repr=False)

    def of(self, fingerprint: str) -> Account:
        """Return the account of a key."""
        account = self._by_key.get(fingerprint)
        if account is None:
            account = Account(fingerprint, self.settings, self.max_incoming)
            self._by_key[fingerprint] = account
        return account

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
