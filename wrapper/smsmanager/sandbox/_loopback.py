"""Tell which hosts are loopback.

The sandbox shows message texts without asking for a key, so that nobody outside this machine may
reach it. A page in a browser on this machine could, under a name of its own that resolves to
127.0.0.1: such a request carries that name in `Host`, and is refused.
"""

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

from starlette.responses import JSONResponse


def is_loopback(host: str) -> bool:
    """Tell whether a host, without port or brackets, is loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackHostOnly:
    """Refuse requests whose `Host` is not loopback, with 403."""

    def __init__(self, app: "ASGIApp") -> None:
        """Keep the guarded application."""
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, or refuse it."""
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if is_loopback(_without_port(host)):
            await self._app(scope, receive, send)
            return
        message = "The sandbox is only shown under a loopback host, such as 127.0.0.1."
        await JSONResponse({"message": message}, 403)(scope, receive, send)


def _without_port(host: str) -> str:
    end = host.find("]")
    return host[1:end] if host.startswith("[") and end > 0 else host.partition(":")[0]
