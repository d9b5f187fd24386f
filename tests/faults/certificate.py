"""A certificate for the fault server, made in each process: nothing expires, no key is in the repository."""

from __future__ import annotations

import ssl
from functools import cache

import trustme


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what the server shows, and what trusts only that; made once per process."""
    authority = trustme.CA()
    shown, trusting_it = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1", "localhost", "sms.invalid").configure_cert(shown)
    authority.configure_trust(trusting_it)
    return shown, trusting_it


def trusting() -> ssl.SSLContext:
    """Return what a client trusts the fault server with, as its `verify`."""
    return contexts()[1]
