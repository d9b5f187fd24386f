"""A certificate for the fault server, made on the spot: nothing that ends, and no key in the repository."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from functools import cache
from pathlib import Path

NAMES = ("IP:127.0.0.1", "DNS:localhost", "DNS:sms.invalid")


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what the server shows, and what trusts only that; made once per process."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        subject = [
            "-days",
            "2",
            "-subj",
            "/CN=faults",
            "-addext",
            f"subjectAltName={','.join(NAMES)}",
        ]
        subprocess.run(
            [*command.split(), *subject, "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.load_cert_chain(certificate, key)
        return shown, ssl.create_default_context(cafile=certificate)


def trusting() -> ssl.SSLContext:
    """Return what a client trusts the fault server with, as its `verify`."""
    return contexts()[1]
