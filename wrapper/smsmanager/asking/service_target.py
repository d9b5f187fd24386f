"""The service that messages go to: what a sandbox accepted says nothing about the real service."""

from __future__ import annotations

from urllib.parse import urlsplit

from smsmanager._config import is_loopback

THIS_MACHINE = "this machine"
"""The target of a rehearsal: a sandbox, whose port can differ each time."""


def target_of(base_url: str) -> str:
    """Return the service of a base URL; all addresses of this machine are one service.

    Args:
        base_url: Root of the API.
    """
    return THIS_MACHINE if is_loopback(urlsplit(base_url).hostname or "") else base_url.rstrip("/")
