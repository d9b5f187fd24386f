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
├── PartialSendError              one of several requests failed            `client.resume(error)`
└── IncompleteSendError           not every recipient was accepted          see each recipient
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smsmanager.results import SendResult


class SmsManagerError(Exception):
    """Base of every exception of this library.

    Attributes:
        safe_to_retry: Whether the same call can be repeated without sending any message twice.
        request_may_be_taken: Whether the service may have taken the request that failed.
        result: What is known about each recipient; None if the call failed before it had any.
        references: The caller's ids for the messages that have one.
    """

    safe_to_retry: bool = False
    request_may_be_taken: bool = False

    def __init__(self, text: str, result: SendResult | None = None, **facts: Any) -> None:
        super().__init__(text)
        self.result = result
        self.references: tuple[str, ...] = () if result is None else result.references
        # The attributes that the class declares.
        self.__dict__.update(facts)

    def __reduce__(self) -> tuple[Any, ...]:
        """Support `pickle`: constructors of subclasses do not take the text that `args` holds."""
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[SmsManagerError], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(SmsManagerError):
    """The client cannot work as it is configured; nothing was sent."""


class ValidationError(SmsManagerError, ValueError):
    """A message failed the local checks; nothing was sent.

    Attributes:
        problems: Every problem found, as `(field, text)`. `field` is a path such as `flow[0].viber.body`. The
            text never contains a value.
    """

    def __init__(self, problems: Sequence[tuple[str, str]], references: Iterable[str] = ()) -> None:
        lines = [f"{field}: {text}" for field, text in problems[:5]]
        if len(problems) > len(lines):
            lines.append(f"and {len(problems) - len(lines)} more, see .problems")
        super().__init__("Nothing was sent. " + "; ".join(lines))
        self.problems = tuple(problems)
        self.references = tuple(dict.fromkeys(references))

    @property
    def field(self) -> str:
        """Path of the first field that has a problem."""
        return self.problems[0][0]


class NotSentError(SmsManagerError):
    """Nothing was sent, for instance because no connection could be made; the call can be repeated."""

    safe_to_retry = True


class OutcomeUnknownError(SmsManagerError):
    """The request was sent, but its outcome is unknown; repeating it can send every message in it twice.

    Attributes:
        status_code: HTTP status of the answer, such as that of a proxy; None if there was no answer.
    """

    request_may_be_taken = True
    status_code: int | None = None


class ResponseParseError(SmsManagerError):
    """The service answered 2xx, so it took the request, but the answer could not be read.

    Attributes:
        status_code: HTTP status of the answer.
        body: Bytes of the answer, at most `max_response_bytes`. They may hold personal data.
    """

    request_may_be_taken = True
    status_code: int
    body: bytes


class ApiError(SmsManagerError):
    """The service refused the request; nothing was sent.

    Attributes:
        status_code: HTTP status of the answer.
        message: The service's reason, if any. The exception's text leaves out what repeats the request.
        request_id: Id of the request, if the service gave one.
        body: Bytes of the answer, at most `max_response_bytes`. They may hold personal data.
        headers: Headers of the answer; names in lower case.
        retry_after_s: Seconds that the service asked to wait (only with 429, 500 and 503), or None.
    """

    status_code: int
    message: str | None = None
    request_id: str | None = None
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    retry_after_s: float | None = None


class BadRequestError(ApiError):
    """400: the request is wrong; repeating it unchanged does not help."""


class AuthenticationError(ApiError):
    """401, 403, or a 400 about the key: the API key is missing, wrong or not allowed to do this."""


class UnsupportedMediaTypeError(ApiError):
    """415: the operation requires another content type."""


class RateLimitError(ApiError):
    """429: too many requests; repeat the request after a wait."""

    safe_to_retry = True


class ServiceError(ApiError):
    """500 or 503: a problem at the service (guide, "Error handling"); repeat the request after a wait."""

    safe_to_retry = True


def counted(counts: Mapping[str, int]) -> str:
    """Return counts in words: `{"accepted": 2, "not_sent": 1}` becomes `2 accepted, 1 not sent`."""
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


class PartialSendError(SmsManagerError):
    """One of several requests failed after others had been answered.

    Repeating the whole call would send some messages twice; `client.resume(error)` sends only the rest.

    Attributes:
        error: The failure of that request; also `__cause__`.
    """

    result: SendResult

    def __init__(self, error: SmsManagerError, result: SendResult) -> None:
        super().__init__(
            f"One of several requests failed ({type(error).__name__}). Recipients: "
            f"{counted(result.counts())}. client.resume(error) sends to those that were certainly not "
            "accepted; the failure itself is .error.",
            result,
        )
        self.error = error


class IncompleteSendError(SmsManagerError):
    """Not every recipient was accepted; `result` shows which."""

    result: SendResult

    def __init__(self, result: SendResult) -> None:
        super().__init__(
            f"Not every recipient was accepted; of {len(result)}: {counted(result.counts())}. "
            "client.resume(result) sends to rejected ones again. Unconfirmed ones may have been accepted: "
            "wait for their delivery reports.",
            result,
        )
