"""Serve the JSON API: what a test or a page reads, under `/sandbox`."""

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from smsmanager.sandbox._driver import Driver
from smsmanager.sandbox._faults import PendingFault
from smsmanager.sandbox._loopback import LoopbackHostOnly
from smsmanager.sandbox._reading import RefusedError, media_type, read_json
from smsmanager.sandbox._received import JsonObject, ReceivedMessage, ReceivedRequest
from smsmanager.sandbox._service import Service
from smsmanager.sandbox.engine.clock import iso, moment, read_jump

API_PREFIX: Final = "/sandbox"

_DEFAULT_LIMIT: Final = 100
_MAX_LIMIT: Final = 1000
_MAX_DIGITS: Final = 18
_MAX_FAULT_BYTES: Final = 16_384

_Item = TypeVar("_Item", ReceivedMessage, ReceivedRequest)


def api_routes(service: Service, driver: Driver) -> Sequence[Mount]:
    """Return the routes of the JSON API of a service."""
    inbox = service.inbox

    async def health(_request: Request) -> Response:
        messages, requests = inbox.count()
        return _json({"status": "ok", "messages": messages, "requests": requests})

    async def list_messages(request: Request) -> Response:
        query = request.query_params
        found = inbox.search(
            to=query.get("to"),
            containing=query.get("containing"),
            tag=query.get("tag"),
        )
        return _json(_page("messages", found, request))

    async def show_message(request: Request) -> Response:
        found = inbox.find(request.path_params["message_id"])
        if not found:
            raise HTTPException(404, "There is no message with this id.")
        return _json({"messages": [message.as_json() for message in found]})

    async def clear(_request: Request) -> Response:
        return _json({"deleted": service.clear()})

    async def list_requests(request: Request) -> Response:
        return _json(_page("requests", inbox.requests(), request))

    async def list_faults(_request: Request) -> Response:
        return _json({"faults": [pending.as_json() for pending in service.faults.pending()]})

    async def inject_fault(request: Request) -> Response:
        service.faults.inject(await _fault(request))
        return await list_faults(request)

    async def clear_faults(_request: Request) -> Response:
        return _json({"deleted": service.faults.clear()})

    routes = [
        Route("/health", health),
        *_clock_routes(service, driver),
        Route("/messages", list_messages, methods=["GET"]),
        Route("/messages", clear, methods=["DELETE"]),
        Route("/messages/{message_id}", show_message),
        Route("/requests", list_requests),
        Route("/faults", list_faults, methods=["GET"]),
        Route("/faults", inject_fault, methods=["POST"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
    ]
    return [Mount(API_PREFIX, routes=routes, middleware=[Middleware(LoopbackHostOnly)])]


def _clock_routes(service: Service, driver: Driver) -> Sequence[Route]:
    async def show_clock(_request: Request) -> Response:
        state = service.engine.clock.state()
        due = service.engine.next_due
        return _json(
            {
                "now": iso(state.now),
                "mode": state.mode,
                "speed": state.speed,
                "next_due": None if due is None else iso(moment(due)),
            }
        )

    async def move_clock(request: Request) -> Response:
        clock = service.engine.clock
        value = await _sent_json(request, "A jump of the clock")
        try:
            until = read_jump(value, clock.now(), service.engine.next_due)
        except (TypeError, ValueError) as error:
            raise HTTPException(400, str(error)) from None
        await driver.advance(until)
        return await show_clock(request)

    return [
        Route("/clock", show_clock, methods=["GET"]),
        Route("/clock", move_clock, methods=["POST"]),
    ]


async def _fault(request: Request) -> PendingFault:
    value = await _sent_json(request, "A fault")
    try:
        return PendingFault.from_json(value)
    except (TypeError, ValueError) as error:
        raise HTTPException(400, str(error)) from None


async def _sent_json(request: Request, what: str) -> Any:
    # A page in a browser can post anywhere, but JSON only where it is allowed to.
    if media_type(request.headers.get("content-type", "")) != "application/json":
        raise HTTPException(415, f"{what} is sent as application/json.")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_FAULT_BYTES:
            raise HTTPException(413, f"{what} has at most {_MAX_FAULT_BYTES} bytes.")
    try:
        return read_json(content)
    except RefusedError as error:
        raise HTTPException(400, error.reason) from None


def _page(name: str, found: Iterable[_Item], request: Request) -> JsonObject:
    """Return the items behind `after`, `limit` of them at most, and where to go on."""
    after = _whole_number(request, "after", 0)
    limit = min(_whole_number(request, "limit", _DEFAULT_LIMIT), _MAX_LIMIT)
    behind = (item for item in found if item.sequence > after)
    page = list(itertools.islice(behind, limit))
    more = next(behind, None) is not None
    return {
        name: [item.as_json() for item in page],
        "next_after": page[-1].sequence if page and more else None,
    }


def _whole_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise HTTPException(400, f"{name} is not a whole number.")
    return int(text)


def _json(content: Any) -> Response:
    return Response(json.dumps(content), media_type="application/json")
