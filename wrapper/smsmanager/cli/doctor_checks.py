"""The checks of `smsmanager doctor`, which cannot send anything.

The one request is `POST /messages` with the body `[]`. An array without a message cannot send one, whether or
not the service refuses it (it takes 1 to 10 messages). A wrong key gets its own documented answer, so another
400 suggests that the key was accepted. It proves no more than that: the service does not say whether it
checks the key or the body first, and it checks credit, senders and routing later, and only for messages;
`doctor_account` asks about these.

Source: SmsManager API reference, "Send a batch of messages" and "Authentication".
"""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

import attrs
import httpx

from smsmanager._config import Settings, __version__
from smsmanager._message.checks import sender_problems
from smsmanager._transport.environment import proxy_for, trust
from smsmanager._transport.statuses import error_for_status
from smsmanager.errors import AuthenticationError, BadRequestError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.cli.target import Target

NOTHING_TO_SEND = b"[]"
"""A batch without a message."""
MOST_SKEW_S = 30.0
"""A clock that is off by more gets a warning; one minute decides whether a message is scheduled."""
FEWEST_DAYS = 14
"""A certificate that expires sooner gets a warning."""
_TIMEOUT_S = 15.0


@attrs.frozen
class Finding:
    """The result of one check.

    Attributes:
        check: The subject of the check.
        state: `ok`, `warning` or `failed`.
        text: The findings; they contain no secret.
    """

    check: str
    state: Literal["ok", "warning", "failed"]
    text: str


def check_all(target: Target, sender: str | None) -> list[Finding]:
    """Run every check.

    Args:
        target: Where requests go, and the key.
        sender: The sender that messages will have; None for the account's default.
    """
    version = f"smsmanager {__version__}, Python {platform.python_version()}"
    findings = [Finding("version", "ok", version), _sender(sender)]
    try:
        options = Settings.complete(target.api_key, target.base_url, {})
    except ConfigurationError as error:
        return [*findings, Finding("settings", "failed", str(error))]
    findings.append(Finding("base URL", "ok", options.base_url))
    findings.extend(_ask(options.base_url, dict(options.json_headers)))
    return findings


def _sender(sender: str | None) -> Finding:
    if not sender:
        return Finding("sender", "ok", "none given: the account's default is used")
    problem = next((text for _, text in sender_problems(sender, "sender")), None)
    if problem is not None:
        return Finding("sender", "failed", f"{sender} {problem}")
    return Finding("sender", "ok", f"{sender} has a valid length")


def _ask(base_url: str, headers: dict[str, str]) -> Iterator[Finding]:
    try:
        with httpx.Client(
            timeout=_TIMEOUT_S,
            follow_redirects=False,
            # As in a client of this library: never for this machine, and errors name the wrong variable.
            proxy=proxy_for(base_url),
            verify=trust(verify=True),
            trust_env=False,
        ) as http:
            before = datetime.now(UTC)
            with http.stream(
                "POST",
                f"{base_url}/messages",
                content=NOTHING_TO_SEND,
                headers={**headers, "content-type": "application/json"},
            ) as answer:
                after = datetime.now(UTC)
                secured = answer.extensions["network_stream"].get_extra_info("ssl_object")
                body = next(answer.iter_bytes(64 * 1024), b"")
    except ConfigurationError as error:
        yield Finding("connection", "failed", str(error))
        return
    except httpx.HTTPError as error:
        text = (
            f"no answer ({type(error).__name__}): check the network, the proxy and the certificates"
        )
        yield Finding("connection", "failed", text)
        return
    yield Finding("connection", "ok", f"answered with status {answer.status_code}")
    yield _encryption(secured)
    yield _key(answer, body)
    yield _clock(answer.headers.get("date"), before, after)


def _encryption(secured: Any) -> Finding:
    if secured is None:
        return Finding("TLS", "ok", "none: the host is this machine")
    certificate = secured.getpeercert() or {}
    text = f"{secured.version()}, certificate verified"
    if ends := certificate.get("notAfter"):
        end = datetime.strptime(ends, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)
        days = (end - datetime.now(UTC)).days
        if days < FEWEST_DAYS:
            return Finding("TLS", "warning", f"{text}, but only for {days} more days")
    return Finding("TLS", "ok", text)


def _key(answer: httpx.Response, body: bytes) -> Finding:
    if answer.is_success:
        return Finding("key", "ok", "accepted")
    error = error_for_status(answer.status_code, answer.headers, body, private=(), now_s=0.0)
    if isinstance(error, AuthenticationError):
        return Finding("key", "failed", "the service refuses it")
    if isinstance(error, BadRequestError):
        return Finding("key", "ok", "accepted: the service refused only the empty list")
    text = f"this answer does not say ({type(error).__name__}); try again later"
    return Finding("key", "warning", text)


def _clock(date: str | None, before: datetime, after: datetime) -> Finding:
    """Compare the time of the answer, in whole seconds, with the local clock."""
    try:
        theirs = parsedate_to_datetime(date or "")
        early, late = (before - theirs).total_seconds(), (after - theirs).total_seconds()
    except (TypeError, ValueError):
        return Finding("clock", "warning", "the answer has no time to compare with")
    # The clock is right if some moment of the request is within the second that the answer names.
    skew = max(early - 1, 0.0) if early > 0 else min(late, 0.0)
    if abs(skew) <= MOST_SKEW_S:
        return Finding("clock", "ok", f"within {MOST_SKEW_S:.0f} s of the service's")
    side = "ahead of" if skew > 0 else "behind"
    text = f"{abs(skew):.0f} s {side} the service's: scheduled times will be off"
    return Finding("clock", "warning", text)
