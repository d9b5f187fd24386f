"""One running sandbox, and a clean view of it for each test."""

from __future__ import annotations

import functools
import itertools
import ssl
from typing import TYPE_CHECKING, Any, Self

import httpx

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._inbox_view import InboxView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

# With one of these options, the caller decides how to connect.
_OWN_CONNECTIONS = frozenset({"http_client", "proxy", "transport", "verify"})


class SandboxServer:
    """Run one sandbox with a manual clock, for many tests one after another.

    Args:
        **options: Arguments of `Sandbox`; its clock is manual by default.

    Attributes:
        sandbox: The sandbox.
    """

    def __init__(self, **options: Any) -> None:
        """Prepare the sandbox; `with` starts it."""
        self.sandbox = Sandbox(**{"clock": "manual", **options})
        self._tests = itertools.count(1)

    def __enter__(self) -> Self:
        """Start the sandbox."""
        self.sandbox.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the sandbox."""
        self.sandbox.stop()

    def isolated(self) -> IsolatedSandbox:
        """Return the sandbox in a clean state for a test.

        Everything is reset, the clock shows the current time, and the API key is new, so a client that an
        earlier test left running sends to another inbox.
        """
        self.sandbox.reset()
        return IsolatedSandbox(self.sandbox, f"test-key-{next(self._tests)}")


class IsolatedSandbox(InboxView):
    """The sandbox as one test sees it: the inbox of its own API key, and a manual clock.

    A test reads here (`messages`, `search`, `latest`, `wait_for`, `assert_sent`, `reply`, `deliveries`, ...)
    and controls the sandbox (`rules`, `clock`, `advance`, `settle`, `inject`).

    Attributes:
        api_key: The API key of this test.
        base_url: URL to use as `SMSMANAGER_BASE_URL`.
        url: URL of the server, with the page and the JSON API below it.
    """

    def __init__(self, sandbox: Sandbox, api_key: str) -> None:
        """Wrap a running sandbox; `SandboxServer.isolated` creates these."""
        view = sandbox.inbox(api_key)
        super().__init__(view._service, view._driver, view.key_fingerprint)  # noqa: SLF001 - the same class
        self.api_key = api_key
        self.base_url = sandbox.base_url
        self._certificate = sandbox.certificate
        self.url = sandbox.url

    def environment(self) -> Mapping[str, str]:
        """Return the environment variables that point a program here."""
        return {"SMSMANAGER_API_KEY": self.api_key, "SMSMANAGER_BASE_URL": self.base_url}

    def client(self, **options: Any) -> SmsManager:
        """Return a client with the key of this test; close it, or use it in a `with` block.

        Args:
            **options: Arguments of `SmsManager`.
        """
        if not options.keys() & _OWN_CONNECTIONS:
            options["verify"] = _trusting(self._certificate)
        return SmsManager(self.api_key, base_url=self.base_url, **options)

    def async_client(self, **options: Any) -> AsyncSmsManager:
        """Return an asynchronous client with the key of this test.

        It keeps no connection between requests, so nothing is left open if a test's event loop ends without
        closing it.

        Args:
            **options: Arguments of `AsyncSmsManager`.
        """
        if not options.keys() & _OWN_CONNECTIONS:
            options["transport"] = httpx.AsyncHTTPTransport(
                verify=_trusting(self._certificate),
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return AsyncSmsManager(self.api_key, base_url=self.base_url, **options)


@functools.lru_cache(maxsize=4)
def _trusting(certificate: Path | None) -> ssl.SSLContext:
    """Return a context that trusts only the sandbox: loading the usual authorities takes time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if certificate is not None:
        context.load_verify_locations(certificate)
    return context
