"""Which service messages go to: what a sandbox took says nothing about the real service."""

from __future__ import annotations

from urllib.parse import urlsplit

from smsmanager._config import is_loopback

THIS_MACHINE = "this machine"
"""The target of a rehearsal: a sandbox, whose port differs each time."""


def target_of(base_url: str) -> str:
    """Return which service a base URL is of: one for all addresses of this machine.

    Args:
        base_url: Root of the API.
    """
    return THIS_MACHINE if is_loopback(urlsplit(base_url).hostname or "") else base_url.rstrip("/")
