"""The questions that `smsmanager doctor` asks the REST API: the key, its senders, its webhooks, the credit.

Source: SmsManager REST API reference, "Get API key" and "Get credit".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from smsmanager import SmsManager, SmsManagerError
from smsmanager.cli.doctor_checks import Finding
from smsmanager.cli.terminal_text import visible
from smsmanager.errors import AuthenticationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.asking import Credit, KeyFacts
    from smsmanager.cli.target import Target

_MOST_SENDERS = 10


def check_account(target: Target, sender: str | None) -> Iterator[Finding]:
    """Ask about the key and the account; nothing is changed.

    Args:
        target: Where requests go, and the key.
        sender: The sender that messages will have; None for the account's default.

    Yields:
        The findings; one warning if the service cannot be asked.
    """
    try:
        with SmsManager(target.api_key, base_url=target.base_url) as client:
            key = client.service.me()
            yield from _key(key)
            yield _registered(key, sender)
            yield _webhooks(key)
            yield _credit(client.service.credit(), key)
    except AuthenticationError:
        yield Finding("account", "failed", "the REST API refuses the key")
    except SmsManagerError as error:
        yield Finding("account", "warning", f"could not be asked: {visible(str(error))}")


def _key(key: KeyFacts) -> Iterator[Finding]:
    if key.is_blocked:
        yield Finding("account", "failed", "the key is blocked: nothing is sent with it")
    kind = f"{key.account}; " if key.account else ""
    may = {
        True: "may send, ask and change settings",
        False: "may send and ask, but not change settings",
        None: "what it may do is not known here",
    }[key.may_change_settings]
    scope = f" (scope {key.scope})" if key.scope else ""
    yield Finding("key may", "ok", visible(f"{kind}the key {may}{scope}"))


def _registered(key: KeyFacts, sender: str | None) -> Finding:
    names = [f"{each.value or each.name} ({each.channel})" for each in key.senders]
    listed = ", ".join(names[:_MOST_SENDERS])
    if len(names) > _MOST_SENDERS:
        listed += f" and {len(names) - _MOST_SENDERS} more"
    if not sender:
        text = f"registered: {listed}" if names else "none is registered for this key"
        return Finding("senders", "ok", visible(text))
    channels = sorted({str(s.channel) for s in key.senders if sender in {s.value, s.name}})
    if channels:
        return Finding("senders", "ok", visible(f"{sender} is registered: {', '.join(channels)}"))
    others = f"registered are: {listed}" if names else "none is registered"
    text = f"{sender} is not among the registered senders of this key; {others}"
    return Finding("senders", "warning", visible(text))


def _webhooks(key: KeyFacts) -> Finding:
    url = key.default_callback_url
    if not url:
        return Finding("webhooks", "ok", "go nowhere, unless a message names a callback")
    return Finding(
        "webhooks", "ok", visible(f"go to {_shown(url)}, unless a message says otherwise")
    )


def _shown(url: str) -> str:
    """Return a URL without the parts that may be secret: user and password, query, fragment."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    user = "…@" if "@" in parts.netloc else ""
    query = "?…" if parts.query else ""
    return f"{parts.scheme}://{user}{parts.hostname}{port}{parts.path}{query}"


def _credit(credit: Credit, key: KeyFacts) -> Finding:
    currency = (credit.currency or "").upper()
    if key.account != "prepaid":
        return Finding("credit", "ok", "the account is not prepaid")
    if credit.amount is None:
        return Finding("credit", "warning", "the service does not say how much is left")
    text = f"{credit.amount:,.2f} {currency} left"
    if credit.amount <= 0:
        return Finding("credit", "failed", f"{text}: messages would be rejected")
    return Finding("credit", "ok", text)
