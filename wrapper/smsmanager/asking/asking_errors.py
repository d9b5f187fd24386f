"""Errors of questions: whether anything was changed, and whether to ask again.

Most errors are those of `smsmanager.errors`, worded for a question. `safe_to_retry` depends on the
operation: a question can always be repeated, and so can a change that leaves the same state when it is
repeated. A 500 is temporary only for a question, because some changes report a refusal with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smsmanager._privacy import printable, strings_in
from smsmanager.errors import (
    ApiError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
)

if TYPE_CHECKING:
    from smsmanager.asking._questions import Question

_NOT_FOUND = 404
_SUCCESS = 200


class NoAnswerError(SmsManagerError):
    """The question left and its answer was lost. `safe_to_retry` says whether to ask again.

    Attributes:
        status_code: HTTP status of the answer, such as that of a proxy; None if there was no answer.
    """

    def __init__(self, message: str, *, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code


class NotOfferedError(ApiError):
    """404: the service does not offer this operation; only some of its pages describe it."""


class ListFormatError(SmsManagerError):
    """A downloaded list cannot be understood, so it is not known which numbers it blocks."""


def refusal_in_success(answer: dict[str, Any], private: list[str]) -> ApiError:
    """Return the exception for a 200 with `success: false`.

    Args:
        answer: The JSON of the answer.
        private: Strings that the exception's text must not repeat.
    """
    message = answer.get("message")
    said = printable(message, private) if isinstance(message, str) else ""
    reason = f': "{said}"' if said else ""
    text = f"The service answered 200, but refused{reason}. Nothing was changed."
    return ApiError(text, status_code=_SUCCESS, message=message if said else None)


def retold(error: SmsManagerError, question: Question, private: list[str]) -> SmsManagerError:
    """Return an error of the exchange, worded for a question, with advice on repeating it.

    Args:
        error: The error that the exchange raised, worded for a send.
        question: What was asked.
        private: Strings that the exception's text must not repeat: the key, and those of the question.
    """
    effect = question.effect
    told: SmsManagerError
    if isinstance(error, OutcomeUnknownError):
        told = NoAnswerError(
            f"{_first_sentence(error)}. {effect.when_lost}", status_code=error.status_code
        )
        told.safe_to_retry = effect.can_be_repeated
    elif isinstance(error, ResponseParseError):
        text = f"{_first_sentence(error)}. {effect.when_lost} A wrong rest_base_url can answer like this."
        told = ResponseParseError(text, status_code=error.status_code, body=error.body)
    elif isinstance(error, ApiError):
        told = _refused(error, question, private)
    else:
        if isinstance(error, NotSentError):
            error.result = None
        return error
    told.request_may_be_taken = effect.changes and not isinstance(error, ApiError)
    told.__cause__ = error.__cause__
    return told


def _refused(error: ApiError, question: Question, private: list[str]) -> ApiError:
    effect, status = question.effect, error.status_code
    said = printable(error.message, private) if error.message else ""
    reason = f': "{said}"' if said else ""
    kind = NotOfferedError if status == _NOT_FOUND else type(error)
    advice = ""
    if isinstance(error, ServiceError):
        advice = effect.when_500 if status == 500 else effect.when_lost  # noqa: PLR2004
    elif isinstance(error, RateLimitError):
        advice = "Nothing was changed. Ask again after a wait."
    elif status in {401, 403}:
        advice = (
            "Nothing was changed. The key is wrong, lacks the permission (a change needs the scope full or "
            "rest-api), or an IP allow list of the account refuses this machine."
        )
    else:
        advice = "Nothing was changed. Asking again unchanged cannot help."
    told = kind(
        f"The service answered {status}{reason}. {advice}",
        status_code=status,
        message=error.message,
        request_id=error.request_id,
        body=error.body,
        headers=error.headers,
    )
    told.retry_after_s = error.retry_after_s
    if isinstance(error, ServiceError):
        told.safe_to_retry = not effect.changes or (status != 500 and effect.can_be_repeated)  # noqa: PLR2004
    return told


def tell_of_earlier_parts(error: SmsManagerError, done: int, of: int) -> None:
    """Add to an error how much of a change was made before it.

    Args:
        error: Why the change ended.
        done: The number of phone numbers that were changed before it.
        of: The number of phone numbers in all.
    """
    rest = str(error).replace("Nothing was changed", "Nothing more was changed")
    text = f"The first {done:,} of {of:,} numbers were processed; then: {rest}"
    error.args = (text, *error.args[1:])
    error.request_may_be_taken = True


def _first_sentence(error: SmsManagerError) -> str:
    return str(error).partition(". ")[0]


def private_strings(request: dict[str, Any], key: str) -> list[str]:
    """Return the strings that no exception may repeat: the key, then those of a question."""
    return [key, *strings_in([request.get(name) for name in ("json", "params")])]
