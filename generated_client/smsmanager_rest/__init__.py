"""Low-level client of one API of the service.

Generated from `openapi-rest.yaml` by `make generate`; do not edit.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
