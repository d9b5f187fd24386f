"""A TLS context without certificates: the sandbox speaks plain HTTP, and reading them takes milliseconds."""

from __future__ import annotations

import ssl
from functools import lru_cache


@lru_cache(maxsize=1)
def no_certificates() -> ssl.SSLContext:
    """Return a context that trusts nobody: over it, a connection to any https server fails."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
