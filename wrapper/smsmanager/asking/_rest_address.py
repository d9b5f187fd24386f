"""The address for questions: never a host that the caller did not choose for this key."""

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
    """Return the settings of a client with the base URL of the REST API in place of its own.

    The option `rest_base_url` comes first. A sandbox, recognised by a base URL on this machine that ends with
    `/v2`, is asked at its own `/v1`, unless `SMSMANAGER_REST_BASE_URL` names an address on this machine too.
    Then come that variable (for a base URL on this machine only if it is on this machine too), and production
    for a client that sends to production.

    Raises:
        ConfigurationError: If nothing says where to ask. Asking production about what went to a mock or to
            another host would show it the key, and would find nothing.

    Source: SmsManager skill "auth", for the variable.
    """
    return attrs.evolve(settings, base_url=_rest_base_url(settings), rest_base_url=None)


def _rest_base_url(settings: Settings) -> str:
    if settings.rest_base_url is not None:
        return settings.rest_base_url
    named = os.environ.get(_VARIABLE)
    url = httpx.URL(settings.base_url)
    is_here = is_loopback(url.host)
    # A test's questions must not go elsewhere because of a variable that is meant for something else.
    if named and (not is_here or is_loopback(_host(named))):
        return named
    if is_here and url.path.endswith("/v2"):
        return settings.base_url.removesuffix("/v2") + "/v1"
    if settings.base_url == BASE_URL:
        return REST_BASE_URL
    raise ConfigurationError(
        "Nothing was asked: base_url is neither the production service nor a sandbox, so it does not tell "
        f"where its REST API is. Pass rest_base_url=... or set {_VARIABLE}"
        f"{' to an address on this machine' if is_here else ''}."
    )


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""
