"""Django: a view for WSGI and one for ASGI, both exempt from CSRF protection.

```python
urlpatterns = [path("sms", webhook_view(receiver))]
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import async_to_sync
from django.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest

    from smsmanager.webhooks import Response, WebhookReceiver


View = TypeVar("View")


class _Answer(HttpResponse):  # type: ignore[misc]
    """Runs the handlers when the server closes the answer, after sending it."""

    def __init__(self, taken: Response, finish: Callable[[], object]) -> None:
        super().__init__(taken.body, status=taken.status, headers=dict(taken.headers))
        if not taken.headers:
            del self["content-type"]
        self._finish = finish

    def close(self) -> None:
        self._finish()
        super().close()


def webhook_view(receiver: WebhookReceiver) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view; handlers must be blocking functions.

    Args:
        receiver: Checks the requests and calls the handlers.
    """

    def view(request: HttpRequest) -> HttpResponse:
        taken = receiver.handle(*_parts(request, receiver))
        return _Answer(taken, taken.finish)

    return _without_csrf(view)


def async_webhook_view(
    receiver: WebhookReceiver,
) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    """Return a view for ASGI; handlers can be blocking or asynchronous.

    Args:
        receiver: Checks the requests and calls the handlers.
    """

    async def view(request: HttpRequest) -> HttpResponse:
        taken = await receiver.ahandle(*_parts(request, receiver))
        return _Answer(taken, async_to_sync(taken.afinish))

    return _without_csrf(view)


def _parts(request: HttpRequest, receiver: WebhookReceiver) -> tuple[str, Any, str, bytes]:
    # Not `request.body`: above DATA_UPLOAD_MAX_MEMORY_SIZE, it answers with an error page.
    body = request.read(receiver.max_body_bytes + 1)
    return request.method or "", request.headers, request.META.get("QUERY_STRING", ""), body


def _without_csrf(view: View) -> View:
    vars(view)["csrf_exempt"] = True
    return view
