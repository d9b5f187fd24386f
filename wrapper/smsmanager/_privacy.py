"""Keep numbers, texts and the key out of everything that is printed."""

from __future__ import annotations

import inspect
import json
import re
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONG_DIGITS = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHOWN = 200
_READ = 4 * _SHOWN
_PART_OF_A_NUMBER = 5
_PART_OF_A_TEXT = 8
_SHORTEST_SECRET = 4
_MOST_SECRETS = 256_000
HIDDEN = "[hidden]"
"""Replaces a run of digits that could be a phone number."""

Method = TypeVar("Method", bound=Callable[..., Any])


def mask_number(number: str) -> str:
    """Return a number as it may be shown: its last three digits."""
    return f"…{number[-3:]}" if len(number) > 3 else "…"  # noqa: PLR2004


def hides_locals(method: Method) -> Method:
    """Let no traceback show the variables of the frames below a public function.

    Error trackers send the local variables of each frame home, and those of preparing and sending hold the key,
    numbers and texts. The stack itself stays readable.
    """
    if inspect.iscoroutinefunction(method):

        @wraps(method)
        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            handled = sys.exception()
            try:
                return await method(*args, **kwargs)
            except BaseException as error:
                del args, kwargs
                clear_frames(error, handled)
                raise

        return cast("Method", asynchronous)

    @wraps(method)
    def blocking(*args: Any, **kwargs: Any) -> Any:
        handled = sys.exception()
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            clear_frames(error, handled)
            raise

    return cast("Method", blocking)


def clear_frames(error: BaseException, handled: BaseException | None = None) -> None:
    """Empty the finished frames of an error, its causes and its context.

    Args:
        error: The error.
        handled: What the caller was handling when it called, which keeps its frames.
    """
    seen = {id(handled), id(None)}
    pending: list[BaseException | None] = [error]
    while pending:
        item = pending.pop()
        if item is not None and id(item) not in seen:
            seen.add(id(item))
            traceback.clear_frames(item.__traceback__)
            pending += [item.__cause__, item.__context__]


def strings_in(value: Any) -> Iterator[str]:
    """Yield every string of a JSON value, keys excluded."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings_in(item)


def holds(text: str, key: str) -> bool:
    """Return whether a text holds the key, as it is or as JSON writes it."""
    return len(key) >= _SHORTEST_SECRET and (key in text or json.dumps(key)[1:-1] in text)


def printable(text: str, private: Iterable[str] = ()) -> str:
    """Return a foreign text as an exception may show it: short, on one line, without numbers.

    Args:
        text: What a server or a library said.
        private: Strings of the request, and the key. A text that repeats one, or a good part of one, in any
            case and with any punctuation, is left out whole.

    Returns:
        The text, empty when it is left out.
    """
    text = _CONTROL.sub(" ", text[:_READ])
    if _echoes(text, private):
        return ""
    text = _LONG_DIGITS.sub(HIDDEN, text).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _echoes(text: str, private: Iterable[str]) -> bool:
    secrets = [_letters(secret) for secret in dict.fromkeys(private)]
    if sum(map(len, secrets)) > _MOST_SECRETS:
        # Larger than any request that was checked: a comparison would hold the caller up.
        return True
    letters = _letters(text)
    lengths = range(_SHORTEST_SECRET, _PART_OF_A_TEXT + 1)
    # The text is short and the secrets can be many: look parts of it up in them.
    parts = {length: _parts(letters, length) for length in lengths}
    for secret in secrets:
        length = min(len(secret), _PART_OF_A_NUMBER if secret.isdigit() else _PART_OF_A_TEXT)
        if length >= _SHORTEST_SECRET and not parts[length].isdisjoint(_parts(secret, length)):
            return True
    return False


def _parts(letters: str, length: int) -> set[str]:
    return {letters[at : at + length] for at in range(len(letters) - length + 1)}


def _letters(text: str) -> str:
    """Return the letters and digits of a text, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))
