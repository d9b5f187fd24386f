"""Serve the operations of the service under `/v2` and `/v1`, the JSON API and the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import attrs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smsmanager.sandbox._operations.answers import Call
from smsmanager.sandbox._operations.asked.blocked_numbers import DOWNLOADS_PREFIX
from smsmanager.sandbox._operations.service import REST_PREFIX, SERVICE_PREFIX
from smsmanager.sandbox._server.access import Guard
from smsmanager.sandbox._server.faulty_answer import answer_faultily
from smsmanager.sandbox.api.routes import API_PREFIX, api_routes
from smsmanager.sandbox.engine.records.short_link import LINKS_PATH
from smsmanager.sandbox.page import page_routes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from smsmanager.sandbox._operations.contract import Operation
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver

# What is read, and thrown away, of a body that is too large. A client that is cut off while it
# still sends would see a broken connection in place of the answer.
_MAX_DRAINED_BYTES = 16 * 1024 * 1024


def build_app(
    service: Service, driver: Driver, *, token: str | None, names: frozenset[str] | None
) -> ASGIApp:
    """Return the ASGI application of a service.

    Args:
        service: The service.
        driver: Lets time pass.
        token: Required in requests for anything except the service's operations.
        names: Names of hosts besides loopback under which it is known; `None` for any.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in service.operations:
        path = operation.api.prefix + operation.path
        by_path.setdefault(path, {})[operation.method] = operation

    async def refuse(request: Request, raised: Exception) -> Response:
        error = cast("HTTPException", raised)
        path: str = request.scope["path"]
        if not path.startswith(API_PREFIX):
            service.refuse(request.method, path, error.status_code, error.detail)
        content = json.dumps({"message": error.detail})
        return Response(content, error.status_code, error.headers, "application/json")

    app = Starlette(
        routes=[
            *(Route(path, _Endpoint(service, operations)) for path, operations in by_path.items()),
            *api_routes(service, driver),
            Route(f"{DOWNLOADS_PREFIX}/{{name}}.csv", _download(service), methods=["GET"]),
            Route(f"{LINKS_PATH}{{code}}", _link_opener(service), methods=["GET"]),
            *page_routes(service, driver),
        ],
        exception_handlers={HTTPException: refuse},
    )
    app.router.redirect_slashes = False
    opened = (SERVICE_PREFIX, REST_PREFIX, DOWNLOADS_PREFIX)
    return Guard(app, open_prefixes=opened, token=token, names=names)


def _link_opener(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """Return the route that redirects a short link, as in the recipient's browser."""

    async def follow(request: Request) -> Response:
        link = service.engine.open_link(request.path_params["code"])
        if link is None:
            raise HTTPException(404, "There is no such short link, or it has expired.")
        headers = {"referrer-policy": "no-referrer", "cache-control": "no-store"}
        # It encodes what a header cannot hold: a text may have a link with any letter.
        return RedirectResponse(link.target, 302, headers)

    return follow


def _download(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """Return the route of the files of lists, which asks for no key: the address is the secret."""

    async def fetch(request: Request) -> Response:
        content = service.downloads.file(request.path_params["name"], dict(request.query_params))
        if content is None:
            raise HTTPException(403, "The address is wrong, or has expired.")
        return Response(content, 200, {"cache-control": "no-store"}, "text/csv")

    return fetch


class _DisconnectedError(Exception):
    """The client disconnected before its request was complete."""


@attrs.frozen(eq=False)
class _Endpoint:
    """The operations of one path.

    An ASGI application, as Starlette's own request and response cost as much as the answer does.
    """

    _service: Service
    _operations: Mapping[str, Operation]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operations.get(scope["method"])
        if operation is None:
            # Starlette would answer HEAD like GET, and so send a message.
            allowed = {"Allow": ", ".join(self._operations)}
            raise HTTPException(405, headers=allowed)
        headers = dict(scope["headers"])
        try:
            body = await _read_body(receive, operation.max_bytes)
        except _DisconnectedError:
            return
        call = Call(
            origin=f"{scope['scheme']}://{_header(headers, 'host')}",
            path=scope["path"],
            header_key=_header(headers, operation.key_name),
            content_type=_header(headers, "content-type"),
            query=scope["query_string"],
            body=body,
        )
        fault = self._service.faults.take(scope["path"])
        answer = self._service.answer(operation, call, fault)
        if fault is not None:
            await answer_faultily(fault, answer, scope, receive, send)
            return
        content = json.dumps(answer.content).encode()
        await send(
            {
                "type": "http.response.start",
                "status": answer.status_code,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(content)).encode()),
                ],
            },
        )
        await send({"type": "http.response.body", "body": content})


def _header(headers: Mapping[bytes, bytes], name: str) -> str:
    return headers.get(name.encode(), b"").decode("latin-1").strip()


async def _read_body(receive: Receive, max_bytes: int) -> bytes | None:
    """Return the body, or `None` if it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= _MAX_DRAINED_BYTES:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _DisconnectedError
        chunk = event.get("body", b"")
        size += len(chunk)
        if size <= max_bytes:
            chunks.append(chunk)
        more = event.get("more_body", False)
    return b"".join(chunks) if size <= max_bytes else None
