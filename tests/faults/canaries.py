"""A planted key, number and text, and every place where they could appear."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpcore
import httpx

import smsmanager
import smsmanager_jsonapi

LOGGERS = ("httpx", "httpcore", "smsmanager", "asyncio")
LIBRARY = tuple(
    str(Path(module.__file__ or "").parent)
    for module in (smsmanager, smsmanager_jsonapi, httpx, httpcore)
)


def shown(error: BaseException) -> list[str]:
    """Return the texts of an error and its causes, and every library frame with its locals."""
    seen: list[str] = []
    pending: list[traceback.TracebackException | None] = [
        traceback.TracebackException.from_exception(error, capture_locals=True)
    ]
    while pending:
        item = pending.pop()
        if item is None:
            continue
        seen += item.format_exception_only()
        for frame in item.stack:
            if frame.filename.startswith(LIBRARY):
                seen += [f"{frame.locals} at {frame.filename}:{frame.lineno} {frame.line}"]
        pending += [item.__cause__, *(item.exceptions or ())]
        if not item.__suppress_context__:
            pending.append(item.__context__)
    return seen


class _Listener(logging.Handler):
    def __init__(self, hidden: tuple[str, ...]) -> None:
        super().__init__()
        self._hidden = hidden
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if any(secret in text for secret in self._hidden):
            self.found.append(f"{record.name}: {text}")


@contextmanager
def heard(*hidden: str) -> Iterator[list[str]]:
    """Turn every logger to DEBUG.

    Yields:
        The log lines that hold one of `hidden`.
    """
    listener = _Listener(hidden)
    named = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.level, logger.propagate) for logger in named]
    for logger in named:
        logger.addHandler(listener)
        logger.setLevel(logging.DEBUG)
        # pytest would format every line for a report that nobody reads.
        logger.propagate = False
    try:
        yield listener.found
    finally:
        for logger, level, propagate in before:
            logger.removeHandler(listener)
            logger.setLevel(level)
            logger.propagate = propagate
