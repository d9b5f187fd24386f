"""Low-level client of one API of the service.

Generated from `openapi.yaml` by `make generate`; do not edit.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
