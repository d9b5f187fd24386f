"""The checks of a receiver: signatures, callback tokens, Basic authentication."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from smsmanager.errors import ConfigurationError
from smsmanager.ids import reference_of
from smsmanager.webhooks._basic_auth import (
    AUTHORIZATION_HEADER,
    CHALLENGE,
    credentials,
    is_authorized,
)
from smsmanager.webhooks._events import Event, UnknownEvent
from smsmanager.webhooks._signatures import (
    SIGNATURE_HEADER,
    Secrets,
    secret_bytes,
    verify_signature,
)
from smsmanager.webhooks._webhook_errors import CallbackRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager.webhooks._callbacks import CallbackSigner

    Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

_logger = logging.getLogger("smsmanager.webhooks")


class RefusedError(Exception):
    """A request is refused.

    Attributes:
        status: Status of the answer.
        headers: Additional headers of the answer.
    """

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep the answer."""
        super().__init__(text)
        self.status = status
        self.headers = headers


class Trust:
    """Decides whether a request is trusted; every configured check must pass.

    Args:
        signature_secrets: Secrets of `X-Request-Signature`.
        callbacks: Signer of the callback URLs.
        basic_auth: Users and passwords.
        insecure: Whether to accept requests without any check.

    Raises:
        ConfigurationError: If there is no check and `insecure` is False, or a check is invalid.
    """

    def __init__(
        self,
        signature_secrets: Secrets | None,
        callbacks: CallbackSigner | None,
        basic_auth: Secrets | None,
        *,
        insecure: bool,
    ) -> None:
        if signature_secrets is None and callbacks is None and basic_auth is None and not insecure:
            raise ConfigurationError(
                "This receiver would believe anyone. Pass signature_secrets= (the callback secret of your "
                "API key), callbacks=CallbackSigner(...) and send with the same signer, or basic_auth= (user "
                "and password of your URL at the service). To accept any request, pass insecure=True."
            )
        self._secrets = None if signature_secrets is None else secret_bytes(signature_secrets)
        self._callbacks = callbacks
        self._basic_auth = () if basic_auth is None else credentials(basic_auth)

    def __repr__(self) -> str:
        """Name the checks, without their secrets."""
        found = (
            ("signature", self._secrets),
            ("callbacks", self._callbacks),
            ("basic_auth", self._basic_auth),
        )
        return repr([name for name, check in found if check])

    def reference(self, headers: Headers, query: str | bytes, body: bytes) -> str | None:
        """Return the reference of the one message that a sender may report on; None for any message.

        Raises:
            RefusedError: If the sender cannot be trusted.
        """
        if self._secrets is not None and not verify_signature(
            body, header(headers, SIGNATURE_HEADER), self._secrets
        ):
            raise not_trusted("its signature is missing or wrong")
        reference = None
        authorization = header(headers, AUTHORIZATION_HEADER)
        is_known = not self._basic_auth or is_authorized(authorization, self._basic_auth)
        if self._callbacks is not None:
            try:
                reference = self._callbacks.verify(query).reference
            except CallbackRefusedError as error:
                raise not_trusted(f"its callback token is {error.reason}") from None
            is_known = is_known and self._callbacks.is_authorized(authorization)
        if not is_known:
            raise not_trusted("its user or password is missing or wrong", CHALLENGE)
        return reference

    def event_fields(self, query: str | bytes) -> str:
        """Return the fields of a query string that belong to an event."""
        if self._callbacks is not None:
            return self._callbacks.event_fields(query)
        return query.decode("utf-8", "replace") if isinstance(query, bytes) else query


def check_events(events: Iterable[Event], reference: str | None) -> None:
    """Refuse events that are not about the message with this reference; None allows any.

    Raises:
        RefusedError: If there is such an event.
    """
    if reference is not None and not all(_is_about(event, reference) for event in events):
        raise not_trusted("an event is about a message that its callback token does not allow")


def _is_about(event: Event, reference: str) -> bool:
    if isinstance(event, UnknownEvent):
        # An unknown event changes no state, and most name no message.
        payload = event.raw.get("payload") if isinstance(event.raw, dict) else None
        return reference_of(payload) in {None, reference}
    return getattr(event, "reference", None) == reference


def not_trusted(reason: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """Log why a request is refused; return the exception to raise, which does not repeat the reason."""
    _logger.warning("A webhook was refused: %s.", reason)
    return RefusedError(401, "The request is not trusted.", headers)


def header(headers: Headers, name: str) -> str | None:
    """Return the value of a header; None if it is missing, or appears twice."""
    pairs: Any = headers.items() if isinstance(headers, Mapping) else headers
    found = [value for key, value in pairs if _text(key).lower() == name.lower()]
    return _text(found[0]) if len(found) == 1 else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
