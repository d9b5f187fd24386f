"""What can go wrong, and whether anything was sent.

```
SmsManagerError
├── ConfigurationError            no key, bad base URL, missing extra       nothing was sent
├── ValidationError (ValueError)  refused locally, names the field          nothing was sent
├── NotSentError                  no connection could be made               safe to repeat
├── OutcomeUnknownError           sent, but the answer was lost             do not repeat blindly
├── ResponseParseError            a 2xx that could not be read              taken; do not repeat
├── ApiError                      the service refused the request           nothing was sent
│   ├── BadRequestError           400
│   ├── AuthenticationError       401, 403, or the 400 that names the key
│   ├── UnsupportedMediaTypeError 415
│   ├── RateLimitError            429                                       safe to repeat after a wait
│   └── ServiceError              500, 503                                  safe to repeat after a wait
├── PartialSendError              one of several requests failed            resend only what is unsent
└── IncompleteSendError           `raise_if_incomplete()` found a gap       see each recipient
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smsmanager.results import SendResult


class SmsManagerError(Exception):
    """Base of everything this library raises.

    Attributes:
        safe_to_retry: Whether the same call can be repeated without any recipient getting a message twice.
        result: What is known of each recipient, in the order given, when the error came from sending; None
            before there were recipients.
        references: The caller's own ids of the messages, where there are any.
    """

    safe_to_retry: ClassVar[bool] = False
    request_may_be_taken: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        """Keep the text; `result` is filled in by the sending methods."""
        super().__init__(message)
        self.result: SendResult | None = None
        self.references: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive `pickle`: subclasses take other arguments than the text that `args` holds."""
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    cls: type[SmsManagerError], args: tuple[Any, ...], state: dict[str, Any]
) -> SmsManagerError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(SmsManagerError):
    """The client cannot work as it is set up; nothing was sent."""


class ValidationError(SmsManagerError, ValueError):
    """A message was refused before anything was sent.

    Attributes:
        problems: Every problem that was found, as `(field, text)` in the order of the fields. `field` is a
            path such as `to[3]` or `flow[0].viber.body`; no text repeats a value.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        """Build the text from the first problems."""
        shown = 5
        lines = [f"{field}: {text}" for field, text in problems[:shown]]
        if len(problems) > shown:
            lines.append(f"and {len(problems) - shown} more, see .problems")
        super().__init__("Nothing was sent. " + "; ".join(lines))
        self.problems = tuple(problems)

    @property
    def field(self) -> str:
        """Path of the first field that was refused."""
        return self.problems[0][0]


class NotSentError(SmsManagerError):
    """No connection could be made, so nothing was sent; the call can be repeated."""

    safe_to_retry = True


class OutcomeUnknownError(SmsManagerError):
    """The request went out and its outcome is not known: it may have been taken.

    The API has no idempotency key, so repeating the request can send every message in it twice.

    Attributes:
        status_code: The status that a proxy answered with, or None when there was no answer.
    """

    request_may_be_taken = True

    def __init__(self, message: str, *, status_code: int | None = None) -> None:
        """Keep the text and the status."""
        super().__init__(message)
        self.status_code = status_code


class ResponseParseError(SmsManagerError):
    """The service answered 2xx, so the request was taken, but the answer could not be read.

    Attributes:
        status_code: The status.
        body: The bytes that came, at most `max_response_bytes`; they may hold personal data.
    """

    request_may_be_taken = True

    def __init__(self, message: str, *, status_code: int, body: bytes) -> None:
        """Keep the text, the status and the bytes."""
        super().__init__(message)
        self.status_code = status_code
        self.body = body


class ApiError(SmsManagerError):
    """The service refused the request; nothing of it was taken.

    Attributes:
        status_code: The HTTP status.
        message: The service's own reason, or None; it is not part of the exception's text when it repeats
            something of the request.
        request_id: Id of the request, where the service names one.
        body: The bytes of the answer, at most `max_response_bytes`; they may hold personal data.
        headers: The headers of the answer, names in lower case.
    """

    def __init__(
        self,
        text: str,
        *,
        status_code: int,
        message: str | None = None,
        request_id: str | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the text and what came with it."""
        super().__init__(text)
        self.status_code = status_code
        self.message = message
        self.request_id = request_id
        self.body = body
        self.headers = dict(headers or {})


class BadRequestError(ApiError):
    """400: the request is wrong; repeating it unchanged cannot help."""


class AuthenticationError(ApiError):
    """The key is missing, wrong or not allowed to do this."""


class UnsupportedMediaTypeError(ApiError):
    """415: the content type is not the one the operation takes."""


class RateLimitError(ApiError):
    """429: too many requests; nothing was taken.

    Attributes:
        retry_after_s: Seconds to wait as the service asked, or None when it did not say.
    """

    safe_to_retry = True
    retry_after_s: float | None = None


class ServiceError(ApiError):
    """500 or 503: trouble at the service, documented as "wait and repeat the same request".

    Attributes:
        retry_after_s: Seconds to wait as the service asked, or None when it did not say.
    """

    safe_to_retry = True
    retry_after_s: float | None = None


class PartialSendError(SmsManagerError):
    """One of several requests failed after others were answered.

    `result` tells of each recipient whether it was accepted, rejected, unconfirmed, not sent or unknown. The
    failure itself is `__cause__`, and `error`. Repeating the whole call would send some messages twice.

    Attributes:
        error: The failure of the one request.
        result: What is known of each recipient.
    """

    result: SendResult

    def __init__(self, error: SmsManagerError, result: SendResult) -> None:
        """Count what the result tells and keep the failure."""
        counts = ", ".join(f"{count} {status}" for status, count in result.counts().items())
        super().__init__(
            f"One of several requests failed ({type(error).__name__}); of {len(result)} recipients: "
            f"{counts}. client.resume(error) sends to those that were certainly not taken; the failure "
            "itself is .error."
        )
        self.error = error
        self.result = result  # pyright: ignore[reportIncompatibleVariableOverride] - never None here
        self.references = result.references


class IncompleteSendError(SmsManagerError):
    """Not every recipient was accepted.

    Attributes:
        result: What is known of each recipient. Rejected ones were not taken and are meant to be sent again;
            unconfirmed ones may or may not have been taken.
    """

    result: SendResult

    def __init__(self, result: SendResult) -> None:
        """Count what the result tells."""
        counts = ", ".join(f"{count} {status}" for status, count in result.counts().items())
        super().__init__(
            f"Not every recipient was accepted; of {len(result)}: {counts}. Rejected ones were not taken and "
            "can be sent again; unconfirmed ones may have been taken, wait for their delivery reports."
        )
        self.result = result  # pyright: ignore[reportIncompatibleVariableOverride] - never None here
        self.references = result.references
