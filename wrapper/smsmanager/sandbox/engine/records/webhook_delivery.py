"""Define a webhook: where it goes, what it carries, and the attempts to deliver it."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from smsmanager.sandbox.engine.records import hidden_passwords, webhook_events
from smsmanager.sandbox.engine.records.unix_time import iso, moment

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.journey import Entry
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

    Subject: TypeAlias = ReceivedMessage | IncomingMessage

DeliveryState: TypeAlias = Literal["waiting", "delivered", "given_up", "blocked"]

USER_AGENT = "SmsManager-Webhook/1.0"
SIGNATURE = "X-Request-Signature"
TIMEOUT_S = 5.0
"""How long an answer may take, according to the notes of an independent client; see `docs/sandbox.md`."""

# A media type; earlier versions of the description in this package had the short name.
_FORMS = frozenset({"application/x-www-form-urlencoded", "form"})
# Headers of the connection, which a callback cannot set.
_KEPT_HEADERS = frozenset({"connection", "content-length", "host", "transfer-encoding"})


@attrs.frozen
class Target:
    """Where and how webhooks go.

    Attributes:
        url: Address.
        method: HTTP method.
        content_type: `"json"` or `"form"`; with GET, the fields of the form are in the query.
        headers: Further headers.
        batch_size: How many events one request may carry.
        timeout_s: How long an answer may take.
        templates: Templates of one event and of the whole body, as JSON; `null` for none.
    """

    url: str = attrs.field(repr=False)
    method: str = "POST"
    content_type: webhook_events.ContentType = "json"
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    batch_size: int = 1
    timeout_s: float = TIMEOUT_S
    templates: tuple[str, str] | None = None

    @classmethod
    def of(cls, callback: object) -> Target:
        """Return the target of a `callback`, as text or as an object.

        If another description than the built-in one is used, whatever makes sense of it is taken.
        """
        if isinstance(callback, str):
            return _plain(callback)
        if not isinstance(callback, dict):
            return _plain(str(callback))
        method = str(callback.get("method", "POST"))
        form = method == "GET" or callback.get("content_type") in _FORMS
        headers = callback.get("headers")
        item, body = callback.get("item"), callback.get("body")
        given = item is not None or body is not None
        return cls(
            url=str(callback.get("url", "")),
            method=method,
            content_type="form" if form else "json",
            headers=tuple((n, str(v)) for n, v in headers.items())
            if isinstance(headers, dict)
            else (),
            # The fields of two events would have the same names.
            batch_size=1 if form else int(_between(1, callback.get("batch_size"), 500, usual=1)),
            timeout_s=_between(1000, callback.get("timeout_ms"), 10_000, usual=TIMEOUT_S * 1000)
            / 1000,
            templates=(json.dumps(item), json.dumps(body)) if given else None,
        )


def _between(least: float, value: object, most: float, *, usual: float) -> float:
    return min(max(value, least), most) if isinstance(value, int | float) else usual


@functools.lru_cache(maxsize=256)
def _plain(url: str) -> Target:
    return Target(url)


@attrs.frozen
class Attempt:
    """One attempt to deliver a webhook.

    Attributes:
        at: Unix seconds.
        status: HTTP status of the answer; `None` without one.
        error: Why there was no answer; `None` if there was one.
        latency_ms: How long it took, in real time.
        by_hand: Whether someone requested it.
    """

    at: float
    status: int | None
    error: str | None
    latency_ms: float
    by_hand: bool = False

    def as_json(self) -> JsonObject:
        """Return the attempt as the JSON API shows it."""
        return {**attrs.asdict(self), "at": iso(moment(self.at))}


# Pickled like any object with slots, as in earlier versions.
@attrs.define(eq=False, getstate_setstate=False, weakref_slot=False)
class Delivery:
    """One webhook and its attempts.

    Attributes:
        id: Number with which it can be sent again.
        key_fingerprint: Inbox that it belongs to.
        request_id: `X-Request-Id`, the same in all attempts.
        target: Where it goes.
        due: When the next attempt is due, in Unix seconds; `None` without one.
        items: What it is about: the message with the entry of its timeline, or the incoming message.
        attempts: The attempts made so far.
        state: `"waiting"` for an attempt, `"delivered"` (a 2xx), `"given_up"` after the last attempt,
            or `"blocked"`, because its host is not allowed.
        retries: How many of the retries were used.
    """

    id: int
    key_fingerprint: str
    request_id: str
    target: Target
    due: float | None
    items: list[tuple[Subject, Entry | None]] = attrs.field(factory=list, repr=False)
    attempts: list[Attempt] = attrs.field(factory=list)
    state: DeliveryState = "waiting"
    retries: int = 0

    @property
    def sequence(self) -> int:
        """Position in the order in which webhooks were created: the `id`."""
        return self.id

    @property
    def events(self) -> list[JsonObject]:
        """The events that it carries."""
        return [webhook_events.event_of(subject, entry) for subject, entry in tuple(self.items)]

    def content(self) -> tuple[str, bytes]:
        """Return media type and bytes of its body."""
        # Earlier versions pickled targets without templates.
        templates: tuple[str, str] | None = getattr(self.target, "templates", None)
        item, body = (None, None) if templates is None else map(json.loads, templates)
        return webhook_events.encode(self.events, self.target.content_type, item, body)

    def headers(self, secret: str | None) -> dict[str, str]:
        """Return its headers.

        Args:
            secret: Secret of the account, for the signature.
        """
        media_type, content = self.content()
        own = {
            "User-Agent": USER_AGENT,
            "X-Request-Id": self.request_id,
            "Content-Type": media_type,
        }
        # Callbacks by GET are never signed, as other clients have observed.
        if secret is not None and self.target.method != "GET":
            own[SIGNATURE] = signature(secret, content)
        kept = _KEPT_HEADERS | {name.lower() for name in own}
        further = {n: value for n, value in self.target.headers if n.lower() not in kept}
        return {**further, **own}

    def as_json(self) -> JsonObject:
        """Return the webhook as the JSON API shows it."""
        return {
            "id": self.id,
            "key_fingerprint": self.key_fingerprint,
            "request_id": self.request_id,
            "url": hidden_passwords.address(self.target.url),
            "method": self.target.method,
            "state": self.state,
            "next_attempt_at": None if self.due is None else iso(moment(self.due)),
            "attempts": [attempt.as_json() for attempt in tuple(self.attempts)],
            "events": self.events,
            # With templates, the body differs from the events.
            **({"body": self.content()[1].decode()} if self.target.templates else {}),
        }


def signature(secret: str, content: bytes) -> str:
    """Return `X-Request-Signature`: lower-case hex HMAC-SHA256 of the raw body.

    Independent of `smsmanager.webhooks` on purpose: a stand-in for the service must check the receiver, not
    agree with it.
    """
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
