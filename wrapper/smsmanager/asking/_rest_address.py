"""The address of the REST API: never a host that the caller did not choose for this key."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs
import httpx

from smsmanager._config import BASE_URL, is_loopback
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from smsmanager._config import Settings

REST_BASE_URL = "https://rest-api.smsmngr.com/v1"
"""The production service."""
_VARIABLE = "SMSMANAGER_REST_BASE_URL"


def rest_settings(settings: Settings) -> Settings:
    """Return the settings of a client with the base URL of the REST API instead of the sending API's.

    The first of these that applies is used:

    1. the option `rest_base_url`;
    2. the variable `SMSMANAGER_REST_BASE_URL`; for a base URL on this machine, only if it names
       this machine too;
    3. for a sandbox, a base URL on this machine that ends with `/v2`: its own `/v1`;
    4. for a client that sends to production: production.

    Raises:
        ConfigurationError: If none applies. A question to production about messages that went to a mock or
            another host would reveal the key to it, and would find nothing.

    Source: SmsManager skill "auth", for the variable.
    """
    return attrs.evolve(settings, base_url=_rest_base_url(settings), rest_base_url=None)


def _rest_base_url(settings: Settings) -> str:
    if settings.rest_base_url is not None:
        return settings.rest_base_url
    named = os.environ.get(_VARIABLE)
    url = httpx.URL(settings.base_url)
    is_here = is_loopback(url.host)
    # A test must not ask another host because of a variable that is meant for something else.
    if named and (not is_here or is_loopback(_host(named))):
        return named
    if is_here and url.path.endswith("/v2"):
        return settings.base_url.removesuffix("/v2") + "/v1"
    if settings.base_url == BASE_URL:
        return REST_BASE_URL
    raise ConfigurationError(
        "Nothing was asked: base_url is neither the production service nor a sandbox, so the address of its "
        f"REST API is not known. Pass rest_base_url=... or set {_VARIABLE}"
        f"{' to an address on this machine' if is_here else ''}."
    )


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""
