"""Reach the TCP connection below a request, which ASGI hides.

The server makes an object for each connection, an `asyncio.Protocol`, and asyncio hands it the
transport. `WiredConnection` goes in front of the server's own class. What it hands on is in the
`state` of the ASGI scope, which the server copies from the `app_state` that the object is made
with. All of that is asyncio's interface, ASGI's, or how the server calls a class that is configured.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Generator, MutableMapping

    from uvicorn.protocols.http.h11_impl import H11Protocol as _Connection
else:
    # Put before the class that the server chose, whichever it is.
    _Connection = asyncio.Protocol

_KEY = "smsmanager.sandbox.wire"
# On, and 0 seconds to linger: unsent bytes are discarded, and the peer sees a reset.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Wire:
    """One TCP connection, to be cut.

    Attributes:
        open_without_end: Whether the current request only ends when the client gives up.

    Args:
        transport: Transport of the connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.open_without_end = False

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Wire:
        """Return the connection of a request.

        Raises:
            KeyError: If the server has no `WiredConnection`.
        """
        wire: Wire = scope["state"][_KEY]
        return wire

    @contextlib.contextmanager
    def kept_open(self) -> Generator[None, None, None]:
        """Mark that the current request only ends when the client gives up."""
        self.open_without_end = True
        try:
            yield
        finally:
            self.open_without_end = False

    def close(self) -> None:
        """Close the connection, after what was sent."""
        self._transport.close()

    def reset(self) -> None:
        """Reset the connection (TCP RST)."""
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()


class WiredConnection(_Connection):
    """A connection that its requests can reach.

    Args:
        app_state: What the server copies into the `state` of each request.
        **rest: What else the server's own class takes.
    """

    def __init__(self, *, app_state: dict[str, Any], **rest: Any) -> None:
        self._state = dict(app_state)
        super().__init__(app_state=self._state, **rest)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the transport to the requests."""
        of_a_stream = cast("asyncio.Transport", transport)
        self._wire = self._state[_KEY] = Wire(of_a_stream)
        super().connection_made(of_a_stream)

    def shutdown(self) -> None:
        """End the connection when the server stops; a request without end is not waited for."""
        super().shutdown()
        if self._wire.open_without_end:
            self._wire.reset()
