"""A filter for the logs of httpx and httpcore, installed only if you ask for it.

This library puts no key, number or text where those two log it. Other requests in your program may, and at
DEBUG level httpcore logs the head of every answer as the server wrote it.
"""

from __future__ import annotations

import logging
import re

_QUERY = re.compile(r"(https?://[^\s\"'?]+)\?[^\s\"']*")
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


class HidingFilter(logging.Filter):
    """Hides query strings, and the values that you name, in log records.

    Args:
        values: What to hide wherever it appears, such as the API key.
    """

    def __init__(self, *values: str) -> None:
        super().__init__()
        self._values = tuple(value for value in values if value)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's text; every record passes."""
        text = _QUERY.sub(r"\1?[hidden]", record.getMessage())
        for value in self._values:
            text = text.replace(value, "[hidden]")
        record.msg, record.args = text, None
        return True


def hide_in_logs(*values: str) -> HidingFilter:
    """Install a `HidingFilter` on the loggers of httpx and httpcore, and return it.

    To remove it, call `logging.getLogger("httpx").removeFilter(...)`.

    Args:
        values: What to hide wherever it appears, such as the API key.
    """
    hiding = HidingFilter(*values)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(hiding)
    return hiding
