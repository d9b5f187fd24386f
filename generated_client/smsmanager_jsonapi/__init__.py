"""Low-level client of the SmsManager JSON API v2.

Generated from `openapi.yaml` by `make generate`; do not edit.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
