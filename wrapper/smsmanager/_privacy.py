"""Keep numbers, texts and the key out of everything that is printed."""

from __future__ import annotations

import inspect
import json
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

if TYPE_CHECKING:
    from types import FrameType

_LONG_DIGITS = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHOWN = 200
_READ = 4 * _SHOWN
_PART_OF_A_NUMBER = 5
_PART_OF_A_TEXT = 8
_SHORTEST_SECRET = 4
_MOST_SECRETS = 256_000
_CAN_WAIT = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
HIDDEN = "[hidden]"
"""Replaces a run of digits that could be a phone number."""

Method = TypeVar("Method", bound=Callable[..., Any])


class PrivateURL(httpx.URL):
    """A URL that prints without its query: httpx logs the URL of every request."""

    def __str__(self) -> str:
        return str(self.copy_with(query=None)) + "?[hidden]"

    def copy_with(self, **changes: Any) -> httpx.URL:
        return httpx.URL(super().__str__()).copy_with(**changes)

    __repr__ = __str__


class PrivateHeaders(httpx.Headers):
    """Headers that print without their values: those of a client hold the key."""

    __repr__ = object.__repr__


def mask_number(number: str) -> str:
    """Return a number as it may be shown: its last three digits."""
    return f"…{number[-3:]}" if len(number) > 3 else "…"  # noqa: PLR2004


def hides_locals(method: Method, *, waits: bool | None = None) -> Method:
    """Decorate a public function so that no traceback shows the local variables of the frames below it.

    Error trackers upload the local variables of every frame, and the frames that prepare and send hold the
    key, numbers and texts. The stack itself stays readable. A function that `waits` returns a coroutine.
    """
    if inspect.iscoroutinefunction(method) if waits is None else waits:

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
    """Clear the finished frames of an error, its causes, its context, and all errors in a group.

    An exception that the caller was already handling keeps its frames.
    """
    below: set[FrameType] = set()
    seen = {id(handled), id(None)}
    pending: list[tuple[BaseException | None, bool]] = [(error, True)]
    while pending:
        item, is_from_below = pending.pop()
        if item is None or id(item) in seen:
            continue
        seen.add(id(item))
        frames = [frame for frame, _ in traceback.walk_tb(item.__traceback__)]
        # A cause can come from another task, whose coroutines may still be waiting: clearing their frames
        # would end them. A cause from below was caught in a frame that the error passed.
        is_from_below = is_from_below or bool(frames and frames[0] in below)
        for frame in frames:
            if is_from_below or not frame.f_code.co_flags & _CAN_WAIT:
                with suppress(RuntimeError):
                    frame.clear()
        if is_from_below:
            below.update(frames)
        if item.__suppress_context__ and item.__cause__ is None:
            # Raised "from None": a context that is not shown is not kept either.
            item.__context__ = None
        parts = item.exceptions if isinstance(item, BaseExceptionGroup) else ()
        pending += [(part, is_from_below) for part in parts]
        pending += [(item.__context__, False), (item.__cause__, False)]


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
    """Return whether a text holds the key, as it is or as written in JSON."""
    return len(key) >= _SHORTEST_SECRET and (key in text or json.dumps(key)[1:-1] in text)


def printable(text: str, private: Iterable[str] = ()) -> str:
    """Return another program's text in a form that an exception may show: short, one line, no numbers.

    A text that repeats a private string, or a large part of one, in any case and with any punctuation, is
    left out entirely.
    """
    text = _CONTROL.sub(" ", text[:_READ])
    if _echoes(text, private):
        return ""
    text = _LONG_DIGITS.sub(HIDDEN, text).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _echoes(text: str, private: Iterable[str]) -> bool:
    strings = [secret for secret in dict.fromkeys(private) if len(secret) >= _SHORTEST_SECRET]
    if sum(map(len, strings)) > _MOST_SECRETS:
        # Larger than any request that was checked: a comparison would take too long.
        return True
    read, lengths = _letters(text), range(_SHORTEST_SECRET, _PART_OF_A_TEXT + 1)
    # The text is short and there can be many secrets: look for parts of the text in them.
    parts = {length: _parts(read, length) for length in lengths}
    for string in strings:
        # A server can repeat a text in its JSON form.
        for secret in {_letters(string), _letters(json.dumps(string))}:
            length = min(len(secret), _PART_OF_A_NUMBER if secret.isdigit() else _PART_OF_A_TEXT)
            if length < _SHORTEST_SECRET:
                # Almost no letters, for instance only punctuation and emoji.
                if _CONTROL.sub(" ", string) in text:
                    return True
            elif not parts[length].isdisjoint(_parts(secret, length)):
                return True
    return False


def _parts(letters: str, length: int) -> set[str]:
    return {letters[at : at + length] for at in range(len(letters) - length + 1)}


def _letters(text: str) -> str:
    """Return the letters and digits of a text, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))
