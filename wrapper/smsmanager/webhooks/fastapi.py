"""FastAPI: a dependency that passes the events of a trusted request to a path operation.

```python
@app.post("/sms")  # api_route("/sms", methods=["PUT"]) for a callback with PUT
async def sms(events: Annotated[list[Event], Depends(webhook_events(receiver))]) -> None: ...
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# FastAPI reads the annotations when the application is created.
from fastapi import BackgroundTasks, HTTPException, Request, Response

from smsmanager.webhooks import Event  # noqa: TC001
from smsmanager.webhooks.starlette import read_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smsmanager.webhooks import WebhookReceiver


def webhook_events(
    receiver: WebhookReceiver,
) -> Callable[[Request, Response, BackgroundTasks], Awaitable[list[Event]]]:
    """Return a dependency. It refuses untrusted requests, so the operation never sees them.

    The receiver's handlers and tracker work too. The operation runs before the answer: an exception in it
    becomes a 500, and the service repeats the events.
    """

    async def events_of(
        request: Request, response: Response, background: BackgroundTasks
    ) -> list[Event]:
        taken = await receiver.ahandle(
            request.method,
            request.headers.raw,
            request.scope["query_string"],
            await read_body(request, receiver.max_body_bytes),
        )
        if taken.body:
            raise HTTPException(taken.status, taken.body.decode(), dict(taken.headers))
        response.headers.update(taken.headers)
        background.add_task(taken.afinish)
        return list(taken.events)

    return events_of
