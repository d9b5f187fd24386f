"""Start and stop the sandbox, and read what it received."""

import os
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

import anyio
import anyio.to_thread

from smsmanager.sandbox._app import SERVICE_PREFIX, build_app
from smsmanager.sandbox._contract import load_contract
from smsmanager.sandbox._faults import Fault, PendingFault
from smsmanager.sandbox._ids import IdSource
from smsmanager.sandbox._inbox import Inbox
from smsmanager.sandbox._loopback import is_loopback
from smsmanager.sandbox._outcomes import MAGIC_RULES
from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest
from smsmanager.sandbox._server import BackgroundServer
from smsmanager.sandbox._service import Service

_LOCALHOST: Final = "127.0.0.1"
_MAX_PORT: Final = 65_535


class Sandbox:
    """Stand in for the service on this machine.

    Runs while its `with` or `async with` block does, in a thread of its own. Messages go nowhere;
    they can be read here or under `/sandbox`, also after the block. All methods can be called from
    any thread.

        with Sandbox() as sandbox:
            ...  # send to sandbox.base_url
            assert sandbox.latest(to="777123456").body == "Hello"

    Args:
        host: Loopback address to listen on: an address such as `"127.0.0.1"` or `"::1"`, or
            `"localhost"`, which is 127.0.0.1 here.
        port: Port to listen on; 0 takes a free one.
        api_keys: Keys that are accepted, others are answered as the service does; `None` accepts
            any key that is not empty.
        country_prefix: Country calling code of the account, digits only, for national numbers.
        seed: Makes the ids repeatable; they start anew with `clear()`.
        spec: OpenAPI description to check requests against, in place of the package's own.
        max_messages: How many messages, and how many requests, are kept; the oldest go first.

    Raises:
        OSError: if `spec` cannot be read.
        TypeError: if `api_keys` is one string.
        ValueError: if `host` is not loopback, `port` or `max_messages` is out of range,
            `country_prefix` is not digits only, or `spec` does not describe the service.
    """

    def __init__(
        self,
        *,
        host: str = _LOCALHOST,
        port: int = 0,
        api_keys: Iterable[str] | None = None,
        country_prefix: str = "420",
        seed: int | str | None = None,
        spec: str | os.PathLike[str] | None = None,
        max_messages: int = 100_000,
    ) -> None:
        """Prepare the sandbox; it runs from `start()` or `with` on."""
        if not is_loopback(host):
            msg = (
                "The sandbox listens on loopback only, because anyone who reaches it can read "
                "the messages. Use 127.0.0.1, ::1 or localhost as host."
            )
            raise ValueError(msg)
        if not 0 <= port <= _MAX_PORT:
            msg = f"port has to be between 0 and {_MAX_PORT}."
            raise ValueError(msg)
        if isinstance(api_keys, str):
            msg = "api_keys takes several keys: put the one key into a list."
            raise TypeError(msg)
        if not (country_prefix.isascii() and country_prefix.isdecimal()):
            msg = "country_prefix has to be digits only, such as '420'."
            raise ValueError(msg)
        if max_messages < 1:
            msg = "max_messages has to be at least 1."
            raise ValueError(msg)
        self._address = (_LOCALHOST if host.lower() == "localhost" else host, port)
        self._inbox = Inbox(max_messages=max_messages, country_prefix=country_prefix)
        self._service = Service(
            contract=load_contract(spec),
            inbox=self._inbox,
            ids=IdSource(seed),
            rules=MAGIC_RULES,
            country_prefix=country_prefix,
            api_keys=None if api_keys is None else frozenset(api_keys),
        )
        self._server: BackgroundServer | None = None
        self._url: str | None = None

    def __repr__(self) -> str:
        """Return how much was received, and nothing of it."""
        messages, requests = self._inbox.count()
        return f"Sandbox(messages={messages}, requests={requests})"

    def __enter__(self) -> Self:
        """Start the sandbox."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the sandbox."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start the sandbox without holding up the event loop."""
        await anyio.to_thread.run_sync(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the sandbox without holding up the event loop."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)

    @property
    def url(self) -> str:
        """URL of the server, `http://127.0.0.1:<port>`; the JSON API is at `/sandbox` below it.

        Raises:
            RuntimeError: if the sandbox was never started.
        """
        if self._url is None:
            msg = "The sandbox has no address yet: use `with Sandbox() as sandbox:` or `start()`."
            raise RuntimeError(msg)
        return self._url

    @property
    def base_url(self) -> str:
        """URL to use as `SMSMANAGER_BASE_URL`.

        Raises:
            RuntimeError: if the sandbox was never started.
        """
        return self.url + SERVICE_PREFIX

    @property
    def messages(self) -> tuple[ReceivedMessage, ...]:
        """Received messages, one for each recipient, oldest first."""
        return self._inbox.messages()

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """Received requests to the service, also those that were refused, oldest first."""
        return self._inbox.requests()

    def start(self) -> None:
        """Start listening, and return as soon as requests are answered.

        Raises:
            OSError: if the port cannot be had.
            RuntimeError: if the sandbox is running already.
        """
        if self._server is not None:
            msg = "The sandbox is running already."
            raise RuntimeError(msg)
        listener = _bind(*self._address)
        host, port = listener.getsockname()[:2]
        server = BackgroundServer(build_app(self._service), listener)
        server.start()
        self._server = server
        self._url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def stop(self) -> None:
        """Stop listening and close all connections; what was received stays readable."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def search(
        self,
        *,
        to: str | None = None,
        containing: str | None = None,
        tag: str | None = None,
    ) -> tuple[ReceivedMessage, ...]:
        """Return the messages that match all that is given, oldest first.

        Args:
            to: Number, in any form that the service understands.
            containing: Part of the text of any step; upper and lower case are alike.
            tag: Tag, or several joined by commas, of which all have to be there. A message without
                a tag has the service's default, `"promotional"`.
        """
        return self._inbox.search(to=to, containing=containing, tag=tag)

    def latest(self, *, to: str | None = None) -> ReceivedMessage | None:
        """Return the newest message, or `None` if there is none.

        Args:
            to: Only messages to this number, in any form that the service understands.
        """
        found = self.search(to=to)
        return found[-1] if found else None

    def find(self, message_id: str) -> tuple[ReceivedMessage, ...]:
        """Return the messages with an id, in the order of `to`; empty if there is none.

        Args:
            message_id: Id as it was answered, which for `POST /messages` stands for all recipients
                of one message, or as webhooks report it, with `-<recipient_index>`.
        """
        return self._inbox.find(message_id)

    def inject(self, fault: Fault, *, times: int | None = 1) -> None:
        """Let something go wrong with the next requests to the service.

        Faults are used up in the order in which they were injected, by every request to one of the
        operations, whoever sends it.

        Args:
            fault: What goes wrong.
            times: For how many requests; `None` for all until it is cleared.

        Raises:
            TypeError: if `times` is no whole number.
            ValueError: if `times` is less than 1.
        """
        self._service.faults.inject(PendingFault(fault, times))

    def clear_faults(self) -> None:
        """Forget the faults that wait; those at work, such as a hanging request, go on."""
        self._service.faults.clear()

    def clear(self) -> None:
        """Forget all messages and requests, and the faults that wait."""
        self._service.clear()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small packets at once (TCP_NODELAY): header and body of
    # an answer are two, and the second would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # So that a fixed port can be taken again at once. On Windows this would share the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(os.name == "posix"))
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
