"""Fetch the file of a list from the service's address; send no key, and log no address."""

from __future__ import annotations

import json
from typing import Any

import httpx

from smsmanager._config import __version__, is_loopback
from smsmanager._transport.exchange import Answer, AsyncExchange, BlockingExchange
from smsmanager._transport.statuses import error_for_status, unreadable
from smsmanager.errors import ResponseParseError

MOST_BYTES = 16 * 1024 * 1024
"""Maximum size of a list: about a million numbers."""


class _SecretURL(httpx.URL):
    """An address that does not print itself: anyone who has it can read the list."""

    def __str__(self) -> str:
        # It must be a URL: httpx uses it to look for cookies.
        return f"{self.scheme}://hidden"

    def copy_with(self, **changes: Any) -> httpx.URL:
        return httpx.URL(super().__str__()).copy_with(**changes)

    __repr__ = __str__


class _WithoutCredentials:
    """A caller-supplied httpx client, without the authentication that it would add."""

    def __init__(self, http_client: Any) -> None:
        self._http_client = http_client

    def send(self, request: httpx.Request, **options: Any) -> Any:
        return self._http_client.send(request, auth=None, **options)


class _Keyless:
    """The connections of a client, to fetch over the transport that it sends over."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    def transport(self, loop: object = None) -> Any:
        used = self._connections.transport(loop)
        return used if self._connections.http_client is None else _WithoutCredentials(used)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connections, name)


class _Download:
    """Base of both downloads, without I/O: replaces what an exchange does for the API."""

    _settings: Any
    _address = ""

    def _build(self, method: str, url: str, arguments: dict[str, Any]) -> httpx.Request:  # noqa: ARG002
        self._address = url
        headers = {"accept-encoding": "identity", "user-agent": f"smsmanager-python/{__version__}"}
        extensions = {"timeout": self._settings.timeout.as_dict()}
        request = httpx.Request(method, url, headers=headers, extensions=extensions)
        request.url = _SecretURL(url)
        return request

    def _private(self, arguments: dict[str, Any]) -> list[str]:  # noqa: ARG002
        return [self._settings.api_key, self._address]

    def _answer(self, answer: Answer, arguments: dict[str, Any]) -> Answer:  # noqa: ARG002
        status = answer.status_code
        if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
            # Nothing from the other host is repeated: it can contain the address.
            raise error_for_status(status, {}, b"", private=[], now_s=0)
        if not answer.is_complete:
            raise unreadable(status, b"", "is incomplete, too large or compressed", "")
        answer._value = answer.content  # noqa: SLF001 - a file has no other value
        return answer


class BlockingDownload(_Download, BlockingExchange):
    """One download."""

    def __init__(self, connections: Any, *rest: Any) -> None:
        super().__init__(_Keyless(connections), *rest)  # type: ignore[arg-type]


class AsyncDownload(_Download, AsyncExchange):
    """One download, asynchronously."""

    def __init__(self, connections: Any, *rest: Any) -> None:
        super().__init__(_Keyless(connections), *rest)  # type: ignore[arg-type]


def checked_address(value: object, rest_base_url: str) -> str:
    """Return the address of a download, if it may be fetched.

    Args:
        value: The address, as the service gave it.
        rest_base_url: Root of the REST API that gave it; only one on this machine may name an address on this
            machine.

    Raises:
        ResponseParseError: If it is not an https address.
    """
    try:
        url = httpx.URL(value if isinstance(value, str) else "")
    except httpx.InvalidURL:
        url = httpx.URL("")
    here = is_loopback(url.host) and is_loopback(httpx.URL(rest_base_url).host)
    if (url.scheme == "https" and url.host and not is_loopback(url.host)) or here:
        return str(url)
    raise ResponseParseError(
        "The service answered 200, but gave no https address for the download. Nothing was fetched.",
        status_code=200,
        body=json.dumps({"url": "[hidden]"}).encode(),
    )
