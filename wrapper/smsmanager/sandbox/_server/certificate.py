"""Make a certificate on the spot, for clients that only speak HTTPS."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Certificate:
    """A certificate for this machine, by an authority that issues no other: its key is kept nowhere.

    Args:
        names: Names of hosts and addresses that the certificate is for.

    Attributes:
        context: What a server shows.
        file: The authority's certificate (PEM), which a client has to trust; deleted by `close`.

    Raises:
        ImportError: If the package `trustme` of the extra is missing.
    """

    def __init__(self, names: Iterable[str]) -> None:
        try:
            import trustme  # noqa: PLC0415 - few sandboxes need it
        except ModuleNotFoundError as error:
            raise ImportError(
                "TLS needs another package: install smsmanager[sandbox].", name=error.name
            ) from error
        authority = trustme.CA(organization_name="smsmanager sandbox")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(self.context)
        self._folder = tempfile.TemporaryDirectory(prefix="smsmanager-sandbox-")
        self.file = Path(self._folder.name) / "authority.pem"
        authority.cert_pem.write_to_path(self.file)

    def close(self) -> None:
        """Delete the file."""
        self._folder.cleanup()
