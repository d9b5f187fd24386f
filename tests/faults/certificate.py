"""A certificate for the fault server, created in each process: it never expires, and no key is stored."""

from __future__ import annotations

import ssl
from functools import cache

import trustme


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's context, and a client context that trusts only that; created once per process."""
    authority = trustme.CA()
    shown, trusting_it = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1", "localhost", "sms.invalid").configure_cert(shown)
    authority.configure_trust(trusting_it)
    return shown, trusting_it


def trusting() -> ssl.SSLContext:
    """Return the client context that trusts the fault server, for `verify`."""
    return contexts()[1]
