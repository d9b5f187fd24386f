"""Starlette and any other ASGI framework: an application for one route.

```python
routes = [Route("/sms", WebhookApp(receiver))]
```

The service does not follow redirects, and `Mount("/sms", ...)` redirects `/sms` to `/sms/`: use a `Route`, or
mount at a path that ends with a slash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from smsmanager.webhooks import WebhookReceiver


class WebhookApp:
    """An ASGI application that answers webhooks; handlers can be blocking or asynchronous.

    Args:
        receiver: Checks the requests and calls the handlers.
    """

    def __init__(self, receiver: WebhookReceiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError("webhooks come over HTTP")
        request = Request(scope, receive)
        try:
            body = await read_body(request, self._receiver.max_body_bytes)
        except ClientDisconnect:
            return
        taken = await self._receiver.ahandle(
            request.method, request.headers.raw, scope["query_string"], body
        )
        response = Response(
            taken.body, taken.status, taken.headers, background=BackgroundTask(taken.afinish)
        )
        await response(scope, receive, send)


async def read_body(request: Request, most: int) -> bytes:
    """Return the raw body, or its beginning if it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            break
    return bytes(body)
